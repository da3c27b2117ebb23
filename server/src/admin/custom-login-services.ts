import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Tx } from '../storage/database.ts';
import { storeSetting } from './change-settings.ts';
import { settingPermission } from './permission-catalogue.ts';
import { addPermissions, deletePermissions } from './permissions.store.ts';
import {
  CUSTOM_LOGIN_SERVICES,
  customServicePrefix,
  customServiceSettings,
} from './settings/custom-login-service.ts';
import { addSettings, deleteSettings, storedSetting } from './settings.store.ts';

/** Login services that the workspace adds; they are settings and nothing else (spec 22, `settings.addCustomOAuth`). */

const MAX_SERVICES = 50;
const MAX_NAME = 50;

/**
 * Adds a login service, switched off. One that is there already stays as it is. `reserved`: services that have this name by
 * nature. Throws `error-not-authorized`, `error-name-param-not-provided`, `error-invalid-name`, `error-too-many-services`.
 */
export async function addCustomLoginService(
  ctx: Context,
  caller: Caller,
  name: string | undefined,
  reserved: ReadonlySet<string>,
): Promise<void> {
  requireRight(ctx, caller, 'addOAuthService');
  const service = serviceName(name);
  if (reserved.has(service.toLowerCase()))
    fail('error-invalid-name', `${service} is the name of another service`);
  await ctx.write(async (tx, emit) => {
    const names = await storedNames(tx);
    if (names.includes(service)) return;
    if (names.length >= MAX_SERVICES) fail('error-too-many-services', 'There are too many login services');
    await storeSetting(ctx, tx, emit, CUSTOM_LOGIN_SERVICES, [...names, service]);
    const settings = customServiceSettings(service);
    // As rows, so that clients who ask what changed since a date hear of them.
    const added = settings.map(({ id, value }) => ({ id, value, updatedAt: ctx.clock.stamp() }));
    await addSettings(tx, added);
    for (const setting of added) emit('setting.changed', { ...setting, isNew: true });
    const permissions = settings.map(({ id }) => ({
      id: settingPermission(id),
      roles: [],
      updatedAt: ctx.clock.stamp(),
    }));
    await addPermissions(tx, permissions);
    for (const permission of permissions) emit('permission.changed', { ...permission, isNew: true });
    await recordChange(ctx, tx, caller, service, { previous: null, current: false });
  });
}

/** Removes a login service with its settings; whoever came by it keeps the account. Throws as adding, and for an unknown one. */
export async function removeCustomLoginService(
  ctx: Context,
  caller: Caller,
  name: string | undefined,
): Promise<void> {
  requireRight(ctx, caller, 'removeOAuthService');
  const service = serviceName(name);
  await ctx.write(async (tx, emit) => {
    const names = await storedNames(tx);
    if (!names.includes(service)) fail('error-service-not-found', 'There is no such login service');
    const previous = (await storedSetting(tx, customServicePrefix(service))) ?? false;
    await storeSetting(
      ctx,
      tx,
      emit,
      CUSTOM_LOGIN_SERVICES,
      names.filter((other) => other !== service),
    );
    const settings = customServiceSettings(service);
    await deleteSettings(tx, settings, ctx.clock.stamp());
    for (const { id, public: isPublic = false } of settings)
      emit('setting.removed', { id, public: isPublic });
    const permissions = settings.map(({ id }) => settingPermission(id));
    await deletePermissions(tx, permissions, ctx.clock.stamp());
    for (const id of permissions) emit('permission.removed', { id });
    await recordChange(ctx, tx, caller, service, { previous, current: null });
  });
}

/** Nothing has to be done: login services follow their settings at once. Throws `error-not-authorized`. */
export function refreshLoginServices(ctx: Context, caller: Caller): void {
  requireRight(ctx, caller, 'refreshOAuthService');
}

function requireRight(ctx: Context, caller: Caller, method: string): void {
  if (!ctx.permissions.has(caller, 'add-oauth-service'))
    fail('error-not-authorized', 'Not authorized', { method });
}

/** `my-IdP 2` -> `Myidp2`: what is left of a name in the ids of settings. */
function serviceName(name: string | undefined): string {
  const letters = (name ?? '').toLowerCase().replace(/[^a-z0-9_]/g, '');
  if (letters === '') fail('error-name-param-not-provided', 'The parameter "name" is required');
  if (letters.length > MAX_NAME) fail('error-invalid-name', 'The name is too long');
  return `${letters[0]?.toUpperCase()}${letters.slice(1)}`;
}

/** The stored names and not those in memory: another change may have committed since. */
async function storedNames(tx: Tx): Promise<readonly string[]> {
  return ((await storedSetting(tx, CUSTOM_LOGIN_SERVICES)) as readonly string[] | undefined) ?? [];
}

const recordChange = (
  ctx: Context,
  tx: Tx,
  caller: Caller,
  service: string,
  values: { previous: unknown; current: unknown },
): Promise<void> => {
  const id = customServicePrefix(service);
  return recordAction(ctx, tx, caller, { kind: 'settings.changed', subject: id, data: { id, ...values } });
};
