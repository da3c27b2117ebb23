import type { Settings } from '../kernel/settings.ts';
import { DEFAULT_PERMISSIONS } from './permission-table.ts';
import type { Setting } from './setting-definition.ts';
import { customSettings, SETTING_GROUPS, SETTINGS } from './setting-table.ts';
import { CUSTOM_LOGIN_SERVICES, customServicePrefix } from './settings/custom-login-service.ts';

/**
 * What is known of a permission besides its roles. Permissions of level `settings` follow from the settings: one for
 * every visible setting and one for every group, with no roles until somebody gives them some (spec 22, "Permissions").
 */
export interface PermissionEntry {
  readonly id: string;
  readonly defaultRoles: readonly string[];
  /** Present for permissions of level `settings`. */
  readonly setting?: {
    readonly settingId: string;
    readonly group?: string;
    readonly groupPermissionId?: string;
    readonly sorter: number;
  };
}

/** The permission to change one setting, or all of a group in the eyes of an administration page. */
export const settingPermission = (settingOrGroupId: string): string => `change-setting-${settingOrGroupId}`;

/** Every permission of the release, by id: the table first, then those of groups and settings. */
export const PERMISSIONS: ReadonlyMap<string, PermissionEntry> = new Map(
  [...generalPermissions(), ...groupPermissions(), ...settingPermissions(SETTINGS.values())].map((entry) => [
    entry.id,
    entry,
  ]),
);

/** One permission: of the release, or of a setting of a login service that the workspace added. */
export function findPermission(settings: Settings, id: string): PermissionEntry | undefined {
  const known = PERMISSIONS.get(id);
  if (known || !id.startsWith(settingPermission(customServicePrefix('')))) return known;
  return customPermissions(settings).find((entry) => entry.id === id);
}

/** Every permission, those of login services that the workspace added last. */
export const allPermissions = (settings: Settings): PermissionEntry[] => [
  ...PERMISSIONS.values(),
  ...customPermissions(settings),
];

const customPermissions = (settings: Settings): PermissionEntry[] =>
  settingPermissions(customSettings(settings.list(CUSTOM_LOGIN_SERVICES)));

function generalPermissions(): PermissionEntry[] {
  return Object.entries(DEFAULT_PERMISSIONS).map(([id, defaultRoles]) => ({ id, defaultRoles }));
}

function groupPermissions(): PermissionEntry[] {
  return SETTING_GROUPS.map(({ group }, sorter) => ({
    id: settingPermission(group),
    defaultRoles: [],
    setting: { settingId: group, sorter },
  }));
}

function settingPermissions(settings: Iterable<Setting>): PermissionEntry[] {
  return [...settings].flatMap(({ id, group, sorter, hidden }) => {
    if (hidden || group === undefined) return [];
    const setting = { settingId: id, group, groupPermissionId: settingPermission(group), sorter };
    return [{ id: settingPermission(id), defaultRoles: [], setting }];
  });
}
