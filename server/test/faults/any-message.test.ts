import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Answer, type Person, startServer, type TestServer } from '../support/server.ts';
import { expectStillServing } from './support/proof.ts';

/**
 * Any JSON as a message, whether it fits the schema or not: it is sent and reads the same afterwards, or it is refused with one
 * of the documented answers (spec 30 §3). Never anything else.
 */

let server: TestServer;
let alice: Person;
let rid: string;
let msgId: string;

beforeAll(async () => {
  server = await startServer();
  // Who may do more is refused less.
  alice = await server.person('alice', { roles: ['user', 'bot'] });
  rid = (await alice.post('channels.create', { name: 'anything' })).body.channel._id;
  msgId = (await alice.post('chat.sendMessage', { message: { rid, msg: 'first' } })).body.message._id;
});
afterAll(async () => {
  await expectStillServing(server);
  await server.close();
});

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '',
    ' ',
    '@all @here @alice #anything',
    '```\n*a* _b_',
    'https://example.com/?msg=x',
    'x'.repeat(5001),
  ),
  fc.constantFrom(
    '/file-upload/x',
    'javascript:alert(1)',
    'data:,x',
    'e2e',
    'uj',
    '2026-01-01T00:00:00Z',
    '-1',
  ),
);
const anything = fc.oneof(text, fc.jsonValue({ maxDepth: 3 }));
const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: anything });

const attachment = fc.record(
  {
    ...{
      title: maybe(text),
      text: maybe(text),
      color: maybe(text),
      ts: anything,
      collapsed: maybe(fc.boolean()),
    },
    ...{
      image_url: maybe(text),
      title_link: maybe(text),
      message_link: maybe(text),
      image_size: maybe(fc.nat()),
    },
    ...{ image_dimensions: maybe(fc.object()), attachments: anything },
    fields: maybe(
      fc.array(fc.record({ title: maybe(text), value: maybe(text), short: maybe(fc.boolean()) })),
    ),
    actions: maybe(fc.array(fc.record({ type: maybe(text), text: maybe(text), url: maybe(text) }))),
  },
  { requiredKeys: [] },
);
const content = {
  ...{ alias: maybe(text), avatar: maybe(text), emoji: maybe(text), customFields: maybe(fc.object()) },
  ...{ attachments: maybe(fc.array(attachment, { maxLength: 3 })), tmid: maybe(text) },
};
const draft = fc.record(
  {
    ...content,
    ...{ msg: maybe(text), _id: maybe(text), tshow: maybe(fc.boolean()), blocks: maybe(fc.array(anything)) },
    ...{
      ts: anything,
      t: maybe(text),
      e2e: anything,
      content: anything,
      e2eMentions: anything,
      bot: anything,
    },
    ...{
      location: anything,
      groupable: anything,
      parseUrls: anything,
      u: anything,
      _hidden: anything,
      x: anything,
    },
  },
  { requiredKeys: [] },
);

/** What fits more often than not. */
const fitting = fc.record(
  {
    ...{ msg: maybe(text), emoji: text, alias: text, blocks: fc.array(anything), tshow: fc.constant(false) },
    ...{ attachments: fc.array(fc.record({ title: text, text, x: anything })), location: anything },
    ...{ groupable: anything, bot: anything, e2eMentions: anything, u: anything, _updatedAt: anything },
  },
  { requiredKeys: ['msg'] },
);

const DOCUMENTED = new Set([
  ...['error-invalid-params', 'invalid-params', 'error-message-ts-out-of-sync', 'error-invalid-message'],
  ...['error-message-size-exceeded', 'error-not-allowed', 'error-action-not-allowed', 'invalid-channel'],
  ...["The 'rid' property on the message object is missing.", 'error-invalid-room', 'Not enough permission'],
  ...["Cannot send system messages using 'chat.sendMessage'", 'Invalid href value provided'],
  ...['Invalid attachment field, title and value is required', 'Custom fields not enabled'],
]);

function expectRefusal({ status, body }: Answer): void {
  const { success, error, errorType, details: _, ...rest } = body;
  expect({ status, success, rest }).toEqual({ status: 400, success: false, rest: {} });
  // An id that another message has is refused without a word.
  const isDocumented =
    error === undefined || DOCUMENTED.has(errorType ?? error) || /^Match error: /.test(error);
  expect(isDocumented, JSON.stringify(body)).toBe(true);
}

async function expectReadable({ message }: Answer['body']): Promise<void> {
  expect(message).toMatchObject({
    _id: expect.any(String),
    rid,
    u: { _id: alice.uid },
    msg: expect.any(String),
  });
  expect((await alice.get('chat.getMessage', { msgId: message._id })).body).toEqual({
    message,
    success: true,
  });
}

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

async function send(path: string, body: unknown): Promise<Answer> {
  const answer = await alice.post(path, body);
  if (answer.status === 200) await expectReadable(answer.body);
  else expectRefusal(answer);
  return answer;
}

test('chat.sendMessage', async () => {
  let sent = 0;
  const bodies = fc.oneof(
    { weight: 5, arbitrary: draft.map((message) => ({ message: { rid, ...message } })) },
    { weight: 5, arbitrary: fitting.map((message) => ({ message: { rid, ...message } })) },
    { weight: 1, arbitrary: fc.record({ message: anything, previewUrls: anything }, { requiredKeys: [] }) },
    { weight: 1, arbitrary: draft.map((message) => ({ message, previewUrls: ['x'] })) },
  );
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const { status, body: answer } = await send('chat.sendMessage', body);
      if (status === 200) sent += 1;
      if (!('message' in body) || !isObject(body.message))
        expect(answer.errorType).toBe('error-invalid-params');
    }),
    { numRuns: 250 },
  );
  // What only ever met a refusal would prove nothing of the rest.
  expect(sent).toBeGreaterThan(5);
}, 60_000);

test('chat.postMessage', async () => {
  const bodies = fc.record(
    {
      ...content,
      ...{
        text: maybe(text),
        msg: maybe(text),
        parseUrls: maybe(fc.boolean()),
        groupable: maybe(fc.boolean()),
      },
      ...{ bot: anything, icon_url: maybe(text), icon_emoji: maybe(text), username: maybe(text) },
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(bodies, fc.oneof(fc.constant(rid), anything), async (body, roomId) => {
      // Nobody has such a name, so it is this room or none.
      await send('chat.postMessage', { ...body, roomId });
    }),
    { numRuns: 150 },
  );
}, 60_000);

test('chat.update', async () => {
  const bodies = fc.record(
    {
      text: maybe(text),
      previewUrls: maybe(fc.array(text)),
      customFields: anything,
      content: anything,
      x: anything,
    },
    { requiredKeys: ['text'] },
  );
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      await send('chat.update', { roomId: rid, msgId, ...body });
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('the method sendMessage answers with the message, nothing, or a documented error', async () => {
  const socket = await alice.ddp();
  await fc.assert(
    fc.asyncProperty(draft, async (message) => {
      const answered = await socket.call('sendMessage', { rid, ...message }).catch(({ error, reason }) => {
        const isDocumented = DOCUMENTED.has(error) || (error === 400 && reason === 'Match failed');
        expect(isDocumented, JSON.stringify({ error, reason })).toBe(true);
      });
      if (answered !== undefined) expect(answered).toMatchObject({ rid, u: { _id: alice.uid } });
    }),
    { numRuns: 100 },
  );
}, 60_000);

test('a message that is nested a hundred thousand times', async () => {
  const nested = (open: string, close: string) => `${open.repeat(100_000)}{}${close.repeat(100_000)}`;
  const headers = { 'content-type': 'application/json', 'x-user-id': alice.uid, 'x-auth-token': alice.token };
  for (const attachments of [nested('[{"attachments":', '}]'), nested('[', ']')]) {
    for (const msg of ['x', '\\u0000']) {
      const body = `{"message":{"rid":"${rid}","msg":"${msg}","attachments":${attachments}}}`;
      const answer = await fetch(`${server.url}/api/v1/chat.sendMessage`, { method: 'POST', headers, body });
      expect({
        status: answer.status,
        success: ((await answer.json()) as { success?: boolean }).success,
      }).toEqual({
        status: 400,
        success: false,
      });
    }
  }
});
