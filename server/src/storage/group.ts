/** Transactions that the database sees as one: each is a savepoint in it (docs/decisions/0003-shared-commits.md). */
export interface Group {
  /** How many transactions have ended well and wait for the commit. */
  members: number;
  wrote: boolean;
  /** Called in this order right after the commit. */
  onCommit: (() => void)[];
  /** Settles with the commit that all members share. */
  committed: Promise<void>;
  resolve: () => void;
  reject: (error: unknown) => void;
}

export function newGroup(): Group {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const committed = new Promise<void>((onCommitted, onFailure) => {
    resolve = onCommitted;
    reject = onFailure;
  });
  // When the only member failed by itself, nobody is left to be told.
  committed.catch(() => {});
  return { members: 0, wrote: false, onCommit: [], committed, resolve, reject };
}
