import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { optionalBoolean, optionalObject } from '../realtime/params.ts';
import { DATA_DOWNLOAD_DIFFERS, presentDataDownload } from './present-export.ts';
import { requestDataDownload } from './request-export.ts';

export const exportMethods: DdpMethod[] = [
  userMethod(
    'requestDataDownload',
    async (ctx, { caller, params }) => {
      const { fullExport } = optionalObject(params[0]) ?? {};
      const download = await requestDataDownload(ctx, caller, optionalBoolean(fullExport) ?? false);
      return presentDataDownload(ctx, download);
    },
    { partly: DATA_DOWNLOAD_DIFFERS },
  ),
];
