/**
 * A member of an answer that is JSON text already, such as a list of stored documents: the REST door writes it as it is.
 * Only for text that this server wrote.
 */
export class RawJson {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** A list whose members (or runs of members, separated by commas) are these texts. */
  static list(texts: readonly string[]): RawJson {
    return new RawJson(`[${texts.join(',')}]`);
  }

  /** An object that may have such members itself. */
  static object(members: object): RawJson {
    return new RawJson(jsonObject(members));
  }
}

/** The JSON text of an object, with its raw members spliced in; undefined members are left out. */
export function jsonObject(payload: object): string {
  if (!Object.values(payload).some((value) => value instanceof RawJson)) return JSON.stringify(payload);
  const parts: string[] = [];
  for (const [key, value] of Object.entries(payload)) {
    const text: string | undefined = value instanceof RawJson ? value.text : JSON.stringify(value);
    if (text !== undefined) parts.push(`${JSON.stringify(key)}:${text}`);
  }
  return `{${parts.join(',')}}`;
}
