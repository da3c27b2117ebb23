import { refuse } from '../kernel/errors.ts';
import { bodyKindOf, parseBody, parseJson } from '../rest/parse-body.ts';
import type { Payload } from './post-for-integration.ts';

/**
 * The body of a request to a webhook in all its forms (spec 31 §3): JSON; a form whose field `payload` is JSON; a form that is
 * JSON text as a whole; a form whose fields are the payload. Anything else counts as empty.
 *
 * @throws plain refusals with the parser's message
 */
export function parseHookBody(contentType: string | undefined, bytes: Buffer): Payload {
  const kind = bodyKindOf(contentType);
  if (kind === 'none' || bytes.length === 0) return {};
  const text = bytes.toString('utf8');
  // `curl -d '{...}'` calls JSON a form, and encodes nothing.
  if (kind === 'json' || text.trimStart().startsWith('{')) return parsed(text);
  const form = parseBody('form', bytes) as Record<string, unknown>;
  if (typeof form.payload === 'string') return parsed(form.payload);
  return form;
}

function parsed(text: string): Payload {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return refuse(error.message);
    throw error;
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refuse('The payload must be a JSON object');
  }
  return value as Payload;
}
