import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { expectStillServing } from './support/proof.ts';
import { RawHttp } from './support/raw-http.ts';
import { head, lastAnswer, Tcp } from './support/tcp.ts';

/** Requests that are broken below the level of their content. */

let server: TestServer;
let http: RawHttp;
let alice: Person;
let credentials: Record<string, string>;

beforeAll(async () => {
  server = await startServer();
  http = new RawHttp(server.port);
  alice = await server.person('alice', { joinDefaultChannels: true });
  credentials = { 'x-user-id': alice.uid, 'x-auth-token': alice.token };
});
afterAll(async () => {
  await expectStillServing(server);
  http.close();
  await server.close();
});

const SEND = '/api/v1/chat.sendMessage';
const MIB = 1024 ** 2;
const NOTHING_GIVEN = {
  status: 400,
  body: { success: false, errorType: 'error-invalid-params', error: "must have required property 'message'" },
};

async function post(body: string | Buffer | undefined, headers: Record<string, string>) {
  const answer = await http.send({
    method: 'POST',
    path: SEND,
    headers: { ...credentials, ...headers },
    body,
  });
  return { status: answer.status, body: JSON.parse(answer.text) };
}

const JSON_TYPE = { 'content-type': 'application/json' };
const messageText = (msg: string): string => JSON.stringify({ message: { rid: 'GENERAL', msg } });

describe('a body that cannot be read counts as an empty one', () => {
  test.each([
    ['cut off', '{"message":{"rid":"GENERAL"', JSON_TYPE],
    ['with a trailing comma', '{"message":{},}', JSON_TYPE],
    ['with single quotes', "{'message':{}}", JSON_TYPE],
    ['in UTF-16', Buffer.from(messageText('x'), 'utf16le'), JSON_TYPE],
    ['compressed', gzipSync(messageText('x')), { ...JSON_TYPE, 'content-encoding': 'gzip' }],
    ['of another type', messageText('x'), { 'content-type': 'text/plain' }],
    ['of a type that is none', messageText('x'), { 'content-type': 'no/such;;; type=' }],
    ['that says multipart and is none', messageText('x'), { 'content-type': 'multipart/form-data' }],
    ['without a type', messageText('x'), {}],
  ])('%s', async (_what, body, headers) => {
    expect(await post(body, headers as Record<string, string>)).toEqual(NOTHING_GIVEN);
  });
});

test('broken UTF-8 becomes replacement characters, and a byte order mark is ignored', async () => {
  const [before = '', after = ''] = messageText('*').split('*');
  const broken = Buffer.concat([
    Buffer.from(`\ufeff${before}`),
    Buffer.from([0xc3, 0x28, 0xff]),
    Buffer.from(after),
  ]);
  const { status, body } = await post(broken, JSON_TYPE);
  expect(status).toBe(200);
  expect(body.message.msg).toBe('\ufffd(\ufffd');
});

test('a form is read like JSON', async () => {
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  const { status, body } = await post('message[rid]=GENERAL&message[msg]=from%20a+form', form);
  expect(status).toBe(200);
  expect(body.message.msg).toBe('from a form');
  expect(await post('&&=%%%&[]=&message', form)).toMatchObject({ status: 400 });
});

const TOO_LARGE = {
  status: 413,
  body: {
    success: false,
    error: 'The request body is larger than 52428800 bytes [error-body-too-large]',
    errorType: 'error-body-too-large',
  },
};

test('a body of 60 MB is refused before it is read', async () => {
  const tcp = await Tcp.open(server.port);
  tcp.send(head('POST', SEND, { ...credentials, ...JSON_TYPE, 'content-length': 60 * MIB }));
  tcp.send(Buffer.alloc(MIB, 0x20));
  expect(lastAnswer(await tcp.ended)).toEqual(TOO_LARGE);
});

test('a client that sends 60 MB whatever comes back gets the refusal too', async () => {
  const body = Buffer.alloc(60 * MIB, 0x20);
  const outcome = await http
    .send({ method: 'POST', path: SEND, headers: { ...credentials, ...JSON_TYPE }, body })
    .then(({ status, text }) => ({ status, body: JSON.parse(text) }));
  expect(outcome).toEqual(TOO_LARGE);
});

test('a body in chunks is refused as soon as it is too large', async () => {
  const tcp = await Tcp.open(server.port);
  tcp.send(head('POST', SEND, { ...credentials, ...JSON_TYPE, 'transfer-encoding': 'chunked' }));
  const chunk = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(MIB, 0x20), Buffer.from('\r\n')]);
  for (let sent = 0; sent < 51; sent++) tcp.send(chunk);
  expect(lastAnswer(await tcp.ended)).toEqual(TOO_LARGE);
});

test('a body in chunks of any size is put together', async () => {
  const tcp = await Tcp.open(server.port);
  tcp.send(head('POST', SEND, { ...credentials, ...JSON_TYPE, 'transfer-encoding': 'chunked' }));
  for (const byte of Buffer.from(messageText('ü in pieces'))) {
    tcp.send(Buffer.concat([Buffer.from('1\r\n'), Buffer.from([byte]), Buffer.from('\r\n')]));
  }
  tcp.send('0\r\n\r\n');
  const { status, body } = lastAnswer(Buffer.from(await tcp.received(/\}$/), 'latin1').toString());
  expect({ status, msg: body.message.msg }).toEqual({ status: 200, msg: 'ü in pieces' });
  tcp.close();
});

test('without a token not a byte of the body is waited for', async () => {
  const tcp = await Tcp.open(server.port);
  tcp.send(head('POST', SEND, { ...JSON_TYPE, 'content-length': 40 * MIB }));
  expect(lastAnswer(await tcp.received(/\}$/)).status).toBe(401);
  tcp.close();
});

test('a client that stalls in the middle of its body holds up nobody and is served when it goes on', async () => {
  const text = messageText('at last');
  const stalled = await Tcp.open(server.port);
  stalled.send(head('POST', SEND, { ...credentials, ...JSON_TYPE, 'content-length': text.length }));
  stalled.send(text.slice(0, 10));
  expect((await alice.post('chat.sendMessage', { message: { rid: 'GENERAL', msg: 'x' } })).status).toBe(200);
  stalled.send(text.slice(10));
  expect(lastAnswer(await stalled.received(/\}$/)).body.message.msg).toBe('at last');
  stalled.close();
});

test('a client that leaves in the middle of its body has sent nothing', async () => {
  const before = (await alice.get('channels.info', { roomId: 'GENERAL' })).body.channel.msgs;
  const text = messageText('never');
  const tcp = await Tcp.open(server.port);
  tcp.send(head('POST', SEND, { ...credentials, ...JSON_TYPE, 'content-length': text.length + 1 }));
  tcp.send(text);
  tcp.socket.end();
  await tcp.ended;
  expect((await alice.get('channels.info', { roomId: 'GENERAL' })).body.channel.msgs).toBe(before);
});

describe('what is no request at all is refused and the connection closed', () => {
  const refusal = (status: number) => ({
    status,
    body: expect.objectContaining({ success: false, error: expect.any(String) }),
  });

  test.each([
    ['headers of 20 KB', head('GET', '/api/info', { 'x-long': 'x'.repeat(20_000) }), 431],
    ['a URL of 20 KB', head('GET', `/api/info?${'x'.repeat(20_000)}`, {}), 431],
    ['a line that is not HTTP', 'HELO gantry\r\n\r\n', 400],
    ['the start of a TLS connection', Buffer.from('16030100f8010000f40303', 'hex'), 400],
    ['a negative length', head('POST', SEND, { 'content-length': -1 }), 400],
    [
      'two lengths',
      'POST /api/info HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
      400,
    ],
    [
      'a length and chunks',
      `${head('POST', SEND, { 'content-length': 5, 'transfer-encoding': 'chunked' })}0\r\n\r\n`,
      400,
    ],
    ['a header with a zero', 'GET /api/info HTTP/1.1\r\nhost: x\r\nx-a: b\0c\r\n\r\n', 400],
    ['a chunk without a size', `${head('POST', SEND, { 'transfer-encoding': 'chunked' })}zzz\r\n`, 400],
  ])('%s', async (_what, bytes, status) => {
    const tcp = await Tcp.open(server.port);
    tcp.send(bytes);
    expect(lastAnswer(await tcp.ended)).toEqual(refusal(status));
  });
});

test('an undecodable path is answered and the connection goes on', async () => {
  const tcp = await Tcp.open(server.port);
  tcp.send(head('GET', '/api/v1/%ff%zz', {}));
  expect(lastAnswer(await tcp.received(/\}$/))).toMatchObject({ body: { success: false } });
  tcp.send(head('GET', '/api/info', {}));
  expect(lastAnswer(await tcp.received(/"success":true\}$/)).status).toBe(200);
  tcp.close();
});

test('requests that come all at once are answered in their order', async () => {
  const tcp = await Tcp.open(server.port);
  const texts = Array.from({ length: 50 }, (_, index) => messageText(`number ${index}.`));
  tcp.send(
    texts
      .map(
        (text) => head('POST', SEND, { ...credentials, ...JSON_TYPE, 'content-length': text.length }) + text,
      )
      .join(''),
  );
  const received = await tcp.received(/"msg":"number 49\."[\s\S]*\}$/);
  const order = [...received.matchAll(/"msg":"number (\d+)\."/g)].map(([, index]) => Number(index));
  expect(order).toEqual(texts.map((_, index) => index));
  tcp.close();
});
