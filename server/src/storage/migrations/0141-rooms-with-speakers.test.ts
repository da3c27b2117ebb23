import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { storageInMemory } from '../testing/temporary.ts';
import { roomsWithSpeakers } from './0141-rooms-with-speakers.ts';

test('rooms that list speakers already are found', async () => {
  const storage = await storageInMemory();
  const room = (id: string, details: object) => ({
    ...{ id, t: 'c', name: id, fname: id, creator_id: 'u', ts: 1, updated_at: 1, msgs: 0, users_count: 0 },
    ...{ lm: null, last_message: null, archived: 0, ro: 0, is_default: 0, featured: 0, lists_speakers: 0 },
    ...{ team_id: null, team_main: 0, team_default: null, prid: null, join_code: null, activity_seq: 0 },
    ...{ unread_seq: 0, group_seq: 0, activity_at: 0, retention_at: 0, retention_up_to: 0, search_key: id },
    doc: JSON.stringify(details),
  });
  await storage.transaction(async (tx) => {
    const muted = [room('a', { muted: ['bob'] }), room('b', { muted: [], unmuted: ['bob'] })];
    const none = [room('c', { muted: [], unmuted: [] }), room('d', { topic: '"muted":["bob"]' })];
    await tx
      .insertInto('rooms')
      .values([...muted, ...none])
      .execute();
    await sql`drop index rooms_lists_speakers`.execute(tx);
    await sql`alter table rooms drop column lists_speakers`.execute(tx);
    await roomsWithSpeakers.up(tx as never);
    const listing = tx
      .selectFrom('rooms')
      .select('id')
      .where('lists_speakers', '=', sql.lit(1))
      .orderBy('id');
    expect(await listing.execute()).toEqual([{ id: 'a' }, { id: 'b' }]);
  });
});
