import { expect, test } from 'vitest';
import { Durability } from './durability.ts';
import { StorageFailed } from './errors.ts';
import { type Gate, gate, settle } from './testing/temporary.ts';

function setUp() {
  const syncs: Gate[] = [];
  const failures: StorageFailed[] = [];
  const durability = new Durability(
    () => {
      const sync = gate();
      syncs.push(sync);
      return sync.opened;
    },
    (error) => failures.push(error),
  );
  const done: string[] = [];
  const commit = (name: string) => {
    durability.noteCommit();
    durability.wait().then(
      () => done.push(name),
      () => done.push(`${name} failed`),
    );
  };
  return { durability, syncs, failures, done, commit };
}

test('a commit is durable only when the sync has finished', async () => {
  const { syncs, done, commit } = setUp();
  commit('a');
  await settle();
  expect(syncs).toHaveLength(1);
  expect(done).toEqual([]);
  syncs[0]?.open();
  await settle();
  expect(done).toEqual(['a']);
});

test('everything that is committed when the sync starts is covered by it', async () => {
  const { durability, syncs, done, commit } = setUp();
  durability.noteCommit();
  commit('a');
  void durability.wait().then(() => done.push('another waiter'));
  await settle();
  expect(syncs).toHaveLength(1);
  syncs[0]?.open();
  await settle();
  expect(done).toEqual(['a', 'another waiter']);
  expect(syncs).toHaveLength(1);
});

test('a commit made while a sync runs waits for the next one, and one sync runs at a time', async () => {
  const { syncs, done, commit } = setUp();
  commit('a');
  await settle();
  commit('b');
  commit('c');
  await settle();
  expect(syncs).toHaveLength(1);
  syncs[0]?.open();
  await settle();
  expect(done).toEqual(['a']);
  expect(syncs).toHaveLength(2);
  syncs[1]?.open();
  await settle();
  expect(done).toEqual(['a', 'b', 'c']);
  expect(syncs).toHaveLength(2);
});

test('who has nothing new to wait for needs no sync', async () => {
  const { durability, syncs, commit } = setUp();
  await durability.wait();
  commit('a');
  await settle();
  const readOnly = durability.wait();
  syncs[0]?.open();
  await readOnly;
  await durability.wait();
  expect(syncs).toHaveLength(1);
});

test('a failed sync rejects every waiter and everybody after them', async () => {
  const { durability, syncs, failures, done, commit } = setUp();
  commit('a');
  await settle();
  commit('b');
  const cause = new Error('EIO');
  syncs[0]?.fail(cause);
  await settle();
  commit('c');
  await settle();
  expect(done).toEqual(['a failed', 'b failed', 'c failed']);
  expect(syncs).toHaveLength(1);
  expect(durability.failure).toBeInstanceOf(StorageFailed);
  expect(durability.failure?.cause).toBe(cause);
  expect(failures).toEqual([durability.failure]);
});
