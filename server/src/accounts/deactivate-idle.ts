import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { withEmails } from './find-users.ts';
import { recordUserAction } from './record-user-action.ts';
import type { RoomHooks } from './room-hooks.ts';
import { switchOff } from './set-active-status.ts';
import { countUsersWithRole, idleUsersWithRole } from './users.store.ts';

const DAY = 24 * 60 * 60_000;
const AT_ONCE = 100;

/**
 * Switches off everybody with the role who logged in once, but not for that many days (spec 21, `users.deactivateIdle`).
 * They keep their rooms. The last active administrator stays. Returns how many it were.
 */
export async function deactivateIdleUsers(
  ctx: Context,
  rooms: RoomHooks,
  caller: Caller,
  { daysIdle, role }: { daysIdle: number; role: string },
): Promise<number> {
  const before = ctx.clock.now() - daysIdle * DAY;
  let count = 0;
  let after = '';
  for (;;) {
    const found = await ctx.write(async (tx, emit) => {
      const users = await withEmails(
        tx,
        await idleUsersWithRole(tx, role, { before, after, limit: AT_ONCE }),
      );
      for (const user of users) {
        if (user.roles.includes('admin') && (await countUsersWithRole(tx, 'admin', { active: true })) <= 1)
          continue;
        await switchOff(ctx, rooms, { tx, emit }, user, 'idle_too_long');
        await recordUserAction(ctx, tx, caller, {
          kind: 'user.deactivated',
          user,
          data: { reason: 'idle_too_long' },
        });
        count++;
      }
      return users;
    });
    if (found.length < AT_ONCE) return count;
    after = found.at(-1)?._id ?? '';
  }
}
