import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import type { TeamRow } from '../../storage/schema.ts';
import { saveRoomSettings } from '../save-room-settings.ts';
import { requireInTeam } from './find-team.ts';

/** Renames a team or changes who may see it: both are those of its main room (spec 11 §8). @throws 403 and as `saveRoomSettings` */
export async function updateTeam(
  ctx: Context,
  caller: Caller,
  team: TeamRow,
  { name, type }: { name?: string | undefined; type?: number | undefined },
): Promise<void> {
  await requireInTeam(ctx, caller, team, 'edit-team');
  await saveRoomSettings(ctx, caller, team.room_id, {
    ...(name === undefined ? {} : { roomName: name }),
    ...(type === undefined ? {} : { roomType: type === 1 ? 'p' : 'c' }),
  });
}
