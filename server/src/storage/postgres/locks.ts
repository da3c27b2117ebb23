/** Numbers that no other program takes as advisory locks in this database. */
export const LOCKS = {
  /**
   * Held by every transaction that writes, on whichever node: one is open at a time, as with SQLite, so what is read inside
   * stays true until the commit.
   */
  write: 4_723_107_001,
  /** Held by every process that uses the database, for as long as it runs: alone by one that knows of no others, else together. */
  present: 4_723_107_002,
  /** Held by a node that is starting. */
  start: 4_723_107_003,
  /** Held by the node that does what is done once for all, on the connection that says that it is there. */
  lead: 4_723_107_004,
  /** Each of several nodes holds the lock of this number and its own. */
  node: 472_310_700,
};
