import { isDeepStrictEqual } from 'node:util';
import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import type { Emit } from '../kernel/events.ts';
import type { Tx } from '../storage/database.ts';
import './admin.events.ts';
import { packageValue } from './admin-state.ts';
import { isBlocked, isHidden, mayChange } from './live-settings.ts';
import type { Setting, SettingValue } from './setting-definition.ts';
import { findSetting } from './setting-table.ts';
import { checkSettingValue } from './setting-value.ts';
import { saveSetting, storedSetting } from './settings.store.ts';

/** What the audit trail says instead of a credential. */
const HIDDEN_VALUE = '********';

export interface SettingChange {
  id: string;
  value: unknown;
}

/**
 * `POST settings` and the method `saveSettings` (spec 22): each setting needs `edit-privileged-setting`, or
 * `manage-selected-settings` with `change-setting-<id>`. All are stored, or none. Unknown, hidden and blocked settings
 * are refused like forbidden ones, named in the details.
 */
export async function changeSettings(
  ctx: Context,
  caller: Caller,
  changes: readonly SettingChange[],
): Promise<void> {
  const refused = changes
    .map(({ id }) => id)
    .filter((id) => !mayChange(ctx, caller, id) || !changeable(ctx, id));
  if (refused.length > 0) {
    const details = { method: 'saveSettings', settingIds: refused };
    fail('error-action-not-allowed', 'Editing settings is not allowed', details);
  }
  const checked = changes.map(({ id, value }) => ({ id, value: checkedValue(changeable(ctx, id), value) }));
  await ctx.write(async (tx, emit) => {
    for (const { id, value } of checked) {
      await recordChange(ctx, tx, caller, { id, value });
      await storeChecked(ctx, tx, emit, id, value);
    }
  });
}

/**
 * `POST settings/:_id`: needs `edit-privileged-setting` (403); unknown, hidden and blocked settings are refused
 * without a reason; a value of the wrong type or out of range is `error-invalid-setting-value`.
 */
export async function changeSetting(
  ctx: Context,
  caller: Caller,
  { id, value }: SettingChange,
): Promise<void> {
  if (!ctx.permissions.has(caller, 'edit-privileged-setting')) forbid();
  const setting = changeable(ctx, id) ?? refuse();
  const checked = checkedValue(setting, value);
  await ctx.write(async (tx, emit) => {
    await recordChange(ctx, tx, caller, { id, value: checked });
    await storeChecked(ctx, tx, emit, id, checked);
  });
}

/** What the buttons among the settings do, by the name that is the value of the setting. */
export type SettingActions = Readonly<Record<string, (ctx: Context, caller: Caller) => Promise<unknown>>>;

/** Runs what is behind an `action` setting. Throws 403, and `error-action-not-available` where we do nothing of the kind. */
export async function runSettingAction(
  ctx: Context,
  caller: Caller,
  { id, actions }: { id: string; actions: SettingActions },
): Promise<void> {
  if (!ctx.permissions.has(caller, 'edit-privileged-setting')) forbid();
  const setting = changeable(ctx, id);
  if (setting?.type !== 'action') refuse();
  const run = actions[String(setting.value)];
  if (!run) fail('error-action-not-available', `The action ${id} is not available on this server`);
  await run(ctx, caller);
}

/**
 * Sets a setting on the server's own behalf inside a transaction, hidden ones too (bootstrapping, assets, counters).
 * The value must suit the setting's type. An override from the environment stays in force.
 */
export async function storeSetting(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  id: string,
  value: SettingValue,
): Promise<void> {
  const setting = findSetting(ctx.settings, id);
  if (!setting) throw new Error(`there is no setting ${id}`);
  await storeChecked(ctx, tx, emit, id, checkSettingValue(setting, value));
}

/** Like `storeSetting`, where somebody presses a button that sets it: the audit trail says who. */
export async function storeSettingOf(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  caller: Caller,
  { id, value }: { id: string; value: SettingValue },
): Promise<void> {
  await recordChange(ctx, tx, caller, { id, value });
  await storeSetting(ctx, tx, emit, id, value);
}

function changeable(ctx: Context, id: string): Setting | undefined {
  const setting = findSetting(ctx.settings, id);
  return setting && !isHidden(ctx, setting) && !isBlocked(ctx, id) ? setting : undefined;
}

function checkedValue(setting: Setting | undefined, value: unknown): SettingValue {
  if (!setting) refuse();
  return checkSettingValue(setting, value);
}

async function recordChange(
  ctx: Context,
  tx: Tx,
  caller: Caller,
  { id, value }: { id: string; value: SettingValue },
): Promise<void> {
  const setting = findSetting(ctx.settings, id);
  if (!setting) return;
  // The stored value and not the one in memory: another change may have committed since.
  const previous = (await storedSetting(tx, id)) ?? packageValue(setting, ctx.config);
  if (isDeepStrictEqual(previous, value)) return;
  const shown = (of: SettingValue) =>
    (setting.secret || setting.type === 'password') && of !== '' ? HIDDEN_VALUE : of;
  await recordAction(ctx, tx, caller, {
    kind: 'settings.changed',
    subject: id,
    data: { id, previous: shown(previous), current: shown(value) },
  });
}

async function storeChecked(
  ctx: Context,
  tx: Tx,
  emit: Emit,
  id: string,
  value: SettingValue,
): Promise<void> {
  const updatedAt = ctx.clock.stamp();
  await saveSetting(tx, { id, value, updatedAt });
  emit('setting.changed', { id, value, updatedAt });
}
