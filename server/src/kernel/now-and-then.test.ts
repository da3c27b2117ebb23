import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { NowAndThen } from './now-and-then.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('work is done again and again, and not before the shorter wait is over', async () => {
  let done = 0;
  const again = new NowAndThen(async () => {
    done += 1;
  }, [1000, 2000]);
  await vi.advanceTimersByTimeAsync(999);
  expect(done).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(done).toBe(1);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(done).toBeGreaterThanOrEqual(11);
  await again.stop();
});

test('the end waits for what is under way, and nothing follows', async () => {
  let done = 0;
  let finish: () => void = () => {};
  const again = new NowAndThen(() => {
    done += 1;
    return new Promise((resolve) => {
      finish = resolve;
    });
  }, [1000, 1001]);
  await vi.advanceTimersByTimeAsync(1001);
  let hasStopped = false;
  const stopped = again.stop().then(() => {
    hasStopped = true;
  });
  await vi.advanceTimersByTimeAsync(10_000);
  expect(hasStopped).toBe(false);
  finish();
  await stopped;
  await vi.advanceTimersByTimeAsync(10_000);
  expect(done).toBe(1);
});
