import { CUSTOM_LOGIN_SERVICES, customServicePrefix } from '../../admin/settings/custom-login-service.ts';
import { commaList } from '../../kernel/comma-list.ts';
import { fail } from '../../kernel/errors.ts';
import { sha256hex } from '../../kernel/ids.ts';
import type { Settings } from '../../kernel/settings.ts';
import type { AccountRules } from './external-identity.ts';
import {
  type IdentityFields,
  SERVICES,
  type ServerPaths,
  type ServiceDescription,
  type TokenAudience,
} from './service-table.ts';

/** A service of OAuth 2.0 or OpenID Connect as the workspace has set it up. */
export interface LoginService {
  /** Stable over restarts and nodes, since nothing is stored. */
  id: string;
  service: string;
  custom: boolean;
  clientId: string;
  clientSecret: string;
  /** Without a slash at its end. */
  server: string;
  /** Below the server, unless they are whole addresses. */
  paths: ServerPaths;
  fields: IdentityFields;
  headers: Readonly<Record<string, string>>;
  /** Where the service wants the credentials of the workspace, and then the access token. */
  credentialsIn: 'form' | 'header';
  accessTokenIn: 'header' | { parameter: string };
  /** `discovered`: an OpenID provider that describes itself. */
  audience: TokenAudience | 'discovered' | undefined;
  rules: AccountRules;
  roles: { claim: string; synced: readonly string[] } | undefined;
  rooms: { claim: string; byGroup: ReadonlyMap<string, readonly string[]>; creator: string } | undefined;
  loginStyle: 'popup' | 'redirect';
  button: {
    idKey: ServiceDescription['idKey'];
    label: string;
    labelColor: string;
    color: string;
    shown: boolean;
  };
  scope: string;
  /** Its whole configuration is published, for clients that do not know it. */
  published: boolean;
  pkce: boolean;
  /** Of a custom service, in the words of its settings: what else is told of it. */
  told?: {
    tokenSentVia: string;
    identityTokenSentVia: string;
    usernameField: string;
    mergeUsers: boolean;
  };
}

/** Names that mean something else wherever services are named. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...SERVICES.map(({ service }) => service),
  ...[
    'apple',
    'twitter',
    'cas',
    'saml',
    'ldap',
    'crowd',
    'password',
    'resume',
    'totp',
    'email',
    'email2fa',
    'iframe',
  ],
]);

/** The services that are switched on. They follow the settings at once. */
export function loginServices(settings: Settings): LoginService[] {
  const builtIn = SERVICES.filter(({ setting }) => settings.bool(`Accounts_OAuth_${setting}`));
  const custom = settings
    .list(CUSTOM_LOGIN_SERVICES)
    .filter((name) => settings.bool(customServicePrefix(name)));
  return [
    ...builtIn.map((description) => builtInService(settings, description)),
    ...custom.map((name) => customService(settings, name)),
  ];
}

export const findLoginService = (settings: Settings, service: string): LoginService | undefined =>
  loginServices(settings).find((found) => found.service === service);

/** The same where somebody logs in with what it said before. Throws 403 where it was switched off since. */
export const requireLoginService = (settings: Settings, service: string): LoginService =>
  findLoginService(settings, service) ?? fail(403, `No registered oauth service found for: ${service}`);

/** The address of one of the service's pages. */
export const urlOf = ({ server }: LoginService, path: string): string =>
  /^https?:\/\//i.test(path) ? path : `${server}${path.startsWith('/') ? '' : '/'}${path}`;

function builtInService(settings: Settings, description: ServiceDescription): LoginService {
  const { service, setting, server, fields, headers = {}, audience, idKey, label, color } = description;
  const own = 'setting' in server ? settings.text(server.setting).trim() : server.url;
  const elsewhere = own === '' && 'otherwise' in server ? server.otherwise : undefined;
  return {
    id: serviceId(service),
    service,
    custom: false,
    clientId: settings.text(`Accounts_OAuth_${setting}_id`).trim(),
    clientSecret: settings.text(`Accounts_OAuth_${setting}_secret`).trim(),
    server: withoutSlash(elsewhere?.url ?? own),
    paths: elsewhere ?? description.paths,
    fields,
    headers,
    credentialsIn: 'form',
    accessTokenIn: 'header',
    audience,
    rules: { givesUsername: false },
    roles: undefined,
    rooms: undefined,
    loginStyle: 'popup',
    button: { idKey, label, labelColor: '#FFFFFF', color, shown: true },
    scope: description.scope,
    published: description.published ?? false,
    pkce: description.pkce ?? true,
  };
}

function customService(settings: Settings, name: string): LoginService {
  const text = (suffix: string) => settings.text(`${customServicePrefix(name)}-${suffix}`).trim();
  const flag = (suffix: string) => settings.bool(`${customServicePrefix(name)}-${suffix}`);
  const field = (suffix: string, otherwise: readonly string[]) =>
    text(suffix) === '' ? otherwise : [text(suffix)];
  const parameter = text('access_token_param') || 'access_token';
  return {
    id: serviceId(name.toLowerCase()),
    service: name.toLowerCase(),
    custom: true,
    clientId: text('id'),
    clientSecret: text('secret'),
    server: withoutSlash(text('url')),
    paths: { authorize: text('authorize_path'), token: text('token_path'), identity: text('identity_path') },
    fields: {
      id: ['sub', 'id', 'ID', 'user_id', 'uid', 'userid'],
      username: field('username_field', ['username', 'preferred_username', 'login']),
      name: field('name_field', ['name', 'displayName', 'display_name', 'cn']),
      email: field('email_field', ['email']),
      picture: field('avatar_field', ['picture', 'avatar_url']),
      // These two speak of `email`, and of no other member.
      emailVerified: ['', 'email'].includes(text('email_field')) ? ['email_verified', 'verified_email'] : [],
    },
    headers: {},
    credentialsIn: text('token_sent_via') === 'header' ? 'header' : 'form',
    accessTokenIn: text('identity_token_sent_via') === 'payload' ? { parameter } : 'header',
    audience: 'discovered',
    rules: {
      mergeBy: flag('merge_users') ? (text('key_field') === 'email' ? 'email' : 'username') : undefined,
      mergeLinked: flag('merge_users') && flag('merge_users_distinct_services'),
      givesUsername: text('username_field') !== '',
    },
    roles: flag('merge_roles')
      ? { claim: text('roles_claim') || 'roles', synced: commaList(text('roles_to_sync')) }
      : undefined,
    rooms: flag('map_channels')
      ? {
          claim: text('groups_claim') || 'groups',
          byGroup: roomsByGroup(text('channels_map')),
          creator: text('channels_admin') || 'rocket.cat',
        }
      : undefined,
    loginStyle: text('login_style') === 'redirect' ? 'redirect' : 'popup',
    button: {
      idKey: 'clientId',
      label: text('button_label_text') || name,
      labelColor: text('button_label_color'),
      color: text('button_color'),
      shown: flag('show_button'),
    },
    scope: text('scope'),
    published: true,
    pkce: true,
    told: {
      tokenSentVia: text('token_sent_via'),
      identityTokenSentVia: text('identity_token_sent_via'),
      usernameField: text('username_field'),
      mergeUsers: flag('merge_users'),
    },
  };
}

/** Of `{"group": "room"}` or `{"group": ["room", "another"]}`; whatever else is there maps nothing. */
function roomsByGroup(json: string): ReadonlyMap<string, readonly string[]> {
  const map = objectIn(json);
  const isName = (name: unknown): name is string => typeof name === 'string' && name.trim() !== '';
  return new Map(
    Object.entries(map).map(([group, rooms]) => [
      group,
      (Array.isArray(rooms) ? rooms : [rooms]).filter(isName),
    ]),
  );
}

function objectIn(json: string): object {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {};
  } catch {
    return {};
  }
}

const withoutSlash = (url: string): string => url.trim().replace(/\/+$/, '');

export const serviceId = (service: string): string => sha256hex(`login service ${service}`).slice(0, 17);
