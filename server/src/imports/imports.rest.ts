import { Type } from 'typebox';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { freeObject, strict, textOf } from '../rest/schemas.ts';
import { downloadImportFile, importFileData, startImport, uploadImportFile } from './file-operations.ts';
import { fileImporters } from './importers.ts';
import {
  addUsers,
  clearImport,
  currentOperation,
  fetchPending,
  importStatus,
  listOperations,
  newOperation,
  operationToWatch,
  runImport,
} from './operations.ts';
import { presentOperation, presentProgress } from './present-import.ts';
import { type ImportInput, wantedParts } from './wanted-parts.ts';

const RUN = { all: ['run-import'] };
const operationReply = Type.Object({ operation: freeObject });
const optionalText = Type.Optional(Type.String({ maxLength: 1000 }));
const texts = Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 100 });

const user = strict({
  importIds: texts,
  emails: texts,
  username: optionalText,
  name: optionalText,
  password: optionalText,
  utcOffset: Type.Optional(Type.Number()),
  roles: Type.Optional(texts),
  type: Type.Optional(textOf('user', 'bot')),
  bio: optionalText,
  deleted: Type.Optional(Type.Boolean()),
  avatarUrl: optionalText,
  statusText: optionalText,
});
/** A call with more of them would take minutes when all have passwords. */
const MAX_USERS = 1000;

/** The body of a request bounds the content. */
const fileContent = Type.String();
const shortText = Type.String({ minLength: 1, maxLength: 255 });
const importId = Type.String({ maxLength: 1000 });
const MAX_CHOSEN = 1_000_000;
const byId = strict({
  all: Type.Optional(Type.Boolean()),
  list: Type.Optional(Type.Array(importId, { maxItems: MAX_CHOSEN })),
});
/** Clients before 8.x send the whole selection back; what they repeat beside these is not looked at. */
const chosen = (key: 'user_id' | 'channel_id') =>
  Type.Array(Type.Object({ [key]: importId, do_import: Type.Optional(Type.Boolean()) }), {
    maxItems: MAX_CHOSEN,
  });
const importInput = strict({
  users: Type.Optional(Type.Union([byId, chosen('user_id')])),
  channels: Type.Optional(Type.Union([byId, chosen('channel_id')])),
  contacts: Type.Optional(Type.Union([byId, Type.Array(freeObject, { maxItems: MAX_CHOSEN })])),
});
const counted = Type.Object({ count: Type.Integer() });

/** People, rooms and messages from other systems, by files and over the API (spec 32 A). */
export const importEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'importers.list',
    summary: 'What files of other systems can be imported, as a bare list.',
    auth: 'user',
    permissions: RUN,
    response: Type.Array(freeObject),
    handler: () => new RawReply(200, fileImporters()),
  }),
  endpoint({
    method: 'POST',
    path: 'uploadImportFile',
    summary: 'Takes the file of a new import, as base64; large files come by downloadPublicImportFile.',
    auth: 'user',
    permissions: RUN,
    body: strict({
      ...{ binaryContent: fileContent, contentType: Type.String({ maxLength: 255 }) },
      ...{ fileName: shortText, importerKey: shortText },
    }),
    async handler(ctx, { caller, body }) {
      await uploadImportFile(ctx, caller, body);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'downloadPublicImportFile',
    summary: 'Has the file of a new import fetched from a web address, or from the directory for imports.',
    auth: 'user',
    permissions: RUN,
    body: strict({ fileUrl: Type.String({ minLength: 1, maxLength: 8000 }), importerKey: shortText }),
    async handler(ctx, { caller, body }) {
      await downloadImportFile(ctx, caller, body);
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'getImportFileData',
    summary: 'Has the file looked through; then what there is to choose from.',
    auth: 'user',
    permissions: RUN,
    response: freeObject,
    handler: (ctx) => importFileData(ctx),
  }),
  endpoint({
    method: 'POST',
    path: 'startImport',
    summary: 'Imports what was chosen, behind the answer.',
    auth: 'user',
    permissions: RUN,
    partly:
      'Of an account that is here already, address, username, password and picture stay as they are, and roles are only added.',
    body: strict({ input: importInput }),
    async handler(ctx, { caller, body }) {
      await startImport(ctx, caller, wantedParts(body.input as ImportInput));
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'downloadPendingFiles',
    summary: 'Fetches the files of imported messages, behind the answer.',
    auth: 'user',
    permissions: RUN,
    response: counted,
    handler: async (ctx, { caller }) => ({ count: await fetchPending(ctx, caller, 'pending-files') }),
  }),
  endpoint({
    method: 'POST',
    path: 'downloadPendingAvatars',
    summary: 'Fetches the pictures of imported users, behind the answer.',
    auth: 'user',
    permissions: RUN,
    response: counted,
    handler: async (ctx, { caller }) => ({ count: await fetchPending(ctx, caller, 'pending-avatars') }),
  }),
  endpoint({
    method: 'POST',
    path: 'import.new',
    summary: 'Begins an import of users; a former one ends, and who waited in it is forgotten.',
    auth: 'user',
    permissions: RUN,
    response: operationReply,
    handler: async (ctx, { caller }) => ({ operation: presentOperation(await newOperation(ctx, caller)) }),
  }),
  endpoint({
    method: 'POST',
    path: 'import.addUsers',
    summary: 'Adds users to the import.',
    auth: 'user',
    permissions: RUN,
    partly: 'Only the first of `emails` is kept. At most 1000 users at a time.',
    body: strict({ users: Type.Array(user, { maxItems: MAX_USERS }) }),
    async handler(ctx, { caller, body }) {
      await addUsers(ctx, caller, body.users);
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'import.run',
    summary: 'Takes in the users that were added, behind the answer.',
    auth: 'user',
    permissions: RUN,
    partly:
      'Of an account that is here already, address, username, password and picture stay as they are, and roles are only added.',
    async handler(ctx, { caller }) {
      await runImport(ctx, caller);
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'import.status',
    summary: 'Tells the state of the import.',
    auth: 'user',
    permissions: RUN,
    response: Type.Object({ state: Type.String(), operation: Type.Optional(freeObject) }),
    async handler(ctx) {
      const { state, operation } = await importStatus(ctx);
      return { state, ...(operation ? { operation: presentOperation(operation) } : {}) };
    },
  }),
  endpoint({
    method: 'POST',
    path: 'import.clear',
    summary: 'Ends the import and forgets who waits in it.',
    auth: 'user',
    permissions: RUN,
    async handler(ctx) {
      await clearImport(ctx);
      return {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'getImportProgress',
    summary: 'Tells how far the import is.',
    auth: 'user',
    permissions: RUN,
    response: freeObject,
    handler: async (ctx) => presentProgress(await operationToWatch(ctx)),
  }),
  endpoint({
    method: 'GET',
    path: 'getCurrentImportOperation',
    summary: 'The import that there is, which may be over.',
    auth: 'user',
    permissions: RUN,
    response: Type.Object({ operation: Type.Optional(freeObject) }),
    async handler(ctx) {
      const operation = await currentOperation(ctx);
      return operation ? { operation: presentOperation(operation) } : {};
    },
  }),
  endpoint({
    method: 'GET',
    path: 'getLatestImportOperations',
    summary: 'The last five imports, as a bare list.',
    auth: 'user',
    permissions: { all: ['view-import-operations'] },
    response: Type.Array(freeObject),
    handler: async (ctx) => new RawReply(200, (await listOperations(ctx)).map(presentOperation)),
  }),
];
