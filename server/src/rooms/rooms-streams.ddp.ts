import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { StreamDeclaration, Streams } from '../realtime/declarations.ts';
import { canAccessRoom } from './access.ts';
import { membershipOf, membershipsWithRoom } from './membership.store.ts';
import { isActiveMember } from './membership.ts';
import type { OnlineMembers } from './online-members.ts';
import { publishedRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { MembershipChanged, MembershipsTouched, MembersTold, RoomChanged } from './rooms.events.ts';
import { roomById } from './rooms.store.ts';
import { userRef } from './user-ref.ts';

/**
 * What members may send to each other through the server; what they say of calls is checked where calls are known
 * (`withCallSignals`). `userData` could pass for the server's own word.
 */
const MEMBER_EVENTS = ['webrtc', 'e2ekeyRequest'];

/**
 * `stream-room-data` `<rid>`: the room whenever it changes (spec 40 §8.9). `stream-notify-room-users`: nobody listens; what
 * a member writes reaches every other one as an event of theirs (spec 40 §8.4).
 */
export const roomStreams: StreamDeclaration[] = [
  {
    name: 'notify-room-users',
    partly: '`userData` is not passed on: clients would take it for the word of the server.',
    mayRead: () => false,
    async write(ctx, _passOn, { caller, eventName, args }) {
      const slash = eventName.indexOf('/');
      const [rid, event] = [eventName.slice(0, slash), eventName.slice(slash + 1)];
      if (!caller || !MEMBER_EVENTS.includes(event)) return;
      if (!isActiveMember(await membershipOf(ctx.db, rid, caller.uid))) return;
      ctx.tell('members.told', { rid, uid: caller.uid, event, args });
    },
  },
  {
    name: 'room-data',
    async mayRead(ctx, { caller, eventName }) {
      const room = caller && (await roomById(ctx.db, eventName));
      return room ? canAccessRoom(ctx, caller, room) : false;
    },
  },
];

/** Streams whose event names begin with a room id; a member who goes stops hearing them (spec 40 §7.4). */
const STREAMS_OF_ROOMS = ['room-messages', 'notify-room', 'room-data'];

/** Turns the events of rooms into frames for the members who are connected (spec 10 §2.1 "realtime", spec 40 §8.3). */
export function wireRoomEvents(ctx: Context, streams: Streams, online: OnlineMembers): void {
  ctx.events.on(
    'room.changed',
    newestOfEachRoom(streams, (event) => sendRoom(streams, online, event)),
  );
  ctx.events.on('membership.changed', (event) => sendMembership(streams, online, event));
  ctx.events.on('invite.created', ({ uid, invite }) => {
    streams.emitToUsers([uid], 'updateInvites', [{ invite }]);
  });
  const tellOthers = ({ rid, uid, event, args }: MembersTold): void =>
    streams.emitToUsers(
      [...online.of(rid)].filter((member) => member !== uid),
      event,
      args,
    );
  ctx.events.on('members.told', tellOthers);
  // Spec 40 §8.2 and §8.3.
  ctx.events.on('groupKey.requested', ({ rid, keyId }) =>
    streams.emit('notify-room', `${rid}/e2e.keyRequest`, [keyId]),
  );
  ctx.events.on('groupKey.awaited', ({ rid, keyId, uid }) =>
    tellOthers({ rid, uid, event: 'e2ekeyRequest', args: [rid, keyId] }),
  );
  const documents = new MemberDocuments(ctx, streams, online);
  ctx.events.on('memberships.touched', (event) => documents.touched(event));
  ctx.events.on('roomRole.changed', ({ type, role, rid, isPublic, user }) => {
    if (!ctx.settings.bool('UI_DisplayRoles')) return;
    const args = [{ type, _id: role, u: user, scope: rid }];
    // Strangers must not learn of a private room, or of who owns it. Who has just left still hears of the lost role.
    const mayKnow = (uid: string) => isPublic || uid === user._id || online.isMember(rid, uid);
    streams.emitPerCaller('notify-logged', 'roles-change', ({ uid }) => (mayKnow(uid) ? args : undefined));
  });
}

/**
 * A busy room changes with each of its messages, and only its last state matters to anyone (spec 10 §2.1: "may be
 * coalesced"). Gathers the changes until events are written, and sends the newest of each room. A removal is sent at once:
 * the memberships that tell who must hear of it go with it.
 */
function newestOfEachRoom(
  streams: Streams,
  send: (event: RoomChanged) => void,
): (event: RoomChanged) => void {
  const waiting = new Map<string, RoomChanged>();
  const sendAll = () => {
    const events = [...waiting.values()];
    waiting.clear();
    for (const event of events) send(event);
  };
  return (event) => {
    if (event.action === 'removed') {
      waiting.delete(event.rid);
      send(event);
      return;
    }
    if (waiting.size === 0) streams.beforeWriting(sendAll);
    waiting.set(event.rid, event);
  };
}

function sendRoom(streams: Streams, online: OnlineMembers, { action, rid, room }: RoomChanged): void {
  const document = action === 'removed' ? { _id: rid } : publishedRoom(room);
  streams.emitToUsers(online.of(rid), 'rooms-changed', [action, document]);
  if (action === 'updated') streams.emit('room-data', rid, [document]);
}

function sendMembership(streams: Streams, online: OnlineMembers, event: MembershipChanged): void {
  online.apply(event);
  const { action, rid, uid, subscription, room } = event;
  streams.emitToUsers([uid], 'subscriptions-changed', [action, subscription]);
  if (room) streams.emitToUsers([uid], 'rooms-changed', ['inserted', publishedRoom(room)]);
  if (action !== 'removed') return;
  // From here on nothing of the room reaches this user, not even what is published within this very tick.
  const ofRoom = (eventName: string) => eventName === rid || eventName.startsWith(`${rid}/`);
  for (const stream of STREAMS_OF_ROOMS) streams.dropSubscriptions(uid, stream, ofRoom);
}

/**
 * Documents of members whose derived state changed without an own event. They are read for the connected ones only, and
 * for a message only for those who were not alerted yet, so a busy room costs nothing per message.
 */
class MemberDocuments {
  readonly #ctx: Context;
  readonly #streams: Streams;
  readonly #online: OnlineMembers;
  /** By room: who waits for the read that is under way there. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(ctx: Context, streams: Streams, online: OnlineMembers) {
    this.#ctx = ctx;
    this.#streams = streams;
    this.#online = online;
  }

  touched(event: MembershipsTouched): void {
    const uids = touchedMembers(this.#online, event);
    if (uids.length === 0) return;
    const waiting = this.#waiting.get(event.rid);
    if (waiting) for (const uid of uids) waiting.add(uid);
    else void this.#sendAll(event.rid, uids);
  }

  /** One read of a room after the other: an older state that came later would stay with the clients. */
  async #sendAll(rid: string, uids: readonly string[]): Promise<void> {
    const waiting = new Set<string>();
    this.#waiting.set(rid, waiting);
    for (let next = uids; next.length > 0; ) {
      try {
        await this.#send(rid, next);
      } catch (err) {
        this.#ctx.log.error({ err, rid }, 'memberships could not be sent to their owners');
      }
      next = [...waiting];
      waiting.clear();
    }
    this.#waiting.delete(rid);
  }

  async #send(rid: string, uids: readonly string[]): Promise<void> {
    const [members, users] = await Promise.all([
      membershipsWithRoom(this.#ctx.db, rid, uids),
      findUsers(this.#ctx, { ids: uids }),
    ]);
    const byId = new Map(users.map((user) => [user._id, user]));
    for (const { membership, room } of members) {
      const user = byId.get(membership.uid);
      if (!user) continue;
      const subscription = presentSubscription(membership, room, userRef(user));
      // Whoever left meanwhile has had `removed`, whoever read the room a newer document: nothing older may follow.
      if (!this.#online.maySend(rid, membership.uid, subscription._updatedAt.getTime())) continue;
      this.#streams.emitToUsers([membership.uid], 'subscriptions-changed', ['updated', subscription]);
    }
  }
}

function touchedMembers(online: OnlineMembers, event: MembershipsTouched): string[] {
  const except = new Set(event.except);
  const uids =
    event.who === 'all'
      ? [...online.of(event.rid)].filter((uid) => !except.has(uid))
      : event.who === 'alert'
        ? online.takeUnalerted(event.rid, except)
        : [];
  for (const uid of event.also) {
    if (online.isMember(event.rid, uid) && !except.has(uid) && !uids.includes(uid)) uids.push(uid);
  }
  return uids;
}
