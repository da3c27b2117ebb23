import { loadUser } from '../accounts/find-users.ts';
import { userRow } from '../accounts/user.ts';
import { updateUserRow } from '../accounts/users.store.ts';
import type { FileKind, ImageFacts } from '../files/file.ts';
import { insertFile } from '../files/files.store.ts';
import { newId } from '../kernel/ids.ts';
import { roomById, updateRoom } from '../rooms/rooms.store.ts';
import type { Doc } from './bson-documents.ts';
import type { PlacedBytes } from './bytes.ts';
import { flagOf, isDoc, partOf, textOf, timeOf } from './fields.ts';
import type { Taking } from './taking.ts';

const UPLOADS = 'rocketchat_uploads';
const AVATARS = 'rocketchat_avatars';

export interface TakenFile {
  id: string;
  kind: FileKind;
  name: string;
  type: string;
  placed: PlacedBytes;
  rid?: string | undefined;
  uid?: string | undefined;
  messageId?: string | undefined;
  originalId?: string | undefined;
  typeGroup?: string | undefined;
  etag?: string | undefined;
  doc?: Doc | undefined;
}

/** Makes a file of bytes that are in place. */
export async function addTakenFile({ tx, bytes, now }: Taking, file: TakenFile): Promise<void> {
  bytes.noteNeeded(file.placed);
  const { doc = {} } = file;
  const uploadedAt = timeOf(doc, 'uploadedAt') ?? timeOf(doc, '_updatedAt') ?? now;
  const identify = partOf(doc, 'identify');
  const content = partOf(doc, 'content');
  const description = textOf(doc, 'description');
  await insertFile(tx, {
    id: file.id,
    kind: file.kind,
    rid: file.rid ?? null,
    uid: file.uid ?? null,
    messageId: file.messageId ?? null,
    originalId: file.originalId ?? null,
    name: file.name,
    type: file.type,
    typeGroup: file.typeGroup ?? file.type.replace(/\/.*/s, ''),
    size: file.placed.size,
    hidden: false,
    uploadedAt,
    updatedAt: timeOf(doc, '_updatedAt') ?? uploadedAt,
    expiresAt: null,
    store: 'FileSystem',
    blobKey: file.placed.key,
    etag: file.etag ?? newId(),
    token: newId(),
    ...(isImageFacts(identify) ? { identify } : {}),
    ...(content ? { content } : {}),
    ...(description === undefined ? {} : { description }),
  });
}

function isImageFacts(value: unknown): value is ImageFacts {
  if (!isDoc(value) || !isDoc(value.size)) return false;
  return (
    typeof value.format === 'string' &&
    typeof value.size.width === 'number' &&
    typeof value.size.height === 'number'
  );
}

/** Files that a message shows, and what thumbnails there are of them (spec 32 D.7). Messages have to be there. */
export async function takeUploads(taking: Taking): Promise<void> {
  const { dump, bytes, report, rooms, users, shownBy } = taking;
  const inBucket = await bytes.ofBucket(UPLOADS, 'id');
  const thumbs: { doc: Doc; original: string }[] = [];
  const known = new Set<string>();
  /** The first file that a message shows, by the message. */
  const originals = new Map<string, string>();
  const take = async (doc: Doc, place: { messageId: string } | { originalId: string }) => {
    const id = textOf(doc, '_id') ?? '';
    if (known.has(id)) {
      report.left(UPLOADS, 'twice in the dump');
      return;
    }
    const placed = inBucket.get(id) ?? (await bytes.ofFolder(doc));
    if (!placed) {
      report.left(UPLOADS, `whose bytes are not in the dump (${textOf(doc, 'store') ?? 'no store'})`);
      return;
    }
    const uid = textOf(doc, 'userId');
    await addTakenFile(taking, {
      id,
      kind: 'upload',
      name: textOf(doc, 'name') ?? id,
      type: textOf(doc, 'type') ?? 'application/octet-stream',
      typeGroup: 'originalId' in place ? 'thumb' : undefined,
      placed,
      rid: textOf(doc, 'rid'),
      uid: uid !== undefined && users.has(uid) ? uid : undefined,
      etag: textOf(doc, 'etag'),
      doc,
      ...place,
    });
    known.add(id);
    if ('messageId' in place && !originals.has(place.messageId)) originals.set(place.messageId, id);
    report.taken(UPLOADS);
  };
  for await (const doc of dump.documents(UPLOADS)) {
    const id = textOf(doc, '_id') ?? '';
    const original = textOf(doc, 'originalFileId');
    const messageId = shownBy.get(id);
    if (!flagOf(doc, 'complete')) report.left(UPLOADS, 'that were never complete');
    else if (!rooms.has(textOf(doc, 'rid') ?? ''))
      report.left(UPLOADS, 'of rooms that are gone or were left');
    else if (flagOf(doc, '_hidden')) report.left(UPLOADS, 'that were hidden with their messages');
    else if (original !== undefined || doc.typeGroup === 'thumb')
      thumbs.push({ doc, original: original ?? '' });
    else if (messageId === undefined) report.left(UPLOADS, 'that no message shows');
    else await take(doc, { messageId });
  }
  for (const { doc, original: named } of thumbs) {
    // Not all say of what they are, but they stand beside it in a message.
    const original = named || originals.get(shownBy.get(textOf(doc, '_id') ?? '') ?? '');
    if (original && known.has(original)) await take(doc, { originalId: original });
    else report.left(UPLOADS, 'that are thumbnails of nothing');
  }
}

/** Pictures of people and of rooms. */
export async function takeAvatars(taking: Taking): Promise<void> {
  const { dump, tx, bytes, report, rooms, users } = taking;
  const inBucket = await bytes.ofBucket(AVATARS, 'id');
  const newest = await newestAvatars(taking);
  for await (const doc of dump.documents(AVATARS)) {
    const id = textOf(doc, '_id') ?? '';
    const [uid, rid] = [textOf(doc, 'userId') ?? '', textOf(doc, 'rid') ?? ''];
    const owner = rooms.has(rid) ? { rid } : users.has(uid) ? { uid } : undefined;
    const key = rooms.has(rid) ? rid : uid;
    if (!owner) report.left(AVATARS, 'of nobody who is here');
    else if (newest.get(key) !== id) report.left(AVATARS, 'older than another, or not complete');
    if (!owner || newest.get(key) !== id) continue;
    newest.delete(key);
    const placed = inBucket.get(id) ?? (await bytes.ofFolder(doc));
    if (!placed) {
      report.left(AVATARS, 'without their bytes');
      continue;
    }
    const etag = textOf(doc, 'etag') ?? newId();
    const name = textOf(doc, 'name') ?? key;
    await addTakenFile(taking, {
      id,
      kind: 'avatar',
      name,
      type: textOf(doc, 'type') ?? 'image/png',
      placed,
      etag,
      doc,
      ...owner,
    });
    if ('uid' in owner) await noteOnUser(taking, uid, etag);
    else {
      const room = await roomById(tx, rid);
      if (room) await updateRoom(tx, rid, room.updatedAt, { details: { ...room.details, avatarETag: etag } });
    }
    report.taken(AVATARS);
  }
}

/** The last picture of each, by whom it shows. */
async function newestAvatars({ dump, rooms }: Taking): Promise<Map<string, string>> {
  const newest = new Map<string, { id: string; at: number }>();
  for await (const doc of dump.documents(AVATARS)) {
    const rid = textOf(doc, 'rid') ?? '';
    const key = rooms.has(rid) ? rid : (textOf(doc, 'userId') ?? '');
    const at = timeOf(doc, 'uploadedAt') ?? timeOf(doc, '_updatedAt') ?? 0;
    const id = flagOf(doc, 'complete') || doc.complete === undefined ? textOf(doc, '_id') : undefined;
    if (id !== undefined && at >= (newest.get(key)?.at ?? 0)) newest.set(key, { id, at });
  }
  return new Map([...newest].map(([key, { id }]) => [key, id]));
}

async function noteOnUser({ tx }: Taking, uid: string, avatarETag: string): Promise<void> {
  const user = await loadUser(tx, uid);
  if (user) await updateUserRow(tx, uid, userRow({ ...user, avatarOrigin: 'upload', avatarETag }));
}
