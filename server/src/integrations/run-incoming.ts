import { findUserById } from '../accounts/find-users.ts';
import type { Context } from '../context.ts';
import { fail, notFound, Refusal, refuse } from '../kernel/errors.ts';
import { secretsEqual } from '../kernel/ids.ts';
import type { WireMessage } from '../messages/message.ts';
import type { AnyIntegration, Incoming } from './integration.ts';
import { integrationById } from './integrations.store.ts';
import { type Payload, postForIntegration, targetsOf } from './post-for-integration.ts';

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

/**
 * Posts what a request to an incoming webhook carries (spec 31 §3).
 *
 * @throws plain and coded refusals; see `codeOf`
 */
export async function runIncoming(
  ctx: Context,
  integration: Incoming,
  payload: Payload,
): Promise<IncomingResult> {
  if (Object.keys(payload).length === 0) return { status: 200, body: { success: true } };
  const chosen = targetsOf(payload);
  if (chosen && !integration.overrideDestinationChannelEnabled) {
    refuse('overriding destination channel is disabled for this integration');
  }
  const user = await findUserById(ctx, integration.userId);
  if (!user?.active) fail('error-invalid-user', 'Invalid user');
  const targets = chosen ?? integration.channel;
  if (payload.separateResponse === true) {
    return separately(targets, (target) =>
      postForIntegration(ctx, integration, payload, { user, targets: [target] }),
    );
  }
  await postForIntegration(ctx, integration, payload, { user, targets });
  return { status: 200, body: { success: true } };
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
