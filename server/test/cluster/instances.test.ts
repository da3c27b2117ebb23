import { expect, test, vi } from 'vitest';
import { twoNodes } from '../support/cluster.ts';
import { PATIENCE } from '../support/patience.ts';
import { logIn, type Person, type TestServer } from '../support/server.ts';

/** What administrators see of several nodes (spec 23, "Statistics, instances"). */

interface Instance {
  currentStatus: { connected: boolean; local: boolean };
  instanceRecord: { _id: string; _createdAt: string; pid: number; extraInformation: { conns: number } };
}

const on = ({ url }: { url: string }, { username, password }: Person) => logIn(url, username, password);

const instancesAt = async (node: TestServer): Promise<Instance[]> =>
  (await node.admin.get('instances.get')).body.instances;

const idsAt = async (node: TestServer) =>
  (await instancesAt(node)).map(({ instanceRecord }) => instanceRecord._id);

test('every node lists all of them, itself first, with what they hold', async () => {
  const { cluster, one, two } = await twoNodes();
  const anna = await one.person('anna');
  await (await on(two, anna)).ddp();
  const [first, second] = await Promise.all([instancesAt(one), instancesAt(two)]);
  expect(first).toMatchObject([
    { currentStatus: { connected: true, local: true }, instanceRecord: { pid: process.pid } },
    {
      currentStatus: { connected: true, local: false },
      instanceRecord: {
        name: 'gantry',
        pid: process.pid,
        extraInformation: { os: { cpus: expect.any(Number) }, nodeVersion: process.version },
      },
      broadcastAuth: true,
    },
  ]);
  expect(await idsAt(two)).toEqual((await idsAt(one)).reverse());
  expect(second[0]?.instanceRecord.extraInformation.conns).toBe(1);
  await vi.waitFor(
    async () => expect((await instancesAt(one))[1]?.instanceRecord.extraInformation.conns).toBe(1),
    PATIENCE,
  );
  expect((await one.admin.get('statistics', { refresh: true })).body.instanceCount).toBe(2);

  // A node that is gone is not listed, and forgotten when the next one starts.
  const [, gone] = await idsAt(one);
  await two.close();
  await vi.waitFor(async () => expect(await idsAt(one)).toHaveLength(1), PATIENCE);
  const three = await cluster.join();
  expect(await idsAt(one)).toEqual((await idsAt(three)).reverse());
  const stored = await one.server.ctx.db.selectFrom('node_records').select('node').execute();
  expect(stored.map(({ node }) => node)).not.toContain(gone);
  expect(stored).toHaveLength(2);
});
