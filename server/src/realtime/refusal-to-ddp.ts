import { Refusal, type RefusalKind } from '../kernel/errors.ts';
import { isStorageBusy, isStorageFull, StorageFailed } from '../storage/errors.ts';
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
 * The error object of a refusal (spec 40 §2.8) or of trouble with the storage, or undefined for anything else that was
 * thrown: that is a bug, to be answered with `internalError()`. A plain text without a code is the error itself, as methods throw them.
 */
export function refusalToDdp(thrown: unknown): DdpError | undefined {
  if (!(thrown instanceof Refusal)) return storageTrouble(thrown);
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

/** The same words as REST has for it. */
function storageTrouble(thrown: unknown): DdpError | undefined {
  const reason = isStorageFull(thrown)
    ? 'The server is out of disk space; nothing was stored'
    : thrown instanceof StorageFailed
      ? 'The server cannot store anything until it is restarted'
      : isStorageBusy(thrown)
        ? 'Service Unavailable'
        : undefined;
  return reason === undefined ? undefined : ddpError('error-unavailable', reason);
}

export const internalError = (): DdpError => ddpError(500, 'Internal server error');
