import type { Context, WriteScope } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { fail } from '../../kernel/errors.ts';
import { newShortId } from '../../kernel/ids.ts';
import type { Db, Tx } from '../../storage/database.ts';
import { hasInRoom } from '../access.ts';
import { addToRoom, type MemberUser } from '../add-to-room.ts';
import { membershipOf } from '../membership.store.ts';
import { isActiveMember } from '../membership.ts';
import type { Room } from '../room.ts';
import { roomById } from '../rooms.store.ts';
import './invites.events.ts';
import {
  allInvites,
  countUse,
  deleteInvite,
  type InviteRow,
  insertInvite,
  inviteById,
  rememberInvite,
  takeRememberedInvite,
  usableInvite,
} from './invites.store.ts';
import { presentInvite, type WireInvite } from './present-invite.ts';

const DAY_MS = 86_400_000;
const DAYS = [0, 1, 7, 15, 30];
const USES = [0, 1, 5, 10, 25, 50, 100];

/**
 * An invite link for a room; the same one while one of the same kind can be used (spec 11 §10 `findOrCreateInvite`).
 *
 * @throws not_authorized, error-invalid-room, error-room-type-not-allowed, invalid-number-of-days, invalid-number-of-uses
 */
export async function findOrCreateInvite(
  ctx: Context,
  caller: Caller,
  { rid, days, maxUses }: { rid: string; days: number; maxUses: number },
): Promise<WireInvite> {
  if (!(await hasInRoom(ctx, caller, 'create-invite-links', rid))) fail('not_authorized');
  const room = await roomById(ctx.db, rid);
  const details = { method: 'findOrCreateInvite', field: 'rid' };
  if (!room || !isActiveMember(await membershipOf(ctx.db, rid, caller.uid)))
    fail('error-invalid-room', 'The rid field is invalid', details);
  if (room.type === 'd') failType(details);
  if (!DAYS.includes(days))
    fail(
      'invalid-number-of-days',
      'Invite should expire in 1, 7, 15 or 30 days, or send 0 to never expire.',
      { ...details, field: 'days' },
    );
  if (!USES.includes(maxUses))
    fail('invalid-number-of-uses', 'Invite should be valid for 1, 5, 10, 25, 50, 100 or infinite (0) uses.', {
      ...details,
      field: 'maxUses',
    });
  const kind = { rid, uid: caller.uid, days, max_uses: maxUses };
  return ctx.write(async (tx, emit) => {
    const now = ctx.clock.stamp();
    const existing = await usableInvite(tx, kind, now);
    if (existing) return presentInvite(ctx.settings, existing);
    const invite: InviteRow = {
      ...kind,
      id: await freeId(tx),
      uses: 0,
      created_at: now,
      expires_at: days === 0 ? null : now + days * DAY_MS,
      updated_at: now,
    };
    await insertInvite(tx, invite);
    const wire = presentInvite(ctx.settings, invite);
    emit('invite.created', { uid: caller.uid, invite: wire });
    return wire;
  });
}

function failType(details?: object): never {
  fail('error-room-type-not-allowed', 'Cannot create invite links for this room type', details);
}

/** Ids are short enough to be typed, so one may be taken. */
async function freeId(tx: Tx): Promise<string> {
  for (;;) {
    const id = newShortId();
    if (!(await inviteById(tx, id))) return id;
  }
}

/** Every invite link of the workspace. @throws not_authorized */
export async function listInvites(ctx: Context, caller: Caller): Promise<WireInvite[]> {
  if (!ctx.permissions.has(caller, 'create-invite-links')) fail('not_authorized');
  return (await allInvites(ctx.db)).map((invite) => presentInvite(ctx.settings, invite));
}

/** @throws not_authorized, invalid-invitation-id */
export async function removeInvite(ctx: Context, caller: Caller, id: string): Promise<void> {
  if (!ctx.permissions.has(caller, 'create-invite-links')) fail('not_authorized');
  const removed = await ctx.write((tx) => deleteInvite(tx, id));
  if (!removed) fail('invalid-invitation-id', 'Invalid Invitation _id', { method: 'removeInvite' });
}

/** Whether somebody could come in with this link. */
export async function isValidInvite(ctx: Context, db: Db, token: string): Promise<boolean> {
  return (await usableRoom(ctx, db, token)) !== undefined;
}

/** The room that a link leads into. */
async function usableRoom(ctx: Context, db: Db, token: string): Promise<Room | undefined> {
  const invite = await inviteById(db, token);
  return invite && isUsable(invite, ctx.clock.now()) ? roomById(db, invite.rid) : undefined;
}

/** What an outsider may know of a link: whether it is good, and the name of a room that everybody may read. */
export async function inviteForOutsiders(
  ctx: Context,
  token: string,
): Promise<{ isUsable: boolean; roomName?: string }> {
  const room = await usableRoom(ctx, ctx.db, token);
  if (!room) return { isUsable: false };
  const isPublic = room.type === 'c' && ctx.settings.bool('Accounts_AllowAnonymousRead');
  return { isUsable: true, ...(isPublic ? { roomName: room.displayName ?? room.name ?? room.id } : {}) };
}

const isUsable = ({ expires_at, max_uses, uses }: InviteRow, now: number): boolean =>
  (expires_at === null || expires_at > now) && (max_uses === 0 || uses < max_uses);

/**
 * Comes into a room by a link. Whoever has no username yet comes in when they choose one. `user` is the caller's account.
 *
 * @throws error-invalid-token, error-invalid-room, error-invite-expired, error-room-type-not-allowed, error-user-is-banned
 */
export async function useInvite(ctx: Context, user: MemberUser, token: string): Promise<Room> {
  return ctx.write(async (tx, emit) => {
    const details = { method: 'useInviteToken', field: 'token' };
    const invite = await inviteById(tx, token);
    if (!invite) fail('error-invalid-token', 'The invite token is invalid.', details);
    const room = await roomById(tx, invite.rid);
    if (!room) fail('error-invalid-room', 'The invite token is invalid.', details);
    const expired = () => fail('error-invite-expired', 'The invite token has expired.', details);
    if (!isUsable(invite, ctx.clock.now())) expired();
    if (room.type === 'd') failType(details);
    if (!user.username) {
      await rememberInvite(tx, user._id, invite.id);
      return room;
    }
    const membership = await membershipOf(tx, room.id, user._id);
    const isBanned = membership?.status === 'BANNED';
    if (isActiveMember(membership)) return room;
    // A use must not be lost on somebody who is refused.
    if (!isBanned && !(await countUse(tx, invite.id, ctx.clock.now()))) expired();
    return (await addToRoom(ctx, tx, emit, room.id, user)) ?? room;
  });
}

/** The room of a link that was used before there was a username; nothing when it cannot be used any more. */
export async function joinByRememberedInvite(
  ctx: Context,
  { tx, emit }: WriteScope,
  user: MemberUser,
): Promise<void> {
  const token = await takeRememberedInvite(tx, user._id);
  const invite = token === undefined ? undefined : await inviteById(tx, token);
  if (!invite || !(await roomById(tx, invite.rid))) return;
  if (!(await countUse(tx, invite.id, ctx.clock.now()))) return;
  await addToRoom(ctx, tx, emit, invite.rid, user, { skipBanned: true });
}
