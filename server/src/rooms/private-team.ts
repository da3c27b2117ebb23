import type { Context } from '../context.ts';
import { teamById } from './teams.store.ts';

/** Only members of a private team may enter its channels. */
export const isPrivateTeam = async (ctx: Context, teamId: string): Promise<boolean> =>
  (await teamById(ctx.db, teamId))?.type === 1;
