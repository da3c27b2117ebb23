import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { ConfigChanges } from '../src/config/defaults.ts';
import { PATIENCE } from './support/patience.ts';
import { startServer, type TestServer } from './support/server.ts';

/** Figures for Prometheus (spec 23, "Operations"). */

async function start(changes: ConfigChanges = {}): Promise<TestServer> {
  const server = await startServer({ prometheusPort: 0, ...changes });
  onTestFinished(() => server.close());
  return server;
}

async function enable({ admin, server: { prometheus } }: TestServer, settings = {}): Promise<string> {
  for (const [id, value] of Object.entries({ ...settings, Prometheus_Enabled: true }))
    expect((await admin.post(`settings/${id}`, { value })).status).toBe(200);
  await prometheus.settled();
  return `http://127.0.0.1:${prometheus.port}`;
}

/** The samples of a figure, each with its labels. */
async function samples(url: string, name: string): Promise<string[]> {
  const answer = await fetch(`${url}/metrics`);
  expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
  return (await answer.text()).split('\n').filter((line) => line.startsWith(name));
}

test('there are none until somebody wants them, and none on the main port', async () => {
  const server = await start();
  expect(server.server.prometheus.port).toBeUndefined();
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  const url = await enable(server);
  expect((await fetch(`${server.url}/metrics`)).status).toBe(404);
  expect(await samples(url, 'gantry_info')).toEqual([
    expect.stringMatching(/^gantry_info\{version="[\d.]+"\} 1$/),
  ]);
  for (const [method, path] of [
    ['GET', '/'],
    ['POST', '/metrics'],
  ] as const)
    expect((await fetch(url + path, { method })).status).toBe(404);
  await server.admin.post('settings/Prometheus_Enabled', { value: false });
  await server.server.prometheus.settled();
  await expect(fetch(`${url}/metrics`)).rejects.toThrow();
});

test('requests are counted by what they were answered, unknown ones together', async () => {
  const server = await start();
  const url = await enable(server);
  await server.admin.get('me');
  await server.admin.get('me?fields=x');
  await fetch(`${server.url}/api/v1/me`);
  await server.admin.post('method.call/nothing', { message: '{}' });
  for (const path of ['/api/v1/a', '/b', '/api/v1/me/c']) await fetch(server.url + path, { method: 'PUT' });
  const count = 'gantry_http_request_duration_seconds_count';
  await vi.waitFor(
    async () =>
      expect((await samples(url, count)).sort()).toEqual([
        `${count}{method="GET",route="/api/v1/me",status="200"} 2`,
        `${count}{method="GET",route="/api/v1/me",status="401"} 1`,
        `${count}{method="POST",route="/api/v1/method.call/:method",status="400"} 1`,
        `${count}{method="other",route="other",status="404"} 3`,
      ]),
    PATIENCE,
  );
});

test('programs by name, not more than a hundred of them, where that is wanted', async () => {
  const server = await start();
  const url = await enable(server, { Prometheus_API_User_Agent: true });
  for (let number = 0; number < 105; number += 1)
    await fetch(`${server.url}/api/info`, {
      headers: { 'user-agent': `"bot"\n${number}`.replace('\n', ' ') },
    });
  const count = 'gantry_http_request_duration_seconds_count{method="GET",route="/api/info"';
  await vi.waitFor(async () => {
    const lines = await samples(url, count);
    expect(lines).toContain(`${count},status="200",user_agent="\\"bot\\" 0"} 1`);
    expect(lines.find((line) => line.includes('user_agent="other"'))).toMatch(/ [56]$/);
  }, PATIENCE);
});

test('messages, sockets and the process', async () => {
  const server = await start();
  const url = await enable(server, { Prometheus_Garbage_Collector: true });
  const { _id: rid } = (await server.admin.post('channels.create', { name: 'here' })).body.channel;
  const [before] = await samples(url, 'gantry_messages_sent_total');
  await server.admin.post('chat.sendMessage', { message: { rid, msg: 'hello' } });
  const countIn = (line = '') => Number(line.split(' ')[1]);
  expect(countIn((await samples(url, 'gantry_messages_sent_total'))[0])).toBe(countIn(before) + 1);
  expect(await samples(url, 'gantry_realtime_')).toEqual([
    'gantry_realtime_connections 0',
    'gantry_realtime_users 0',
    'gantry_realtime_subscriptions 0',
  ]);
  for (const name of [
    'process_cpu_seconds_total',
    'process_resident_memory_bytes',
    'nodejs_heap_size_used_bytes',
  ])
    expect(countIn((await samples(url, name))[0])).toBeGreaterThan(0);
  expect(await samples(url, 'nodejs_gc_duration_seconds_count')).toHaveLength(1);
});

test('a port that is taken is no reason not to start', async () => {
  const taken = await occupied();
  const server = await start({ prometheusPort: (taken.address() as AddressInfo).port });
  await enable(server);
  expect(server.server.prometheus.port).toBeUndefined();
  expect((await server.admin.get('me')).status).toBe(200);
});

test('they start anew as often as the settings say', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const server = await start();
  const url = await enable(server, { Prometheus_Reset_Interval: 1000 });
  const { _id: rid } = (await server.admin.post('channels.create', { name: 'here' })).body.channel;
  await server.admin.post('chat.sendMessage', { message: { rid, msg: 'hello' } });
  expect(await samples(url, 'gantry_messages_sent_total')).not.toEqual(['gantry_messages_sent_total 0']);
  vi.advanceTimersByTime(1000);
  expect(await samples(url, 'gantry_messages_sent_total')).toEqual(['gantry_messages_sent_total 0']);
});

async function occupied(): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return server;
}
