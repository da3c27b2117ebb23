import { camelCase } from './page-facts.ts';

/** Sites that describe their pages to others at an address of their own (spec 30 §4.9, https://oembed.com). */

interface Provider {
  page: RegExp;
  endpoint: string;
}

const PROVIDERS: readonly Provider[] = [
  {
    page: /^https?:\/\/soundcloud\.com\/\S+/,
    endpoint: 'https://soundcloud.com/oembed?format=json&maxheight=150',
  },
  { page: /^https?:\/\/vimeo\.com\/\S+/, endpoint: 'https://vimeo.com/api/oembed.json?maxheight=200' },
  { page: /^https?:\/\/www\.youtube\.com\/\S+/, endpoint: 'https://www.youtube.com/oembed?maxheight=200' },
  { page: /^https?:\/\/youtu\.be\/\S+/, endpoint: 'https://www.youtube.com/oembed?maxheight=200' },
  {
    page: /^https?:\/\/www\.slideshare\.net\/\S+/,
    endpoint: 'https://www.slideshare.net/api/oembed/2?format=json&maxheight=200',
  },
  {
    page: /^https?:\/\/www\.dailymotion\.com\/\S+/,
    endpoint: 'https://www.dailymotion.com/services/oembed?maxheight=200',
  },
  {
    page: /^https?:\/\/(?:twitter|x)\.com\/\w+\/status\/\d+/,
    endpoint: 'https://publish.twitter.com/oembed?maxheight=200',
  },
  { page: /^https?:\/\/open\.spotify\.com\/\S+/, endpoint: 'https://open.spotify.com/oembed?maxheight=200' },
  {
    page: /^https?:\/\/www\.loom\.com\/share\/\S+/,
    endpoint: 'https://www.loom.com/v1/oembed?maxheight=200',
  },
];

/** Where the provider of a page describes it; undefined for pages of everybody else. */
export function oembedAddress(url: string): string | undefined {
  const provider = PROVIDERS.find(({ page }) => page.test(url));
  return provider && `${provider.endpoint}&url=${encodeURIComponent(url)}`;
}

const MAX_MEMBERS = 30;
const MAX_TEXT = 1000;
const MAX_HTML = 5000;

/** Each text of the provider's answer as `oembed...`. Undefined when it is no such answer. */
export function oembedFacts(text: string, url: string): Record<string, string> | undefined {
  const answer = parsed(text);
  if (!answer) return undefined;
  const facts = new Map<string, string>();
  for (const [name, value] of Object.entries(answer).slice(0, MAX_MEMBERS)) {
    if (typeof value !== 'string' || value === '' || !/^\w{1,60}$/.test(name)) continue;
    const key = camelCase(`oembed_${name}`);
    // Half of an embedding would be worse than none.
    if (key !== 'oembedHtml') facts.set(key, value.slice(0, MAX_TEXT));
    else if (value.length <= MAX_HTML) facts.set(key, bounded(value));
  }
  facts.set('oembedUrl', url);
  return Object.fromEntries(facts);
}

const bounded = (html: string): string =>
  html.replace('iframe', 'iframe style="max-width: 100%;width:400px;height:225px"');

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
