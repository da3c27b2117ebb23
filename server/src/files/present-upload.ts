import { findUsers } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { filePath, type StoredFile } from './file.ts';
import { fileExtension } from './media-type.ts';

/** An upload as clients see it (spec 11 §1.4). */
export function presentUpload(ctx: Context, file: StoredFile) {
  const path = filePath(file);
  const { id, name, size, type, rid, uid, typeGroup, etag, token, description, identify, content } = file;
  return {
    _id: id,
    name,
    size,
    type,
    rid: rid ?? undefined,
    userId: uid ?? undefined,
    store: `${file.store}:Uploads`,
    typeGroup,
    description,
    extension: fileExtension(name) || undefined,
    complete: true,
    uploading: false,
    progress: 1,
    etag,
    path,
    url: `${ctx.settings.text('Site_Url')}${path}`,
    token,
    uploadedAt: new Date(file.uploadedAt),
    identify,
    content,
    expiresAt: file.expiresAt === null ? undefined : new Date(file.expiresAt),
    _updatedAt: new Date(file.updatedAt),
  };
}

/** Uploads with who sent them. Accounts that are gone are left out. */
export async function presentUploads(ctx: Context, files: readonly StoredFile[]) {
  const ids = files.flatMap(({ uid }) => (uid === null ? [] : [uid]));
  const users = new Map((await findUsers(ctx, { ids })).map((user) => [user._id, user]));
  return files.map((file) => {
    const user = file.uid === null ? undefined : users.get(file.uid);
    const { _id, username, name } = user ?? {};
    return { ...presentUpload(ctx, file), ...(user ? { user: { _id, username, name } } : {}) };
  });
}
