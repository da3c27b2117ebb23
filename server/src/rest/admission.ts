import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { addressBlock, clientIp } from '../kernel/client-ip.ts';
import { ANONYMOUS } from '../kernel/permissions.ts';
import { bearerOf } from './bearer.ts';
import { corsFor } from './cors.ts';
import type { Endpoint, RateLimit } from './endpoint.ts';
import type { EndpointTable } from './endpoint-table.ts';
import {
  type Failure,
  MISSING_PERMISSION,
  NO_USERNAME,
  NOT_FOUND,
  NOT_LOGGED_IN,
  tooManyRequests,
  WRONG_METHOD,
} from './failure.ts';
import type { PreparedEndpoint } from './prepared-endpoint.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { sendFailure, sendText } from './send-reply.ts';

export interface Client {
  ip: string;
  userAgent: string;
}

/** Whom a token pair belongs to; null for an unknown, wrong or expired one. */
export type Authenticate = (uid: string, token: string, client: Client) => Promise<Caller | null>;

/** Whom an OAuth access token belongs to; null for an unknown or expired one. */
export type AuthenticateBearer = (token: string, client: Client) => Promise<Caller | null>;

/** A request that passed all checks that do not need its body. */
export interface AdmittedCall extends Client {
  prepared: PreparedEndpoint;
  params: Record<string, string>;
  caller: Caller | null;
}

export interface Gate {
  ctx: Context;
  table: EndpointTable<PreparedEndpoint>;
  limiter: RateLimiter;
  authenticate: Authenticate;
  authenticateBearer: AuthenticateBearer;
  anonymousAllowed: () => boolean;
}

/** Longer than any header we ever issued; hashing a client's kilobytes is of no use. */
const MAX_CREDENTIAL_LENGTH = 512;
const DEFAULT_LIMIT: RateLimit = { calls: 10, windowMs: 60_000 };

/**
 * Steps 1 to 6 of the order of processing (spec 00 §3): route, CORS, authentication, permissions, rate limit. They run
 * before the body is read, so that nobody without a token makes us buffer and parse megabytes. Returns the admitted
 * call, or undefined when the answer is already sent.
 */
export async function admit(
  gate: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<AdmittedCall | undefined> {
  const { ctx } = gate;
  const url = request.url;
  const queryAt = url.indexOf('?');
  const match = gate.table.find(queryAt < 0 ? url : url.slice(0, queryAt));

  const cors = corsFor(ctx.settings, request.headers);
  reply.headers(cors.headers);
  if (!match) return refuseWith(reply, NOT_FOUND);
  if (!cors.allowed) {
    reply.code(403).send();
    return undefined;
  }
  const method = request.method;
  if (method === 'OPTIONS') {
    sendText(reply, 200, 'OK');
    return undefined;
  }
  const prepared = match.entry.methods.get(method === 'HEAD' ? 'GET' : method);
  if (!prepared) {
    reply.header('allow', match.entry.allow);
    return refuseWith(reply, WRONG_METHOD);
  }

  const { endpoint } = prepared;
  const client = clientOf(ctx, request);
  const { ip, userAgent } = client;
  const caller = await authenticated(gate, request, client);
  const refusal = refusalFor(gate, endpoint, caller);
  if (refusal) return refuseWith(reply, refusal);

  const wait = countCall(gate, prepared, caller, ip, reply);
  if (wait > 0) return refuseWith(reply, tooManyRequests(wait));
  return { prepared, params: match.params, caller, ip, userAgent };
}

function refuseWith(reply: FastifyReply, failure: Failure): undefined {
  sendFailure(reply, failure);
  return undefined;
}

async function authenticated(gate: Gate, request: FastifyRequest, client: Client): Promise<Caller | null> {
  const uid = request.headers['x-user-id'];
  const token = request.headers['x-auth-token'];
  if (uid && token) return authenticatePair(gate.authenticate, uid, token, client);
  const bearer = bearerOf(request);
  return isCredential(bearer) ? gate.authenticateBearer(bearer, client) : null;
}

/** Who shows these two, wherever in the request they are; null for what cannot be credentials. */
export async function authenticatePair(
  authenticate: Authenticate,
  uid: unknown,
  token: unknown,
  client: Client,
): Promise<Caller | null> {
  return isCredential(uid) && isCredential(token) ? authenticate(uid, token, client) : null;
}

const isCredential = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_CREDENTIAL_LENGTH;

/** Where a request comes from. */
export const clientOf = ({ config }: Context, { headers, raw }: FastifyRequest): Client => ({
  ip: clientIp(headers, raw.socket.remoteAddress, config.forwardedCount),
  userAgent: headers['user-agent'] ?? '',
});

function refusalFor(
  { ctx, anonymousAllowed }: Gate,
  endpoint: Endpoint,
  caller: Caller | null,
): Failure | undefined {
  if (!caller) {
    if (endpoint.auth === 'user') return NOT_LOGGED_IN;
    if (endpoint.auth === 'user-or-anon' && !anonymousAllowed()) return NOT_LOGGED_IN;
  } else if (!caller.username && !endpoint.withoutUsername && endpoint.auth !== 'none') {
    return NO_USERNAME;
  }
  const needed = endpoint.permissions;
  if (!needed) return undefined;
  const who = caller ?? ANONYMOUS;
  const granted =
    'all' in needed
      ? needed.all.every((permission) => ctx.permissions.has(who, permission))
      : ctx.permissions.hasAny(who, needed.any);
  return granted ? undefined : MISSING_PERMISSION;
}

/** Counts the call and sets the rate-limit headers; returns the ms to wait, 0 when it may pass (spec 00 §8). */
function countCall(
  { ctx, limiter }: Gate,
  { endpoint, bucket }: PreparedEndpoint,
  caller: Caller | null,
  ip: string,
  reply: FastifyReply,
): number {
  if (ctx.config.testMode || endpoint.rateLimit === 'none' || !ctx.settings.bool('API_Enable_Rate_Limiter'))
    return 0;
  const who = caller ?? ANONYMOUS;
  if (ctx.permissions.has(who, 'api-bypass-rate-limit')) return 0;
  const limit = limitOf(ctx, endpoint);
  if (limit.liftedBy && ctx.permissions.has(who, limit.liftedBy)) return 0;
  const now = ctx.clock.now();
  const counted = limit.per === 'user' && caller ? caller.uid : addressBlock(ip);
  const state = limiter.take(bucket + counted, limit, now);
  reply.header('x-ratelimit-limit', limit.calls);
  reply.header('x-ratelimit-remaining', state.remaining);
  reply.header('x-ratelimit-reset', state.resetAt);
  return state.exceeded ? state.resetAt - now : 0;
}

function limitOf(ctx: Context, { rateLimit }: Endpoint): RateLimit {
  if (typeof rateLimit === 'function') return rateLimit(ctx);
  return typeof rateLimit === 'object' ? rateLimit : defaultLimit(ctx);
}

/** What the workspace allows where nothing else is said. */
export function defaultLimit(ctx: Context): RateLimit {
  const calls = ctx.settings.int('API_Enable_Rate_Limiter_Limit_Calls_Default');
  const windowMs = ctx.settings.int('API_Enable_Rate_Limiter_Limit_Time_Default');
  // A limit of zero would lock everyone out, the people who could correct it included.
  return {
    calls: calls > 0 ? calls : DEFAULT_LIMIT.calls,
    windowMs: windowMs > 0 ? windowMs : DEFAULT_LIMIT.windowMs,
  };
}
