import type { Context } from '../context.ts';
import type { BareAnswer, DownloadRequest, DownloadRoute, Representation } from '../rest/download.ts';
import { contentDisposition } from './content-disposition.ts';
import { fileForDownload } from './download.ts';
import type { StoredFile } from './file.ts';
import { linkToStorage, redirectTo, type StorageLink } from './link-to-storage.ts';
import { isSafeInline, nameWithExtension } from './media-type.ts';
import { representFile } from './represent-file.rest.ts';

/** Uploads by their links: `/file-upload/<id>/<name>`, and the links of old messages (spec 11 §5). */

const NOT_FOUND: BareAnswer = { status: 404 };
const DENIED: BareAnswer = { status: 403 };

async function download(ctx: Context, request: DownloadRequest): Promise<Representation | BareAnswer> {
  const { params, query } = request;
  const token = typeof query.token === 'string' ? query.token : undefined;
  const credentials = { caller: await request.caller('headers'), token };
  const file = await fileForDownload(ctx, params.fileId ?? '', credentials);
  if (file === 'missing') return NOT_FOUND;
  if (file === 'denied') return DENIED;
  const disposition = dispositionOf(file, query);
  const link = await linkToStorage(ctx, file, 'Uploads', disposition);
  if (query.replyWithRedirectUrl === 'true') return { status: 200, body: redirectFacts(file, link) };
  return link ? redirectTo(link) : uploadRepresentation(ctx, file, disposition);
}

/** For clients that fetch the bytes themselves (spec 11 §5). */
const redirectFacts = ({ name, type, size }: StoredFile, link: StorageLink | undefined): object => ({
  ...{ redirectUrl: link?.url ?? false, name, type, size },
  ...(link ? { expires: link.expiresAt } : {}),
});

/** Shown in the browser only where nothing in the file can run there. */
function dispositionOf(
  file: StoredFile,
  { contentDisposition: way, download: save }: Record<string, unknown>,
): string {
  const inline = way === 'inline' && save === undefined && isSafeInline(file.type);
  const name = nameWithExtension(file.name, file.type);
  return contentDisposition(inline ? 'inline' : 'attachment', name);
}

function uploadRepresentation(ctx: Context, file: StoredFile, disposition: string): Representation {
  const runsNothing = isSafeInline(file.type);
  const representation = representFile(ctx, file, {
    'content-disposition': disposition,
    'content-security-policy': runsNothing ? "default-src 'none'" : "default-src 'none'; sandbox",
    // Not in caches that several people share: who may see it is asked with every request.
    'cache-control': 'private, max-age=31536000',
  });
  return { ...representation, packable: true };
}

export const fileDownloads: DownloadRoute[] = ['/file-upload/:fileId/*', '/ufs/:store/:fileId/*'].map(
  (path) => ({
    path,
    handler: download,
  }),
);
