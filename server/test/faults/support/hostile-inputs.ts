/** The part of JSON schema that the declarations use. */
interface Schema {
  type?: string | string[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  format?: string;
}

/** Plausible values by the name of a member, so that an input gets past its checks but for the hostile part. */
export type Known = Readonly<Record<string, unknown>>;

export interface HostileInput {
  /** The member that is wrong, for the report of a failure; empty when nothing is. */
  member: string;
  input: Record<string, unknown>;
}

interface Subject {
  /** Path of the endpoint. */
  path: string;
  /** Its declared TypeBox schema. */
  schema: unknown;
  known: Known;
  values: (member: string) => readonly unknown[];
}

/** Members that handlers read although their schema does not name them. */
const UNDECLARED: Readonly<Record<string, readonly string[]>> = {
  login: [
    'user',
    'username',
    'email',
    'password',
    'resume',
    'code',
    'ldap',
    'ldapPass',
    'crypto',
    'oauth',
    'serviceName',
    'accessToken',
  ],
  'roles.create': ['name', 'scope', 'description', 'mandatory2fa'],
  'roles.update': ['roleId', 'name', 'scope', 'description', 'mandatory2fa'],
  'roles.delete': ['roleId'],
  fingerprint: ['setDeploymentAs'],
  'roles.addUserToRole': ['username', 'roleId', 'roleName', 'roomId'],
  'roles.removeUserFromRole': ['username', 'roleId', 'roleName', 'scope', 'roomId'],
  message: [
    'u',
    'ts',
    't',
    'urls',
    'mentions',
    'reactions',
    'starred',
    'groupable',
    'file',
    'location',
    'md',
    'bot',
  ],
  attachments: [
    'text',
    'title_link',
    'image_url',
    'color',
    'ts',
    'fields',
    'actions',
    'attachments',
    'collapsed',
  ],
};

/** What an endpoint needs although its schema leaves it open. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  login: ['user', 'password'],
  'users.generatePersonalAccessToken': ['tokenName'],
  'users.regeneratePersonalAccessToken': ['tokenName'],
  'users.removePersonalAccessToken': ['tokenName'],
  'users.createToken': ['username'],
  'users.logout': ['userId'],
  'users.delete': ['userId'],
  'users.deleteOwnAccount': ['password'],
  'users.setStatus': ['message', 'status'],
  'settings/:_id': ['value'],
  'settings.addCustomOAuth': ['name'],
  'settings.removeCustomOAuth': ['name'],
  'permissions.update': ['permissions'],
  'roles.create': ['name'],
  'roles.update': ['roleId', 'name'],
  'roles.delete': ['roleId'],
  'roles.addUserToRole': ['roleId', 'username'],
  'roles.removeUserFromRole': ['roleId', 'username'],
  'roles.getUsersInRole': ['role'],
  'channels.online': ['_id'],
  'groups.online': ['_id'],
  'rooms.isMember': ['userId'],
  'chat.ignoreUser': ['rid', 'userId'],
  'custom-user-status.create': ['name', 'statusType'],
  'custom-user-status.update': ['_id', 'name', 'statusType'],
  'custom-user-status.delete': ['customUserStatusId'],
  'emoji-custom.delete': ['emojiId'],
  'custom-sounds.getOne': ['_id'],
  fingerprint: ['setDeploymentAs'],
  'rooms.export': ['rid', 'toUsers', 'messages'],
  'push.token': ['type', 'value', 'appName', 'token'],
  'subscriptions.getOne': ['roomId'],
  mailer: ['body', 'query'],
  'integrations.create': ['urls'],
  'integrations.update': ['integrationId', 'urls'],
  'chat.postMessage': ['roomId', 'text'],
  'chat.react': ['emoji'],
  'chat.syncMessages': ['lastUpdate'],
  'autotranslate.saveSettings': ['field'],
  'im.messages.others': ['roomId'],
  'dm.messages.others': ['roomId'],
};
const NEEDS_ROOM = /^groups\.(invite|kick|addAll)$/;
const NEEDS_USER = /\.(invite|kick|(add|remove)(Owner|Moderator|Leader))$/;

function neededBy(path: string, known: Known): Record<string, unknown> {
  const names = [...(NEEDED[path] ?? [])];
  if (NEEDS_ROOM.test(path)) names.push('roomId');
  if (NEEDS_USER.test(path)) names.push('userId');
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/**
 * Every input that is right but for one member, at any depth: for each member that the schema knows, each hostile value
 * in its place. And one that is right.
 */
export function* hostileInputs({ path, schema, known, values }: Subject): Generator<HostileInput> {
  const tried = new Set<string>();
  for (const alternative of alternativesOf(schema as Schema)) {
    const right = { ...rightObject(alternative, known), ...neededBy(path, known) };
    yield { member: '', input: right };
    for (const { route, base } of members(alternative, right, known, path)) {
      const member = route.join('.');
      // Alternatives mostly share their members.
      if (tried.has(member)) continue;
      tried.add(member);
      for (const value of values(route.at(-1) ?? '')) yield { member, input: withValue(base, route, value) };
    }
  }
}

function alternativesOf(schema: Schema): Schema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

interface Member {
  /** The names that lead to it; `0` is the first of a list. */
  route: string[];
  /** An input that has the object around the member. */
  base: Record<string, unknown>;
}

function* members(
  schema: Schema,
  base: Record<string, unknown>,
  known: Known,
  subject: string,
  route: string[] = [],
): Generator<Member> {
  const declared = Object.entries(schema.properties ?? {});
  const undeclared = (UNDECLARED[subject] ?? []).map((name): [string, Schema] => [name, {}]);
  for (const [name, member] of [...declared, ...undeclared]) {
    const here = [...route, name];
    yield { route: here, base };
    for (const alternative of alternativesOf(member)) {
      const inner = alternative.items ? firstOf(alternative.items) : alternative;
      if (!hasType(inner, 'object') || !(inner.properties || UNDECLARED[name])) continue;
      const inside = alternative.items ? [...here, '0'] : here;
      const filled = withValue(base, inside, rightValue(name, inner, known));
      yield* members(inner, filled, known, name, inside);
    }
  }
}

const firstOf = (schema: Schema): Schema => alternativesOf(schema)[0] ?? {};

const hasType = (schema: Schema, type: string): boolean =>
  Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type;

/** The smallest object that the schema takes. */
function rightObject({ properties = {}, required = [] }: Schema, known: Known): Record<string, unknown> {
  return Object.fromEntries(required.map((name) => [name, rightValue(name, properties[name] ?? {}, known)]));
}

function rightValue(name: string, given: Schema, known: Known): unknown {
  const schema = firstOf(given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (hasType(schema, 'array')) {
    if (Array.isArray(known[name])) return known[name];
    return schema.items ? [rightValue(name.replace(/s$/, ''), schema.items, known)] : [];
  }
  if (hasType(schema, 'object')) return { ...rightObject(schema, known), ...(known[name] as object) };
  if (hasType(schema, 'boolean')) return true;
  if (name in known) return known[name];
  return hasType(schema, 'number') || hasType(schema, 'integer') ? 1 : 'some text';
}

/** A copy with `value` at the route; what is on the way and missing is made. */
function withValue(
  base: Record<string, unknown>,
  [name = '', next, ...rest]: readonly string[],
  value: unknown,
): Record<string, unknown> {
  if (next === undefined) return { ...base, [name]: value };
  const inner = base[name];
  if (next !== '0') return { ...base, [name]: withValue(asBag(inner), [next, ...rest], value) };
  const [first] = Array.isArray(inner) ? inner : [];
  return { ...base, [name]: [rest.length === 0 ? value : withValue(asBag(first), rest, value)] };
}

const asBag = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** As clients write query strings: lists as `a[]=`, objects as `a[b]=`. */
export function queryText(input: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(input)) append(parts, encode(name), value);
  return parts.join('&');
}

function append(parts: string[], name: string, value: unknown): void {
  if (Array.isArray(value)) {
    for (const item of value) append(parts, `${name}[]`, item);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) append(parts, `${name}[${encode(key)}]`, item);
  } else {
    parts.push(`${name}=${encode(String(value))}`);
  }
}

/** Half a surrogate pair as careless clients write it, in bytes that are no UTF-8. */
const encode = (text: string): string => text.split('\ud800').map(encodeURIComponent).join('%ED%A0%80');
