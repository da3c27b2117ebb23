import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';
import { urlPreview } from './url-preview.ts';

export const previewEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'chat.getURLPreview',
    summary: 'What a page says of itself.',
    auth: 'user',
    query: strict({ roomId: Type.String(), url: Type.String({ maxLength: 8192 }) }),
    response: strict({ urlPreview: freeObject }),
    async handler(ctx, { caller, query: { roomId: rid, url } }) {
      return { urlPreview: await urlPreview(ctx, caller, { rid, url }) };
    },
  }),
];
