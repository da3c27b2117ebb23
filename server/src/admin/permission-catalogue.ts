import { DEFAULT_PERMISSIONS } from './permission-table.ts';
import { SETTING_GROUPS, SETTINGS } from './setting-table.ts';

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

/** Every permission there is, by id: the table first, then those of groups and settings. */
export const PERMISSIONS: ReadonlyMap<string, PermissionEntry> = new Map(
  [...generalPermissions(), ...groupPermissions(), ...settingPermissions()].map((entry) => [entry.id, entry]),
);

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

function settingPermissions(): PermissionEntry[] {
  return [...SETTINGS.values()].flatMap(({ id, group, sorter, hidden }) => {
    if (hidden || group === undefined) return [];
    const setting = { settingId: id, group, groupPermissionId: settingPermission(group), sorter };
    return [{ id: settingPermission(id), defaultRoles: [], setting }];
  });
}
