import { expect, test } from 'vitest';
import { systemClock } from '../kernel/clock.ts';
import { OutboundError } from '../outbound/outbound-error.ts';
import { HangingReceivers } from './hanging-receivers.ts';

const HUNG = new OutboundError('timeout', 'no answer');
const ANSWER = { status: 200, headers: {}, url: '', body: Buffer.from('ok'), truncated: false };

test('a receiver that hangs is called once a minute, until it answers', async () => {
  let now = 0;
  const clock = systemClock(() => now);
  const receivers = new HangingReceivers();
  const calls: string[] = [];
  const call = (path: string, outcome: OutboundError | typeof ANSWER) =>
    receivers.watch({ clock }, `https://hangs.example/${path}`, async () => {
      calls.push(path);
      return outcome;
    });
  for (const path of ['1', '2', '3']) expect(await call(path, HUNG)).toBe(HUNG);
  expect(await call('spared', ANSWER)).toMatchObject({ fault: 'timeout' });
  expect(await receivers.watch({ clock }, 'https://other.example/', async () => ANSWER)).toBe(ANSWER);
  now += 60_000;
  const probe = call('probe', HUNG);
  expect(await call('beside the probe', ANSWER)).toMatchObject({ fault: 'timeout' });
  expect(await probe).toBe(HUNG);
  now += 60_000;
  for (const path of ['back', 'again']) expect(await call(path, ANSWER)).toBe(ANSWER);
  expect(calls).toEqual(['1', '2', '3', 'probe', 'back', 'again']);
});
