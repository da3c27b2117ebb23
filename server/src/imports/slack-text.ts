/** Emoji that are called otherwise there (spec 32 B.1). */
const EMOJI: Readonly<Record<string, string>> = {
  ':simple_smile:': ':smile:',
  ':memo:': ':pencil:',
  ':piggy:': ':pig:',
  ':uk:': ':gb:',
};

/**
 * A text of Slack as one of ours (spec 32 B.1, "text conversion"). People stay the ids that they have there. Nothing between
 * angle brackets holds another one, so that every character is looked at a bounded number of times.
 */
export function slackText(text: string, nameOfRoom: (id: string) => string | undefined): string {
  return text
    .replace(/<!(everyone|channel|here)(?:\|[^<>]*)?>/g, (_, word: string) =>
      word === 'here' ? '@here' : '@all',
    )
    .replaceAll('&gt;', '>')
    .replaceAll('&lt;', '<')
    .replaceAll('&amp;', '&')
    .replace(/:(?:simple_smile|memo|piggy|uk):/g, (name) => EMOJI[name] ?? name)
    .replace(/<(https?:[^<>|]*)(?:\|([^<>]*))?>/g, (_, url: string, label?: string) =>
      label ? `[${label}](${url})` : url,
    )
    .replace(/<mailto:([^<>|]*)(?:\|([^<>]*))?>/g, (_, address: string, label?: string) => label || address)
    .replace(
      /<#([A-Z0-9]+)(?:\|([^<>]*))?>/g,
      (_, id: string, name?: string) => `#${name || nameOfRoom(id) || id}`,
    )
    .replace(/<@([A-Z0-9]+)(?:\|[^<>]*)?>/g, '@$1')
    .replace(/<!(?:subteam|date)\^[^<>|]*\|([^<>]*)>/g, '$1');
}

/** The name of a reaction; tones of skin have names of their own here. */
export const slackReaction = (name: string): string =>
  name.replace(/::skin-tone-([2-6])$/, (_, tone: string) => `_tone${Number(tone) - 1}`);
