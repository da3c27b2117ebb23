import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import type { Caller } from '../kernel/caller.ts';
import { forbid, refuse } from '../kernel/errors.ts';
import { isLanguage } from '../kernel/language.ts';
import { findMessage } from '../messages/find-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { presentMessage } from '../messages/present-messages.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { refuseTranslation, refuseWhereDisabled } from '../rooms/auto-translate.ts';
import { getRoom } from '../rooms/get-room.ts';
import { askProvider, chosenProvider, TranslationFailure } from './ask-provider.ts';
import { textsToTranslate } from './message-texts.ts';
import type { Language } from './provider.ts';
import { PROVIDERS } from './providers.ts';
import './translation-job.ts';

/** What clients ask of the translation service themselves (spec 31 §5). */

const FAILED = 'Failed to translate message.';

/**
 * Has a message translated into one language, or into those that the room wants. The answer is the message as it is now;
 * the translation comes with the message some time later.
 *
 * @throws plain refusals, forbidden
 */
export async function requestTranslation(
  ctx: Context,
  caller: Caller,
  { messageId, language }: { messageId: string; language: string | undefined },
): Promise<WireMessage> {
  refuseWhereDisabled(ctx);
  const message = (await findMessage(ctx, messageId)) ?? refuse('Message not found.');
  const room = await getRoom(ctx, message.rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) forbid();
  const isPossible = chosenProvider(ctx) && !room.details.encrypted && textsToTranslate(message).length > 0;
  if (!isPossible || (language !== undefined && !isLanguage(language))) refuse(FAILED);
  await ctx.write((tx, emit) =>
    enqueue(
      ctx,
      { tx, emit },
      {
        kind: 'messages.translate',
        payload: { messageId, ...(language === undefined ? {} : { language }) },
        // Whoever asks again while it is under way does not cause a second one.
        key: `${messageId} ${language ?? ''}`,
      },
    ),
  );
  return presentMessage(ctx, caller, message);
}

/** @throws error-action-not-allowed, plain refusals */
export async function supportedLanguages(ctx: Context, caller: Caller, target: string): Promise<Language[]> {
  refuseWhereDisabled(ctx);
  refuseTranslation(ctx, caller, 'autoTranslate.getSupportedLanguages');
  const provider = chosenProvider(ctx);
  if (!provider || !isLanguage(target)) refuse(NO_LANGUAGES);
  try {
    return await askProvider(ctx, provider, provider.languages(target));
  } catch (error) {
    if (!(error instanceof TranslationFailure)) throw error;
    ctx.log.warn({ err: error }, 'the languages of the translation service are not known');
    refuse(NO_LANGUAGES);
  }
}

const NO_LANGUAGES = 'Failed to get the supported languages.';

/** What the administration offers to choose from. */
export const providerNames = (): { name: string; displayName: string }[] =>
  PROVIDERS.map(({ id, displayName }) => ({ name: id, displayName }));
