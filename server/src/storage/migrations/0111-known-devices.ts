import type { Migration } from './index.ts';

/** The kinds of devices that people have logged in with, so that they are told of a new one. */
export const knownDevices: Migration = {
  id: '0111-known-devices',
  async up(tx) {
    await tx.schema
      .createTable('known_devices')
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('device', 'text', (column) => column.notNull())
      .addColumn('first_seen', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('known_devices_pk', ['uid', 'device'])
      .execute();
  },
};
