import { expect, test } from 'vitest';
import {
  type Cipher,
  encryptAssertion,
  newKeys,
  type Said,
  SHA1,
  sign,
  signAll,
} from '../support/identity-provider.ts';
import { samlWorld } from './saml-world.ts';

/** Answers whose assertion only the workspace can read. */

const ours = newKeys();
const stranger = newKeys();
const world = samlWorld({
  private_key: ours.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  public_cert: ours.certificate,
});
const { keys, having, open, goThrough, comeIn, logIn } = world;

const ADA: Said = {
  nameId: 'ada@example.org',
  attributes: { username: 'ada', email: 'ada@example.org', cn: 'Ada L.' },
};
type Encryption = Parameters<typeof encryptAssertion>[2];

/** As providers do it: the assertion is signed, then encrypted, then the answer is signed. */
const encrypted =
  (how: Encryption = {}, certificate = ours.certificate) =>
  (xml: string) =>
    sign(encryptAssertion(sign(xml, 'Assertion', keys), certificate, how), 'Response', keys);
const onlyInside =
  (how: Encryption = {}) =>
  (xml: string) =>
    encryptAssertion(sign(xml, 'Assertion', keys), ours.certificate, how);
const onlyOutside =
  (how: Encryption = {}) =>
  (xml: string) =>
    sign(encryptAssertion(xml, ours.certificate, how), 'Response', keys);

test.each<Cipher>(['aes256-gcm', 'aes128-gcm', 'aes256-cbc', 'aes128-cbc'])('%s is read', async (cipher) => {
  const { body } = await comeIn(ADA, encrypted({ cipher }));
  expect(body.data.me).toMatchObject({
    username: 'ada',
    name: 'Ada L.',
    emails: [{ address: 'ada@example.org', verified: true }],
  });
});

test('keys stand where providers put them, with what they say of them', async () => {
  for (const how of [{ keyBeside: true }, { digest: null }, { keyBeside: true, digest: null }] as const)
    expect((await comeIn(ADA, encrypted(how))).body.data.me.username).toBe('ada');
});

test('what is not encrypted goes on being read', async () => {
  expect((await comeIn(ADA)).body.data.me.username).toBe('ada');
});

async function refused(change: (xml: string) => string, said: Said = ADA) {
  const { token, status, location } = await goThrough(said, change);
  expect({ status, location }).toEqual({ status: 400, location: null });
  expect((await logIn(token)).status).toBe(401);
}

test('what must be signed inside and outside is the setting’s business', async () => {
  const cases = [
    ['All', [400, 400, 400, 303]],
    ['Response', [400, 400, 303, 303]],
    ['Assertion', [400, 303, 400, 303]],
    ['Either', [400, 303, 303, 303]],
  ] as const;
  const unsigned = (xml: string) => encryptAssertion(xml, ours.certificate);
  for (const [signature_validation_type, expected] of cases)
    await having({ signature_validation_type }, async () => {
      const statuses: number[] = [];
      for (const change of [unsigned, onlyInside(), onlyOutside(), encrypted()])
        statuses.push((await goThrough(ADA, change)).status);
      expect({ signature_validation_type, statuses }).toEqual({
        signature_validation_type,
        statuses: expected,
      });
    });
});

test('what others may change is not decrypted', async () => {
  for (const signature_validation_type of ['Assertion', 'Either'])
    await having({ signature_validation_type }, async () => {
      await refused(onlyInside({ cipher: 'aes256-cbc' }));
      await refused(encrypted({ cipher: 'aes128-cbc' }));
      expect((await comeIn(ADA, onlyInside({ cipher: 'aes128-gcm' }))).status).toBe(200);
    });
});

test.each<[string, (xml: string) => string]>([
  ['is for somebody else', encrypted({}, stranger.certificate)],
  [
    'has its key in a padding that tells it',
    encrypted({ transport: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' }),
  ],
  ['has a digest that is not understood', encrypted({ digest: 'http://www.w3.org/2001/04/xmlenc#sha256' })],
  [
    'is by an unknown algorithm',
    (xml) => sign(onlyInside()(xml).replace('#aes256-gcm', '#aes256'), 'Response', keys),
  ],
  [
    'is by Triple DES',
    (xml) =>
      sign(
        onlyInside()(xml).replace('2009/xmlenc11#aes256-gcm', '2001/04/xmlenc#tripledes-cbc'),
        'Response',
        keys,
      ),
  ],
  [
    'is broken',
    (xml) => sign(onlyInside()(xml).replace(/CipherValue>.{8}/g, 'CipherValue>AAAAAAAA'), 'Response', keys),
  ],
  [
    'has no content',
    (xml) =>
      sign(
        onlyInside()(xml).replace(/(<xenc:CipherData>.*?)<xenc:CipherData>.*?<\/xenc:CipherData>/s, '$1'),
        'Response',
        keys,
      ),
  ],
  ['was changed afterwards', (xml) => encrypted()(xml).replace(/CipherValue>.{8}/, 'CipherValue>AAAAAAAA')],
  ['is no assertion', encrypted({ content: '<x/>' })],
  ['is no XML', encrypted({ content: 'ada@example.org' })],
  [
    'is signed by somebody else inside',
    (xml) => sign(encryptAssertion(sign(xml, 'Assertion', stranger), ours.certificate), 'Response', keys),
  ],
  [
    'is signed with SHA-1 inside',
    (xml) => sign(encryptAssertion(sign(xml, 'Assertion', keys, SHA1), ours.certificate), 'Response', keys),
  ],
  [
    'stands beside another',
    (xml) => {
      const one = onlyInside()(xml);
      const [copy = ''] = /<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>/s.exec(one) ?? [];
      return sign(one.replace(copy, `${copy}${copy.replace('_k1', '_k2')}`), 'Response', keys);
    },
  ],
  [
    'stands beside one in the open',
    (xml) => {
      const signed = sign(xml, 'Assertion', keys);
      const [plain = ''] = /<saml:Assertion .*<\/saml:Assertion>/s.exec(signed) ?? [];
      const one = encryptAssertion(signed, ours.certificate);
      return sign(
        one.replace('<saml:EncryptedAssertion>', `${plain}<saml:EncryptedAssertion>`),
        'Response',
        keys,
      );
    },
  ],
  [
    'is in something else',
    (xml) => {
      const one = onlyInside()(xml);
      return sign(
        one.replace(
          /(<saml:EncryptedAssertion>.*<\/saml:EncryptedAssertion>)/s,
          '<samlp:Extensions>$1</samlp:Extensions>',
        ),
        'Response',
        keys,
      );
    },
  ],
])('an encrypted assertion that %s lets nobody in', async (_, change) => {
  await refused(change);
});

test.each<[string, string, string]>([
  ['a comment in the name', 'ada@example.org</saml:NameID', 'ada@example.org<!-- -->.evil</saml:NameID'],
  ['an assertion inside', '</saml:Subject>', '</saml:Subject><saml:Advice><saml:Assertion/></saml:Advice>'],
  ['an id twice', '<saml:Conditions ', '<saml:Conditions ID="_twice" '],
])('with %s nobody comes in', async (_, from, to) => {
  await having({ signature_validation_type: 'Response' }, async () => {
    const twice = (xml: string) => xml.replace('<saml:Subject>', '<saml:Subject ID="_twice">');
    await refused((xml) => onlyOutside()(twice(xml).replace(from, to)));
  });
});

test('all else is asked of it, too', async () => {
  for (const said of [
    { notOnOrAfter: -1 },
    { audience: 'https://other.example' },
    { recipient: 'https://other.example/acs' },
    { confirmedFor: '_another' },
  ])
    await refused(encrypted(), { ...ADA, ...said });
});

test('without a key nothing encrypted is read', async () => {
  await having({ private_key: '' }, async () => {
    await refused(encrypted());
    expect((await comeIn(ADA, (xml) => signAll(xml, keys))).status).toBe(200);
  });
});

test('metadata say that and how assertions may be encrypted', async () => {
  const metadata = async () => (await open('/_saml/metadata/acme')).text();
  const xml = await metadata();
  expect(xml).toMatch(/<KeyDescriptor use="signing"><ds:KeyInfo>.*<\/ds:KeyInfo><\/KeyDescriptor>/);
  const [descriptor = ''] = /<KeyDescriptor use="encryption">.*<\/KeyDescriptor>/.exec(xml) ?? [];
  expect(descriptor).toContain(`<ds:X509Certificate>${ours.certificate}</ds:X509Certificate>`);
  expect(descriptor).toContain('xmlenc11#aes256-gcm');
  expect(descriptor).toContain('xmlenc#aes128-cbc');
  await having({ signature_validation_type: 'Assertion' }, async () =>
    expect(await metadata()).not.toContain('-cbc'),
  );
  await having({ private_key: '' }, async () => expect(await metadata()).not.toContain('KeyDescriptor'));
});
