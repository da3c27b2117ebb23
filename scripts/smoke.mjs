// Starts the built server as a newcomer would (`npm start`), logs in as the first admin, stops it with SIGTERM and
// expects a clean exit.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_MS = 120_000;
const STOP_MS = 30_000;

const data = mkdtempSync(join(tmpdir(), 'gantry-smoke-'));
const port = await freePort();
const address = `http://127.0.0.1:${port}`;
const server = spawn('npm', ['start', '--', '--port', String(port), '--host', '127.0.0.1', '--data', data], {
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  // The machine's own configuration must not decide what is tested.
  env: Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(GANTRY_|ADMIN_|PORT$|ROOT_URL$)/.test(name)),
  ),
  stdio: ['ignore', 'pipe', 'inherit'],
  // A process group of its own, so that nothing is left behind when a check fails.
  detached: true,
});
const exited = once(server, 'exit');
let output = '';
server.stdout.setEncoding('utf8').on('data', (text) => {
  output += text;
});

try {
  await untilListening();
  const info = await fetch(`${address}/api/info`);
  assert.equal(info.status, 200);
  assert.equal((await info.json()).success, true);

  const [, user, password] = /admin +(\S+), password (\S+)/.exec(output) ?? [];
  assert.ok(password, 'the first start prints the password of the first admin');
  const login = await fetch(`${address}/api/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user, password }),
  });
  assert.equal(login.status, 200, await login.text());

  server.kill('SIGTERM');
  const [code, signal] = await Promise.race([exited, sleep(STOP_MS, ['still running'], { ref: false })]);
  assert.deepEqual({ code, signal }, { code: 0, signal: null });
  console.log(`Smoke test passed on Node ${process.versions.node}.`);
} finally {
  killGroup(server.pid);
  rmSync(data, { recursive: true, force: true });
}

async function untilListening() {
  const deadline = Date.now() + START_MS;
  while (!output.includes('is running')) {
    assert.equal(server.exitCode, null, `the server ended with code ${server.exitCode} instead of starting`);
    assert.ok(Date.now() < deadline, 'the server did not start in time');
    await sleep(100);
  }
}

function killGroup(pid) {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port: free } = probe.address();
  probe.close();
  await once(probe, 'close');
  return free;
}
