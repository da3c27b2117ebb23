import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { PREFERENCES } from './add-to-room.ts';
import { changeMembership } from './change-membership.ts';
import { membershipOf } from './membership.store.ts';
import { isActiveMember, type MembershipDetails } from './membership.ts';
import { roomById } from './rooms.store.ts';
import { callerRef } from './user-ref.ts';

const DETAILS = { method: 'saveNotificationSettings' };
const LEVELS = ['all', 'mentions', 'nothing', 'default'];
const FLAGS = ['disableNotifications', 'hideUnreadStatus', 'hideMentionStatus', 'muteGroupMentions'] as const;
type Flag = (typeof FLAGS)[number];

/** A change of one or several notification settings of a room, by wire name. */
export type NotificationSettings = Readonly<Record<string, string>>;

/**
 * Saves how the caller wants to be told about one room (spec 11 §4 `rooms.saveNotification`). All or nothing.
 *
 * @throws error-invalid-settings, error-invalid-subscription
 */
export async function saveNotificationSettings(
  ctx: Context,
  caller: Caller,
  rid: string,
  settings: NotificationSettings,
): Promise<void> {
  for (const [field, value] of Object.entries(settings)) refuseUnknown(field, value);
  const preferences = (await findUserById(ctx, caller.uid))?.preferences ?? {};
  await ctx.write(async (tx, emit) => {
    const [room, membership] = [await roomById(tx, rid), await membershipOf(tx, rid, caller.uid)];
    if (!room || !isActiveMember(membership)) {
      fail('error-invalid-subscription', 'Invalid subscription', DETAILS);
    }
    const details = { ...membership.details };
    for (const [field, value] of Object.entries(settings)) apply(details, field, value, preferences);
    await changeMembership(ctx, { tx, emit }, room, membership, callerRef(caller), { details });
  });
}

const levelOf = (field: string) => PREFERENCES.find(([, name]) => name === field);
const isFlag = (field: string): field is Flag => FLAGS.some((flag) => flag === field);

function refuseUnknown(field: string, value: string): void {
  if (field === 'audioNotificationValue' || isFlag(field)) return;
  if (field !== 'unreadAlert' && !levelOf(field)) {
    fail('error-invalid-settings', 'Invalid settings field', DETAILS);
  }
  if (!LEVELS.includes(value)) fail('error-invalid-settings', 'Invalid settings value', DETAILS);
}

function apply(
  details: MembershipDetails,
  field: string,
  value: string,
  preferences: Readonly<Record<string, unknown>>,
): void {
  if (isFlag(field)) {
    if (value === '1') details[field] = true;
    else if (field.startsWith('hide')) delete details[field];
    else details[field] = false;
    return;
  }
  if (field === 'unreadAlert' || field === 'audioNotificationValue') {
    if (value === 'default') delete details[field];
    else details[field] = value;
    return;
  }
  const level = levelOf(field);
  if (!level) return;
  const [preference, name, origin] = level;
  const own = preferences[preference];
  if (value !== 'default') {
    details[name] = value;
    details[origin] = 'subscription';
  } else if (typeof own === 'string' && own !== 'default') {
    details[name] = own;
    details[origin] = 'user';
  } else {
    delete details[name];
    delete details[origin];
  }
}
