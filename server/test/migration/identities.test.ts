import { expect, test } from 'vitest';
import { loadUserByIdentity } from '../../src/accounts/find-users.ts';
import { idText } from '../../src/accounts/ldap/directory-person.ts';
import { samlId } from '../../src/accounts/saml/saml-id.ts';
import { moveHere } from './moved-workspace.ts';

const PERSISTENT = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent';

const known = (name: string, services: object) => ({
  ...{ _id: `${name}Id`, username: name, emails: [{ address: `${name}@example.org`, verified: true }] },
  ...{ roles: ['user'], type: 'user', active: true, services },
});
const setting = (id: string, value: string) => ({
  _id: `SAML_Custom_Default_${id}`,
  ...{ value, packageValue: '', type: 'string' },
});

test('people are found by what the directory, CAS and other services call them', async () => {
  const { server } = await moveHere({
    users: [
      known('ada', { ldap: { id: '6ADA', idAttribute: 'entryUUID' } }),
      known('bob', { cas: { external_id: 'bob@cas', version: 2, attributes: {} } }),
      known('cy', { github: { id: 4711, username: 'cy-at-github' } }),
      known('dee', { github: { id: 4711 }, ldap: { id: '6add' } }),
    ],
  });
  const who = async (service: string, id: string) =>
    (await loadUserByIdentity(server.ctx.db, { service, id }))?.username;
  expect(await who('ldap', idText({ attribute: 'entryuuid', hex: '6ada' }))).toBe('ada');
  expect(await who('cas', 'bob@cas')).toBe('bob');
  expect(await who('github', '4711')).toBe('cy');
});

test.each([
  ['an address, where nothing else is said', [], { text: 'x', format: '' }, 'EMail'],
  ['a username', [setting('immutable_property', 'Username')], { text: 'x', format: '' }, 'Username'],
  [
    'an id that stays',
    [setting('identifier_format', PERSISTENT)],
    { text: 'of-ada', format: PERSISTENT },
    'EMail',
  ],
])('people are found by what their SAML provider says: %s', async (_, settings, nameId, by) => {
  const { server } = await moveHere({
    users: [known('Ada', { saml: { provider: 'acme', nameID: 'of-ada', idpSession: 's' } })],
    rocketchat_settings: settings,
  });
  const isByName = by === 'Username';
  const id = samlId(nameId, isByName ? 'username' : 'email', isByName ? 'Ada' : 'Ada@example.org');
  const found = await loadUserByIdentity(server.ctx.db, { service: 'saml', id: id ?? '' });
  expect(found?.username).toBe('Ada');
});
