import type { Readable } from 'node:stream';

/** The outside world of a command, so that tests can bring their own. */
export interface Terminal {
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  /** Writes a line (or several) to standard output: what the person asked for. */
  out(text: string): void;
  /** Writes to standard error: problems and progress. */
  err(text: string): void;
  stdin: Readable;
  /** Called when a server runs and whoever waited for its start has been answered. */
  started?: (() => void) | undefined;
}

export interface Flag {
  /** Shown for the value in the help; absent for an on/off flag. */
  value?: string;
  short?: string;
  description: string;
}

export type FlagValues = Readonly<Record<string, string | boolean | undefined>>;

export interface Command {
  /** As typed, for example `admin create-user`. */
  name: string;
  summary: string;
  /** Names of the positional arguments; all are required. */
  positionals?: readonly string[];
  /** Flags besides those of the configuration, which every command takes. */
  flags?: Readonly<Record<string, Flag>>;
  /** More about the command, for its help. */
  notes?: string;
  /** Resolves to the exit code. Throws `CommandError` for what the person can mend. */
  run(call: CommandCall, terminal: Terminal): Promise<number>;
}

export interface CommandCall {
  flags: FlagValues;
  positionals: readonly string[];
}

/** A problem to be told in one line, without a stack. */
export class CommandError extends Error {}
