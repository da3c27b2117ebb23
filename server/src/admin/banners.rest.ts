import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict, textOf } from '../rest/schemas.ts';
import { dismissBanner } from './banners.ts';

/** Banners (spec 11 §14). */

const query = strict({ platform: textOf('web', 'mobile') });
const response = strict({ banners: Type.Array(freeObject) });

export const bannerEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'banners',
    summary: 'The banners to show to the caller: none.',
    auth: 'user',
    query,
    response,
    handler: () => ({ banners: [] }),
  }),
  endpoint({
    method: 'GET',
    path: 'banners/:id',
    summary: 'A banner to show to the caller: none.',
    auth: 'user',
    query,
    response,
    handler: () => ({ banners: [] }),
  }),
  endpoint({
    method: 'POST',
    path: 'banners.dismiss',
    summary: 'Does not show a banner again.',
    auth: 'user',
    body: strict({ bannerId: Type.String({ minLength: 1 }) }),
    handler: (_ctx, { body }) => dismissBanner(body.bannerId),
  }),
];
