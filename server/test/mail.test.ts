import { afterAll, beforeAll, expect, test } from 'vitest';
import { mailFromSettings, queueMail, sendMail } from '../src/mail/send-mail.ts';
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
