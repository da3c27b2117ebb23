import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import pg from 'pg';
import { expect, test, vi } from 'vitest';
import { resetPasswordAsServer } from '../../src/accounts/administration.ts';
import type { Presence } from '../../src/accounts/presence.ts';
import { SETTINGS } from '../../src/admin/setting-table.ts';
import { startChores } from '../../src/app-work.ts';
import { withServer } from '../../src/cli/with-server.ts';
import { testConfig } from '../../src/config/defaults.ts';
import { filesDirectory } from '../../src/files/blobs/blobs.ts';
import { beginOperation, changeOperation, latest } from '../../src/imports/operation-steps.ts';
import { startCluster, type TestCluster, twoNodes } from '../support/cluster.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type TestServer } from '../support/server.ts';

const TEST_ADMIN = 'rocketchat.internal.admin.test';
const DAY_MS = 24 * 60 * 60_000;

const nodeOf = ({ server }: TestServer): string => server.cluster?.database.node ?? '';

/** What a command of the command line does beside them. */
const command = (
  { options }: TestCluster,
  work: (ctx: TestServer['server']['ctx']) => Promise<void>,
): Promise<void> =>
  withServer(
    testConfig(options),
    { env: {}, cwd: '/', out() {}, err() {}, stdin: Readable.from([]) },
    ({ ctx }) => work(ctx),
  );

/** An import that a job of the node runs. */
async function importOn(node: TestServer): Promise<string> {
  const { ctx } = node.server;
  const operation = await ctx.write(async (tx, emit) => {
    const begun = await beginOperation(ctx, { tx, emit }, { importerKey: 'csv', uid: node.admin.uid });
    const step = 'importer_importing_users';
    const running = await changeOperation(ctx, { tx, emit }, begun, { step });
    await tx
      .insertInto('jobs')
      .values({
        ...{ id: 'importing', kind: 'imports.run', payload: JSON.stringify({ id: begun.id }), attempts: 1 },
        ...{ claim: `${nodeOf(node)}:x`, run_at: ctx.clock.now() + DAY_MS, created_at: ctx.clock.now() },
      })
      .execute();
    return running;
  });
  return operation.id;
}

const importState = async ({ server: { ctx } }: TestServer) => {
  const operation = await latest(ctx.db);
  return { id: operation?.id, isValid: operation?.isValid };
};

test('two nodes that start at the same moment on an empty database agree', async () => {
  const cluster = await startCluster(0);
  const client = new pg.Client(cluster.databaseUrl);
  await client.connect();
  await client.query('drop schema public cascade; create schema public');
  await client.end();
  const initialUser = JSON.stringify({ _id: 'first', username: 'first', password: 'first-password' });
  const nodes = await Promise.all([cluster.join({ initialUser }), cluster.join({ initialUser })]);
  const [one, two] = nodes.map(({ server: { ctx } }) =>
    Object.fromEntries([...SETTINGS.keys()].map((id) => [id, ctx.settings.value(id)])),
  );
  // The address of a test server that names none is its own.
  expect({ ...one, Site_Url: '' }).toEqual({ ...two, Site_Url: '' });
  expect(one?.uniqueID).toMatch(/\w{10,}/);
  const { db } = cluster.nodes[0]?.server.ctx ?? {};
  const names = await db?.selectFrom('users').select('username').orderBy('username').execute();
  expect(names?.map(({ username }) => username)).toEqual(['first', 'rocket.cat', TEST_ADMIN, 'root']);
  const general = await db?.selectFrom('rooms').select('id').where('name', '=', 'general').execute();
  expect(general).toHaveLength(1);
});

test('a start leaves the test admin of the others logged in', async () => {
  const cluster = await startCluster(1);
  const admin = await logIn(cluster.nodes[0]?.url ?? '', TEST_ADMIN, TEST_ADMIN);
  await cluster.join();
  expect((await admin.get('me')).status).toBe(200);
});

test('an import goes on while nodes start and commands run, and ends with its node', async () => {
  const { cluster, one, two } = await twoNodes();
  const id = await importOn(two);
  await cluster.join();
  await command(cluster, async () => {});
  expect(await importState(one)).toEqual({ id, isValid: true });
  const job = await one.server.ctx.db
    .selectFrom('jobs')
    .select('claim')
    .where('id', '=', 'importing')
    .executeTakeFirst();
  expect(job?.claim).toBe(`${nodeOf(two)}:x`);
  await two.server.storage.close();
  await vi.waitFor(async () => expect(await importState(one)).toEqual({ id, isValid: false }), PATIENCE);
});

test('a password that a command resets ends the sessions on all nodes', async () => {
  const { cluster, one, two } = await twoNodes();
  const anna = await one.person('anna');
  const annaOnTwo = await logIn(two.url, 'anna', anna.password);
  const sockets = [await anna.ddp(), await annaOnTwo.ddp()];
  await command(cluster, (ctx) => resetPasswordAsServer(ctx, 'anna', 'another-password'));
  await Promise.all(sockets.map((socket) => socket.closed));
  expect((await anna.get('me')).status).toBe(401);
  expect((await annaOnTwo.get('me')).status).toBe(401);
  expect((await logIn(two.url, 'anna', 'another-password')).uid).toBe(anna.uid);
});

test('temporary files stay as long as their node lives', async () => {
  const { cluster, one } = await twoNodes();
  const file = one.server.ctx.blobs.scratch.path();
  await writeFile(file, 'an upload under way');
  const tmp = join(filesDirectory(cluster.dataDir), 'tmp');
  const left = join(tmp, '12');
  await mkdir(left);
  await writeFile(join(left, 'upload'), 'of a node that died');
  const third = await cluster.join();
  const own = join(tmp, nodeOf(third));
  expect([file, left, own].map((path) => existsSync(path))).toEqual([true, false, true]);
  await command(cluster, async () => {});
  expect(existsSync(file)).toBe(true);
  await third.server.close();
  expect(existsSync(own)).toBe(false);
});

test('a directory with the files of another database is refused', async () => {
  const cluster = await startCluster(1);
  const marker = join(filesDirectory(cluster.dataDir), '.gantry-database');
  expect(await readFile(marker, 'utf8')).toBe(cluster.nodes[0]?.server.cluster?.database.name);
  await writeFile(marker, 'another');
  await expect(cluster.join()).rejects.toThrow('belong to another database');
});

test('bytes that a node does not find stay written down for a day', async () => {
  const { one } = await twoNodes();
  const { ctx, files } = one.server;
  const doomed = () => ctx.db.selectFrom('doomed_blobs').select('missing_since').execute();
  const isDue = (missing_since?: number) =>
    ctx.write((tx) =>
      tx
        .updateTable('doomed_blobs')
        .set({ due_at: 1, ...(missing_since && { missing_since }) })
        .execute(),
    );
  await ctx.write((tx) =>
    tx.insertInto('doomed_blobs').values({ store: 'FileSystem', blob_key: 'abcdefgh', due_at: 1 }).execute(),
  );
  await files.sweep();
  expect(await doomed()).toEqual([{ missing_since: expect.any(Number) }]);
  await isDue();
  await files.sweep();
  expect(await doomed()).toHaveLength(1);
  await isDue(ctx.clock.now() - DAY_MS);
  await files.sweep();
  expect(await doomed()).toEqual([]);
});

test('periodic work runs on one node, and on another when that one is gone', async () => {
  const { one, two } = await twoNodes();
  const nodes = [one, two];
  const leading = async () => {
    const leads = await Promise.all(nodes.map(({ server }) => server.cluster?.database.leads()));
    return nodes.filter((_, index) => leads[index]);
  };
  const [leader, ...others] = await leading();
  expect(others).toEqual([]);

  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const ran: string[] = [];
  try {
    for (const node of nodes) {
      const presence = { endTimedStatuses: async () => void ran.push(nodeOf(node)) } as unknown as Presence;
      startChores(node.server.ctx, { ...node.server, presence });
    }
    vi.advanceTimersByTime(5000);
  } finally {
    vi.useRealTimers();
  }
  await vi.waitFor(() => expect(ran).toHaveLength(1), PATIENCE);
  expect(ran).toEqual([leader && nodeOf(leader)]);

  await leader?.server.close();
  nodes.splice(nodes.indexOf(leader as TestServer), 1);
  expect(await leading()).toEqual(nodes);
});
