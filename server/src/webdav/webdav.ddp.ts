import type { Context } from '../context.ts';
import {
  AS_CLIENTS_EXPECT,
  type DdpMethod,
  type MethodCall,
  type Streams,
  userMethod,
} from '../realtime/declarations.ts';
import { matchFailed, objectParam, optionalText, textParam } from '../realtime/params.ts';
import { addWebdavAccount } from './accounts.ts';
import { listRemoteFiles, readRemoteFile, writeRemoteFile } from './remote-files.ts';
import { Transfers } from './transfers.ts';
import './webdav.events.ts';

/** Whoever adds accounts tries passwords at other servers. */
const ADDING = { calls: 5, windowMs: 60_000 };

/** What clients do with WebDAV accounts. */
export function webdavMethods(): DdpMethod[] {
  const transfers = new Transfers();
  return [
    userMethod(
      'addWebdavAccount',
      async (ctx, { caller, params }) => {
        const { serverURL, username, password, name } = objectParam(params[0]);
        await addWebdavAccount(ctx, caller, {
          ...{ serverURL: shortText(serverURL, 2048), username: shortText(username, 255) },
          ...{ password: shortText(password, 1024), name: shortText(optionalText(name) ?? '', 255) },
        });
        return true;
      },
      { rateLimit: ADDING, beyond: AS_CLIENTS_EXPECT },
    ),
    userMethod(
      'getWebdavFileList',
      async (ctx, { caller, params }) => {
        const call = { caller, accountId: textParam(params[0]), method: 'getWebdavFileList' };
        return { success: true, data: await listRemoteFiles(ctx, call, optionalText(params[1]) ?? '/') };
      },
      { beyond: AS_CLIENTS_EXPECT },
    ),
    userMethod(
      'getFileFromWebdav',
      async (ctx, { caller, params, connection }) => {
        const call = { caller, accountId: textParam(params[0]), method: 'getFileFromWebdav' };
        const path = textParam(objectParam(params[1]).filename);
        const maxBytes = largestAnswer(ctx, connection);
        return { success: true, data: await readRemoteFile(ctx, call, { path, maxBytes, transfers }) };
      },
      { beyond: AS_CLIENTS_EXPECT },
    ),
    userMethod(
      'uploadFileToWebdav',
      async (ctx, { caller, params: [accountId, bytes, name] }) => {
        const call = { caller, accountId: textParam(accountId), method: 'uploadFileToWebdav' };
        if (!(bytes instanceof Uint8Array)) return matchFailed();
        await writeRemoteFile(ctx, call, { bytes, name: textParam(name), transfers });
        return { success: true };
      },
      { beyond: AS_CLIENTS_EXPECT },
    ),
  ];
}

const shortText = (value: unknown, maxLength: number): string => {
  const text = textParam(value);
  return text.length <= maxLength ? text : matchFailed();
};

/** A socket that has much to send is taken for one that does not read. Over HTTP (`method.call`) there is no such bound. */
const largestAnswer = ({ config }: Context, connection: MethodCall['connection']): number =>
  connection ? config.limits.socketBufferBytes / 2 : Number.POSITIVE_INFINITY;

/** Spec 40 §8.3, `webdav`. */
export function wireWebdavEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('webdav.accountChanged', ({ uid, type, account }) =>
    streams.emitToUsers([uid], 'webdav', [{ type, account }]),
  );
}
