import { expect } from 'vitest';
import * as bodies from '../../support/rooms.ts';

/** What the tables of refusals are written with: who calls what, and the whole answer. */

export type Who = 'nobody' | 'alice' | 'bob' | 'gone' | 'admin';
export type Refused = { status: number; body: object };
/** `GET users.info`; `FORM` posts a form with `fields` and perhaps a `file`. `$name` stands for an id of `PREPARED`. */
export type Call = [who: Who, call: string, params: object];
/** How the workspace is while the call is made. */
export interface Given {
  settings?: Record<string, unknown>;
  /** The roles that have these permissions. */
  permissions?: Record<string, readonly string[]>;
  /** What was called before; whatever came of it. */
  before?: readonly Call[];
  headers?: Record<string, string>;
}
export type Row = [...Call, refused: Refused, given?: Given];

export const body = (status: number, body: object): Refused => ({
  status,
  body: { success: false, ...body },
});
export const plain = (error: string, status = 400): Refused => ({ status, body: bodies.plain(error) });
export const coded = (code: string, reason: string, details?: object): Refused => ({
  status: 400,
  body: bodies.coded(code, reason, details),
});
export const invalid = (...problems: string[]): Refused =>
  body(400, { errorType: 'error-invalid-params', error: problems.join('\n ') });
export const requires = (...members: string[]): Refused =>
  invalid(...members.map((member) => `must have required property '${member}'`));

export const NOT_LOGGED_IN: Refused = { status: 401, body: bodies.NOT_LOGGED_IN };
export const NO_PERMISSION: Refused = { status: 403, body: bodies.NO_PERMISSION };
export const FORBIDDEN = plain('unauthorized', 403);
export const UNKNOWN_MEMBER = invalid('must NOT have additional properties');
export const NO_USER_NAMED: Refused = { status: 400, body: bodies.NO_USER_PARAM };
export const NO_SUCH_USER: Refused = { status: 400, body: bodies.NO_USER };
export const INVALID_TOTP = coded('invalid-totp', 'Invalid TOTP');
export const NOT_AUTHORIZED = body(400, { error: '[not_authorized]', errorType: 'not_authorized' });
export const unchanged = (action: string, method = 'insertOrUpdateUser') => ({ method, action });

export const refusedAction = (reason: string, action: string, method?: string): Refused =>
  coded('error-action-not-allowed', reason, unchanged(action, method));

export const NEWCOMER = {
  username: 'newcomer',
  email: 'newcomer@example.org',
  pass: 'of newcomer',
  name: 'New',
};
export const ACCOUNT = { username: 'added', email: 'added@example.org', password: 'of added', name: 'Added' };
/** A workspace that gives a permission to administrators only, or to everybody. */
export const onlyAdmins = (permission: string): Given => ({ permissions: { [permission]: ['admin'] } });
export const everybody = (permission: string): Given => ({
  permissions: { [permission]: ['admin', 'user'] },
});
export const under = (setting: string, value: unknown): Given => ({ settings: { [setting]: value } });

/** In a workspace with limits, after so many of these calls. */
export const limitedAfter = (calls: number, call: Call): Given => ({
  settings: { API_Enable_Rate_Limiter: true },
  before: Array.from({ length: calls }, () => call),
});
export const TOO_MANY: Refused = {
  status: 429,
  body: {
    success: false,
    error: expect.stringMatching(
      /^Error, too many requests\. Please slow down\. You must wait \d+ seconds before trying this endpoint again\. \[error-too-many-requests\]$/,
    ),
  },
};

export const BLOCKED = (name: string, about: object = {}) =>
  coded('error-blocked-username', `${name} is blocked and can't be used!`, { ...about, field: name });
export const required = (field: string) =>
  coded('error-the-field-is-required', `The field ${field} is required`, {
    method: 'insertOrUpdateUser',
    field,
  });
export const taken = (field: string) =>
  coded('error-field-unavailable', `${field} is already in use :(`, { method: 'insertOrUpdateUser', field });
