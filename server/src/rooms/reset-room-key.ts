import { publicKeysOf } from '../accounts/e2e-keys.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { canAccessRoom, hasInRoom } from './access.ts';
import { getRoom } from './get-room.ts';
import { activeMembershipsIn, updateMembership } from './membership.store.ts';
import { MAX_OLD_KEYS, type Membership, type MembershipDetails, type OldRoomKey } from './membership.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import './rooms.events.ts';
import { lockRoomById, updateRoom } from './rooms.store.ts';

/**
 * Gives an encrypted room a new key (spec 31 §6): every member keeps the former one to read what was said with it, and waits for
 * the new one, which only the caller has. Two resets at once follow one another.
 *
 * @throws 403 without `toggle-room-e2e-encryption`, error-not-allowed (plain)
 */
export async function resetRoomKey(
  ctx: Context,
  caller: Caller,
  { rid, key, keyId }: { rid: string; key: string; keyId: string },
): Promise<void> {
  if (!(await hasInRoom(ctx, caller, 'toggle-room-e2e-encryption', rid))) forbid('error-not-allowed');
  const known = await getRoom(ctx, rid);
  if (!known || !(await canAccessRoom(ctx, caller, known))) refuse('error-not-allowed');
  await ctx.write(async (tx, emit) => {
    const room = (await lockRoomById(tx, rid)) ?? refuse('error-not-allowed');
    const at = ctx.clock.stamp();
    const members = await activeMembershipsIn(tx, rid, room.memberCount);
    for (const membership of members) {
      const details = withoutKey(membership, room, new Date(at).toISOString());
      if (membership.uid === caller.uid) details.E2EKey = key;
      await updateMembership(tx, membership.id, at, { details });
    }
    const others = members.map(({ uid }) => uid).filter((uid) => uid !== caller.uid);
    await nameKey({ tx, emit }, room, { keyId, others, at });
    emit('memberships.touched', { rid, who: 'all', except: [], also: [] });
  });
}

/** The member's details with the room's key among the old ones, and without what was suggested. */
function withoutKey({ details }: Membership, { details: { e2eKeyId } }: Room, ts: string): MembershipDetails {
  const { E2EKey, E2ESuggestedKey: _key, suggestedOldRoomKeys: _keys, oldRoomKeys = [], ...rest } = details;
  const old: OldRoomKey[] = E2EKey && e2eKeyId ? [{ e2eKeyId, ts, E2EKey }, ...oldRoomKeys] : oldRoomKeys;
  return old.length > 0 ? { ...rest, oldRoomKeys: old.slice(0, MAX_OLD_KEYS) } : rest;
}

/** Names the new key; those of the others who have keys of their own wait for it. */
async function nameKey(
  { tx, emit }: WriteScope,
  room: Room,
  { keyId, others, at }: { keyId: string; others: readonly string[]; at: number },
): Promise<void> {
  const ts = new Date(at).toISOString();
  const waiting = [...(await publicKeysOf(tx, others)).keys()].map((userId) => ({ userId, ts }));
  const details = { ...room.details, e2eKeyId: keyId, usersWaitingForE2EKeys: waiting };
  await updateRoom(tx, room.id, at, { details });
  const changed = presentRoom({ ...room, details, updatedAt: at });
  emit('room.changed', { action: 'updated', rid: room.id, room: changed });
}
