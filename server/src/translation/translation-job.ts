import type { Context } from '../context.ts';
import { enqueue } from '../jobs/enqueue.ts';
import { jobHandler } from '../jobs/job.ts';
import { isLanguage } from '../kernel/language.ts';
import { changeMessage } from '../messages/change-message.ts';
import { findMessage } from '../messages/find-message.ts';
import type { WireMessage } from '../messages/message.ts';
import { isHugeDocument } from '../messages/store-message.ts';
import { languagesWanted } from '../rooms/auto-translate.ts';
import { getRoom } from '../rooms/get-room.ts';
import type { CommitHooks } from '../storage/write.ts';
import { chosenProvider, TranslationFailure } from './ask-provider.ts';
import { textsToTranslate, withTranslations } from './message-texts.ts';
import type { TranslationProvider } from './provider.ts';
import { translateTexts } from './translate-texts.ts';
import type { TranslationTable } from './translation-table.ts';

/** Messages are translated some time after they are sent, and told anew then (spec 31 §5). */
export interface TranslationJob {
  messageId: string;
  /** Absent: into whatever the others in the room want. */
  language?: string;
}

declare module '../jobs/job.ts' {
  interface JobPayloads {
    'messages.translate': TranslationJob;
  }
}

const TOO_LATE_MS = 60 * 60_000;
/** Of one message at a time. */
const LANGUAGES_AT_ONCE = 5;

/** New and edited messages of rooms where somebody wants it. Asks memory first: elsewhere it costs nothing. */
export function translateLater(ctx: Context, hooks: CommitHooks, table: TranslationTable): void {
  hooks.on('message.saved', ({ message, isNew, edited }, scope) => {
    if (!(isNew || edited) || !table.isWanted(message.rid, message.u._id)) return undefined;
    if (!ctx.settings.bool('AutoTranslate_Enabled') || textsToTranslate(message).length === 0)
      return undefined;
    return enqueue(ctx, scope, { kind: 'messages.translate', payload: { messageId: message._id } });
  });
}

export const translationJob = jobHandler({
  kind: 'messages.translate',
  concurrency: 4,
  attempts: 3,
  timeoutMs: 120_000,
  async run(ctx, job) {
    const message = await findMessage(ctx, job.payload.messageId);
    const room = message && (await getRoom(ctx, message.rid));
    const provider = chosenProvider(ctx);
    if (!room || room.details.encrypted || !provider || !ctx.settings.bool('AutoTranslate_Enabled')) return;
    const wanted = (await languagesFor(ctx, job.payload, message)).filter(
      (language) => isLanguage(language) && message.translations?.[language] === undefined,
    );
    const failures: TranslationFailure[] = [];
    for (let start = 0; start < wanted.length; start += LANGUAGES_AT_ONCE) {
      const languages = wanted.slice(start, start + LANGUAGES_AT_ONCE);
      const translations = await translated(ctx, provider, message, {
        languages,
        failures,
        signal: job.signal,
      });
      if (translations.size === 0) continue;
      await changeMessage(ctx, room, message._id, (current) => {
        const changed = withTranslations(current, { of: message, provider: provider.id, translations });
        return changed && !isHugeDocument(changed) ? { message: changed } : undefined;
      });
    }
    // What was translated is stored, so another run asks for the rest only.
    const passing = failures.find(({ passes }) => passes);
    if (passing) throw passing;
    const [failure] = failures;
    if (failure) ctx.log.warn({ err: failure, message: message._id }, 'a message was not translated');
  },
});

/** After a long breakdown of the service nobody waits for what was said hours ago; who does can ask for it. */
async function languagesFor(
  ctx: Context,
  { language }: TranslationJob,
  message: WireMessage,
): Promise<string[]> {
  if (language !== undefined) return [language];
  const saidAt = (message.editedAt ?? message.ts).getTime();
  return saidAt < ctx.clock.now() - TOO_LATE_MS ? [] : languagesWanted(ctx, message.rid, message.u._id);
}

interface Wanted {
  languages: readonly string[];
  failures: TranslationFailure[];
  signal: AbortSignal;
}

/** The texts of the message by language. A language that cannot be had does not hold up the others. */
async function translated(
  ctx: Context,
  provider: TranslationProvider,
  message: WireMessage,
  { languages, failures, signal }: Wanted,
): Promise<Map<string, readonly string[]>> {
  const texts = textsToTranslate(message);
  const found = new Map<string, readonly string[]>();
  const translate = async (language: string) => {
    try {
      found.set(language, await translateTexts(ctx, provider, texts, language, signal));
    } catch (error) {
      if (!(error instanceof TranslationFailure)) throw error;
      failures.push(error);
    }
  };
  await Promise.all(languages.map(translate));
  return found;
}
