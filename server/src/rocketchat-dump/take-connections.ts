import {
  type AnyIntegration,
  type Incoming,
  type Integration,
  isWebhookEvent,
  type Outgoing,
} from '../integrations/integration.ts';
import { insertIntegration } from '../integrations/integrations.store.ts';
import { savePushToken } from '../notifications/push-tokens.store.ts';
import { saveApp } from '../oauth/apps.store.ts';
import { insertInvite } from '../rooms/invites/invites.store.ts';
import type { Doc } from './bson-documents.ts';
import {
  countOf,
  flagOf,
  isFlag,
  isNumber,
  isText,
  isTexts,
  members,
  partOf,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import type { Taking } from './taking.ts';

/** What leads into the workspace from outside, and out of it: webhooks, invites, programs, devices (spec 32 D.2). */

const INTEGRATIONS = 'rocketchat_integrations';
const INVITES = 'rocketchat_invites';
const APPS = 'rocketchat_oauth_apps';
const PUSH_TOKENS = '_raix_push_app_tokens';
const OUTGOING = {
  triggerWords: isTexts,
  triggerWordAnywhere: isFlag,
  targetRoom: isText,
  impersonateUser: isFlag,
  runOnEdits: isFlag,
  retryFailedCalls: isFlag,
  retryCount: isNumber,
  retryDelay: isText,
};
const LOOK = { alias: isText, avatar: isText, emoji: isText, token: isText, skipTranspile: isFlag };

/** Webhooks with their addresses and secrets: whatever posts here goes on doing so. */
export async function takeIntegrations({ dump, tx, report, users, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(INTEGRATIONS)) {
    const integration = integrationOf(doc, users, now);
    if (integration) {
      await insertIntegration(tx, integration);
      report.taken(INTEGRATIONS);
    } else report.left(INTEGRATIONS, 'that are incomplete');
  }
}

function integrationOf(doc: Doc, users: Taking['users'], now: number): AnyIntegration | undefined {
  const id = textOf(doc, '_id');
  const name = textOf(doc, 'name');
  const createdBy = partOf(doc, '_createdBy') ?? {};
  const userId = textOf(doc, 'userId') ?? textOf(createdBy, '_id');
  if (id === undefined || userId === undefined) return undefined;
  const script = textOf(doc, 'script');
  const common: Integration = {
    ...(members(doc, LOOK) as Partial<Integration>),
    _id: id,
    type: 'webhook-incoming',
    name: name ?? id,
    // Nobody can be posted as who is gone.
    enabled: flagOf(doc, 'enabled') && users.has(userId),
    username: users.get(userId)?.username ?? textOf(doc, 'username') ?? '',
    userId,
    channel: textsOf(doc, 'channel').flatMap((text) => text.split(',').map((one) => one.trim())),
    scriptEnabled: flagOf(doc, 'scriptEnabled'),
    ...(script === undefined ? {} : { script, scriptCompiled: script }),
    scriptEngine: 'isolated-vm',
    _createdAt: new Date(timeOf(doc, '_createdAt') ?? now),
    _createdBy: { _id: textOf(createdBy, '_id') ?? userId, username: textOf(createdBy, 'username') ?? '' },
    _updatedAt: new Date(timeOf(doc, '_updatedAt') ?? now),
  };
  if (doc.type === 'webhook-incoming') return incoming(common, doc);
  return doc.type === 'webhook-outgoing' ? outgoing(common, doc) : undefined;
}

function incoming(common: Integration, doc: Doc): Incoming | undefined {
  const { token } = common;
  if (!token) return undefined;
  const overrideDestinationChannelEnabled = flagOf(doc, 'overrideDestinationChannelEnabled');
  return { ...common, type: 'webhook-incoming', token, overrideDestinationChannelEnabled };
}

function outgoing(common: Integration, doc: Doc): Outgoing | undefined {
  const event = textOf(doc, 'event') ?? 'sendMessage';
  const urls = textsOf(doc, 'urls');
  if (!isWebhookEvent(event) || urls.length === 0) return undefined;
  return {
    ...common,
    ...(members(doc, OUTGOING) as Partial<Outgoing>),
    type: 'webhook-outgoing',
    event,
    urls,
  };
}

export async function takeInvites({ dump, tx, report, rooms, users, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(INVITES)) {
    const [id, rid, uid] = [textOf(doc, '_id'), textOf(doc, 'rid') ?? '', textOf(doc, 'userId') ?? ''];
    if (id === undefined || !rooms.has(rid) || !users.has(uid)) {
      report.left(INVITES, 'whose room or maker is gone');
      continue;
    }
    await insertInvite(tx, {
      id,
      rid,
      uid,
      days: countOf(doc, 'days'),
      max_uses: countOf(doc, 'maxUses'),
      uses: countOf(doc, 'uses'),
      created_at: timeOf(doc, 'createdAt') ?? now,
      expires_at: timeOf(doc, 'expires') ?? null,
      updated_at: timeOf(doc, '_updatedAt') ?? now,
    });
    report.taken(INVITES);
  }
}

/** Programs that log people in through the workspace; people let them in anew. */
export async function takeOAuthApps({ dump, tx, report, now }: Taking): Promise<void> {
  const clients = new Set<string>();
  for await (const doc of dump.documents(APPS)) {
    const [id, client_id, client_secret] = [
      textOf(doc, '_id'),
      textOf(doc, 'clientId'),
      textOf(doc, 'clientSecret'),
    ];
    if (id === undefined || client_id === undefined || client_secret === undefined) {
      report.left(APPS, 'that are incomplete');
      continue;
    }
    if (clients.has(client_id)) {
      report.left(APPS, 'whose client id another one has');
      continue;
    }
    clients.add(client_id);
    const by = partOf(doc, '_createdBy') ?? {};
    await saveApp(tx, {
      id,
      name: textOf(doc, 'name') ?? id,
      active: Number(flagOf(doc, 'active')),
      client_id,
      client_secret,
      redirect_uri: textsOf(doc, 'redirectUri').join(','),
      created_at: timeOf(doc, '_createdAt') ?? now,
      updated_at: timeOf(doc, '_updatedAt') ?? now,
      created_by: JSON.stringify({ _id: textOf(by, '_id') ?? '', username: textOf(by, 'username') ?? '' }),
      updated_by: null,
    });
    report.taken(APPS);
  }
}

export async function takePushTokens({ dump, tx, report, users, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(PUSH_TOKENS)) {
    const uid = textOf(doc, 'userId') ?? '';
    const given = partOf(doc, 'token') ?? {};
    const service = textOf(given, 'apn') === undefined ? 'gcm' : 'apn';
    const [id, value] = [textOf(doc, '_id'), textOf(given, service)];
    if (id === undefined || value === undefined || !users.has(uid) || doc.enabled === false) {
      report.left(PUSH_TOKENS, 'of nobody, or switched off');
      continue;
    }
    await savePushToken(tx, {
      id,
      uid,
      service,
      value,
      app_name: textOf(doc, 'appName') ?? '',
      login_hash: null,
      created_at: timeOf(doc, 'createdAt') ?? now,
      updated_at: timeOf(doc, '_updatedAt') ?? now,
    });
    report.taken(PUSH_TOKENS);
  }
}
