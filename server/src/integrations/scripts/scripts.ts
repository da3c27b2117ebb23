/** Runs scripts of webhooks, shut away from the server (spec 31 §3.1, §4.4). */
export interface Scripts {
  /** What is wrong with the text of a script; undefined when it can run. */
  check(script: string): Promise<ScriptMistake | undefined>;
  run(call: ScriptCall): Promise<ScriptOutcome>;
  close(): Promise<void>;
}

export interface ScriptMistake {
  name: string;
  message: string;
  stack?: string;
}

/** A call of one method of a script's class. */
export interface ScriptCall {
  /** Calls under one key share an instance of the class and its `Store`, until `version` changes. */
  key: string;
  version: number;
  script: string;
  method: string;
  /** Goes in as JSON. */
  argument: object;
}

export type ScriptOutcome =
  | { kind: 'returned'; value: unknown }
  /** The class has no such method. */
  | { kind: 'missing' }
  /** Also when it took too long or too much. */
  | { kind: 'threw'; error: ScriptMistake };
