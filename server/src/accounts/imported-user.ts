/** Somebody from another system (spec 32 C.1). */
export interface ImportedUser {
  /** What the other system calls them. */
  importIds: readonly string[];
  /** The first one is theirs here. */
  emails: readonly string[];
  username?: string | undefined;
  name?: string | undefined;
  utcOffset?: number | undefined;
  deleted?: boolean | undefined;
  statusText?: string | undefined;
  roles?: readonly string[] | undefined;
  type?: 'user' | 'bot' | undefined;
  bio?: string | undefined;
  /** Where their picture is; it is fetched later, where somebody asks for it. */
  avatarUrl?: string | undefined;
}
