import type { Context } from '../context.ts';
import type { Export } from './export.ts';
import type { DataDownload } from './request-export.ts';

/** Where this differs from the documentation, whichever door asks for it. */
export const DATA_DOWNLOAD_DIFFERS =
  'The archive holds what the person wrote and sent, not what others wrote in the same rooms; `exportOperation` lists neither rooms nor files nor paths of the server.';

/** The answer of `users.requestDataDownload` (spec 21). */
export function presentDataDownload(ctx: Context, { requested, found, path, pendingBefore }: DataDownload) {
  return {
    requested,
    exportOperation: presentExport(found),
    ...(path === undefined ? {} : { url: `${ctx.settings.text('Site_Url')}${path}` }),
    pendingOperationsBeforeMyRequest: pendingBefore,
  };
}

function presentExport({ id, uid, status, createdAt, updatedAt, wish }: Export): object {
  return {
    _id: id,
    userId: uid,
    status,
    fullExport: wish.kind === 'user' && wish.fullExport,
    roomList: [],
    fileList: [],
    createdAt: new Date(createdAt),
    _updatedAt: new Date(updatedAt),
  };
}
