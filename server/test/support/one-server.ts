import type { TestCluster } from './cluster.ts';
import { randomFrom } from './random.ts';
import { type Caller, logIn, type Person, type TestServer } from './server.ts';

/**
 * The nodes as if they were one server, for tests that know of one: each request goes to any of them, and connections to one
 * after the other.
 */
export function asOneServer({ nodes, close }: TestCluster, seed: number): TestServer {
  const [first] = nodes;
  if (!first) throw new Error('a cluster without nodes');
  const random = randomFrom(seed);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
  let connections = 0;

  const anyOf = (callers: readonly Caller[]): Caller => ({
    get: (...args) => pick(callers).get(...args),
    post: (...args) => pick(callers).post(...args),
    put: (...args) => pick(callers).put(...args),
    delete: (...args) => pick(callers).delete(...args),
  });
  /** The same person, logged in to each node. */
  const everywhere = (persons: readonly Person[]): Person => ({
    ...(persons[0] as Person),
    ...anyOf(persons),
    ddp: () => (persons[connections++ % persons.length] as Person).ddp(),
  });

  return {
    ...first,
    admin: everywhere(nodes.map(({ admin }) => admin)),
    anonymous: anyOf(nodes.map(({ anonymous }) => anonymous)),
    async person(username, options) {
      const { password } = await pick(nodes).person(username, options);
      return everywhere(await Promise.all(nodes.map(({ url }) => logIn(url, username, password))));
    },
    // Whoever waits for the work of the server waits for that of all.
    server: Object.create(first.server, {
      jobs: { value: { idle: () => Promise.all(nodes.map(({ server }) => server.jobs.idle())) } },
    }),
    close,
  };
}
