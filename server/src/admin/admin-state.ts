import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import { newId, sha256hex } from '../kernel/ids.ts';
import { type Permissions, permissionsOver } from '../kernel/permissions.ts';
import { type Settings, settingsOver } from '../kernel/settings.ts';
import type { Db } from '../storage/database.ts';
import './admin.events.ts';
import { DEFAULT_PERMISSIONS } from './permission-table.ts';
import { storedPermissions } from './permissions.store.ts';
import type { SettingDefinition, SettingValue } from './setting-definition.ts';
import { CREATED_AT, customSettings, KNOWN_OVERRIDES, SETTINGS } from './setting-table.ts';
import { suitableValue } from './setting-value.ts';
import { CUSTOM_LOGIN_SERVICES } from './settings/custom-login-service.ts';
import { type StoredSetting, saveSetting, storedSettings } from './settings.store.ts';

/**
 * Settings and permissions as they are in force, in memory: the defaults of the release, the differences in the database
 * and the overrides of the environment. The events of changes keep it current, so that a change on another node of a
 * cluster arrives the same way as our own.
 */
export interface AdminState {
  settings: Settings;
  permissions: Permissions;
  /** For the log: overrides that name no setting or do not suit its type. They are ignored. */
  warnings: readonly string[];
}

type Parts = Pick<Context, 'config' | 'db' | 'write' | 'clock' | 'events'>;

/** Reads the state once at start, creates what a new workspace needs, and follows the change events from then on. */
export async function loadAdminState(parts: Parts): Promise<AdminState> {
  const warnings: string[] = [];
  const values = await loadSettings(parts, warnings);
  const permissions = await loadPermissions(parts.db);
  const overridden = new Set(Object.keys(parts.config.settingOverrides));

  parts.events.on('setting.changed', ({ id, value }) => {
    if (!overridden.has(id)) values.set(id, value);
  });
  parts.events.on('setting.removed', ({ id }) => {
    values.delete(id);
  });
  parts.events.on('permission.changed', ({ id, roles }) => {
    permissions.set(id, new Set(roles));
  });
  parts.events.on('permission.removed', ({ id }) => {
    permissions.delete(id);
  });
  return {
    settings: settingsOver((id) => values.get(id)),
    permissions: permissionsOver(permissions),
    warnings,
  };
}

async function loadPermissions(db: Db): Promise<Map<string, ReadonlySet<string>>> {
  const table = new Map<string, ReadonlySet<string>>(
    Object.entries(DEFAULT_PERMISSIONS).map(([id, roles]) => [id, new Set(roles)]),
  );
  for (const { id, roles } of await storedPermissions(db)) table.set(id, new Set(roles));
  return table;
}

async function loadSettings(parts: Parts, warnings: string[]): Promise<Map<string, SettingValue>> {
  const stored = new Map((await storedSettings(parts.db)).map((row) => [row.id, row]));
  const isNew = !stored.has(CREATED_AT);
  const added = (stored.get(CUSTOM_LOGIN_SERVICES)?.value ?? []) as readonly string[];
  const known: KnownSettings = new Map([
    ...SETTINGS,
    ...customSettings(added).map((s) => [s.id, s] as const),
  ]);
  const overrides = suitableTexts(known, parts.config.settingOverrides, (problem) => warnings.push(problem));

  const rows: StoredSetting[] = [];
  const add = (id: string, value: SettingValue) => rows.push({ id, value, updatedAt: parts.clock.stamp() });
  if (isNew) {
    add(CREATED_AT, parts.clock.now());
    // Variables that merely look like a setting are common, so those without one are not worth a warning.
    for (const [id, value] of suitableTexts(known, parts.config.settingDefaults, () => {})) add(id, value);
  }
  for (const setting of known.values()) {
    if (setting.random && !stored.has(setting.id) && !rows.some(({ id }) => id === setting.id))
      add(setting.id, newId());
  }
  const dated = datedOverrides(parts, known, stored.get(KNOWN_OVERRIDES)?.value);
  if (dated) add(KNOWN_OVERRIDES, dated);
  if (rows.length > 0) {
    await parts.write(async (tx) => {
      for (const row of rows) await saveSetting(tx, row);
    });
  }

  const values = new Map(
    [...known.values()].map((setting) => [setting.id, packageValue(setting, parts.config)]),
  );
  for (const { id, value } of [...stored.values(), ...rows]) if (known.has(id)) values.set(id, value);
  for (const [id, value] of overrides) values.set(id, value);
  return values;
}

/** The value that a setting has when nobody set it. */
export function packageValue(setting: SettingDefinition, config: Pick<Config, 'rootUrl'>): SettingValue {
  return setting.id === 'Site_Url' ? config.rootUrl : setting.value;
}

type KnownSettings = ReadonlyMap<string, SettingDefinition>;

function suitableTexts(
  known: KnownSettings,
  texts: Readonly<Record<string, string>>,
  report: (problem: string) => void,
): Map<string, SettingValue> {
  const values = new Map<string, SettingValue>();
  for (const [id, text] of Object.entries(texts)) {
    const setting = known.get(id);
    const value = setting && suitableValue(setting, text);
    if (!setting) report(`there is no setting ${id} to override`);
    else if (value === undefined)
      report(`the override of setting ${id} does not suit its type ${setting.type}`);
    else values.set(id, value);
  }
  return values;
}

/** Overrides of the last start by setting id; `hash` (of the text, which may be a secret) is absent once one is gone. */
type KnownOverrides = Record<string, { hash?: string; at: number }>;

/**
 * An override changes a value without a row of its own. Its changes are dated here, because clients that synchronize by
 * "changed since" would miss them otherwise. Undefined when nothing changed since the last start.
 */
function datedOverrides(
  parts: Parts,
  settings: KnownSettings,
  stored: SettingValue | undefined,
): string | undefined {
  const known = readKnownOverrides(stored);
  let changed = false;
  for (const id of settings.keys()) {
    const text = parts.config.settingOverrides[id];
    const hash = text === undefined ? undefined : sha256hex(text);
    if (known[id]?.hash === hash) continue;
    known[id] = { ...(hash === undefined ? {} : { hash }), at: parts.clock.stamp() };
    changed = true;
  }
  return changed ? JSON.stringify(known) : undefined;
}

export function readKnownOverrides(stored: unknown): KnownOverrides {
  return typeof stored === 'string' && stored !== '' ? (JSON.parse(stored) as KnownOverrides) : {};
}
