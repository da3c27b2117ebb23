import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ConfigChanges } from '../../src/config/defaults.ts';
import type { Person, TestServer } from '../support/server.ts';
import { ACTIONS, type Stage } from './actions.ts';
import { type ModelClient, OnlineClient, ReturningClient } from './clients.ts';

/**
 * State + events = fresh state: after every kind of change, clients that live on events and clients that come back and
 * ask for what changed know exactly what a fresh start would fetch. Actor, member, stranger and administrator alike.
 */
export function everyClientIsInStepAfterEachAction(
  start: (changes: ConfigChanges) => Promise<TestServer>,
): void {
  let server: TestServer;
  let stage: Stage;
  let clients: ModelClient[];

  beforeAll(async () => {
    server = await start({ settingOverrides: { AutoTranslate_Enabled: 'true' } });
    const [alice, bob, carol] = (await Promise.all(
      ['alice', 'bob', 'carol'].map((name) => server.person(name)),
    )) as [Person, Person, Person];
    const { admin } = server;
    await admin.post('permissions.update', { permissions: [{ _id: 'auto-translate', roles: ['user'] }] });
    const members = ['bob'];
    const channel = (await alice.post('channels.create', { name: 'engines', members })).body.channel._id;
    const group = (await alice.post('groups.create', { name: 'crew', members })).body.group._id;
    const direct = (await alice.post('im.create', { username: 'bob' })).body.room._id;
    stage = { server, admin, alice, bob, carol, channel, group, direct, messages: new Map() };

    const watched = [alice, bob, carol].map(({ uid }) => uid);
    const online = await Promise.all(
      [alice, bob, carol, admin].map((person) => OnlineClient.start(person, watched)),
    );
    const returning = await ReturningClient.start(bob);
    for (const client of [...online, returning]) {
      await client.open(channel);
      if (client.person === alice || client.person === bob) {
        await client.open(group);
        await client.open(direct);
      }
    }
    clients = [...online, returning];
  });
  afterAll(() => server.close());

  describe('every client is in step after', () => {
    test.each(ACTIONS.map((action) => [action.name, action] as const))('%s', async (_name, action) => {
      const answer = await action.run(stage);
      expect(answer?.body.error).toBeUndefined();
      await Promise.all(clients.map((client) => client.expectInStep()));
    });
  });
}
