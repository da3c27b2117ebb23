import type { Context } from '../context.ts';
import { fail } from '../kernel/errors.ts';
import {
  type DdpMethod,
  type StreamDeclaration,
  type Streams,
  userMethod,
} from '../realtime/declarations.ts';
import {
  matchFailed,
  objectParam,
  optionalBoolean,
  optionalNumber,
  optionalText,
  textListParam,
  textParam,
} from '../realtime/params.ts';
import { OUTGOING_PERMISSIONS } from './integration-rights.ts';
import { findIntegration, removeIntegration } from './manage-integrations.ts';
import { replayWebhook } from './replay-webhook.ts';
import { addIncoming, type IncomingInput, updateIncoming } from './save-incoming.ts';
import type { IntegrationInput } from './save-integration.ts';
import { addOutgoing, type OutgoingInput, updateOutgoing } from './save-outgoing.ts';
import { clearHistory } from './webhook-history.ts';

/** Managing webhooks over DDP, and the stream of what happens when outgoing ones run (spec 31 §2, spec 40 §8.10). */

/** Members without a value are left out, as the operations want them. */
function given<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  const entries = Object.entries(members).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [K in keyof T]: Exclude<T[K], undefined> };
}

function commonInput(value: unknown): IntegrationInput {
  const input = objectParam(value);
  return {
    name: optionalText(input.name) ?? '',
    enabled: optionalBoolean(input.enabled) ?? false,
    scriptEnabled: optionalBoolean(input.scriptEnabled) ?? false,
    ...given({
      username: optionalText(input.username),
      channel: optionalText(input.channel),
      alias: optionalText(input.alias),
      avatar: optionalText(input.avatar),
      emoji: optionalText(input.emoji),
      script: optionalText(input.script),
      skipTranspile: optionalBoolean(input.skipTranspile),
    }),
  } as IntegrationInput;
}

function incomingInput(value: unknown): IncomingInput {
  const override = optionalBoolean(objectParam(value).overrideDestinationChannelEnabled);
  return {
    ...commonInput(value),
    ...(override === undefined ? {} : { overrideDestinationChannelEnabled: override }),
  };
}

function outgoingInput(value: unknown): OutgoingInput {
  const input = objectParam(value);
  const { urls, triggerWords } = input;
  return {
    ...commonInput(value),
    event: optionalText(input.event) ?? '',
    ...given({
      urls: Array.isArray(urls) ? textListParam(urls) : undefined,
      triggerWords: typeof triggerWords === 'string' ? triggerWords : optionalList(triggerWords),
      triggerWordAnywhere: optionalBoolean(input.triggerWordAnywhere),
      targetRoom: optionalText(input.targetRoom),
      token: optionalText(input.token),
      impersonateUser: optionalBoolean(input.impersonateUser),
      runOnEdits: optionalBoolean(input.runOnEdits),
      retryFailedCalls: optionalBoolean(input.retryFailedCalls),
      retryCount: optionalNumber(input.retryCount),
      retryDelay: optionalText(input.retryDelay),
    }),
  } as OutgoingInput;
}

const optionalList = (value: unknown): string[] | undefined =>
  value === undefined || value === null ? undefined : textListParam(value);

function removing(method: string, type: 'webhook-incoming' | 'webhook-outgoing'): DdpMethod {
  return userMethod(method, async (ctx, { caller, params }) => {
    const integration = await findIntegration(ctx, { id: textParam(params[0]) });
    if (integration?.type !== type) fail('error-invalid-integration', 'Invalid integration', { method });
    await removeIntegration(ctx, caller, integration);
    return true;
  });
}

export const integrationMethods: DdpMethod[] = [
  userMethod('addIncomingIntegration', (ctx, { caller, params }) =>
    addIncoming(ctx, caller, incomingInput(params[0])),
  ),
  userMethod('updateIncomingIntegration', (ctx, { caller, params }) =>
    updateIncoming(ctx, caller, textParam(params[0]), incomingInput(params[1])),
  ),
  removing('deleteIncomingIntegration', 'webhook-incoming'),
  userMethod('addOutgoingIntegration', (ctx, { caller, params }) =>
    addOutgoing(ctx, caller, outgoingInput(params[0])),
  ),
  userMethod('updateOutgoingIntegration', (ctx, { caller, params }) =>
    updateOutgoing(ctx, caller, textParam(params[0]), outgoingInput(params[1])),
  ),
  removing('deleteOutgoingIntegration', 'webhook-outgoing'),
  userMethod('clearIntegrationHistory', (ctx, { caller, params }) =>
    clearHistory(ctx, caller, textParam(params[0])),
  ),
  userMethod('replayOutgoingIntegration', async (ctx, { caller, params }) => {
    const { integrationId, historyId } = objectParam(params[0] ?? matchFailed());
    const input = { integrationId: textParam(integrationId), historyId: textParam(historyId) };
    await replayWebhook(ctx, caller, input);
    return true;
  }),
];

export const integrationStreams: StreamDeclaration[] = [
  {
    name: 'integrationHistory',
    mayRead: (ctx, { caller }) => caller !== null && ctx.permissions.hasAny(caller, OUTGOING_PERMISSIONS),
  },
];

export function wireIntegrationEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('integrationHistory.changed', ({ integrationId, change }) =>
    streams.emit('integrationHistory', integrationId, [change]),
  );
}
