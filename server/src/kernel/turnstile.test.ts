import { expect, test } from 'vitest';
import { Turnstile } from './turnstile.ts';

test('no more tasks than allowed run at a time, in the order of asking, also after one fails', async () => {
  const turnstile = new Turnstile(2);
  const started: number[] = [];
  const release: (() => void)[] = [];
  const tasks = [0, 1, 2, 3].map((n) =>
    turnstile.run(async () => {
      started.push(n);
      await new Promise<void>((resolve) => {
        release[n] = resolve;
      });
      if (n === 0) throw new Error('task 0');
      return n;
    }),
  );
  const outcomes = Promise.allSettled(tasks);
  expect(started).toEqual([0, 1]);
  release[0]?.();
  await expect(tasks[0]).rejects.toThrow('task 0');
  expect(started).toEqual([0, 1, 2]);
  release[2]?.();
  await tasks[2];
  expect(started).toEqual([0, 1, 2, 3]);
  release[1]?.();
  release[3]?.();
  expect((await outcomes).map((outcome) => outcome.status)).toEqual([
    'rejected',
    'fulfilled',
    'fulfilled',
    'fulfilled',
  ]);
});
