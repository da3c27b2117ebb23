import { refuse } from '../kernel/errors.ts';
import { bodyKindOf, parseBody, parseJson } from '../rest/parse-body.ts';
import type { Payload } from './post-for-integration.ts';

/**
 * The body of a request to a webhook in all its forms (spec 31 §3): JSON; a form that is JSON text as a whole; a form whose
 * fields are the payload; any of these whose member `payload` is JSON text of an object (spec 00 §1). Anything else counts as empty.
 *
 * @throws plain refusals with the parser's message
 */
export function parseHookBody(contentType: string | undefined, bytes: Buffer): Payload {
  const kind = bodyKindOf(contentType);
  if (kind === 'none' || bytes.length === 0) return {};
  const text = bytes.toString('utf8');
  // `curl -d '{...}'` calls JSON a form, and encodes nothing.
  const isJson = kind === 'json' || text.trimStart().startsWith('{');
  const body = isJson ? parsed(text) : (parseBody('form', bytes) as Payload);
  const { payload } = body;
  // What a script is sent as JSON may have a member of this name that is something else.
  const isWrapped = typeof payload === 'string' && (!isJson || payload.trimStart().startsWith('{'));
  return isWrapped ? parsed(payload) : body;
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
