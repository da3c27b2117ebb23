import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { packageValue, readKnownOverrides } from './admin-state.ts';
import { settingPermission } from './permission-catalogue.ts';
import type { Setting, SettingValue } from './setting-definition.ts';
import { allSettings, CREATED_AT, findSetting, KNOWN_OVERRIDES } from './setting-table.ts';
import { settingsRemovedSince, storedSettings } from './settings.store.ts';

/** A setting with what it is now. */
export interface LiveSetting {
  setting: Setting;
  value: SettingValue;
  packageValue: SettingValue;
  /** The environment gives the value. */
  overridden: boolean;
  /** It cannot be changed here. */
  blocked: boolean;
  requiredOnWizard: boolean;
  /** ms */
  createdAt: number;
  /** ms */
  updatedAt: number;
}

/** Which settings a caller sees, of those that are not hidden: the public ones, all, or those he may change. */
type Visible = (setting: Setting) => boolean;

const isPublic: Visible = (setting) => setting.public === true;

/** The public settings, also for anonymous callers, by id. */
export function publicSettings(ctx: Context, since?: number): Promise<LiveSetting[]> {
  return liveSettings(ctx, isPublic, since);
}

/** `GET settings`: everything with `view-privileged-setting`, otherwise the public settings (spec 22). */
export function settingsFor(ctx: Context, caller: Caller): Promise<LiveSetting[]> {
  const all = ctx.permissions.has(caller, 'view-privileged-setting');
  return liveSettings(ctx, all ? () => true : isPublic);
}

/** `private-settings/get` (spec 40 §10.1): what an administration page of this caller shows; without permission nothing. */
export async function settingsToAdminister(
  ctx: Context,
  caller: Caller | null,
  since?: number,
): Promise<LiveSetting[]> {
  if (!caller) return [];
  return liveSettings(ctx, (setting) => maySeePrivate(ctx, caller, setting.id), since);
}

/** The settings that ceased to exist after `since` (ms): those of login services that were removed. */
export async function settingsRemoved(
  ctx: Context,
  since: number | undefined,
  visible: (setting: { id: string; isPublic: boolean }) => boolean,
): Promise<{ _id: string; _deletedAt: Date }[]> {
  if (since === undefined) return [];
  const removed = (await settingsRemovedSince(ctx.db, since)).filter(visible);
  return removed.map(({ id, deletedAt }) => ({ _id: id, _deletedAt: new Date(deletedAt) }));
}

/** Whether the caller may learn the value of a setting that is not public (`private-settings-changed`). */
export function maySeePrivate(ctx: Context, caller: Caller, id: string): boolean {
  return ctx.permissions.has(caller, 'view-privileged-setting') || mayChange(ctx, caller, id);
}

/** `edit-privileged-setting`, or `manage-selected-settings` with the setting's own permission (spec 22). */
export function mayChange(ctx: Context, caller: Caller, id: string): boolean {
  if (ctx.permissions.has(caller, 'edit-privileged-setting')) return true;
  return (
    ctx.permissions.has(caller, 'manage-selected-settings') &&
    ctx.permissions.has(caller, settingPermission(id))
  );
}

/** `GET settings/:_id`: needs `view-privileged-setting`; unknown and hidden ids are refused alike. */
export function privateSetting(ctx: Context, caller: Caller, id: string): { id: string; value: unknown } {
  if (!ctx.permissions.has(caller, 'view-privileged-setting')) forbid();
  const setting = findSetting(ctx.settings, id);
  if (!setting || isHidden(ctx, setting)) refuse();
  return { id, value: ctx.settings.value(id) };
}

/**
 * What the setup wizard asks for, with the current values (`getSetupWizardParameters`). It needs no login, so it is
 * answered only until the wizard is completed: afterwards names and addresses of the organization are nobody's business.
 */
export function wizardSettings(ctx: Context): Promise<LiveSetting[]> {
  const open = ctx.settings.text('Show_Setup_Wizard') !== 'completed';
  return liveSettings(ctx, (setting) => open && setting.wizard !== undefined);
}

async function liveSettings(ctx: Context, visible: Visible, since?: number): Promise<LiveSetting[]> {
  const createdAt = ctx.settings.int(CREATED_AT);
  const stamps = new Map((await storedSettings(ctx.db)).map(({ id, updatedAt }) => [id, updatedAt]));
  const overrides = readKnownOverrides(ctx.settings.value(KNOWN_OVERRIDES));
  return allSettings(ctx.settings)
    .filter((setting) => !isHidden(ctx, setting) && visible(setting))
    .map((setting): LiveSetting => {
      const { id } = setting;
      const builtIn = packageValue(setting, ctx.config);
      return {
        setting,
        // The state has a value of the setting's type for every id of the table.
        value: (ctx.settings.value(id) as SettingValue | undefined) ?? builtIn,
        packageValue: builtIn,
        overridden: isOverridden(ctx, id),
        blocked: isBlocked(ctx, id),
        requiredOnWizard: ctx.config.wizardSettings.includes(id),
        createdAt,
        updatedAt: Math.max(createdAt, stamps.get(id) ?? 0, overrides[id]?.at ?? 0),
      };
    })
    .filter(({ updatedAt }) => since === undefined || updatedAt > since);
}

/** In no list, by its nature or because the environment says so. */
export const isHidden = ({ config }: Context, { id, hidden }: Setting): boolean =>
  hidden === true || config.hiddenSettings.includes(id);

/** An override that does not suit the setting still blocks it: whoever set it wants no other value there. */
export const isBlocked = (ctx: Context, id: string): boolean =>
  isOverridden(ctx, id) || ctx.config.blockedSettings.includes(id);

const isOverridden = ({ config }: Context, id: string): boolean => Object.hasOwn(config.settingOverrides, id);
