import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Flushable, FlushQueue, type Urgency } from './flush-queue.ts';

/** Milliseconds that a socket's flush takes; the clock of the queue moves with it. */
let now: number;
let log: string[];
let queue: FlushQueue;

class FakeSocket implements Flushable {
  readonly name: string;
  readonly costMs: number;

  constructor(name: string, costMs = 0) {
    this.name = name;
    this.costMs = costMs;
  }

  flush(urgency: Urgency): void {
    now += this.costMs;
    log.push(`${urgency} ${this.name}`);
  }
}

const crowd = (count: number, costMs: number) =>
  Array.from({ length: count }, (_, index) => new FakeSocket(`${index}`, costMs));

/** One turn of the event loop. */
function turn(): void {
  vi.advanceTimersToNextTimer();
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'setImmediate', 'clearTimeout', 'clearImmediate'] });
  now = 0;
  log = [];
  queue = new FlushQueue(() => now);
});

afterEach(() => {
  vi.useRealTimers();
});

test('answers and events leave after the turn that made them, not within it', () => {
  queue.add(new FakeSocket('a'), 'answer');
  queue.add(new FakeSocket('b'), 'event');
  expect(log).toEqual([]);
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['answer a', 'event b']);
});

test('a small round is followed by no rest', () => {
  queue.add(new FakeSocket('a', 1), 'event');
  vi.advanceTimersByTime(0);
  queue.add(new FakeSocket('a', 1), 'event');
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['event a', 'event a']);
});

test('after a long round events wait for as long as it took, answers do not', () => {
  const [first] = crowd(1, 10);
  if (first) queue.add(first, 'event');
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['event 0']);
  queue.add(new FakeSocket('late'), 'event');
  queue.add(new FakeSocket('asked'), 'answer');
  vi.advanceTimersByTime(9);
  expect(log).toEqual(['event 0', 'answer asked']);
  vi.advanceTimersByTime(1);
  expect(log).toEqual(['event 0', 'answer asked', 'event late']);
});

test('what passed of the rest before the event came is not waited for again', () => {
  queue.add(new FakeSocket('a', 10), 'event');
  vi.advanceTimersByTime(0);
  now += 10;
  queue.add(new FakeSocket('b'), 'event');
  vi.advanceTimersByTime(0);
  expect(log).toEqual(['event a', 'event b']);
});

test('no rest is longer than 25 ms', () => {
  queue.add(new FakeSocket('a', 500), 'event');
  vi.advanceTimersByTime(0);
  queue.add(new FakeSocket('b'), 'event');
  vi.advanceTimersByTime(24);
  expect(log).toEqual(['event a']);
  vi.advanceTimersByTime(1);
  expect(log).toEqual(['event a', 'event b']);
});

test('a long round gives way to other work, and what comes meanwhile is in the next round', () => {
  for (const socket of crowd(100, 0.1)) queue.add(socket, 'event');
  turn();
  // 32 sockets take more than two milliseconds.
  expect(log).toHaveLength(32);
  queue.add(new FakeSocket('late'), 'event');
  queue.add(new FakeSocket('asked'), 'answer');
  for (let more = 0; more < 4; more += 1) turn();
  expect(log.slice(32, 34)).toContain('answer asked');
  expect(log.filter((line) => line.startsWith('event'))).toEqual(
    Array.from({ length: 100 }, (_, index) => `event ${index}`),
  );
  vi.advanceTimersByTime(10);
  expect(log).toHaveLength(102);
  expect(log.at(-1)).toBe('event late');
});

describe('what is made before a round', () => {
  test('is made at the end of the turn, and is in the round itself', () => {
    queue.add(new FakeSocket('a'), 'event');
    queue.beforeRound(() => {
      log.push('made');
      queue.add(new FakeSocket('b'), 'event');
    });
    expect(log).toEqual([]);
    vi.advanceTimersByTime(0);
    expect(log).toEqual(['made', 'event a', 'event b']);
  });

  test('needs no events that wait already', () => {
    queue.beforeRound(() => queue.add(new FakeSocket('b'), 'event'));
    vi.advanceTimersByTime(0);
    expect(log).toEqual(['event b']);
  });

  test('waits while the sockets rest, and for the round that runs', () => {
    queue.add(new FakeSocket('a', 10), 'event');
    queue.add(new FakeSocket('b', 10), 'event');
    vi.advanceTimersByTime(0);
    expect(log).toEqual(['event a', 'event b']);
    queue.beforeRound(() => queue.add(new FakeSocket('c'), 'event'));
    vi.advanceTimersByTime(19);
    expect(log).toHaveLength(2);
    vi.advanceTimersByTime(1);
    expect(log).toEqual(['event a', 'event b', 'event c']);
  });
});
