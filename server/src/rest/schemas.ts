import { type Static, type TProperties, type TSchema, Type } from 'typebox';

/** Schema fragments that many endpoints share (spec 00 §11, §12). */

/** An object that rejects members it does not name (spec 00 §5.2). */
export function strict<P extends TProperties>(properties: P) {
  return Type.Object(properties, { additionalProperties: false });
}

/** Exactly one of the alternatives has to match; `must match exactly one schema in oneOf` otherwise. */
export function oneOf<A extends readonly TSchema[]>(...alternatives: A) {
  return Type.Unsafe<Static<A[number]>>({ oneOf: alternatives });
}

/** One of some texts; `must be equal to one of the allowed values` otherwise. */
export function textOf<V extends string>(...values: V[]) {
  return Type.Unsafe<V>({ type: 'string', enum: values });
}

/** A string with something to read in it. */
export const nonBlank = Type.String({ format: 'isNotEmpty' });

/** A text that `Date` can parse. */
export const dateText = Type.String({ format: 'date-time' });

interface ScalarTypes {
  string: string;
  number: number;
  boolean: boolean;
  null: null;
}

/**
 * A value of one of several scalar types. Use this and not `Type.Union`: there the first alternative would coerce what
 * was meant for the others (`5` to `"5"`, `null` to `0`).
 */
export function scalar<T extends keyof ScalarTypes>(...types: T[]) {
  return Type.Unsafe<ScalarTypes[T]>({ type: types });
}

/** `offset` and `count`; spread them into `strict({...})`. */
export const pagingMembers = {
  offset: Type.Optional(Type.Number()),
  count: Type.Optional(Type.Number()),
};

/** Everything a list endpoint takes. `query` and `fields` are accepted always and honoured only on demand. */
export const listMembers = {
  ...pagingMembers,
  sort: Type.Optional(Type.String()),
  query: Type.Optional(Type.String()),
  fields: Type.Optional(Type.String()),
};

/** The query of a list endpoint that takes nothing else. */
export const listQuery = strict(listMembers);

/**
 * `roomId` or `roomName`, never both, with the given other members (spec 00 §12.1). The type offers both as optional, so
 * that a handler can hand the parameters on without looking which one it is.
 */
export function roomIdOrName<P extends TProperties = Record<never, never>>(others: P = {} as P) {
  const byId = strict({ roomId: Type.String(), ...others });
  const byName = strict({ roomName: Type.String(), ...others });
  type Given = Static<ReturnType<typeof strict<P>>>;
  return Type.Unsafe<Given & { roomId?: string; roomName?: string }>({ oneOf: [byId, byName] });
}

/**
 * One user; spread into `strict({...})`. All optional: the operation answers `error-user-param-not-provided` when none
 * is given (spec 00 §12.2).
 */
export const userMembers = {
  userId: Type.Optional(Type.String()),
  username: Type.Optional(Type.String()),
  user: Type.Optional(Type.String()),
};

const MAX_USERS = 1000;

/** Several users (spec 00 §12.3); spread into `strict({...})`. */
export const usersMembers = {
  ...userMembers,
  userIds: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_USERS })),
  usernames: Type.Optional(Type.Array(Type.String(), { maxItems: MAX_USERS })),
};

/** Exactly one of `userId`, `username` and `user`, with the given other members, for endpoints that validate it. */
export function userSelector<P extends TProperties = Record<never, never>>(others: P = {} as P) {
  const alternatives = ['userId', 'username', 'user'].map((name) =>
    strict({ [name]: Type.String(), ...others }),
  );
  type Given = Static<ReturnType<typeof strict<P>>>;
  return Type.Unsafe<Given & { userId?: string; username?: string; user?: string }>({ oneOf: alternatives });
}

/** A free-form JSON object, for example `customFields`. */
export const freeObject = Type.Unsafe<Record<string, unknown>>({
  type: 'object',
  additionalProperties: true,
});
