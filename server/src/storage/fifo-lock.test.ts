import { expect, test } from 'vitest';
import { FifoLock } from './fifo-lock.ts';

test('the lock is handed on in the order of asking', async () => {
  const lock = new FifoLock();
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      await lock.acquire();
      await Promise.resolve();
      order.push(index);
      lock.release();
    }),
  );
  expect(order).toEqual(Array.from({ length: 100 }, (_, index) => index));
  expect(lock.tryAcquire()).toBe(true);
  expect(lock.tryAcquire()).toBe(false);
});

test('a long line of holders lets the event loop have its turn', async () => {
  const lock = new FifoLock();
  let done = 0;
  let doneAtFirstTurn = -1;
  setImmediate(() => {
    doneAtFirstTurn = done;
  });
  await Promise.all(
    Array.from({ length: 1000 }, async () => {
      await lock.acquire();
      done += 1;
      lock.release();
    }),
  );
  expect(doneAtFirstTurn).toBeGreaterThan(0);
  expect(doneAtFirstTurn).toBeLessThan(100);
});
