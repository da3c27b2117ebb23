import type { Context } from '../context.ts';
import type { Emit } from '../kernel/events.ts';
import type { Db, Tx } from '../storage/database.ts';
import type { Erasure } from './accounts.events.ts';
import type { RoomsOfService } from './login-services/external-identity.ts';
import type { User } from './user.ts';

/**
 * What people's accounts ask of rooms. Rooms know people, so accounts may not import rooms (no cycles): `app.ts` hands
 * the implementation in. All but the last three run inside the transaction of the change that calls for them.
 */
export interface RoomHooks {
  /** Makes the user a member of every default room (spec 21, "Joining default channels"). `silent`: no `uj` messages. */
  joinDefaultChannels(
    ctx: Context,
    tx: Tx,
    emit: Emit,
    user: User,
    options: { silent: boolean },
  ): Promise<void>;
  /** Makes the user a member of rooms that groups of a login service lead into; of the missing ones it makes channels. */
  joinMappedRooms(ctx: Context, tx: Tx, emit: Emit, user: User, mapped: RoomsOfService): Promise<void>;
  /**
   * Hands over or removes the rooms that only this user owns (spec 21, "Ownership rules"). Throws `user-last-owner` with
   * `{shouldBeRemoved, shouldChangeOwner}` when there are some and `confirmRelinquish` is false.
   */
  relinquishRooms(
    ctx: Context,
    tx: Tx,
    emit: Emit,
    uid: string,
    options: { confirmRelinquish: boolean },
  ): Promise<void>;
  /** Takes what a deleted user leaves behind: messages by `erasure`, direct rooms, memberships. */
  userRemoved(ctx: Context, tx: Tx, emit: Emit, user: User, erasure: Erasure): Promise<void>;
  /** Carries a new username or name into subscriptions, direct rooms and `u` members. */
  userRenamed(
    ctx: Context,
    tx: Tx,
    emit: Emit,
    user: User,
    old: Pick<User, 'username' | 'name'>,
  ): Promise<void>;
  /** Carries changed notification preferences and highlight words into the user's memberships. */
  preferencesChanged(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void>;
  /** Archives the user's direct rooms for the others and makes them read-only. */
  userDeactivated(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void>;
  /** Makes direct rooms writable again where both users are active. */
  userActivated(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void>;
  /** The user can be given keys of encrypted rooms from now on: whoever lacks one waits for it. */
  waitForGroupKeys(ctx: Context, tx: Tx, emit: Emit, uid: string): Promise<void>;
  /** Takes the user's keys of encrypted rooms away. */
  forgetGroupKeys(ctx: Context, tx: Tx, emit: Emit, user: User): Promise<void>;
  /** True when a team has this name in any case: users and teams share one namespace. */
  isTeamName(ctx: Context, db: Db, name: string): Promise<boolean>;
  /** True when this is an invite link by which somebody could come in. */
  isInvite(ctx: Context, db: Db, token: string): Promise<boolean>;
  /** The `rooms` member of `users.info`, sorted by `t` and `name`. */
  roomsOf(ctx: Context, uid: string): Promise<RoomOfUser[]>;
}

export interface RoomOfUser {
  rid: string;
  name: string | undefined;
  t: string;
  roles?: readonly string[];
  unread: number;
}

/** For servers and tests without rooms: nobody joins or loses anything. */
export const NO_ROOMS: RoomHooks = {
  joinDefaultChannels: async () => {},
  joinMappedRooms: async () => {},
  relinquishRooms: async () => {},
  userRemoved: async () => {},
  userRenamed: async () => {},
  preferencesChanged: async () => {},
  userDeactivated: async () => {},
  userActivated: async () => {},
  waitForGroupKeys: async () => {},
  forgetGroupKeys: async () => {},
  isTeamName: async () => false,
  isInvite: async () => false,
  roomsOf: async () => [],
};
