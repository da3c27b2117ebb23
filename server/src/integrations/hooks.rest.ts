import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { addressBlock, clientIp } from '../kernel/client-ip.ts';
import { Refusal } from '../kernel/errors.ts';
import { defaultLimit } from '../rest/admission.ts';
import { corsFor } from '../rest/cors.ts';
import { failure, tooManyRequests } from '../rest/failure.ts';
import { RateLimiter } from '../rest/rate-limiter.ts';
import { sendError } from '../rest/send-error.ts';
import { sendFailure, sendJson } from '../rest/send-reply.ts';
import { sampleDeliveries, subscribeHook, unsubscribeHook } from './helper-hooks.ts';
import { parseHookBody } from './hook-body.rest.ts';
import type { Incoming } from './integration.ts';
import { authenticIncoming, codeOf, type HookRequest, runIncoming } from './run-incoming.ts';

/** `/hooks/...`: what other programs call (spec 31 §3). The address is the credential; nobody logs in. */

interface Hook {
  method: 'GET' | 'POST';
  path: string;
  run(
    ctx: Context,
    hook: Incoming,
    request: HookRequest,
  ): Promise<{ status: number; body: unknown }> | { status: number; body: unknown };
}

const ok = (body: unknown) => ({ status: 200, body });

const HOOKS: readonly Hook[] = [
  { method: 'POST', path: '', run: runIncoming },
  { method: 'GET', path: '', run: runIncoming },
  { method: 'GET', path: 'info/', run: () => ok({ success: true }) },
  { method: 'GET', path: 'sample/', run: (ctx) => ok(sampleDeliveries(ctx)) },
  {
    method: 'POST',
    path: 'add/',
    run: async (ctx, hook, { payload }) =>
      ok({ ...(await subscribeHook(ctx, hook, payload)), success: true }),
  },
  {
    method: 'POST',
    path: 'remove/',
    async run(ctx, hook, { payload }) {
      await unsubscribeHook(ctx, hook, payload);
      return ok({ success: true });
    },
  },
];

/** With and without the id of a user, which addresses of old workspaces have. */
const FORMS = [':integrationId/:token', ':integrationId/:userId/:token'];

export function hookRoutes(app: FastifyInstance, ctx: Context): void {
  const limiter = new RateLimiter();
  // A scope of its own, for its own way to read bodies.
  void app.register((scope, _, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, bytes, done) => done(null, bytes));
    for (const { method, path, run } of HOOKS) {
      for (const form of FORMS) {
        scope.route({
          method,
          url: `/hooks/${path}${form}`,
          onRequest: (request, reply, next) => {
            if (mayPass(ctx, limiter, request, reply)) next();
          },
          handler: async (request, reply) => {
            await answerHook(ctx, run, request, reply);
            return reply;
          },
        });
      }
    }
    scope.options('/hooks/*', (request, reply) => {
      const cors = corsFor(ctx.settings, request.headers);
      return reply
        .code(cors.allowed ? 200 : 403)
        .headers(cors.headers)
        .send();
    });
    registered();
  });
}

/** False when the answer is already sent. */
function mayPass(ctx: Context, limiter: RateLimiter, request: FastifyRequest, reply: FastifyReply): boolean {
  const cors = corsFor(ctx.settings, request.headers);
  reply.headers(cors.headers);
  if (!cors.allowed) {
    reply.code(403).send();
    return false;
  }
  if (ctx.config.testMode || !ctx.settings.bool('API_Enable_Rate_Limiter')) return true;
  const ip = clientIp(request.headers, request.raw.socket.remoteAddress, ctx.config.forwardedCount);
  const now = ctx.clock.now();
  const path = request.url.split('?')[0];
  const state = limiter.take(`${path} ${addressBlock(ip)}`, defaultLimit(ctx), now);
  if (!state.exceeded) return true;
  sendFailure(reply, tooManyRequests(state.resetAt - now));
  return false;
}

async function answerHook(
  ctx: Context,
  run: Hook['run'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  try {
    const { integrationId = '', token = '' } = request.params as Record<string, string>;
    const hook = await authenticIncoming(ctx, integrationId, token);
    const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const { status, body } = await run(ctx, hook, {
      url: request.url,
      query: request.query as Record<string, unknown>,
      urlParams: request.params as Record<string, string>,
      headers: request.headers,
      raw: bytes.toString('utf8'),
      payload: parseHookBody(request.headers['content-type'], bytes),
    });
    sendJson(reply, status, body);
  } catch (error) {
    // Of the codes of refusals webhooks get only the code; see `codeOf`.
    const isCode = error instanceof Refusal && (error.kind === 'coded' || error.kind === 'plain');
    if (isCode) sendFailure(reply, failure(400, codeOf(error)));
    else sendError(ctx, error, request, reply);
  }
}
