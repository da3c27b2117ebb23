import { parseDoc, stringify } from '../storage/json.ts';
import type { UserRow } from '../storage/schema.ts';

/**
 * A person (or bot) as operations see it. Member names are those of the contract (spec 21, "Entity User"); times are
 * milliseconds. It never carries the password hash, so it may be handed around, cached and put into events.
 */
export interface User extends UserDoc {
  readonly _id: string;
  /** Absent while registration is not completed. */
  username?: string | undefined;
  name?: string | undefined;
  type: string;
  active: boolean;
  /** Global role ids. */
  roles: readonly string[];
  /** In the user's order; the first is the main address. */
  emails: readonly Email[];
  hasPassword: boolean;
  status: PresenceStatus;
  statusConnection: PresenceStatus;
  statusDefault: PresenceStatus;
  statusText?: string | undefined;
  readonly createdAt: number;
  readonly updatedAt: number;
  lastLogin?: number | undefined;
  /** The address of an imported picture that is yet to be fetched (spec 32 C.5). */
  pendingAvatarUrl?: string | undefined;
}

export interface Email {
  address: string;
  verified: boolean;
}

export const PRESENCE_STATUSES = ['online', 'away', 'busy', 'offline'] as const;
export type PresenceStatus = (typeof PRESENCE_STATUSES)[number];

/** Somebody as another service knows them (spec 20, "OAuth / SAML / CAS / LDAP surface"). */
export interface LinkedIdentity {
  /** `github`, `ldap`, or the name of a service that the workspace added. */
  service: string;
  /** Never changes at the service, unlike a name. */
  id: string;
  username?: string | undefined;
  /** The address of the picture there. */
  picture?: string | undefined;
}

/** What is kept as JSON in `users.doc`: hardly anything here is searched, and then without an index. */
export interface UserDoc {
  nickname?: string | undefined;
  bio?: string | undefined;
  /** Hours. */
  utcOffset?: number | undefined;
  language?: string | undefined;
  avatarOrigin?: string | undefined;
  avatarETag?: string | undefined;
  customFields?: Readonly<Record<string, unknown>> | undefined;
  /** The user's own preferences; absent for a user who never saved any. */
  preferences?: Readonly<Record<string, unknown>> | undefined;
  requirePasswordChange?: boolean | undefined;
  requirePasswordChangeReason?: string | undefined;
  /** Text typed at registration, for whoever approves it. */
  reason?: string | undefined;
  inactiveReason?: 'deactivated' | 'pending_approval' | 'idle_too_long' | undefined;
  statusSource?: 'internal' | 'external' | 'manual' | undefined;
  statusExpiresAt?: number | undefined;
  /** What to return to when a timed status ends. */
  previousStatus?: { statusDefault: PresenceStatus; statusText?: string | undefined } | undefined;
  freeSwitchExtension?: string | undefined;
  importIds?: readonly string[] | undefined;
  /** Client ids of the programs that the user has let in. */
  authorizedClients?: readonly string[] | undefined;
  /** Whom other services know the user as, at most one each; `external_identities` is the index of it. */
  identities?: readonly LinkedIdentity[] | undefined;
  /** A hash of the picture that the LDAP directory had of them when it was last looked at. */
  directoryPicture?: string | undefined;
  /** Wants no mails that go to many (`mailings/`). */
  noMailings?: true | undefined;
  /** The second factors that the user set up; what proves them is in `two-factor.store.ts`. */
  factors?: { totp?: true | undefined; email?: true | undefined } | undefined;
}

const DOC_KEYS = [
  'nickname',
  'bio',
  'utcOffset',
  'language',
  'avatarOrigin',
  'avatarETag',
  'customFields',
  'preferences',
  'requirePasswordChange',
  'requirePasswordChangeReason',
  'reason',
  'inactiveReason',
  'statusSource',
  'statusExpiresAt',
  'previousStatus',
  'freeSwitchExtension',
  'importIds',
  'authorizedClients',
  'identities',
  'directoryPicture',
  'noMailings',
  'factors',
] as const satisfies readonly (keyof UserDoc)[];

/** Reads a stored user. `emails` are the user's addresses in order. */
export function parseUser(row: UserRow, emails: readonly Email[]): User {
  return {
    ...parseDoc<UserDoc>(row.doc),
    _id: row.id,
    username: row.username ?? undefined,
    name: row.name ?? undefined,
    type: row.type,
    active: row.active === 1,
    roles: parseDoc<string[]>(row.roles),
    emails,
    hasPassword: row.password_hash !== null,
    status: presenceStatus(row.status),
    statusConnection: presenceStatus(row.status_connection),
    statusDefault: presenceStatus(row.status_default),
    statusText: row.status_text ?? undefined,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLogin: row.last_login ?? undefined,
    pendingAvatarUrl: row.pending_avatar ?? undefined,
  };
}

/** The columns of a user, all but the password hash, which `User` does not carry. */
export function userRow(user: User): Omit<UserRow, 'password_hash'> {
  return {
    id: user._id,
    username: user.username ?? null,
    username_key: user.username === undefined ? null : usernameKey(user.username),
    name: user.name ?? null,
    name_key: user.name?.toLowerCase() ?? null,
    type: user.type,
    active: user.active ? 1 : 0,
    roles: stringify(user.roles),
    status: user.status,
    status_connection: user.statusConnection,
    status_default: user.statusDefault,
    status_text: user.statusText ?? null,
    created_at: user.createdAt,
    updated_at: user.updatedAt,
    last_login: user.lastLogin ?? null,
    pending_avatar: user.pendingAvatarUrl ?? null,
    search_key: [user.username, user.name, user.nickname, user.bio].filter(Boolean).join(' ').toLowerCase(),
    doc: stringify(Object.fromEntries(DOC_KEYS.map((key) => [key, user[key]]))),
  };
}

/** The service that the LDAP directory is. */
export const LDAP = 'ldap';

/** Whether the directory knows the user (`ldap`, spec 21 "Entity User"). */
export const isDirectoryUser = ({ identities = [] }: Pick<User, 'identities'>): boolean =>
  identities.some(({ service }) => service === LDAP);

/** Services that check a password which is typed in this workspace; all others log in by a page of their own. */
const PASSWORD_SERVICES = new Set([LDAP, 'crowd']);

/** Whether the user logs in by the page of another service (`isOAuthUser`, spec 20 "Entity Me"). */
export const isOAuthUser = ({ identities = [] }: Pick<User, 'identities'>): boolean =>
  identities.some(({ service }) => !PASSWORD_SERVICES.has(service));

/** Usernames are unique ignoring case (spec 21); this is the form that is compared. */
export const usernameKey = (username: string): string => username.toLowerCase();

/** Addresses are unique ignoring case. */
export const emailKey = (address: string): string => address.trim().toLowerCase();

/** What others see, from the state of the connections and the user's wish (spec 40 §5). */
export function effectiveStatus(connection: PresenceStatus, wish: PresenceStatus): PresenceStatus {
  if (connection === 'offline') return 'offline';
  return wish === 'online' ? connection : wish;
}

/** The state of several connections taken together (spec 40 §5). */
export function bestStatus(statuses: readonly PresenceStatus[]): PresenceStatus {
  if (statuses.includes('online')) return 'online';
  return statuses.find((status) => status !== 'offline') ?? 'offline';
}

export function presenceStatus(text: string): PresenceStatus {
  return PRESENCE_STATUSES.find((status) => status === text) ?? 'offline';
}
