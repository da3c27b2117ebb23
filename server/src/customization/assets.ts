import { storeSetting } from '../admin/change-settings.ts';
import type { AssetValue } from '../admin/setting-definition.ts';
import { recordAction } from '../audit/record.ts';
import type { Context, WriteScope } from '../context.ts';
import type { StoredFile } from '../files/file.ts';
import { findFileOfKind } from '../files/find-files.ts';
import { cleanPicture, isPicture } from '../files/images.ts';
import { typeOfUpload } from '../files/media-type.ts';
import type { ReceivedFile } from '../files/receive-upload.ts';
import { removeFiles } from '../files/remove-files.ts';
import { addFile, placeBlob } from '../files/store-file.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail } from '../kernel/errors.ts';
import { ASSETS, type AssetRule, EXTENSION_OF } from './asset-table.ts';
import { assetFileId, deleteAssetFile, saveAssetFile } from './assets.store.ts';

/** Logos and icons of the workspace in the place of ours (spec 23, "Assets"). */

/** @throws error-action-not-allowed */
export function requireMayManageAssets(ctx: Context, caller: Caller): void {
  if (ctx.permissions.has(caller, 'manage-assets')) return;
  fail('error-action-not-allowed', 'Managing assets not allowed', {
    method: 'setAsset',
    action: 'Managing_assets',
  });
}

/** @throws error-invalid-asset, error-invalid-file-type, error-invalid-file-width, error-invalid-file-height */
export async function setAsset(
  ctx: Context,
  caller: Caller,
  name: string,
  { temp, type: given, filename }: ReceivedFile,
): Promise<void> {
  const rule = ruleOf(name, 'setAsset');
  const type = await typeOfUpload(temp.path, given, filename);
  const extension = EXTENSION_OF[type];
  if (extension === undefined || !rule.extensions.includes(extension)) {
    fail('error-invalid-file-type', `Invalid file type: ${type}`, { function: 'setAsset' });
  }
  if (isPicture(type)) await refuseOtherSize(ctx, temp.path, rule);
  const blob = await placeBlob(ctx, { temp, type });
  await ctx.write(async (tx, emit) => {
    await removeOld(ctx, { tx, emit }, name);
    const file = await addFile(ctx, tx, blob, { kind: 'asset', name: `${name}.${extension}`, type });
    await saveAssetFile(tx, name, file.id);
    await announce(ctx, caller, { tx, emit }, name, `assets/${name}.${extension}`);
  });
}

/** Ours again. @throws error-invalid-asset */
export async function unsetAsset(ctx: Context, caller: Caller, name: string): Promise<void> {
  ruleOf(name, 'unsetAsset');
  await ctx.write(async (tx, emit) => {
    if (!(await removeOld(ctx, { tx, emit }, name))) return;
    await deleteAssetFile(tx, name);
    await announce(ctx, caller, { tx, emit }, name, undefined);
  });
}

/** What the workspace has set; undefined where ours stands. */
export async function assetFile(ctx: Context, name: string): Promise<StoredFile | undefined> {
  const id = await assetFileId(ctx.db, name);
  return id === undefined ? undefined : findFileOfKind(ctx, id, 'asset');
}

function ruleOf(name: string, method: string): AssetRule {
  const rule = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
  return rule ?? fail('error-invalid-asset', 'Invalid asset', { function: method });
}

async function refuseOtherSize(ctx: Context, path: string, { size }: AssetRule): Promise<void> {
  const picture = size && (await cleanPicture(ctx, path, { rotate: false, strip: false }));
  if (!size || !picture) return;
  const { width, height } = picture.facts.size;
  if (width !== size.width) fail('error-invalid-file-width', 'Invalid file width', { function: 'setAsset' });
  if (height !== size.height)
    fail('error-invalid-file-height', 'Invalid file height', { function: 'setAsset' });
}

async function removeOld(ctx: Context, { tx, emit }: WriteScope, name: string): Promise<boolean> {
  const id = await assetFileId(tx, name);
  if (id === undefined) return false;
  await removeFiles(ctx, { tx, emit }, { ids: [id] });
  return true;
}

async function announce(
  ctx: Context,
  caller: Caller,
  { tx, emit }: WriteScope,
  name: string,
  url: string | undefined,
): Promise<void> {
  const id = `Assets_${name}`;
  const previous = ctx.settings.value(id) as AssetValue;
  const current = { ...(url === undefined ? {} : { url }), defaultUrl: previous.defaultUrl };
  await storeSetting(ctx, tx, emit, id, current);
  await recordAction(ctx, tx, caller, {
    kind: 'settings.changed',
    subject: id,
    data: { id, previous, current },
  });
}
