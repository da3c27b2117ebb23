import type { Migration } from './index.ts';

/** Who is connected to which of the nodes that share a database (spec 40 §5). Empty where one process has it for itself. */
export const nodePresence: Migration = {
  id: '0121-node-presence',
  async up(tx) {
    await tx.schema
      .createTable('node_presence')
      .addColumn('node', 'text', (column) => column.notNull())
      .addColumn('uid', 'text', (column) => column.notNull())
      .addColumn('connections', 'bigint', (column) => column.notNull())
      .addColumn('status', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('node_presence_pk', ['uid', 'node'])
      .execute();
    await tx.schema.createIndex('node_presence_node').on('node_presence').column('node').execute();
  },
};
