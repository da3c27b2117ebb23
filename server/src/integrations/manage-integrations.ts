import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import type { AnyIntegration, Outgoing } from './integration.ts';
import { managesAll, managesOwn, mayManage, visibleTo } from './integration-rights.ts';
import {
  deleteIntegration,
  type IntegrationColumn,
  type IntegrationFilter,
  integrationById,
  integrationsPage,
  outgoingByUrl,
} from './integrations.store.ts';

/** Finding, listing and removing webhooks (spec 31 §2). */

export { INTEGRATION_FILTER_PATHS, INTEGRATION_SORT } from './integrations.store.ts';

/** `createdBy`: only when that person made it. @throws plain refusals, as documented */
export async function getIntegration(
  ctx: Context,
  caller: Caller,
  id: string,
  createdBy: string | undefined,
): Promise<AnyIntegration> {
  const integration = await integrationById(ctx.db, id);
  if (!integration || (createdBy !== undefined && integration._createdBy._id !== createdBy)) {
    refuse('The integration does not exists.');
  }
  if (!mayManage(ctx, caller, integration)) refuse('not-authorized');
  return integration;
}

/** Undefined when there is none; by id or, outgoing ones, by one of the addresses they call. */
export async function findIntegration(
  ctx: Context,
  by: { id: string } | { url: string },
): Promise<AnyIntegration | undefined> {
  return 'id' in by ? integrationById(ctx.db, by.id) : outgoingByUrl(ctx.db, by.url);
}

export function listIntegrations(
  ctx: Context,
  caller: Caller,
  filter: Omit<IntegrationFilter, 'visible'>,
  order: readonly { column: IntegrationColumn; direction: 'asc' | 'desc' }[],
  page: { offset: number; count: number },
): Promise<{ integrations: AnyIntegration[]; total: number }> {
  return integrationsPage(ctx.db, { ...filter, visible: visibleTo(ctx, caller) }, order, page);
}

/** Removes it with its history. @throws not_authorized, error-invalid-integration */
export async function removeIntegration(
  ctx: Context,
  caller: Caller,
  integration: AnyIntegration,
): Promise<void> {
  const [direction, method] =
    integration.type === 'webhook-incoming'
      ? (['incoming', 'deleteIncomingIntegration'] as const)
      : (['outgoing', 'deleteOutgoingIntegration'] as const);
  if (!managesAll(ctx, caller, direction) && !managesOwn(ctx, caller, direction)) {
    fail('not_authorized', 'Unauthorized', { method });
  }
  if (!mayManage(ctx, caller, integration))
    fail('error-invalid-integration', 'Invalid integration', { method });
  await ctx.write(async (tx, emit) => {
    await deleteIntegration(tx, integration._id);
    emit('integration.changed', { integration, removed: true });
  });
}

/** An outgoing webhook that the caller manages. @throws not_authorized, error-invalid-integration */
export async function managedOutgoing(
  ctx: Context,
  caller: Caller,
  id: string,
  details: object | undefined,
): Promise<Outgoing> {
  if (!managesAll(ctx, caller, 'outgoing') && !managesOwn(ctx, caller, 'outgoing')) {
    fail('not_authorized', 'Unauthorized', details);
  }
  const integration = await integrationById(ctx.db, id);
  if (integration?.type !== 'webhook-outgoing' || !mayManage(ctx, caller, integration)) {
    fail('error-invalid-integration', 'Invalid integration', details);
  }
  return integration;
}
