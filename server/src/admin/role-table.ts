/** `Users`: held in the whole workspace. `Subscriptions`: held in one room. */
export type RoleScope = 'Users' | 'Subscriptions';

export interface BuiltInRole {
  readonly id: string;
  readonly scope: RoleScope;
  readonly description: string;
}

/** The roles every workspace has (spec 22, "Roles"); their name is their id and they are protected. */
export const BUILT_IN_ROLES: readonly BuiltInRole[] = [
  { id: 'admin', scope: 'Users', description: 'Admin' },
  { id: 'moderator', scope: 'Subscriptions', description: 'Moderator' },
  { id: 'leader', scope: 'Subscriptions', description: 'Leader' },
  { id: 'owner', scope: 'Subscriptions', description: 'Owner' },
  { id: 'user', scope: 'Users', description: '' },
  { id: 'bot', scope: 'Users', description: '' },
  { id: 'app', scope: 'Users', description: '' },
  { id: 'guest', scope: 'Users', description: '' },
  { id: 'anonymous', scope: 'Users', description: '' },
  { id: 'livechat-agent', scope: 'Users', description: 'Livechat Agent' },
  { id: 'livechat-manager', scope: 'Users', description: 'Livechat Manager' },
  { id: 'livechat-monitor', scope: 'Users', description: '' },
  { id: 'auditor', scope: 'Users', description: '' },
  { id: 'auditor-log', scope: 'Users', description: '' },
  { id: 'federated-external', scope: 'Users', description: '' },
];
