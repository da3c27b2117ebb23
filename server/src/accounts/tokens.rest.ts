import { Type } from 'typebox';
import { refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict, userMembers } from '../rest/schemas.ts';
import { createTokenForUser } from './create-token.ts';
import {
  generatePersonalToken,
  listPersonalTokens,
  MAX_TOKEN_NAME,
  regeneratePersonalToken,
  removePersonalToken,
} from './personal-tokens.ts';
import { logoutOtherClients, logoutUser } from './sessions.ts';

const tokenName = Type.Optional(Type.String({ maxLength: MAX_TOKEN_NAME }));
const tokenBody = strict({ tokenName });

/** A missing name has a text of its own instead of a validation error (spec 20). */
function requireTokenName(name: string | undefined): string {
  return name?.trim() ? name : refuse("The 'tokenName' param is required");
}

export const tokensEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'users.generatePersonalAccessToken',
    summary: 'Creates a personal access token; the only answer that shows it.',
    auth: 'user',
    twoFactor: 'remembered',
    body: strict({ tokenName, bypassTwoFactor: Type.Optional(Type.Boolean()) }),
    async handler(ctx, { caller, body }) {
      const name = requireTokenName(body.tokenName);
      const bypassTwoFactor = body.bypassTwoFactor ?? false;
      return { token: await generatePersonalToken(ctx, caller, { name, bypassTwoFactor }) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.regeneratePersonalAccessToken',
    summary: 'Replaces a personal access token by a new one of the same name.',
    auth: 'user',
    twoFactor: 'remembered',
    body: tokenBody,
    async handler(ctx, { caller, body }) {
      return { token: await regeneratePersonalToken(ctx, caller, requireTokenName(body.tokenName)) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.removePersonalAccessToken',
    summary: 'Removes a personal access token.',
    auth: 'user',
    twoFactor: 'remembered',
    body: tokenBody,
    async handler(ctx, { caller, body }) {
      await removePersonalToken(ctx, caller, requireTokenName(body.tokenName));
      return undefined;
    },
  }),
  endpoint({
    method: 'GET',
    path: 'users.getPersonalAccessTokens',
    summary: 'The own personal access tokens, without the tokens.',
    auth: 'user',
    async handler(ctx, { caller }) {
      const tokens = await listPersonalTokens(ctx, caller);
      return { tokens: tokens.map((token) => ({ ...token, createdAt: new Date(token.createdAt) })) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.createToken',
    summary: 'Creates a login token for another user, where the server is configured to allow it.',
    auth: 'user',
    body: strict({ ...userMembers, secret: Type.Optional(Type.String({ maxLength: 1000 })) }),
    handler: async (ctx, { caller, body }) => ({ data: await createTokenForUser(ctx, caller, body) }),
  }),
  endpoint({
    method: 'POST',
    path: 'users.logout',
    summary: 'Ends all sessions of a user, personal access tokens included.',
    auth: 'user',
    body: strict({ userId: Type.Optional(Type.String()) }),
    async handler(ctx, { caller, body }) {
      const uid = body.userId || caller.uid;
      await logoutUser(ctx, caller, uid);
      return { message: `User ${uid} has been logged out!` };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.logoutOtherClients',
    summary: "Ends the user's other sessions; personal access tokens stay.",
    auth: 'user',
    async handler(ctx, { caller, headers }) {
      const expires = await logoutOtherClients(ctx, caller);
      return { token: headers['x-auth-token'], tokenExpires: expires ?? '' };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'users.removeOtherTokens',
    summary: "Ends the user's other sessions; personal access tokens stay.",
    auth: 'user',
    async handler(ctx, { caller }) {
      await logoutOtherClients(ctx, caller);
      return undefined;
    },
  }),
];
