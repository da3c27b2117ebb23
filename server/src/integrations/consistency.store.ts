import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the tables of integrations. Who made one may be gone; it does nothing in the name of nobody. */
export const integrationRules: readonly ConsistencyRule[] = [
  reference('integration_channels', 'integration_id', 'integrations'),
  reference('integration_history', 'integration_id', 'integrations'),
  reference('integrations', 'user_id', 'users', { where: sql`integrations.enabled = 1` }),
];
