import { storeSettingOf } from '../admin/change-settings.ts';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';

/** Lets everybody hear again who is there (spec 23, "Presence rules"); the door asks for the permission. */
export const enableBroadcast = (ctx: Context, caller: Caller): Promise<void> =>
  ctx.write((tx, emit) =>
    storeSettingOf(ctx, tx, emit, caller, { id: 'Presence_broadcast_disabled', value: false }),
  );
