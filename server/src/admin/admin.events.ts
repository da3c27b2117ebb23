import type { UserRef } from '../kernel/caller.ts';
import type { Role } from './roles.store.ts';
import type { SettingValue } from './setting-definition.ts';

/** A setting got a new value. The value may be a secret: only privileged streams carry settings that are not public. */
export interface SettingChanged {
  id: string;
  value: SettingValue;
  /** ms */
  updatedAt: number;
  /** There was no such setting before: one of a login service that was added. */
  isNew?: true;
}

/** A setting of a login service that was removed is no more. */
export interface SettingRemoved {
  id: string;
  public: boolean;
}

/** The roles of a permission were changed. */
export interface PermissionChanged {
  id: string;
  roles: readonly string[];
  /** ms */
  updatedAt: number;
  /** There was no such permission before: one of a setting of a login service that was added. */
  isNew?: true;
}

/** The permission of a setting that was removed is no more. */
export interface PermissionRemoved {
  id: string;
}

/** A role itself was created, changed or removed. */
export type RoleChanged =
  | { action: 'changed'; role: Role }
  | { action: 'removed'; role: Pick<Role, '_id' | 'name'> };

/** A global role was given to a user or taken (`roles-change`, spec 40 §8.5); room roles are `roomRole.changed`. */
export interface GlobalRoleChanged {
  type: 'added' | 'removed';
  role: string;
  user: UserRef;
}

declare module '../kernel/events.ts' {
  interface Events {
    'setting.changed': SettingChanged;
    'setting.removed': SettingRemoved;
    'permission.changed': PermissionChanged;
    'permission.removed': PermissionRemoved;
    'role.changed': RoleChanged;
    'globalRole.changed': GlobalRoleChanged;
  }
}
