import { createServer } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createServer as createGantry } from '../../src/app.ts';
import { testConfig } from '../../src/config/defaults.ts';
import { DdpClient } from '../support/ddp-client.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { dataDirectory } from './support/data-directory.ts';
import { head, Tcp } from './support/tcp.ts';

/** An orderly end: what was asked is finished, nobody is left waiting, and the data is whole. */

let server: TestServer;
afterEach(() => server.close());

test('close finishes the requests under way and stores what they acknowledged', async () => {
  const dataDir = dataDirectory();
  server = await startServer({ memory: false, dataDir });
  const alice = await server.person('alice', { joinDefaultChannels: true });
  const sent = Array.from({ length: 100 }, (_, n) =>
    alice.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: `number ${n}` } }).then(
      ({ status, body }) => ({ status, msg: body.message?.msg as string }),
      // Not yet taken when the server closed its door.
      () => undefined,
    ),
  );
  const first = await Promise.race(sent);
  expect(first?.status).toBe(200);
  await server.server.close();
  const answers = (await Promise.all(sent)).filter((answer) => answer !== undefined);
  expect(answers.map(({ status }) => status).filter((status) => status !== 200 && status !== 503)).toEqual(
    [],
  );

  server = await startServer({ memory: false, dataDir });
  const { body } = await server.admin.get('channels.messages', { roomId: 'GENERAL', count: 0 });
  const kept = new Set(body.messages.map(({ msg }: { msg: string }) => msg));
  const acknowledged = answers.filter(({ status }) => status === 200).map(({ msg }) => msg);
  expect(acknowledged.filter((msg) => !kept.has(msg))).toEqual([]);
  expect(acknowledged.length).toBeGreaterThan(0);
});

test('sockets get the results they wait for, then a close that asks them to come back', async () => {
  server = await startServer();
  const alice = await server.person('alice', { joinDefaultChannels: true });
  const [busy, idle, stranger] = [await alice.ddp(), await alice.ddp(), await DdpClient.open(server.url)];
  const result = busy.call('sendMessage', { rid: 'GENERAL', msg: 'the last one' });
  const ended = Promise.all([busy, idle, stranger].map(({ closed }) => closed));
  await busy.next(({ msg }) => msg === 'result');
  await server.server.close();
  expect((await result).msg).toBe('the last one');
  const restarting = { code: 1012, reason: 'Server restarting' };
  expect(await ended).toEqual([restarting, restarting, restarting]);
});

test('after close nothing answers, and closing again changes nothing', async () => {
  server = await startServer();
  await server.server.close();
  await expect(fetch(`${server.url}/api/info`)).rejects.toThrow();
  await expect(DdpClient.open(server.url)).rejects.toThrow();
  await server.server.close();
});

describe('a client that keeps its connection does not keep the server', () => {
  let alice: Person;

  async function start(): Promise<void> {
    server = await startServer({ limits: { shutdownMs: 200 } });
    alice = await server.person('alice', { joinDefaultChannels: true });
  }

  test('one that is idle', async () => {
    await start();
    const tcp = await Tcp.open(server.port);
    tcp.send(head('GET', '/api/info', {}));
    await tcp.received(/\}$/);
    await server.server.close();
    await tcp.ended;
  });

  test('one that never sent a request', async () => {
    await start();
    const tcp = await Tcp.open(server.port);
    expect((await alice.get('me')).status).toBe(200);
    await server.server.close();
    await tcp.ended;
  });

  test('one that stalls in the middle of its body', async () => {
    await start();
    const tcp = await Tcp.open(server.port);
    const headers = {
      'x-user-id': alice.uid,
      'x-auth-token': alice.token,
      'content-type': 'application/json',
    };
    tcp.send(head('POST', '/api/v1/chat.sendMessage', { ...headers, 'content-length': 100 }));
    tcp.send('{"message":');
    expect((await alice.get('me')).status).toBe(200);
    await server.server.close();
    await tcp.ended;
  });

  test('one that does not read its answer', async () => {
    await start();
    const tcp = await Tcp.open(server.port);
    tcp.socket.pause();
    for (let n = 0; n < 200; n++) {
      tcp.send(head('GET', '/api/v1/settings.public?count=0', {}));
    }
    expect((await alice.get('me')).status).toBe(200);
    await server.server.close();
    tcp.close();
  });

  test('a socket that does not read', async () => {
    await start();
    const socket = await alice.ddp();
    socket.pause();
    await server.server.close();
    socket.close();
  });
});

test('a second server on the same data directory is refused while the first one runs, and may start after it', async () => {
  const dataDir = dataDirectory();
  server = await startServer({ memory: false, dataDir });
  const again = () => createGantry(testConfig({ testMode: true, memory: false, dataDir }));
  await expect(again()).rejects.toThrow(
    `The data directory ${dataDir} is in use by the process ${process.pid}. Only one server may use it at a time.`,
  );
  expect((await server.admin.get('me')).status).toBe(200);
  await server.server.close();
  const second = await again();
  await second.close();
});

test('a port that is taken is told and leaves the data directory free', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => squatter.once('listening', resolve));
  const { port } = squatter.address() as { port: number };
  const dataDir = dataDirectory();
  const admin = { username: 'root', password: 'root-password', email: 'root@example.com' };
  const unlucky = await createGantry(testConfig({ memory: false, dataDir, port, admin }));
  await expect(unlucky.listen()).rejects.toThrow('EADDRINUSE');
  await unlucky.close();
  squatter.close();
  server = await startServer({ memory: false, dataDir });
  expect((await server.admin.get('me')).status).toBe(200);
});
