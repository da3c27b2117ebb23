import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Refused } from '../accounts/refusals/refusal.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { type Listener, type RoomWorld, startRoomWorld } from '../support/rooms.ts';
import { type Answer, type Person, startServer } from '../support/server.ts';
import { CHANGING_REFUSALS } from './refusals/changing.ts';
import { COMMAND_REFUSALS } from './refusals/commands.ts';
import { INTEGRATION_REFUSALS } from './refusals/integrations.ts';
import { KEY_AND_TRANSLATION_REFUSALS } from './refusals/keys-and-translation.ts';
import { METHOD_DENIALS, METHOD_REFUSALS } from './refusals/methods.ts';
import { changedSince, filled, type Places, preparePlaces, stateOf, under } from './refusals/places.ts';
import { READING_REFUSALS } from './refusals/reading.ts';
import type { CommandRow, Given, MethodRow, Row, Who } from './refusals/row.ts';
import { SENDING_REFUSALS } from './refusals/sending.ts';
import { WEBDAV_METHOD_REFUSALS, WEBDAV_REFUSALS } from './refusals/webdav.ts';

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
  ['WebDAV accounts', WEBDAV_REFUSALS],
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

describe('over DDP', () => {
  const sockets = new Map<Who, DdpClient>();
  beforeAll(async () => {
    for (const who of ['alice', 'bob', 'carol'] as const) sockets.set(who, await world[who].ddp());
  });

  test.each<MethodRow>([...METHOD_REFUSALS, ...WEBDAV_METHOD_REFUSALS])(
    '%s calls %s %j',
    async (who, method, params, error, given) => {
      await under(world, given, async () => {
        const before = await stateOf(world);
        const call = sockets.get(who)?.call(method, ...filled(params, places));
        const thrown = await call?.then(
          (result) => ({ result }),
          ({ error: code, reason, details }) => JSON.parse(JSON.stringify({ error: code, reason, details })),
        );
        expect(thrown).toEqual(filled(error, places));
        expect(await changedSince(before, world)).toEqual([]);
      });
    },
  );

  test.each(METHOD_DENIALS)('bob calls %s %j and is answered false', async (method, params) => {
    expect(await sockets.get('bob')?.call(method, ...filled(params, places))).toBe(false);
  });
});

describe('limits of sending, where there are limits', () => {
  const LIMITED = {
    status: 429,
    body: {
      success: false,
      error: expect.stringMatching(
        /^Error, too many requests. Please slow down. You must wait \d seconds before trying this endpoint again. \[error-too-many-requests\]$/,
      ),
    },
  };

  test('five messages a second and five follows in five, but not for who may send many', async () => {
    const server = await startServer({ testMode: false });
    try {
      const alice = await server.person('alice', { joinDefaultChannels: true });
      const send = (person: Person) =>
        person.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'x' } });
      const many = (count: number, call: () => Promise<Answer>) =>
        Promise.all(Array.from({ length: count }, call));
      const sent = await many(6, () => send(alice));
      expect(sent.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 200, 429]);
      expect(sent.find(({ status }) => status === 429)).toMatchObject(LIMITED);
      expect((await many(6, () => send(server.admin))).map(({ status }) => status)).toEqual(
        Array(6).fill(200),
      );
      const mid = sent.find(({ status }) => status === 200)?.body.message._id;
      for (const path of ['chat.followMessage', 'chat.unfollowMessage']) {
        const answers = await many(6, () => alice.post(path, { mid }));
        expect(answers.filter(({ status }) => status === 429)).toMatchObject([LIMITED]);
      }
    } finally {
      await server.close();
    }
  });
});
