import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GANTRY } from '../../test/support/gantry-command.ts';

let folder: string;
let children: ChildProcess[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-serve-'));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Starts `gantry <args>` as a process of its own. */
function start(args: string[], stdin = '') {
  const child = spawn(process.execPath, [GANTRY, ...args, '--log-level', 'silent'], {
    // Of the environment only what a process needs, and cheap password hashes.
    env: { PATH: process.env.PATH, GANTRY_PASSWORD_COST: '4' },
  });
  children.push(child);
  child.stdin.end(stdin);
  return child;
}

/** Runs `gantry <args>` to its end. */
async function run(args: string[], stdin?: string) {
  const child = start(args, stdin);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { code, out: out.trim(), err: err.trim() };
}

/** Starts a server on a free port and waits until it listens. */
async function serve(args: string[]) {
  const child = start(['serve', '--host', '127.0.0.1', '--port', '0', ...args]);
  let banner = '';
  for await (const chunk of child.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    banner += chunk;
    if (banner.includes('Ctrl-C stops')) break;
  }
  const [, address = ''] = /address +(\S+)/.exec(banner) ?? [];
  return { child, banner, address };
}

async function stop(child: ChildProcess): Promise<unknown> {
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  const [code, signal] = await exit;
  return { code, signal };
}

async function logIn(address: string, user: string, password: string): Promise<number> {
  const answer = await fetch(`${address}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  return answer.status;
}

test('the first start shows an admin who can log in, and SIGTERM ends it with exit code 0', async () => {
  const { child, banner, address } = await serve(['--memory']);
  const [, username = '', password = ''] =
    /admin +(\S+), password (\S+) \(shown only now\)/.exec(banner) ?? [];
  expect(username).toBe('admin');
  expect(await logIn(address, username, password)).toBe(200);
  expect(await stop(child)).toEqual({ code: 0, signal: null });
});

test('a port in use is told in one line', async () => {
  const squatter = createServer().listen(0, '127.0.0.1');
  await once(squatter, 'listening');
  const { port } = squatter.address() as { port: number };
  const { code, err } = await run(['serve', '--memory', '--host', '127.0.0.1', '--port', String(port)]);
  squatter.close();
  expect({ code, err }).toEqual({
    code: 1,
    err: `gantry: port ${port} of 127.0.0.1 is in use; choose another one with --port`,
  });
});

// Five processes, one after the other: slow on a busy machine.
test('admin commands refuse beside a running server and work after it has stopped', async () => {
  const data = join(folder, 'data');
  const first = await serve(['--data', data]);
  const create = [
    'admin',
    'create-user',
    'alice',
    '--email',
    'alice@example.org',
    '--password-stdin',
    '--data',
    data,
  ];
  const refused = await run(create, 'secret of alice\n');
  expect(refused.code).toBe(1);
  expect(refused.err).toBe(
    `gantry: The data directory ${data} is in use by the process ${first.child.pid}. Only one server may use it at a time.`,
  );
  await stop(first.child);

  expect(await run(create, 'secret of alice\n')).toMatchObject({ code: 0, err: '' });
  const reset = await run(['admin', 'reset-password', 'admin', '--data', data]);
  const [, password = ''] = /^Changed the password of admin to (\S+)$/.exec(reset.out) ?? [];
  const second = await serve(['--data', data]);
  expect(second.banner).not.toContain('shown only now');
  expect(await logIn(second.address, 'alice', 'secret of alice')).toBe(200);
  expect(await logIn(second.address, 'admin', password)).toBe(200);
  await stop(second.child);
}, 90_000);

test('an unknown user is told in one line', async () => {
  const { code, err } = await run(['admin', 'reset-password', 'nobody', '--data', join(folder, 'data')]);
  expect(code).toBe(1);
  expect(err).toMatch(/^gantry: There is no user nobody/);
});

test('migrate makes the database and shows the first admin, who would be unknown otherwise', async () => {
  const data = join(folder, 'data');
  const { code, out } = await run(['migrate', '--data', data]);
  expect(code).toBe(0);
  const [created, done] = out.split('\n');
  expect(created).toMatch(/^Created the first admin admin, password \S+$/);
  expect(done).toBe(`The database in ${data} is up to date.`);
});
