/** What of a kind is wanted: by what the other system calls it. */
export type Wanted = 'all' | readonly string[];

/** What an administrator has chosen from a selection (spec 32 A, `startImport`). */
export interface WantedParts {
  users: Wanted;
  channels: Wanted;
}

interface ById {
  all?: boolean | undefined;
  list?: readonly string[] | undefined;
}

/** Both forms of the input of `startImport`; what is not named is not wanted. */
export interface ImportInput {
  users?: ById | readonly { user_id: string; do_import?: boolean | undefined }[] | undefined;
  channels?: ById | readonly { channel_id: string; do_import?: boolean | undefined }[] | undefined;
}

export function wantedParts({ users, channels }: ImportInput): WantedParts {
  return {
    users: isList(users)
      ? users.flatMap(({ user_id, do_import }) => (do_import ? user_id : []))
      : wantedOf(users as ById | undefined),
    channels: isList(channels)
      ? channels.flatMap(({ channel_id, do_import }) => (do_import ? channel_id : []))
      : wantedOf(channels as ById | undefined),
  };
}

const isList = <T extends object>(given: ById | readonly T[] | undefined): given is readonly T[] =>
  Array.isArray(given);

const wantedOf = (given: ById | undefined): Wanted => (given?.all ? 'all' : (given?.list ?? []));
