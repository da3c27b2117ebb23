import { escapeHtml } from '../../kernel/escape-html.ts';
import type { JsonSchema } from '../openapi.ts';

/** A JSON Schema as nested lists for people. */

/** Documents of the wire may contain themselves; nobody reads on below. */
const MAX_DEPTH = 6;

/** The members of what `schema` describes; empty where its type says it all. */
export function membersHtml(schema: JsonSchema, depth = 0): string {
  if (depth >= MAX_DEPTH) return '';
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (alternatives) {
    const shown = alternatives.map((one) => `<li>${typeHtml(one)}${membersHtml(one, depth + 1)}</li>`);
    return `<p class="or">One of</p><ul>${shown.join('')}</ul>`;
  }
  if (schema.allOf) return schema.allOf.map((part) => membersHtml(part, depth)).join('');
  if (schema.items) return membersHtml(schema.items, depth + 1);
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return '';
  const required = new Set(schema.required);
  const shown = members.map(([name, member]) => memberHtml(name, member, required.has(name), depth));
  return `<ul>${shown.join('')}</ul>`;
}

export function memberHtml(name: string, schema: JsonSchema, isRequired: boolean, depth = 0): string {
  const mark = isRequired ? ' <em>required</em>' : '';
  const description = schema.description ? ` <span>${escapeHtml(schema.description)}</span>` : '';
  const members = membersHtml(schema, depth + 1);
  return `<li><code>${escapeHtml(name)}</code> ${typeHtml(schema)}${mark}${description}${members}</li>`;
}

const typeHtml = (schema: JsonSchema): string => `<span class="type">${escapeHtml(typeText(schema))}</span>`;

/** `string`, `array of integer`, `"all" | "mentions"`. */
function typeText(schema: JsonSchema): string {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.items) return `array of ${typeText(schema.items)}`;
  if (schema.oneOf ?? schema.anyOf) return 'alternatives';
  if (typeof schema.type === 'string') return [schema.type, ...limitsOf(schema)].join(', ');
  if (schema.type) return schema.type.join(' | ');
  return schema.properties || schema.allOf ? 'object' : 'anything';
}

const LIMITS: Readonly<Record<string, string>> = {
  format: '',
  minLength: 'at least %s characters',
  maxLength: 'at most %s characters',
  minimum: 'at least %s',
  maximum: 'at most %s',
};

const limitsOf = (schema: JsonSchema): string[] =>
  Object.entries(LIMITS)
    .filter(([keyword]) => schema[keyword] !== undefined)
    .map(([keyword, text]) =>
      text === '' ? String(schema[keyword]) : text.replace('%s', String(schema[keyword])),
    );
