import type { TSchema } from 'typebox';
import type { Endpoint } from './endpoint.ts';
import { routeOf } from './prepared-endpoint.ts';

export interface OpenApiInfo {
  title: string;
  /** Of the API: what the server reports to clients. */
  version: string;
  /** The public address of the workspace. */
  serverUrl: string;
}

/** The JSON Schema members that matter here; TypeBox schemas are plain JSON Schema. */
export interface JsonSchema {
  type?: string | readonly string[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
  enum?: readonly unknown[];
  description?: string;
  [keyword: string]: unknown;
}

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string };
  servers: { url: string }[];
  tags: { name: string }[];
  /** By path, then by method in lower case. */
  paths: Record<string, Record<string, Operation>>;
  components: object;
}

export interface Operation {
  operationId: string;
  summary: string;
  description?: string;
  tags: [string];
  deprecated?: true;
  /** Alternatives; an empty one means that no login is needed. */
  security: object[];
  parameters?: Parameter[];
  requestBody?: { content: Content };
  responses: Record<string, { description: string; content: Content }>;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  required: boolean;
  schema: JsonSchema;
}

/** By media type. */
type Content = Record<string, { schema: JsonSchema }>;

const ERROR_SCHEMA = {
  type: 'object',
  required: ['success'],
  properties: {
    success: { const: false },
    error: { type: 'string', description: 'For people.' },
    errorType: { description: 'For programs: the error code.', type: ['string', 'number'] },
    details: {},
    status: { type: 'string' },
    message: { type: 'string' },
  },
};

/** An OpenAPI 3.1 document of all endpoints, made from their declarations alone. */
export function openApiDocument(endpoints: readonly Endpoint[], info: OpenApiInfo): OpenApiDocument {
  const paths: OpenApiDocument['paths'] = {};
  for (const endpoint of endpoints) {
    const path = routeOf(endpoint.path).replace(/:([^/]+)/g, '{$1}');
    const operations = paths[path] ?? {};
    operations[endpoint.method.toLowerCase()] = operationOf(endpoint);
    paths[path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: { title: info.title, version: info.version },
    servers: [{ url: info.serverUrl }],
    tags: [...new Set(endpoints.map(tagOf))].sort().map((name) => ({ name })),
    paths,
    components: {
      schemas: { Error: ERROR_SCHEMA },
      securitySchemes: {
        userId: { type: 'apiKey', in: 'header', name: 'X-User-Id' },
        authToken: { type: 'apiKey', in: 'header', name: 'X-Auth-Token' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint): Operation {
  const parameters = [
    ...pathParameters(endpoint),
    ...queryParameters(endpoint),
    ...secondFactorHeaders(endpoint),
  ];
  return {
    operationId: `${endpoint.method.toLowerCase()} ${endpoint.path}`,
    summary: endpoint.summary,
    ...describe(endpoint),
    tags: [tagOf(endpoint)],
    ...(endpoint.deprecated ? { deprecated: true } : {}),
    security: securityOf(endpoint),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBodyOf(endpoint),
    responses: responsesOf(endpoint),
  };
}

/** The parts of a form are read by the handler as they come: no schema names them. */
function requestBodyOf({ body, multipart }: Endpoint): Pick<Operation, 'requestBody'> {
  if (!body && !multipart) return {};
  const form: Content = { 'multipart/form-data': { schema: { type: 'object' } } };
  return { requestBody: { content: { ...(body ? json(body) : {}), ...(multipart ? form : {}) } } };
}

function describe(endpoint: Endpoint): { description?: string } {
  const lines: string[] = [];
  if (endpoint.permissions) {
    const [word, names] =
      'all' in endpoint.permissions
        ? ['all of', endpoint.permissions.all]
        : ['one of', endpoint.permissions.any];
    lines.push(`Needs ${names.length > 1 ? `${word} ` : ''}the permission ${names.join(', ')}.`);
  }
  if (endpoint.partly) lines.push(`Partly implemented: ${endpoint.partly}`);
  if (endpoint.deprecated) {
    lines.push(`Deprecated, to be removed in ${endpoint.deprecated.version}: ${endpoint.deprecated.info}`);
  }
  return lines.length > 0 ? { description: lines.join('\n\n') } : {};
}

/** `channels.leave` -> `channels`, `settings/:_id` -> `settings`. */
function tagOf({ path }: Endpoint): string {
  return path.replace(/^\/api\//, '').split(/[./]/)[0] ?? path;
}

function securityOf({ auth }: Endpoint): object[] {
  const pair = { userId: [], authToken: [] };
  return auth === 'user' ? [pair] : [{}, pair];
}

function pathParameters({ path }: Endpoint): Parameter[] {
  return [...path.matchAll(/:([^/]+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
}

/** A query schema's members. Of alternatives, what every one requires is required. */
function queryParameters({ query }: Endpoint): Parameter[] {
  if (!query) return [];
  const { properties, required } = membersOf(query as JsonSchema);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function membersOf(schema: JsonSchema): {
  properties: Record<string, JsonSchema>;
  required: readonly string[];
} {
  const alternatives = (schema.oneOf ?? schema.anyOf)?.map(membersOf);
  if (!alternatives) return { properties: schema.properties ?? {}, required: schema.required ?? [] };
  return {
    properties: Object.assign({}, ...alternatives.map((alternative) => alternative.properties)) as Record<
      string,
      JsonSchema
    >,
    required: (alternatives[0]?.required ?? []).filter((name) =>
      alternatives.every((alternative) => alternative.required.includes(name)),
    ),
  };
}

function secondFactorHeaders({ twoFactor }: Endpoint): Parameter[] {
  if (!twoFactor) return [];
  const header = (name: string, schema: JsonSchema): Parameter => ({
    ...{ name, in: 'header', required: false, schema },
  });
  return [
    header('x-2fa-code', { type: 'string' }),
    header('x-2fa-method', { enum: ['totp', 'email', 'password'] }),
  ];
}

function responsesOf(endpoint: Endpoint): Operation['responses'] {
  const success = { type: 'object', required: ['success'], properties: { success: { const: true } } };
  const failed = (description: string) => ({
    description,
    content: json({ $ref: '#/components/schemas/Error' }),
  });
  return {
    200: {
      description: 'Success',
      content: json(endpoint.response ? { allOf: [endpoint.response, success] } : success),
    },
    400: failed('The parameters are invalid, or the action was refused'),
    ...(endpoint.auth === 'none' ? {} : { 401: failed('Not logged in') }),
    ...(endpoint.permissions ? { 403: failed('A permission is missing') } : {}),
    ...(endpoint.rateLimit === 'none' ? {} : { 429: failed('Too many requests') }),
  };
}

function json(schema: TSchema | JsonSchema): Content {
  return { 'application/json': { schema: schema as JsonSchema } };
}
