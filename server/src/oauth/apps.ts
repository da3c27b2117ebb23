import { endOAuthTokensOfClient } from '../accounts/oauth-tokens.ts';
import { type AuditKind, recordAction } from '../audit/record.ts';
import type { Context } from '../context.ts';
import type { Caller, UserRef } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { newId, newToken } from '../kernel/ids.ts';
import type { Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { allApps, deleteApp, findApp, type OAuthAppRow, saveApp } from './apps.store.ts';

/** Programs that log people in through this workspace (spec 23, "OAuth2 server"). Routes ask for `manage-oauth-apps`. */

export interface OAuthApp {
  id: string;
  name: string;
  active: boolean;
  clientId: string;
  clientSecret: string;
  /** Where codes may be sent, separated by commas. */
  redirectUri: string;
  createdAt: number;
  updatedAt: number;
  createdBy: UserRef;
  updatedBy: UserRef | undefined;
}

export interface AppInput {
  name: string;
  redirectUri: string;
  active: boolean;
}

const MAX_NAME = 200;
const MAX_URIS = 50;
/** A code must not be sent to something that runs in the browser's page or reads files. */
const NO_TARGETS = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:'];

export const listApps = async (ctx: Context): Promise<OAuthApp[]> => (await allApps(ctx.db)).map(fromRow);

export async function getApp(
  ctx: Context,
  by: { id: string } | { clientId: string },
): Promise<OAuthApp | undefined> {
  const row = await findApp(ctx.db, by);
  return row && fromRow(row);
}

/** @throws error-invalid-name, error-invalid-redirectUri */
export async function createApp(ctx: Context, caller: Caller, input: AppInput): Promise<OAuthApp> {
  const checked = checkInput(input, 'addOAuthApp');
  const now = ctx.clock.stamp();
  const app: OAuthApp = {
    ...checked,
    id: newId(),
    clientId: newId(),
    clientSecret: newToken(),
    createdAt: now,
    updatedAt: now,
    createdBy: refOf(caller),
    updatedBy: undefined,
  };
  await ctx.write(async (tx) => {
    await saveApp(tx, toRow(app));
    await record(ctx, tx, caller, 'oauthApp.created', app);
  });
  return app;
}

/** @throws error-application-not-found, error-invalid-name, error-invalid-redirectUri */
export async function updateApp(
  ctx: Context,
  caller: Caller,
  id: string,
  input: AppInput,
): Promise<OAuthApp> {
  return ctx.write(async (tx) => {
    const before = await existing(tx, id, 'updateOAuthApp');
    const checked = checkInput(input, 'updateOAuthApp');
    const app = { ...before, ...checked, updatedAt: ctx.clock.stamp(), updatedBy: refOf(caller) };
    await saveApp(tx, toRow(app));
    if (!app.active) await endOAuthTokensOfClient(tx, app.clientId);
    await record(ctx, tx, caller, 'oauthApp.changed', app);
    return app;
  });
}

/** Its tokens end. @throws error-application-not-found */
export async function removeApp(ctx: Context, caller: Caller, id: string): Promise<void> {
  await ctx.write(async (tx) => {
    const app = await existing(tx, id, 'deleteOAuthApp');
    await deleteApp(tx, id);
    await endOAuthTokensOfClient(tx, app.clientId);
    await record(ctx, tx, caller, 'oauthApp.deleted', app);
  });
}

/** Whether codes for the program may be sent there: only to an address that is registered, letter by letter. */
export const mayRedirectTo = ({ redirectUri }: OAuthApp, uri: string): boolean =>
  redirectUri.split(',').includes(uri);

async function existing(tx: Tx, id: string, method: string): Promise<OAuthApp> {
  const row = await findApp(tx, { id });
  return row ? fromRow(row) : fail('error-application-not-found', 'Application not found', { method });
}

function checkInput({ name, redirectUri, active }: AppInput, method: string): AppInput {
  const plain = name.trim();
  if (plain === '' || plain.length > MAX_NAME) fail('error-invalid-name', 'Invalid name', { method });
  const uris = redirectUri
    .split(/[,\n]/)
    .map((uri) => uri.trim())
    .filter((uri) => uri !== '');
  if (uris.length === 0 || uris.length > MAX_URIS || !uris.every(isTarget)) {
    fail('error-invalid-redirectUri', 'Invalid redirectUri', { method });
  }
  return { name: plain, redirectUri: uris.join(','), active };
}

function isTarget(uri: string): boolean {
  return URL.canParse(uri) && !NO_TARGETS.includes(new URL(uri).protocol);
}

function record(ctx: Context, tx: Tx, caller: Caller, kind: AuditKind, app: OAuthApp): Promise<void> {
  const { name, active, redirectUri } = app;
  return recordAction(ctx, tx, caller, { kind, subject: app.id, data: { name, active, redirectUri } });
}

const refOf = ({ uid, username = '' }: Caller): UserRef => ({ _id: uid, username });

const fromRow = (row: OAuthAppRow): OAuthApp => ({
  id: row.id,
  name: row.name,
  active: row.active === 1,
  clientId: row.client_id,
  clientSecret: row.client_secret,
  redirectUri: row.redirect_uri,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  createdBy: parseDoc<UserRef>(row.created_by),
  updatedBy: row.updated_by === null ? undefined : parseDoc<UserRef>(row.updated_by),
});

const toRow = (app: OAuthApp): OAuthAppRow => ({
  id: app.id,
  name: app.name,
  active: app.active ? 1 : 0,
  client_id: app.clientId,
  client_secret: app.clientSecret,
  redirect_uri: app.redirectUri,
  created_at: app.createdAt,
  updated_at: app.updatedAt,
  created_by: stringify(app.createdBy),
  updated_by: app.updatedBy ? stringify(app.updatedBy) : null,
});
