import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import type { Db } from '../storage/database.ts';
import { deleteE2EKeys, findE2EKeys, findPublicKeys, saveE2EKeys } from './e2e-keys.store.ts';
import type { UserParams } from './find-users.ts';
import { resetSecret } from './reset-secret.ts';
import type { RoomHooks } from './room-hooks.ts';

/** The keys with which people encrypt end to end (spec 31 §6). What of rooms hangs on them is in `rooms/group-keys.ts`. */

export interface OwnKeys {
  publicKey: string;
  privateKey: string;
}

export async function fetchOwnKeys(ctx: Context, caller: Caller): Promise<OwnKeys | undefined> {
  const row = await findE2EKeys(ctx.db, caller.uid);
  return row && { publicKey: row.public_key, privateKey: row.private_key };
}

/** Stores the caller's keys; the members of encrypted rooms learn that somebody waits. Throws `error-keys-already-set`. */
export async function storeOwnKeys(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  { publicKey, privateKey, force }: OwnKeys & { force: boolean },
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    if (!force && (await findE2EKeys(tx, caller.uid))) {
      fail('error-keys-already-set', 'Keys already set', { method: 'e2e.setUserPublicAndPrivateKeys' });
    }
    await saveE2EKeys(tx, { uid: caller.uid, public_key: publicKey, private_key: privateKey });
    await rooms.waitForGroupKeys(ctx, tx, emit, caller.uid);
  });
}

/** The public keys of those among these people who have any. */
export const publicKeysOf = (db: Db, uids: readonly string[]): Promise<Map<string, string>> =>
  findPublicKeys(db, uids);

/**
 * Takes the keys from somebody who lost the password for them, with those of the rooms; ends all sessions and tells by mail
 * (spec 21, `users.resetE2EKey`). Throws `error-not-allowed` for others without `edit-other-user-e2ee`, the errors of naming
 * a user.
 */
export async function resetKeys(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  who: UserParams,
): Promise<void> {
  await resetSecret(ctx, caller, who, {
    method: 'resetE2EKey',
    permission: 'edit-other-user-e2ee',
    audited: 'user.keysReset',
    subject: 'E2E key reset',
    name: 'Your key for end-to-end encryption',
    async remove({ tx, emit }, user) {
      await deleteE2EKeys(tx, user._id);
      await rooms.forgetGroupKeys(ctx, tx, emit, user);
    },
  });
}
