import type { Command, Flag } from './command.ts';
import { configFlags } from './config-flags.ts';

export function overviewHelp(commands: readonly Command[]): string {
  return [
    'Usage: gantry <command> [flags]',
    '',
    'Commands:',
    ...columns(commands.map((command) => [usage(command), command.summary])),
    '',
    'Every command takes the flags of the configuration and --help.',
    'gantry --version prints the version; gantry config lists every option with its variable and value.',
  ].join('\n');
}

export function commandHelp(command: Command): string {
  const own = Object.entries(command.flags ?? {});
  return [
    `Usage: gantry ${usage(command)} [flags]`,
    '',
    command.summary,
    ...(command.notes ? ['', command.notes] : []),
    ...(own.length > 0 ? ['', 'Flags:', ...flagLines(own)] : []),
    '',
    'Configuration:',
    ...flagLines(Object.entries(configFlags())),
    '',
    'Environment variables and the configuration file set these and more: see gantry config.',
  ].join('\n');
}

function usage(command: Command): string {
  return [command.name, ...(command.positionals ?? []).map((name) => `<${name}>`)].join(' ');
}

function flagLines(flags: [string, Flag][]): string[] {
  return columns(
    flags.map(([name, { value, short, description }]) => [
      `${short ? `-${short}, ` : '    '}--${name}${value ? ` <${value}>` : ''}`,
      description,
    ]),
  );
}

/** Two columns, the second aligned. */
function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
