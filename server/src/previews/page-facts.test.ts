import { describe, expect, it } from 'vitest';
import { oembedAddress, oembedFacts } from './oembed-providers.ts';
import { factsOfPage } from './page-facts.ts';
import { previewedUrls } from './preview-job.ts';

const settings = (values: Record<string, unknown>) =>
  ({
    settings: { bool: (id: string) => values[id] !== false, text: (id: string) => values[id] ?? '' },
  }) as never;

describe('the facts of a page', () => {
  it.each<[string, string, object]>([
    ['a title', '<title>\n  Ours &amp; yours </title>', { pageTitle: 'Ours & yours' }],
    [
      'meta tags by name and property, the first of each',
      `<META NAME=description CONTENT="So it is"><meta content='Ours' property="og:site_name"/><meta property="og:site_name" content="x">`,
      { description: 'So it is', ogSiteName: 'Ours' },
    ],
    [
      'names in camel case',
      '<meta name="msapplication-TileImage" content="a.png"><meta name="twitter:image:src" content="b.png">',
      { msapplicationTileImage: 'a.png', twitterImageSrc: 'b.png' },
    ],
    [
      'only what clients show, and what is not blank',
      '<meta name="viewport" content="x"><meta name="og:title" content="  "><meta name="og:url" content="u">',
      { ogUrl: 'u' },
    ],
    ['no code of a provider', '<meta name="oembed:html" content="<script>">', {}],
    ['entities', '<title>&#228;&#xE4;&auml;&nosuch;&#0;&lt;</title>', { pageTitle: 'äää&nosuch;\ufffd<' }],
    [
      'not what stands in comments, scripts or the body',
      '<!-- <title>a</title> --><script>"<title>b</title>"</script><title>c</title><body><meta name="og:title" content="d">',
      { pageTitle: 'c' },
    ],
    ['a page that breaks off', '<title>Half', { pageTitle: 'Half' }],
    ['a tag that breaks off', '<meta name="og:title" content="never ends', {}],
    ['nothing', '', {}],
  ])('are %s', (_what, html, facts) => {
    expect(factsOfPage(html)).toEqual(facts);
  });

  it.each([
    ['tags without an end', '<meta '.repeat(40_000)],
    ['quotes without an end', '<meta a="'.repeat(28_000)],
    ['titles without an end', '<title>'.repeat(35_000)],
    ['comments without an end', '<!--'.repeat(60_000)],
    ['scripts without an end', '<script>'.repeat(30_000)],
    ['names without an end', `<meta ${'a'.repeat(249_000)}`],
  ])('are read in no time from %s', (_what, html) => {
    const start = performance.now();
    factsOfPage(html);
    expect(performance.now() - start).toBeLessThan(1000);
  });
});

describe('providers', () => {
  it.each([
    ['https://www.youtube.com/watch?v=1', 'https://www.youtube.com/oembed?maxheight=200&url='],
    ['https://youtu.be/1', 'https://www.youtube.com/oembed?maxheight=200&url='],
    ['https://vimeo.com/1', 'https://vimeo.com/api/oembed.json?maxheight=200&url='],
    ['https://x.com/ours/status/12', 'https://publish.twitter.com/oembed?maxheight=200&url='],
  ])('describe %s', (url, endpoint) => {
    expect(oembedAddress(url)).toBe(endpoint + encodeURIComponent(url));
  });

  it('describe no other pages', () => {
    expect(oembedAddress('https://example.com/https://youtu.be/1')).toBeUndefined();
    expect(oembedAddress('https://x.com/ours')).toBeUndefined();
  });

  it('give texts, and embeddings of a bounded size', () => {
    const answer = { title: 'Song', thumbnail_url: 'a.png', html: '<iframe src="x"></iframe>', width: 5 };
    expect(oembedFacts(JSON.stringify(answer), 'https://youtu.be/1')).toEqual({
      oembedTitle: 'Song',
      oembedThumbnailUrl: 'a.png',
      oembedHtml: '<iframe style="max-width: 100%;width:400px;height:225px" src="x"></iframe>',
      oembedUrl: 'https://youtu.be/1',
    });
    expect(oembedFacts('no JSON', 'https://youtu.be/1')).toBeUndefined();
    expect(oembedFacts(JSON.stringify({ html: 'x'.repeat(6000) }), 'u')).toEqual({ oembedUrl: 'u' });
  });
});

describe('a message has previews', () => {
  const links = (count: number, at = 'https://a.example/') =>
    Array.from({ length: count }, (_, n) => ({ url: `${at}${n}` }));
  const site = { Site_Url: 'https://chat.example' };

  it.each<[string, object, Record<string, unknown>, number]>([
    ['for its links', { urls: links(2) }, site, 2],
    ['not where the workspace wants none', { urls: links(2) }, { ...site, API_Embed: false }, 0],
    ['not beside an attachment', { urls: links(2), attachments: [{}] }, site, 0],
    ['not with six links', { urls: links(6) }, site, 0],
    [
      'with five, and links into the workspace',
      { urls: [...links(5), ...links(1, 'https://chat.example/')] },
      site,
      6,
    ],
    ['not for links without', { urls: [{ url: 'https://a.example', ignoreParse: true }] }, site, 0],
    ['not for other schemes', { urls: [{ url: 'ftp://a.example' }] }, site, 0],
  ])('%s', (_what, message, values, count) => {
    expect(previewedUrls(settings(values), { _id: 'm', ...message })).toHaveLength(count);
  });
});
