import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';

function stoppedClock() {
  const time = { now: 1000 };
  return { time, clock: systemClock(() => time.now) };
}

test('stamps without a room never repeat, and follow the time', () => {
  const { time, clock } = stoppedClock();
  expect([clock.stamp(), clock.stamp(), clock.stamp()]).toEqual([1000, 1001, 1002]);
  time.now = 2000;
  expect(clock.stamp()).toBe(2000);
  expect(clock.now()).toBe(2000);
});

test('a busy room does not push the stamps of other rooms ahead', () => {
  const { clock } = stoppedClock();
  expect([clock.stamp('a'), clock.stamp('a'), clock.stamp('a')]).toEqual([1000, 1001, 1002]);
  expect(clock.stamp('b')).toBe(1000);
});

test('a stamp without a room is later than every stamp before it, and earlier than every one after it', () => {
  const { clock } = stoppedClock();
  clock.stamp('a');
  clock.stamp('a');
  expect(clock.stamp()).toBe(1002);
  expect(clock.stamp('b')).toBe(1003);
});

test('rooms are forgotten only when their last stamp has passed', () => {
  const { time, clock } = stoppedClock();
  clock.stamp('ahead');
  clock.stamp('ahead');
  for (let room = 0; room < 2000; room += 1) clock.stamp(`room ${room}`);
  time.now = 1001;
  for (let room = 0; room < 2000; room += 1) clock.stamp(`other ${room}`);
  expect(clock.stamp('ahead')).toBe(1002);
});
