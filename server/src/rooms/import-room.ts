import { findUsers } from '../accounts/find-users.ts';
import { type Context, type WriteScope, within } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import { storeRoom } from './create-room.ts';
import { importDirectRoom } from './direct.ts';
import { updateAllMemberships } from './membership.store.ts';
import { presentRoom } from './present-room.ts';
import type { Room } from './room.ts';
import { importedSlug, slugForImport, validRoomName } from './room-name.ts';
import { nextRooms, roomById, roomByName, updateRoom } from './rooms.store.ts';
import { userRef } from './user-ref.ts';

/** A room of another system (spec 32 C.2); people are named by our ids. */
export interface ImportedRoom {
  importIds: readonly string[];
  type: 'c' | 'p' | 'd';
  name?: string | undefined;
  /** The other system's room for everybody, which is ours then. */
  isGeneral?: boolean | undefined;
  /** Absent: nobody is named. Null: somebody whom nobody knows here. */
  creatorId: string | null | undefined;
  /** Null: somebody whom nobody knows here. */
  memberIds: readonly (string | null)[];
  topic?: string | undefined;
  description?: string | undefined;
  /** ms */
  createdAt?: number | undefined;
  archived?: boolean | undefined;
}

const PAGE = 500;

/** The ids of rooms that came from other systems, by what they are called there. */
export async function roomsByImportId(ctx: Context): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  let after = '';
  for (;;) {
    const page = await nextRooms(ctx.db, after, PAGE);
    for (const { id, details } of page)
      for (const importId of details.importIds ?? []) found.set(importId, id);
    const last = page.at(-1);
    if (!last || page.length < PAGE) return found;
    after = last.id;
  }
}

/**
 * Takes in a room of another system (spec 32 C.2): one that came from there before, `GENERAL`, the direct room of the same
 * people or a room of the same type and name is brought up to date; otherwise there is a new one. `known` is the id of the
 * room that came from there before.
 *
 * @throws importer-channel-missing-import-id, importer-channel-missing-name, importer-channel-invalid-creator,
 *   importer-channel-general-not-found, importer-channel-missing-users
 */
export async function importRoom(
  ctx: Context,
  scope: WriteScope,
  importer: Caller,
  given: ImportedRoom,
  known: string | undefined,
): Promise<Room> {
  if (given.importIds.length === 0) fail('importer-channel-missing-import-id');
  if (given.type === 'd') return direct(ctx, scope, given);
  const name = given.name?.trim();
  if (!name) fail('importer-channel-missing-name');
  if (given.creatorId === undefined) fail('importer-channel-invalid-creator');
  const before = await existing(ctx, scope, given, { name, known });
  if (before) return bringUpToDate(ctx, scope, before, given, { name, cameBefore: before.id === known });
  return create(ctx, scope, importer, given, name);
}

async function direct(ctx: Context, scope: WriteScope, given: ImportedRoom): Promise<Room> {
  const ids = given.memberIds.filter((id) => id !== null);
  if (ids.length < given.memberIds.length || ids.length === 0) fail('importer-channel-missing-users');
  const members = await membersOf(within(ctx, scope.tx), ids);
  if (members.length < new Set(ids).size) fail('importer-channel-missing-users');
  return importDirectRoom(ctx, scope, members, given);
}

/** Those who are there and have a username, everybody once, in the order given. */
async function membersOf(ctx: Context, ids: readonly string[]) {
  const byId = new Map((await findUsers(ctx, { ids })).map((user) => [user._id, user]));
  return [...new Set(ids)].flatMap((id) => {
    const user = byId.get(id);
    return user?.username ? [user] : [];
  });
}

async function existing(
  ctx: Context,
  { tx }: WriteScope,
  given: ImportedRoom,
  { name, known }: { name: string; known: string | undefined },
): Promise<Room | undefined> {
  if (given.isGeneral) return (await roomById(tx, 'GENERAL')) ?? fail('importer-channel-general-not-found');
  const before = known === undefined ? undefined : await roomById(tx, known);
  if (before && before.type !== 'd' && !isLeak(before, given)) return before;
  const named = (await roomByName(tx, name)) ?? (await roomByName(tx, importedSlug(ctx, name)));
  // Nor into a discussion, whose name is nobody's choice.
  return named?.type === given.type && named.parentId === null ? named : undefined;
}

/** What is said in a private room there must not come into a public one here. */
const isLeak = (room: Room, given: ImportedRoom): boolean => room.type === 'c' && given.type === 'p';

async function bringUpToDate(
  ctx: Context,
  { tx, emit }: WriteScope,
  before: Room,
  given: ImportedRoom,
  { name, cameBefore }: { name: string; cameBefore: boolean },
): Promise<Room> {
  const { createdAt } = given;
  const { topic, description } = textsOf(given);
  const importIds = [...new Set([...(before.details.importIds ?? []), ...given.importIds])];
  const details = {
    ...before.details,
    importIds,
    ...(topic ? { topic } : {}),
    ...(description ? { description } : {}),
  };
  const at = ctx.clock.stamp();
  const renamed = given.isGeneral ? await newName(ctx, { tx, emit }, before, name) : {};
  // A room of the same name that lives here is not archived because another one was elsewhere.
  const archived = given.archived === true && cameBefore && !before.archived;
  await updateRoom(tx, before.id, at, {
    details,
    ...renamed,
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(archived ? { archived } : {}),
  });
  const room = await roomById(tx, before.id);
  if (!room) throw new Error(`room ${before.id} vanished in a transaction`);
  const isRenamed = room.name !== before.name || room.displayName !== before.displayName;
  if (archived || isRenamed) {
    await updateAllMemberships(tx, room, at, archived ? { open: false, alert: false, takeSeen: true } : {});
    emit('memberships.touched', { rid: room.id, who: 'all', except: [], also: [] });
  }
  if (isRenamed && before.name !== null && room.name !== null)
    emit('room.renamed', { rid: room.id, from: before.name, to: room.name });
  emit('room.changed', { action: 'updated', rid: room.id, room: presentRoom(room) });
  return room;
}

/** A name that is taken or not allowed leaves the room with the one it has. */
async function newName(
  ctx: Context,
  { tx }: WriteScope,
  room: Room,
  name: string,
): Promise<{ name?: string; displayName?: string }> {
  if (name === room.displayName || name === room.name) return {};
  try {
    return { name: await validRoomName(ctx, tx, name, room.id), displayName: name };
  } catch (error) {
    if (error instanceof Refusal) return {};
    throw error;
  }
}

async function create(
  ctx: Context,
  { tx, emit }: WriteScope,
  importer: Caller,
  given: ImportedRoom,
  name: string,
): Promise<Room> {
  const slug = await slugForImport(ctx, tx, name);
  if (!slug) fail('importer-channel-missing-name');
  const inside = within(ctx, tx);
  const [named] = given.creatorId ? await membersOf(inside, [given.creatorId]) : [];
  const [creator] = named ? [named] : await membersOf(inside, [importer.uid]);
  if (!creator) fail('importer-channel-invalid-creator');
  const others = given.memberIds.filter((id) => id !== null && id !== creator._id);
  const { createdAt, archived = false, importIds } = given;
  const { topic, description } = textsOf(given);
  return storeRoom(
    ctx,
    tx,
    emit,
    { uid: creator._id },
    {
      type: given.type === 'p' ? 'p' : 'c',
      slug,
      displayName: name,
      readOnly: false,
      details: {
        u: userRef(creator),
        sysMes: true,
        customFields: {},
        importIds: [...importIds],
        ...(topic ? { topic } : {}),
        ...(description ? { description } : {}),
      },
      team: undefined,
      members: [creator, ...(await membersOf(inside, others as string[]))],
      owned: true,
      archived,
      ...(createdAt === undefined ? {} : { createdAt }),
    },
  );
}

const MAX_TEXT = 10_000;

const textsOf = ({ topic, description }: ImportedRoom) => ({
  topic: topic?.slice(0, MAX_TEXT),
  description: description?.slice(0, MAX_TEXT),
});
