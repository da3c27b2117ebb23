import { commaList } from '../kernel/comma-list.ts';
import { fail } from '../kernel/errors.ts';

/** How emoji may be called (spec 23, "Custom emoji"). */

const NOT_IN_NAMES = /[\s,:><&"'/\\()]/;
const MAX_NAME = 64;
const MAX_ALIASES = 50;

/**
 * The name and the aliases (separated by commas) as they are stored: without colons, in lower case, other signs as `_`. An
 * alias that is the name is left out.
 *
 * @throws error-the-field-is-required, error-input-is-not-a-valid-field
 */
export function readEmojiNames(
  given: { name: string; aliases: string },
  method: string,
): { name: string; aliases: string[] } {
  const plain = withoutColons(given.name).trim();
  if (plain === '') {
    fail('error-the-field-is-required', 'The field Name is required', { method, field: 'Name' });
  }
  const refuse = (input: string, what: string, field: string): never =>
    fail('error-input-is-not-a-valid-field', `${input} is not a valid ${what}`, { method, input, field });
  const isBad = (text: string) => NOT_IN_NAMES.test(text) || text.length > MAX_NAME;
  if (isBad(plain)) refuse(plain, 'name', 'Name');
  const list = commaList(withoutColons(given.aliases));
  if (list.length > MAX_ALIASES || list.some(isBad)) refuse(given.aliases, 'alias set', 'Alias_Set');
  const name = slug(plain);
  const aliases = [...new Set(list.map(slug))].filter((alias) => alias !== name);
  return { name, aliases };
}

const withoutColons = (text: string): string => text.replaceAll(':', '');

/** What a shortcode may consist of; letters of every script stay. */
const slug = (text: string): string => text.toLowerCase().replace(/[^\p{L}\p{N}_+-]+/gu, '_');
