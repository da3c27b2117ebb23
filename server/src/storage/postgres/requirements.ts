import type { Pool } from 'pg';

/** `pg_current_xact_id`, by which a commit is known. */
const OLDEST_VERSION = 130_000;

const HOW_TO_CREATE =
  "create it with: create database gantry template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'";

/** Throws with advice for whoever runs the server when texts would be sorted or compared in another way than everywhere else. */
export async function refuseUnsuitable(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ version: string; encoding: string; byBytes: number; lower: string }>(`
    select current_setting('server_version_num') as version, current_setting('server_encoding') as encoding,
      'a' > 'B' and 'ä' > 'z' as "byBytes", lower('ÄΩЖ') as lower`);
  const [found] = rows;
  if (!found) throw new Error('PostgreSQL gave no answer');
  if (Number(found.version) < OLDEST_VERSION) throw new Error('PostgreSQL 13 or newer is needed');
  if (found.encoding !== 'UTF8') throw new Error(`the database is not in UTF-8; ${HOW_TO_CREATE}`);
  if (!found.byBytes) throw new Error(`the database sorts texts by a language; ${HOW_TO_CREATE}`);
  if (found.lower !== 'äωж') throw new Error(`the database knows no letters beyond a to z; ${HOW_TO_CREATE}`);
}
