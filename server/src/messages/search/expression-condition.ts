import { fail } from '../../kernel/errors.ts';
import type { TextCondition } from './text-condition.ts';

/**
 * Regular expressions of searchers. They run in RE2's way, in time linear in the length of the text whatever the expression is; what
 * it cannot do (looking around, references back) is refused. The engine is loaded with the first search that needs it.
 */

/** Instructions that an expression may become: what a step through a text costs at most. */
const MAX_PROGRAM = 1000;
const EXPRESSION = /^\/(.+)\/([a-z]*)$/s;
/** Those that change nothing about whether a text matches. */
const WITHOUT_EFFECT = 'guy';

/**
 * A `/regular expression/flags`, or any text where everything is one (`Message_AlwaysSearchRegExp`); undefined for words.
 *
 * @throws error-invalid-regular-expression
 */
export async function expressionCondition(
  text: string,
  { always }: { always: boolean },
): Promise<TextCondition | undefined> {
  const [, source, flags = ''] = EXPRESSION.exec(text) ?? [];
  if (source === undefined && !always) return undefined;
  try {
    return source === undefined ? await compiled(text, 'i') : await compiled(source, flags);
  } catch (error) {
    // Where everything is an expression, people type words all the same.
    if (source === undefined) return literally(text);
    const reason = error instanceof Error ? error.message : String(error);
    fail('error-invalid-regular-expression', `Invalid regular expression: ${reason}`);
  }
}

async function compiled(source: string, flags: string): Promise<TextCondition> {
  const { RE2JS } = await import('re2js');
  const bits: Readonly<Record<string, number>> = {
    i: RE2JS.CASE_INSENSITIVE,
    m: RE2JS.MULTILINE,
    s: RE2JS.DOTALL,
  };
  let mode = 0;
  for (const flag of flags) {
    const bit = bits[flag];
    if (bit === undefined && !WITHOUT_EFFECT.includes(flag)) throw new Error(`the flag ${flag} is not known`);
    mode |= bit ?? 0;
  }
  const expression = RE2JS.compile(source, mode);
  if (expression.programSize() > MAX_PROGRAM) throw new Error('it is too large');
  return { candidates: 'any', matches: (message) => expression.test(message) };
}

function literally(text: string): TextCondition {
  const part = text.toLowerCase();
  return { candidates: 'any', matches: (message) => message.toLowerCase().includes(part) };
}
