import type { Endpoint } from '../../../src/rest/endpoint.ts';

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
  /** What is wrong with it, for the report of a failure. */
  what: string;
  input: Record<string, unknown>;
}

/** Members that handlers read although their schema does not name them. */
const UNDECLARED: Readonly<Record<string, readonly string[]>> = {
  login: ['user', 'username', 'email', 'password', 'resume', 'code', 'ldap', 'ldapPass', 'crypto'],
  'roles.create': ['name', 'scope', 'description', 'mandatory2fa'],
  'roles.update': ['roleId', 'name', 'scope', 'description', 'mandatory2fa'],
  'roles.delete': ['roleId'],
  'roles.addUserToRole': ['username', 'roleId', 'roleName', 'roomId'],
  'roles.removeUserFromRole': ['username', 'roleId', 'roleName', 'scope', 'roomId'],
  message: ['u', 'ts', 't', 'urls', 'mentions', 'channels', 'reactions', 'starred', 'groupable', 'file', 'files', 'location', 'md', 'replies', 'bot'],
  attachments: ['text', 'title', 'title_link', 'author_name', 'image_url', 'color', 'ts', 'fields', 'actions', 'attachments', 'message_link', 'collapsed'],
};

/** `users.create username` is meant for that endpoint alone. */
function knownTo(subject: string, all: Known): Known {
  const own = Object.entries(all).filter(([name]) => name.startsWith(`${subject} `));
  return { ...all, ...Object.fromEntries(own.map(([name, value]) => [name.slice(subject.length + 1), value])) };
}

/** What an endpoint needs although its schema leaves it open. */
const NEEDED: Readonly<Record<string, readonly string[]>> = {
  login: ['user', 'password'],
  'users.generatePersonalAccessToken': ['tokenName'],
  'users.regeneratePersonalAccessToken': ['tokenName'],
  'users.removePersonalAccessToken': ['tokenName'],
  'users.logout': ['userId'],
  'users.delete': ['userId'],
  'users.deleteOwnAccount': ['password'],
  'users.setStatus': ['message', 'status'],
  'settings/:_id': ['value'],
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
  'subscriptions.getOne': ['roomId'],
  'chat.postMessage': ['roomId', 'text'],
  'chat.react': ['emoji'],
  'chat.syncMessages': ['lastUpdate'],
};
const NEEDS_ROOM = /^groups\.(invite|kick)$/;
const NEEDS_USER = /\.(invite|kick|(add|remove)(Owner|Moderator|Leader))$/;

function neededBy(subject: string, known: Known): Record<string, unknown> {
  const names = [...(NEEDED[subject] ?? [])];
  if (NEEDS_ROOM.test(subject)) names.push('roomId');
  if (NEEDS_USER.test(subject)) names.push('userId');
  return Object.fromEntries(names.map((name) => [name, known[name]]));
}

/**
 * Every input that is right but for one member, at any depth: for each member that the schema knows, each hostile value
 * in its place.
 */
export function* hostileInputs(
  { path: subject }: Endpoint,
  schema: unknown,
  all: Known,
  values: readonly unknown[],
): Generator<HostileInput> {
  const known = knownTo(subject, all);
  const tried = new Set<string>();
  for (const alternative of alternativesOf(schema as Schema)) {
    const right = { ...rightObject(alternative, known), ...neededBy(subject, known) };
    yield { what: 'nothing', input: right };
    for (const { path, base } of members(alternative, right, known, subject)) {
      const what = path.join('.');
      // Alternatives mostly share their members.
      if (tried.has(what)) continue;
      tried.add(what);
      for (const value of values) yield { what, input: withValue(base, path, value) };
    }
  }
}

function alternativesOf(schema: Schema): Schema[] {
  return schema.oneOf ?? schema.anyOf ?? [schema];
}

interface Member {
  path: string[];
  /** An input that has the object around the member. */
  base: Record<string, unknown>;
}

function* members(
  schema: Schema,
  base: Record<string, unknown>,
  known: Known,
  subject: string,
  path: string[] = [],
): Generator<Member> {
  const declared = Object.entries(schema.properties ?? {});
  const undeclared = (UNDECLARED[subject] ?? []).map((name): [string, Schema] => [name, {}]);
  for (const [name, member] of [...declared, ...undeclared]) {
    const here = [...path, name];
    yield { path: here, base };
    for (const alternative of alternativesOf(member)) {
      const inner = alternative.items ? firstOf(alternative.items) : alternative;
      const isObject = hasType(inner, 'object') && (inner.properties || UNDECLARED[name]);
      if (!isObject) continue;
      const inside = alternative.items ? [...here, '0'] : here;
      const filled = withValue(base, inside, rightObject(inner, known));
      yield* members(inner, filled, known, name, inside);
    }
  }
}

const firstOf = (schema: Schema): Schema => alternativesOf(schema)[0] ?? {};

const hasType = (schema: Schema, type: string): boolean =>
  Array.isArray(schema.type) ? schema.type.includes(type) : schema.type === type;

/** The smallest object that the schema takes. */
function rightObject(schema: Schema, known: Known): Record<string, unknown> {
  const entries = (schema.required ?? []).map((name) => [
    name,
    rightValue(name, schema.properties?.[name] ?? {}, known),
  ]);
  return Object.fromEntries(entries);
}

function rightValue(name: string, given: Schema, known: Known): unknown {
  const schema = firstOf(given);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  if (hasType(schema, 'array') && Array.isArray(known[name])) return known[name];
  if (hasType(schema, 'array')) return schema.items ? [rightValue(singular(name), schema.items, known)] : [];
  if (hasType(schema, 'object')) return { ...(known[name] as object), ...rightObject(schema, known) };
  if (name in known && !hasType(schema, 'boolean')) return known[name];
  if (hasType(schema, 'boolean')) return true;
  if (hasType(schema, 'number') || hasType(schema, 'integer')) return 1;
  return schema.format === 'date-time' ? '2024-01-01T00:00:00.000Z' : 'some text';
}

const singular = (name: string): string => name.replace(/s$/, '');

/** A copy with `value` at the path; what is on the way and missing is made. */
function withValue(
  base: Record<string, unknown>,
  [name = '', ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...base, [name]: value };
  const inner = base[name];
  if (rest[0] === '0') {
    const [, ...below] = rest;
    const first = Array.isArray(inner) ? (inner[0] as Record<string, unknown>) : {};
    return { ...base, [name]: [below.length === 0 ? value : withValue(first ?? {}, below, value)] };
  }
  return { ...base, [name]: withValue((inner as Record<string, unknown> | undefined) ?? {}, rest, value) };
}

/** As clients write query strings: lists as `a[]=`, objects as `a[b]=`. */
export function queryText(input: Record<string, unknown>): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(input)) append(parts, encode(name), value);
  return parts.join('&');
}

function append(parts: string[], name: string, value: unknown): void {
  if (Array.isArray(value)) for (const item of value) append(parts, `${name}[]`, item);
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) append(parts, `${name}[${encode(key)}]`, item);
  } else parts.push(`${name}=${encode(String(value))}`);
}

/** A URL cannot carry half a surrogate pair; its bytes as careless clients write them are no UTF-8. */
const encode = (text: string): string =>
  text
    .split(/(\p{Surrogate})/u)
    .map((part) => (/^\p{Surrogate}$/u.test(part) ? '%ED%A0%80' : encodeURIComponent(part)))
    .join('');
