import type { Static, TSchema } from 'typebox';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { MultipartBody } from './multipart.ts';

/** `user`: a valid token pair is required. `user-or-anon`: see spec 00 §2. `none`: public; a valid pair is still honoured. */
export type AuthMode = 'user' | 'user-or-anon' | 'none';

export interface RateLimit {
  calls: number;
  windowMs: number;
  /** Counts what each user calls, from wherever; by default what comes from each address. */
  per?: 'user';
  /** A permission that lifts this limit, besides the one that lifts all. */
  liftedBy?: string;
}

/**
 * One REST endpoint. Validation, permission check, rate limit, the OpenAPI document and the compatibility page all come
 * from this one declaration.
 */
export interface Endpoint<
  Q extends TSchema = TSchema,
  B extends TSchema = TSchema,
  A extends AuthMode = AuthMode,
> {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/api/v1/`, for example `channels.leave` or `settings/:_id`; unversioned ones in full (`/api/info`). */
  path: string;
  /** One sentence for the API reference. */
  summary: string;
  auth: A;
  /** Route-level permissions; missing ones answer 403 (spec 00 §6). */
  permissions?: { all: readonly string[] } | { any: readonly string[] };
  /** Default: the workspace's `API_Enable_Rate_Limiter_*` settings. */
  rateLimit?: RateLimit | 'none' | ((ctx: Context) => RateLimit);
  /** Asks for a second factor (spec 00 §7); `always` ignores a remembered one. */
  twoFactor?: 'remembered' | 'always';
  /** Admits users who have no username yet. */
  withoutUsername?: true;
  /** Without a schema, query or body members are passed on unchecked only to endpoints that take none. */
  query?: Q;
  body?: B;
  /**
   * Takes `multipart/form-data`, which the handler reads through `parts`. With a `body` schema too, other bodies are
   * validated as usual.
   */
  multipart?: true;
  /** Schema of the success payload without `success`; documentation. */
  response?: TSchema;
  /** What differs from the documented behaviour; shown as "partly" on the compatibility page. */
  partly?: string;
  /** Marks the answer with the deprecation headers of spec 00 §11.4. */
  deprecated?: { version: string; info: string };
  handler(
    ctx: Context,
    request: RestRequest<Static<Q>, Static<B>, A>,
  ): Promise<object | undefined> | object | undefined;
}

export interface RestRequest<Q = unknown, B = unknown, A extends AuthMode = AuthMode> {
  /** The user; null for an anonymous caller, which `auth: 'user'` excludes. */
  caller: A extends 'user' ? Caller : Caller | null;
  query: Q;
  body: B;
  /** The parts of a `multipart/form-data` body; undefined when the body is something else. */
  parts?: MultipartBody | undefined;
  params: Record<string, string>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  ip: string;
  userAgent: string;
}

/** Declares an endpoint; keeps the types of its schemas. */
export function endpoint<Q extends TSchema, B extends TSchema, A extends AuthMode>(
  declaration: Endpoint<Q, B, A>,
): Endpoint {
  return declaration as unknown as Endpoint;
}

/** An answer that is not the usual envelope: sent with this status and body as they are. */
export class RawReply {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Record<string, string>;

  constructor(status: number, body: unknown, headers: Record<string, string> = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}
