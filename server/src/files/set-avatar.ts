import { changeUser } from '../accounts/change-user.ts';
import { loadUser } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import { guardedFetch } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import './avatar.events.ts';
import { type AvatarPicture, placeAvatarOfBytes } from './avatar-picture.ts';
import { maxFileSize } from './receive-upload.ts';
import { removeFiles } from './remove-files.ts';
import { addFile } from './store-file.ts';

/** What changes with each upload, so that clients fetch the picture anew. */
const newAvatarETag = (): string => newId().slice(0, 8);

/** Whether the caller may give this person a picture (spec 21 `users.setAvatar`). */
export function maySetAvatar(ctx: Context, caller: Caller, uid: string): boolean {
  if (ctx.permissions.has(caller, 'edit-other-user-avatar')) return true;
  return caller.uid === uid && ctx.settings.bool('Accounts_AllowUserAvatarChange');
}

/**
 * Gives a person a picture; `origin` says where it came from. The caller has checked who may. `keepsOther`: not to somebody
 * who has one.
 */
export async function setAvatar(
  ctx: Context,
  uid: string,
  { blob, type }: AvatarPicture,
  origin: string,
  { keepsOther = false } = {},
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method: 'setAvatarFromService' });
    if (keepsOther && user.avatarOrigin !== undefined) return;
    await removeFiles(ctx, { tx, emit }, { uid, kind: 'avatar' });
    await addFile(ctx, tx, blob, { kind: 'avatar', uid, name: user.username ?? uid, type });
    await noteAvatar(ctx, { tx, emit }, user, { origin, etag: newAvatarETag() });
  });
}

/** A picture of which nobody says what it is. @throws error-invalid-image, error-file-too-large */
export async function setAvatarOfBytes(
  ctx: Context,
  uid: string,
  bytes: Buffer,
  origin: string,
): Promise<void> {
  // Whatever kind of picture it is, its bytes say.
  await setAvatar(ctx, uid, await placeAvatarOfBytes(ctx, bytes, 'image/jpeg'), origin);
}

async function noteAvatar(
  ctx: Context,
  { tx, emit }: WriteScope,
  user: User,
  { origin, etag }: { origin: string | undefined; etag: string | undefined },
): Promise<void> {
  await changeUser(ctx, tx, emit, { uid: user._id, set: { avatarOrigin: origin, avatarETag: etag } });
  if (user.username !== undefined)
    emit('avatar.changed', { username: user.username, ...(etag === undefined ? {} : { etag }) });
}

/**
 * Takes a person's picture away: letters are shown again (spec 21 `users.resetAvatar`).
 *
 * @throws error-not-allowed
 */
export async function resetAvatar(
  ctx: Context,
  caller: Caller,
  uid: string,
  method = 'resetAvatar',
): Promise<void> {
  const may = ctx.permissions.hasAny(caller, ['edit-other-user-avatar', 'manage-moderation-actions']);
  if (!may && (caller.uid !== uid || !ctx.settings.bool('Accounts_AllowUserAvatarChange'))) {
    fail('error-not-allowed', 'Reset avatar is not allowed', { method });
  }
  await ctx.write(async (tx, emit) => {
    const user = await loadUser(tx, uid);
    if (!user) fail('error-invalid-user', 'Invalid user', { method });
    await removeFiles(ctx, { tx, emit }, { uid, kind: 'avatar' });
    await noteAvatar(ctx, { tx, emit }, user, { origin: undefined, etag: undefined });
  });
}

const MAX_FETCHED_BYTES = 20 * 1024 ** 2;

/**
 * Fetches a picture from another server and gives it to a person.
 *
 * @throws error-avatar-invalid-url, error-avatar-url-handling, error-invalid-image
 */
export async function setAvatarByUrl(ctx: Context, user: User, url: string): Promise<void> {
  const answer = await fetchPicture(ctx, user, url);
  const type = answer.headers['content-type'] ?? '';
  if (answer.status !== 200 || !type.startsWith('image/'))
    fail('error-avatar-invalid-url', `Invalid avatar URL: ${shortened(url)}`, DETAILS);
  const [bare = ''] = type.split(';');
  await setAvatar(ctx, user._id, await placeAvatarOfBytes(ctx, answer.body, bare), 'url');
}

const DETAILS = { method: 'setAvatar' };

const shortened = (url: string): string => url.slice(0, 500);

async function fetchPicture(ctx: Context, user: User, url: string) {
  try {
    return await guardedFetch(ctx, url, { maxBytes: Math.min(maxFileSize(ctx), MAX_FETCHED_BYTES) });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    if (error.fault === 'bad-url')
      fail('error-avatar-invalid-url', `Invalid avatar URL: ${shortened(url)}`, DETAILS);
    fail(
      'error-avatar-url-handling',
      `Error while handling avatar setting from a URL (${shortened(url)}) for ${user.username}`,
      DETAILS,
    );
  }
}

/** In the transaction that changes the room. Returns the room's new `avatarETag`; without a picture it loses its own. */
export async function changeRoomAvatar(
  ctx: Context,
  { tx, emit }: WriteScope,
  rid: string,
  picture: AvatarPicture | undefined,
): Promise<string | undefined> {
  await removeFiles(ctx, { tx, emit }, { rid, kind: 'avatar' });
  const etag = picture && newAvatarETag();
  if (picture) {
    const { blob, type } = picture;
    await addFile(ctx, tx, blob, { kind: 'avatar', rid, name: `room-${rid}`, type });
  }
  emit('avatar.changed', { rid, ...(etag === undefined ? {} : { etag }) });
  return etag;
}
