import type { Migration } from './index.ts';

/** Whether the members of a room's team join it by themselves; null while nobody decided (spec 11 §8 `teams.updateRoom`). */
export const teamRooms: Migration = {
  id: '0050-team-rooms',
  async up(tx) {
    await tx.schema.alterTable('rooms').addColumn('team_default', 'integer').execute();
  },
};
