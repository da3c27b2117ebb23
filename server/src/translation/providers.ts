import { isLanguage } from '../kernel/language.ts';
import { type Language, memberOf, type TranslationProvider, textsOf } from './provider.ts';

/** Languages whose codes cannot be codes are left out: they would be refused wherever they are chosen. */
const known = (languages: readonly Language[]): Language[] =>
  languages.filter(({ language }) => isLanguage(language));

const google: TranslationProvider = {
  id: 'google-translate',
  displayName: 'Google',
  keySetting: 'AutoTranslate_GoogleAPIKey',
  maxLines: 100,
  origin: () => 'https://translation.googleapis.com',
  // In the address, where Google takes it too, it would be seen by whatever logs addresses on the way.
  headers: (key) => ({ 'x-goog-api-key': key }),
  languages: (target) => ({
    path: `/language/translate/v2/languages?target=${encodeURIComponent(target)}`,
    read(answer) {
      const list = memberOf(answer, 'data', 'languages');
      const codes = textsOf(list, 'language');
      const names = textsOf(list, 'name');
      return codes && known(codes.map((language, n) => ({ language, name: names?.[n] ?? language })));
    },
  }),
  translate: (lines, target) => ({
    path: '/language/translate/v2',
    body: { q: lines, target, format: 'html' },
    read: (answer) => textsOf(memberOf(answer, 'data', 'translations'), 'translatedText'),
  }),
};

const deepl: TranslationProvider = {
  id: 'deepl-translate',
  displayName: 'DeepL',
  keySetting: 'AutoTranslate_DeepLAPIKey',
  maxLines: 50,
  // Keys of the free offer say so themselves.
  origin: (key) => (key.endsWith(':fx') ? 'https://api-free.deepl.com' : 'https://api.deepl.com'),
  headers: (key) => ({ authorization: `DeepL-Auth-Key ${key}` }),
  languages: () => ({
    path: '/v2/languages?type=target',
    read(answer) {
      const codes = textsOf(answer, 'language');
      const names = textsOf(answer, 'name');
      return (
        codes &&
        known(
          codes.map((code, n) => ({
            language: code.toLowerCase(),
            name: names?.[n] ?? code,
            supports_formality: memberOf(answer, n, 'supports_formality') === true,
          })),
        )
      );
    },
  }),
  translate: (lines, target) => ({
    path: '/v2/translate',
    body: { text: lines, target_lang: target.toUpperCase(), tag_handling: 'html' },
    read: (answer) => textsOf(memberOf(answer, 'translations'), 'text'),
  }),
};

const microsoft: TranslationProvider = {
  id: 'microsoft-translate',
  displayName: 'Microsoft',
  keySetting: 'AutoTranslate_MicrosoftAPIKey',
  maxLines: 100,
  origin: () => 'https://api.cognitive.microsofttranslator.com',
  headers: (key) => ({ 'ocp-apim-subscription-key': key }),
  languages: (target) => ({
    path: '/languages?api-version=3.0&scope=translation',
    headers: { 'accept-language': target },
    read(answer) {
      const byCode = memberOf(answer, 'translation');
      if (typeof byCode !== 'object' || byCode === null) return undefined;
      const codes = Object.keys(byCode);
      const names = textsOf(Object.values(byCode), 'name');
      return known(codes.map((language, n) => ({ language, name: names?.[n] ?? language })));
    },
  }),
  translate: (lines, target) => ({
    path: `/translate?api-version=3.0&textType=html&to=${encodeURIComponent(target)}`,
    body: lines.map((line) => ({ Text: line })),
    read: (answer) => textsOf(answer, 'translations', 0, 'text'),
  }),
};

export const PROVIDERS: readonly TranslationProvider[] = [google, deepl, microsoft];
