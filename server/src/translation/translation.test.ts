import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DdpClient, Frame } from '../../test/support/ddp-client.ts';
import { coded, plain, type RoomWorld, startRoomWorld, withPermission } from '../../test/support/rooms.ts';
import type { Person } from '../../test/support/server.ts';
import {
  type Respond,
  respondJson,
  startReceiver,
  type WebReceiver,
} from '../../test/support/web-receiver.ts';

/** Automatic translation (spec 31 §5), by a service of our own that shouts in the wanted language. */

let service: WebReceiver;
let world: RoomWorld;
let ear: DdpClient;
let rid: string;

const GOOGLE = '/language/translate/v2';
const DEEPL = '/v2/translate';
const MICROSOFT = '/translate';
const shouted = (line: string, to: string): string =>
  `${to}: ${line.replace(/^[^<]*/, (text) => text.toUpperCase())}`;

const google: Respond = ({ body }, out) =>
  respondJson({
    data: {
      translations: body.q.map((line: string) => ({ translatedText: shouted(line, body.target) })),
    },
  })({} as never, out);

beforeAll(async () => {
  service = await startReceiver();
  world = await startRoomWorld({
    outboundAllow: ['127.0.0.1'],
    translationUrl: service.url,
    settingDefaults: {
      API_Embed: 'false',
      AutoTranslate_Enabled: 'true',
      AutoTranslate_GoogleAPIKey: 'google-key',
      AutoTranslate_DeepLAPIKey: 'deepl-key',
      AutoTranslate_MicrosoftAPIKey: 'microsoft-key',
    },
  });
  await world.admin.post('permissions.update', { permissions: [{ _id: 'auto-translate', roles: ['user'] }] });
  rid = (await world.channel([world.bob, world.carol]))._id;
  ear = await world.alice.ddp();
  await ear.subscribe('stream-room-messages', rid);
});
afterAll(async () => {
  await world.close();
  service.close();
});
beforeEach(() => service.answer(GOOGLE, google));

const save = (person: Person, field: string, value: unknown, more: object = {}) =>
  person.post('autotranslate.saveSettings', { roomId: rid, field, value, ...more });
const stored = async (msgId: string) => {
  await world.server.server.jobs.idle();
  return (await world.alice.get('chat.getMessage', { msgId })).body.message;
};
const asked = () => service.received(GOOGLE).length;

it('where nobody wants it messages cause nothing', async () => {
  const { _id } = await world.say(world.alice, rid, 'hello');
  expect(await stored(_id)).not.toHaveProperty('translations');
  expect(asked()).toBe(0);
});

describe('what a member wants', () => {
  it('is kept with the membership and told', async () => {
    const socket = await world.listen(world.bob);
    expect(await save(world.bob, 'autoTranslate', true, { defaultLanguage: 'de' })).toMatchObject({
      status: 200,
      body: { success: true },
    });
    const told = { rid, autoTranslate: true, autoTranslateLanguage: 'de' };
    expect((await socket.subscriptions(rid)).at(-1)).toEqual(['updated', expect.objectContaining(told)]);
    expect(await world.subscription(world.bob, rid)).toMatchObject(told);
    await save(world.bob, 'autoTranslateLanguage', 'fr');
    // Chosen already.
    await save(world.bob, 'autoTranslate', true, { defaultLanguage: 'it' });
    expect(await world.subscription(world.bob, rid)).toMatchObject({ autoTranslateLanguage: 'fr' });
  });

  it('is refused in this order', async () => {
    const NOT_ALLOWED = coded('error-action-not-allowed', 'Auto-Translate is not allowed', {
      method: 'autoTranslate.saveSettings',
    });
    const other = (await world.channel())._id;
    const secret = (await world.group([world.bob], { extraData: { encrypted: true } }))._id;
    const method = 'saveAutoTranslateSettings';
    await world.withSettings({ AutoTranslate_Enabled: false }, async () => {
      expect((await save(world.bob, 'autoTranslate', 'yes')).body).toEqual(
        plain('AutoTranslate is disabled.'),
      );
    });
    await withPermission(world, 'auto-translate', ['admin'], async () => {
      expect((await save(world.bob, 'autoTranslate', 'yes')).body).toEqual(
        plain('The bodyParam "autoTranslate" must be a boolean.'),
      );
      for (const value of [true, '12', 'x'.repeat(50), '__proto__']) {
        expect((await save(world.bob, 'autoTranslateLanguage', value)).body).toEqual(
          plain('The bodyParam "autoTranslateLanguage" must be a string.'),
        );
      }
      expect(await save(world.bob, 'autoTranslate', true)).toMatchObject({ status: 400, body: NOT_ALLOWED });
    });
    expect((await save(world.bob, 'autoTranslate', true, { roomId: other })).body).toEqual(
      coded('error-invalid-subscription', 'Invalid subscription', { method }),
    );
    expect((await save(world.bob, 'autoTranslate', true, { roomId: secret })).body).toEqual(
      coded('error-e2e-enabled', 'Enabling auto-translation in E2E encrypted rooms is not allowed', {
        method,
      }),
    );
    expect(await save(world.bob, 'name', true)).toMatchObject({
      status: 400,
      body: { errorType: 'error-invalid-params' },
    });
  });

  it('ends when the room is encrypted', async () => {
    const roomId = (await world.group([world.bob]))._id;
    await save(world.bob, 'autoTranslate', true, { roomId });
    const socket = await world.listen(world.bob);
    await world.withSettings({ E2E_Enable: true }, async () => {
      await world.alice.post('groups.setEncrypted', { roomId, encrypted: true });
    });
    expect(await world.subscription(world.bob, roomId)).not.toHaveProperty('autoTranslate');
    const told = (await socket.subscriptions(roomId)).map(([, document]) => document.autoTranslate);
    expect(told).not.toContain(true);
    expect(told.length).toBeGreaterThan(0);
  });

  it('begins with the membership of whoever reads another language, where the workspace wants that', async () => {
    await world.carol.post('users.setPreferences', { data: { language: 'es' } });
    await world.withSettings({ AutoTranslate_AutoEnableOnJoinRoom: true }, async () => {
      const room = (await world.channel([world.bob]))._id;
      await world.carol.post('channels.join', { roomId: room });
      const wanted = { autoTranslate: true, autoTranslateLanguage: 'es' };
      expect(await world.subscription(world.carol, room)).toMatchObject(wanted);
      expect(await world.subscription(world.bob, room)).not.toHaveProperty('autoTranslate');
      const secret = (await world.group([world.carol], { extraData: { encrypted: true } }))._id;
      expect(await world.subscription(world.carol, secret)).not.toHaveProperty('autoTranslate');
    });
  });
});

describe('a message', () => {
  it('is translated after it was sent, and told anew', async () => {
    await save(world.carol, 'autoTranslate', true, { defaultLanguage: 'de' });
    const before = asked();
    const sent = await world.say(world.alice, rid, 'hello @bob\nsee https://a.example');
    expect(sent).not.toHaveProperty('translations');
    const isTranslated = ([message]: Frame[]) => message?._id === sent._id && message?.translations;
    const [again = {}] = await ear.event('room-messages', rid, isTranslated);
    const translations = {
      de: 'de: HELLO @bob\nde: SEE https://a.example',
      fr: 'fr: HELLO @bob\nfr: SEE https://a.example',
    };
    expect(again).toMatchObject({ translations, translationProvider: 'google-translate' });
    expect(again).not.toHaveProperty('editedAt');
    expect(await stored(sent._id)).toMatchObject({ msg: sent.msg, translations });
    expect((await world.room(rid)).lastMessage).toMatchObject({ translations });
    const requests = service.received(GOOGLE).slice(before);
    expect(requests).toHaveLength(2);
    expect(requests[0]).toMatchObject({
      method: 'POST',
      headers: { 'x-goog-api-key': 'google-key' },
      body: {
        format: 'html',
        q: [
          expect.stringMatching(/^hello <i class="notranslate" translate="no">0<\/i>$/),
          expect.any(String),
        ],
      },
    });
    expect(requests[0]?.text).not.toContain('a.example');
  });

  it('of the only one who wants it is not', async () => {
    await save(world.carol, 'autoTranslate', false);
    const before = asked();
    expect(await stored((await world.say(world.bob, rid, 'my own words'))._id)).not.toHaveProperty(
      'translations',
    );
    expect(asked()).toBe(before);
  });

  it('has its attachments translated, too', async () => {
    const attachments = [{ text: 'quoted', title: 'T' }, { image_url: 'https://a.example/b.png' }];
    const { body } = await world.alice.post('chat.postMessage', { roomId: rid, text: 'look', attachments });
    const message = await stored(body.message._id);
    expect(message.translations).toEqual({ fr: 'fr: LOOK' });
    expect(message.attachments).toMatchObject([{ text: 'quoted', translations: { fr: 'fr: QUOTED' } }, {}]);
    expect(message.attachments[1]).not.toHaveProperty('translations');
    // An edit of the text takes all of them away until they are made anew.
    service.answer(GOOGLE, respondJson({}, 403));
    await world.alice.post('chat.update', { roomId: rid, msgId: message._id, text: 'see' });
    const edited = await stored(message._id);
    expect(edited.msg).toBe('see');
    for (const key of ['translations', 'translationProvider']) expect(edited).not.toHaveProperty(key);
    expect(edited.attachments[0]).not.toHaveProperty('translations');
    service.answer(GOOGLE, google);
    await world.alice.post('chat.update', { roomId: rid, msgId: message._id, text: 'listen' });
    expect(await stored(message._id)).toMatchObject({ translations: { fr: 'fr: LISTEN' } });
  });

  it('that is edited while it is translated keeps no old translation', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      service.answer(GOOGLE, (request, out) => {
        release = () => google(request, out);
        resolve();
      });
    });
    const { _id } = await world.say(world.alice, rid, 'before');
    await held;
    service.answer(GOOGLE, google);
    await world.alice.post('chat.update', { roomId: rid, msgId: _id, text: 'after' });
    release();
    expect((await stored(_id)).translations).toEqual({ fr: 'fr: AFTER' });
  });

  it.each<[string, Respond]>([
    ['is refused', respondJson({ error: 'bad key' }, 403)],
    ['gets no JSON', (_, out) => void out.end('<html>')],
    ['gets other JSON', respondJson({ data: { translations: [{}] } })],
    ['gets fewer lines', respondJson({ data: { translations: [] } })],
    [
      'gets far too long a line',
      respondJson({ data: { translations: [{ translatedText: 'x'.repeat(100_000) }] } }),
    ],
    ['gets a huge body', (_, out) => void out.end('x'.repeat(3 * 1024 ** 2))],
    ['is sent elsewhere', (_, out) => void out.writeHead(302, { location: '/' }).end()],
  ])('stays as it is when the service is asked once and %s', async (_what, respond) => {
    service.answer(GOOGLE, respond);
    const before = asked();
    const { _id } = await world.say(world.alice, rid, 'some words');
    expect(await stored(_id)).not.toHaveProperty('translations');
    expect(asked()).toBe(before + 1);
  });

  it('is tried again when the service fails, is busy or hangs up', async () => {
    const first: Record<string, Respond> = {
      fails: respondJson({}, 503),
      busy: respondJson({}, 429),
      gone: (_, out) => void out.destroy(),
    };
    const times: string[] = [];
    service.answer(GOOGLE, (request, out) => {
      const [text] = request.body.q;
      const respond = times.includes(text) ? google : first[text];
      times.push(text);
      respond?.(request, out);
    });
    const sent = await Promise.all(Object.keys(first).map((text) => world.say(world.alice, rid, text)));
    for (const { _id, msg } of sent) {
      const isTranslated = ([message]: Frame[]) => message?._id === _id && message?.translations;
      const [again = {}] = await ear.event('room-messages', rid, isTranslated);
      expect(again.translations).toEqual({ fr: `fr: ${msg.toUpperCase()}` });
    }
    expect(times.sort()).toEqual(['busy', 'busy', 'fails', 'fails', 'gone', 'gone']);
  });

  it('is not held up by a service that hangs', async () => {
    const hanging: (() => void)[] = [];
    const asks = new Promise<void>((resolve) => {
      service.answer(GOOGLE, (request, out) => {
        hanging.push(() => google(request, out));
        resolve();
      });
    });
    const { _id } = await world.say(world.alice, rid, 'one');
    await asks;
    service.answer(GOOGLE, google);
    const { _id: next } = await world.say(world.alice, rid, 'two');
    const isTranslated = ([message]: Frame[]) => message?._id === next && message?.translations;
    await ear.event('room-messages', rid, isTranslated);
    for (const go of hanging) go();
    expect(await stored(_id)).toMatchObject({ translations: { fr: 'fr: ONE' } });
  });
});

describe('the other services', () => {
  const one = async (provider: string, path: string, respond: Respond) => {
    service.answer(path, respond);
    let message: Frame = {};
    await world.withSettings({ AutoTranslate_ServiceProvider: provider }, async () => {
      message = await stored((await world.say(world.alice, rid, 'a <b> word'))._id);
    });
    expect(message).toMatchObject({ translations: { fr: 'UN <MOT>' }, translationProvider: provider });
    return service.received(path)[0];
  };

  it('DeepL', async () => {
    expect(
      await one('deepl-translate', DEEPL, respondJson({ translations: [{ text: 'UN &lt;MOT&gt;' }] })),
    ).toMatchObject({
      headers: { authorization: 'DeepL-Auth-Key deepl-key' },
      body: { text: ['a &lt;b&gt; word'], target_lang: 'FR', tag_handling: 'html' },
    });
  });

  it('Microsoft', async () => {
    const answer = [{ translations: [{ text: 'UN &lt;MOT&gt;', to: 'fr' }] }];
    expect(await one('microsoft-translate', MICROSOFT, respondJson(answer))).toMatchObject({
      headers: { 'ocp-apim-subscription-key': 'microsoft-key' },
      body: [{ Text: 'a &lt;b&gt; word' }],
    });
  });
});

describe('a single message', () => {
  const ask = (person: Person, messageId: string, targetLanguage?: string) =>
    person.post('autotranslate.translateMessage', {
      messageId,
      ...(targetLanguage ? { targetLanguage } : {}),
    });

  it('is translated for whoever asks, into the wanted language', async () => {
    const { _id } = await world.say(world.bob, rid, 'hello');
    const { status, body } = await ask(world.carol, _id, 'pt-BR');
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { success: true, message: { _id, msg: 'hello' } },
    });
    expect(body.message).not.toHaveProperty('translations');
    expect((await stored(_id)).translations).toEqual({ 'pt-BR': 'pt-BR: HELLO' });
    const before = asked();
    await ask(world.carol, _id, 'pt-BR');
    await stored(_id);
    expect(asked()).toBe(before);
  });

  it('is refused in this order', async () => {
    const { _id } = await world.say(world.alice, (await world.group())._id, 'private');
    await world.withSettings({ AutoTranslate_Enabled: false }, async () => {
      expect((await ask(world.bob, 'none')).body).toEqual(plain('AutoTranslate is disabled.'));
    });
    expect(await ask(world.bob, 'none')).toMatchObject({ status: 400, body: plain('Message not found.') });
    expect(await ask(world.bob, _id)).toMatchObject({ status: 403, body: plain('unauthorized') });
    const own = (await world.say(world.alice, rid, '12'))._id;
    for (const [id, language] of [
      [own, 'de'],
      [_id, 'no language'],
    ] as const) {
      expect(await ask(world.alice, id, language)).toMatchObject({
        status: 400,
        body: plain('Failed to translate message.'),
      });
    }
    await world.withSettings({ AutoTranslate_GoogleAPIKey: '' }, async () => {
      expect((await ask(world.alice, _id)).body).toEqual(plain('Failed to translate message.'));
    });
  });
});

describe('the languages', () => {
  const languages = (targetLanguage: string) =>
    world.bob.get('autotranslate.getSupportedLanguages', { targetLanguage });

  it.each([
    [
      'google-translate',
      '/language/translate/v2/languages',
      {
        data: {
          languages: [
            { language: 'de', name: 'Allemand' },
            { language: '<x>', name: 'no' },
          ],
        },
      },
      [{ language: 'de', name: 'Allemand' }],
    ],
    [
      'deepl-translate',
      '/v2/languages',
      [{ language: 'DE', name: 'German', supports_formality: true }],
      [{ language: 'de', name: 'German', supports_formality: true }],
    ],
    [
      'microsoft-translate',
      '/languages',
      { translation: { de: { name: 'Allemand', nativeName: 'Deutsch' } } },
      [{ language: 'de', name: 'Allemand' }],
    ],
  ])('of %s', async (provider, path, answer, expected) => {
    service.answer(path, respondJson(answer));
    await world.withSettings({ AutoTranslate_ServiceProvider: provider }, async () => {
      expect(await languages('fr')).toMatchObject({
        status: 200,
        body: { languages: expected, success: true },
      });
    });
  });

  it('are refused in this order', async () => {
    await world.withSettings({ AutoTranslate_Enabled: false }, async () => {
      expect((await languages('fr')).body).toEqual(plain('AutoTranslate is disabled.'));
    });
    await withPermission(world, 'auto-translate', ['admin'], async () => {
      expect((await languages('fr')).body).toEqual(
        coded('error-action-not-allowed', 'Auto-Translate is not allowed', {
          method: 'autoTranslate.getSupportedLanguages',
        }),
      );
    });
    service.answer('/language/translate/v2/languages', respondJson({}, 500));
    for (const target of ['fr', 'no language'])
      expect((await languages(target)).body).toEqual(plain('Failed to get the supported languages.'));
    expect((await world.bob.get('autotranslate.getSupportedLanguages')).body.errorType).toBe(
      'error-invalid-params',
    );
  });
});

it('the methods do the same', async () => {
  const socket = await world.bob.ddp();
  expect(await socket.call('autoTranslate.saveSettings', rid, 'autoTranslate', '0', null)).toBe(true);
  expect(await world.subscription(world.bob, rid)).toMatchObject({ autoTranslate: false });
  expect(await socket.call('autoTranslate.saveSettings', rid, 'autoTranslateLanguage', 'nl')).toBe(true);
  expect(await socket.call('autoTranslate.saveSettings', rid, 'autoTranslate', '1')).toBe(true);
  expect(await world.subscription(world.bob, rid)).toMatchObject({
    autoTranslate: true,
    autoTranslateLanguage: 'nl',
  });
  await expect(socket.call('autoTranslate.saveSettings', rid, 'name', '1')).rejects.toThrow('Match failed');
  service.answer(
    '/language/translate/v2/languages',
    respondJson({ data: { languages: [{ language: 'de' }] } }),
  );
  expect(await socket.call('autoTranslate.getSupportedLanguages', 'fr')).toEqual([
    { language: 'de', name: 'de' },
  ]);
  expect((await socket.call('autoTranslate.getProviderUiMetadata')).map(({ name }: Frame) => name)).toEqual([
    'google-translate',
    'deepl-translate',
    'microsoft-translate',
  ]);
  const { _id } = await world.say(world.bob, rid, 'words');
  expect(await socket.call('autoTranslate.translateMessage', { _id }, 'it')).toBe(true);
  expect((await stored(_id)).translations).toEqual({ it: 'it: WORDS' });
});
