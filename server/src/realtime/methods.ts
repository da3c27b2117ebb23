import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, Refusal } from '../kernel/errors.ts';
import type { Connection, DdpMethod, MethodCall, PassOn, StreamDeclaration } from './declarations.ts';
import { encode } from './ejson.ts';
import type { RateLimits } from './rate-limits.ts';
import './realtime.events.ts';
import { internalError, refusalToDdp } from './refusal-to-ddp.ts';

/**
 * Asks for a second factor before a method that is declared with `twoFactor` runs: returns when the caller may go on,
 * throws `totp-required` and the like otherwise (spec 40 §4.4).
 */
export type CheckSecondFactor = (
  ctx: Context,
  call: MethodCall & { caller: Caller },
  method: string,
) => Promise<void> | void;

export interface MethodRequest {
  /** The client's id of the call, given back in the answer. */
  id: unknown;
  method: string;
  params: readonly unknown[];
  caller: Caller | null;
  /** null over HTTP. */
  connection: Connection | null;
  ip: string;
  userAgent: string;
  /** From the `x-2fa-*` headers; a trailing parameter wins. */
  twoFactor?: { code: string; method: string } | undefined;
}

export interface Dispatcher {
  /** Runs a method and gives the text of its DDP `result` message, whatever happens. */
  answer(request: MethodRequest): Promise<string>;
  /** Names of the declared methods, without the streams' writes. */
  readonly names: readonly string[];
}

export interface DispatcherDeps {
  ctx: Context;
  methods: readonly DdpMethod[];
  declarations: ReadonlyMap<string, StreamDeclaration>;
  limits: RateLimits;
  checkSecondFactor?: CheckSecondFactor | undefined;
}

/** Throws when two methods share a name, or when one asks for a second factor that nobody can check. */
export function createDispatcher(deps: DispatcherDeps): Dispatcher {
  const methods = new Map<string, DdpMethod>();
  for (const method of deps.methods) {
    if (methods.has(method.name)) throw new Error(`The DDP method ${method.name} is declared twice`);
    if (method.twoFactor && !deps.checkSecondFactor) {
      throw new Error(`The DDP method ${method.name} asks for a second factor: pass checkSecondFactor`);
    }
    methods.set(method.name, method);
  }

  async function run(request: MethodRequest): Promise<unknown> {
    const stream = request.method.startsWith('stream-')
      ? deps.declarations.get(request.method.slice(7))
      : undefined;
    const method = methods.get(request.method);
    const counted = { caller: request.caller, connection: countedConnection(request), ip: request.ip };
    deps.limits.countMethod(request.method, counted, !!(method || stream), method?.rateLimit);
    if (method) return runMethod(deps, method, request);
    if (stream) return writeToStream(deps, stream, request);
    return fail(404, `Method '${request.method}' not found`);
  }

  return {
    names: [...methods.keys()],
    async answer(request) {
      const { id } = request;
      try {
        return encode({ msg: 'result', id, result: await run(request) });
      } catch (thrown) {
        const error = refusalToDdp(thrown);
        if (!(thrown instanceof Refusal))
          deps.ctx.log.error({ err: thrown, method: request.method }, 'a DDP method failed');
        return encode({ msg: 'result', id, error: error ?? internalError() });
      }
    },
  };
}

/** Over HTTP the limits per connection count the token, or address and user agent. */
function countedConnection({ connection, caller, ip, userAgent }: MethodRequest): string {
  return connection?.id ?? caller?.tokenHash ?? `${ip} ${userAgent}`;
}

async function runMethod(deps: DispatcherDeps, method: DdpMethod, request: MethodRequest): Promise<unknown> {
  const { caller, connection, ip, userAgent } = request;
  const trailing = trailingSecondFactor(request.params);
  const params = trailing ? request.params.slice(0, -1) : request.params;
  const call: MethodCall = {
    caller,
    params,
    connection,
    ip,
    userAgent,
    twoFactor: trailing ?? request.twoFactor,
  };
  if (method.auth === 'user' && !caller) fail('error-invalid-user', 'Invalid user', { method: method.name });
  if (method.auth === 'user' && !caller?.username && !method.withoutUsername) {
    fail('error-unauthorized', 'Users must have a username', { method: method.name });
  }
  if (method.twoFactor && caller) await deps.checkSecondFactor?.(deps.ctx, { ...call, caller }, method.name);
  return method.run(deps.ctx, call);
}

/** `{twoFactorCode, twoFactorMethod}`, the last parameter of a repeated call (spec 40 §4.4.2). */
function trailingSecondFactor(params: readonly unknown[]): SecondFactor | undefined {
  const last = params.at(-1);
  if (typeof last !== 'object' || last === null) return undefined;
  const { twoFactorCode, twoFactorMethod } = last as Record<string, unknown>;
  return secondFactorOf(twoFactorCode, twoFactorMethod);
}

interface SecondFactor {
  /** Empty where the client only names the method that it wants to be asked for. */
  code: string;
  /** Empty where the client does not say it. */
  method: string;
}

/** What a client gave, in a parameter or in headers; undefined where it gave nothing. */
export function secondFactorOf(code: unknown, method: unknown): SecondFactor | undefined {
  if (typeof code !== 'string' && typeof method !== 'string') return undefined;
  return {
    code: typeof code === 'string' ? code : '',
    method: typeof method === 'string' ? method : '',
  };
}

/** A client's own event. What the stream's rule does not allow is ignored without a word (spec 40 §7.3). */
async function writeToStream(
  deps: DispatcherDeps,
  stream: StreamDeclaration,
  request: MethodRequest,
): Promise<void> {
  const { connection, caller, params } = request;
  const [eventName, ...args] = params;
  if (!stream.write || !connection || typeof eventName !== 'string' || eventName === '') return;
  const { name } = stream;
  const passOn: PassOn = (eventName, args) =>
    deps.ctx.tell('stream.written', { stream: name, eventName, args, except: connection.id });
  await stream.write(deps.ctx, passOn, { caller, connection, eventName, args });
}
