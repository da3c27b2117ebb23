import { childOf, childrenOf, readXml, type XmlElement, XmlError } from '../kernel/read-xml.ts';
import { isName, namesOf, pathText, type RemotePath } from './remote-path.ts';

/** A file or a folder on a WebDAV server, as clients know it. */
export interface RemoteFile {
  /** Its path from the root folder of the account. */
  filename: string;
  basename: string;
  /** As the server tells it, `Sat, 28 Nov 2026 09:00:00 GMT`. */
  lastmod: string;
  size: number;
  type: 'file' | 'directory';
  mime?: string;
  etag?: string;
}

const DAV = 'DAV:';

/** What is asked of each file. */
export const PROPFIND_BODY =
  '<?xml version="1.0" encoding="utf-8"?><propfind xmlns="DAV:"><prop>' +
  '<resourcetype/><getcontentlength/><getlastmodified/><getcontenttype/><getetag/></prop></propfind>';

/** The answer to PROPFIND; undefined for anything else. */
export async function readMultistatus(text: string): Promise<XmlElement | undefined> {
  try {
    const root = await readXml(text, { comments: 'skipped' });
    return root.namespace === DAV && root.name === 'multistatus' ? root : undefined;
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
}

/**
 * What is in a folder, which is at this address; it may be another one than that of the path, by a redirect. Whatever else the server
 * tells, of the folder itself, of elsewhere, is left out.
 */
export function filesIn(multistatus: XmlElement, url: string, folder: RemotePath): RemoteFile[] {
  const above = namesOf(url, url) ?? [];
  return childrenOf(multistatus, DAV, 'response').flatMap((response) => {
    const names = namesOf(textOf(response, 'href') ?? '', url) ?? [];
    const name = names.at(-1);
    const isInside =
      names.length === above.length + 1 && above.every((expected, index) => names[index] === expected);
    if (name === undefined || !isInside || !isName(name)) return [];
    const found = childrenOf(response, DAV, 'propstat').find((one) =>
      / 200( |$)/.test(textOf(one, 'status') ?? ''),
    );
    return [remoteFile([...folder, name], childOf(found, DAV, 'prop'))];
  });
}

function remoteFile(path: RemotePath, properties: XmlElement | undefined): RemoteFile {
  const isFolder = childOf(childOf(properties, DAV, 'resourcetype'), DAV, 'collection') !== undefined;
  const size = Number(textOf(properties, 'getcontentlength'));
  const mime = textOf(properties, 'getcontenttype')?.split(';')[0]?.trim();
  const etag = textOf(properties, 'getetag')?.replace(/^(W\/)?"|"$/g, '');
  return {
    filename: pathText(path),
    basename: path.at(-1) ?? '',
    lastmod: textOf(properties, 'getlastmodified') ?? '',
    size: !isFolder && Number.isSafeInteger(size) && size > 0 ? size : 0,
    type: isFolder ? 'directory' : 'file',
    ...(mime && !isFolder ? { mime } : {}),
    ...(etag ? { etag } : {}),
  };
}

const textOf = (element: XmlElement | undefined, name: string): string | undefined =>
  childOf(element, DAV, name)?.text.trim();
