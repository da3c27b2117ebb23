import { TOTP } from 'otpauth';
import { unsubscribeLink } from '../../../src/mailings/unsubscribe.ts';
import { insertWebdavAccount } from '../../../src/webdav/accounts.store.ts';
import { logIn, type Person, type TestServer } from '../../support/server.ts';

/** What the endpoints of accounts need for an input that is right: codes, links of mails, addresses. */
export async function prepareAccounts(
  server: TestServer,
  owner: Person,
  path: string,
  known: Record<string, unknown>,
): Promise<void> {
  if (/^users\.\w*totp/i.test(path) && !/enableTotp|resetTOTP/.test(path)) {
    known.code = await totpCode(owner, path);
  }
  if (/^users\.(sendConfirmation|sendWelcome)Email$/.test(path))
    known.email = `${known.username}@example.com`;
  if (/^sessions\/(info|logout)/.test(path)) {
    // Not the session that asks: it would be over.
    await server.anonymous.post('login', { user: owner.username, password: owner.password });
    const { sessions } = (await owner.get('sessions/list')).body;
    known.sessionId = sessions.find(({ current }: { current: boolean }) => !current).sessionId;
  }
  if (path.startsWith('oauth-apps.')) {
    known.redirectUri = 'https://example.com/back';
    const input = { name: 'a program', redirectUri: known.redirectUri, active: true };
    const { application } = (await owner.post('oauth-apps.create', input)).body;
    Object.assign(known, { _id: application._id, appId: application._id, clientId: application.clientId });
  }
  if (path.startsWith('e2e.')) {
    known.roomIds = [known.rid];
    // Another member gives the key that is taken or not.
    const username = String(known.username);
    const victim = await logIn(server.url, username, `${username}-password`);
    await victim.post('e2e.updateGroupKey', { uid: owner.uid, rid: known.rid, key: 'a key' });
  }
  if (path === 'settings.removeCustomOAuth') {
    await owner.post('settings.addCustomOAuth', { name: known.name });
  }
  if (path === 'mailer')
    Object.assign(known, { from: 'us@example.com', body: '[unsubscribe]', query: '{"username":"nobody"}' });
  if (path === 'mailer.unsubscribe') {
    const key = unsubscribeLink(server.server.ctx, owner.uid).split('/').at(-1);
    Object.assign(known, { _id: owner.uid, createdAt: key });
  }
  if (path.startsWith('dns.resolve.')) known.url = 'records.example';
  if (path.startsWith('webdav.')) {
    known.accountId = `webdav-of-${owner.uid}`;
    const login = { serverUrl: 'http://127.0.0.1:1/', username: 'user', password: 'secret' };
    const account = { ...login, id: `webdav-of-${owner.uid}`, uid: owner.uid, name: '', createdAt: 0 };
    await server.server.ctx.write((tx) => insertWebdavAccount(tx, account));
  }
  if (path === 'sendInvitationEmail') known.emails = ['somebody@example.com'];
  if (path === 'users.verifyEmail') known.token = await verificationToken(server, owner);
}

/** Of an app for the secret that was offered, or a backup code once TOTP is on. */
async function totpCode(owner: Person, path: string): Promise<string> {
  const { body: offer } = await owner.post('users.enableTotp');
  const code = new TOTP({ secret: offer.secret }).generate();
  if (path === 'users.validateTotp') return code;
  return (await owner.post('users.validateTotp', { code })).body.codes[0];
}

/** From the mail, which waits for an SMTP server that is not there. */
async function verificationToken(server: TestServer, owner: Person): Promise<string> {
  const email = 'unproven@example.com';
  await owner.post('users.create', { username: 'unproven', email, name: 'Unproven', password: 'x' });
  await owner.post('users.sendConfirmationEmail', { email });
  const jobs = await server.server.ctx.db.selectFrom('jobs').select('payload').execute();
  const links = jobs.map(({ payload }) => /verify-email\/([\w-]{43})/.exec(payload)?.[1]);
  return links.find((link) => link !== undefined) ?? '';
}
