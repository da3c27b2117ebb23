import { type Context, within } from '../context.ts';
import { changeMessage } from '../messages/change-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { TempFile } from './blobs/scratch.ts';
import { showFiles } from './file-attachments.ts';
import { lockFile, thumbOf, updateFile } from './files.store.ts';
import { cleanName, typeOfUpload } from './media-type.ts';
import { storeUpload } from './upload-to-room.ts';

/**
 * Gives an imported message the file that was fetched for it (spec 32 B.1, "files"): it looks as if it had been uploaded
 * here. The limits of uploads do not apply (spec 32 C.4). False when the message is gone meanwhile. `also` runs in the
 * transaction of the message.
 */
export async function attachFetched(
  ctx: Context,
  message: WireMessage,
  { temp, name, type: given }: { temp: TempFile; name: string; type: string },
  change: (message: WireMessage) => WireMessage,
): Promise<boolean> {
  const room = await getRoom(ctx, message.rid);
  if (!room) return false;
  const named = cleanName(name);
  const type = await typeOfUpload(temp.path, given, named);
  const facts = { name: named, type, content: undefined };
  const file = await storeUpload(ctx, { uid: message.u._id }, message.rid, temp, facts);
  const thumb = await thumbOf(ctx.db, file.id);
  let isThere = false;
  await changeMessage(ctx, room, message._id, async (current, tx) => {
    if (!(await getRoom(within(ctx, tx), room.id)) || !(await lockFile(tx, file.id))) return undefined;
    const updatedAt = ctx.clock.stamp();
    for (const each of thumb ? [file, thumb] : [file])
      await updateFile(tx, { ...each, messageId: current._id, expiresAt: null, updatedAt });
    isThere = true;
    const shown = showFiles([{ file, thumb }]);
    const [first] = shown.files;
    const { md: _address, ...rest } = current;
    return {
      message: change({
        ...rest,
        ...{ msg: '', urls: [], mentions: [], channels: [] },
        ...(first ? { file: first } : {}),
        ...shown,
      }),
      textChanged: true,
    };
  });
  return isThere;
}
