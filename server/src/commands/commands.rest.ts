import { Type } from 'typebox';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { pageMembers, pageOf, parseObject, parseSort } from '../rest/list-params.ts';
import { freeObject, listQuery, strict, textOf } from '../rest/schemas.ts';
import { findCommand, listCommands, presentCommand } from './built-in.ts';
import { COMMANDS_DIFFER, previewCommand, runCommand } from './run-command.ts';

/** Slash commands over REST (spec 31 §1.1). */

const list = endpoint({
  method: 'GET',
  path: 'commands.list',
  summary: 'The slash commands, also those that the caller may not run.',
  auth: 'user',
  query: listQuery,
  response: freeObject,
  async handler(ctx, { query }) {
    const commands = listCommands({ command: commandIn(query.query) });
    const direction = parseSort(query.sort)?.find(([path]) => path === 'command')?.[1];
    if (direction) commands.sort((a, b) => direction * a.command.localeCompare(b.command));
    const page = pageOf(ctx.settings, query);
    const shown = commands.slice(page.offset, page.offset + page.count);
    return { commands: shown, appsLoaded: true, ...pageMembers(page, shown, commands.length) };
  },
});

/** This list is filtered also where raw queries are off: nothing is asked of the database. @throws error-invalid-query */
function commandIn(raw: string | undefined): string | undefined {
  if (!raw) return undefined;
  const query = parseObject(raw);
  if (!query) {
    const reason = `Invalid query parameter provided: "${raw}"`;
    fail('error-invalid-query', reason, { helperMethod: 'parseJsonQuery' });
  }
  return typeof query.command === 'string' ? query.command : undefined;
}

const get = endpoint({
  method: 'GET',
  path: 'commands.get',
  summary: 'One slash command.',
  auth: 'user',
  query: strict({ command: Type.String() }),
  response: freeObject,
  async handler(_, { query }) {
    const found = findCommand(query.command);
    if (!found) refuse(`There is no command in the system by the name of: ${query.command}`);
    const { permission: _permission, ...command } = presentCommand(found);
    return { command };
  },
});

const place = {
  command: Type.String(),
  roomId: Type.String(),
  params: Type.Optional(Type.String()),
};
const origin = { tmid: Type.Optional(Type.String()), triggerId: Type.Optional(Type.String()) };

const run = endpoint({
  method: 'POST',
  path: 'commands.run',
  summary: 'Runs a slash command in a room.',
  auth: 'user',
  body: strict({ ...place, ...origin }),
  partly: COMMANDS_DIFFER,
  async handler(ctx, { caller, body }) {
    await runCommand(ctx, caller, { ...body, rid: body.roomId });
    return {};
  },
});

const preview = endpoint({
  method: 'GET',
  path: 'commands.preview',
  summary: 'What a slash command offers to choose from. No built-in command offers anything.',
  auth: 'user',
  query: strict(place),
  handler: (ctx, { caller, query }) => previewCommand(ctx, caller, { ...query, rid: query.roomId }),
});

const previewItem = strict({
  id: Type.String(),
  type: textOf('image', 'video', 'audio', 'text', 'other'),
  value: Type.String(),
});

const choose = endpoint({
  method: 'POST',
  path: 'commands.preview',
  summary: 'Sends what was chosen of a preview.',
  auth: 'user',
  body: strict({ ...place, ...origin, previewItem }),
  handler: (ctx, { caller, body }) => previewCommand(ctx, caller, { ...body, rid: body.roomId }),
});

export const commandEndpoints: Endpoint[] = [list, get, run, preview, choose];
