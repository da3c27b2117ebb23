import { expect, test } from 'vitest';
import { createEventBus } from '../kernel/events.ts';
import type { Storage } from './database.ts';
import { StorageFailed } from './errors.ts';
import { type Gate, gate, settle, storageInMemory, storageOnDisk } from './testing/temporary.ts';
import { CommitHooks, createWriter } from './write.ts';

declare module '../kernel/events.ts' {
  interface Events {
    'test.noted': string;
  }
}

function writerOn(storage: Storage) {
  const published: string[] = [];
  const bus = createEventBus((error) => {
    throw error;
  });
  bus.on('test.noted', (text) => published.push(text));
  return { write: createWriter(storage, bus), published, bus };
}

const setting = (id: string) => ({ id, value: '1', updated_at: 1 });

const settingsIn = async (storage: Storage) =>
  (await storage.db.selectFrom('settings').select('id').orderBy('id').execute()).map((row) => row.id);

/** A storage whose syncs end when the test says so. */
async function withHeldSyncs() {
  const syncs: Gate[] = [];
  let held = false;
  const storage = await storageOnDisk(undefined, {
    sync() {
      if (!held) return Promise.resolve();
      const sync = gate();
      syncs.push(sync);
      return sync.opened;
    },
  });
  held = true;
  const release = () => {
    held = false;
    for (const sync of syncs) sync.open();
  };
  return { storage, syncs, release };
}

test('a write resolves, and its events go out, only when the commit is durable', async () => {
  const { storage, syncs, release } = await withHeldSyncs();
  const { write, published } = writerOn(storage);
  let resolved = false;
  const writing = write(async (tx, emit) => {
    await tx.insertInto('settings').values(setting('a')).execute();
    emit('test.noted', 'a');
    return 'result';
  }).then((result) => {
    resolved = true;
    return result;
  });
  await settle();
  expect(syncs).toHaveLength(1);
  expect([resolved, published]).toEqual([false, []]);
  release();
  expect(await writing).toBe('result');
  expect(published).toEqual(['a']);
});

test('a write that throws stores nothing and publishes nothing', async () => {
  const storage = await storageInMemory();
  const { write, published } = writerOn(storage);
  const refused = new Error('not allowed');
  await expect(
    write(async (tx, emit) => {
      await tx.insertInto('settings').values(setting('a')).execute();
      emit('test.noted', 'a');
      throw refused;
    }),
  ).rejects.toBe(refused);
  expect(await settingsIn(storage)).toEqual([]);
  await write(async (tx, emit) => {
    await tx.insertInto('settings').values(setting('b')).execute();
    emit('test.noted', 'b');
  });
  expect(await settingsIn(storage)).toEqual(['b']);
  expect(published).toEqual(['b']);
});

test('events are published in commit order, each write after those before it', async () => {
  const storage = await storageOnDisk();
  const { write, published } = writerOn(storage);
  const expected: string[] = [];
  const resolved: string[] = [];
  await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      // Some take longer inside, some emit twice, some nothing.
      const name = String(index);
      await write(async (tx, emit) => {
        await tx.insertInto('settings').values(setting(name)).execute();
        if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
        if (index % 5 === 0) return;
        emit('test.noted', name);
        if (index % 3 === 0) emit('test.noted', `${name} again`);
      });
      resolved.push(name);
      if (index % 5 !== 0) expect(published).toContain(name);
    }),
  );
  for (let index = 0; index < 200; index += 1) {
    if (index % 5 === 0) continue;
    expected.push(String(index));
    if (index % 3 === 0) expected.push(`${index} again`);
  }
  expect(published).toEqual(expected);
  expect(resolved).toHaveLength(200);
});

test('a write that changes nothing still waits for what it may have read', async () => {
  const { storage, release } = await withHeldSyncs();
  const { write, published } = writerOn(storage);
  const first = write(async (tx, emit) => {
    await tx.insertInto('settings').values(setting('a')).execute();
    emit('test.noted', 'first');
  });
  let secondResolved = false;
  const second = write(async (tx, emit) => {
    await tx.selectFrom('settings').selectAll().execute();
    emit('test.noted', 'second');
  }).then(() => {
    secondResolved = true;
  });
  await settle();
  expect([secondResolved, published]).toEqual([false, []]);
  release();
  await Promise.all([first, second]);
  expect(published).toEqual(['first', 'second']);
});

test('after a failed sync the waiting writes are rejected, nothing is published and no write is accepted', async () => {
  const { storage, syncs, release } = await withHeldSyncs();
  const { write, published } = writerOn(storage);
  const insert = (id: string) =>
    write(async (tx, emit) => {
      await tx.insertInto('settings').values(setting(id)).execute();
      emit('test.noted', id);
    });
  const first = insert('a');
  await settle();
  const second = insert('b');
  const outcome = Promise.allSettled([first, second]);
  await settle();
  syncs[0]?.fail(new Error('EIO'));
  const results = await outcome;
  for (const result of results) {
    expect(result.status === 'rejected' && result.reason).toBeInstanceOf(StorageFailed);
  }
  release();
  await expect(insert('c')).rejects.toBeInstanceOf(StorageFailed);
  expect(published).toEqual([]);
  expect(storage.failure).toBeInstanceOf(StorageFailed);
  expect(await settingsIn(storage)).not.toContain('c');
});

test('an event that is emitted too late is refused', async () => {
  const storage = await storageInMemory();
  const { write } = writerOn(storage);
  let late: () => void = () => {};
  await write(async (_tx, emit) => {
    late = () => emit('test.noted', 'late');
  });
  expect(late).toThrow('emitted after its transaction');
});

test('a listener that writes again does not disturb the order', async () => {
  const storage = await storageInMemory();
  const { write, published, bus } = writerOn(storage);
  const echoes: Promise<void>[] = [];
  bus.on('test.noted', (text) => {
    if (text.startsWith('echo')) return;
    echoes.push(write(async (_tx, emit) => emit('test.noted', `echo ${text}`)));
  });
  const note = (text: string) => write(async (_tx, emit) => emit('test.noted', text));
  await Promise.all([note('a'), note('b')]);
  await Promise.all(echoes);
  expect(published).toEqual(['a', 'b', 'echo a', 'echo b']);
});

test('hooks belong to the transaction in which their event was emitted', async () => {
  const storage = await storageInMemory();
  const published: string[] = [];
  const bus = createEventBus((error) => {
    throw error;
  });
  bus.on('test.noted', (text) => published.push(text));
  const hooks = new CommitHooks();
  hooks.on('test.noted', (text, { tx, emit }) => {
    if (text === 'nothing to do') return undefined;
    if (text === 'forbidden') throw new Error('forbidden');
    if (text === 'first') emit('test.noted', 'nothing to do');
    return tx
      .insertInto('settings')
      .values(setting(`of ${text}`))
      .execute()
      .then(() => {});
  });
  const write = createWriter(storage, bus, { hooks });
  await write(async (tx, emit) => {
    emit('test.noted', 'first');
    await tx.insertInto('settings').values(setting('own')).execute();
  });
  const refused = write(async (tx, emit) => {
    await tx.insertInto('settings').values(setting('lost')).execute();
    emit('test.noted', 'second');
    emit('test.noted', 'forbidden');
  });
  await expect(refused).rejects.toThrow('forbidden');
  expect(await settingsIn(storage)).toEqual(['of first', 'own']);
  expect(published).toEqual(['first', 'nothing to do']);
});
