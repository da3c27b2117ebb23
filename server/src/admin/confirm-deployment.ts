import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { storeSettingOf } from './change-settings.ts';

/** Says what a database is that was found elsewhere: the same workspace, or a copy, which gets an id of its own. */
export async function confirmDeployment(
  ctx: Context,
  caller: Caller,
  as: 'new-workspace' | 'updated-configuration',
): Promise<void> {
  await ctx.write(async (tx, emit) => {
    const confirmed = { id: 'Deployment_FingerPrint_Verified', value: true };
    await storeSettingOf(ctx, tx, emit, caller, confirmed);
    if (as !== 'new-workspace') return;
    await storeSettingOf(ctx, tx, emit, caller, { id: 'uniqueID', value: newId() });
  });
}
