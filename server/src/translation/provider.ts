/** What is known of a translation service: how it is asked, and how its answers are read (spec 31 §5). */
export interface TranslationProvider {
  /** The value of `AutoTranslate_ServiceProvider`, and `translationProvider` of the messages it has translated. */
  id: string;
  displayName: string;
  /** The setting that holds the workspace's key. */
  keySetting: string;
  /** So many lines go into one request. */
  maxLines: number;
  origin(key: string): string;
  headers(key: string): Record<string, string>;
  /** Asks which languages there are, with their names in the language `target` where the service knows them. */
  languages(target: string): ProviderRequest<Language[]>;
  /** Lines are HTML, in which elements with `translate="no"` stay as they are. */
  translate(lines: readonly string[], target: string): ProviderRequest<string[]>;
}

export interface ProviderRequest<T> {
  path: string;
  headers?: Record<string, string>;
  /** Posted as JSON; without it the request is a GET. */
  body?: unknown;
  /** Undefined when the answer is none that makes sense. */
  read(answer: unknown): T | undefined;
}

export interface Language {
  language: string;
  name: string;
  supports_formality?: boolean;
}

/** A member of somebody else's JSON, however deep; undefined where there is none. */
export function memberOf(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found = value;
  for (const name of path) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined;
    found = (found as Record<string | number, unknown>)[name];
  }
  return found;
}

/** One text of each item of a list; undefined when one of them has none. */
export function textsOf(list: unknown, ...path: readonly (string | number)[]): string[] | undefined {
  if (!Array.isArray(list)) return undefined;
  const texts = list.map((item) => memberOf(item, ...path));
  return texts.every((text) => typeof text === 'string') ? texts : undefined;
}
