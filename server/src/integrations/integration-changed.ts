import type { Emit } from '../kernel/events.ts';
import type { AnyIntegration } from './integration.ts';

/** Whoever keeps webhooks in memory hears of it after the commit. */
export function integrationChanged(emit: Emit, integration: AnyIntegration): void {
  emit('integration.changed', { integration, removed: false });
}

declare module '../kernel/events.ts' {
  interface Events {
    'integration.changed': { integration: AnyIntegration; removed: boolean };
  }
}
