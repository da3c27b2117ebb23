import {
  BLOCKED,
  body,
  type Call,
  coded,
  FORBIDDEN,
  INVALID_TOTP,
  invalid,
  limitedAfter,
  NEWCOMER,
  NO_PERMISSION,
  NO_SUCH_USER,
  NO_USER_NAMED,
  NOT_LOGGED_IN,
  onlyAdmins,
  plain,
  type Refused,
  type Row,
  requires,
  TOO_MANY,
  UNKNOWN_MEMBER,
  under,
} from './refusal.ts';

/** `POST login` has an envelope of its own. */
const login = (error: string | number, message: string): Refused => ({
  status: 401,
  body: { status: 'error', error, message },
});
const WRONG = login('Unauthorized', 'Unauthorized');
const NOT_ACTIVE = login('error-user-is-not-activated', 'User is not activated');
const LOGGED_OUT = login(403, "You've been logged out by the server. Please log in again.");
const UNKNOWN_FORM = login(400, 'Unrecognized options for login request');
const NO_CREDENTIAL = login(0x8acdc2f, 'No matching login attempt found');
const right = (user: string) => ({ user, password: `${user}-password` });
const wrong = (user: string) => ({ user, password: 'x' });
const ONCE_BY_USER = { Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User: 1 };
const ONCE_BY_ADDRESS = { Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip: 1 };
const TOKENS = onlyAdmins('create-personal-access-tokens');
const NO_TOKENS = coded('not-authorized', 'Not Authorized');
const NO_NEW_TOKENS = coded('not-authorized', 'Not Authorized', {
  method: 'personalAccessTokens:generateToken',
});
const UNVERIFIED = coded('error-invalid-user', 'You need to verify your emails before setting up 2FA');
const CLOSED = coded('error-user-registration-disabled', 'User registration is disabled');
const BY_SECRET = coded('error-user-registration-secret', 'User registration is only allowed via Secret URL');
const SESSION_GONE = plain('Session not found', 404);
const proven = under('Accounts_EmailVerification', true);
const failed = (user: string): readonly Call[] => [['nobody', 'POST login', wrong(user)]];
const BLOCKED_ADDRESS = login('error-login-blocked-for-ip', 'Login has been temporarily blocked For IP');

const LOGIN_CODE = { code: '0'.repeat(64) };
const REDEEM = 'POST loginCode.redeem';
const SEND = 'POST twoFactorChallenges.sendEmailCode';
const VERIFY = 'POST twoFactorChallenges.verifyChallenge';
const missing = (error: string) => body(400, { error, errorType: 'error-parameter-required' });
const NO_CHALLENGE = body(400, { error: 'challenge not found', errorType: 'error-challenge-not-found' });
const LOGIN_BLOCKED = coded('error-login-blocked-for-ip', 'Login has been temporarily blocked For IP');

/** The ends of logins in which the server led the browser (8.7); what needs one that was begun is in a test of its own. */
const SERVER_LED: Row[] = [
  ['nobody', REDEEM, {}, requires('code')],
  ['nobody', REDEEM, { code: 'short' }, invalid('must NOT have fewer than 64 characters')],
  ['nobody', REDEEM, { code: '0'.repeat(65) }, invalid('must NOT have more than 64 characters')],
  ['nobody', REDEEM, { ...LOGIN_CODE, x: 1 }, UNKNOWN_MEMBER],
  ['nobody', REDEEM, LOGIN_CODE, plain('error-invalid-code')],
  ['alice', REDEEM, LOGIN_CODE, plain('error-invalid-code')],
  ['nobody', REDEEM, LOGIN_CODE, LOGIN_BLOCKED, { settings: ONCE_BY_ADDRESS, before: failed('x') }],
  ['nobody', REDEEM, {}, TOO_MANY, limitedAfter(10, ['nobody', REDEEM, {}])],
  ['nobody', SEND, {}, missing('challengeId is required')],
  ['nobody', SEND, { challengeId: '' }, missing('challengeId is required')],
  ['nobody', SEND, { challengeId: 'x', code: '1' }, UNKNOWN_MEMBER],
  ['nobody', SEND, { challengeId: 'x' }, NO_CHALLENGE],
  ['nobody', SEND, {}, TOO_MANY, limitedAfter(5, ['nobody', SEND, {}])],
  ['nobody', VERIFY, {}, missing('challengeId and code are required')],
  ['nobody', VERIFY, { challengeId: 'x' }, missing('challengeId and code are required')],
  ['nobody', VERIFY, { challengeId: 'x', code: '' }, missing('challengeId and code are required')],
  ['nobody', VERIFY, { code: '123456' }, missing('challengeId and code are required')],
  ['nobody', VERIFY, { challengeId: 'x', code: '1', method: 'totp' }, UNKNOWN_MEMBER],
  ['nobody', VERIFY, { challengeId: 'x', code: '123456' }, NO_CHALLENGE],
  [
    'nobody',
    VERIFY,
    { challengeId: 'x', code: '123456' },
    LOGIN_BLOCKED,
    { settings: ONCE_BY_ADDRESS, before: failed('x') },
  ],
  ['nobody', VERIFY, {}, TOO_MANY, limitedAfter(5, ['nobody', VERIFY, {}])],
];

/** Of spec 20: login tokens, registration. The rows of `POST login` are in their documented order. */
export const AUTH_REFUSALS: Row[] = [
  [
    'nobody',
    'POST login',
    right('alice'),
    BLOCKED_ADDRESS,
    { settings: { ...ONCE_BY_ADDRESS, ...ONCE_BY_USER }, before: failed('alice') },
  ],
  ['nobody', 'POST login', {}, BLOCKED_ADDRESS, { settings: ONCE_BY_ADDRESS, before: failed('x') }],
  [
    'nobody',
    'POST login',
    right('bob'),
    login('error-login-blocked-for-user', 'Login has been temporarily blocked For User'),
    { settings: ONCE_BY_USER, before: failed('bob') },
  ],
  ['nobody', 'POST login', wrong('x'), WRONG],
  ['nobody', 'POST login', { ...right('alice'), user: 'alice@example.net' }, WRONG],
  ['nobody', 'POST login', wrong('rocket.cat'), WRONG],
  ['nobody', 'POST login', wrong('alice'), WRONG],
  ['nobody', 'POST login', wrong('gone'), WRONG],
  ['nobody', 'POST login', wrong('bob'), WRONG, proven],
  ['nobody', 'POST login', { resume: 'x' }, LOGGED_OUT],
  ['nobody', 'POST login', { resume: 'x', ...right('alice') }, LOGGED_OUT],
  ['nobody', 'POST login', {}, UNKNOWN_FORM],
  ['nobody', 'POST login', { user: 'alice' }, UNKNOWN_FORM],
  ['nobody', 'POST login', { password: 'alice-password' }, UNKNOWN_FORM],
  ['nobody', 'POST login', { ...right('alice'), password: { digest: 'x', algorithm: 'md5' } }, UNKNOWN_FORM],
  ['nobody', 'POST login', { ldap: true, username: 'alice', ldapPass: 'x', ldapOptions: {} }, UNKNOWN_FORM],
  ['nobody', 'POST login', { cas: { credentialToken: 'x' } }, UNKNOWN_FORM],
  ['nobody', 'POST login', { saml: true, credentialToken: 'x' }, UNKNOWN_FORM],
  ['nobody', 'POST login', { saml: true }, UNKNOWN_FORM, under('SAML_Custom_Default', true)],
  [
    'nobody',
    'POST login',
    { saml: true, credentialToken: 'x' },
    NO_CREDENTIAL,
    under('SAML_Custom_Default', true),
  ],
  ['nobody', 'POST login', { cas: {} }, UNKNOWN_FORM, under('CAS_enabled', true)],
  ['nobody', 'POST login', { cas: { credentialToken: 'x' } }, NO_CREDENTIAL, under('CAS_enabled', true)],
  ['nobody', 'POST login', right('gone'), NOT_ACTIVE],
  ['nobody', 'POST login', right('gone'), NOT_ACTIVE, proven],
  ['nobody', 'POST login', right('bob'), login('error-invalid-email', 'Invalid email __email__'), proven],
  ['nobody', 'POST logout', {}, NOT_LOGGED_IN],
  ['nobody', 'GET logout', {}, NOT_LOGGED_IN],
  ['nobody', 'GET me', {}, NOT_LOGGED_IN],
  ['nobody', 'POST users.generatePersonalAccessToken', { tokenName: 'x' }, NOT_LOGGED_IN],
  ['alice', 'POST users.generatePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
  ['alice', 'POST users.regeneratePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
  ['alice', 'POST users.removePersonalAccessToken', {}, plain("The 'tokenName' param is required")],
  [
    'alice',
    'POST users.regeneratePersonalAccessToken',
    { tokenName: 'x' },
    coded('error-token-does-not-exists', 'Token does not exist'),
  ],
  [
    'alice',
    'POST users.removePersonalAccessToken',
    { tokenName: 'x' },
    coded('error-token-does-not-exists', 'Token does not exist'),
  ],
  [
    'alice',
    'POST users.generatePersonalAccessToken',
    { tokenName: 'taken' },
    coded('error-token-already-exists', 'A token with this name already exists'),
  ],
  ['alice', 'POST users.generatePersonalAccessToken', { tokenName: 'x' }, NO_NEW_TOKENS, TOKENS],
  ['alice', 'POST users.regeneratePersonalAccessToken', { tokenName: 'taken' }, NO_NEW_TOKENS, TOKENS],
  ['alice', 'POST users.removePersonalAccessToken', { tokenName: 'x' }, NO_TOKENS, TOKENS],
  ['alice', 'GET users.getPersonalAccessTokens', {}, NO_TOKENS, TOKENS],
  ['admin', 'POST users.createToken', { username: 'alice' }, coded('error-not-authorized', 'Not authorized')],
  ['admin', 'POST users.createToken', { secret: 'of the operator' }, NO_USER_NAMED],
  ['admin', 'POST users.createToken', { username: 'x', secret: 'of the operator' }, NO_SUCH_USER],
  [
    'admin',
    'POST users.createToken',
    { username: 'alice', secret: 'guessed' },
    coded('error-not-authorized', 'Not authorized'),
  ],
  [
    'alice',
    'POST users.createToken',
    { username: 'root', secret: 'of the operator' },
    coded('error-not-authorized', 'Not authorized'),
  ],
  ['alice', 'POST users.logout', { userId: 'rocket.cat' }, FORBIDDEN],
  ['alice', 'POST users.logout', { userId: 'x' }, FORBIDDEN],
  ['admin', 'POST users.logout', { userId: 'x' }, coded('error-invalid-user-id', 'Invalid user id')],
  ['nobody', 'POST users.forgotPassword', {}, plain("The 'email' param is required")],
  [
    'nobody',
    'POST users.forgotPassword',
    {},
    plain('Password reset is not enabled'),
    under('Accounts_PasswordReset', false),
  ],
  ['nobody', 'POST users.sendConfirmationEmail', { email: 'x@example.org' }, body(400, {})],
  ['nobody', 'POST users.sendConfirmationEmail', {}, requires('email')],
  [
    'nobody',
    'POST users.sendConfirmationEmail',
    { email: 'bob@example.com' },
    coded('error-email-send-failed', 'SMTP is not configured', { method: 'sendConfirmationEmail' }),
  ],
  ['nobody', 'POST users.verifyEmail', {}, requires('token')],
  ['nobody', 'POST users.verifyEmail', { token: 'x' }, plain('Verify email link expired')],
  [
    'nobody',
    'POST users.2fa.sendEmailCode',
    {},
    coded('error-parameter-required', 'emailOrUsername is required'),
  ],
  ['bob', 'POST users.2fa.enableEmail', {}, UNVERIFIED],
  ['bob', 'POST users.enableTotp', {}, UNVERIFIED],
  ['alice', 'POST users.validateTotp', {}, requires('code')],
  ['alice', 'POST users.disableTotp', {}, requires('code')],
  ['alice', 'POST users.regenerateTotpCodes', {}, requires('code')],
  ['alice', 'POST users.validateTotp', { code: '123456' }, INVALID_TOTP],
  ['alice', 'POST users.regenerateTotpCodes', { code: '123456' }, INVALID_TOTP],
  ['alice', 'GET users.totpCodesRemaining', {}, INVALID_TOTP],
  ['alice', 'GET sessions/list', { sort: '{"x":1}' }, plain('error-invalid-sort-keys')],
  ['alice', 'GET sessions/info', { sessionId: 'x' }, plain('Session not found', 404)],
  ['alice', 'POST sessions/logout.me', { sessionId: 'x' }, plain('Session not found', 404)],
  ['alice', 'GET sessions/list.all', {}, NO_PERMISSION],
  ['alice', 'GET sessions/info.admin', { sessionId: 'x' }, NO_PERMISSION],
  ['alice', 'POST sessions/logout', { sessionId: 'x' }, NO_PERMISSION],
  ['admin', 'GET sessions/list.all', { sort: '{"x":1}' }, plain('error-invalid-sort-keys')],
  ['admin', 'GET sessions/info.admin', { sessionId: 'x' }, SESSION_GONE],
  ['admin', 'POST sessions/logout', { sessionId: 'x' }, SESSION_GONE],
  // Somebody else's.
  ['alice', 'GET sessions/info', { sessionId: '$session' }, SESSION_GONE],
  ['alice', 'POST sessions/logout.me', { sessionId: '$session' }, SESSION_GONE],
  ['alice', 'GET sessions/info', {}, requires('sessionId')],
  ['alice', 'POST sessions/logout.me', {}, requires('sessionId')],
  ['admin', 'GET sessions/info.admin', {}, requires('sessionId')],
  ['admin', 'POST sessions/logout', {}, requires('sessionId')],
  ['alice', 'POST users.register', NEWCOMER, plain('Logged in users can not register again.')],
  ['nobody', 'POST users.register', { username: 'x' }, requires('email', 'pass')],
  ['nobody', 'POST users.register', { ...NEWCOMER, x: 1 }, UNKNOWN_MEMBER],
  [
    'nobody',
    'POST users.register',
    { ...NEWCOMER, name: 'a%3Cb' },
    plain('Name contains invalid characters'),
  ],
  [
    'nobody',
    'POST users.register',
    { ...NEWCOMER, username: 'a b' },
    plain('The username provided is not valid'),
  ],
  ['nobody', 'POST users.register', { ...NEWCOMER, username: 'Admin' }, BLOCKED('Admin')],
  ['nobody', 'POST users.register', { ...NEWCOMER, username: 'ALICE' }, plain('Username is already in use')],
  ['nobody', 'POST users.register', { ...NEWCOMER, username: 'Crew' }, plain('Username is already in use')],
  ['nobody', 'POST users.register', NEWCOMER, CLOSED, under('Accounts_RegistrationForm', 'Disabled')],
  ['nobody', 'POST users.register', NEWCOMER, BY_SECRET, under('Accounts_RegistrationForm', 'Secret URL')],
  [
    'nobody',
    'POST users.register',
    { ...NEWCOMER, secret: 'x' },
    BY_SECRET,
    { settings: { Accounts_RegistrationForm: 'Secret URL', Accounts_RegistrationForm_SecretURL: 'y' } },
  ],
  [
    'nobody',
    'POST users.register',
    { ...NEWCOMER, email: 'x' },
    coded('error-invalid-email', 'Invalid email'),
  ],
  [
    'nobody',
    'POST users.register',
    { ...NEWCOMER, email: 'ALICE@example.com' },
    plain('Email already exists. [403]'),
  ],
  // Of the whole address, counted whatever comes of the calls.
  ['nobody', 'POST users.register', {}, TOO_MANY, limitedAfter(1, ['nobody', 'POST users.register', {}])],
  [
    'nobody',
    'POST users.sendConfirmationEmail',
    { email: 'x@example.org' },
    TOO_MANY,
    limitedAfter(1, ['nobody', 'POST users.sendConfirmationEmail', {}]),
  ],
  ['nobody', 'POST login', {}, TOO_MANY, limitedAfter(10, ['nobody', 'POST login', {}])],
  ...SERVER_LED,
];
