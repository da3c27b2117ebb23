import type { Config } from '../config/config.ts';
import { type LoadedConfig, loadConfig } from '../config/load.ts';
import { optionEntries } from '../config/options.ts';
import { flag } from '../config/parse.ts';
import { CommandError, type Flag, type FlagValues, type Terminal } from './command.ts';

/** The flags that set the configuration, made from the list of options. */
export function configFlags(): Record<string, Flag> {
  const flags: Record<string, Flag> = {
    config: { value: 'file', description: 'Configuration file (default: gantry.json, if there is one)' },
  };
  for (const [key, option] of optionEntries) {
    if (option.flag === undefined) continue;
    const isSwitch = option.parse === flag;
    const fallback =
      option.default === undefined || isSwitch || key === 'rootUrl' ? '' : ` (default: ${option.default})`;
    flags[option.flag] = {
      description: `${option.description}${fallback}`,
      ...(option.short && { short: option.short }),
      ...(isSwitch
        ? {}
        : { value: option.path ? 'path' : typeof option.default === 'number' ? 'n' : 'text' }),
    };
  }
  return flags;
}

/** Loads the configuration of a command; findings that do not stop it go to standard error. */
export function loadForCommand(flags: FlagValues, terminal: Terminal): LoadedConfig {
  const loaded = loadConfig({ flags, env: terminal.env, cwd: terminal.cwd });
  for (const warning of loaded.warnings) terminal.err(`gantry: warning: ${warning}`);
  return loaded;
}

/** The same for a command that works on stored data, which needs some. */
export function loadStoredConfig(flags: FlagValues, terminal: Terminal): Config {
  const { config } = loadForCommand(flags, terminal);
  if (config.memory)
    throw new CommandError('this command works on stored data; leave out --memory and name --data');
  return config;
}
