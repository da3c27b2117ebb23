import { parseDoc } from '../storage/json.ts';

/** A webhook, under its names on the wire (spec 31 §2.1); `channel` holds `#name`, `@user` and the scopes below. */
export interface Integration {
  _id: string;
  type: 'webhook-incoming' | 'webhook-outgoing';
  name: string;
  enabled: boolean;
  /** Whom it posts as. */
  username: string;
  userId: string;
  channel: string[];
  alias?: string;
  avatar?: string;
  emoji?: string;
  /** Incoming: part of the address. Outgoing: sent along, if there is one. */
  token?: string;
  scriptEnabled: boolean;
  script?: string;
  /** What runs; absent when the script has a mistake. */
  scriptCompiled?: string;
  scriptError?: { name: string; message: string; stack?: string };
  scriptEngine: 'isolated-vm';
  skipTranspile?: boolean;
  _createdAt: Date;
  _createdBy: { _id: string; username: string };
  _updatedAt: Date;
  _updatedBy?: { _id: string; username: string };
}

export interface Incoming extends Integration {
  type: 'webhook-incoming';
  token: string;
  overrideDestinationChannelEnabled: boolean;
}

export interface Outgoing extends Integration {
  type: 'webhook-outgoing';
  event: WebhookEvent;
  urls: string[];
  triggerWords?: string[];
  triggerWordAnywhere?: boolean;
  targetRoom?: string;
  impersonateUser?: boolean;
  runOnEdits?: boolean;
  retryFailedCalls?: boolean;
  retryCount?: number;
  retryDelay?: string;
}

export type AnyIntegration = Incoming | Outgoing;

export type WebhookEvent = keyof typeof WEBHOOK_EVENTS;

/** What can cause an outgoing webhook to run, and what of its settings counts then (spec 31 §2.1). */
export const WEBHOOK_EVENTS = {
  sendMessage: { usesChannel: true, needsTargetRoom: false },
  fileUploaded: { usesChannel: true, needsTargetRoom: false },
  roomArchived: { usesChannel: false, needsTargetRoom: false },
  roomCreated: { usesChannel: false, needsTargetRoom: false },
  roomJoined: { usesChannel: true, needsTargetRoom: false },
  roomLeft: { usesChannel: true, needsTargetRoom: false },
  userCreated: { usesChannel: false, needsTargetRoom: true },
} as const;

export const isWebhookEvent = (text: string): text is WebhookEvent => Object.hasOwn(WEBHOOK_EVENTS, text);

/** Every room of a kind. */
export const ROOM_SCOPES = ['all_public_channels', 'all_private_groups', 'all_direct_messages'] as const;

export function reviveIntegration(doc: string): AnyIntegration {
  const integration = parseDoc<AnyIntegration>(doc);
  integration._createdAt = new Date(integration._createdAt);
  integration._updatedAt = new Date(integration._updatedAt);
  return integration;
}
