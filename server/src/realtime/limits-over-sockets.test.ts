import { afterEach, describe, expect, test } from 'vitest';
import { type Fixture, openStream, startRealtime } from './realtime-fixture.ts';

let fixture: Fixture;
afterEach(() => fixture.stop());

const tooMany = {
  isClientSafe: true,
  error: 'too-many-requests',
  reason: 'Error, too many requests. Please slow down. You must wait 10 seconds before trying again.',
  message:
    'Error, too many requests. Please slow down. You must wait 10 seconds before trying again. [too-many-requests]',
  details: { timeToReset: 10_000 },
  errorType: 'Meteor.Error',
};

describe('outside of test mode', () => {
  test('too many calls are answered with an error and the connection stays', async () => {
    fixture = await startRealtime({ config: { testMode: false }, now: () => 0 });
    const client = await fixture.connected();
    for (let n = 0; n < 5; n++)
      expect(await client.call('login', [{ resume: 'alice' }])).toHaveProperty('result');
    const refused = await client.call('login', [{ resume: 'alice' }]);
    expect(refused.error).toEqual(tooMany);
    expect(await client.settled()).toEqual([]);
  });

  test('too many subscriptions end in nosub with the same error', async () => {
    fixture = await startRealtime({
      config: { testMode: false },
      now: () => 0,
      streams: [openStream('x')],
    });
    const client = await fixture.connected();
    for (let n = 0; n < 40; n++) expect(await client.sub(`${n}`, 'stream-x', `e${n}`)).toHaveProperty('subs');
    expect(await client.sub('last', 'stream-x', 'e')).toEqual({ msg: 'nosub', id: 'last', error: tooMany });
  });
});
