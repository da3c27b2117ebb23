import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid } from '../kernel/errors.ts';
import { changeUser, type UserChanges } from './change-user.ts';
import { loadUser } from './find-users.ts';
import { effectiveStatus, PRESENCE_STATUSES, type PresenceStatus, type User } from './user.ts';
import { MAX_STATUS_TEXT } from './user-edit-rules.ts';

export interface StatusWish {
  status?: string | undefined;
  /** `''` clears the text. */
  message?: string | undefined;
  /** When the status ends by itself, in ms. */
  expiresAt?: number | undefined;
}

/**
 * Sets status and status text, of the caller or with `edit-other-user-info` of another user (spec 21, `users.setStatus`).
 * `atOnce`: the status shows even while no connection is open, as REST does it; otherwise it is the wish that connections
 * make effective (spec 23, "Presence rules"). Throws 403, `error-not-allowed`, `error-status-not-allowed`,
 * `error-invalid-status`, `error-invalid-date`.
 */
export async function setStatus(
  ctx: Context,
  caller: Caller,
  input: { uid: string; wish: StatusWish; atOnce: boolean },
): Promise<void> {
  if (input.uid !== caller.uid && !ctx.permissions.has(caller, 'edit-other-user-info')) forbid();
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, input.uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method: 'setUserStatus' });
    const set = statusChanges(ctx, user, input.wish, { atOnce: input.atOnce });
    await changeUser(ctx, tx, emit, { uid: user._id, set });
  });
}

/** The default status without text or rights of another: DDP `UserPresence:setDefaultStatus`. True when it changed. */
export async function setDefaultStatus(ctx: Context, caller: Caller, status: string): Promise<boolean> {
  return ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, caller.uid);
    if (!user) return false;
    await changeUser(ctx, tx, emit, {
      uid: user._id,
      set: statusChanges(ctx, user, { status }, { atOnce: false }),
    });
    return user.statusDefault !== status;
  });
}

/**
 * Shows the user as busy until then (ms), whatever they chose, because something in their calendar says so; what they chose
 * comes back afterwards (spec 23, "Presence rules").
 */
export async function setBusyUntil(
  ctx: Context,
  { tx, emit }: WriteScope,
  uid: string,
  until: number,
): Promise<void> {
  const user = await loadUser(tx, uid);
  if (!user) return;
  const { statusDefault, statusText, previousStatus = { statusDefault, statusText } } = user;
  await changeUser(ctx, tx, emit, {
    uid,
    set: {
      statusDefault: 'busy',
      status: effectiveStatus(user.statusConnection, 'busy'),
      statusSource: 'external',
      statusExpiresAt: until,
      previousStatus,
    },
  });
}

/** Ends what `setBusyUntil` set before its time. Nothing happens when the user has chosen another status since. */
export async function endStatusOfCalendar(
  ctx: Context,
  { tx, emit }: WriteScope,
  uid: string,
): Promise<void> {
  const user = await loadUser(tx, uid);
  if (user?.statusSource !== 'external') return;
  await changeUser(ctx, tx, emit, { uid, set: statusAfterTimed(user) });
}

/** What is in force again when a timed status ends. */
export function statusAfterTimed(user: User): UserChanges {
  const statusDefault = user.previousStatus?.statusDefault ?? 'online';
  return {
    statusDefault,
    statusText: user.previousStatus?.statusText ?? '',
    status: effectiveStatus(user.statusConnection, statusDefault),
    statusSource: undefined,
    statusExpiresAt: undefined,
    previousStatus: undefined,
  };
}

/** What a wish changes in a user; checks whether it is allowed. */
export function statusChanges(
  ctx: Context,
  user: User,
  wish: StatusWish,
  { atOnce }: { atOnce: boolean },
): UserChanges {
  if (wish.status === undefined && wish.message === undefined) return {};
  const isGuarded = atOnce || wish.message !== undefined;
  if (isGuarded && !ctx.settings.bool('Accounts_AllowUserStatusMessageChange')) {
    fail('error-not-allowed', 'Change status is not allowed', { method: 'users.setStatus' });
  }
  const { expiresAt } = wish;
  if (expiresAt !== undefined && !(expiresAt > ctx.clock.now())) {
    fail('error-invalid-date', 'expiresAt must be a future date', { method: 'users.setStatus' });
  }
  const statusDefault = wish.status === undefined ? undefined : checkedStatus(ctx, wish.status);
  const statusText = wish.message?.trim().slice(0, MAX_STATUS_TEXT);
  const previousStatus = user.previousStatus ?? {
    statusDefault: user.statusDefault,
    statusText: user.statusText,
  };
  return {
    ...(statusText === undefined ? {} : { statusText }),
    ...(statusDefault === undefined
      ? {}
      : {
          statusDefault,
          status: atOnce ? statusDefault : effectiveStatus(user.statusConnection, statusDefault),
        }),
    statusSource: 'manual',
    statusExpiresAt: expiresAt,
    previousStatus: expiresAt === undefined ? undefined : previousStatus,
  };
}

function checkedStatus(ctx: Context, text: string): PresenceStatus {
  const status = PRESENCE_STATUSES.find((known) => known === text);
  if (!status) {
    fail('error-invalid-status', 'Valid status types include online, away, offline, and busy.', {
      method: 'users.setStatus',
    });
  }
  if (status === 'offline' && !ctx.settings.bool('Accounts_AllowInvisibleStatusOption')) {
    fail('error-status-not-allowed', 'Invisible status is disabled', { method: 'users.setStatus' });
  }
  return status;
}
