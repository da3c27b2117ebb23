import type { Context } from '../../../src/context.ts';

/** What must hold at any moment; a broken rule is told as one line. Empty when all is well. */
export async function brokenInvariants({ db }: Pick<Context, 'db'>): Promise<string[]> {
  const rooms = await db.selectFrom('rooms').select(['id', 't', 'msgs', 'users_count']).execute();
  const members = countsOf(
    await db
      .selectFrom('subscriptions')
      .select(({ fn }) => ['rid', fn.countAll<number>().as('count')])
      // A ban is kept as a membership and counts nobody.
      .where((eb) => eb.or([eb('status', 'is', null), eb('status', '<>', 'BANNED')]))
      .groupBy('rid')
      .execute(),
  );
  const messages = countsOf(
    await db
      .selectFrom('messages')
      .select(({ fn }) => ['rid', fn.countAll<number>().as('count')])
      .where('hidden', '=', 0)
      .groupBy('rid')
      .execute(),
  );
  const known = new Set(rooms.map((room) => room.id));
  const broken: string[] = [];
  for (const { id, t, msgs, users_count } of rooms) {
    const memberCount = members.get(id) ?? 0;
    if (users_count !== memberCount)
      broken.push(`${t} ${id} counts ${users_count} members and has ${memberCount}`);
    const messageCount = messages.get(id) ?? 0;
    if (msgs !== messageCount) broken.push(`${t} ${id} counts ${msgs} messages and has ${messageCount}`);
  }
  for (const rid of members.keys()) if (!known.has(rid)) broken.push(`members of the missing room ${rid}`);
  for (const rid of messages.keys()) if (!known.has(rid)) broken.push(`messages of the missing room ${rid}`);
  return broken;
}

function countsOf(rows: { rid: string; count: number }[]): Map<string, number> {
  return new Map(rows.map(({ rid, count }) => [rid, Number(count)]));
}
