import type { SlashCommand } from './command.ts';
import { invite, inviteAllFrom, inviteAllTo, kick, mute, unmute } from './member-commands.ts';
import { help, msg, open, status } from './other-commands.ts';
import { archive, create, hide, join, leave, part, topic, unarchive } from './room-commands.ts';
import { gimme, lennyface, me, shrug, tableflip, unflip } from './text-commands.ts';

/** Every command there is, in the order in which lists show them. */
const COMMANDS: readonly SlashCommand[] = [
  ...[archive, unarchive, create, help, hide, invite, inviteAllTo, inviteAllFrom, join, kick, leave, part],
  ...[me, msg, mute, unmute, open, status, topic, gimme, lennyface, shrug, tableflip, unflip],
];

const BY_NAME: ReadonlyMap<string, SlashCommand> = new Map(
  COMMANDS.map((command) => [command.command, command]),
);

/** Ignoring case. */
export const findCommand = (name: string): SlashCommand | undefined => BY_NAME.get(name.toLowerCase());

/** Clients that do these themselves are told so; the server can all the same. */
const CLIENT_ONLY = new Set(['open', 'gimme']);

export interface WireCommand {
  command: string;
  params?: string;
  description: string;
  permission?: string | readonly string[];
  clientOnly: boolean;
  providesPreview: boolean;
}

export function presentCommand({ run: _, ...command }: SlashCommand): WireCommand {
  return { ...command, clientOnly: CLIENT_ONLY.has(command.command), providesPreview: false };
}

/** Everything, or the one of that name; callers see also what they may not run (spec 31 §1.1). */
export function listCommands(filter: { command?: string | undefined }): WireCommand[] {
  const { command } = filter;
  const found = command === undefined ? COMMANDS : COMMANDS.filter((one) => one.command === command);
  return found.map(presentCommand);
}
