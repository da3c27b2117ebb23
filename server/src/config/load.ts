import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Config } from './config.ts';
import { gantryVariable, OPTIONS, type OptionKey, optionEntries, variablesOf } from './options.ts';
import { settingsFromEnvironment, settingsFromFile } from './setting-variables.ts';

export type Source = 'default' | 'file' | 'env' | 'flag';

export interface ConfigInput {
  /** Command line flags by name without dashes (see `option.flag`), plus `config`; absent ones are undefined. */
  flags: Readonly<Record<string, string | boolean | undefined>>;
  env: Readonly<Record<string, string | undefined>>;
  /** Working directory: relative paths of flags and variables start here, and `gantry.json` is looked for here. */
  cwd: string;
}

export interface LoadedConfig {
  config: Config;
  /** Where each value came from: by option key, and `settingOverrides.<id>` / `settingDefaults.<id>`. */
  sources: Record<string, Source>;
  /** The configuration file that was read. */
  file: string | undefined;
  /** Harmless but suspicious findings, for example a variable that looks like ours and is not. */
  warnings: string[];
}

/** A mistake in the configuration; the message is one line for the person who started the server. */
export class ConfigError extends Error {}

/** Merges defaults < file < environment < flags into one validated configuration. Throws `ConfigError`. */
export function loadConfig(input: ConfigInput): LoadedConfig {
  const file = readConfigFile(input);
  const values = new Map<OptionKey, unknown>();
  const sources: Record<string, Source> = {};

  for (const [key, option] of optionEntries) {
    const given = findGiven(key, input, file);
    if (!given) {
      // A directory that nobody has named is none.
      const isPath = option.path && option.default !== undefined;
      values.set(key, isPath ? resolve(input.cwd, String(option.default)) : option.default);
      sources[key] = 'default';
      continue;
    }
    let value: unknown;
    try {
      value = option.parse(given.text);
    } catch (error) {
      const shown = option.secret ? '' : `, not ${JSON.stringify(given.text)}`;
      throw new ConfigError(`${given.name} must be ${(error as Error).message}${shown}`);
    }
    values.set(key, option.path ? resolve(given.folder, String(value)) : value);
    sources[key] = given.source;
  }
  if (sources.rootUrl === 'default') values.set('rootUrl', `http://localhost:${values.get('port')}`);

  const fromFile = settingsFromFile(file?.members ?? {}, (message) => inFile(file?.path, message));
  const fromEnvironment = settingsFromEnvironment(input.env);
  for (const table of ['settingOverrides', 'settingDefaults'] as const) {
    for (const id of Object.keys(fromFile[table])) sources[`${table}.${id}`] = 'file';
    for (const id of Object.keys(fromEnvironment[table])) sources[`${table}.${id}`] = 'env';
  }

  const config = {
    ...nest(values),
    settingOverrides: { ...fromFile.settingOverrides, ...fromEnvironment.settingOverrides },
    settingDefaults: { ...fromFile.settingDefaults, ...fromEnvironment.settingDefaults },
    // `OPTIONS` has an entry of the right type for every other member; the compiler checks that there.
  } as unknown as Config;
  return { config, sources, file: file?.path, warnings: unknownVariables(input.env) };
}

/** `{ 'limits.bodyBytes': 1 }` -> `{ limits: { bodyBytes: 1 } }`. */
export function nest(values: Iterable<readonly [string, unknown]>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [key, value] of values) {
    const [group = '', member] = key.split('.');
    if (member === undefined) result[group] = value;
    else result[group] = { ...(result[group] as object | undefined), [member]: value };
  }
  return result;
}

interface Given {
  text: string;
  source: Source;
  /** How the person knows it: `--port`, `PORT` or `port in gantry.json`. */
  name: string;
  /** Where a relative path starts. */
  folder: string;
}

function findGiven(key: OptionKey, input: ConfigInput, file: ConfigFile | undefined): Given | undefined {
  const { flag } = OPTIONS[key];
  const fromFlag = flag === undefined ? undefined : input.flags[flag];
  if (fromFlag !== undefined) {
    return { text: String(fromFlag), source: 'flag', name: `--${flag}`, folder: input.cwd };
  }
  for (const name of variablesOf(key)) {
    const text = input.env[name];
    if (!isSet(text) || isServiceLink(name, text)) continue;
    return { text, source: 'env', name, folder: input.cwd };
  }
  const fromFile = file?.values.get(key);
  if (file && fromFile !== undefined) {
    return { text: fromFile, source: 'file', name: `${key} in ${file.path}`, folder: dirname(file.path) };
  }
  return undefined;
}

/** An empty variable counts as not set: compose files pass `ADMIN_PASS=` for a value that was left out. */
const isSet = (text: string | undefined): text is string => text !== undefined && text !== '';

/** Kubernetes gives every container `GANTRY_PORT=tcp://10.0.0.1:3000` when a service is called `gantry`. */
const isServiceLink = (name: string, text: string): boolean =>
  name === 'GANTRY_PORT' && text.startsWith('tcp://');

function unknownVariables(env: ConfigInput['env']): string[] {
  const known = new Set(['GANTRY_CONFIG', ...optionEntries.map(([key]) => gantryVariable(key))]);
  return Object.keys(env)
    .filter((name) => name.startsWith('GANTRY_') && !known.has(name) && !/^GANTRY_(SERVICE|PORT)_/.test(name))
    .map((name) => `unknown variable ${name}`);
}

interface ConfigFile {
  path: string;
  members: Record<string, unknown>;
  values: Map<string, string>;
}

function readConfigFile(input: ConfigInput): ConfigFile | undefined {
  const wanted = input.flags.config ?? input.env.GANTRY_CONFIG;
  const path = resolve(input.cwd, wanted ? String(wanted) : 'gantry.json');
  if (!existsSync(path)) {
    if (wanted) throw new ConfigError(`The configuration file ${path} does not exist`);
    return undefined;
  }
  const members = parseObject(path);
  return { path, members, values: flatten(path, members) };
}

function parseObject(path: string): Record<string, unknown> {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    // The parser's message quotes the text, which may hold a password.
    const reason = error instanceof SyntaxError ? 'it is not valid JSON' : (error as Error).message;
    throw new ConfigError(`Cannot read ${path}: ${reason}`);
  }
  if (!isObject(content)) throw inFile(path, 'the content must be a JSON object');
  return content;
}

function flatten(path: string, members: Record<string, unknown>): Map<string, string> {
  const values = new Map<string, string>();
  for (const [key, value] of Object.entries(members).flatMap(([name, member]) =>
    leaves(path, name, member),
  )) {
    if (!Object.hasOwn(OPTIONS, key)) throw inFile(path, `unknown key "${key}"`);
    if (value === null || typeof value === 'object') {
      throw inFile(path, `"${key}" must be a text, a number, true or false`);
    }
    values.set(key, String(value));
  }
  return values;
}

function leaves(path: string, name: string, member: unknown): [key: string, value: unknown][] {
  if (name === 'settingOverrides' || name === 'settingDefaults') return [];
  if (name !== 'admin' && name !== 'limits') return [[name, member]];
  if (!isObject(member)) throw inFile(path, `"${name}" must be an object`);
  return Object.entries(member).map(([key, value]) => [`${name}.${key}`, value]);
}

function inFile(path: string | undefined, message: string): ConfigError {
  return new ConfigError(`${path}: ${message}`);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
