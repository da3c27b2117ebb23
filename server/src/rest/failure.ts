import { Refusal } from '../kernel/errors.ts';
import { isStorageBusy, isStorageFull, StorageFailed } from '../storage/errors.ts';

/** A refusal as it goes over the wire (spec 00 §5). */
export interface Failure {
  status: number;
  body: object;
}

/** The body of every 401 for missing or wrong credentials, exactly these members (spec 00 §2, spec 41 §11). */
export const NOT_LOGGED_IN: Failure = {
  status: 401,
  body: {
    success: false,
    error: 'You must be logged in to do this.',
    status: 'error',
    message: 'You must be logged in to do this.',
  },
};

export const MISSING_PERMISSION: Failure = failure(
  403,
  'User does not have the permissions required for this action [error-unauthorized]',
);

export const NO_USERNAME: Failure = failure(403, 'Users must have a username [error-unauthorized]');

export const NOT_FOUND: Failure = failure(404, 'Resource not found');

export const WRONG_METHOD: Failure = {
  status: 405,
  body: {
    success: false,
    status: 'error',
    message: 'API endpoint does not exist',
    error: 'API endpoint does not exist',
  },
};

export const INTERNAL_ERROR: Failure = failure(500, 'Internal server error');

const STORAGE_FULL = failure(503, 'The server is out of disk space; nothing was stored');
const STORAGE_FAILED = failure(503, 'The server cannot store anything until it is restarted');

export function failure(status: number, error: string): Failure {
  return { status, body: { success: false, error } };
}

/** 400 for parameters that do not fit the schema (spec 00 §5.2). */
export function invalidParams(error: string): Failure {
  return { status: 400, body: { success: false, errorType: 'error-invalid-params', error } };
}

/** 413, an addition of Gantry: the reference server cuts the connection. */
export function bodyTooLarge(limitBytes: number): Failure {
  return {
    status: 413,
    body: {
      success: false,
      error: `The request body is larger than ${limitBytes} bytes [error-body-too-large]`,
      errorType: 'error-body-too-large',
    },
  };
}

export function tooManyRequests(waitMs: number): Failure {
  const seconds = Math.ceil(waitMs / 1000);
  return failure(
    429,
    `Error, too many requests. Please slow down. You must wait ${seconds} seconds before trying this endpoint again. [error-too-many-requests]`,
  );
}

/**
 * What to answer when `error` was thrown: a refusal by the table of spec 00 §5, trouble with the storage as 503. Undefined for
 * anything else, which is a bug: the caller logs it and answers `INTERNAL_ERROR`.
 */
export function failureOf(error: unknown): Failure | undefined {
  if (error instanceof Refusal) return failureOfRefusal(error);
  if (isStorageFull(error)) return STORAGE_FULL;
  if (error instanceof StorageFailed) return STORAGE_FAILED;
  if (isStorageBusy(error)) return failure(503, 'Service Unavailable');
  return undefined;
}

function failureOfRefusal(refusal: Refusal): Failure {
  switch (refusal.kind) {
    case 'coded':
      return failureOfCode(refusal);
    case 'plain': {
      const body: Record<string, unknown> = { success: false };
      if (refusal.reason !== undefined) body.error = refusal.reason;
      if (refusal.code !== undefined) body.errorType = refusal.code;
      if (refusal.details !== undefined) body.details = refusal.details;
      return { status: 400, body };
    }
    case 'unauthorized':
      return failure(401, refusal.reason ?? 'unauthorized');
    case 'forbidden':
      return failure(403, refusal.reason ?? 'unauthorized');
    case 'not-found':
      return failure(404, refusal.reason ?? 'Resource not found');
    case 'too-many':
      return failure(429, refusal.reason ?? 'Too many requests');
    case 'unavailable':
      return failure(503, refusal.reason ?? 'Service Unavailable');
  }
}

function failureOfCode(refusal: Refusal): Failure {
  if (refusal.code === 'error-too-many-requests') return failure(429, refusal.message);
  if (refusal.code === 'error-unauthorized' || refusal.code === 'unauthorized')
    return failure(403, refusal.message);
  const body: Record<string, unknown> = { success: false, error: refusal.message, errorType: refusal.code };
  if (refusal.details !== undefined) body.details = parsedDetails(refusal.details);
  return { status: 400, body };
}

function parsedDetails(details: unknown): unknown {
  if (typeof details !== 'string') return details;
  try {
    return JSON.parse(details) as unknown;
  } catch {
    return details;
  }
}

/**
 * What of an unexpected error goes to the log. Never the error object itself: database errors carry the row's values,
 * fetch errors the headers.
 */
export function describeError(error: unknown): {
  type: string;
  message: string;
  stack?: string;
  code?: string;
} {
  if (!(error instanceof Error))
    return { type: typeof error, message: 'a value that is not an Error was thrown' };
  const { code } = error as { code?: unknown };
  return {
    type: error.name,
    message: error.message,
    ...(error.stack ? { stack: error.stack } : {}),
    ...(typeof code === 'string' || typeof code === 'number' ? { code: String(code) } : {}),
  };
}
