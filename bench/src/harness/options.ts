import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

export interface Options {
  /** Names of scenarios to run; empty means all. */
  only: readonly string[];
  /** Shorter and fewer rounds, for a first impression. */
  quick: boolean;
  /** Where the results are written as JSON. */
  json: string;
  /** Directory for CPU profiles of the server; undefined takes none. */
  profile: string | undefined;
  help: boolean;
}

export const USAGE = `Usage: npm run bench -- [options]
  --only <scenario>   run only this scenario; may be repeated or a comma-separated list
  --quick             shorter and fewer rounds (at most 90 s)
  --json <file>       where to write the results (default: bench/results/latest.json)
  --profile <dir>     write a CPU profile of each server to this directory and print the top costs
  --help              this text, with the list of scenarios`;

const DEFAULT_JSON = fileURLToPath(new URL('../../results/latest.json', import.meta.url));

export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true, default: [] },
      quick: { type: 'boolean', default: false },
      json: { type: 'string', default: DEFAULT_JSON },
      profile: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const only = values.only.flatMap((names) => names.split(',')).filter((name) => name !== '');
  return { ...values, only, profile: values.profile };
}
