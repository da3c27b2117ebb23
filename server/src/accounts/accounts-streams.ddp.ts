import type { Context } from '../context.ts';
import type { PassOn, StreamDeclaration, StreamRequest, Streams } from '../realtime/declarations.ts';
import type { Realtime } from '../realtime/server.ts';
import './accounts.events.ts';
import type { TokensRemoved, UserChanged, UserDeleted, UserStatusChanged } from './accounts.events.ts';
import type { Presence } from './presence.ts';
import type { PresenceStatus } from './user.ts';

/** The streams about people (spec 40 §8.3, §8.6) and what feeds them. */

/** The one event of `notify-user` that anyone may listen to. */
const OPEN_EVENT = 'webrtc';

export const accountStreams: StreamDeclaration[] = [
  { name: 'notify-user', mayRead: mayListenToUser, write: relayBetweenUsers },
  { name: 'user-presence', mayRead: (_ctx, { caller }) => caller !== null },
];

/**
 * `otr` is not refused while `OTR_Enable` is off, against spec 40 §8.3: the published SDK 1.x subscribes to it with every
 * login and waits forever for an answer other than `ready`. Nothing is sent on it then.
 */
function mayListenToUser(_ctx: Context, { caller, eventName }: StreamRequest): boolean {
  const { uid, event } = splitEventName(eventName);
  if (event === OPEN_EVENT) return true;
  return caller !== null && uid === caller.uid;
}

const OTR_STEPS = new Set(['handshake', 'acknowledge', 'deny', 'end']);

/** Signalling between two clients that the server only passes on; everything else is ignored (spec 40 §8.3 "Write"). */
function relayBetweenUsers(ctx: Context, passOn: PassOn, { caller, eventName, args }: StreamRequest): void {
  if (!caller) return;
  const { event } = splitEventName(eventName);
  const isOtr = event === 'otr' && ctx.settings.bool('OTR_Enable') && OTR_STEPS.has(String(args[0]));
  if (event !== OPEN_EVENT && event !== 'e2ekeyRequest' && !isOtr) return;
  passOn(eventName, args);
}

function splitEventName(eventName: string): { uid: string; event: string } {
  const slash = eventName.indexOf('/');
  return slash < 0
    ? { uid: eventName, event: '' }
    : { uid: eventName.slice(0, slash), event: eventName.slice(slash + 1) };
}

/** Turns the events of accounts into frames (spec 21, "Realtime summary"). */
export function wireAccountEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('user.changed', (change) => sendUserData(streams, change));
  ctx.events.on('user.nameChanged', ({ uid, username, name }) => {
    streams.emit('notify-logged', 'Users:NameChanged', [{ _id: uid, name, username }]);
  });
  ctx.events.on('user.deleted', (event) => sendDeletion(streams, event));
  ctx.events.on('user.status', (event) => sendStatus(ctx, streams, event));
  ctx.events.on('customStatus.changed', ({ action, status }) => {
    const { _id, name, statusType } = status;
    const event = action === 'deleted' ? 'deleteCustomUserStatus' : 'updateCustomUserStatus';
    streams.emit('notify-logged', event, [{ userStatusData: { _id, name, statusType } }]);
  });
  ctx.events.on('user.forceLogout', ({ uid }) => streams.emitToUsers([uid], 'force_logout', []));
}

/** Keeps open connections in step with accounts, and presence in step with connections (spec 40 §4.6, §5). */
export function wireAccountConnections(
  ctx: Context,
  realtime: Pick<Realtime, 'userChanged' | 'closeConnections' | 'onConnectionChange'>,
  presence: Presence,
): void {
  ctx.events.on('tokens.removed', (event) => closeConnectionsOf(realtime, event));
  ctx.events.on('user.changed', (change) => updateConnections(realtime, change));
  realtime.onConnectionChange(({ connection, caller, kind }) => {
    if (kind === 'login' && caller) presence.connected(caller.uid, connection.id);
    else presence.disconnected(connection.id);
  });
}

function sendUserData(streams: Streams, { uid, diff, unset }: UserChanged): void {
  streams.emitToUsers([uid], 'userData', [{ type: 'updated', id: uid, diff, unset }]);
}

function sendDeletion(streams: Streams, { uid, erasure, replaceByUser }: UserDeleted): void {
  streams.emitToUsers([uid], 'userData', [{ type: 'removed', id: uid }]);
  if (erasure === 'Keep') return;
  const replacement = replaceByUser ? { replaceByUser } : {};
  streams.emit('notify-logged', 'Users:Deleted', [
    { userId: uid, messageErasureType: erasure, ...replacement },
  ]);
}

const STATUS_CODES: Readonly<Record<PresenceStatus, number>> = {
  offline: 0,
  online: 1,
  away: 2,
  busy: 3,
};

function sendStatus(ctx: Context, streams: Streams, event: UserStatusChanged): void {
  if (ctx.settings.bool('Presence_broadcast_disabled')) return;
  const { uid, username, name, statusText, roles, statusSource, statusExpiresAt } = event;
  const code = STATUS_CODES[event.status];
  const expires = statusExpiresAt === undefined ? [] : [new Date(statusExpiresAt)];
  const origin = statusSource === undefined ? [] : [statusSource, ...expires];
  streams.emit('notify-logged', 'user-status', [[uid, username, code, statusText, name, roles, ...origin]]);
  streams.emit('user-presence', uid, [[username, code, statusText, ...origin]]);
}

/** Normal closure: a client that reconnects learns from its resume that the session is over. */
const NORMAL_CLOSURE = 1000;

function closeConnectionsOf(realtime: Pick<Realtime, 'closeConnections'>, { hashes }: TokensRemoved): void {
  const removed = new Set(hashes);
  const matches = (hash: string | undefined): boolean => hash !== undefined && removed.has(hash);
  realtime.closeConnections(({ caller }) => matches(caller?.tokenHash), NORMAL_CLOSURE, 'Logged out');
}

function updateConnections(
  realtime: Pick<Realtime, 'userChanged'>,
  { uid, diff, unset, user }: UserChanged,
): void {
  const isTold = (key: string): boolean => key in diff || key in unset;
  const carried = ['username', 'name', 'roles'].some(isTold);
  const published = ['username', 'emails'].some(isTold);
  if (!carried && !published) return;
  const { username, name, roles, emails } = user;
  realtime.userChanged(uid, {
    ...(carried ? { caller: { username, name, roles } } : {}),
    ...(published ? { fields: { ...(username === undefined ? {} : { username }), emails } } : {}),
  });
}
