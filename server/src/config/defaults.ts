import type { Config, Limits } from './config.ts';
import { nest } from './load.ts';
import { optionEntries } from './options.ts';

/** The configuration of a server that was told nothing. Paths are relative. */
export function defaultConfig(): Config {
  const values = optionEntries.map(([key, option]) => [key, option.default] as const);
  return { ...nest(values), settingOverrides: {}, settingDefaults: {} } as unknown as Config;
}

export type ConfigChanges = Partial<Omit<Config, 'admin' | 'limits'>> & {
  admin?: Partial<Config['admin']>;
  limits?: Partial<Limits>;
};

/**
 * A configuration for tests: in memory, a free port on this machine only, silent, cheap password hashes, no logging;
 * everything else as by default. `changes` may name single members of `admin` and `limits`.
 */
export function testConfig(changes: ConfigChanges = {}): Config {
  const base = defaultConfig();
  return {
    ...base,
    port: 0,
    bindIp: '127.0.0.1',
    memory: true,
    logLevel: 'silent',
    passwordCost: 4,
    ...changes,
    admin: { ...base.admin, ...changes.admin },
    limits: { ...base.limits, ...changes.limits },
  };
}
