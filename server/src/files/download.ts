import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getMembership, getRoom } from '../rooms/get-room.ts';
import { isActiveMember } from '../rooms/membership.ts';
import type { StoredFile } from './file.ts';
import { opensFile } from './file-token.ts';
import { findFile } from './find-files.ts';

/** By what somebody asks for a file. */
export interface Credentials {
  caller: Caller | null;
  /** A signed link's token. */
  token?: string | undefined;
}

/** The upload, or why it is not given out (spec 11 §5 `/file-upload`). */
export async function fileForDownload(
  ctx: Context,
  fileId: string,
  credentials: Credentials,
): Promise<StoredFile | 'missing' | 'denied'> {
  const file = await findFile(ctx, fileId);
  if (!file) return 'missing';
  return (await mayDownload(ctx, file, credentials)) ? file : 'denied';
}

async function mayDownload(ctx: Context, file: StoredFile, { caller, token }: Credentials): Promise<boolean> {
  const { settings } = ctx;
  if (!settings.bool('FileUpload_ProtectFiles')) return true;
  if (token && settings.bool('FileUpload_Enable_json_web_token_for_files')) {
    const secret = settings.text('FileUpload_json_web_token_secret_for_files');
    if (opensFile(token, secret, file, ctx.clock.now())) return true;
  }
  if (!caller) return false;
  if (file.rid === null) return true;
  const members = settings.bool('FileUpload_Restrict_to_room_members');
  const readers = settings.bool('FileUpload_Restrict_to_users_who_can_access_room');
  // Both at once is documented to deny everybody.
  if (members && readers) return false;
  if (members) return isActiveMember(await getMembership(ctx, file.rid, caller.uid));
  if (!readers) return true;
  const room = await getRoom(ctx, file.rid);
  return room !== undefined && canAccessRoom(ctx, caller, room);
}
