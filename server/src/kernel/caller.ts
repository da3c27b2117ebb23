/** Who makes a call: a logged-in user, as every door (REST, DDP, CLI) hands it to the operations. */
export interface Caller {
  /** The user's id. */
  uid: string;
  /** Absent while the user has not chosen one yet (registration not completed). */
  username: string | undefined;
  name: string | undefined;
  /** Global roles. Room roles live in the subscription. */
  roles: readonly string[];
  /** Hash of the login token in use; absent for calls that the server itself makes. */
  tokenHash: string | undefined;
  /** True for a personal access token created with "ignore two factor". */
  bypassTwoFactor: boolean;
  ip: string;
  userAgent: string;
}

/** The `u` member of rooms, messages and subscriptions. */
export interface UserRef {
  _id: string;
  username: string;
  name?: string;
}
