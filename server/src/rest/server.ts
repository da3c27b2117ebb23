import Fastify, { type FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import {
  type AdmittedCall,
  type Authenticate,
  type AuthenticateBearer,
  admit,
  type Gate,
} from './admission.ts';
import { answer, type CheckSecondFactor } from './answer.ts';
import { dropUnreadBody } from './drop-unread-body.ts';
import type { Endpoint } from './endpoint.ts';
import { EndpointTable } from './endpoint-table.ts';
import { NOT_FOUND } from './failure.ts';
import { isMultipart } from './multipart.ts';
import { bodyKindOf, parseBody } from './parse-body.ts';
import { parseQuery } from './parse-query.ts';
import { type PreparedEndpoint, prepareEndpoint } from './prepared-endpoint.ts';
import { RateLimiter } from './rate-limiter.ts';
import { refuseGarbage } from './refuse-garbage.ts';
import { sendError } from './send-error.ts';
import { sendFailure } from './send-reply.ts';
import { Validation } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set for requests below `/api/` that were admitted. */
    restCall: AdmittedCall | null;
    /** Size of the body that was read. */
    bodyBytes: number;
  }
}

export interface RestServerDeps {
  ctx: Context;
  endpoints: readonly Endpoint[];
  authenticate: Authenticate;
  /** Default: no token is good. */
  authenticateBearer?: AuthenticateBearer;
  checkSecondFactor: CheckSecondFactor;
  /** Setting `Accounts_AllowAnonymousRead`. */
  anonymousAllowed(): boolean;
}

/** How long a client may take to send a whole request; uploads over slow lines need minutes. */
const REQUEST_TIMEOUT_MS = 300_000;

/**
 * The HTTP server with all endpoints below `/api/`. It does not listen yet; the caller may add plain routes (`/livez`,
 * `/sockjs/info`, the web client), which win over ours where they are more specific.
 */
export function createRestServer(deps: RestServerDeps): FastifyInstance {
  const { ctx } = deps;
  const app = Fastify({
    logger: false,
    bodyLimit: ctx.config.limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    // Names in paths may be long, and percent-encoded they are nine times as long.
    routerOptions: { querystringParser: parseQuery, maxParamLength: 2500 },
    // An undecodable URL and the like: no route, so no handler of ours sees it.
    frameworkErrors: (error, request, reply) => sendError(ctx, error, request, reply),
    clientErrorHandler: refuseGarbage,
    // Routes have no schemas of Fastify's: to load its compilers takes 8 ms of each start. `rest/validation.ts` is ours.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
  });
  app.decorateRequest('restCall', null);
  app.decorateRequest('bodyBytes', 0);
  app.setErrorHandler((error, request, reply) => sendError(ctx, error, request, reply));
  app.setNotFoundHandler((_, reply) => sendFailure(reply, NOT_FOUND));

  const gate: Gate = {
    ctx,
    table: tableOf(deps.endpoints),
    limiter: new RateLimiter(),
    authenticate: deps.authenticate,
    authenticateBearer: deps.authenticateBearer ?? (async () => null),
    anonymousAllowed: deps.anonymousAllowed,
  };
  // A scope of its own: our way to parse bodies must not apply to the routes that the caller adds.
  void app.register((scope, _, registered) => {
    addApiRoute(scope, gate, deps.checkSecondFactor);
    registered();
  });
  return app;
}

function noSchemas(): never {
  throw new Error('A route has a schema; declare an endpoint instead.');
}

function tableOf(endpoints: readonly Endpoint[]): EndpointTable<PreparedEndpoint> {
  const validation = new Validation();
  const table = new EndpointTable<PreparedEndpoint>();
  for (const endpoint of endpoints) {
    const prepared = prepareEndpoint(endpoint, validation);
    table.add(endpoint.method, prepared.route, prepared);
  }
  return table;
}

function addApiRoute(scope: FastifyInstance, gate: Gate, checkSecondFactor: CheckSecondFactor): void {
  const { ctx } = gate;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser('*', { parseAs: 'buffer' }, (request, bytes: Buffer, done) => {
    request.bodyBytes = bytes.length;
    try {
      done(null, parseBody(bodyKindOf(request.headers['content-type']), bytes));
    } catch (error) {
      done(error as Error);
    }
  });
  // Not read here: files are larger than memory, so the handler takes the parts as they come.
  scope.addContentTypeParser('multipart/form-data', (_request, _bytes, done) => done(null));
  scope.all('/api/*', {
    onRequest(request, reply, next) {
      const type = request.headers['content-type'];
      // Fastify answers 415 to a malformed content type; by the contract such a body counts as none.
      if (bodyKindOf(type) === 'none') delete request.headers['content-type'];
      admit(gate, request, reply).then(
        (call) => {
          if (!call) return;
          request.restCall = call;
          if (call.prepared.endpoint.multipart && isMultipart(type)) {
            request.headers['content-type'] = type;
            dropUnreadBody(request.raw, reply.raw);
          }
          next();
        },
        (error: unknown) => sendError(ctx, error, request, reply),
      );
    },
    // Not async: what Fastify does with a handler's promise costs more than catching its error here.
    handler(request, reply) {
      if (!request.restCall) throw new Error('A request reached its handler without being admitted.');
      answer(ctx, checkSecondFactor, request.restCall, request, reply).catch((error: unknown) =>
        sendError(ctx, error, request, reply),
      );
    },
  });
}
