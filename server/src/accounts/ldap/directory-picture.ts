import { createHash } from 'node:crypto';
import { type Context, within } from '../../context.ts';
import { Refusal } from '../../kernel/errors.ts';
import { changeUser } from '../change-user.ts';
import { LDAP, type User } from '../user.ts';
import type { Directory } from './directory.ts';
import type { DirectoryPerson } from './directory-person.ts';

/**
 * Gives somebody a picture, as one that they upload: recognized by its bytes, and made small and square. Throws a `Refusal` for what is
 * none. (Files are above accounts.)
 */
export type SetPicture = (ctx: Context, uid: string, bytes: Buffer, origin: string) => Promise<void>;

export const followsPictures = ({ settings }: Pick<Context, 'settings'>): boolean =>
  settings.bool('LDAP_Sync_User_Avatar');

/**
 * Gives somebody the picture that the directory has of them, where that is another than the last time: one that they chose
 * meanwhile stays until it changes there. Throws `DirectoryFailure`.
 */
export async function refreshPicture(
  ctx: Context,
  setPicture: SetPicture,
  directory: Directory,
  { user, person }: { user: User; person: DirectoryPerson },
): Promise<void> {
  const bytes = await directory.pictureOf(person.dn);
  if (!bytes) return;
  const directoryPicture = createHash('sha256').update(bytes).digest('base64url');
  if (directoryPicture === user.directoryPicture) return;
  const uid = user._id;
  try {
    await setPicture(ctx, uid, bytes, LDAP);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    // It will not become one by being looked at again.
    ctx.log.info({ uid, reason: error.message }, 'a picture of the LDAP directory was not taken');
  }
  await ctx.write((tx, emit) => changeUser(within(ctx, tx), tx, emit, { uid, set: { directoryPicture } }));
}
