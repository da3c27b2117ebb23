import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';

let world: RoomWorld;
let rid: string;
beforeAll(async () => {
  world = await startRoomWorld();
  const { admin, alice, server } = world;
  // All of them have `finn` somewhere; the names begin with other letters than the usernames do.
  for (const [username, name] of [
    ['afinn', 'Zoe'],
    ['bfinn', 'Yara'],
    ['cfinn', 'Xenia'],
    ['dfinn', 'Wanda'],
    ['efinn', 'Vera'],
    ['finn', 'Ute'],
    ['pfinn', 'Tina'],
    ['qfinn', 'Sara'],
  ] as const) {
    const person = await server.person(username);
    await admin.post('users.update', { userId: person.uid, data: { name } });
  }
  rid = (await world.channel())._id;
  await admin.post('channels.join', { roomId: rid });
  await alice.post('channels.invite', {
    roomId: rid,
    userId: (await admin.get('users.info', { username: 'qfinn' })).body.user._id,
  });
  await alice.post('im.create', { username: 'pfinn' });
});
afterAll(() => world.close());

interface Found {
  username: string;
  outside?: true;
}

const find = async (person: Person, query: object): Promise<Found[]> =>
  (await person.get('spotlight', { type: JSON.stringify({ users: true }), ...query })).body.users;
const names = (found: readonly Found[]) => found.map(({ username }) => username);

describe('people', () => {
  test('the one with that very username, then direct partners, then anybody by username', async () => {
    const { alice, bob } = world;
    expect(names(await find(alice, { query: '@FINN' }))).toEqual([
      'finn',
      'pfinn',
      'afinn',
      'bfinn',
      'cfinn',
    ]);
    expect(names(await find(bob, { query: 'finn', usernames: 'finn,bfinn' }))).toEqual([
      'afinn',
      'cfinn',
      'dfinn',
      'efinn',
      'pfinn',
    ]);
  });

  test('members of the room come before all others, who are outside', async () => {
    const found = await find(world.alice, { query: 'finn', rid });
    expect(names(found)).toEqual(['finn', 'qfinn', 'pfinn', 'afinn', 'bfinn']);
    expect(found.filter(({ outside }) => !outside).map(({ username }) => username)).toEqual(['qfinn']);
    expect(names(await find(world.alice, { query: 'qfinn', rid }))).toEqual(['qfinn']);
  });

  test('as many as the setting says, by name where names are shown', async () => {
    const { bob, withSettings } = world;
    await withSettings({ UI_Use_Real_Name: true, Number_of_users_autocomplete_suggestions: 12 }, async () => {
      expect(names(await find(bob, { query: 'finn' }))).toEqual([
        'finn',
        'qfinn',
        'pfinn',
        'efinn',
        'dfinn',
        'cfinn',
        'bfinn',
        'afinn',
      ]);
    });
  });

  test.each(['view-outside-room', 'view-d-room'])(
    'without %s only members and direct partners',
    async (missing) => {
      const { alice, bob } = world;
      await withPermission(world, missing, ['admin'], async () => {
        expect(names(await find(alice, { query: 'finn' }))).toEqual(['pfinn']);
        expect(names(await find(alice, { query: 'finn', rid }))).toEqual(['qfinn', 'pfinn']);
        expect(await find(bob, { query: 'finn' })).toEqual([]);
      });
    },
  );
});
