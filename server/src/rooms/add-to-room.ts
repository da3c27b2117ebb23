import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import { postSystemMessage, type SystemMessage } from '../messages/system-message.ts';
import type { Tx } from '../storage/database.ts';
import { translationFromStart } from './auto-translate.ts';
import { waitForRoomKey } from './group-keys.ts';
import { insertMemberships, membershipOf, updateMembership } from './membership.store.ts';
import type { MembershipDetails } from './membership.ts';
import { presentRoom } from './present-room.ts';
import { presentSubscription } from './present-subscription.ts';
import type { Room } from './room.ts';
import { autoJoinRoomsOfTeam, recordActivity } from './rooms.store.ts';
import { addTeamMembers } from './teams.store.ts';
import { userRef } from './user-ref.ts';

/** What the room rules need of a user; the accounts' `User` fits. */
export interface MemberUser {
  _id: string;
  username?: string | null;
  name?: string | null;
  /** Preferences the user saved; missing ones mean the workspace's default. */
  preferences?: Record<string, unknown>;
  /** What the user reads; none means the workspace's language. */
  language?: string | null;
}

export interface AddOptions {
  /** Who added the user; absent when the user joins. Decides the message: `au` instead of `uj`. */
  addedBy?: UserRef;
  /** Posts no system message (default channels joined silently). */
  silent?: boolean;
  /** Leaves a banned user out instead of refusing, where many are added at once. */
  skipBanned?: boolean;
}

/**
 * The "add to room" rules (spec 10 §6.1): used by joining, inviting, default channels and addAll. Returns the room as it is
 * now, or undefined when the user was a member already and nothing happened.
 *
 * @throws error-invalid-user for a user without username, error-user-is-banned
 */
export async function addToRoom(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  rid: string,
  user: MemberUser,
  options: AddOptions = {},
): Promise<Room | undefined> {
  if (!user.username) fail('error-invalid-user', 'Cannot add an user to a room without a username');
  const existing = await membershipOf(tx, rid, user._id);
  if (existing?.status === 'BANNED' && options.skipBanned) return undefined;
  if (existing?.status === 'BANNED') fail('error-user-is-banned', 'User is banned from this room');
  if (existing && existing.status === null) return undefined;

  const at = ctx.clock.stamp();
  const room = await recordActivity(tx, rid, at, { messages: options.silent ? 0 : 1, members: 1 });
  if (!room) fail('error-invalid-room', 'Invalid room', { method: 'joinRoom' });

  const joiner = userRef(user);
  await waitForRoomKey(ctx, { tx, emit }, room, user._id);
  if (existing) {
    await updateMembership(tx, existing.id, at, { status: null });
    emit('membership.changed', {
      action: 'updated',
      rid,
      uid: user._id,
      subscription: presentSubscription({ ...existing, status: null, updatedAt: at }, room, joiner),
      room: presentRoom(room),
    });
  } else {
    const [membership] = await insertMemberships(tx, room, [
      {
        uid: user._id,
        joinedAt: at,
        position: 0,
        open: true,
        alert: true,
        unread: 1,
        userMentions: 1,
        lastSeenAt: null,
        roles: [],
        favorite: room.isDefault && room.details.favorite === true,
        details: newMemberDetails(ctx, room, user, options.addedBy),
      },
    ]);
    if (membership) {
      emit('membership.changed', {
        action: 'inserted',
        rid,
        uid: user._id,
        subscription: presentSubscription(membership, room, joiner),
        room: presentRoom(room),
      });
    }
  }
  if (room.teamMain && room.teamId !== null) {
    await addTeamMembers(tx, room.teamId, [{ uid: user._id, roles: [] }], options.addedBy ?? joiner, at);
  }
  if (!options.silent)
    await postSystemMessage(ctx, tx, emit, room, joinMessage(room, joiner, options.addedBy, at));
  emit('room.changed', { action: 'updated', rid, room: presentRoom(room) });
  // Whoever comes into a team comes into the rooms that its members join by themselves (spec 11 §8).
  const further = room.teamMain && room.teamId !== null ? await autoJoinRoomsOfTeam(tx, room.teamId) : [];
  for (const { id } of further) await addToRoom(ctx, tx, emit, id, user, { ...options, skipBanned: true });
  return room;
}

function joinMessage(room: Room, joiner: UserRef, addedBy: UserRef | undefined, at: number): SystemMessage {
  if (addedBy) {
    const t = room.teamMain ? 'added-user-to-team' : 'au';
    return { t, msg: joiner.username, user: { _id: addedBy._id, username: addedBy.username }, at };
  }
  const t = room.parentId !== null ? 'ut' : room.teamMain ? 'ujt' : 'uj';
  return { t, msg: joiner.username, user: joiner, at };
}

/** Preference, field of the membership, and where the value of that field comes from. */
export const PREFERENCES = [
  ['desktopNotifications', 'desktopNotifications', 'desktopPrefOrigin'],
  ['pushNotifications', 'mobilePushNotifications', 'mobilePrefOrigin'],
  ['emailNotificationMode', 'emailNotifications', 'emailPrefOrigin'],
] as const;

/**
 * Carries changed preferences into a membership (spec 21, `users.setPreferences`): values that the member set for this
 * room stay, the others follow the preference or go away with it.
 */
export function withPreferences(details: MembershipDetails, user: MemberUser): MembershipDetails {
  const kept: MembershipDetails = { ...details };
  const fresh = detailsByPreferences(user);
  for (const [, field, origin] of PREFERENCES) {
    if (kept[origin] === 'subscription') continue;
    delete kept[field];
    delete kept[origin];
    if (fresh[field] !== undefined) Object.assign(kept, { [field]: fresh[field], [origin]: fresh[origin] });
  }
  delete kept.userHighlights;
  return fresh.userHighlights ? { ...kept, userHighlights: fresh.userHighlights } : kept;
}

/** What a new membership begins with (spec 10 §12.1). */
export const newMemberDetails = (
  ctx: Context,
  room: Room,
  user: MemberUser,
  inviter?: UserRef,
): MembershipDetails => ({
  ...(inviter ? { inviter: userRef(inviter) } : {}),
  ...detailsByPreferences(user),
  ...translationFromStart(ctx, room, user),
});

/** Notification values come from the user's preferences where they differ from `default`. */
function detailsByPreferences(user: MemberUser): MembershipDetails {
  const details: MembershipDetails = {};
  for (const [preference, field, origin] of PREFERENCES) {
    const value = user.preferences?.[preference];
    if (typeof value === 'string' && value !== 'default') {
      details[field] = value;
      details[origin] = 'user';
    }
  }
  const highlights = user.preferences?.highlights;
  if (Array.isArray(highlights) && highlights.length > 0) details.userHighlights = highlights.map(String);
  return details;
}
