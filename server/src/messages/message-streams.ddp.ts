import type { Context } from '../context.ts';
import { PRUNED_FILE } from '../files/file-attachments.ts';
import type { Caller } from '../kernel/caller.ts';
import type { PassOn, StreamDeclaration, StreamRequest, Streams } from '../realtime/declarations.ts';
import { canAccessRoom, mayPreview, maySeePublicChannels } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { OnlineMembers } from '../rooms/online-members.ts';
import type { MessageSaved, MessagesPruned } from './messages.events.ts';
import { withRealNames } from './present-messages.ts';
import { hiddenInWorkspace } from './system-types.ts';

const MY_MESSAGES = '__my_messages__';

/** `room-messages` and `notify-room` (spec 40 §8.1, §8.2, §9). */
export const messageStreams: StreamDeclaration[] = [
  {
    name: 'room-messages',
    async mayRead(ctx, { caller, eventName }) {
      // Each of its events is checked on its own.
      if (eventName === MY_MESSAGES) return true;
      const room = await getRoom(ctx, eventName);
      if (!room) return false;
      return (await canAccessRoom(ctx, caller, room)) || (isOpenChannel(room) && mayPreview(ctx, caller));
    },
  },
  {
    name: 'notify-room',
    async mayRead(ctx, { caller, eventName }) {
      const { rid, event } = partsOf(eventName);
      if (event === 'webrtc') return true;
      return caller !== null && (await mayRead(ctx, caller, rid));
    },
    async write(ctx, passOn, request) {
      const { event } = partsOf(request.eventName);
      if (event === 'webrtc') {
        passOn(request.eventName, request.args);
      } else if (event === 'user-activity' || event === 'typing') {
        await publishActivity(ctx, passOn, request);
      }
    },
  },
];

/** `preview-c-room` opens channels that the caller could join; those of a private team are none of them. */
const isOpenChannel = (room: { type: string; teamId: string | null }): boolean =>
  room.type === 'c' && room.teamId === null;

function partsOf(eventName: string): { rid: string; event: string } {
  const slash = eventName.indexOf('/');
  return slash === -1
    ? { rid: eventName, event: '' }
    : { rid: eventName.slice(0, slash), event: eventName.slice(slash + 1) };
}

async function mayRead(ctx: Context, caller: Caller, rid: string): Promise<boolean> {
  const room = await getRoom(ctx, rid);
  return room !== undefined && canAccessRoom(ctx, caller, room);
}

const MAX_ACTIVITIES = 10;

/** Typing, recording, uploading: from one connection to all others, in the current form and in the old one (spec 40 §9). */
async function publishActivity(ctx: Context, passOn: PassOn, request: StreamRequest): Promise<void> {
  const { caller, eventName, args } = request;
  const { rid, event } = partsOf(eventName);
  const [name, state, extras] = args;
  if (!caller || typeof name !== 'string' || !isNameOf(ctx, caller, name)) return;
  const activities = activitiesOf(event, state);
  if (!activities || !(await mayRead(ctx, caller, rid))) return;
  const shared = event === 'typing' ? {} : threadOf(extras);
  passOn(`${rid}/user-activity`, [name, activities, shared]);
  // Old clients know only typing, and that it ends.
  if (activities.length > 0 && !activities.includes('user-typing')) return;
  passOn(`${rid}/typing`, [name, activities.length > 0]);
}

const isNameOf = (ctx: Context, caller: Caller, name: string): boolean =>
  name === caller.username || (ctx.settings.bool('UI_Use_Real_Name') && name === caller.name);

function activitiesOf(event: string, state: unknown): string[] | undefined {
  if (event === 'typing') return typeof state === 'boolean' ? (state ? ['user-typing'] : []) : undefined;
  if (!Array.isArray(state) || state.length > MAX_ACTIVITIES) return undefined;
  return state.every((activity) => typeof activity === 'string' && activity.length <= 64) ? state : undefined;
}

/** Only the thread's id is passed on. */
function threadOf(extras: unknown): { tmid?: string } {
  const tmid: unknown =
    typeof extras === 'object' && extras !== null && 'tmid' in extras ? extras.tmid : undefined;
  return typeof tmid === 'string' && tmid.length <= 128 ? { tmid } : {};
}

/** Turns the events of messages into frames (spec 40 §8.1, §8.2, §11). */
export function wireMessageEvents(ctx: Context, streams: Streams, online: OnlineMembers): void {
  const line = new SendingLine(ctx);
  ctx.events.on('message.saved', (event) => {
    if (!ctx.settings.bool('UI_Use_Real_Name')) {
      line.send(() => sendMessageFrames(ctx, streams, online, event));
      return;
    }
    line.sendAfter(async () => {
      const [message = event.message] = await withRealNames(ctx, [event.message]);
      sendMessageFrames(ctx, streams, online, { ...event, message });
    });
  });
  ctx.events.on('message.deleted', ({ rid, messageId }) => {
    line.send(() => streams.emit('notify-room', `${rid}/deleteMessage`, [{ _id: messageId }]));
  });
  ctx.events.on('messages.pruned', (event) => {
    line.send(() => streams.emit('notify-room', `${event.rid}/deleteMessageBulk`, [bulkOf(event)]));
  });
  ctx.events.on('messages.imported', ({ rid }) => {
    line.send(() => streams.emit('notify-room', `${rid}/messagesImported`, [null]));
  });
  ctx.events.on('messages.read', ({ rid, until, tmid }) => {
    const read = { until, ...(tmid === undefined ? {} : { tmid }) };
    line.send(() => streams.emit('notify-room', `${rid}/messagesRead`, [read]));
  });
  ctx.events.on('message.ephemeral', ({ uid, message }) => streams.emitToUsers([uid], 'message', [message]));
}

/** Clients delete what is described, or exactly `ids` (spec 40 §8.2). */
function bulkOf({ rid, pruning, ids }: MessagesPruned): object {
  const { oldest, latest, inclusive, filesOnly } = pruning;
  const [after, before] = [new Date(oldest), new Date(latest)];
  return {
    rid,
    excludePinned: pruning.excludePinned,
    ignoreDiscussion: pruning.ignoreDiscussion,
    ts: inclusive ? { $gte: after, $lte: before } : { $gt: after, $lt: before },
    users: pruning.usernames,
    ...(ids ? { ids } : {}),
    ...(filesOnly ? { filesOnly, replaceFileAttachmentsWith: PRUNED_FILE } : {}),
  };
}

/**
 * Where the workspace shows real names, they are looked up before a message goes out. What follows has to wait then, so that
 * events keep the order of their commits and no message arrives after its own deletion; while nothing is looked up, nothing
 * waits.
 */
class SendingLine {
  readonly #ctx: Context;
  #last: Promise<void> | undefined;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  send(work: () => void): void {
    if (this.#last) this.sendAfter(async () => work());
    else work();
  }

  sendAfter(work: () => Promise<void>): void {
    const mine = (this.#last ?? Promise.resolve())
      .then(work)
      .catch((err) => this.#ctx.log.error({ err }, 'a message was not sent to its room'))
      .then(() => {
        if (this.#last === mine) this.#last = undefined;
      });
    this.#last = mine;
  }
}

function sendMessageFrames(ctx: Context, streams: Streams, online: OnlineMembers, event: MessageSaved): void {
  const { message, room } = event;
  if (message._hidden || message.imported) return;
  if (message.t !== undefined && hiddenInWorkspace(ctx.settings).includes(message.t)) return;
  streams.emit('room-messages', message.rid, [message]);
  if (!streams.hasListeners('room-messages', MY_MESSAGES)) return;
  const roomName = room.type === 'd' ? {} : { roomName: room.name ?? room.displayName ?? '' };
  const about = (roomParticipant: boolean) => ({ roomParticipant, roomType: room.type, ...roomName });
  const [inside, outside] = [about(true), about(false)];
  streams.emitPerCaller('room-messages', MY_MESSAGES, (caller) => {
    if (online.isMember(message.rid, caller.uid))
      return mayHear(ctx, caller, room.type) ? [message, inside] : undefined;
    return isOpenChannel(room) && maySeePublicChannels(ctx, caller) ? [message, outside] : undefined;
  });
}

/** Rule 3 of spec 10 §4.1 for members, or rule P. */
const mayHear = (ctx: Context, caller: Caller, type: string): boolean =>
  ctx.permissions.hasAny(caller, ['view-joined-room', `view-${type}-room`]);
