import { Type } from 'typebox';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject, strict } from '../rest/schemas.ts';
import { serviceRecords, textRecords } from './dns-records.ts';

/** A name has at most 253 characters. */
const query = strict({ url: Type.String({ minLength: 1, maxLength: 253, description: 'The name' }) });

/** One of the descriptions of the API says GET, the other POST: both are there (spec 23, "Administration"). */
const services = (method: 'GET' | 'POST'): Endpoint =>
  endpoint({
    method,
    path: 'dns.resolve.srv',
    summary: 'The SRV records of a name.',
    auth: 'user',
    query,
    response: freeObject,
    handler: async (ctx, { query: { url } }) => ({ resolved: await serviceRecords(ctx, url) }),
  });

export const dnsEndpoints: Endpoint[] = [
  services('GET'),
  services('POST'),
  endpoint({
    method: 'POST',
    path: 'dns.resolve.txt',
    summary: 'The TXT records of a name.',
    auth: 'user',
    query,
    response: freeObject,
    handler: async (ctx, { query: { url } }) => ({ resolved: await textRecords(ctx, url) }),
  }),
];
