import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Refused } from '../accounts/refusals/refusal.ts';
import { type Listener, type RoomWorld, startRoomWorld } from '../support/rooms.ts';
import { CHANGING_REFUSALS } from './refusals/changing.ts';
import { COMMAND_REFUSALS } from './refusals/commands.ts';
import { INTEGRATION_REFUSALS } from './refusals/integrations.ts';
import { KEY_AND_TRANSLATION_REFUSALS } from './refusals/keys-and-translation.ts';
import { changedSince, filled, type Places, preparePlaces, stateOf, under } from './refusals/places.ts';
import { READING_REFUSALS } from './refusals/reading.ts';
import type { CommandRow, Given, Row, Who } from './refusals/row.ts';
import { SENDING_REFUSALS } from './refusals/sending.ts';

/**
 * The failure rows of spec 30 and 31 that one call shows, each with its whole body; and nothing has changed after it.
 * Everything else about these endpoints is tested where they are.
 */

let world: RoomWorld;
let places: Places;

beforeAll(async () => {
  world = await startRoomWorld();
  places = await preparePlaces(world);
});
afterAll(() => world.close());

const caller = (who: Who) => (who === 'nobody' ? world.server.anonymous : world[who]);

async function expectRefusal(who: Who, call: string, params: unknown, refused: Refused, given?: Given) {
  const [verb = '', named = ''] = filled(call, places).split(' ');
  // Webhooks are outside of the API.
  const path = named.startsWith('/') ? `../..${named}` : named;
  const { get, post, put } = caller(who);
  await under(world, given, async () => {
    const before = await stateOf(world);
    const input = filled(params, places);
    const answer =
      verb === 'GET'
        ? await get(path, input as Record<string, unknown>)
        : await (verb === 'PUT' ? put : post)(path, input);
    expect({ status: answer.status, body: answer.body }).toEqual(filled(refused, places));
    expect(await changedSince(before, world)).toEqual([]);
  });
}

describe.each<[string, Row[]]>([
  ['sending', SENDING_REFUSALS],
  ['changing', CHANGING_REFUSALS],
  ['reading', READING_REFUSALS],
])('spec 30: %s', (_, rows) => {
  test.each<Row>(rows)('%s %s %j', expectRefusal);
});

describe.each<[string, Row[]]>([
  ['webhooks', INTEGRATION_REFUSALS],
  ['commands, translation and keys', KEY_AND_TRANSLATION_REFUSALS],
])('spec 31: %s', (_, rows) => {
  test.each<Row>(rows)('%s %s %j', expectRefusal);
});

describe('spec 31: slash commands', () => {
  const listeners = new Map<Who, Listener>();
  beforeAll(async () => {
    for (const who of ['alice', 'bob', 'carol'] as const) listeners.set(who, await world.listen(world[who]));
  });

  test.each<CommandRow>(COMMAND_REFUSALS)('%s /%s %s', async (who, command, params, refused, told, given) => {
    await under(world, given, async () => {
      const before = await stateOf(world);
      const heard = (await listeners.get(who)?.ephemeral())?.length ?? 0;
      const body = { command, params, roomId: given?.room ?? '$channel' };
      const answer = await caller(who).post('commands.run', filled(body, places));
      const expected = refused === 'answered' ? { status: 200, body: { success: true } } : refused;
      expect({ status: answer.status, body: answer.body }).toEqual(filled(expected, places));
      const messages = ((await listeners.get(who)?.ephemeral()) ?? []).slice(heard);
      expect(messages.map(({ msg }) => msg)).toEqual(filled(told, places));
      expect(await changedSince(before, world)).toEqual([]);
    });
  });
});
