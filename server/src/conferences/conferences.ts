import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { JobHandler } from '../jobs/job.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { sendEphemeral } from '../messages/ephemeral.ts';
import { storeWithoutWords } from '../messages/store-message.ts';
import { canAccessRoom, hasInRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { Room } from '../rooms/room.ts';
import { callerRef } from '../rooms/user-ref.ts';
import type { CommitHooks } from '../storage/write.ts';
import { type Conference, type ConferenceDocument, isOver, STATUS } from './conference.ts';
import './conferences.events.ts';
import {
  conferenceById,
  deleteConferencesOf,
  insertConference,
  listConferences,
  lockConference,
  updateConference,
} from './conferences.store.ts';
import { activeProvider, urlFor, urlOfCall } from './providers.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'conferences.expire': { callId: string };
  }
}

/** So long a call between two people rings. */
const RINGING_MS = 40_000;
const LEGACY_TIMEOUT_MS = 10_000;
/** In larger rooms nobody is rung. */
const MAX_RUNG = 10;

/** What clients are told of a call that is not theirs, or is none. */
const INVALID = 'invalid-params';

export interface NewConference {
  rid: string;
  title?: string | undefined;
  allowRinging?: boolean | undefined;
}

export interface StartedConference {
  type: string;
  callId: string;
  providerName: string;
  rid?: string;
  calleeId?: string;
}

/**
 * Begins a call in a room and shows it there (spec 11 §15).
 *
 * @throws 403; invalid-params and what the provider has to say (plain)
 */
export async function startConference(
  ctx: Context,
  caller: Caller,
  { rid, title, allowRinging }: NewConference,
): Promise<StartedConference> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse(INVALID);
  if (!(await hasInRoom(ctx, caller, 'call-management', rid))) forbid();
  const providerName = providerFor(ctx, caller, room);
  const others = (room.details.uids ?? []).filter((uid) => uid !== caller.uid);
  const calleeId = room.type === 'd' && others.length === 1 ? others[0] : undefined;
  const type = calleeId === undefined ? 'videoconference' : 'direct';
  const rings = allowRinging === true && (await hasInRoom(ctx, caller, 'videoconf-ring-users', rid));
  const callId = newId();
  await ctx.write(async (tx, emit) => {
    const scope = { tx, emit };
    const at = ctx.clock.stamp();
    // The message that shows the call (spec 30 §1.4).
    const block = { type: 'video_conf', blockId: callId, callId, appId: 'videoconf-core' };
    const parts = { t: 'videoconf', groupable: false, blocks: [block] };
    const started = await storeWithoutWords(ctx, scope, caller, rid, parts);
    const document: ConferenceDocument = {
      ...(title ? { title } : {}),
      createdBy: callerRef(caller),
      users: [],
      anonymousUsers: 0,
      messages: { started },
      ...(type === 'direct' || rings ? { ringing: true } : {}),
      url: urlOfCall(ctx, callId),
    };
    await insertConference(tx, {
      id: callId,
      rid,
      type,
      status: type === 'direct' ? STATUS.calling : STATUS.started,
      provider: providerName,
      created_at: at,
      ended_at: null,
      updated_at: at,
      doc: JSON.stringify(document),
    });
    if (type === 'direct')
      await enqueue(ctx, scope, {
        kind: 'conferences.expire',
        payload: { callId },
        runAt: at + RINGING_MS,
      });
    emit('conference.changed', { rid, callId });
    if (rings && type !== 'direct' && room.memberCount <= MAX_RUNG)
      emit('conference.rings', { callId, rid, uid: caller.uid });
  });
  return { type, callId, providerName, ...(calleeId === undefined ? { rid } : { calleeId }) };
}

/** The one who wanted to call is told in the room, too, why there is no call. */
function providerFor(ctx: Context, caller: Caller, room: Room): string {
  try {
    return activeProvider(ctx);
  } catch (error) {
    sendEphemeral(ctx, caller.uid, {
      rid: room.id,
      msg: 'Video calls are not set up: an administrator has to choose and configure a provider.',
    });
    throw error;
  }
}

/**
 * Until when (ms) clients of before 5.0 show that a call goes on in the room; they ask again meanwhile. What shows calls today
 * are their messages. @throws invalid-params (plain)
 */
export async function legacyTimeout(ctx: Context, caller: Caller, rid: string): Promise<number> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse(INVALID);
  return ctx.clock.now() + LEGACY_TIMEOUT_MS;
}

/** A call of a room that the caller may enter. @throws invalid-params (plain) */
export async function conferenceFor(
  ctx: Context,
  caller: Caller | null,
  callId: string,
): Promise<Conference> {
  const conference = await conferenceById(ctx.db, callId);
  const room = conference && (await getRoom(ctx, conference.rid));
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse(INVALID);
  return conference;
}

/** Where to go to take part, and the note of who did. @throws invalid-params, failed-to-get-url (plain) */
export async function joinConference(
  ctx: Context,
  caller: Caller | null,
  callId: string,
  { mic = true, cam = false }: { mic?: boolean | undefined; cam?: boolean | undefined },
): Promise<{ url: string; providerName: string }> {
  const known = await conferenceFor(ctx, caller, callId);
  if (!known.url) refuse('failed-to-get-url');
  await ctx.write(async (tx, emit) => {
    const current = await lockConference(tx, callId);
    if (!current) refuse(INVALID);
    const document = documentOf(current);
    const isNew = caller && !document.users.some(({ _id }) => _id === caller.uid);
    const at = ctx.clock.stamp();
    if (isNew)
      document.users.push({ ...callerRef(caller), avatarETag: null, ts: new Date(at).toISOString() });
    if (!caller) document.anonymousUsers += 1;
    // A call between two people has begun when the other one comes.
    const isAnswered = current.status === STATUS.calling && caller?.uid !== document.createdBy._id;
    if (!isNew && caller && !isAnswered) return;
    const status = isAnswered ? STATUS.started : current.status;
    await updateConference(tx, callId, at, { status, document });
    emit('conference.changed', { rid: current.rid, callId });
  });
  const { url, title, providerName } = known;
  return { url: urlFor(url, { caller, mic, cam, ...(title ? { title } : {}) }), providerName };
}

function documentOf(conference: Conference): ConferenceDocument {
  const { title, createdBy, users, anonymousUsers, messages, ringing, url } = conference;
  return {
    ...(title ? { title } : {}),
    ...{ createdBy, users: [...users], anonymousUsers, messages, url },
    ...(ringing ? { ringing } : {}),
  };
}

/** Ends a call that still rings. @throws invalid-params, invalid-call, invalid-call-status (plain) */
export async function cancelConference(ctx: Context, caller: Caller, callId: string): Promise<void> {
  const known = await conferenceFor(ctx, caller, callId);
  if (known.type !== 'direct') refuse('invalid-call');
  const ended = await endRinging(ctx, callId, STATUS.declined);
  if (!ended) refuse('invalid-call-status');
}

/** False when it does not ring any more. */
function endRinging(ctx: Context, callId: string, status: number): Promise<boolean> {
  return ctx.write(async (tx, emit) => {
    const current = await lockConference(tx, callId);
    if (current?.status !== STATUS.calling) return false;
    const at = ctx.clock.stamp();
    const { ringing: _over, ...document } = documentOf(current);
    await updateConference(tx, callId, at, { status, endedAt: at, document });
    emit('conference.changed', { rid: current.rid, callId });
    return true;
  });
}

/** A call between two people that nobody answered is over after a while. */
export const expireConferenceJob: JobHandler<'conferences.expire'> = {
  kind: 'conferences.expire',
  concurrency: 2,
  attempts: 3,
  timeoutMs: 10_000,
  async run(ctx, { payload }) {
    await endRinging(ctx, payload.callId, STATUS.expired);
  },
};

/** A page of the calls of a room, the newest first. @throws invalid-params (plain) */
export async function pageOfConferences(
  ctx: Context,
  caller: Caller,
  rid: string,
  page: { offset: number; count: number },
): Promise<{ conferences: Conference[]; total: number }> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) refuse(INVALID);
  return listConferences(ctx.db, rid, page);
}

/** A direct room that is opened anew has the same id, and not the calls of the old one. */
export function endConferencesWithRooms(hooks: CommitHooks): void {
  hooks.on('room.changed', ({ action, rid }, { tx }) =>
    action === 'removed' ? deleteConferencesOf(tx, rid) : undefined,
  );
}

/** Whether clients may exchange this about a call (spec 40 §8.3 "Write"). */
export async function isCallSignal(
  ctx: Context,
  caller: Caller,
  other: Caller,
  signal: { action: string; callId: string; rid: string },
): Promise<boolean> {
  const conference = await conferenceById(ctx.db, signal.callId);
  if (conference?.rid !== signal.rid) return false;
  if (signal.action !== 'end' && isOver(conference)) return false;
  const room = await getRoom(ctx, signal.rid);
  if (!room) return false;
  return (await canAccessRoom(ctx, caller, room)) && canAccessRoom(ctx, other, room);
}
