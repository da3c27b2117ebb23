import type { Pool } from 'pg';

/** Nothing older is tried. */
const OLDEST_VERSION = 130_000;

const HOW_TO_CREATE =
  "create it with: create database gantry template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'";

/** Throws with advice for whoever runs the server when texts would be sorted or compared in another way than everywhere else. */
export async function refuseUnsuitable(pool: Pool): Promise<void> {
  const found = await ask<{ version: string; encoding: string }>(
    pool,
    "select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding",
  );
  if (Number(found.version) < OLDEST_VERSION) throw new Error('PostgreSQL 13 or newer is needed');
  if (found.encoding !== 'UTF8') throw new Error(`the database is not in UTF-8; ${HOW_TO_CREATE}`);
  // Only now: another encoding may not have these letters.
  const letters = await ask<{ byBytes: number; lower: string }>(
    pool,
    `select 'a' > 'B' and 'ä' > 'z' as "byBytes", lower('ÄΩЖ') as lower`,
  );
  if (!letters.byBytes) throw new Error(`the database sorts texts by a language; ${HOW_TO_CREATE}`);
  if (letters.lower !== 'äωж')
    throw new Error(`the database knows no letters beyond a to z; ${HOW_TO_CREATE}`);
}

async function ask<T extends object>(pool: Pool, text: string): Promise<T> {
  const { rows } = await pool.query<T>(text);
  const [row] = rows;
  if (!row) throw new Error('PostgreSQL gave no answer');
  return row;
}
