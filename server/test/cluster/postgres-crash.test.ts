import pg from 'pg';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { dataDirectory } from '../faults/support/data-directory.ts';
import { ServerProcess } from '../faults/support/server-process.ts';
import { command, type PostgresServer, SUITABLE, startPostgres } from '../support/postgres-server.ts';
import { logIn, type Person } from '../support/server.ts';

/** What was acknowledged survives a PostgreSQL that crashes and a server that is killed, and the server goes on afterwards. */

const SENDERS = 6;
const ROUNDS = Number(process.env.CRASH_ROUNDS ?? 4);
/** So many acknowledged messages later it crashes. */
const PER_ROUND = 60;

let running: ServerProcess | undefined;
afterEach(() => running?.kill());

test('a PostgreSQL server that crashes loses no acknowledged message; the server goes on, or ends itself when commits are lost', async () => {
  const postgres = await databaseServer();
  const dataDir = dataDirectory();
  const acknowledged = new Set<string>();
  const start = () => ServerProcess.start(dataDir, { GANTRY_DATABASE_URL: `${postgres.url}/gantry` });
  running = await start();
  for (let round = 0; round < ROUNDS; round += 1) {
    const people = await peopleOf(running);
    const sending = sendUntil(people, acknowledged, PER_ROUND * (round + 1));
    await sending.reached;
    postgres.crash();
    postgres.start();
    // Everybody is acknowledged once more when it has found its database again.
    const outcome = await Promise.race([sending.end().then(() => 'went on'), running.ended]);
    sending.stop();
    await sending.ended;
    expect(['went on', 1]).toContain(outcome);
    expect(missing(acknowledged, await storedIds(postgres))).toEqual([]);
    if (outcome === 1) running = await start();
  }
  expect(acknowledged.size).toBeGreaterThan(ROUNDS * PER_ROUND);
}, 120_000);

test('a killed server loses no acknowledged message on PostgreSQL, and the next one takes its place', async () => {
  const postgres = await databaseServer();
  const dataDir = dataDirectory();
  const acknowledged = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    running = await ServerProcess.start(dataDir, { GANTRY_DATABASE_URL: `${postgres.url}/gantry` });
    const people = await peopleOf(running);
    const sending = sendUntil(people, acknowledged, PER_ROUND * (round + 1));
    await sending.reached;
    await running.kill();
    sending.stop();
    await sending.ended;
    expect(missing(acknowledged, await storedIds(postgres))).toEqual([]);
  }
});

async function databaseServer(): Promise<PostgresServer> {
  // Commits of Gantry are in the memory of PostgreSQL until it is asked to sync: a crash loses what was not.
  const postgres = await startPostgres({ fsync: true });
  onTestFinished(() => postgres.remove());
  await command(postgres.url, `create database gantry ${SUITABLE}`);
  return postgres;
}

async function storedIds({ url }: PostgresServer): Promise<Set<string>> {
  const client = new pg.Client(`${url}/gantry`);
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>('select id from messages');
    return new Set(rows.map(({ id }) => id));
  } finally {
    await client.end();
  }
}

const missing = (ids: ReadonlySet<string>, stored: ReadonlySet<string>): string[] =>
  [...ids].filter((id) => !stored.has(id));

async function peopleOf({ url }: ServerProcess): Promise<Person[]> {
  const root = await logIn(url, 'root', 'root-password');
  return Promise.all(
    Array.from({ length: SENDERS }, async (_, index) => {
      const username = `sender${index}`;
      const email = `${username}@example.com`;
      await root.post('users.create', {
        username,
        name: username,
        email,
        password: 'password',
        verified: true,
      });
      return logIn(url, username, 'password');
    }),
  );
}

interface Sending {
  /** Resolves when so many messages are acknowledged. */
  reached: Promise<void>;
  /** Lets every sender be acknowledged once more, then ends. */
  end(): Promise<void>;
  stop(): void;
  ended: Promise<unknown>;
}

/** Everybody sends as fast as answers come, into GENERAL. An answer that is no success, or none, acknowledges nothing. */
function sendUntil(people: readonly Person[], acknowledged: Set<string>, count: number): Sending {
  let isEnding = false;
  let isStopped = false;
  let reach: () => void = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const send = async (person: Person): Promise<boolean> => {
    const message = { rid: 'GENERAL', msg: `of ${person.username}` };
    const answer = await person.post('chat.sendMessage', { message }).catch(() => undefined);
    if (answer?.status !== 200) return false;
    acknowledged.add(answer.body.message._id);
    if (acknowledged.size >= count) reach();
    return true;
  };
  const ended = Promise.all(
    people.map(async (person) => {
      while (!isStopped) {
        const wasAsked = isEnding;
        const isAcknowledged = await send(person);
        if (wasAsked && isAcknowledged) return;
      }
    }),
  );
  return {
    reached,
    ended,
    stop() {
      isStopped = true;
    },
    async end() {
      isEnding = true;
      await ended;
    },
  };
}
