import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ConfigChanges } from '../../src/config/defaults.ts';
import { type NatsServer, startNats } from './nats-server.ts';
import { startServer, type TestServer } from './server.ts';
import { testDatabase } from './test-database.ts';

/** Several nodes on one PostgreSQL database, which hear of each other over NATS. */
export interface TestCluster {
  nats: NatsServer;
  databaseUrl: string;
  nodes: TestServer[];
  /** Of all of them: files are in one directory. */
  dataDir: string;
  /** The configuration of a node. */
  options: ConfigChanges;
  /** One more. */
  join(changes?: ConfigChanges): Promise<TestServer>;
  close(): Promise<void>;
}

/** Ends with the test. */
export async function startCluster(count: number, changes: ConfigChanges = {}): Promise<TestCluster> {
  const cluster = await openCluster(count, changes);
  onTestFinished(() => cluster.close());
  return cluster;
}

/** Two of them; ends with the test. */
export async function twoNodes(): Promise<{ cluster: TestCluster; one: TestServer; two: TestServer }> {
  const cluster = await startCluster(2);
  const [one, two] = cluster.nodes as [TestServer, TestServer];
  return { cluster, one, two };
}

/** For several tests; to be closed. */
export async function openCluster(count: number, changes: ConfigChanges = {}): Promise<TestCluster> {
  const database = await testDatabase();
  const { databaseUrl } = database.options;
  if (!databaseUrl) throw new Error('tests of several nodes need GANTRY_TEST_POSTGRES');
  const nats = await startNats();
  const nodes: TestServer[] = [];
  const dataDir = await mkdtemp(join(tmpdir(), 'gantry-nodes-'));
  const options = { dataDir, ...changes, memory: false, databaseUrl, natsUrl: nats.url };
  const cluster: TestCluster = {
    nats,
    databaseUrl,
    nodes,
    dataDir,
    options,
    async join(more = {}) {
      const node = await startServer({ ...options, ...more });
      nodes.push(node);
      return node;
    },
    async close() {
      await Promise.all(nodes.map((node) => node.close()));
      await nats.stop();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  for (let index = 0; index < count; index += 1) await cluster.join();
  return cluster;
}
