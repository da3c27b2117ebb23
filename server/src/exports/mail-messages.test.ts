import { afterAll, beforeAll, expect, it } from 'vitest';
import { type MailSink, startMailSink } from '../../test/support/mail-sink.ts';
import { coded, NOT_LOGGED_IN, withPermission } from '../../test/support/rooms.ts';
import { type Person, startServer, type TestServer } from '../../test/support/server.ts';

let server: TestServer;
let sink: MailSink;
let alice: Person;
let rid: string;
let ids: string[];

beforeAll(async () => {
  sink = await startMailSink();
  server = await startServer({ mailUrl: `smtp://127.0.0.1:${sink.port}` });
  alice = await server.person('alice');
  rid = (await alice.post('channels.create', { name: 'news' })).body.channel._id;
  const sent = ['first', 'second <b>'].map(async (msg) =>
    alice.post('chat.sendMessage', { message: { rid, msg } }),
  );
  ids = (await Promise.all(sent)).map(({ body }) => body.message._id);
});
afterAll(async () => {
  await server.close();
  await sink.close();
});

const mail = (body: object, person: Person = server.admin) =>
  person.post('rooms.export', { rid, type: 'email', messages: ids, ...body });

it('messages are mailed to people and addresses, to each by itself', async () => {
  const { status, body } = await mail({
    toUsers: ['alice', 'rocket.cat', 'nobody'],
    toEmails: ['one@example.com'],
    additionalEmails: 'two@example.com, no address',
    subject: 'Our news',
  });
  expect([status, body]).toEqual([200, { missing: ['rocket.cat', 'nobody'], success: true }]);
  const mails = [await sink.next(), await sink.next(), await sink.next()];
  expect(mails.map(({ to }) => to[0]).sort()).toEqual([
    'alice@example.com',
    'one@example.com',
    'two@example.com',
  ]);
  expect(mails.map(({ to }) => to.length)).toEqual([1, 1, 1]);
  expect(mails[0]).toMatchObject({ subject: 'Our news' });
  expect(mails[0]?.html).toContain('first');
  expect(mails[0]?.html).toContain('second &lt;b&gt;');
});

it.each<[string, () => Promise<unknown>, object]>([
  [
    'by who may not mail',
    () => mail({ toUsers: ['alice'] }, alice),
    {
      status: 400,
      body: coded('error-action-not-allowed', 'Mailing is not allowed', {
        method: 'roomsExport',
        action: 'Mailing',
      }),
    },
  ],
  [
    'of a room that there is not',
    () => mail({ rid: 'x', toUsers: ['alice'] }),
    { status: 400, body: { errorType: 'error-invalid-room', error: '[error-invalid-room]' } },
  ],
  [
    'to nobody',
    () => mail({ toUsers: ['nobody'], toEmails: ['nowhere'] }),
    { status: 400, body: { errorType: 'error-invalid-recipient', error: '[error-invalid-recipient]' } },
  ],
  [
    'of other rooms',
    () => mail({ messages: ['x'], toUsers: ['alice'] }),
    { status: 400, body: { errorType: 'error-invalid-message' } },
  ],
  [
    'without messages',
    () => mail({ messages: [] }),
    { status: 400, body: { errorType: 'error-invalid-params' } },
  ],
  ['to nothing', () => mail({ type: 'tape' }), { status: 400, body: { errorType: 'error-invalid-params' } }],
  ['without login', () => server.anonymous.post('rooms.export', {}), { status: 401, body: NOT_LOGGED_IN }],
])('%s is refused', async (_what, ask, answer) => {
  expect(await ask()).toMatchObject(answer);
});

it('a room that the caller may not see stays unseen', async () => {
  const bob = await server.person('bob');
  const { group } = (await alice.post('groups.create', { name: 'secret' })).body;
  await withPermission({ server }, 'mail-messages', ['user'], async () => {
    expect(await mail({ rid: group._id, toUsers: ['alice'] }, bob)).toMatchObject({
      status: 400,
      body: coded('error-not-allowed', 'Not Allowed', { method: 'roomsExport' }),
    });
  });
});
