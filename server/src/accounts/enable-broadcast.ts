import { storeSetting } from '../admin/change-settings.ts';
import type { Context } from '../context.ts';

/** Lets everybody hear again who is there (spec 23, "Presence rules"); the door asks for the permission. */
export const enableBroadcast = (ctx: Context): Promise<void> =>
  ctx.write((tx, emit) => storeSetting(ctx, tx, emit, 'Presence_broadcast_disabled', false));
