/**
 * Expected refusals. An operation throws one of these; `rest` and `realtime` render it in their dialect
 * (spec 00 §5). Anything else that is thrown is a bug: it is logged and answered as a plain 500.
 */
export type RefusalKind =
  | 'coded'
  | 'plain'
  | 'unauthorized'
  | 'forbidden'
  | 'not-found'
  | 'too-many'
  | 'unavailable';

export class Refusal extends Error {
  readonly kind: RefusalKind;
  /** The documented error code (`error-room-not-found`, or a number such as 403). Absent for plain texts. */
  readonly code: string | number | undefined;
  /** The human text without the `[code]` suffix. */
  readonly reason: string | undefined;
  readonly details: unknown;

  constructor(
    kind: RefusalKind,
    code: string | number | undefined,
    reason: string | undefined,
    details?: unknown,
  ) {
    super(refusalMessage(kind, code, reason));
    this.kind = kind;
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
}

function refusalMessage(
  kind: RefusalKind,
  code: string | number | undefined,
  reason: string | undefined,
): string {
  if (kind !== 'coded') return reason ?? '';
  return reason ? `${reason} [${code}]` : `[${code}]`;
}

/** Throws a coded error (spec 00 §5.1): `error` is `<reason> [<code>]`, `errorType` is the code. */
export function fail(code: string | number, reason?: string, details?: unknown): never {
  throw new Refusal('coded', code, reason, details);
}

/** Throws an explicit failure: 400 `{success:false, error:<text>, errorType?:<type>}` (spec 00 §5). */
export function refuse(text?: string, errorType?: string): never {
  throw new Refusal('plain', errorType, text);
}

/** Throws 403 `{success:false, error:<text>}`; the default text is the documented word `unauthorized`. */
export function forbid(text = 'unauthorized'): never {
  throw new Refusal('forbidden', undefined, text);
}

/** Throws 401 `{success:false, error:<text>}`. */
export function unauthorized(text = 'unauthorized'): never {
  throw new Refusal('unauthorized', undefined, text);
}

/** Throws 404 `{success:false, error:<text>}`. */
export function notFound(text = 'Resource not found'): never {
  throw new Refusal('not-found', undefined, text);
}
