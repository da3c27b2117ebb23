import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { scalar, strict, textOf } from '../rest/schemas.ts';
import { saveAutoTranslate } from '../rooms/auto-translate.ts';
import { requestTranslation, supportedLanguages } from './translate-message.ts';

const language = Type.String({ maxLength: 100 });

/** Automatic translation over REST (spec 31 §5). */
export const translationEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'autotranslate.getSupportedLanguages',
    summary: 'The languages into which the translation service translates.',
    auth: 'user',
    query: strict({ targetLanguage: language }),
    async handler(ctx, { caller, query }) {
      return { languages: await supportedLanguages(ctx, caller, query.targetLanguage) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'autotranslate.saveSettings',
    summary: 'Switches the translation of a room on or off for the caller, or chooses the language.',
    auth: 'user',
    body: strict({
      roomId: Type.String(),
      field: textOf('autoTranslate', 'autoTranslateLanguage'),
      value: scalar('boolean', 'string', 'number', 'null'),
      defaultLanguage: Type.Optional(language),
    }),
    async handler(ctx, { caller, body }) {
      await saveAutoTranslate(ctx, caller, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'autotranslate.translateMessage',
    summary: 'Has a message translated; the translation comes with the message some time later.',
    auth: 'user',
    body: strict({ messageId: Type.String(), targetLanguage: Type.Optional(language) }),
    async handler(ctx, { caller, body }) {
      const { messageId, targetLanguage } = body;
      return { message: await requestTranslation(ctx, caller, { messageId, language: targetLanguage }) };
    },
  }),
];
