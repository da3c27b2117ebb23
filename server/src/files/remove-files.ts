import type { Context, WriteScope } from '../context.ts';
import './files.events.ts';
import { deleteFiles, type FileSelection, hideFiles } from './files.store.ts';

/**
 * Removes files with their thumbnails in the caller's transaction; the bytes follow after the commit, and after a crash with
 * the next start. Returns the ids of the files that were there.
 */
export async function removeFiles(
  ctx: Context,
  { tx, emit }: WriteScope,
  selection: FileSelection,
): Promise<string[]> {
  const ids = await deleteFiles(tx, selection, ctx.clock.now());
  if (ids.length > 0) emit('files.removed', {});
  return ids;
}

/** Keeps the files of deleted messages that are kept, but shows them to nobody. */
export const hideFilesOf = (ctx: Context, { tx }: WriteScope, messageIds: readonly string[]): Promise<void> =>
  hideFiles(tx, { messageIds }, ctx.clock.stamp());

/**
 * The files of a deleted account: the avatar, exports and what was never sent go always, what stands in messages goes with them
 * (setting `Message_ErasureType`).
 */
export async function removeFilesOfUser(
  ctx: Context,
  write: WriteScope,
  uid: string,
  erasure: 'Delete' | 'Unlink' | 'Keep',
): Promise<void> {
  await removeFiles(ctx, write, { uid, kind: 'avatar' });
  await removeFiles(ctx, write, { uid, kind: 'export' });
  await removeFiles(ctx, write, erasure === 'Delete' ? { uid, kind: 'upload' } : { unsentOf: uid });
}
