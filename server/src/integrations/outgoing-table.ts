import type { Context } from '../context.ts';
import type { Outgoing, WebhookEvent } from './integration.ts';
import { enabledOutgoing } from './integrations.store.ts';

/**
 * The outgoing webhooks that are switched on, in memory: every message asks whether one of them is meant, and most
 * workspaces have few or none.
 */
export class OutgoingTable {
  readonly #byId = new Map<string, Outgoing>();
  /** Filled when it is asked for; a change empties it. */
  readonly #byEvent = new Map<WebhookEvent, readonly Outgoing[]>();

  static async load(ctx: Context): Promise<OutgoingTable> {
    const table = new OutgoingTable();
    for (const integration of await enabledOutgoing(ctx.db)) table.#byId.set(integration._id, integration);
    ctx.events.on('integration.changed', ({ integration, removed }) => {
      table.#byEvent.clear();
      table.#byId.delete(integration._id);
      if (integration.type === 'webhook-outgoing' && integration.enabled && !removed) {
        table.#byId.set(integration._id, integration);
      }
    });
    return table;
  }

  /** The oldest first. */
  of(event: WebhookEvent): readonly Outgoing[] {
    const known = this.#byEvent.get(event);
    if (known) return known;
    const found = [...this.#byId.values()].filter((integration) => integration.event === event);
    found.sort((a, b) => a._createdAt.getTime() - b._createdAt.getTime());
    this.#byEvent.set(event, found);
    return found;
  }
}
