import type { Db } from '../storage/database.ts';

/** SQL that finds what `#name` and `@team` in a message mean. */

/** Channels and groups with these slugs. */
export async function roomsNamed(db: Db, names: readonly string[]) {
  const rows: { id: string; name: string | null; fname: string | null }[] = [];
  for (let start = 0; start < names.length; start += 500) {
    const chunk = names.slice(start, start + 500);
    rows.push(
      ...(await db
        .selectFrom('rooms')
        .select(['id', 'name', 'fname'])
        .where('name', 'in', chunk)
        .where('t', 'in', ['c', 'p'])
        .execute()),
    );
  }
  return rows;
}

export async function teamsNamed(db: Db, names: readonly string[]) {
  const rows: { id: string; name: string }[] = [];
  for (let start = 0; start < names.length; start += 500) {
    const keys = names.slice(start, start + 500).map((name) => name.toLowerCase());
    rows.push(
      ...(await db.selectFrom('teams').select(['id', 'name']).where('name_key', 'in', keys).execute()),
    );
  }
  return rows;
}

export async function membersOfTeams(db: Db, teamIds: readonly string[]): Promise<string[]> {
  if (teamIds.length === 0) return [];
  const rows = await db
    .selectFrom('team_members')
    .select('uid')
    .distinct()
    .where('team_id', 'in', [...teamIds])
    .execute();
  return rows.map((row) => row.uid);
}
