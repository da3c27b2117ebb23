import { type RawBuilder, sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonItems } from '../storage/json.ts';
import { BUILT_IN_ROLES } from './role-table.ts';

/** The others are rows. */
const isCustom = (role: string): RawBuilder<boolean> =>
  sql<boolean>`${sql.ref(role)} not in (${sql.join(BUILT_IN_ROLES.map(({ id }) => id))})`;

/** What must hold of roles: nobody has one that is gone, and no permission is given to it. */
export const adminRules: readonly ConsistencyRule[] = [
  reference('user_roles', 'role', 'roles', { where: isCustom('user_roles.role') }),
  reference('room_roles', 'role', 'roles', { where: isCustom('room_roles.role') }),
  {
    broken: 'permission of a role that is gone',
    query: sql`select permissions.id || ' ' || item.value as what
      from permissions, ${jsonItems(sql.ref('permissions.roles'))}
      where ${isCustom('item.value')} and not exists (select 1 from roles where roles.id = item.value)`,
  },
];
