import type { Db } from '../storage/database.ts';

export interface ThreadFacts {
  tcount: number;
  /** ms */
  tlm: number;
  /** Who replied, in the order of their first replies. */
  uids: string[];
}

/** What the replies make of these threads, as counters count them; threads without replies are left out. */
export async function threadFacts(db: Db, tmids: readonly string[]): Promise<Map<string, ThreadFacts>> {
  const rows = await db
    .selectFrom('messages')
    .select((eb) => ['tmid', 'uid', eb.fn.countAll<number>().as('n'), eb.fn.max('ts').as('latest')])
    .select((eb) => eb.fn.min('ts').as('first'))
    .where('tmid', 'in', tmids)
    .where('hidden', '=', 0)
    .where((eb) => eb.or([eb('t', 'is', null), eb('t', '<>', 'rm')]))
    .groupBy(['tmid', 'uid'])
    .orderBy('first')
    .execute();
  const found = new Map<string, ThreadFacts>();
  for (const { tmid, uid, n, latest } of rows) {
    if (tmid === null) continue;
    const facts = found.get(tmid) ?? { tcount: 0, tlm: 0, uids: [] };
    facts.tcount += Number(n);
    facts.tlm = Math.max(facts.tlm, Number(latest));
    facts.uids.push(uid);
    found.set(tmid, facts);
  }
  return found;
}
