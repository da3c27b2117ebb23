import { expect, test } from 'vitest';
import { logIn } from '../support/server.ts';
import { moveHere } from './moved-workspace.ts';
import { at, PASSWORD, SMALL_WORKSPACE } from './small-workspace.ts';

const member = (rid: string, name: string) => ({
  ...{ _id: `${rid}-${name}`, rid, u: { _id: `${name}Id`, username: name }, t: 'd', ts: at(1), open: true },
});

test('direct rooms of many and alone are found again, whatever their ids are', async () => {
  const { url } = await moveHere({
    ...{ users: SMALL_WORKSPACE.users ?? [] },
    rocketchat_room: [
      { _id: 'ofThree', t: 'd', uids: ['botId', 'adaId', 'bobId'], ts: at(1) },
      { _id: 'alone', t: 'd', uids: ['adaId'], ts: at(1) },
      { _id: 'adaIdbobId', t: 'd', uids: ['adaId', 'bobId'], ts: at(1) },
    ],
    rocketchat_subscription: [
      ...['ada', 'bob', 'bot'].map((name) => member('ofThree', name)),
      member('alone', 'ada'),
      ...['ada', 'bob'].map((name) => member('adaIdbobId', name)),
    ],
  });
  const ada = await logIn(url, 'ada', PASSWORD);
  const opened = async (usernames: string) => (await ada.post('im.create', { usernames })).body.room?._id;
  expect(await opened('bob,builds')).toBe('ofThree');
  expect(await opened('ada')).toBe('alone');
  expect(await opened('bob')).toBe('adaIdbobId');
  // Old documents do not say what a direct room is called.
  const { update } = (await ada.get('subscriptions.get')).body;
  const names = update.map(({ rid, name, fname }: Record<string, string>) => [rid, name, fname]).sort();
  expect(names).toEqual([
    ['adaIdbobId', 'bob', 'Bob'],
    ['alone', 'ada', 'Ada Lovelace'],
    ['ofThree', 'builds, bob', 'builds, Bob'],
  ]);
});
