import { escapeHtml } from '../kernel/escape-html.ts';
import type { Attachment, WireMessage } from '../messages/message.ts';
import { messageHtml } from '../messages/message-html.ts';
import { entryName } from './archive.ts';
import type { ArchiveFormat } from './export.ts';

/** What stands in the documents of an archive, piece by piece. */

type Pages = AsyncIterable<readonly WireMessage[]>;

export const messagesAs = (format: ArchiveFormat, title: string, pages: Pages): AsyncIterable<string> =>
  format === 'json' ? asJson(pages) : asHtml(title, pages);

async function* asJson(pages: Pages): AsyncGenerator<string> {
  let before = '[\n';
  for await (const page of pages) {
    if (page.length === 0) continue;
    yield before + page.map((message) => JSON.stringify(inArchive(message))).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

/** Who starred it is nobody else's business; the tree is made of the text, which stands beside it. */
function inArchive({ starred: _starred, md: _md, ...message }: WireMessage): object {
  return message;
}

/** Nothing in the page may run or be fetched, whatever a browser thinks of it. */
const HEAD = `<!doctype html><html><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>body{font:15px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em;overflow-wrap:anywhere}
small{color:#666}pre{white-space:pre-wrap}</style>`;

async function* asHtml(title: string, pages: Pages): AsyncGenerator<string> {
  yield `${HEAD}<title>${escapeHtml(title)}</title></head><body><h1>${escapeHtml(title)}</h1>\n`;
  for await (const page of pages) {
    if (page.length > 0) yield `${page.map((message) => messageHtml(message, linkInArchive)).join('\n')}\n`;
  }
  yield '</body></html>\n';
}

/** Facts about somebody or something as one document. */
export function factsAs(format: ArchiveFormat, title: string, facts: unknown): string {
  const json = JSON.stringify(facts, undefined, 2);
  if (format === 'json') return `${json}\n`;
  const heading = escapeHtml(title);
  return `${HEAD}<title>${heading}</title></head><body><h1>${heading}</h1><pre>${escapeHtml(json)}</pre></body></html>\n`;
}

/** Where the bytes of a file are in the archive. */
export const assetName = ({ id, name }: { id: string; name: string }): string =>
  `assets/${id}-${entryName(name)}`;

function linkInArchive({ fileId, title, title_link: link }: Attachment): unknown {
  if (typeof fileId !== 'string' || typeof title !== 'string') return link;
  const [folder, name = ''] = assetName({ id: fileId, name: title }).split('/');
  return `${folder}/${encodeURIComponent(name)}`;
}
