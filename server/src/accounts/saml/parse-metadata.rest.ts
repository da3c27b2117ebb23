import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { strict } from '../../rest/schemas.ts';
import { parseMetadata } from './parse-metadata.ts';

export const samlEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'saml.parseMetadata',
    summary: 'What the metadata of an identity provider say, as values for the settings.',
    auth: 'user',
    permissions: { all: ['edit-privileged-setting'] },
    body: strict({ url: Type.String({ minLength: 1, maxLength: 2000 }) }),
    response: Type.Object({
      entryPoint: Type.Optional(Type.String()),
      idpSLORedirectURL: Type.Optional(Type.String()),
      cert: Type.Optional(Type.String()),
      identifierFormat: Type.Optional(Type.String()),
      warnings: Type.Array(Type.String()),
    }),
    handler: (ctx, { body }) => parseMetadata(ctx, body.url),
  }),
];
