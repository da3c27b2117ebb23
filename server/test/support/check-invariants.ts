import { expect } from 'vitest';
import { consistencyRules } from '../../src/consistency-rules.ts';
import { findInconsistencies } from '../../src/storage/consistency.ts';
import type { Db } from '../../src/storage/database.ts';

/** What must hold in every database whatever happened before. */
export async function checkInvariants({ server }: { server: { ctx: { db: Db } } }): Promise<void> {
  expect(await findInconsistencies(server.ctx.db, consistencyRules)).toEqual([]);
}
