import { Refusal, type RefusalKind } from '../kernel/errors.ts';
import { type DdpError, ddpError } from './ddp-messages.ts';

/** Codes of the kinds that REST tells apart by status; DDP has only codes. */
const CODES: Readonly<Partial<Record<RefusalKind, string>>> = {
  unauthorized: 'error-unauthorized',
  forbidden: 'error-not-allowed',
  'not-found': 'error-not-found',
  'too-many': 'too-many-requests',
  unavailable: 'error-unavailable',
};

/**
 * The error object of a refusal (spec 40 §2.8), or undefined for anything else that was thrown: that is a bug, to be
 * logged and answered with `internalError()`. A plain text without a code is the error itself, as methods throw them.
 */
export function refusalToDdp(thrown: unknown): DdpError | undefined {
  if (!(thrown instanceof Refusal)) return undefined;
  const { kind, code, reason, details } = thrown;
  if (kind === 'coded') return ddpError(code ?? 500, reason, details);
  if (kind === 'plain') {
    return code === undefined
      ? ddpError(reason || 'error', undefined, details)
      : ddpError(code, reason, details);
  }
  // REST's default text of a 401 and a 403 is the word `unauthorized`.
  const text = reason === 'unauthorized' ? 'Not allowed' : reason;
  return ddpError(code ?? CODES[kind] ?? 500, text, details);
}

export const internalError = (): DdpError => ddpError(500, 'Internal server error');
