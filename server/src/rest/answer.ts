import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { AdmittedCall } from './admission.ts';
import type { RestRequest } from './endpoint.ts';
import { invalidParams } from './failure.ts';
import { isMultipart, multipartBody } from './multipart.ts';
import { type PreparedEndpoint, parameterDeprecation } from './prepared-endpoint.ts';
import { sendFailure, sendResult } from './send-reply.ts';

export interface SecondFactorRequest {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  /** `always` ignores a remembered factor. */
  mode: 'remembered' | 'always';
}

/** Throws the `totp-required` refusal and its kin (spec 00 §7). */
export type CheckSecondFactor = (caller: Caller, request: SecondFactorRequest) => Promise<void>;

/** Steps 7 to 9 of the order of processing (spec 00 §3): validation, second factor, the action. */
export async function answer(
  ctx: Context,
  checkSecondFactor: CheckSecondFactor,
  call: AdmittedCall,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { prepared, caller } = call;
  const { endpoint } = prepared;
  const query = request.query as Record<string, unknown>;
  const body = bodyFor(prepared, request.body);
  const parts =
    endpoint.multipart && isMultipart(request.headers['content-type'])
      ? multipartBody(request.raw)
      : undefined;

  if (prepared.deprecation) reply.headers(prepared.deprecation);
  const fault =
    prepared.checkQuery?.(query, request.url.length) ??
    (parts ? undefined : prepared.checkBody?.(body, request.bodyBytes));
  if (fault !== undefined) {
    sendFailure(reply, invalidParams(fault));
    return;
  }
  if (ctx.config.allowUnsafeQueryAndFields && prepared.checkQuery) {
    reply.headers(parameterDeprecation(prepared.route, query) ?? {});
  }
  if (endpoint.twoFactor && caller) {
    await checkSecondFactor(caller, { headers: request.headers, mode: endpoint.twoFactor });
  }
  const input: RestRequest = {
    // Null only where the endpoint's `auth` admits it, see `admit`.
    caller: caller as Caller,
    query,
    body,
    parts,
    params: call.params,
    headers: request.headers,
    ip: call.ip,
    userAgent: call.userAgent,
  };
  sendResult(reply, await endpoint.handler(ctx, input));
}

/** Without a schema nothing checks that the body is an object, so it is made one. */
function bodyFor({ checkBody }: PreparedEndpoint, body: unknown): unknown {
  if (body === undefined) return {};
  if (checkBody || (typeof body === 'object' && body !== null && !Array.isArray(body))) return body;
  return {};
}
