import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the tables of integrations. */
export const integrationRules: readonly ConsistencyRule[] = [
  reference('integration_channels', 'integration_id', 'integrations'),
  reference('integration_history', 'integration_id', 'integrations'),
];
