import { expect, it } from 'vitest';
import { RateLimiter } from './rate-limiter.ts';

const limit = { calls: 2, windowMs: 1000 };

it('a window starts with its first call and ends after its time', () => {
  const limiter = new RateLimiter();
  expect(limiter.take('k', limit, 500)).toEqual({ exceeded: false, remaining: 1, resetAt: 1500 });
  expect(limiter.take('k', limit, 1400)).toEqual({ exceeded: false, remaining: 0, resetAt: 1500 });
  expect(limiter.take('k', limit, 1499)).toEqual({ exceeded: true, remaining: 0, resetAt: 1500 });
  expect(limiter.take('k', limit, 1500)).toEqual({ exceeded: false, remaining: 1, resetAt: 2500 });
});

it('a limit that was lowered holds for the running window', () => {
  const limiter = new RateLimiter();
  limiter.take('k', { calls: 10, windowMs: 1000 }, 0);
  limiter.take('k', { calls: 10, windowMs: 1000 }, 0);
  expect(limiter.take('k', limit, 1)).toMatchObject({ exceeded: true });
});

it('expired windows are forgotten', () => {
  const limiter = new RateLimiter();
  for (let i = 0; i < 1000; i++) limiter.take(`k${i}`, limit, i);
  limiter.take('later', limit, 100_000);
  expect(limiter.size).toBe(1);
});

it('no flood of addresses makes it grow past its cap, and it forgets the oldest first', () => {
  const limiter = new RateLimiter(10);
  for (let i = 0; i < 1000; i++) limiter.take(`k${i}`, limit, 0);
  expect(limiter.size).toBe(10);
  expect(limiter.take('k999', limit, 0).remaining).toBe(0);
  expect(limiter.take('k0', limit, 0).remaining).toBe(1);
});
