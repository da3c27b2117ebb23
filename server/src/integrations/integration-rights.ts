import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { AnyIntegration, Integration } from './integration.ts';
import type { Visible } from './integrations.store.ts';

type Direction = 'incoming' | 'outgoing';

/** Who may manage webhooks: all of a direction, or those the caller made (spec 31 §2.1). */
export const INTEGRATION_PERMISSIONS = [
  'manage-incoming-integrations',
  'manage-own-incoming-integrations',
  'manage-outgoing-integrations',
  'manage-own-outgoing-integrations',
];
export const OUTGOING_PERMISSIONS = INTEGRATION_PERMISSIONS.slice(2);

export const managesAll = (ctx: Context, caller: Caller, direction: Direction): boolean =>
  ctx.permissions.has(caller, `manage-${direction}-integrations`);

export const managesOwn = (ctx: Context, caller: Caller, direction: Direction): boolean =>
  ctx.permissions.has(caller, `manage-own-${direction}-integrations`);

const directionOf = (type: Integration['type']): Direction =>
  type === 'webhook-incoming' ? 'incoming' : 'outgoing';

export function mayManage(ctx: Context, caller: Caller, integration: AnyIntegration): boolean {
  const direction = directionOf(integration.type);
  if (managesAll(ctx, caller, direction)) return true;
  return integration._createdBy._id === caller.uid && managesOwn(ctx, caller, direction);
}

export function visibleTo(ctx: Context, caller: Caller): Visible {
  const which = (direction: Direction) => {
    if (managesAll(ctx, caller, direction)) return { all: true } as const;
    return managesOwn(ctx, caller, direction) ? { creatorId: caller.uid } : undefined;
  };
  return { 'webhook-incoming': which('incoming'), 'webhook-outgoing': which('outgoing') };
}
