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
  /** One more. */
  join(changes?: ConfigChanges): Promise<TestServer>;
}

/** Ends with the test. */
export async function startCluster(count: number, changes: ConfigChanges = {}): Promise<TestCluster> {
  const database = await testDatabase();
  const { databaseUrl } = database.options;
  if (!databaseUrl) throw new Error('tests of several nodes need GANTRY_TEST_POSTGRES');
  const nats = await startNats();
  const nodes: TestServer[] = [];
  const cluster: TestCluster = {
    nats,
    databaseUrl,
    nodes,
    async join(more = {}) {
      const node = await startServer({ ...changes, ...more, memory: false, databaseUrl, natsUrl: nats.url });
      nodes.push(node);
      return node;
    },
  };
  onTestFinished(async () => {
    await Promise.all(nodes.map((node) => node.server.close()));
    await nats.stop();
    await database.drop();
  });
  for (let index = 0; index < count; index += 1) await cluster.join();
  return cluster;
}
