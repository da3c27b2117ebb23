import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import type { TSchema } from 'typebox';

/**
 * Checks and coerces `data` in place; returns the error text of spec 00 §5.2, or undefined when it fits. `bytes` is the
 * size of the request it came from, or an upper bound of it.
 */
export type Check = (data: unknown, bytes: number) => string | undefined;

/** Naming every fault costs memory per fault: only inputs below this size get more than the first one. */
const THOROUGH_BELOW_BYTES = 16_384;
const MAX_MESSAGES = 20;

const OPTIONS: Options = {
  // A misspelt keyword or format of a declaration must not pass silently.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  // Our own declarations; TypeBox made them, and checking them against the meta schema triples the time to compile.
  meta: false,
  validateSchema: false,
  formats: {
    basic_email: /^[^@]+@[^@]+$/,
    isNotEmpty: (text: string) => text.trim() !== '',
    // "Any string Date can parse" (spec 00 §1).
    'date-time': (text: string) => !Number.isNaN(Date.parse(text)),
  },
};

/**
 * Compiles schemas at their first use: compiling some hundred at start would take the better part of a second. One
 * instance per server, which keeps what it compiled.
 */
export class Validation {
  readonly #query = new AjvPair('array');
  readonly #body = new AjvPair(true);

  /** For query strings: also a scalar becomes a one-element array and the reverse (spec 00 §5.2). */
  query(schema: TSchema): Check {
    return this.#query.check(schema);
  }

  body(schema: TSchema): Check {
    return this.#body.check(schema);
  }
}

class AjvPair {
  readonly #coerceTypes: true | 'array';
  #first: Ajv | undefined;
  #all: Ajv | undefined;

  constructor(coerceTypes: true | 'array') {
    this.#coerceTypes = coerceTypes;
  }

  check(schema: TSchema): Check {
    let first: ValidateFunction | undefined;
    let all: ValidateFunction | undefined;
    return (data, bytes) => {
      if (!first) {
        this.#first ??= new Ajv({ ...OPTIONS, coerceTypes: this.#coerceTypes });
        first = this.#first.compile(schema);
      }
      if (first(data)) return undefined;
      if (bytes > THOROUGH_BELOW_BYTES) return errorText(first.errors);
      if (!all) {
        this.#all ??= new Ajv({ ...OPTIONS, coerceTypes: this.#coerceTypes, allErrors: true });
        all = this.#all.compile(schema);
      }
      return errorText(all(data) ? first.errors : all.errors);
    };
  }
}

function errorText(errors: readonly ErrorObject[] | null | undefined): string {
  const messages = (errors ?? []).slice(0, MAX_MESSAGES).map((error) => error.message ?? error.keyword);
  return messages.join('\n ');
}
