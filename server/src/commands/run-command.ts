import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, forbid, refuse } from '../kernel/errors.ts';
import { findMessage } from '../messages/find-message.ts';
import { canAccessRoom } from '../rooms/access.ts';
import { getRoom } from '../rooms/get-room.ts';
import { findCommand } from './built-in.ts';
import type { CommandCall, SlashCommand } from './command.ts';

/** Where this differs from the documentation, whichever door asks for it. */
export const COMMANDS_DIFFER = 'What a command tells is in English, whatever the language of the caller.';

/** What somebody asks for: a command by its name, in a room. */
export interface CommandRequest {
  command: string;
  rid: string;
  params?: string | undefined;
  tmid?: string | undefined;
  messageId?: string | undefined;
}

/**
 * Runs a command; what it needs of permissions it checks itself (spec 31 §1.1, `commands.run`).
 *
 * @throws plain refusals for an unknown command and thread, 403 without access to the room, and what the command throws
 */
export async function runCommand(ctx: Context, caller: Caller, request: CommandRequest): Promise<void> {
  const command = findCommand(request.command);
  if (!command) refuse('The command provided does not exist (or is disabled).');
  // Whoever may not be there is refused also what clients do themselves.
  const call = await callOf(ctx, caller, request);
  await command.run?.(call);
}

/**
 * Previews are for commands of apps, of which there are none.
 *
 * @throws as `runCommand`, error-invalid-command
 */
export async function previewCommand(ctx: Context, caller: Caller, request: CommandRequest): Promise<never> {
  if (!findCommand(request.command)) refuse('The command provided does not exist (or is disabled).');
  await callOf(ctx, caller, request);
  return noPreviews();
}

export const noPreviews = (): never =>
  fail('error-invalid-command', 'Command Does Not Provide Previews', {
    method: 'executeSlashCommandPreview',
  });

/** The command of a method call. @throws error-invalid-command */
export function commandForMethod(name: string): SlashCommand {
  const command = findCommand(name);
  if (command) return command;
  return fail('error-invalid-command', 'Invalid Command Provided', { method: 'executeSlashCommandPreview' });
}

async function callOf(
  ctx: Context,
  caller: Caller,
  { rid, params = '', tmid, messageId }: CommandRequest,
): Promise<CommandCall> {
  const room = await getRoom(ctx, rid);
  if (!room || !(await canAccessRoom(ctx, caller, room))) forbid();
  if (tmid !== undefined && (await findMessage(ctx, tmid))?.rid !== rid) refuse('Invalid thread.');
  return { ctx, caller, room, params, tmid, messageId };
}
