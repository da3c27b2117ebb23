import type { WireRoom } from './present-room.ts';
import type { WireSubscription } from './present-subscription.ts';

/** A room document changed. Goes to its members as `rooms-changed` (spec 40 §8.3). */
export interface RoomChanged {
  action: 'updated' | 'removed';
  rid: string;
  room: WireRoom;
}

/** One membership changed. Goes to that user as `subscriptions-changed`; decides who gets events of the room. */
export interface MembershipChanged {
  action: 'inserted' | 'updated' | 'removed';
  rid: string;
  uid: string;
  /** The whole document; for `removed` as it was last. */
  subscription: WireSubscription;
  /** On `inserted`: the room, which the new member receives as `rooms-changed inserted`. */
  room?: WireRoom;
}

/**
 * Something changed the derived part of every membership of the room at once (a message, a rename, an archiving), without
 * a row per member. Connected members whose document differs now are sent it anew.
 */
export interface MembershipsTouched {
  rid: string;
  /** `alert`: those who had no alert yet. `all`: everybody. `named`: nobody but `also`. */
  who: 'alert' | 'all' | 'named';
  /** Members who were sent their document already, or whose state did not change. */
  except: readonly string[];
  /** Members whose own row changed too (mentioned), whatever `who` says. */
  also: readonly string[];
}

/** Who may read the room is decided anew, also for people who are not in it (it became private, or public). */
export interface RoomAccessChanged {
  rid: string;
  /** The other rooms of its team are affected, too. */
  wholeTeam: boolean;
}

/** A room role was given or taken (`roles-change`, spec 40 §8.5). */
export interface RoomRoleChanged {
  type: 'added' | 'removed';
  role: string;
  rid: string;
  /** Only a public channel's roles are everybody's business. */
  isPublic: boolean;
  user: { _id: string; username: string; name?: string };
}

/** A new room of any kind, with its first members. */
export interface RoomCreated {
  room: WireRoom;
  creatorId: string;
}

/** The name in addresses is another one. */
export interface RoomRenamed {
  rid: string;
  from: string;
  to: string;
}

/** A member asks the others for the key of an encrypted room. */
export interface GroupKeyRequested {
  rid: string;
  keyId: string;
}

/** Somebody who came into an encrypted room waits for its key. */
export interface GroupKeyAwaited extends GroupKeyRequested {
  uid: string;
}

/** What a member tells every other one through the server, as an event of theirs (`notify-user`); told without a commit. */
export interface MembersTold {
  rid: string;
  /** Who tells it. */
  uid: string;
  event: string;
  args: readonly unknown[];
}

declare module '../kernel/events.ts' {
  interface Events {
    'room.changed': RoomChanged;
    'room.created': RoomCreated;
    'room.renamed': RoomRenamed;
    'room.accessChanged': RoomAccessChanged;
    'membership.changed': MembershipChanged;
    'memberships.touched': MembershipsTouched;
    'roomRole.changed': RoomRoleChanged;
    'members.told': MembersTold;
    'groupKey.requested': GroupKeyRequested;
    'groupKey.awaited': GroupKeyAwaited;
  }
}
