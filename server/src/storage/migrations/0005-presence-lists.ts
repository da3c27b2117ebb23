import type { Migration } from './index.ts';

/** `users.presence` asks who is not offline, or who changed lately: neither may walk through everybody (spec 21). */
export const presenceLists: Migration = {
  id: '0005-presence-lists',
  async up(tx) {
    await tx.schema.createIndex('users_status').on('users').column('status').execute();
    await tx.schema.createIndex('users_updated_at').on('users').column('updated_at').execute();
  },
};
