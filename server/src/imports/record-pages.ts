import type { Context } from '../context.ts';
import { nextRecords, type StagedRecord } from './imports.store.ts';
import type { RecordKind } from './staged.ts';

/** What waits of a kind, `size` at a time, in its order; what is deleted meanwhile disturbs nothing. */
export async function* recordPages<K extends RecordKind>(
  ctx: Context,
  operationId: string,
  kind: K,
  size: number,
): AsyncGenerator<StagedRecord<K>[]> {
  for (let position = 0; ; ) {
    const page = await nextRecords(ctx.db, operationId, kind, position, size);
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < size) return;
    position = last.position + 1;
  }
}
