import type { Context } from '../context.ts';
import { type FileToConfirm, sendMessageWithFiles } from '../files/send-upload.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import {
  matchFailed,
  objectParam,
  optionalBoolean,
  optionalNumber,
  optionalObject,
  optionalText,
  optionalTime,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { deleteMessage } from './delete-message.ts';
import { discussionMethods } from './discussions.ddp.ts';
import { sendEphemeral } from './ephemeral.ts';
import { findMessage } from './find-message.ts';
import { followMessage } from './follow.ts';
import { historyOf, mayReadHistory } from './history.ts';
import type { EncryptedMentions } from './mentions.ts';
import type { WireMessage } from './message.ts';
import { pinMessage, unpinMessage } from './pin.ts';
import { presentMessage } from './present-messages.ts';
import { reactToMessage } from './react.ts';
import { readMessage, readMessages } from './read-message.ts';
import { readReceiptMethods } from './read-receipts.ddp.ts';
import { mentionsOfCaller } from './room-messages.ts';
import { searchMethods } from './search/search.ddp.ts';
import { NO_RID, NO_SYSTEM_MESSAGES } from './send-message.ts';
import { starMessage } from './star.ts';
import { messagesAfter, surroundingMessages } from './surroundings.ts';
import { syncMessages } from './sync-messages.ts';
import { listThreads, openThread, readThread } from './threads.ts';
import { updateMessage } from './update-message.ts';

export { messageStreams, wireMessageEvents } from './message-streams.ddp.ts';

/** The messages' DDP methods (spec 40 §10.1, §10.2): each is a door to an operation that REST uses too. */

const MAX_LIMIT = 1000;

function limitParam(value: unknown, fallback: number): number {
  const limit = Math.trunc(optionalNumber(value) ?? fallback);
  return limit > 0 ? Math.min(limit, MAX_LIMIT) : fallback;
}

const skipParam = (value: unknown): number => Math.max(0, Math.trunc(optionalNumber(value) ?? 0));

/** The id of a message given as `{_id, ...}`. */
const idParam = (value: unknown): string => textParam(objectParam(value)._id);

const sending: DdpMethod[] = [
  userMethod(
    'sendMessage',
    async (ctx, { caller, params }) => {
      // Old clients send whole messages; what only the server or other doors may say is dropped.
      const {
        alias: _alias,
        avatar: _avatar,
        attachments: _attachments,
        blocks: _blocks,
        ...draft
      } = objectParam(params[0]);
      for (const member of [draft._id, draft.rid, draft.msg, draft.tmid]) optionalText(member);
      const previewUrls =
        params[1] === undefined || params[1] === null ? undefined : textListParam(params[1]);
      const confirm = filesToConfirm(params[2]);
      try {
        return await sendMessageWithFiles(ctx, caller, draft, { previewUrls, confirm });
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== 'plain') throw error;
        if (error.reason === 'error-not-allowed') {
          fail('error-not-allowed', 'Not allowed', { method: 'sendMessage' });
        }
        // What was refused by the room or for its content was told as an ephemeral message (spec 30 §3.3), and an id
        // that exists already is nobody's fault.
        if (!error.reason || !NEVER_TOLD.includes(error.reason)) return undefined;
        throw error;
      }
    },
    {
      rateLimit: { calls: 5, windowMs: 1000, liftedBy: 'send-many-messages' },
    },
  ),
  userMethod('updateMessage', async (ctx, { caller, params }) => {
    const edit = objectParam(params[0]);
    const previewUrls = params[1] === undefined || params[1] === null ? undefined : textListParam(params[1]);
    const original = await findMessage(ctx, textParam(edit._id));
    if (original) refuseForeignKeys(edit, original);
    await updateMessage(ctx, caller, {
      msgId: textParam(edit._id),
      text: optionalText(edit.msg) ?? '',
      ...(previewUrls ? { previewUrls } : {}),
      ...(edit.customFields ? { customFields: edit.customFields } : {}),
      ...(edit.content ? { content: objectParam(edit.content) } : {}),
      ...(edit.e2eMentions ? { e2eMentions: objectParam(edit.e2eMentions) as EncryptedMentions } : {}),
    });
  }),
  userMethod('deleteMessage', async (ctx, { caller, params }) => {
    const msgId = idParam(params[0]);
    // Here a message that is unknown is one that may not be deleted (spec 40 §10.2).
    if (!(await findMessage(ctx, msgId))) fail('error-action-not-allowed', 'Not allowed');
    await deleteMessage(ctx, caller, { msgId });
  }),
];

function filesToConfirm(value: unknown): FileToConfirm[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) matchFailed();
  return value.map((entry: unknown) => {
    const { _id, name, content } = objectParam(entry);
    return { _id: textParam(_id), name: optionalText(name), content: optionalObject(content) };
  });
}

/** Refused before a room was known to tell it in. */
const NEVER_TOLD = [NO_RID, NO_SYSTEM_MESSAGES];

const EDITABLE = [
  'tshow',
  'alias',
  'attachments',
  'avatar',
  'emoji',
  'msg',
  'customFields',
  'content',
  'e2eMentions',
];

/** Checks 7 and 9 of spec 30 §6 `chat.update`: a client may send the whole message, but not changed. */
function refuseForeignKeys(edit: Record<string, unknown>, original: WireMessage): void {
  if (edit.tmid === original._id) fail('error-message-same-as-tmid', 'Cannot set tmid the same as the _id');
  if (edit.tmid && !original.tmid)
    fail('error-message-change-to-thread', 'Cannot update message to a thread');
  for (const [key, value] of Object.entries(edit)) {
    // Each reader has their own `starred`, and stamps have moved on since.
    if (EDITABLE.includes(key) || ['starred', '_updatedAt', 'previewUrls'].includes(key)) continue;
    if (value !== null && value !== undefined && JSON.stringify(value) !== JSON.stringify(original[key])) {
      fail('error-invalid-update-key', `Cannot update the message ${key}`);
    }
  }
}

const marking: DdpMethod[] = [
  userMethod('setReaction', async (ctx, { caller, params }) => {
    const emoji = textParam(params[0]);
    const messageId = textParam(params[1]);
    try {
      await reactToMessage(ctx, caller, { messageId, emoji, shouldReact: optionalBoolean(params[2]) });
    } catch (error) {
      const rid = error instanceof Refusal ? ridOf(error.details) : undefined;
      if (!(error instanceof Refusal) || rid === undefined) throw error;
      sendEphemeral(ctx, caller.uid, { rid, msg: error.reason ?? '' });
      return false;
    }
    return undefined;
  }),
  userMethod('starMessage', async (ctx, { caller, params }) => {
    const starred = optionalBoolean(objectParam(params[0]).starred) ?? matchFailed();
    return starMessage(ctx, caller, await findMessage(ctx, idParam(params[0])), starred);
  }),
  userMethod('pinMessage', async (ctx, { caller, params }) => {
    const id = idParam(params[0]);
    const message = await pinMessage(ctx, caller, await findMessage(ctx, id));
    return message._id === id ? null : presentMessage(ctx, caller, message);
  }),
  userMethod('unpinMessage', async (ctx, { caller, params }) => {
    await unpinMessage(ctx, caller, await findMessage(ctx, idParam(params[0])));
    return true;
  }),
];

function ridOf(details: unknown): string | undefined {
  const rid: unknown =
    typeof details === 'object' && details !== null && 'rid' in details ? details.rid : undefined;
  return typeof rid === 'string' ? rid : undefined;
}

/** The room when the caller may read its history; undefined stands for the answer `false`. */
async function readableRoom(ctx: Context, caller: Caller | null, rid: string): Promise<Room | undefined> {
  const room = await getRoom(ctx, rid);
  return room && (await mayReadHistory(ctx, caller, room)) ? room : undefined;
}

const reading: DdpMethod[] = [
  userMethod('getSingleMessage', async (ctx, { caller, params }) => {
    return (await readMessage(ctx, caller, textParam(params[0]))) ?? null;
  }),
  userMethod('getMessages', (ctx, { caller, params }) => readMessages(ctx, caller, textListParam(params[0]))),
  {
    name: 'loadHistory',
    auth: 'none',
    async run(ctx, { caller, params }) {
      const [rid, end, limit, ls, showThreadMessages] = params;
      if (!caller && !ctx.settings.bool('Accounts_AllowAnonymousRead')) {
        fail('error-invalid-user', 'Invalid user', { method: 'loadHistory' });
      }
      const room = await readableRoom(ctx, caller, textParam(rid));
      if (!room) return false;
      const latest = optionalTime(end);
      const lastSeen = optionalTime(ls);
      const page = {
        ...(latest === undefined ? {} : { latest }),
        count: limitParam(limit, 20),
        showThreadMessages: optionalBoolean(showThreadMessages) ?? true,
      };
      return loadHistory(ctx, caller, room, page, lastSeen);
    },
  },
  userMethod('getChannelHistory', async (ctx, { caller, params }) => {
    const given = objectParam(params[0]);
    const room = await readableRoom(ctx, caller, textParam(given.rid));
    if (!room) return false;
    return historyOf(ctx, caller, room, historyParams(given));
  }),
  userMethod('loadMissedMessages', async (ctx, { caller, params }) => {
    const room = await readableRoom(ctx, caller, textParam(params[0]));
    if (!room) return false;
    const after = optionalTime(params[1]) ?? matchFailed();
    const messages = await messagesAfter(ctx, caller, room, {
      after,
      count: MAX_LIMIT,
      showThreadMessages: true,
    });
    return messages.reverse();
  }),
  userMethod('loadNextMessages', async (ctx, { caller, params }) => {
    const [rid, end, limit, showThreadMessages] = params;
    const room = await readableRoom(ctx, caller, textParam(rid));
    if (!room) fail('error-not-allowed', 'Not allowed', { method: 'loadNextMessages' });
    const messages = await messagesAfter(ctx, caller, room, {
      after: optionalTime(end),
      count: limitParam(limit, 20),
      showThreadMessages: optionalBoolean(showThreadMessages) ?? true,
    });
    return { messages };
  }),
  userMethod('loadSurroundingMessages', async (ctx, { caller, params }) => {
    const message = await findMessage(ctx, idParam(params[0]));
    const room = message && (await readableRoom(ctx, caller, message.rid));
    if (!room) return false;
    const showThreadMessages = optionalBoolean(params[2]) ?? true;
    return surroundingMessages(ctx, caller, room, message, {
      limit: limitParam(params[1], 50),
      showThreadMessages,
    });
  }),
  userMethod('messages/get', (ctx, { caller, params }) =>
    getMessagesOf(ctx, caller, textParam(params[0]), params[1]),
  ),
  userMethod('getUserMentionsByChannel', async (ctx, { caller, params }) => {
    const { roomId, options } = objectParam(params[0]);
    const { limit, skip } = optionalObject(options) ?? {};
    const page = { offset: skipParam(skip), count: limitParam(limit, 50) };
    return (await mentionsOfCaller(ctx, caller, textParam(roomId), page)).messages;
  }),
];

async function loadHistory(
  ctx: Context,
  caller: Caller | null,
  room: Room,
  page: { latest?: number; count: number; showThreadMessages: boolean },
  lastSeen: number | undefined,
) {
  const { messages } = await historyOf(ctx, caller, room, page);
  const oldest = messages.at(-1)?.ts.getTime();
  // Nothing unread lies before the page when the last visit was within it.
  if (lastSeen === undefined || oldest === undefined || oldest <= lastSeen)
    return { messages, unreadNotLoaded: 0 };
  const { firstUnread, unreadNotLoaded } = await historyOf(ctx, caller, room, {
    ...page,
    oldest: lastSeen,
    unreads: true,
  });
  return { messages, ...(firstUnread ? { firstUnread } : {}), unreadNotLoaded: unreadNotLoaded ?? 0 };
}

function historyParams(given: Record<string, unknown>) {
  const date = (value: unknown) => {
    if (value === undefined || value === null) return undefined;
    const ms = value instanceof Date || typeof value === 'string' ? new Date(value).getTime() : Number.NaN;
    return Number.isNaN(ms)
      ? fail('error-invalid-date', 'Invalid date', { method: 'getChannelHistory' })
      : ms;
  };
  const latest = date(given.latest);
  const oldest = date(given.oldest);
  return {
    ...(latest === undefined ? {} : { latest }),
    ...(oldest === undefined ? {} : { oldest }),
    inclusive: optionalBoolean(given.inclusive) ?? false,
    offset: skipParam(given.offset),
    count: limitParam(given.count, 20),
    unreads: optionalBoolean(given.unreads) ?? false,
    showThreadMessages: optionalBoolean(given.showThreadMessages) ?? true,
  };
}

/** `messages/get`: a delta with `lastUpdate` or a cursor, else a page of history. */
async function getMessagesOf(ctx: Context, caller: Caller, rid: string, options: unknown) {
  const given = optionalObject(options) ?? {};
  const lastUpdate = optionalTime(given.lastUpdate);
  const cursorText = (value: unknown) => (typeof value === 'number' ? String(value) : optionalText(value));
  const next = cursorText(given.next);
  const previous = cursorText(given.previous);
  const type = optionalText(given.type);
  if (lastUpdate === undefined && next === undefined && previous === undefined) {
    const room = await getRoom(ctx, rid);
    if (!room || !(await canAccessRoom(ctx, caller, room))) {
      fail('error-not-allowed', 'Not allowed', { method: 'messages/get' });
    }
    return historyOf(
      ctx,
      caller,
      room,
      historyParams({ ...given, latest: given.latestDate, oldest: given.oldestDate }),
    );
  }
  const count = optionalNumber(given.count);
  return syncMessages(ctx, caller, {
    roomId: rid,
    ...(lastUpdate === undefined ? {} : { lastUpdate }),
    ...(next === undefined ? {} : { next }),
    ...(previous === undefined ? {} : { previous }),
    ...(type === undefined ? {} : { type }),
    ...(count === undefined ? {} : { count }),
  });
}

const threads: DdpMethod[] = [
  userMethod('getThreadMessages', (ctx, { caller, params }) => {
    const { tmid, limit, skip } = objectParam(params[0]);
    return openThread(ctx, caller, {
      tmid: textParam(tmid),
      limit: threadLimit(limit, 'getThreadMessages'),
      skip: skipParam(skip),
    });
  }),
  userMethod('getThreadsList', async (ctx, { caller, params }) => {
    const { rid, limit, skip } = objectParam(params[0]);
    const page = { offset: skipParam(skip), count: threadLimit(limit, 'getThreadsList') };
    return (await listThreads(ctx, caller, { rid: textParam(rid), ...page })).threads;
  }),
  userMethod('readThreads', (ctx, { caller, params }) => readThread(ctx, caller, textParam(params[0]))),
  follow('followMessage', true),
  follow('unfollowMessage', false),
];

const MAX_THREAD_LIMIT = 100;

function threadLimit(value: unknown, method: string): number {
  const limit = optionalNumber(value) ?? 50;
  if (limit > MAX_THREAD_LIMIT) fail('error-not-allowed', 'Not allowed', { method });
  return limit > 0 ? Math.trunc(limit) : 50;
}

function follow(name: string, isFollowing: boolean): DdpMethod {
  return userMethod(
    name,
    async (ctx, { caller, params }) => {
      await followMessage(ctx, caller, { mid: textParam(objectParam(params[0]).mid), follow: isFollowing });
    },
    { rateLimit: { calls: 5, windowMs: 5000 } },
  );
}

export const messageMethods: DdpMethod[] = [
  ...sending,
  ...marking,
  ...reading,
  ...threads,
  ...discussionMethods,
  ...searchMethods,
  ...readReceiptMethods,
];
