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
    let members = '';
    for (const text of texts) members += members === '' ? text : `,${text}`;
    return new RawJson(`[${members}]`);
  }

  /** An object that may have such members itself. */
  static object(members: object): RawJson {
    return new RawJson(jsonObject(members));
  }
}

/**
 * The JSON text of an object, with its raw members spliced in; undefined members are left out. `last` is the text of a further
 * member. Texts are added up and never cut: a list of ten thousand names is then put together once, when it is sent.
 */
export function jsonObject(payload: object, last = ''): string {
  if (!Object.values(payload).some((value) => value instanceof RawJson)) {
    const text = JSON.stringify(payload);
    if (last === '') return text;
    return text === '{}' ? `{${last}}` : `${text.slice(0, -1)},${last}}`;
  }
  let members = '';
  for (const [key, value] of Object.entries(payload)) {
    const text: string | undefined = value instanceof RawJson ? value.text : JSON.stringify(value);
    if (text !== undefined) members += `${members === '' ? '' : ','}${JSON.stringify(key)}:${text}`;
  }
  if (last !== '') members += `${members === '' ? '' : ','}${last}`;
  return `{${members}}`;
}
