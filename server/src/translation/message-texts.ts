import type { Attachment, WireMessage } from '../messages/message.ts';

/** What of a message is translated, and where it goes: texts of people, in the order of the message. */

/** Beyond what anybody reads; a service charges by the character. */
const MAX_LENGTH = 20_000;

/** Empty for what people did not write and what the server cannot read. */
export function textsToTranslate(message: WireMessage): string[] {
  if (message.t !== undefined) return [];
  const texts = [message.msg, ...(message.attachments ?? []).map(textOfAttachment)];
  const isWorthIt = texts.some((text) => /\p{L}/u.test(text));
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  return isWorthIt && length <= MAX_LENGTH ? texts : [];
}

function textOfAttachment({ description, text }: Attachment): string {
  if (typeof description === 'string' && description !== '') return description;
  return typeof text === 'string' ? text : '';
}

interface Translated {
  /** The message that was translated. */
  of: WireMessage;
  provider: string;
  /** By language, the texts of the message. */
  translations: ReadonlyMap<string, readonly string[]>;
}

/** Undefined when it says something else meanwhile: an edit is translated by itself. */
export function withTranslations(
  current: WireMessage,
  { of, provider, translations }: Translated,
): WireMessage | undefined {
  if (JSON.stringify(textsToTranslate(current)) !== JSON.stringify(textsToTranslate(of))) return undefined;
  const added = (known: unknown, index: number): Record<string, string> => {
    const all = typeof known === 'object' && known !== null ? { ...(known as Record<string, string>) } : {};
    for (const [language, texts] of translations) all[language] = texts[index] ?? '';
    return all;
  };
  const attachments = current.attachments?.map((attachment, index) =>
    textOfAttachment(attachment) === ''
      ? attachment
      : { ...attachment, translations: added(attachment.translations, index + 1) },
  );
  return {
    ...current,
    ...(attachments ? { attachments } : {}),
    translations: added(current.translations, 0),
    translationProvider: provider,
  };
}
