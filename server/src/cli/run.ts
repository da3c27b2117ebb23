import { parseArgs } from 'node:util';
import { createUserCommand } from './admin-create-user.ts';
import { resetPasswordCommand } from './admin-reset-password.ts';
import { backupCommand } from './backup.ts';
import { checkCommand } from './check.ts';
import { type Command, CommandError, type Terminal } from './command.ts';
import { configCommand } from './config.ts';
import { configFlags } from './config-flags.ts';
import { copyToPostgresCommand } from './copy-to-postgres.ts';
import { commandHelp, overviewHelp } from './help.ts';
import { importRocketchatCommand } from './import-rocketchat.ts';
import { migrateCommand } from './migrate.ts';
import { serveCommand } from './serve.ts';
import { gantryVersion } from './version.ts';

const COMMANDS: readonly Command[] = [
  serveCommand,
  migrateCommand,
  createUserCommand,
  resetPasswordCommand,
  backupCommand,
  checkCommand,
  copyToPostgresCommand,
  importRocketchatCommand,
  configCommand,
];

/** Runs one `gantry` command line (without `node` and the script). Resolves to the exit code; never throws. */
export async function runCommandLine(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (error) {
    terminal.err(`gantry: ${oneLine(error)}`);
    // A bug needs its stack; what the person can mend (nearly everything here) does not.
    if (terminal.env.GANTRY_LOG_LEVEL === 'debug' && error instanceof Error)
      terminal.err(String(error.stack));
    return 1;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first, second] = args;
  if (first === undefined || first === '--help' || first === '-h' || first === 'help') {
    terminal.out(overviewHelp(COMMANDS));
    return 0;
  }
  if (first === '--version' || first === '-v') {
    terminal.out(gantryVersion());
    return 0;
  }
  const command = COMMANDS.find(({ name }) => name === first || name === `${first} ${second}`);
  if (!command) {
    const typed =
      second !== undefined && COMMANDS.some(({ name }) => name.startsWith(`${first} `))
        ? `${first} ${second}`
        : first;
    throw new CommandError(`unknown command "${typed}"; see gantry --help`);
  }
  const rest = args.slice(command.name.split(' ').length);
  const { values, positionals } = parse(command, rest);
  if (values.help) {
    terminal.out(commandHelp(command));
    return 0;
  }
  const wanted = command.positionals ?? [];
  if (positionals.length < wanted.length) {
    throw new CommandError(
      `${command.name} needs <${wanted[positionals.length]}>; see gantry ${command.name} --help`,
    );
  }
  if (positionals.length > wanted.length) {
    throw new CommandError(
      `unexpected argument "${positionals[wanted.length]}"; see gantry ${command.name} --help`,
    );
  }
  return command.run({ flags: values, positionals }, terminal);
}

function parse(command: Command, args: readonly string[]) {
  const flags = { ...configFlags(), ...command.flags };
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short && { short }) },
    ]),
  );
  try {
    const parsed = parseArgs({
      args: [...args],
      options: { ...options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
      strict: true,
    });
    return {
      values: parsed.values as Record<string, string | boolean | undefined>,
      positionals: parsed.positionals,
    };
  } catch (error) {
    // Node's message goes on with advice about its own rules.
    const [sentence] = (error as Error).message.split(/\.\s|\n/);
    throw new CommandError(`${sentence}; see gantry ${command.name} --help`);
  }
}

function oneLine(error: unknown): string {
  const message = error instanceof Error ? error.message || error.name : String(error);
  return message.trim().replace(/\s*\n\s*/g, ' ');
}
