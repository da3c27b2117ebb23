import type { Entry } from 'ldapts';
import { expect, test } from 'vitest';
import { settingsOver } from '../../kernel/settings.ts';
import {
  idText,
  parseId,
  pictureAttributes,
  readAttributes,
  readPerson,
  readPicture,
} from './directory-person.ts';

const VALUES: Record<string, string> = {
  LDAP_Unique_Identifier_Field: 'objectGUID, entryUUID',
  LDAP_Username_Field: 'sAMAccountName,uid',
  LDAP_Email_Field: 'mail',
  LDAP_Name_Field: '#{givenName} #{sn}',
};
const settings = settingsOver((id) => VALUES[id]);
const read = (attributes: Record<string, Buffer | Buffer[] | string | string[]>) =>
  readPerson(settings, { dn: 'cn=a', ...attributes } as Entry, []);

/** As Active Directory has them: bytes that are no text. */
const GUID = Buffer.from('00ff10c32800efbbbf5c2a2928000102', 'hex');

test('what tells people apart is kept as bytes, however it is spelled', () => {
  const { ids } = read({ objectguid: GUID, ENTRYUUID: 'b5e1' });
  expect(ids).toEqual([
    { attribute: 'objectguid', hex: GUID.toString('hex') },
    { attribute: 'entryuuid', hex: '62356531' },
  ]);
  expect(ids.map(idText).map(parseId)).toEqual(ids);
  expect(read({ objectGUID: [], entryUUID: '' }).ids).toEqual([]);
  expect(read({ entryUUID: Buffer.from('b5e1') }).ids).toEqual(read({ entryUUID: ['b5e1', 'other'] }).ids);
});

test('names are those of the first attribute with a value, or of a template', () => {
  const person = read({ sAMAccountName: ' ', UID: ['al', 'ali'], givenName: 'Al', sn: 'Ice' });
  expect(person).toMatchObject({ username: 'al', name: 'Al Ice', email: undefined });
  expect(read({ cn: 'unused' })).toMatchObject({ username: undefined, name: undefined });
});

test.each([
  [{}, false],
  [{ userAccountControl: '512' }, false],
  [{ userAccountControl: '514' }, true],
  [{ useraccountcontrol: '66050' }, true],
  [{ pwdAccountLockedTime: '000001010000Z' }, true],
])('%j is locked: %s', (attributes, isLocked) => {
  expect(read(attributes as Record<string, string>).isLocked).toBe(isLocked);
});

test('only what is read is asked for, and identities as bytes', () => {
  expect(readAttributes(settings, ['OBJECTguid', 'uidNumber'])).toEqual({
    all: [
      ...['objectGUID', 'entryUUID', 'uidNumber', 'sAMAccountName', 'uid', 'mail', 'givenName', 'sn'],
      ...['pwdAccountLockedTime', 'userAccountControl'],
    ],
    binary: ['objectGUID', 'entryUUID', 'uidNumber'],
  });
});

test('a picture is that of the first attribute that has bytes', () => {
  const [small, large] = [Buffer.from([0xff, 0xd8, 1]), Buffer.from([0xff, 0xd8, 2])];
  const pictureIn = (attributes: Record<string, Buffer | Buffer[] | string>, field = '') => {
    const named = settingsOver((id) => (id === 'LDAP_Avatar_Field' ? field : VALUES[id]));
    return readPicture(named, { dn: 'cn=a', ...attributes } as Entry);
  };
  expect(pictureIn({ jpegphoto: large, THUMBNAILPHOTO: small })).toBe(small);
  expect(pictureIn({ jpegPhoto: [large, small], thumbnailPhoto: [] })).toBe(large);
  expect(pictureIn({ jpegPhoto: large, thumbnailPhoto: small }, 'jpegPhoto')).toBe(large);
  expect(pictureIn({ jpegPhoto: large, photo: small }, 'none, photo')).toBe(small);
  for (const none of [{}, { jpegPhoto: Buffer.alloc(0) }, { jpegPhoto: 'text' }])
    expect(pictureIn(none as Record<string, Buffer | string>)).toBeUndefined();
  expect(pictureAttributes(settingsOver(() => ''))).toEqual(['thumbnailPhoto', 'jpegPhoto']);
});
