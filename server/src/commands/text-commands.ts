import { sendMessage } from '../messages/send-message.ts';
import type { CommandCall, SlashCommand } from './command.ts';

/** Commands that send a text (spec 31 §1.2). */

async function send({ ctx, caller, room, tmid, messageId }: CommandCall, msg: string): Promise<void> {
  const draft = { rid: room.id, msg, tmid, ...(messageId === undefined ? {} : { _id: messageId }) };
  await sendMessage(ctx, caller, draft);
}

function decorated(command: string, description: string, decorate: (text: string) => string): SlashCommand {
  return {
    command,
    params: 'your_message_optional',
    description,
    run: (call) => send(call, decorate(call.params).trim()),
  };
}

export const me: SlashCommand = {
  command: 'me',
  params: 'your_message',
  description: 'Displays_action_text',
  async run(call) {
    if (call.params.trim()) await send(call, `_${call.params.trim()}_`);
  },
};

export const gimme = decorated('gimme', 'Slash_Gimme_Description', (text) => `༼ つ ◕_◕ ༽つ ${text}`);
export const lennyface = decorated('lennyface', 'Slash_LennyFace_Description', (text) => `${text} ( ͡° ͜ʖ ͡°)`);
/** Two backslashes: Markdown shows one. */
export const shrug = decorated('shrug', 'Slash_Shrug_Description', (text) => `${text} ¯\\\\_(ツ)_/¯`);
export const tableflip = decorated(
  'tableflip',
  'Slash_Tableflip_Description',
  (text) => `${text} (╯°□°）╯︵ ┻━┻`,
);
export const unflip = decorated(
  'unflip',
  'Slash_TableUnflip_Description',
  (text) => `${text} ┬─┬ ノ( ゜-゜ノ)`,
);
