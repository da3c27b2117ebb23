import { fail } from '../kernel/errors.ts';

/**
 * Paths on a WebDAV server: the names from the root folder of an account downwards. They come from clients and from the server;
 * neither may lead out of the root folder.
 */
export type RemotePath = readonly string[];

/** The address of the root folder in one form. @throws could-not-access-webdav */
export function serverUrlOf(text: string, method: string): string {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (!isPlain || url.search || url.hash)
    return fail('could-not-access-webdav', 'This is no address of a WebDAV server', { method });
  return url.href.endsWith('/') ? url.href : `${url.href}/`;
}

/** `/a/b` as a client names it; `/`, and nothing, is the root folder. @throws error-invalid-path */
export function remotePath(text: string, method: string): RemotePath {
  const names = text.split('/').filter((name) => name !== '');
  return names.every(isName) ? names : fail('error-invalid-path', 'Invalid path', { method });
}

/** Whether it names something in a folder: it is no way to elsewhere. */
export const isName = (text: string): boolean => text !== '' && !/^\.{1,2}$|[/\\\p{Cc}]/u.test(text);

export const pathText = (path: RemotePath): string => `/${path.join('/')}`;

export const urlOf = (serverUrl: string, path: RemotePath): string =>
  serverUrl + path.map(encodeURIComponent).join('/');

/** With the slash at its end that folders have; without it servers redirect. */
export const folderUrlOf = (serverUrl: string, path: RemotePath): string =>
  path.length === 0 ? serverUrl : `${urlOf(serverUrl, path)}/`;

/** The names of an address that a server told, from its own root; undefined where it makes no sense. */
export function namesOf(href: string, base: string): RemotePath | undefined {
  if (!URL.canParse(href, base)) return undefined;
  try {
    const { pathname } = new URL(href, base);
    const names = pathname.split('/').filter((name) => name !== '');
    return names.map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
