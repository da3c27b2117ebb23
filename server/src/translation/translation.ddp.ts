import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { matchFailed, objectParam, optionalObject, optionalText, textParam } from '../realtime/params.ts';
import { saveAutoTranslate } from '../rooms/auto-translate.ts';
import { providerNames, requestTranslation, supportedLanguages } from './translate-message.ts';

/** Automatic translation over DDP (spec 40 §10). */
export const translationMethods: DdpMethod[] = [
  userMethod('autoTranslate.getSupportedLanguages', (ctx, { caller, params }) =>
    supportedLanguages(ctx, caller, textParam(params[0])),
  ),
  userMethod('autoTranslate.getProviderUiMetadata', () => providerNames()),
  userMethod('autoTranslate.saveSettings', async (ctx, { caller, params }) => {
    const [roomId, field, value] = [textParam(params[0]), textParam(params[1]), textParam(params[2])];
    if (field !== 'autoTranslate' && field !== 'autoTranslateLanguage') matchFailed();
    await saveAutoTranslate(ctx, caller, {
      ...{ roomId, field, value: field === 'autoTranslate' ? value === '1' : value },
      defaultLanguage: optionalText(optionalObject(params[3])?.defaultLanguage),
    });
    return true;
  }),
  userMethod('autoTranslate.translateMessage', async (ctx, { caller, params }) => {
    const messageId = textParam(objectParam(params[0])._id);
    await requestTranslation(ctx, caller, { messageId, language: optionalText(params[1]) });
    return true;
  }),
];
