import { sql } from 'kysely';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
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
import { postgresServer } from '../../../test/support/test-database.ts';
import type { Storage, Tx } from '../database.ts';
import { prepared } from '../prepared.ts';
import { gate } from '../testing/temporary.ts';

/** Transactions that share a commit on PostgreSQL; see `remembered-rows.test.ts` for what they remember of each other. */

/** The number by which PostgreSQL knows a transaction. */
async function numberOf(tx: Tx): Promise<string> {
  const { rows } = await sql<{ id: string }>`select pg_current_xact_id()::text as id`.execute(tx);
  return rows[0]?.id ?? '';
}

/** Runs `works` one after the other behind a transaction that is open until all of them wait, and does nothing. */
async function inOneTurn(storage: Storage, works: readonly ((tx: Tx) => Promise<unknown>)[]) {
  const [begun, held] = [gate(), gate()];
  const first = storage.transaction(async () => {
    begun.open();
    await held.opened;
  });
  await begun.opened;
  const all = works.map((work) => storage.transaction(work));
  held.open();
  const [, ...outcomes] = await Promise.allSettled([first, ...all]);
  return outcomes;
}

const valuesOf = (outcomes: readonly PromiseSettledResult<unknown>[]) =>
  outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason));

describe.skipIf(!postgresServer)('transactions that wait for their turn (GANTRY_TEST_POSTGRES)', () => {
  // However slow the machine is, no turn ends because it was long.
  beforeEach(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
  afterEach(() => void vi.restoreAllMocks());

  test('share a commit, not too many of them', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    const numbers = valuesOf(await inOneTurn(storage, Array(40).fill(numberOf)));
    // The first of 32 only waited for the others.
    const counted = [...new Set(numbers)].map((number) => numbers.filter((other) => other === number).length);
    expect(counted).toEqual([31, 9]);
    expect(numbers).toEqual(Array(40).fill(expect.stringMatching(/^\d+$/)));
  });

  test('do not go on for long while others may wait', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    let now = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => now);
    const slow = async (tx: Tx) => {
      now += 30;
      return numberOf(tx);
    };
    const numbers = valuesOf(await inOneTurn(storage, [slow, slow, slow, slow]));
    expect(numbers).toEqual([numbers[0], numbers[0], numbers[2], numbers[2]]);
    expect(numbers[0]).not.toBe(numbers[2]);
  });

  test('see what those before them did, and nothing of those that failed', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    const seen: string[][] = [];
    const adding = (id: string, then: (tx: Tx) => Promise<unknown>) => async (tx: Tx) => {
      seen.push((await tx.selectFrom('settings').select('id').orderBy('id').execute()).map((row) => row.id));
      await add(tx, id);
      await then(tx);
      return id;
    };
    const outcomes = await inOneTurn(storage, [
      adding('a', async () => {}),
      adding('b', async () => {
        throw new Error('changed its mind');
      }),
      adding('c', (tx) => add(tx, 'a')),
      adding('d', (tx) => add(tx, 'a').catch(() => {})),
      adding('e', async () => {}),
    ]);
    const twice = expect.objectContaining({ code: '23505' });
    expect(valuesOf(outcomes)).toEqual(['a', new Error('changed its mind'), twice, twice, 'e']);
    expect(seen).toEqual([[], ['a'], ['a'], ['a'], ['a']]);
    expect(await ids(storage)).toEqual(['a', 'e']);
  });

  test('have places of their own, in their order', async () => {
    const storage = await storageOnPostgres(await postgresUrl(), true);
    const shared = await shareOf(storage);
    const before = await shared.lastPlace();
    const committed: [string, number | undefined][] = [];
    const telling = (text: string, body: Buffer | undefined, work: (tx: Tx) => Promise<unknown>) =>
      storage.transaction(work, {
        told: () => body,
        committed: (place) => committed.push([text, place]),
      });
    const all = ['a', 'b', 'silent', 'failing', 'c'].map((text) =>
      telling(text, text === 'silent' ? undefined : Buffer.from(`${text}\0\xff`, 'latin1'), async (tx) => {
        await add(tx, text);
        if (text === 'failing') throw new Error(text);
      }),
    );
    expect((await Promise.allSettled(all)).map(({ status }) => status === 'fulfilled')).toEqual([
      true,
      true,
      true,
      false,
      true,
    ]);
    expect(committed).toEqual([
      ['a', before + 1],
      ['b', before + 2],
      ['silent', undefined],
      ['c', before + 3],
    ]);
    const told = await shared.commitsAfter(before, 10);
    expect(told.map(({ place, node, body }) => [place, node, Buffer.from(body).toString('latin1')])).toEqual(
      ['a', 'b', 'c'].map((text, index) => [before + index + 1, shared.node, `${text}\0\xff`]),
    );
    expect(await shared.lastPlace()).toBe(before + 3);
  });

  test('all fail with a connection that is lost, and later ones work', async () => {
    const url = await postgresUrl();
    const [storage, watcher] = [await storageOnPostgres(url), await beside(url)];
    const outcomes = await inOneTurn(storage, [
      (tx) => add(tx, 'a'),
      async (tx) => {
        await cutOff(watcher);
        await add(tx, 'b');
      },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await storage.transaction((tx) => add(tx, 'c'));
    await storage.durable();
    expect(await ids(storage)).toEqual(['c']);
  });

  test.each([
    ['answer', ['fulfilled', 'fulfilled'], ['a', 'b', 'c']],
    ['commit', ['rejected', 'rejected'], ['c']],
  ] as const)('are told the same when the connection is lost: %s', async (cut, expected, stored) => {
    const line = await cuttable(await postgresUrl());
    const storage = await storageOnPostgres(line.url);
    line.cut = cut;
    const outcomes = await inOneTurn(storage, [(tx) => add(tx, 'a'), (tx) => add(tx, 'b')]);
    expect(outcomes.map(({ status }) => status)).toEqual(expected);
    await storage.transaction((tx) => add(tx, 'c'));
    await storage.durable();
    expect(await ids(storage)).toEqual(stored);
  });

  test('all fail when what waited for the commit cannot be written', async () => {
    const storage = await storageOnPostgres(await postgresUrl());
    await storage.transaction((tx) => add(tx, 'a'));
    // Two settings of the same name, as far as the server is concerned; which it hears with the commit only.
    const rename = prepared<{ from: string; to: string }, unknown>(
      (db, parameter) =>
        db
          .updateTable('settings')
          .set({ id: parameter('to') })
          .where('id', '=', parameter('from')),
      'replaces',
    );
    const outcomes = await inOneTurn(storage, [
      (tx) => add(tx, 'b'),
      (tx) => rename(tx, { from: 'a', to: 'b' }, { key: 'a', row: {} }),
    ]);
    const twice = expect.objectContaining({ code: '23505' });
    expect(valuesOf(outcomes)).toEqual([twice, twice]);
    await storage.transaction((tx) => add(tx, 'c'));
    expect(await ids(storage)).toEqual(['a', 'c']);
  });
});
