import type { PermissionEntry } from './permission-catalogue.ts';

/** A permission document, the same in lists and in `permissions-changed` (spec 22, spec 40 §8.5). */
export function presentPermission(
  { id, setting }: PermissionEntry,
  roles: readonly string[],
  updatedAt: number,
): Record<string, unknown> {
  const level = setting ? { level: 'settings', ...setting } : {};
  return { _id: id, roles, ...level, _updatedAt: new Date(updatedAt) };
}
