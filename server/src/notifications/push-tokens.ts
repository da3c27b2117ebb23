import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, notFound } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { CommitHooks } from '../storage/write.ts';
import './push-devices.ts';
import {
  deletePushToken,
  deletePushTokensAbove,
  deletePushTokensOfLogins,
  deletePushTokensOfUser,
  type PushToken,
  pushTokenById,
  pushTokenByValue,
  savePushToken,
} from './push-tokens.store.ts';

export interface PushRegistration {
  id?: unknown;
  type?: unknown;
  value?: unknown;
  appName?: unknown;
}

/** A person has a handful of devices; a client that registers without end must not fill the table. */
const MAX_DEVICES = 50;
const MAX_LENGTH = 4096;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH;

const invalid = (code: string, name: string): never =>
  fail(code, `The required "${name}" body param is missing or invalid.`);

/**
 * Registers a device for push messages (spec 23, `push.token`). One record per token value: on another login it moves to
 * the new user, and it goes with the login that it was registered by.
 *
 * @throws error-id-param-not-valid, error-type-param-not-valid, error-token-param-not-valid, error-appName-param-not-valid
 */
export async function registerPushToken(
  ctx: Context,
  caller: Caller,
  { id, type, value, appName }: PushRegistration,
): Promise<PushToken> {
  if (id !== undefined && id !== null && !isText(id)) invalid('error-id-param-not-valid', 'id');
  if (type !== 'apn' && type !== 'gcm') return invalid('error-type-param-not-valid', 'type');
  if (!isText(value)) return invalid('error-token-param-not-valid', 'value');
  if (!isText(appName)) return invalid('error-appName-param-not-valid', 'appName');
  return ctx.write(async (tx, emit) => {
    const known = await pushTokenByValue(tx, value);
    const own = isText(id) ? await pushTokenById(tx, id) : undefined;
    // Nobody takes over a record of somebody else by naming its id.
    const isTaken = own !== undefined && own.uid !== caller.uid && own.value !== value;
    const at = ctx.clock.stamp();
    const token: PushToken = {
      id: isText(id) && !isTaken ? id : (known?.id ?? newId()),
      uid: caller.uid,
      service: type,
      value,
      app_name: appName,
      login_hash: caller.tokenHash ?? null,
      created_at: known?.created_at ?? own?.created_at ?? at,
      updated_at: at,
    };
    await savePushToken(tx, token);
    await deletePushTokensAbove(tx, caller.uid, MAX_DEVICES);
    emit('push.registered', { uid: caller.uid });
    return token;
  });
}

/** Ends it. @throws error-token-param-not-valid, 404 */
export async function unregisterPushToken(ctx: Context, caller: Caller, value: unknown): Promise<void> {
  if (!isText(value)) return invalid('error-token-param-not-valid', 'token');
  const existed = await ctx.write((tx) => deletePushToken(tx, caller.uid, value));
  if (!existed) notFound();
}

/** Push tokens go with the logins that they were registered by, and with their owner. */
export function endPushTokensWithLogins(hooks: CommitHooks): void {
  hooks.on('tokens.removed', ({ hashes }, { tx }) => deletePushTokensOfLogins(tx, hashes));
  hooks.on('user.deleted', ({ uid }, { tx }) => deletePushTokensOfUser(tx, uid));
}
