/** What an import may cost (docs/operations.md, "Importing from Slack or CSV files"). */
export const LIMITS = {
  /** Bytes of a file that is imported. */
  file: 8 * 1024 ** 3,
  /** Entries of an archive. */
  entries: 2_000_000,
  /** Unpacked bytes of one entry that is read, and of all of them. */
  entry: 1024 ** 3,
  unpacked: 64 * 1024 ** 3,
  /** An entry of some size that is smaller than so many times packed is made to fill disks. */
  ratio: 250,
  /** Characters of one item of a JSON file or one row of a CSV file. */
  item: 2_000_000,
  users: 500_000,
  rooms: 200_000,
};

/** A file is not what it should be; the message is for the log. */
export class BadImportFile extends Error {
  override readonly name = 'BadImportFile';
}

/** The content of one entry is not what it should be: the others are read nevertheless. */
export class BadContent extends Error {
  override readonly name = 'BadContent';
}
