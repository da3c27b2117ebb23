import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of push tokens. */
export const notificationRules: readonly ConsistencyRule[] = [
  reference('push_tokens', 'uid', 'users'),
  reference('push_tokens', 'login_hash', 'login_tokens', { key: 'hash' }),
];
