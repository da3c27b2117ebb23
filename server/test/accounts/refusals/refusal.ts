import * as bodies from '../../support/rooms.ts';

/** What the tables of refusals are written with: who calls what, and the whole answer. */

export type Who = 'nobody' | 'alice' | 'admin';
export type Refused = { status: number; body: object };
export type Row = [who: Who, call: string, params: object, refused: Refused];

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

export const NEWCOMER = {
  username: 'newcomer',
  email: 'newcomer@example.org',
  pass: 'of newcomer',
  name: 'New',
};
export const ACCOUNT = { username: 'added', email: 'added@example.org', password: 'of added', name: 'Added' };
export const BLOCKED = (name: string) =>
  coded('error-blocked-username', `${name} is blocked and can't be used!`, { field: name });
export const required = (field: string) =>
  coded('error-the-field-is-required', `The field ${field} is required`, {
    method: 'insertOrUpdateUser',
    field,
  });
export const taken = (field: string) =>
  coded('error-field-unavailable', `${field} is already in use :(`, { method: 'insertOrUpdateUser', field });
