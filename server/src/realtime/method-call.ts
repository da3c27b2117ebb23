import { type TSchema, Type } from 'typebox';
import { fail, refuse } from '../kernel/errors.ts';
import type { AuthMode, Endpoint, RestRequest } from '../rest/endpoint.ts';
import { decode, EjsonError } from './ejson.ts';
import { type Dispatcher, secondFactorOf } from './methods.ts';

/** Other members are refused by a code of their own (spec 40 §3), so the schema lets them pass. */
const body = Type.Object({ message: Type.String({ description: 'EJSON text of a DDP method message' }) });
const response = Type.Object({ message: Type.String({ description: 'EJSON text of a DDP result message' }) });

/**
 * `method.call` and `method.callAnon`: DDP methods over HTTP (spec 40 §3). Both answer 200 also when the method failed,
 * with the error inside `message`: the one form that every client parses. The method's name in the path is
 * informational. Methods that need a connection get none.
 */
export function methodCallEndpoints(dispatcher: Dispatcher): Endpoint[] {
  return [
    declare({
      method: 'POST',
      path: 'method.call/:method',
      summary: 'Calls a realtime (DDP) method over HTTP as the logged-in user.',
      auth: 'user',
      withoutUsername: true,
      rateLimit: 'none',
      body,
      response,
      handler: (_ctx, request) => callMethod(dispatcher, request, request.caller),
    }),
    declare({
      method: 'POST',
      path: 'method.callAnon/:method',
      summary: 'Calls a realtime (DDP) method over HTTP without being logged in.',
      auth: 'none',
      rateLimit: 'none',
      body,
      response,
      // A token that is sent along is not looked at.
      handler: (_ctx, request) => callMethod(dispatcher, request, null),
    }),
  ];
}

/** Keeps the types of an endpoint whose schemas are in its declaration, as the lists of endpoints hold them. */
function declare<A extends AuthMode>(declaration: Endpoint<TSchema, typeof body, A>): Endpoint {
  return declaration as unknown as Endpoint;
}

type BridgeRequest = RestRequest<unknown, { message: string }>;

async function callMethod(
  dispatcher: Dispatcher,
  { body, headers, ip, userAgent }: BridgeRequest,
  caller: BridgeRequest['caller'],
): Promise<{ message: string }> {
  if (Object.keys(body).length > 1) fail('invalid-params', 'must NOT have additional properties');
  const { id, method, params } = parseCall(body.message);
  const twoFactor = secondFactorOf(headers['x-2fa-code'], headers['x-2fa-method']);
  const message = await dispatcher.answer({
    id,
    method,
    params,
    caller,
    connection: null,
    ip,
    userAgent,
    twoFactor,
  });
  return { message };
}

/** Tolerates an absent `msg` and absent or `null` params. */
function parseCall(text: string): { id: unknown; method: string; params: readonly unknown[] } {
  const { msg, id, method, params } = membersOf(text);
  const wellFormed =
    (msg === undefined || msg === 'method') &&
    (typeof id === 'string' || typeof id === 'number') &&
    typeof method === 'string' &&
    (params === undefined || params === null || Array.isArray(params));
  if (!wellFormed) refuse('Invalid method call');
  return { id, method: String(method), params: Array.isArray(params) ? params : [] };
}

function membersOf(text: string): Record<string, unknown> {
  try {
    const message = decode(text);
    return typeof message === 'object' && message !== null ? { ...message } : {};
  } catch (error) {
    if (error instanceof EjsonError) refuse('Invalid method call');
    throw error;
  }
}
