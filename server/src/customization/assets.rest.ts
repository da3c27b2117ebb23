import { Type } from 'typebox';
import { withReceivedFile } from '../files/receive-upload.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { strict } from '../rest/schemas.ts';
import { requireMayManageAssets, setAsset, unsetAsset } from './assets.ts';

/** Logos and icons of the workspace (spec 23, "Assets"); what gives them out is `assets-download.rest.ts`. */
export const assetEndpoints: Endpoint[] = [
  endpoint({
    method: 'POST',
    path: 'assets.setAsset',
    summary: 'Puts a picture in the place of a logo or icon.',
    auth: 'user',
    multipart: true,
    async handler(ctx, { caller, parts }) {
      requireMayManageAssets(ctx, caller);
      if (!parts) refuse('Missing Content-Type');
      await withReceivedFile(ctx, parts, { field: 'asset' }, async ({ file, fields }) => {
        if (!file) fail('No file uploaded');
        // Old clients name the file after the asset instead.
        const name = fields.get('assetName') ?? file.filename.replace(/\.[^.]*$/, '');
        await setAsset(ctx, caller, name, file);
      });
      return {};
    },
  }),
  endpoint({
    method: 'POST',
    path: 'assets.unsetAsset',
    summary: 'Puts a logo or icon back to what it was.',
    auth: 'user',
    body: strict({ assetName: Type.String(), refreshAllClients: Type.Optional(Type.Boolean()) }),
    async handler(ctx, { caller, body }) {
      requireMayManageAssets(ctx, caller);
      await unsetAsset(ctx, caller, body.assetName);
      return {};
    },
  }),
];
