import { withoutSecrets } from '../messages/import-messages.ts';
import type { Attachment } from '../messages/message.ts';
import { LooseObject } from './loose-object.ts';
import { SLACKBOT } from './people.ts';
import type { SlackPlace } from './slack-rooms.ts';
import { slackReaction, slackText } from './slack-text.ts';
import type { StagedMessage } from './staged.ts';

/** Kinds of messages that say something, besides those without one (spec 32 B.1, "subtypes"). */
const REGULAR = new Set(['me_message', 'thread_broadcast', 'bot_message', 'slackbot_response', 'file_share']);
const BOTS = new Set(['bot_message', 'slackbot_response']);

/** What they are here, and the member that has what they tell. */
const SYSTEM: Readonly<Record<string, readonly [type: string, member?: string]>> = {
  channel_join: ['uj'],
  group_join: ['uj'],
  channel_leave: ['ul'],
  group_leave: ['ul'],
  channel_purpose: ['room_changed_description', 'purpose'],
  group_purpose: ['room_changed_description', 'purpose'],
  channel_topic: ['room_changed_topic', 'topic'],
  group_topic: ['room_changed_topic', 'topic'],
  channel_name: ['r', 'name'],
  group_name: ['r', 'name'],
};

/** The messages of one file of a room, one after the other; each becomes none, one, or one and its files. */
export class SlackMessages {
  readonly #place: SlackPlace;
  readonly #nameOfRoom: (id: string) => string | undefined;
  #last = { ts: '', time: 0 };

  constructor(place: SlackPlace, nameOfRoom: (id: string) => string | undefined) {
    this.#place = place;
    this.#nameOfRoom = nameOfRoom;
  }

  read(item: unknown): StagedMessage[] {
    const message = new LooseObject(item);
    const ts = message.text('ts');
    if (!ts || (message.has('type') && message.text('type') !== 'message')) return [];
    const subtype = message.text('subtype');
    const system = subtype !== undefined && Object.hasOwn(SYSTEM, subtype) ? SYSTEM[subtype] : undefined;
    const base = { id: this.#idOf(ts), room: this.#place.id, ts: this.#timeOf(ts) };
    if (system) {
      const [t, member] = system;
      const msg = member ? (message.text(member) ?? '') : '';
      return [{ ...base, author: message.text('user') ?? '', t, msg }];
    }
    if (subtype !== undefined && !REGULAR.has(subtype)) return [];
    return this.#regular(message, ts, subtype, base);
  }

  #regular(
    message: LooseObject,
    ts: string,
    subtype: string | undefined,
    base: Pick<StagedMessage, 'id' | 'room' | 'ts'>,
  ): StagedMessage[] {
    const thread = message.text('thread_ts');
    const isParent = thread === ts;
    const shared = {
      ...base,
      ...this.#senderOf(message, subtype),
      ...(thread && !isParent ? { tmid: this.#idOf(thread) } : {}),
      ...(subtype === 'thread_broadcast' ? { tshow: true as const } : {}),
    };
    const text = this.#text(message.text('text') ?? '');
    const attachments = message.objects('attachments').map((each) => this.#attachment(each));
    const said: StagedMessage = {
      ...shared,
      ...this.#onMessage(message, ts),
      msg: subtype === 'me_message' && text !== '' ? `_${text}_` : text,
      ...(attachments.length > 0 ? { attachments } : {}),
    };
    const files = this.#filesOf(message, shared);
    const [first, ...others] = files;
    if (!first || text !== '' || attachments.length > 0 || isParent) return [said, ...files];
    // Nothing is said but by the files.
    return [{ ...first, ...this.#onMessage(message, ts) }, ...others];
  }

  /** Slack counts messages of a moment behind the point; times are in ms here, and keep their order. */
  #timeOf(ts: string): number | null {
    const [, seconds, fraction = ''] = /^(\d{1,12})(?:\.(\d{1,9}))?$/.exec(ts) ?? [];
    if (seconds === undefined) return null;
    const exact = Number(seconds) * 1000 + Number(`${fraction}000`.slice(0, 3));
    const { ts: before, time } = this.#last;
    const isNext = before !== ts && exact <= time && ts > before && time - exact < 1000;
    const at = isNext ? time + 1 : exact;
    this.#last = { ts, time: at };
    return at;
  }

  #idOf(ts: string): string {
    return `slack-${this.#place.id}-${ts.replace('.', '-')}`;
  }

  #text(text: string): string {
    return slackText(text, this.#nameOfRoom);
  }

  #senderOf(
    message: LooseObject,
    subtype: string | undefined,
  ): Pick<StagedMessage, 'author' | 'alias' | 'emoji' | 'bot'> {
    const user = message.text('user');
    const isBot = BOTS.has(subtype ?? '') || (user === undefined && message.has('bot_id'));
    const emoji = message.object('icons').text('emoji');
    const name = message.text('username');
    return {
      author: user ?? (isBot ? SLACKBOT : ''),
      ...(user === undefined && isBot && name ? { alias: name } : {}),
      ...(emoji ? { emoji } : {}),
      ...(isBot ? { bot: true as const } : {}),
    };
  }

  /** What others did with it. */
  #onMessage(message: LooseObject, ts: string): Pick<StagedMessage, 'edited' | 'reactions' | 'pinned'> {
    const edited = message.object('edited');
    const at = Number.parseFloat(edited.text('ts') ?? '') * 1000;
    const reactions = message.objects('reactions').flatMap((each) => {
      const name = each.text('name');
      return name ? [{ name: slackReaction(name), users: each.texts('users') }] : [];
    });
    const pinned = this.#place.pins.get(ts);
    return {
      ...(Number.isFinite(at) ? { edited: { at: Math.floor(at), by: edited.text('user') ?? '' } } : {}),
      ...(reactions.length > 0 ? { reactions } : {}),
      ...(pinned ? { pinned } : {}),
    };
  }

  #attachment(given: LooseObject): Attachment {
    const attachment: Attachment = {};
    for (const name of ['text', 'title', 'fallback'] as const) {
      const text = given.text(name);
      if (text !== undefined) attachment[name] = this.#text(text);
    }
    const copied = [
      ...['author_name', 'author_subname', 'author_icon', 'author_link', 'title_link', 'image_url'],
      ...['thumb_url', 'color', 'pretext'],
    ];
    for (const name of copied) {
      const text = given.text(name);
      if (text !== undefined) attachment[name] = text;
    }
    return attachment;
  }

  #filesOf(message: LooseObject, shared: Omit<StagedMessage, 'msg'>): StagedMessage[] {
    const files = message.objects('files');
    // As it was before a message could have several.
    if (files.length === 0 && message.has('file')) files.push(message.object('file'));
    return files.flatMap((file, index) => {
      const url = file.text('url_private_download') ?? file.text('url_private');
      if (!url || !/^https?:\/\//i.test(url)) return [];
      const pending = {
        downloadUrl: url,
        id: file.text('id') ?? '',
        name: file.text('name') ?? file.text('title') ?? 'file',
        size: file.number('size') ?? 0,
        external: file.flag('is_external'),
        source: 'slack',
      };
      return [{ ...shared, id: `${shared.id}-file${index + 1}`, msg: withoutSecrets(url), file: pending }];
    });
  }
}
