import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import { Refusal } from '../kernel/errors.ts';
import { bodyTooLarge, describeError, type Failure, failure, failureOf, INTERNAL_ERROR } from './failure.ts';
import { sendFailure } from './send-reply.ts';

/** Answers what was thrown. Refusals are answers; anything else is logged under the request's id and hidden (500). */
export function sendError(ctx: Context, error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const expected = failureOfFramework(error, ctx.config.limits.bodyBytes) ?? failureOf(error);
  if (!(error instanceof Refusal) && expected?.status !== 400 && expected?.status !== 413)
    logBug(ctx, error, request);
  // Thrown after the answer began: the log is all that is left.
  if (reply.sent) return;
  if (expected) {
    sendFailure(reply, expected);
    return;
  }
  reply.header('x-request-id', request.id);
  const stack = ctx.config.testMode && error instanceof Error ? { stack: error.stack } : {};
  sendFailure(reply, { status: INTERNAL_ERROR.status, body: { ...INTERNAL_ERROR.body, ...stack } });
}

/** What Fastify itself refuses: a body that is too large or cut short, an undecodable URL. */
function failureOfFramework(error: unknown, bodyLimit: number): Failure | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code, statusCode } = error as { code?: unknown; statusCode?: unknown };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return bodyTooLarge(bodyLimit);
  const isAboutTheRequest =
    typeof code === 'string' && (code.startsWith('FST_ERR_') || code === 'ECONNRESET');
  return isAboutTheRequest && typeof statusCode === 'number' && statusCode < 500
    ? failure(400, error.message)
    : undefined;
}

function logBug(ctx: Context, error: unknown, request: FastifyRequest): void {
  const endpoint = `${request.method} ${request.restCall?.prepared.route ?? request.routeOptions?.url ?? ''}`;
  const uid = request.restCall?.caller?.uid;
  ctx.log.error({ error: describeError(error), requestId: request.id, endpoint, uid }, 'request failed');
}
