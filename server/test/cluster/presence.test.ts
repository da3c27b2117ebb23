import pg from 'pg';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createServer } from '../../src/app.ts';
import { testConfig } from '../../src/config/defaults.ts';
import { dataDirectory } from '../faults/support/data-directory.ts';
import { ServerProcess } from '../faults/support/server-process.ts';
import { type TestCluster, twoNodes } from '../support/cluster.ts';
import type { DdpClient } from '../support/ddp-client.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type Person, type TestServer } from '../support/server.ts';

/** Presence over several nodes (spec 40 §5). */

/** Dead nodes are looked for every six seconds or sooner. */
const NOTICED = { timeout: 18_000 };
const ONLINE = 1;
const AWAY = 2;
const OFFLINE = 0;

const on = ({ url }: { url: string }, { username, password }: Person): Promise<Person> =>
  logIn(url, username, password);

async function connect(node: { url: string }, person: Person): Promise<DdpClient> {
  return (await on(node, person)).ddp();
}

/** A connection of `watcher` that asked for the presence of `of`. */
async function watch(node: TestServer, watcher: Person, of: Person): Promise<DdpClient> {
  const socket = await connect(node, watcher);
  await socket.subscribe('stream-user-presence', '', { added: [of.uid] });
  await socket.subscribe('stream-notify-logged', 'user-status', false);
  return socket;
}

/** The codes that were told of a person, by `stream-user-presence` and by `user-status`. */
function told(socket: DdpClient, { uid, username }: Person): { presence: unknown[]; status: unknown[] } {
  const statuses = socket
    .events('notify-logged', 'user-status')
    .map(([tuple]) => tuple as unknown as unknown[]);
  return {
    presence: socket.events('user-presence', uid).map(([tuple]) => (tuple as unknown as unknown[])[1]),
    status: statuses.filter((tuple) => tuple[1] === username).map((tuple) => tuple[2]),
  };
}

const expectTold = (socket: DdpClient, person: Person, codes: number[], patience = PATIENCE) =>
  vi.waitFor(() => expect(told(socket, person)).toEqual({ presence: codes, status: codes }), patience);

const presenceOf = async (asking: Person, { uid }: Person) =>
  (await asking.get('users.getPresence', { userId: uid })).body.presence;

/** A session of its own in the database of the nodes. */
async function inDatabase({ databaseUrl }: TestCluster): Promise<pg.Client> {
  const client = new pg.Client(databaseUrl);
  client.on('error', () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return client;
}

async function connectionsHeld(database: pg.Client, { uid }: Person): Promise<number[]> {
  const { rows } = await database.query('select connections from node_presence where uid = $1 order by 1', [
    uid,
  ]);
  return rows.map(({ connections }) => Number(connections));
}

/** Anna is connected to one node, and Ben, who watches her, to the other. */
async function annaOnOne() {
  const { cluster, one, two } = await twoNodes();
  const database = await inDatabase(cluster);
  const [anna, ben] = [await one.person('anna'), await two.person('ben')];
  const watcher = await watch(two, ben, anna);
  await connect(one, anna);
  await expectTold(watcher, anna, [ONLINE]);
  return { cluster, database, one, two, anna, ben, watcher };
}

test('who is connected to two nodes is online until the last connection is closed, and each change is told once', async () => {
  const { cluster, one, two } = await twoNodes();
  const database = await inDatabase(cluster);
  const [anna, ben] = [await one.person('anna'), await two.person('ben')];
  const watcher = await watch(two, ben, anna);

  const first = await connect(one, anna);
  await expectTold(watcher, anna, [ONLINE]);
  const second = await connect(two, anna);
  await vi.waitFor(async () => expect(await connectionsHeld(database, anna)).toEqual([1, 1]), PATIENCE);
  first.close();
  await vi.waitFor(async () => expect(await connectionsHeld(database, anna)).toEqual([1]), PATIENCE);
  expect(await presenceOf(one.admin, anna)).toBe('online');
  second.close();
  await expectTold(watcher, anna, [ONLINE, OFFLINE]);
  expect(await presenceOf(one.admin, anna)).toBe('offline');
  expect(await connectionsHeld(database, anna)).toEqual([]);
});

test('online on one node wins over away on another, and a status text reaches the other node once', async () => {
  const { one, two } = await twoNodes();
  const [anna, ben] = [await one.person('anna'), await two.person('ben')];
  const watcher = await watch(two, ben, anna);
  const [first, second] = [await connect(one, anna), await connect(two, anna)];
  await expectTold(watcher, anna, [ONLINE]);
  const self = await on(two, anna);
  await first.call('UserPresence:away');
  await second.call('UserPresence:away');
  await expectTold(watcher, anna, [ONLINE, AWAY]);
  expect((await self.get('users.getStatus')).body).toMatchObject({
    status: 'away',
    connectionStatus: 'away',
  });
  await first.call('UserPresence:online');
  await expectTold(watcher, anna, [ONLINE, AWAY, ONLINE]);
  expect((await self.get('users.getPresence')).body).toMatchObject({
    presence: 'online',
    connectionStatus: 'online',
  });
  await anna.post('users.setStatus', { status: 'busy', message: 'writing' });
  await vi.waitFor(
    () =>
      expect(watcher.events('user-presence', anna.uid).at(-1)).toEqual([['anna', 3, 'writing', 'manual']]),
    PATIENCE,
  );
  second.close();
  first.close();
  await expectTold(watcher, anna, [ONLINE, AWAY, ONLINE, 3, OFFLINE]);
});

test('connections are counted over all nodes', async () => {
  const { one, two } = await twoNodes();
  const anna = await one.person('anna');
  await connect(one, anna);
  await connect(one, anna);
  const last = await connect(two, anna);
  const count = async () => (await two.admin.get('presence.getConnections')).body.current;
  await vi.waitFor(async () => expect(await count()).toBe(3), PATIENCE);
  last.close();
  await vi.waitFor(async () => expect(await count()).toBe(2), PATIENCE);
});

test('a node that starts, and a command beside it, disturb nobody who is connected elsewhere', async () => {
  const { cluster, one, two } = await twoNodes();
  const [anna, ben] = [await one.person('anna'), await two.person('ben')];
  const watcher = await watch(two, ben, anna);
  const socket = await connect(one, anna);
  await expectTold(watcher, anna, [ONLINE]);
  const third = await cluster.join();
  expect(await presenceOf(third.admin, anna)).toBe('online');
  const command = await createServer(testConfig(cluster.options));
  await command.close();
  expect(await presenceOf(third.admin, anna)).toBe('online');
  socket.close();
  await expectTold(watcher, anna, [ONLINE, OFFLINE]);
});

test('nothing of a node stays when it is closed, and nobody is left behind by a process that was alone', async () => {
  const { cluster, database, one, two, anna, ben, watcher } = await annaOnOne();
  await one.server.close();
  await expectTold(watcher, anna, [ONLINE, OFFLINE]);
  const { rows } = await database.query('select uid from node_presence');
  expect(rows).toEqual([{ uid: ben.uid }]);

  await database.query(`update users set status = 'online', status_connection = 'online' where id = $1`, [
    anna.uid,
  ]);
  await cluster.join();
  await expectTold(watcher, anna, [ONLINE, OFFLINE, OFFLINE]);
  expect(await presenceOf(two.admin, ben)).toBe('online');
});

test('people of a node that is killed are offline soon, unless they are connected elsewhere', async () => {
  const { cluster, one } = await twoNodes();
  const [anna, ben, carl] = [await one.person('anna'), await one.person('ben'), await one.person('carl')];
  const killed = await ServerProcess.start(dataDirectory(), {
    GANTRY_DATABASE_URL: cluster.databaseUrl,
    GANTRY_NATS_URL: cluster.nats.url,
  });
  onTestFinished(() => killed.kill());
  const watcher = await watch(one, ben, anna);
  await connect(killed, anna);
  await connect(killed, carl);
  await connect(one, carl);
  await expectTold(watcher, anna, [ONLINE]);
  await vi.waitFor(async () => {
    expect((await one.admin.get('presence.getConnections')).body.current).toBe(4);
  }, PATIENCE);
  await killed.kill();
  await expectTold(watcher, anna, [ONLINE, OFFLINE], NOTICED);
  expect(told(watcher, carl).status).toEqual([ONLINE]);
  expect((await one.admin.get('presence.getConnections')).body.current).toBe(2);
}, 60_000);

test('a node that was taken for dead and is not says again who is connected to it', async () => {
  const { database, anna, watcher } = await annaOnOne();
  const { rows } = await database.query('delete from node_presence where uid = $1 returning node', [
    anna.uid,
  ]);
  await database.query(`update users set status = 'offline', status_connection = 'offline' where id = $1`, [
    anna.uid,
  ]);
  await database.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid::text = $1`,
    [rows[0].node],
  );
  await expectTold(watcher, anna, [ONLINE, ONLINE]);
  expect(await connectionsHeld(database, anna)).toEqual([1]);
});

test('whoever is deleted is forgotten on every node', async () => {
  const { cluster, one, two } = await twoNodes();
  const database = await inDatabase(cluster);
  const anna = await one.person('anna');
  const sockets = [await connect(one, anna), await connect(two, anna)];
  await vi.waitFor(async () => expect(await connectionsHeld(database, anna)).toEqual([1, 1]), PATIENCE);
  expect((await two.admin.post('users.delete', { userId: anna.uid })).status).toBe(200);
  await Promise.all(sockets.map(({ closed }) => closed));
  expect(await connectionsHeld(database, anna)).toEqual([]);
});

test('a reconnect of everybody is stored by few transactions', async () => {
  const { cluster, one, two } = await twoNodes();
  const database = await inDatabase(cluster);
  const people = await Promise.all(Array.from({ length: 200 }, (_, n) => one.person(`person${n}`)));
  const transactions = vi.spyOn(one.server.storage, 'transaction');
  // Nobody can write meanwhile: what gathers is what a busy cluster would let gather.
  await database.query('select pg_advisory_lock(4723107001)');
  await Promise.all(people.map((person) => person.ddp()));
  await database.query('select pg_advisory_unlock(4723107001)');
  await vi.waitFor(async () => {
    const { body } = await two.admin.get('users.presence', { ids: people.map(({ uid }) => uid) });
    expect(body.users).toHaveLength(200);
  }, PATIENCE);
  expect(transactions.mock.calls.length).toBeLessThan(8);
}, 60_000);
