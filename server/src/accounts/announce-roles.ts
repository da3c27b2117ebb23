import type { Emit } from '../kernel/events.ts';
import '../admin/admin.events.ts';
import type { User } from './user.ts';

/** Tells which global roles somebody was given and lost between two versions of the account. */
export function announceRoles(emit: Emit, before: User, after: User): void {
  const { _id, username = '', name } = after;
  const user = { _id, username, ...(name ? { name } : {}) };
  for (const role of addedRoles(before, after.roles))
    emit('globalRole.changed', { type: 'added', role, user });
  for (const role of addedRoles(after, before.roles))
    emit('globalRole.changed', { type: 'removed', role, user });
}

export const addedRoles = (user: User, roles: readonly string[]): string[] =>
  roles.filter((role) => !user.roles.includes(role));
