import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { openCluster, type TestCluster } from '../support/cluster.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type Person, type TestServer } from '../support/server.ts';

/** What clients and the server say to sockets without storing anything reaches those of other nodes. */

let anna: Person;
let bert: Person;
let rid: string;
/** Anna's connection to the first node, and one of hers and one of Bert's to the second. */
let writer: DdpClient;
let annaElsewhere: DdpClient;
let reader: DdpClient;
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openCluster(2);
  const [one, two] = cluster.nodes as [TestServer, TestServer];
  anna = await one.person('anna');
  await two.person('bert');
  bert = await logIn(two.url, 'bert', 'bert-password');
  rid = (await anna.post('groups.create', { name: 'crew', members: ['bert'] })).body.group._id;
  writer = await anna.ddp();
  annaElsewhere = await (await logIn(two.url, 'anna', anna.password)).ddp();
  reader = await bert.ddp();
});

afterAll(() => cluster.close());

const both = (): DdpClient[] => [writer, reader];

/** What `reader` gets of it; when it is there, `writer` has had what it gets. */
async function heardByReader(stream: string, eventName: string): Promise<unknown[]> {
  await vi.waitFor(() => expect(reader.events(stream, eventName)).not.toEqual([]), PATIENCE);
  await writer.barrier();
  return reader.events(stream, eventName);
}

describe('a client of the first node reaches clients of the second, and not itself', () => {
  test('by what it does in a room', async () => {
    for (const client of both())
      for (const event of ['user-activity', 'typing', 'webrtc'])
        await client.subscribe('stream-notify-room', `${rid}/${event}`);
    await writer.call('stream-notify-room', `${rid}/user-activity`, 'anna', ['user-typing'], {});
    await writer.call('stream-notify-room', `${rid}/webrtc`, 'candidate', { at: { $date: 1 } });
    expect(await heardByReader('notify-room', `${rid}/user-activity`)).toEqual([
      ['anna', ['user-typing'], {}],
    ]);
    expect(await heardByReader('notify-room', `${rid}/typing`)).toEqual([['anna', true]]);
    expect(await heardByReader('notify-room', `${rid}/webrtc`)).toEqual([
      ['candidate', { at: { $date: 1 } }],
    ]);
    for (const event of ['user-activity', 'typing', 'webrtc'])
      expect(writer.events('notify-room', `${rid}/${event}`)).toEqual([]);
  });

  test.each(['webrtc', 'e2ekeyRequest'])('by %s for one person', async (event) => {
    const eventName = `${bert.uid}/${event}`;
    await reader.subscribe('stream-notify-user', eventName);
    if (event === 'webrtc') await writer.subscribe('stream-notify-user', eventName);
    await writer.call('stream-notify-user', eventName, 'handshake', { key: 'value' });
    expect(await heardByReader('notify-user', eventName)).toEqual([['handshake', { key: 'value' }]]);
    expect(writer.events('notify-user', eventName)).toEqual([]);
  });

  test('by what it says to all members of a room, each once', async () => {
    await reader.subscribe('stream-notify-user', `${bert.uid}/webrtc`);
    await annaElsewhere.subscribe('stream-notify-user', `${anna.uid}/webrtc`);
    const before = reader.events('notify-user', `${bert.uid}/webrtc`).length;
    await writer.call('stream-notify-room-users', `${rid}/webrtc`, 'to all', {});
    await vi.waitFor(
      () => expect(reader.events('notify-user', `${bert.uid}/webrtc`).length).toBeGreaterThan(before),
      PATIENCE,
    );
    await annaElsewhere.barrier();
    expect(annaElsewhere.events('notify-user', `${anna.uid}/webrtc`)).toEqual([]);
  });

  test('by signals of a call, for one and for all', async () => {
    const [one] = cluster.nodes as [TestServer];
    await one.admin.post('settings/VideoConf_Default_Provider', { value: 'jitsi' });
    await one.admin.post('settings/Jitsi_Domain', { value: 'https://meet.example.com/' });
    const { body } = await anna.post('video-conference.start', { roomId: rid });
    const { callId } = body.data;
    const params = { callId, uid: anna.uid, rid };
    const eventName = `${bert.uid}/video-conference`;
    await reader.subscribe('stream-notify-user', eventName);
    await writer.subscribe('stream-notify-user', `${anna.uid}/video-conference`);
    await writer.call('stream-notify-user', eventName, { action: 'call', params });
    await writer.call('stream-notify-room-users', `${rid}/video-conference`, { action: 'canceled', params });
    await vi.waitFor(
      () =>
        expect(reader.events('notify-user', eventName)).toEqual([
          [{ action: 'call', params }],
          [{ action: 'canceled', params }],
        ]),
      PATIENCE,
    );
    expect(writer.events('notify-user', `${anna.uid}/video-conference`)).toEqual([]);
  });
});

test('what a request over REST to one node shows to its user alone is shown on the other', async () => {
  await annaElsewhere.subscribe('stream-notify-user', `${anna.uid}/message`);
  const invited = await anna.post('commands.run', { command: 'invite', params: '@nobody', roomId: rid });
  expect(invited.status).toBe(200);
  const [message] = await annaElsewhere.event('notify-user', `${anna.uid}/message`);
  expect(message).toMatchObject({ rid, private: true, u: { username: 'rocket.cat' } });
  await annaElsewhere.barrier();
  expect(annaElsewhere.events('notify-user', `${anna.uid}/message`)).toHaveLength(1);
});
