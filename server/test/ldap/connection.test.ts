import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import {
  type Answer,
  BIND_REQUEST,
  BIND_RESPONSE,
  EXTENDED_REQUEST,
  EXTENDED_RESPONSE,
  ldapMessage,
  result,
  SEARCH_DONE,
  SEARCH_REQUEST,
  searchEntry,
  startFakeDirectory,
} from '../support/fake-directory.ts';
import { type Person, startServer, type TestServer } from '../support/server.ts';
import { BASE, hasSlapd, PEOPLE, personEntry, SEARCHER, type Slapd, startSlapd } from '../support/slapd.ts';
import { configure } from './support.ts';

/** `ldap.testConnection` and `ldap.testSearch` (spec 23), against a real directory and against broken ones. */

let server: TestServer;
let bob: Person;

beforeAll(async () => {
  server = await startServer();
  bob = await server.person('bob');
});

afterAll(() => server.close());

const testConnection = (who = server.admin) => who.post('ldap.testConnection');
const testSearch = (username: unknown, who = server.admin) => who.post('ldap.testSearch', { username });

const FAILED = { status: 400, body: { success: false, error: 'Connection_failed' } };

describe('without a directory', () => {
  test('only administrators may try the settings', async () => {
    const refused = { status: 400, body: { success: false, error: 'error-not-authorized' } };
    expect(await testConnection(bob)).toMatchObject(refused);
    expect(await testSearch('alice', bob)).toMatchObject(refused);
    expect((await server.anonymous.post('ldap.testConnection')).status).toBe(401);
    expect((await server.anonymous.post('ldap.testSearch', { username: 'alice' })).status).toBe(401);
  });

  test('they are told that LDAP is off', async () => {
    await configure(server, { LDAP_Enable: false });
    const disabled = { status: 400, body: { success: false, error: 'LDAP_disabled' } };
    expect(await testConnection()).toMatchObject(disabled);
    expect(await testSearch('alice')).toMatchObject(disabled);
  });

  test('the name is needed', async () => {
    expect(await testSearch(undefined)).toMatchObject({ status: 400, body: { success: false } });
    expect(await testSearch('')).toMatchObject({ status: 400, body: { success: false } });
    expect(await testSearch({ $ne: 1 })).toMatchObject({ status: 400, body: { success: false } });
  });
});

describe('with a directory that is broken', () => {
  const bindThen =
    (then: Answer): Answer =>
    (request) => {
      if (request.operation !== BIND_REQUEST) return then(request);
      request.socket.write(ldapMessage(request.id, result(BIND_RESPONSE, 0)));
    };

  async function against(answer: Answer, more: Record<string, unknown> = {}) {
    const fake = await startFakeDirectory(answer);
    onTestFinished(() => fake.close());
    await configure(server, {
      ...BROKEN,
      LDAP_Port: fake.port,
      LDAP_Authentication_UserDN: SEARCHER.dn,
      LDAP_Authentication_Password: 'x',
      ...more,
    });
    return fake;
  }
  const BROKEN = {
    LDAP_Enable: true,
    LDAP_Host: '127.0.0.1',
    LDAP_Encryption: 'plain',
    LDAP_Authentication: true,
    LDAP_Connect_Timeout: 150,
    LDAP_Timeout: 150,
    LDAP_Reconnect: false,
    LDAP_BaseDN: BASE,
    LDAP_User_Search_Field: 'uid',
    LDAP_User_Search_Filter: '(objectclass=*)',
  };

  test.each<[string, Answer]>([
    ['never answers the bind', () => {}],
    ['closes at the bind', ({ socket }) => void socket.end()],
    ['resets the connection', ({ socket }) => void socket.resetAndDestroy()],
    ['answers with garbage', ({ socket }) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['answers with endless lengths', ({ socket }) => void socket.write(Buffer.alloc(1000, 0xff))],
    [
      'answers with a negative length',
      ({ socket }) => void socket.write(Buffer.from('3084ffffffff020101', 'hex')),
    ],
    [
      'answers to somebody else',
      ({ socket, id }) => void socket.write(ldapMessage(id + 1, result(BIND_RESPONSE, 0))),
    ],
    ['answers another question', ({ socket, id }) => void socket.write(ldapMessage(id, result(0x6b, 0)))],
    ['refuses the bind', ({ socket, id }) => void socket.write(ldapMessage(id, result(BIND_RESPONSE, 49)))],
    ['is busy', ({ socket, id }) => void socket.write(ldapMessage(id, result(BIND_RESPONSE, 51)))],
    ['never answers the search', bindThen(() => {})],
    ['closes at the search', bindThen(({ socket }) => void socket.end())],
    [
      'answers half an entry',
      bindThen(({ socket, id }) => {
        const whole = ldapMessage(id, searchEntry('uid=a', { uid: 'a' }));
        socket.write(whole.subarray(0, whole.length - 3));
      }),
    ],
    [
      'answers entries without an end',
      bindThen(({ socket, id }) => {
        const one = ldapMessage(id, searchEntry('uid=a', { uid: 'a'.repeat(60_000) }));
        const more = () => {
          while (!socket.destroyed && socket.write(one));
        };
        socket.on('drain', more);
        more();
      }),
    ],
    [
      'answers a message that is larger than anybody can keep',
      bindThen(({ socket }) => {
        socket.write(Buffer.from('30847fffffff', 'hex'));
        const more = () => {
          while (!socket.destroyed && socket.write(Buffer.alloc(60_000)));
        };
        socket.on('drain', more);
        more();
      }),
    ],
    [
      'answers more messages at once than can be read by recursion',
      bindThen(({ socket, id }) => {
        const one = ldapMessage(id, ber73);
        socket.write(Buffer.concat(Array.from({ length: 200_000 }, () => one)));
      }),
    ],
  ])('one that %s', async (_, answer) => {
    const fake = await against(answer);
    expect(await testConnection()).toMatchObject(FAILED);
    expect(await testSearch('alice')).toMatchObject(FAILED);
    await fake.idle();
    expect(fake.connections()).toBe(2);
  });
  /** A reference without an address: the smallest answer of a search that is not its end. */
  const ber73 = Buffer.from([0x73, 0x00]);

  test('one that answers nothing at all, not even TLS', async () => {
    await against(() => {}, { LDAP_Encryption: 'ssl' });
    expect(await testConnection()).toMatchObject(FAILED);
  });

  test('one that promises TLS and then hangs', async () => {
    await against(
      ({ socket, id, operation }) => {
        if (operation === EXTENDED_REQUEST) socket.write(ldapMessage(id, result(EXTENDED_RESPONSE, 0)));
      },
      { LDAP_Encryption: 'tls' },
    );
    expect(await testConnection()).toMatchObject(FAILED);
  });

  test('one that refuses TLS gets no password', async () => {
    const fake = await against(
      ({ socket, id }) => void socket.write(ldapMessage(id, result(EXTENDED_RESPONSE, 52))),
      { LDAP_Encryption: 'tls', LDAP_Authentication_Password: 'very-secret' },
    );
    expect(await testConnection()).toMatchObject(FAILED);
    expect(fake.received().includes('very-secret')).toBe(false);
  });

  test('a port where nobody listens, and a host that does not exist', async () => {
    const fake = await against(() => {});
    await fake.close();
    expect(await testConnection()).toMatchObject(FAILED);
    await configure(server, { LDAP_Host: 'no-such-host.invalid' });
    expect(await testConnection()).toMatchObject(FAILED);
    await configure(server, { LDAP_Host: ' ' });
    expect(await testConnection()).toMatchObject(FAILED);
  });

  test('an account for searches without a password is not taken to be nobody in particular', async () => {
    const fake = await against(
      bindThen(({ socket, id }) => void socket.write(ldapMessage(id, result(SEARCH_DONE, 0)))),
    );
    expect((await testConnection()).status).toBe(200);
    await configure(server, { LDAP_Authentication_Password: '' });
    expect(await testConnection()).toMatchObject(FAILED);
    expect(fake.connections()).toBe(1);
  });

  test('a filter that is none', async () => {
    await against(
      bindThen(() => {}),
      { LDAP_User_Search_Filter: '(uid=a' },
    );
    expect(await testSearch('alice')).toMatchObject(FAILED);
  });

  test('a broken connection is tried once more, where the settings want it', async () => {
    let questions = 0;
    const fake = await against(
      bindThen(({ socket, id, operation }) => {
        questions += 1;
        if (operation === SEARCH_REQUEST && questions > 1)
          socket.write(ldapMessage(id, result(SEARCH_DONE, 0)));
        else socket.destroy();
      }),
      { LDAP_Reconnect: true },
    );
    expect((await testConnection()).status).toBe(200);
    expect(fake.connections()).toBe(2);
  });
});

describe.skipIf(!hasSlapd())('with slapd', () => {
  let slapd: Slapd;

  beforeAll(async () => {
    slapd = await startSlapd([
      personEntry('alice'),
      personEntry('carol', { mail: ['carol@example.org', 'shared@example.org'] }),
      personEntry('dave', { mail: ['shared@example.org'] }),
      personEntry('paren(s)*', { uid: ['paren(s)*'] }),
    ]);
  });
  afterAll(() => slapd?.close());

  const settings = () => ({
    LDAP_Enable: true,
    LDAP_Host: '127.0.0.1',
    LDAP_Port: slapd.port,
    LDAP_Encryption: 'plain',
    LDAP_Reject_Unauthorized: true,
    LDAP_CA_Cert: '',
    LDAP_Authentication: true,
    LDAP_Authentication_UserDN: SEARCHER.dn,
    LDAP_Authentication_Password: SEARCHER.password,
    LDAP_Connect_Timeout: 5000,
    LDAP_Timeout: 5000,
    LDAP_BaseDN: BASE,
    LDAP_User_Search_Field: 'uid,mail',
    LDAP_User_Search_Filter: '(objectclass=inetOrgPerson)',
    LDAP_User_Search_Scope: 'sub',
  });
  const OK = { status: 200, body: { message: 'LDAP_Connection_successful', success: true } };
  const FOUND = { status: 200, body: { message: 'LDAP_User_Found', success: true } };
  const NOT_FOUND = { status: 400, body: { success: false, error: 'LDAP_User_Not_Found' } };

  test('the connection is tried', async () => {
    await configure(server, settings());
    const answer = await testConnection();
    expect(answer).toMatchObject(OK);
    expect(answer.body).toEqual(OK.body);
  });

  test('a wrong password of the account for searches fails', async () => {
    await configure(server, { ...settings(), LDAP_Authentication_Password: 'wrong' });
    expect(await testConnection()).toMatchObject(FAILED);
  });

  test.each(['alice', 'ALICE', 'alice@example.org', 'shared@example.org', 'paren(s)*'])(
    '%s is found',
    async (name) => {
      await configure(server, settings());
      expect(await testSearch(name)).toMatchObject(FOUND);
    },
  );

  test.each([
    'nobody',
    '*',
    'a*',
    'alice)(uid=*',
    'alice)(|(uid=*',
    '*)(objectClass=*',
    '\\61lice',
    'alice\u0000',
    '(uid=alice)',
    ')',
    'alice,ou=people',
    '#{username}',
    'ａｌｉｃｅ(',
  ])('%j finds nobody: a name is no part of a filter', async (name) => {
    await configure(server, settings());
    expect(await testSearch(name)).toMatchObject(NOT_FOUND);
  });

  test('the filter and the scope decide who is found', async () => {
    await configure(server, { ...settings(), LDAP_User_Search_Filter: 'givenName=carol' });
    expect(await testSearch('alice')).toMatchObject(NOT_FOUND);
    expect(await testSearch('carol')).toMatchObject(FOUND);
    await configure(server, { ...settings(), LDAP_User_Search_Scope: 'one' });
    expect(await testSearch('alice')).toMatchObject(NOT_FOUND);
    await configure(server, { LDAP_BaseDN: PEOPLE });
    expect(await testSearch('alice')).toMatchObject(FOUND);
    await configure(server, { LDAP_BaseDN: `ou=nowhere,${BASE}` });
    expect(await testSearch('alice')).toMatchObject(FAILED);
  });

  test('without an account for searches the directory shows nothing here', async () => {
    await configure(server, { ...settings(), LDAP_Authentication: false });
    expect(await testConnection()).toMatchObject(OK);
    expect((await testSearch('alice')).status).toBe(400);
  });

  test.each([
    ['ssl', () => slapd.tlsPort],
    ['tls', () => slapd.port],
  ])('the connection is encrypted (%s), by an authority that the settings name', async (encryption, port) => {
    await configure(server, { ...settings(), LDAP_Encryption: encryption, LDAP_Port: port() });
    expect(await testConnection()).toMatchObject(FAILED);
    await configure(server, { LDAP_CA_Cert: slapd.ca });
    expect(await testConnection()).toMatchObject(OK);
    expect(await testSearch('alice')).toMatchObject(FOUND);
    await configure(server, { LDAP_CA_Cert: '', LDAP_Reject_Unauthorized: false });
    expect(await testConnection()).toMatchObject(OK);
  });

  test('the name in the certificate counts', async () => {
    const encrypted = { LDAP_Encryption: 'ssl', LDAP_Port: slapd.tlsPort, LDAP_CA_Cert: slapd.ca };
    await configure(server, { ...settings(), ...encrypted, LDAP_Host: 'localhost' });
    expect(await testConnection()).toMatchObject(OK);
    await configure(server, { LDAP_Host: '127.0.0.2' });
    expect(await testConnection()).toMatchObject(FAILED);
  });

  test('nothing is left open', async () => {
    await configure(server, settings());
    await Promise.all(Array.from({ length: 50 }, () => testSearch('alice')));
    // The directory still takes connections.
    const socket = connect(slapd.port, '127.0.0.1');
    await new Promise((resolve) => socket.once('connect', resolve));
    socket.destroy();
  });
});
