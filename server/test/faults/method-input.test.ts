import { afterAll, beforeAll, expect, test } from 'vitest';
import { DdpClient, type Frame } from '../support/ddp-client.ts';
import { startServer, type TestServer } from '../support/server.ts';
import type { Known } from './support/hostile-inputs.ts';
import { hostileValues } from './support/hostile-values.ts';
import { expectStillServing } from './support/proof.ts';
import { Worlds } from './support/worlds.ts';

/** Every declared method and stream gets every kind of wrong parameter. One is covered by being declared. */

let server: TestServer;
let worlds: Worlds;

beforeAll(async () => {
  server = await startServer({
    translationUrl: 'http://127.0.0.1:1',
    settingOverrides: {
      Block_Multiple_Failed_Logins_Enabled: 'false',
      Accounts_AllowDeleteOwnAccount: 'true',
      Message_CustomFields_Enabled: 'true',
      AutoTranslate_Enabled: 'true',
      AutoTranslate_GoogleAPIKey: 'key',
      Webdav_Integration_Enabled: 'true',
    },
  });
  worlds = new Worlds(server);
});
afterAll(() => server.close());

const VALUES = [
  ...hostileValues('ts'),
  { $date: 1e300 },
  { $binary: 'AAAA' },
  { $InfNaN: 0 },
  { $escape: { $date: 1 } },
  { twoFactorCode: {}, twoFactorMethod: [] },
];

/** Parameters that begin rightly, so that the wrong one meets more than the first check. */
function paramLists({ roomId, userId, username, messageId }: Known): unknown[][] {
  const message = { rid: roomId, msg: 'some text' };
  return VALUES.flatMap((value) => [
    [value],
    [roomId, value],
    [userId, value],
    [username, value],
    [messageId, value],
    [roomId, username, value],
    [{ rid: roomId, roomId, _id: messageId, username, msg: value }],
    [{ ...message, rid: value, _id: value }],
    [{ ...message, attachments: [value], tmid: value, alias: value, customFields: value }],
  ]);
}

const isInternal = ({ error }: Frame): boolean =>
  error?.error === 500 || error?.reason === 'Internal server error';

const shown = (value: unknown): string => JSON.stringify(value).slice(0, 300);

test('no parameters make a method fail with an internal error', async () => {
  const faults: string[] = [];
  for (const { name } of server.server.doors.methods) {
    const caller = await worlds.disposableAdmin();
    const known = await worlds.around(caller, name);
    let socket = await caller.ddp();
    for (const [index, params] of [[], ...paramLists(known)].entries()) {
      const id = `${name} ${index}`;
      socket.send({ msg: 'method', id, method: name, params });
      const answer = await answerOf(socket, id);
      if (!answer) {
        // The call ended the session, as a logout does.
        socket = await (await worlds.disposableAdmin()).ddp();
      } else if (isInternal(answer)) {
        faults.push(`${name}(${shown(params)}): ${shown(answer.error)}`);
      }
    }
    socket.close();
  }
  expect(faults).toEqual([]);
  await expectStillServing(server);
}, 120_000);

test('without a login no parameters make a method fail with an internal error', async () => {
  const known = await worlds.around(await worlds.disposableAdmin(), '');
  const socket = await DdpClient.connect(server.url);
  const ids = new Map<string, string>();
  for (const { name } of server.server.doors.methods) {
    for (const params of [[], ...paramLists(known)]) {
      const id = `call-${ids.size}`;
      ids.set(id, `${name}(${shown(params)})`);
      socket.send({ msg: 'method', id, method: name, params });
    }
    await settled(socket);
  }
  const results = socket.frames.filter(({ msg }) => msg === 'result');
  expect(results.map(({ id }) => id)).toEqual([...ids.keys()]);
  expect(results.filter(isInternal).map(({ id }) => ids.get(id))).toEqual([]);
  socket.close();
  await expectStillServing(server);
}, 120_000);

test('no event name or options make a stream fail with an internal error', async () => {
  const caller = await worlds.disposableAdmin();
  const { roomId, userId } = await worlds.around(caller, '');
  const socket = await caller.ddp();
  const asked = new Map<string, string>();
  const streams = server.server.doors.streams.map(({ name }) => `stream-${name}`);
  for (const name of [...streams, 'meteor.loginServiceConfiguration', 'no such publication', '__proto__']) {
    const lists = VALUES.flatMap((value) => [
      [value],
      [value, value],
      [roomId, value],
      [`${roomId}/user-activity`, { useCollection: false, args: [value] }],
      [`${userId}/${typeof value === 'string' ? value : 'message'}`, false],
    ]);
    for (const params of [[], ...lists]) {
      const id = `sub-${asked.size}`;
      asked.set(id, `${name}(${shown(params)})`);
      socket.send({ msg: 'sub', id, name, params });
      // And as a write.
      socket.send({ msg: 'method', id: `write-${id}`, method: name, params });
      socket.send({ msg: 'unsub', id });
    }
    await settled(socket);
  }
  const failed = socket.frames.filter(isInternal);
  expect(failed.map(({ id }) => asked.get(String(id).replace('write-', '')))).toEqual([]);
  const written = socket.frames.filter(({ msg, id }) => msg === 'result' && String(id).startsWith('write-'));
  expect(written).toHaveLength(asked.size);
  socket.close();
  await expectStillServing(server);
}, 60_000);

/** undefined when the socket closed instead. */
async function answerOf(socket: DdpClient, id: string): Promise<Frame | undefined> {
  const answer = socket.first((frame) => frame.msg === 'result' && frame.id === id);
  return Promise.race([answer, socket.closed.then(() => undefined)]);
}

/** Methods, subs and unsubs of one socket are served in order: an `unsub` of nothing is answered after them. */
async function settled(socket: DdpClient): Promise<void> {
  const id = `settled-${Math.random()}`;
  socket.send({ msg: 'unsub', id });
  await socket.first((frame) => frame.msg === 'nosub' && frame.id === id);
}
