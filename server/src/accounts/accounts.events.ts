import type { CustomStatus } from './custom-statuses.ts';
import type { PresenceStatus, User } from './user.ts';

/** Any change of a stored user. `diff` and `unset` are the wire form of `stream-notify-user` `userData` (spec 40 §8.3). */
export interface UserChanged {
  uid: string;
  /** Dotted paths to new values; dates are `Date`. */
  diff: Readonly<Record<string, unknown>>;
  /** Dotted paths of removed members, each with 1. */
  unset: Readonly<Record<string, 1>>;
  /** The user after the change. */
  user: User;
}

export interface UserCreated {
  user: User;
}

export type Erasure = 'Delete' | 'Unlink' | 'Keep';

export interface UserDeleted {
  uid: string;
  username: string | undefined;
  erasure: Erasure;
  /** With `Unlink`: who stands in as the author. */
  replaceByUser?: { _id: string; username: string; alias: string };
}

export interface UserNameChanged {
  uid: string;
  username: string | undefined;
  name: string | undefined;
  oldUsername: string | undefined;
}

/** The failure that was one too many: `who`, a username or an address, cannot log in until `until` (ms). */
export interface LoginBlocked {
  who: string;
  until: number;
  attempts: number;
}

/** The effective presence, the status text or the time when they end changed. */
export interface UserStatusChanged {
  uid: string;
  username: string;
  name: string | undefined;
  status: PresenceStatus;
  statusText: string | undefined;
  roles: readonly string[];
  statusSource: User['statusSource'];
  /** ms */
  statusExpiresAt: number | undefined;
}

export type TokenRemovalReason =
  | 'logout'
  | 'expired'
  | 'limit'
  | 'other-clients'
  | 'all-sessions'
  | 'password-changed'
  | 'factor-changed'
  | 'personal-token-removed'
  | 'deactivated'
  | 'deleted';

/** Login tokens ceased to be valid; sockets that logged in with one of them are closed (spec 40 §4.6). */
export interface TokensRemoved {
  uid: string;
  /** The stored hashes, never the tokens. */
  hashes: readonly string[];
  reason: TokenRemovalReason;
}

declare module '../kernel/events.ts' {
  interface Events {
    'user.changed': UserChanged;
    'user.created': UserCreated;
    'user.deleted': UserDeleted;
    'user.nameChanged': UserNameChanged;
    'user.status': UserStatusChanged;
    'tokens.removed': TokensRemoved;
    /** An administrator ended the user's sessions: clients show their login screen (spec 40 §4.6). */
    'user.forceLogout': { uid: string };
    'login.blocked': LoginBlocked;
    /** A status that the workspace offers was made, changed or taken away. */
    'customStatus.changed': { action: 'updated' | 'deleted'; status: CustomStatus };
  }
}
