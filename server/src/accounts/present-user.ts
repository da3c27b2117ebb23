import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { Settings } from '../kernel/settings.ts';
import { publicCustomFields } from './custom-fields.ts';
import { effectivePreferences } from './preferences.ts';
import { isDirectoryUser, isOAuthUser, type User } from './user.ts';

/** Users as wire documents. Who sees what: spec 21, "Who sees what". Dates are `Date`, absent members are left out. */

type WireUser = Record<string, unknown> & { _id: string };

/** The `me` of the login answer and of `GET me` (spec 20, "Entity Me"). */
export function presentMe(ctx: Context, user: User): WireUser {
  const email = user.emails.find((entry) => entry.verified)?.address;
  return compact({
    _id: user._id,
    username: user.username,
    name: user.name,
    nickname: user.nickname,
    bio: user.bio,
    emails: user.emails.length > 0 ? user.emails : undefined,
    email,
    status: user.status,
    statusDefault: user.statusDefault,
    statusConnection: user.statusConnection,
    statusText: user.statusText,
    statusSource: user.statusSource,
    statusExpiresAt: date(user.statusExpiresAt),
    utcOffset: user.utcOffset,
    language: user.language,
    roles: user.roles,
    active: user.active,
    type: user.type,
    avatarUrl: avatarUrl(ctx.settings, user.username),
    avatarETag: user.avatarETag,
    avatarOrigin: user.avatarOrigin,
    settings: { profile: {}, preferences: effectivePreferences(ctx.settings, user) },
    customFields: user.customFields,
    requirePasswordChange: user.requirePasswordChange,
    requirePasswordChangeReason: user.requirePasswordChangeReason,
    inactiveReason: user.inactiveReason,
    freeSwitchExtension: user.freeSwitchExtension,
    oauth: user.authorizedClients ? { authorizedClients: user.authorizedClients } : undefined,
    services: presentServices(user),
    isOAuthUser: isOAuthUser(user),
    createdAt: new Date(user.createdAt),
    _updatedAt: new Date(user.updatedAt),
  });
}

/** The `user` of `users.info`. */
export function presentUserInfo(ctx: Context, caller: Caller, user: User): WireUser {
  const self = caller.uid === user._id;
  const full = self || ctx.permissions.has(caller, 'view-full-other-user-info');
  const shown = compact({
    _id: user._id,
    name: user.name,
    username: user.username,
    nickname: user.nickname,
    status: user.status,
    statusText: user.statusText,
    statusSource: user.statusSource,
    statusExpiresAt: date(user.statusExpiresAt),
    utcOffset: user.utcOffset,
    type: user.type,
    active: user.active,
    bio: user.bio,
    reason: user.reason,
    avatarETag: user.avatarETag,
    freeSwitchExtension: user.freeSwitchExtension,
    customFields: full ? user.customFields : shownCustomFields(ctx, user),
    canViewAllInfo: full,
  });
  if (!full) return shown;
  return compact({
    ...shown,
    emails: user.emails,
    statusConnection: user.statusConnection,
    createdAt: new Date(user.createdAt),
    lastLogin: date(user.lastLogin),
    requirePasswordChange: user.requirePasswordChange,
    requirePasswordChangeReason: user.requirePasswordChangeReason,
    roles: user.roles,
    importIds: user.importIds,
    ldap: isDirectoryUser(user) || undefined,
    services: self ? ownServices(user) : undefined,
  });
}

/** Members that are shown only with `view-full-other-user-info` (spec 00 §11.3). */
const PRIVATE = [
  'avatarOrigin',
  'emails',
  'phone',
  'statusConnection',
  'createdAt',
  'lastLogin',
  'requirePasswordChange',
  'requirePasswordChangeReason',
  'roles',
  'statusDefault',
  '_updatedAt',
  'settings',
  'ldap',
];

/** A whole user as `users.create`, `users.update` and `users.register` answer it; `caller` null: nobody is logged in. */
export function presentUser(ctx: Context, caller: Caller | null, user: User): WireUser {
  const full = caller !== null && ctx.permissions.has(caller, 'view-full-other-user-info');
  const whole = wholeUser(user);
  if (full) return whole;
  for (const member of PRIVATE) delete whole[member];
  return compact({ ...whole, customFields: shownCustomFields(ctx, user) });
}

/** The own user as `users.updateOwnBasicInfo` answers it. */
export const presentOwnUser = (user: User): WireUser => wholeUser(user);

/** One entry of `users.list`; with `reason` for `users.listByStatus`. */
export function presentListedUser(
  ctx: Context,
  caller: Caller,
  user: User,
  options = { withReason: false },
): WireUser {
  const full = ctx.permissions.has(caller, 'view-full-other-user-info');
  return compact({
    _id: user._id,
    name: user.name,
    username: user.username,
    status: user.status,
    active: user.active,
    avatarETag: user.avatarETag,
    type: user.type,
    nameInsensitive: user.name?.toLowerCase(),
    freeSwitchExtension: user.freeSwitchExtension,
    reason: options.withReason ? user.reason : undefined,
    emails: full ? user.emails : undefined,
    roles: full ? user.roles : undefined,
    lastLogin: full ? date(user.lastLogin) : undefined,
  });
}

/** One entry of `users.presence`. */
export function presentPresence(user: User): WireUser {
  return compact({
    _id: user._id,
    username: user.username,
    name: user.name,
    status: user.status,
    utcOffset: user.utcOffset,
    statusText: user.statusText,
    avatarETag: user.avatarETag,
    statusSource: user.statusSource,
    statusExpiresAt: date(user.statusExpiresAt),
  });
}

/** One entry of `users.autocomplete`. */
export function presentSuggestion(user: User): WireUser {
  const { _id, name, username, nickname, status, avatarETag } = user;
  return compact({ _id, name, username, nickname, status, avatarETag });
}

function wholeUser(user: User): WireUser {
  return compact({
    _id: user._id,
    createdAt: new Date(user.createdAt),
    username: user.username,
    name: user.name,
    nickname: user.nickname,
    bio: user.bio,
    type: user.type,
    active: user.active,
    roles: user.roles,
    emails: user.emails,
    status: user.status,
    statusConnection: user.statusConnection,
    statusDefault: user.statusDefault,
    statusText: user.statusText,
    statusSource: user.statusSource,
    statusExpiresAt: date(user.statusExpiresAt),
    utcOffset: user.utcOffset,
    language: user.language,
    avatarOrigin: user.avatarOrigin,
    avatarETag: user.avatarETag,
    settings: user.preferences ? { preferences: user.preferences } : {},
    customFields: user.customFields,
    lastLogin: date(user.lastLogin),
    requirePasswordChange: user.requirePasswordChange,
    requirePasswordChangeReason: user.requirePasswordChangeReason,
    reason: user.reason,
    inactiveReason: user.inactiveReason,
    freeSwitchExtension: user.freeSwitchExtension,
    ldap: isDirectoryUser(user) || undefined,
    __rooms: [],
    _updatedAt: new Date(user.updatedAt),
  });
}

/** Clients link to the profiles there. */
const SHOWN_SERVICES: ReadonlySet<string> = new Set(['github', 'gitlab']);

/** Which ways to prove themselves a user has, never what proves it. Whoever asks for it is logged in, so there is one. */
const presentServices = (user: User): Record<string, unknown> => ({
  ...otherServices(user),
  password: { exists: user.hasPassword },
});

/** The same as `users.info` answers it: there the password is a mere `true`. */
function ownServices(user: User): Record<string, unknown> | undefined {
  const services = { ...otherServices(user), ...(user.hasPassword ? { password: true } : {}) };
  return Object.keys(services).length > 0 ? services : undefined;
}

function otherServices({ factors, identities = [] }: User): Record<string, unknown> {
  const shown = identities.filter(({ service }) => SHOWN_SERVICES.has(service));
  return {
    ...Object.fromEntries(shown.map(({ service, picture: _, ...identity }) => [service, identity])),
    ...(factors?.totp ? { totp: { enabled: true } } : {}),
    ...(factors?.email ? { email2fa: { enabled: true } } : {}),
  };
}

function shownCustomFields(ctx: Context, user: User): Record<string, unknown> | undefined {
  if (!user.customFields) return undefined;
  const shown = publicCustomFields(ctx.settings);
  const entries = Object.entries(user.customFields).filter(([name]) => shown.has(name));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}

const date = (time: number | undefined): Date | undefined =>
  time === undefined ? undefined : new Date(time);

/** Without members that are undefined, so that answers can be compared and projected as they will be sent. */
function compact<T extends Record<string, unknown>>(document: T): WireUser {
  const entries = Object.entries(document).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as WireUser;
}

/** Where a person's picture is, as programs outside find it. */
export const avatarUrl = (settings: Settings, username = ''): string =>
  `${settings.text('Site_Url')}/avatar/${encodeURIComponent(username)}`;
