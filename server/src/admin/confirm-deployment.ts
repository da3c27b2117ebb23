import { recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { storeSetting } from './change-settings.ts';

/** Says what a database is that was found elsewhere: the same workspace, or a copy, which gets an id of its own. */
export async function confirmDeployment(
  ctx: Context,
  caller: Caller,
  as: 'new-workspace' | 'updated-configuration',
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    await storeSetting(ctx, tx, emit, 'Deployment_FingerPrint_Verified', true);
    if (as !== 'new-workspace') return;
    const id = 'uniqueID';
    const [previous, current] = [ctx.settings.text(id), newId()];
    await storeSetting(ctx, tx, emit, id, current);
    await recordAction(ctx, tx, caller, {
      kind: 'settings.changed',
      subject: id,
      data: { id, previous, current },
    });
  });
}
