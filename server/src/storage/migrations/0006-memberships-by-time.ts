import type { Migration } from './index.ts';

/**
 * Nobody asks for memberships by the time of their change: what a member sees of a room follows from the room's counters
 * too, so synchronizing reads all rooms of a user. Each message moved its sender's entry in this index for nothing.
 */
export const membershipsByTime: Migration = {
  id: '0006-memberships-by-time',
  async up(tx) {
    await tx.schema.dropIndex('subscriptions_uid_updated_at').execute();
  },
};
