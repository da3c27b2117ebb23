import { randomBytes } from 'node:crypto';
import { build } from './build.mjs';

// Tests that start the server as a process start what `npm start` does: the bundle.
export default async function beforeTests() {
  const run = randomBytes(6).toString('hex');
  process.env.GANTRY_TEST_RUN = run;
  await build();
  return () => dropDatabases(run);
}

/** Those that tests made on a PostgreSQL server and did not drop: see `server/test/support/test-database.ts`. */
async function dropDatabases(run) {
  const server = process.env.GANTRY_TEST_POSTGRES;
  if (!server) return;
  const { default: pg } = await import('pg');
  const client = new pg.Client(`${server}/postgres`);
  await client.connect();
  const { rows } = await client.query('select datname from pg_database where starts_with(datname, $1)', [
    `gantry_${run}_`,
  ]);
  for (const { datname } of rows) await client.query(`drop database if exists ${datname} with (force)`);
  await client.end();
}
