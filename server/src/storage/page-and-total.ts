import type { SelectQueryBuilder } from 'kysely';

/** How many rows a query finds. */
export async function countRows<DB, TB extends keyof DB>(
  matching: SelectQueryBuilder<DB, TB, unknown>,
): Promise<number> {
  const row = await matching.select((eb) => eb.fn.countAll<number>().as('n')).executeTakeFirstOrThrow();
  return Number((row as { n: number }).n);
}

/** A page of `rows`, which are `matching` with columns and an order, and how many match in all. */
export async function pageAndTotal<DB, TB extends keyof DB, Row>(
  matching: SelectQueryBuilder<DB, TB, unknown>,
  rows: SelectQueryBuilder<DB, TB, Row>,
  { offset, count }: { offset: number; count: number },
) {
  const [page, total] = await Promise.all([rows.limit(count).offset(offset).execute(), countRows(matching)]);
  return { rows: page, total };
}
