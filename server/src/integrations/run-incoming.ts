import { findUserById, findUserByUsername } from '../accounts/find-users.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import { fail, notFound, Refusal, refuse } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';
import type { WireMessage } from '../messages/message.ts';
import type { AnyIntegration, Incoming } from './integration.ts';
import { integrationById } from './integrations.store.ts';
import { type Payload, postForIntegration, targetsOf } from './post-for-integration.ts';
import { hasScript, membersOf, runScript } from './run-script.ts';

/** What a request to an incoming webhook leads to; `status` 400 only where everything failed separately. */
export interface IncomingResult {
  status: 200 | 400;
  body: Record<string, unknown>;
}

/** @throws 404 alike for an unknown id and a wrong token, 503 for a webhook that is switched off */
export async function authenticIncoming(ctx: Context, id: string, token: string): Promise<Incoming> {
  const integration = await integrationById(ctx.db, id);
  if (!isOwnToken(integration, token)) notFound('Invalid integration id or token provided.');
  if (!integration.enabled) throw new Refusal('unavailable', undefined, 'Service Unavailable');
  return integration;
}

/** Compared also when there is nothing to compare with, so that the time taken tells nothing. */
function isOwnToken(integration: AnyIntegration | undefined, token: string): integration is Incoming {
  const known = integration?.type === 'webhook-incoming' ? integration.token : undefined;
  return secretsEqual(known ?? '', token) && known !== undefined;
}

/** A request to a webhook, as scripts see it. */
export interface HookRequest {
  /** Path and query. */
  url: string;
  query: Readonly<Record<string, unknown>>;
  urlParams: Readonly<Record<string, string>>;
  headers: Readonly<Record<string, unknown>>;
  /** The body as text, and what it says. */
  raw: string;
  payload: Payload;
}

const OK: IncomingResult = { status: 200, body: { success: true } };

/**
 * Posts what a request to an incoming webhook carries, or what its script makes of it (spec 31 §3).
 *
 * @throws plain and coded refusals; see `codeOf`
 */
export async function runIncoming(
  ctx: Context,
  integration: Incoming,
  request: HookRequest,
): Promise<IncomingResult> {
  if (!hasScript(ctx, integration)) {
    return isEmpty(request.payload) ? OK : post(ctx, integration, request.payload, integration.userId);
  }
  const user = await findUserById(ctx, integration.userId);
  const outcome = await runScript(ctx, integration, 'process_incoming_request', {
    request: scriptRequest(request, user),
  });
  if (outcome.kind === 'threw') refuse('error-running-script');
  const { error, content, response, user: author } = membersOf('value' in outcome && outcome.value);
  if (error) return { status: 400, body: { success: false, error } };
  const payload = membersOf(content);
  const posted = isEmpty(payload)
    ? OK
    : await post(ctx, integration, payload, await authorId(ctx, author, integration));
  if (posted.status !== 200) return posted;
  return { status: 200, body: { ...membersOf(response), ...posted.body } };
}

const isEmpty = (payload: Payload): boolean => Object.keys(payload).length === 0;

function scriptRequest({ url, query, urlParams, headers, raw, payload }: HookRequest, user?: User) {
  const [pathname = '', ...rest] = url.split('?');
  const search = rest.length > 0 ? `?${rest.join('?')}` : '';
  return {
    url: { hash: null, search, query, pathname, path: url },
    ...{ url_raw: url, url_params: urlParams },
    ...{ content: payload, content_raw: raw, headers, body: payload },
    ...(user ? { user: { _id: user._id, name: user.name ?? '', username: user.username ?? '' } } : {}),
  };
}

/** A script may post as somebody else. */
async function authorId(ctx: Context, given: unknown, { userId }: Incoming): Promise<string> {
  const { _id, username } = membersOf(given);
  if (typeof _id === 'string') return _id;
  if (typeof username !== 'string') return userId;
  return (await findUserByUsername(ctx, username))?._id ?? '';
}

async function post(
  ctx: Context,
  integration: Incoming,
  payload: Payload,
  authorId: string,
): Promise<IncomingResult> {
  const chosen = targetsOf(payload);
  if (chosen && !integration.overrideDestinationChannelEnabled) {
    refuse('overriding destination channel is disabled for this integration');
  }
  const user = await findUserById(ctx, authorId);
  if (!user?.active) fail('error-invalid-user', 'Invalid user');
  const targets = chosen ?? integration.channel;
  if (payload.separateResponse === true) {
    return separately(targets, (target) =>
      postForIntegration(ctx, integration, payload, { user, targets: [target] }),
    );
  }
  await postForIntegration(ctx, integration, payload, { user, targets });
  return OK;
}

/** One channel that fails does not keep the message from the others. */
async function separately(
  targets: readonly string[],
  post: (target: string) => Promise<WireMessage>,
): Promise<IncomingResult> {
  const responses: { channel: string; message?: WireMessage; error?: string }[] = [];
  for (const channel of targets) {
    try {
      responses.push({ channel, message: await post(channel) });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      responses.push({ channel, error: codeOf(error) });
    }
  }
  const succeeded = responses.some(({ error }) => error === undefined);
  return { status: succeeded ? 200 : 400, body: { responses, success: succeeded } };
}

/** Webhooks are told the bare code of a refusal, or its text where it has none. */
export const codeOf = ({ code, reason }: Refusal): string => String(code ?? reason ?? 'unknown-error');
