import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storeNewUser } from '../src/accounts/change-user.ts';
import { newUser } from '../src/accounts/new-user.ts';
import { mailFromSettings, queueMail, sendMail } from '../src/mail/send-mail.ts';
import { unsubscribeLink } from '../src/mailings/unsubscribe.ts';
import { type MailSink, startMailSink } from './support/mail-sink.ts';
import { type Person, startServer, type TestServer } from './support/server.ts';

let sink: MailSink;
let server: TestServer;
let alice: Person;

const set = (id: string, value: unknown) => server.admin.post(`settings/${id}`, { value });

beforeAll(async () => {
  sink = await startMailSink();
  server = await startServer({
    rootUrl: 'https://chat.example.org',
    settingDefaults: { SMTP_Host: '127.0.0.1', SMTP_Port: String(sink.port), Site_Name: 'Harbour <1>' },
  });
  alice = await server.person('alice');
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

test('a mail goes out with header, footer and a plain text', async () => {
  const { ctx } = server.server;
  await sendMail(ctx, {
    to: 'bob@example.org',
    subject: 'Ahoi\r\nBcc: eve@example.org \u2693',
    html: '<p>See <a href="https://a.example/b?c=1&amp;d=2">this</a> &amp; that \u2693</p>',
  });
  const mail = await sink.next();
  expect(mail).toMatchObject({
    from: 'no-reply@chat.example.org',
    to: ['bob@example.org'],
    subject: 'Ahoi Bcc: eve@example.org \u2693',
    text: 'See this (https://a.example/b?c=1&d=2) & that \u2693',
  });
  expect(mail.html).toContain('<h1>Harbour &lt;1&gt;</h1><p>See <a href=');
  expect(mail.html).toMatch(/https:\/\/chat\.example\.org<\/a><\/p><\/div>$/);
});

test('what people typed is text in a mail, not markup', async () => {
  const { ctx } = server.server;
  await set('From_Email', 'Harbour <chat@example.org>');
  const template = { subject: 'Accounts_Enrollment_Email_Subject', body: 'Accounts_Enrollment_Email' };
  await sendMail(ctx, mailFromSettings(ctx, 'bob@example.org', template, { name: '<img src=x> [Site_Url]' }));
  const mail = await sink.next();
  expect(mail).toMatchObject({ from: 'chat@example.org', subject: 'Welcome to Harbour <1>' });
  expect(mail.html).toContain('Welcome to Harbour &lt;1&gt;, &lt;img src=x&gt; [Site_Url]</h2>');
  await set('From_Email', '');
});

test('a mail of a transaction that fails is not sent', async () => {
  const { ctx } = server.server;
  const mail = { to: 'bob@example.org', subject: 'in a transaction', text: 'x' };
  const failing = ctx.write(async (tx, emit) => {
    await queueMail(ctx, { tx, emit }, { ...mail, subject: 'never' });
    throw new Error('rolled back');
  });
  await expect(failing).rejects.toThrow('rolled back');
  await ctx.write((tx, emit) => queueMail(ctx, { tx, emit }, mail));
  expect(await sink.next()).toMatchObject({ subject: 'in a transaction', text: 'x', html: undefined });
});

test('an administrator can try the SMTP server', async () => {
  expect((await alice.get('smtp.check')).body).toEqual({ isSMTPConfigured: true, success: true });
  const socket = await server.admin.ddp();
  expect(await socket.call('sendSMTPTestEmail')).toEqual({
    message: 'Your_mail_was_sent_to_s',
    params: ['root@example.com'],
  });
  expect((await sink.next()).subject).toBe('SMTP Test Email - Harbour <1>');
  const other = await alice.ddp();
  await expect(other.call('sendSMTPTestEmail')).rejects.toMatchObject({ error: 'error-not-authorized' });
});

test('an SMTP server that refuses or is not there fails the test mail; other mails wait or are given up', async () => {
  const { ctx, jobs, storage } = server.server;
  const waiting = () => storage.db.selectFrom('jobs').select(['attempts', 'last_error']).execute();
  const tryServer = async () => (await server.admin.ddp()).call('sendSMTPTestEmail');
  const refusing = await startMailSink({
    onRcptTo: (_address, _session, done) => done(new Error('no such mailbox')),
  });
  await set('SMTP_Port', String(refusing.port));
  await expect(tryServer()).rejects.toMatchObject({ error: 'error-email-send-failed' });
  const mail = { to: 'bob@example.org', subject: 'lost', text: 'x' };
  await sendMail(ctx, mail);
  await jobs.idle();
  expect(await waiting()).toEqual([]);
  await refusing.close();
  await set('SMTP_Port', '1');
  await expect(tryServer()).rejects.toMatchObject({ error: 'error-email-send-failed' });
  await sendMail(ctx, { ...mail, subject: 'found again' });
  await jobs.idle();
  expect(await waiting()).toEqual([
    { attempts: 1, last_error: 'the mail was not taken: {"code":"ESOCKET","command":"CONN"}' },
  ]);
  await set('SMTP_Port', String(sink.port));
  expect((await sink.next()).subject).toBe('found again');

  await set('SMTP_Host', '');
  expect((await alice.get('smtp.check')).body.isSMTPConfigured).toBe(false);
  await expect(tryServer()).rejects.toMatchObject({
    reason: 'Error trying to send email: no SMTP server is configured',
  });
  await sendMail(ctx, mail);
  expect(await waiting()).toEqual([]);
});

test('the login at the SMTP server comes from the settings, or from MAIL_URL', async () => {
  const logins: (string | undefined)[] = [];
  const strict = await startMailSink({
    authOptional: false,
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth({ username, password }, _session, done) {
      logins.push(`${username} ${password}`);
      done(null, { user: username });
    },
  });
  const other = await startServer({ mailUrl: `smtp://me%40x:p%2Fw@127.0.0.1:${strict.port}` });
  await sendMail(other.server.ctx, { to: 'bob@example.org', subject: 'by address', text: 'x' });
  expect((await strict.next()).from).toBe('no-reply@localhost');
  await other.close();
  await strict.close();
  expect(logins).toEqual(['me@x p/w']);
});

describe('one mail to many people', () => {
  const SUBJECT = 'News for [fname]';
  const BODY = '<p>Dear [name] [lname] <[email]>, <a href="[unsubscribe]">no more</a></p>';
  const news = { from: 'Harbour master <master@example.org>', subject: SUBJECT, body: BODY };
  let crew: TestServer;
  let carol: Person;

  beforeAll(async () => {
    crew = await startServer({
      rootUrl: 'https://chat.example.org',
      settingDefaults: { SMTP_Host: '127.0.0.1', SMTP_Port: String(sink.port), Site_Name: 'Harbour' },
    });
    carol = await crew.person('carol', { name: 'Carol "C" van Dyke' });
    await crew.person('dan');
    const { uid } = await crew.person('gone');
    await crew.admin.post('users.setActiveStatus', { userId: uid, activeStatus: false });
    await crew.server.jobs.idle();
    sink.mails.length = 0;
  });
  afterAll(() => crew.close());

  /** Who got a mail since the last call, by name. */
  async function receivers(): Promise<string[]> {
    await crew.server.jobs.idle();
    return sink.mails
      .splice(0)
      .flatMap(({ to }) => to)
      .sort();
  }
  const sent = async (input: object) => {
    expect((await crew.admin.post('mailer', { ...news, ...input })).body).toEqual({ success: true });
    return receivers();
  };

  test('everybody who is active gets it, with the own name and a link', async () => {
    expect((await crew.admin.post('mailer', news)).body).toEqual({ success: true });
    await crew.server.jobs.idle();
    const mail = sink.mails.find(({ to }) => to.includes('carol@example.com'));
    expect(mail).toMatchObject({ from: 'master@example.org', subject: 'News for Carol' });
    expect(mail?.raw).toContain('From: Harbour master <master@example.org>');
    expect(mail?.html).toContain(
      'Dear Carol &quot;C&quot; van Dyke &quot;C&quot; van Dyke <carol@example.com>',
    );
    const link =
      /href="(https:\/\/chat\.example\.org\/mailer\/unsubscribe\/[^"]+)"/.exec(mail?.html ?? '')?.[1] ?? '';
    expect(link).toContain(`/${carol.uid}/`);
    expect(mail?.raw.replace(/\r\n /g, ' ')).toContain(`List-Unsubscribe: <${link}>`);
    const got = await receivers();
    expect(got).toEqual(expect.arrayContaining(['carol@example.com', 'dan@example.com', 'root@example.com']));
    expect(got).not.toContain('gone@example.com');
    const { events } = (await crew.admin.get('audit.actions', { type: 'mailing.started', count: 1 })).body;
    expect(events[0].data).toContainEqual({ key: 'subject', value: SUBJECT });
  });

  test('a dry run goes to the sender alone', async () => {
    expect(await sent({ dryrun: true })).toEqual(['master@example.org']);
    expect(await sent({ dryrun: 'true', query: '{"username":"dan"}' })).toEqual(['master@example.org']);
    expect(await sent({ dryrun: 'false', query: '{"username":"dan"}' })).toEqual(['dan@example.com']);
  });

  test.each<[query: string, names: string[]]>([
    ['{"username":"dan"}', ['dan']],
    ['{"username":{"$in":["dan","carol","gone"]}}', ['carol', 'dan']],
    ['{"roles":"admin","username":"dan"}', []],
    ['{"$or":[{"name":"dan"},{"emails.address":"carol@example.com"}]}', ['carol', 'dan']],
    ['{"active":true,"username":{"$regex":"^CAR","$options":"i"}}', ['carol']],
    [
      '{"$and":[{"username":{"$nin":["carol"]}},{"username":{"$exists":true}},{"name":{"$eq":"dan"}}]}',
      ['dan'],
    ],
    ['{"username":"dan","active":{"$ne":true}}', []],
  ])('only those get it who fit %s', async (query, names) => {
    expect(await sent({ query })).toEqual(names.map((name) => `${name}@example.com`));
  });

  test.each([
    'no JSON',
    '[]',
    '"dan"',
    '{"lastLogin":{"$gt":5}}',
    '{"name.first":{"$ne":"x"}}',
    '{"$where":"true"}',
    '{"$nor":[{"username":"dan"}]}',
    '{"username":{"$not":{"$eq":"dan"}}}',
    '{"username":{"$regex":"dan","$options":"x"}}',
    '{"username":{"$options":"i"}}',
    '{"username":{"$regex":"(dan|carol)"}}',
    '{"username":{"$ne":5}}',
    '{"username":{"$ne":{"$date":0}}}',
    '{"username":{"$exists":"no"}}',
    '{"username":{}}',
    '{"username":["dan"]}',
    '{"active":{"$ne":"true"}}',
    '{"active":{"$gt":false}}',
    '{"customFields.a.b":{"$ne":"x"}}',
    '{"$or":[]}',
    '{"$or":[{"username":"dan"},{"$and":[{"x":1}]}]}',
    '{"constructor":"x"}',
  ])('nobody gets it where the query is not understood: %s', async (query) => {
    expect(await crew.admin.post('mailer', { ...news, query })).toMatchObject({
      status: 400,
      body: { errorType: 'error-invalid-query' },
    });
    expect(await receivers()).toEqual([]);
  });

  const details = { function: 'Mailer.sendMail' };
  const coded = (errorType: string, text: string) => ({
    status: 400,
    body: { success: false, error: `${text} [${errorType}]`, errorType, details },
  });
  test.each<[string, object, object]>([
    ['no sender', { from: '' }, coded('error-invalid-from-address', 'Invalid from address')],
    [
      'a sender without an address',
      { from: 'me' },
      coded('error-invalid-from-address', 'Invalid from address'),
    ],
    [
      'a sender with further headers',
      { from: 'me\r\nBcc: x@example.org <me@example.org>' },
      coded('error-invalid-from-address', 'Invalid from address'),
    ],
    [
      'no link to end it',
      { body: 'Hello' },
      coded('error-missing-unsubscribe-link', 'You must provide the [unsubscribe] link.'),
    ],
    [
      'no text',
      { body: undefined },
      coded('error-missing-unsubscribe-link', 'You must provide the [unsubscribe] link.'),
    ],
    ['no subject', { subject: undefined }, { status: 400, body: { errorType: 'error-invalid-params' } }],
    [
      'a dry run that is neither',
      { dryrun: 'yes' },
      { status: 400, body: { errorType: 'error-invalid-params' } },
    ],
    ['a query that is no text', { query: {} }, { status: 400, body: { errorType: 'error-invalid-params' } }],
    ['something else', { to: 'x' }, { status: 400, body: { errorType: 'error-invalid-params' } }],
  ])('refused: %s', async (_, input, expected) => {
    expect(await crew.admin.post('mailer', { ...news, ...input })).toMatchObject(expected);
    expect(await receivers()).toEqual([]);
  });

  test('only those with the permission send it, and only where mails can be sent', async () => {
    expect(await carol.post('mailer', { ...news, from: 'x' })).toMatchObject({
      status: 400,
      body: { errorType: 'error-not-allowed', details },
    });
    expect((await crew.anonymous.post('mailer', news)).status).toBe(401);
    await crew.admin.post('settings/SMTP_Host', { value: '' });
    expect(await crew.admin.post('mailer', news)).toMatchObject({
      status: 400,
      body: { errorType: 'error-email-send-failed' },
    });
    await crew.admin.post('settings/SMTP_Host', { value: '127.0.0.1' });
    expect(await receivers()).toEqual([]);
  });

  test('it goes on by the hundred, and everybody gets it once', async () => {
    const { ctx, jobs } = crew.server;
    const names = Array.from({ length: 205 }, (_, n) => `many-${n}`);
    await ctx.write(async (tx, emit) => {
      for (const username of names) {
        const emails = [{ address: `${username}@example.com`, verified: true }];
        await storeNewUser(
          tx,
          emit,
          newUser(ctx, { username, name: username, emails, roles: ['user'] }),
          undefined,
        );
      }
    });
    await crew.admin.post('mailer', { ...news, query: '{"username":{"$regex":"^many-"}}' });
    const got: number[] = [];
    for (let step = 0; step < 3; step++) {
      await jobs.idle();
      got.push(sink.mails.length);
      // What comes next waits some seconds.
      await ctx.write((tx) => tx.updateTable('jobs').set({ run_at: 0 }).execute());
    }
    expect(got).toEqual([100, 200, 205]);
    expect(await receivers()).toEqual(names.map((name) => `${name}@example.com`).sort());
  });

  describe('it is ended', () => {
    const linkFor = ({ uid }: Person) => new URL(unsubscribeLink(crew.server.ctx, uid)).pathname;
    const open = (path: string, init?: RequestInit) => fetch(`${crew.url}${path}`, init);
    const query = '{"username":{"$in":["carol","dan","eve"]}}';

    test('on the page that the mail links to, which asks first', async () => {
      const path = linkFor(carol);
      const page = await open(path);
      expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store']);
      expect(await page.text()).toContain('<form method="post">');
      expect(page.headers.get('content-security-policy')).toContain("form-action 'self'");
      expect(await sent({ query })).toEqual(['carol@example.com', 'dan@example.com']);
      const done = await open(path, { method: 'POST', body: new URLSearchParams() });
      expect([done.status, await done.text()]).toEqual([200, expect.stringContaining('no more mails')]);
      expect(await sent({ query })).toEqual(['dan@example.com']);
    });

    test('by the button of a mail program, and by the API with the key of the link or as oneself', async () => {
      const eve = await crew.person('eve');
      const dan = (await crew.admin.get('users.info', { username: 'dan' })).body.user;
      const oneClick = { 'List-Unsubscribe': 'One-Click' };
      const path = linkFor({ uid: dan._id } as Person);
      expect((await open(path, { method: 'POST', body: new URLSearchParams(oneClick) })).status).toBe(200);
      expect(await sent({ query })).toEqual(['eve@example.com']);
      const { createdAt } = (await crew.admin.get('users.info', { username: 'eve' })).body.user;
      const asEve = { _id: eve.uid, createdAt: String(Date.parse(createdAt)) };
      expect((await eve.post('mailer.unsubscribe', asEve)).body).toEqual({ success: true });
      expect(await sent({ query })).toEqual([]);
      const key = linkFor(eve).split('/').at(-1);
      expect(
        (await crew.anonymous.post('mailer.unsubscribe', { _id: eve.uid, createdAt: key })).body,
      ).toEqual({
        success: true,
      });
    });

    test('by nobody else', async () => {
      const frank = await crew.person('frank');
      const { createdAt } = (await crew.admin.get('users.info', { username: 'frank' })).body.user;
      const time = String(Date.parse(createdAt));
      const refused = { status: 400, body: { errorType: 'error-invalid-link' } };
      const key = linkFor(carol).split('/').at(-1);
      for (const who of [crew.anonymous, carol, crew.admin]) {
        expect(await who.post('mailer.unsubscribe', { _id: frank.uid, createdAt: time })).toMatchObject(
          refused,
        );
        expect(await who.post('mailer.unsubscribe', { _id: frank.uid, createdAt: key })).toMatchObject(
          refused,
        );
      }
      expect(await frank.post('mailer.unsubscribe', { _id: 'nobody', createdAt: time })).toMatchObject(
        refused,
      );
      expect(await frank.post('mailer.unsubscribe', { _id: frank.uid })).toMatchObject({
        status: 400,
        body: { errorType: 'error-invalid-params' },
      });
      for (const path of [`/mailer/unsubscribe/${frank.uid}/${key}`, `/mailer/unsubscribe/nobody/${key}`]) {
        for (const method of ['GET', 'POST']) expect((await open(path, { method })).status).toBe(404);
      }
      expect(await sent({ query: '{"username":"frank"}' })).toEqual(['frank@example.com']);
    });
  });
});
