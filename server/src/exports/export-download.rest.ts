import { contentDisposition } from '../files/content-disposition.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { linkToStorage, redirectTo } from '../files/link-to-storage.ts';
import { representFile } from '../files/represent-file.rest.ts';
import type { DownloadRoute } from '../rest/download.ts';

/** `/data-export/<id>`: an archive, for who asked for it and nobody else (spec 11 §4 `rooms.export`). */
export const exportDownloads: DownloadRoute[] = [
  {
    path: '/data-export/:id',
    async handler(ctx, request) {
      const file = await findFileOfKind(ctx, request.params.id ?? '', 'export');
      if (!file) return { status: 404 };
      const caller = await request.caller('headers');
      if (!caller || caller.uid !== file.uid) return { status: 403 };
      const disposition = contentDisposition('attachment', file.name);
      const link = await linkToStorage(ctx, file, 'UserDataFiles', disposition);
      if (link) return redirectTo(link);
      return representFile(ctx, file, {
        'content-disposition': disposition,
        'content-security-policy': "default-src 'none'; sandbox",
        'cache-control': 'private, no-store',
      });
    },
  },
];
