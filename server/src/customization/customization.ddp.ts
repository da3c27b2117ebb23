import type { Context } from '../context.ts';
import { type DdpMethod, type Streams, userMethod } from '../realtime/declarations.ts';
import { emojiChanges } from './custom-emoji.ts';
import { listSounds } from './custom-sounds.ts';
import './customization.events.ts';
import { presentEmoji } from './present-emoji.ts';
import { presentSound } from './present-sound.ts';

/** Far more than any workspace has. */
const MAX_SOUNDS = 1000;

export const customizationMethods: DdpMethod[] = [
  userMethod('listEmojiCustom', async (ctx) => (await emojiChanges(ctx, {})).changed.map(presentEmoji)),
  {
    name: 'listCustomSounds',
    auth: 'none',
    async run(ctx) {
      const page = { offset: 0, count: MAX_SOUNDS, column: 'name' as const, direction: 'asc' as const };
      return (await listSounds(ctx, undefined, page)).sounds.map(presentSound);
    },
  },
];

/** Spec 40 §8.5 and §8.7. */
export function wireCustomizationEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('customEmoji.changed', ({ action, emoji }) => {
    const event = action === 'deleted' ? 'deleteEmojiCustom' : 'updateEmojiCustom';
    streams.emit('notify-logged', event, [{ emojiData: emoji }]);
  });
  ctx.events.on('customSound.changed', ({ action, sound }) => {
    const event = action === 'deleted' ? 'deleteCustomSound' : 'updateCustomSound';
    streams.emit('notify-all', event, [{ soundData: sound }]);
    streams.emit('notify-all', 'public-info', [[event, [{ soundData: sound }]]]);
  });
}
