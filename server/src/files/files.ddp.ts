import { Refusal } from '../kernel/errors.ts';
import { deleteMessage, messageOfFile } from '../messages/delete-message.ts';
import { type DdpMethod, userMethod } from '../realtime/declarations.ts';
import { objectParam, optionalObject, textParam } from '../realtime/params.ts';
import { type FileMessage, sendUpload } from './send-upload.ts';

/** Files over DDP (spec 40 §10.2). The bytes always come over HTTP. */
export const fileMethods: DdpMethod[] = [
  userMethod('sendFileMessage', async (ctx, { caller, params }) => {
    const [rid, _store, file, message] = params;
    const { _id, name } = objectParam(file);
    const fileName = typeof name === 'string' ? name : undefined;
    const said = (optionalObject(message) ?? {}) as FileMessage;
    const description = typeof said.description === 'string' ? said.description : undefined;
    try {
      const target = { rid: textParam(rid), fileId: textParam(_id) };
      return await sendUpload(ctx, caller, target, {
        ...said,
        description,
        fileName,
        fileContent: undefined,
      });
    } catch (error) {
      if (error instanceof Refusal && error.kind === 'forbidden') return false;
      throw error;
    }
  }),
  userMethod('deleteFileMessage', async (ctx, { caller, params }) => {
    await deleteMessage(ctx, caller, await messageOfFile(ctx, { fileId: textParam(params[0]) }));
  }),
];
