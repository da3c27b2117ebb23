/**
 * A list in an answer whose members are JSON text already, such as stored documents: the REST door writes them as they
 * are. Only for text that this server wrote.
 */
export class JsonTexts {
  readonly texts: readonly string[];

  constructor(texts: readonly string[]) {
    this.texts = texts;
  }
}

/** The JSON text of an object, with the lists of texts among its members spliced in; undefined members are left out. */
export function jsonObject(payload: object): string {
  const lists = Object.entries(payload).filter(([, value]) => value instanceof JsonTexts);
  if (lists.length === 0) return JSON.stringify(payload);
  const parts: string[] = [];
  for (const [key, value] of Object.entries(payload)) {
    const text: string | undefined =
      value instanceof JsonTexts ? `[${value.texts.join(',')}]` : JSON.stringify(value);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}
