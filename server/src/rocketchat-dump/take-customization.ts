import { saveCustomStatus } from '../accounts/custom-statuses.store.ts';
import { presenceStatus } from '../accounts/user.ts';
import type { AssetValue } from '../admin/setting-definition.ts';
import { SETTINGS } from '../admin/setting-table.ts';
import { saveSetting } from '../admin/settings.store.ts';
import { ASSETS } from '../customization/asset-table.ts';
import { saveAssetFile } from '../customization/assets.store.ts';
import { saveEmoji } from '../customization/custom-emoji.store.ts';
import { saveSoundRow } from '../customization/custom-sounds.store.ts';
import { typeOfName } from '../files/media-type.ts';
import { newId } from '../kernel/ids.ts';
import type { PlacedBytes } from './bytes.ts';
import { partOf, textOf, textsOf, timeOf } from './fields.ts';
import { addTakenFile } from './take-files.ts';
import type { Taking } from './taking.ts';

/** Custom emoji, sounds, states and assets. Their bytes are found by the name of the file (spec 32 D.7). */

const EMOJI = 'rocketchat_custom_emoji';
const SOUNDS = 'rocketchat_custom_sounds';
const STATUSES = 'rocketchat_custom_user_status';
const ASSET_FILES = 'assets.files';
const NO_BYTES = 'without their bytes';
const SAME_NAME = 'whose name another one has';

export async function takeCustomEmoji(taking: Taking): Promise<void> {
  const { dump, bytes, tx, report, now } = taking;
  const files = await bytes.ofBucket('custom_emoji', 'name');
  const names = new Set<string>();
  for await (const doc of dump.documents(EMOJI)) {
    const [id, name, extension] = [
      textOf(doc, '_id'),
      textOf(doc, 'name'),
      textOf(doc, 'extension') ?? 'png',
    ];
    const found =
      name === undefined
        ? undefined
        : findFile(files, [`${encodeURIComponent(name)}.${extension}`, `${name}.${extension}`]);
    if (id === undefined || name === undefined || !found) {
      report.left(EMOJI, NO_BYTES);
      continue;
    }
    if (names.has(name)) {
      report.left(EMOJI, SAME_NAME);
      continue;
    }
    names.add(name);
    const aliases = [...new Set(textsOf(doc, 'aliases').flatMap((text) => text.split(',')))]
      .map((alias) => alias.trim())
      .filter((alias) => alias !== '' && !names.has(alias));
    for (const alias of aliases) names.add(alias);
    const fileId = await addFileOf(taking, 'emoji', `${name}.${extension}`, found);
    const etag = textOf(doc, 'etag') ?? newId();
    const updatedAt = timeOf(doc, '_updatedAt') ?? now;
    await saveEmoji(tx, { id, name, aliases, extension, fileId, etag, updatedAt });
    report.taken(EMOJI);
  }
}

export async function takeCustomSounds(taking: Taking): Promise<void> {
  const { dump, bytes, tx, report, now } = taking;
  const files = await bytes.ofBucket('custom_sounds', 'name');
  const names = new Set<string>();
  for await (const doc of dump.documents(SOUNDS)) {
    const [id, name, extension] = [
      textOf(doc, '_id'),
      textOf(doc, 'name'),
      textOf(doc, 'extension') ?? 'mp3',
    ];
    const found =
      name === undefined ? undefined : findFile(files, [`${id}.${extension}`, `${name}.${extension}`]);
    if (id === undefined || name === undefined || !found) report.left(SOUNDS, NO_BYTES);
    else if (names.has(name)) report.left(SOUNDS, SAME_NAME);
    else {
      names.add(name);
      const file_id = await addFileOf(taking, 'sound', `${name}.${extension}`, found);
      await saveSoundRow(tx, { id, name, extension, file_id, updated_at: timeOf(doc, '_updatedAt') ?? now });
      report.taken(SOUNDS);
    }
  }
}

export async function takeCustomStatuses({ dump, tx, report, now }: Taking): Promise<void> {
  for await (const doc of dump.documents(STATUSES)) {
    const [id, name] = [textOf(doc, '_id'), textOf(doc, 'name')];
    const status_type = presenceStatus(textOf(doc, 'statusType') ?? 'online');
    const row = { id: id ?? '', name: name ?? '', status_type, updated_at: timeOf(doc, '_updatedAt') ?? now };
    if (id !== undefined && name !== undefined && (await saveCustomStatus(tx, row))) report.taken(STATUSES);
    else report.left(STATUSES, SAME_NAME);
  }
}

/** Logos and icons; the file of one is called as the asset, and its setting says what it is. */
export async function takeAssets(taking: Taking): Promise<void> {
  const { dump, bytes, tx, report, now } = taking;
  const files = await bytes.ofBucket('assets', 'name');
  const extensions = new Map<string, string>();
  for await (const doc of dump.documents('rocketchat_settings')) {
    const url = textOf(partOf(doc, 'value') ?? {}, 'url');
    if (url !== undefined) extensions.set(textOf(doc, '_id') ?? '', url.replace(/^.*\./s, ''));
  }
  for (const [called, placed] of files) {
    const name = called.replace(/\.\w+$/, '');
    const rule = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    const setting = SETTINGS.get(`Assets_${name}`);
    const extension = extensions.get(`Assets_${name}`) ?? '';
    if (!setting || !rule?.extensions.includes(extension)) {
      report.left(ASSET_FILES, 'that no setting shows');
      continue;
    }
    const fileId = await addFileOf(taking, 'asset', `${name}.${extension}`, placed);
    await saveAssetFile(tx, name, fileId);
    const { defaultUrl } = setting.value as AssetValue;
    await saveSetting(tx, {
      id: setting.id,
      value: { url: `assets/${name}.${extension}`, defaultUrl },
      updatedAt: now,
    });
    report.taken(ASSET_FILES);
  }
}

/** Takes the file out: it belongs to one of them only. */
function findFile(files: Map<string, PlacedBytes>, names: readonly string[]): PlacedBytes | undefined {
  for (const name of names) {
    const placed = files.get(name);
    if (placed) {
      files.delete(name);
      return placed;
    }
  }
  return undefined;
}

async function addFileOf(
  taking: Taking,
  kind: 'emoji' | 'sound' | 'asset',
  name: string,
  placed: PlacedBytes,
): Promise<string> {
  const id = newId();
  await addTakenFile(taking, { id, kind, name, type: typeOfName(name), placed });
  return id;
}
