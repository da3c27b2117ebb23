import type { Context, WriteScope } from '../context.ts';
import type { CommitHooks } from '../storage/write.ts';
import { integrationChanged } from './integration-changed.ts';
import { integrationsOfChannel, integrationsOfUser, replaceIntegration } from './integrations.store.ts';

/** Webhooks follow what they name: a room by its new name, an account to its end (spec 21, `users.delete`). */
export function followChanges(ctx: Context, hooks: CommitHooks): void {
  hooks.on('room.renamed', ({ from, to }, scope) => renameChannel(ctx, scope, `#${from}`, `#${to}`));
  hooks.on('user.deleted', ({ uid }, scope) => disableOfUser(ctx, scope, uid));
}

async function renameChannel(ctx: Context, scope: WriteScope, from: string, to: string): Promise<void> {
  for (const integration of await integrationsOfChannel(scope.tx, from)) {
    const channel = integration.channel.map((name) => (name === from ? to : name));
    const changed = { ...integration, channel, _updatedAt: new Date(ctx.clock.stamp()) };
    await replaceIntegration(scope.tx, changed);
    integrationChanged(scope.emit, changed);
  }
}

async function disableOfUser(ctx: Context, scope: WriteScope, uid: string): Promise<void> {
  for (const integration of await integrationsOfUser(scope.tx, uid)) {
    const changed = { ...integration, enabled: false, _updatedAt: new Date(ctx.clock.stamp()) };
    await replaceIntegration(scope.tx, changed);
    integrationChanged(scope.emit, changed);
  }
}
