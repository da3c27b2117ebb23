import type { Context } from '../context.ts';
import { askProvider, TranslationFailure } from './ask-provider.ts';
import type { TranslationProvider } from './provider.ts';
import { type Line, linesOf } from './untranslated.ts';

/** Translates texts into one language; what is no language stays as it is. @throws TranslationFailure */
export async function translateTexts(
  ctx: Context,
  provider: TranslationProvider,
  texts: readonly string[],
  target: string,
  signal: AbortSignal,
): Promise<string[]> {
  const byText = texts.map(linesOf);
  const translated = new Map<Line, string>();
  const wanted = byText.flat().filter((line) => line.html !== undefined);
  for (let start = 0; start < wanted.length; start += provider.maxLines) {
    const lines = wanted.slice(start, start + provider.maxLines);
    const sent = lines.map(({ html = '' }) => html);
    const answers = await askProvider(ctx, provider, provider.translate(sent, target), signal);
    lines.forEach((line, n) => void translated.set(line, line.restored(checked(provider, answers[n], line))));
  }
  return byText.map((lines) => lines.map((line) => translated.get(line) ?? line.original).join('\n'));
}

/** A translation is about as long as what it translates. */
function checked(provider: TranslationProvider, answer: string | undefined, { html = '' }: Line): string {
  if (answer !== undefined && answer.length <= 10 * html.length + 1000) return answer;
  throw new TranslationFailure(`${provider.id} answered with other lines than it was given`, false);
}
