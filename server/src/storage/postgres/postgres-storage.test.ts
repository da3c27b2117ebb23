import { sql } from 'kysely';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { PATIENCE } from '../../../test/support/patience.ts';
import {
  add,
  beside,
  cutOff,
  cuttable,
  ids,
  postgresUrl,
  shareOf,
  storageOnPostgres,
} from '../../../test/support/postgres-storage.ts';
import { emptyDatabase, postgresServer } from '../../../test/support/test-database.ts';
import { openStorage, type Storage } from '../database.ts';
import { gate, silent, storageInMemory } from '../testing/temporary.ts';

/** What the storage promises, on PostgreSQL: see `sqlite/sqlite-storage.test.ts` for the other. */

describe.skipIf(!postgresServer)('a database on PostgreSQL (GANTRY_TEST_POSTGRES)', () => {
  test('keeps what was committed and nothing of what was rolled back', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    expect(await storage.transaction(async (tx) => (await add(tx, 'a')).length)).toBe(1);
    const failing = storage.transaction(async (tx) => {
      await add(tx, 'b');
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    await storage.durable();
    expect(await ids(storage)).toEqual(['a']);
  });

  test('an error fails the transaction, although its work went on', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    await storage.transaction((tx) => add(tx, 'a'));
    const failing = storage.transaction(async (tx) => {
      await add(tx, 'b');
      await add(tx, 'a').catch(() => {});
    });
    await expect(failing).rejects.toMatchObject({ code: '23505' });
    const goingOn = storage.transaction(async (tx) => {
      await add(tx, 'a').catch(() => {});
      await add(tx, 'c');
    });
    await expect(goingOn).rejects.toMatchObject({ code: '23505' });
    expect(await ids(storage)).toEqual(['a']);
  });

  test('what a transaction asks for at once is done in that order', async () => {
    const warned = vi.spyOn(process, 'emitWarning');
    const storage = await storageOnPostgres(await postgresUrl());
    const found = await storage.transaction((tx) =>
      Promise.all([
        add(tx, 'a'),
        add(tx, 'b'),
        tx.selectFrom('settings').select('id').orderBy('id').execute(),
      ]),
    );
    expect(found[2]).toEqual([{ id: 'a' }, { id: 'b' }]);
    expect(warned.mock.calls.filter(([text]) => String(text).includes('client.query()'))).toEqual([]);
    warned.mockRestore();
  });

  test('what still stands in line when the work has failed is not done', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    const left: Promise<unknown>[] = [];
    const failing = storage.transaction(async (tx) => {
      for (const id of ['a', 'b', 'c']) left.push(add(tx, id));
      for (const write of left) write.catch(() => {});
      throw new Error('taken back');
    });
    await expect(failing).rejects.toThrow('taken back');
    const outcomes = await Promise.allSettled(left);
    expect(outcomes.at(-1)).toMatchObject({ status: 'rejected' });
    await storage.transaction((tx) => add(tx, 'd'));
    expect(await ids(storage)).toEqual(['d']);
  });

  test('transactions of two servers run one after the other, those of one in the order of asking', async () => {
    const url = await postgresUrl();
    const [one, other, watcher] = [
      await storageOnPostgres(url, true),
      await storageOnPostgres(url, true),
      await beside(url),
    ];
    const order: string[] = [];
    const [begun, held] = [gate(), gate()];
    const first = one.transaction(async (tx) => {
      order.push('first begins');
      begun.open();
      await held.opened;
      await add(tx, 'first');
      order.push('first ends');
    });
    await begun.opened;
    const seen: string[][] = [];
    const later = ['second', 'third'].map((name) =>
      other.transaction(async (tx) => {
        order.push(name);
        seen.push((await tx.selectFrom('settings').select('id').execute()).map(({ id }) => id));
        await add(tx, name);
      }),
    );
    await vi.waitFor(async () => {
      const { rows } = await watcher.query(
        "select 1 from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())",
      );
      expect(rows).toHaveLength(1);
    }, PATIENCE);
    expect(order).toEqual(['first begins']);
    held.open();
    await Promise.all([first, ...later]);
    expect(order).toEqual(['first begins', 'first ends', 'second', 'third']);
    expect(seen).toEqual([['first'], ['first', 'second']]);
  });

  test('refuses writes outside of a transaction, and queries after the end of theirs', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    const write = storage.db.insertInto('settings').values({ id: 'a', value: '', updated_at: 1 }).execute();
    await expect(write).rejects.toThrow('for reads only');
    const raw = sql`delete from settings`.execute(storage.db);
    await expect(raw).rejects.toThrow('for reads only');
    const kept = await storage.transaction(async (tx) => tx);
    await expect(add(kept, 'late')).rejects.toThrow('the transaction is over');
    expect(await ids(storage)).toEqual([]);
  });

  test('commits of two servers that tell something have places without a gap, and can be read by both', async () => {
    const url = await postgresUrl();
    const [one, other] = [await storageOnPostgres(url, true), await storageOnPostgres(url, true)];
    const [first, second] = [await shareOf(one), await shareOf(other)];
    const places: (number | undefined)[] = [];
    const telling = (text: string) => ({
      told: () => Buffer.from(text),
      committed: (place: number | undefined) => places.push(place),
    });
    const before = await first.lastPlace();
    await one.transaction((tx) => add(tx, 'a'), telling('one'));
    await other.transaction((tx) => add(tx, 'b'), telling('two'));
    await other.transaction((tx) => add(tx, 'a'), telling('never')).catch(() => {});
    await one.transaction((tx) => add(tx, 'c'), { committed: (place) => places.push(place) });
    await one.transaction((tx) => add(tx, 'd'), telling('three'));
    expect(places).toEqual([before + 1, before + 2, undefined, before + 3]);
    expect(await second.lastPlace()).toBe(before + 3);
    const told = (await second.commitsAfter(before, 10)).map(({ place, node, body }) => [
      place,
      node,
      Buffer.from(body).toString(),
    ]);
    expect(told).toEqual([
      [before + 1, first.node, 'one'],
      [before + 2, second.node, 'two'],
      [before + 3, first.node, 'three'],
    ]);
    await first.forgetCommitsBefore(Date.now() - 60_000);
    expect(await second.commitsAfter(before, 10)).toHaveLength(3);
    await first.forgetCommitsBefore(Date.now() + 60_000);
    expect(await second.commitsAfter(before, 10)).toEqual([]);
    expect(await first.liveNodes(one.db)).toEqual(new Set([first.node, second.node]));
    await other.close();
    await vi.waitFor(
      async () => expect(await first.liveNodes(one.db)).toEqual(new Set([first.node])),
      PATIENCE,
    );
  });

  test('a server that expects no others is refused beside one, and others beside it', async () => {
    const url = await postgresUrl();
    const alone = await storageOnPostgres(url);
    await expect(storageOnPostgres(url)).rejects.toThrow('Another server uses this database');
    await expect(storageOnPostgres(url, true)).rejects.toThrow('A server without NATS uses this database');
    await alone.close();
    await storageOnPostgres(url, true);
    await expect(storageOnPostgres(url)).rejects.toThrow('Another server uses this database');
  });
});

describe.skipIf(!postgresServer)('connections that are lost (GANTRY_TEST_POSTGRES)', () => {
  test('between transactions: the next one has another', async () => {
    const url = await postgresUrl();
    const [storage, watcher] = [await storageOnPostgres(url), await beside(url)];
    await storage.transaction((tx) => add(tx, 'a'));
    await storage.durable();
    for (const id of ['b', 'c']) {
      await cutOff(watcher);
      await storage.transaction((tx) => add(tx, id));
      await storage.durable();
    }
    expect(await ids(storage)).toEqual(['a', 'b', 'c']);
    expect(storage.failure).toBeUndefined();
  });

  test('under a read: it is asked again', async () => {
    const url = await postgresUrl();
    const [storage, watcher] = [await storageOnPostgres(url), await beside(url)];
    const slow = sql<{ answer: number }>`select 1 as answer from pg_sleep(3)`.execute(storage.db);
    await vi.waitFor(async () => {
      const { rows } = await watcher.query(
        "select 1 from pg_stat_activity where query like '%pg_sleep%' and pid <> pg_backend_pid() and datname = current_database()",
      );
      expect(rows).toHaveLength(1);
    }, PATIENCE);
    await cutOff(watcher);
    expect((await slow).rows).toEqual([{ answer: 1 }]);
  });

  test('inside a transaction: it is rolled back, and later ones work', async () => {
    const url = await postgresUrl();
    const [storage, watcher] = [await storageOnPostgres(url), await beside(url)];
    const failing = storage.transaction(async (tx) => {
      await add(tx, 'a');
      await cutOff(watcher);
      await add(tx, 'b');
    });
    await expect(failing).rejects.toThrow();
    await storage.transaction((tx) => add(tx, 'c'));
    await storage.durable();
    expect(await ids(storage)).toEqual(['c']);
  });

  test('with the answer of a commit: it is looked up', async () => {
    const url = await postgresUrl();
    const line = await cuttable(url);
    const storage = await storageOnPostgres(line.url);
    line.cut = 'answer';
    await storage.transaction((tx) => add(tx, 'a'));
    await storage.durable();
    expect(line.cut).toBeUndefined();
    await storage.transaction((tx) => add(tx, 'b'));
    expect(await ids(storage)).toEqual(['a', 'b']);
  });

  test('before the server heard of a commit: it failed', async () => {
    const url = await postgresUrl();
    const line = await cuttable(url);
    const storage = await storageOnPostgres(line.url);
    line.cut = 'commit';
    const committed = vi.fn();
    await expect(storage.transaction((tx) => add(tx, 'a'), { committed })).rejects.toThrow();
    expect([line.cut, committed.mock.calls]).toEqual([undefined, []]);
    await storage.transaction((tx) => add(tx, 'b'));
    expect(await ids(storage)).toEqual(['b']);
  });
});

describe.skipIf(!postgresServer)('a database that will not do (GANTRY_TEST_POSTGRES)', () => {
  test.each([
    ["template template0 encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", 'not in UTF-8'],
    ["template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C'", 'no letters beyond a to z'],
    [
      "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8' locale_provider icu icu_locale 'en'",
      'sorts texts by a language',
    ],
  ])('%s is refused with advice', async (how, reason) => {
    const made = await emptyDatabase(how);
    onTestFinished(() => made.drop());
    const opening = openStorage({ ...made.options, log: silent });
    await expect(opening).rejects.toThrow(reason);
    await expect(opening).rejects.toThrow('create it with: create database');
  });
});

describe.skipIf(!postgresServer)('as on SQLite (GANTRY_TEST_POSTGRES)', () => {
  const both = async (): Promise<[Storage, Storage]> => [
    await storageOnPostgres(await postgresUrl()),
    await storageInMemory(),
  ];

  test('null comes before everything, and last the other way round', async () => {
    for (const storage of await both()) {
      await storage.transaction(async (tx) => {
        const invite = { rid: 'r', uid: 'u', days: 0, max_uses: 0, uses: 0, created_at: 1, updated_at: 1 };
        for (const [id, at] of [
          ['a', 2],
          ['b', null],
          ['c', 1],
        ] as const)
          await tx
            .insertInto('invites')
            .values({ id, ...invite, expires_at: at })
            .execute();
      });
      const inOrder = async (direction: 'asc' | 'desc') =>
        (await storage.db.selectFrom('invites').select('id').orderBy('expires_at', direction).execute()).map(
          ({ id }) => id,
        );
      expect(await inOrder('asc')).toEqual(['b', 'c', 'a']);
      expect(await inOrder('desc')).toEqual(['a', 'c', 'b']);
    }
  });

  test('numbers are numbers, what is true is 1, texts and nulls are themselves', async () => {
    for (const storage of await both()) {
      await storage.transaction(async (tx) => {
        for (const [id, at] of [
          ['a', 1],
          ['b', 8_000_000_000_001],
        ] as const)
          await tx.insertInto('settings').values({ id, value: '"ä\u{1f600}"', updated_at: at }).execute();
      });
      const { rows } = await sql`
        select count(*) as n, sum(updated_at) as total, max(updated_at) as most, min(value) as text,
          count(*) > 1 as yes, count(*) > 2 as no, avg(updated_at) as mean, 0.5 as half, nullif(1, 1) as missing
        from settings`.execute(storage.db);
      expect(rows).toEqual([
        {
          n: 2,
          total: 8_000_000_000_002,
          most: 8_000_000_000_001,
          text: '"ä\u{1f600}"',
          yes: 1,
          no: 0,
          mean: 4_000_000_000_001,
          half: 0.5,
          missing: null,
        },
      ]);
    }
  });

  test('nothing is in an empty list', async () => {
    for (const storage of await both()) {
      await storage.transaction((tx) => add(tx, 'a'));
      const found = (operator: 'in' | 'not in', column: 'id' | 'updated_at') =>
        storage.db.selectFrom('settings').select('id').where(column, operator, []).execute();
      for (const column of ['id', 'updated_at'] as const) {
        expect(await found('in', column)).toEqual([]);
        expect(await found('not in', column)).toEqual([{ id: 'a' }]);
      }
    }
  });

  test('changed rows are counted', async () => {
    for (const storage of await both()) {
      const result = await storage.transaction(async (tx) => {
        await add(tx, 'a');
        await add(tx, 'b');
        return tx
          .updateTable('settings')
          .set({ value: 'x' })
          .where('id', 'in', ['a', 'c'])
          .executeTakeFirst();
      });
      expect(result.numUpdatedRows).toBe(1n);
    }
  });
});

test.skipIf(!postgresServer)('more texts of queries than a connection keeps prepared', async () => {
  const storage = await storageOnPostgres(await postgresUrl());
  const answer = async (number: number) =>
    (await sql<{ n: number }>`select ${sql.lit(number)} + ${1}::int as n`.execute(storage.db)).rows;
  for (const number of [...Array(600).keys(), ...Array(600).keys()])
    expect(await answer(number)).toEqual([{ n: number + 1 }]);
});
