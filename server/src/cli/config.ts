import { OPTIONS, optionEntries, shownValue, variablesOf } from '../config/options.ts';
import type { Command } from './command.ts';
import { loadForCommand } from './config-flags.ts';

/** `gantry config`: every value, where it came from and how to set it. Secrets are masked. */
export const configCommand: Command = {
  name: 'config',
  summary: 'Show the configuration and where each value comes from',
  notes:
    'Later sources win: default, file (gantry.json or --config), environment, flag. Sizes take units (50MB), times too (10s).',
  run: async ({ flags }, terminal) => {
    const { config, sources, file } = loadForCommand(flags, terminal);
    const rows = [['OPTION', 'VALUE', 'SOURCE', 'VARIABLES', 'FLAG']];
    for (const [key] of optionEntries) {
      const { flag } = OPTIONS[key];
      const value = shownValue(OPTIONS[key], valueAt(config, key));
      rows.push([key, value, sources[key] ?? '', variablesOf(key).join(' '), flag ? `--${flag}` : '']);
    }
    for (const table of ['settingOverrides', 'settingDefaults'] as const) {
      for (const id of Object.keys(config[table]).sort()) {
        const variable = table === 'settingOverrides' ? `OVERWRITE_SETTING_${id}` : id;
        // Among the settings are passwords and keys, and the configuration cannot tell which.
        rows.push([`${table}.${id}`, '********', sources[`${table}.${id}`] ?? '', variable, '']);
      }
    }
    terminal.out(`File: ${file ?? 'none'}\n`);
    terminal.out(table(rows));
    return 0;
  },
};

function valueAt(config: object, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((value, member) => (value as Record<string, unknown> | undefined)?.[member], config);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
