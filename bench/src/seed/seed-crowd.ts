import { createServer } from '../../../server/src/app.ts';
import { testConfig } from '../../../server/src/config/defaults.ts';
import type { Context } from '../../../server/src/context.ts';
import { newId } from '../../../server/src/kernel/ids.ts';
import { createRoom } from '../../../server/src/rooms/create-room.ts';
import type { RoomRow, SubscriptionRow } from '../../../server/src/storage/schema.ts';
import { addUsers, callerOf } from './seed-workspace.ts';
import type { SeededUser } from './workspace.ts';

/** Each person is a member of so many rooms; five people share one. */
export const ROOMS_EACH = 10;
const PEOPLE_PER_ROOM = 5;
const BATCH = 500;

export interface Crowd {
  /** Some of the people, with tokens. */
  readers: readonly SeededUser[];
  people: number;
  rooms: number;
}

/**
 * Fills an empty directory with many people and rooms: one room for five people, ten memberships each. The first room
 * comes about through the server's own operation; the others are copies of its rows.
 */
export async function seedCrowd({ dir, people }: { dir: string; people: number }): Promise<Crowd> {
  const admin = { username: 'root', password: 'root-password', email: 'root@example.com', name: 'Root' };
  const server = await createServer(testConfig({ memory: false, dataDir: dir, testMode: true, admin }));
  try {
    const { ctx } = server;
    const readers = await addUsers(ctx, 'reader', 16, true);
    const crowd = [...readers, ...(await addUsers(ctx, 'person', people - readers.length, false))];
    const [first] = crowd;
    const sample = await createRoom(ctx, callerOf(first), { type: 'c', name: 'room-0', members: [] });
    const rooms = Math.floor(people / PEOPLE_PER_ROOM);
    await copyRoom(ctx, sample.id, crowd, rooms);
    return { readers, people, rooms };
  } finally {
    await server.close();
  }
}

async function copyRoom(ctx: Context, rid: string, crowd: readonly SeededUser[], rooms: number) {
  const room = await ctx.db.selectFrom('rooms').selectAll().where('id', '=', rid).executeTakeFirstOrThrow();
  const member = await ctx.db
    .selectFrom('subscriptions')
    .selectAll()
    .where('rid', '=', rid)
    .executeTakeFirstOrThrow();
  const perRoom = (crowd.length * ROOMS_EACH) / rooms;
  for (let from = 1; from < rooms; from += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, rooms - from) }, (_, index) => from + index);
    await ctx.write(async (tx) => {
      const rows = numbers.map((number) => roomNamed(room, `room-${number}`, perRoom));
      await insertInPages(rows, 500, (page) => tx.insertInto('rooms').values(page).execute());
      const memberships = rows.flatMap((row, index) =>
        Array.from({ length: perRoom }, (_, place) => {
          const user = crowd[((from + index) * perRoom + place) % crowd.length] as SeededUser;
          return membershipIn(member, row, user, place);
        }),
      );
      await insertInPages(memberships, 500, (page) => tx.insertInto('subscriptions').values(page).execute());
    });
  }
}

function roomNamed(room: RoomRow, name: string, members: number): RoomRow {
  const empty = { msgs: 0, last_message: null, lm: null };
  return {
    ...room,
    ...empty,
    id: newId(),
    name,
    fname: name,
    search_key: `${name}\n${name}`,
    users_count: members,
  };
}

function membershipIn(sample: SubscriptionRow, room: RoomRow, user: SeededUser, position: number) {
  const doc = JSON.stringify({ ...JSON.parse(sample.doc), name: room.name, fname: room.fname });
  return { ...sample, id: newId(), rid: room.id, uid: user.uid, position, roles: '[]', doc };
}

/** A statement takes some thousand parameters. */
async function insertInPages<T>(rows: readonly T[], size: number, insert: (page: T[]) => Promise<unknown>) {
  for (let start = 0; start < rows.length; start += size) await insert(rows.slice(start, start + size));
}
