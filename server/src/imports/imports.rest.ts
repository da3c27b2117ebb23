import { Type } from 'typebox';
import { type Endpoint, endpoint, RawReply } from '../rest/endpoint.ts';
import { freeObject, strict, textOf } from '../rest/schemas.ts';
import {
  addUsers,
  clearImport,
  currentOperation,
  importStatus,
  listOperations,
  newOperation,
  operationToWatch,
  runImport,
} from './operations.ts';
import { presentOperation, presentProgress } from './present-import.ts';

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

/** People from other systems, over the API (spec 32 A). */
export const importEndpoints: Endpoint[] = [
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
    partly:
      '`avatarUrl` is taken and not kept, since pending avatars are not fetched yet. Only the first of `emails` is kept. At most 1000 users at a time.',
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
      'Of an account that is here already, address, username and password stay as they are, and roles are only added.',
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
