import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { type Authenticate, authenticatePair, clientOf } from './admission.ts';
import { cookiesOf } from './cookies.ts';
import { corsFor } from './cors.ts';
import { sendRepresentation } from './send-representation.ts';

/** Bytes with everything an answer says about them. */
export interface Representation {
  type: string;
  size: number;
  /** ms; answers carry whole seconds. */
  modifiedAt: number;
  /** Without quotes; absent: there is no `ETag` header. */
  etag?: string;
  headers: Readonly<Record<string, string>>;
  /** May be packed for clients that take it, if its type is one that packs well. */
  packable?: boolean;
  open(range?: { start: number; end: number }): Promise<Readable>;
}

/** An answer without bytes: a redirect, or nothing but a status. */
export interface BareAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: object;
}

export interface DownloadRequest {
  /** `*` is what a path that ends with a star leaves open. */
  params: Record<string, string>;
  query: Record<string, unknown>;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Who asks, by query or cookies, where the route says so also by headers (spec 00 §2). */
  caller(alsoHeaders?: 'headers'): Promise<Caller | null>;
}

/** A path outside `/api/` that gives out bytes. */
export interface DownloadRoute {
  path: string;
  handler(ctx: Context, request: DownloadRequest): Promise<Representation | BareAnswer>;
}

export interface DownloadDeps {
  ctx: Context;
  routes: readonly DownloadRoute[];
  authenticate: Authenticate;
}

export function addDownloadRoutes(app: FastifyInstance, { ctx, routes, authenticate }: DownloadDeps): void {
  for (const { path, handler } of routes) {
    app.route({
      method: ['GET', 'HEAD'],
      url: path,
      async handler(request, reply) {
        const cors = corsFor(ctx.settings, request.headers);
        reply.headers(cors.headers).header('x-content-type-options', 'nosniff');
        if (!cors.allowed) return reply.code(403).send();
        const answer = await handler(ctx, downloadRequest(ctx, request, authenticate));
        if ('open' in answer) return sendRepresentation(request, reply, answer);
        return sendBare(reply, answer);
      },
    });
    // Pages of other origins ask first where they send credentials in headers.
    app.options(path, (request, reply) => {
      const cors = corsFor(ctx.settings, request.headers);
      if (!cors.allowed) return reply.code(403).headers(cors.headers).send();
      return reply.headers({ ...cors.headers, 'content-type': 'text/plain; charset=utf-8' }).send('OK');
    });
  }
}

function sendBare(reply: FastifyReply, { status, headers = {}, body }: BareAnswer): FastifyReply {
  return reply.code(status).headers(headers).send(body);
}

function downloadRequest(ctx: Context, request: FastifyRequest, authenticate: Authenticate): DownloadRequest {
  const { headers } = request;
  const query = request.query as Record<string, unknown>;
  const login = (uid: unknown, token: unknown): Promise<Caller | null> =>
    authenticatePair(authenticate, uid, token, clientOf(ctx, request));
  return {
    params: request.params as Record<string, string>,
    query,
    headers,
    async caller(alsoHeaders) {
      if (query.rc_uid !== undefined) return login(query.rc_uid, query.rc_token);
      const cookies = cookiesOf(headers.cookie);
      if (cookies.has('rc_uid')) return login(cookies.get('rc_uid'), cookies.get('rc_token'));
      return alsoHeaders ? login(headers['x-user-id'], headers['x-auth-token']) : null;
    },
  };
}
