/**
 * Workspace settings by environment or file (spec 22, "Entity Setting"): `OVERWRITE_SETTING_<id>` always wins over the
 * stored value, a plain `<id>` is the first value of a setting. The configuration knows no list of settings, so the
 * plain names are told from other variables by their looks; ids that no setting has are ignored by whoever reads them.
 */
export interface SettingTexts {
  settingOverrides: Record<string, string>;
  settingDefaults: Record<string, string>;
}

const OVERWRITE = 'OVERWRITE_SETTING_';

/** `Site_Name`, `API_Default_Count`, `E2E_Enable`: capital first, an underscore and at least one small letter. */
const LOOKS_LIKE_A_SETTING = /^(?=.*[a-z])[A-Z][A-Za-z0-9]*_[A-Za-z0-9_-]+$/;

/** Settings whose ids do not look like one. */
const ODD_IDS = new Set([
  'CDN_PREFIX',
  'CDN_PREFIX_ALL',
  'CDN_JSCSS_PREFIX',
  'Country',
  'Industry',
  'Language',
  'Size',
  'Website',
]);

export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): SettingTexts {
  const texts: SettingTexts = { settingOverrides: {}, settingDefaults: {} };
  for (const [name, text] of Object.entries(env)) {
    if (text === undefined) continue;
    if (name.startsWith(OVERWRITE)) {
      const id = name.slice(OVERWRITE.length);
      if (id) texts.settingOverrides[id] = text;
    } else if (LOOKS_LIKE_A_SETTING.test(name) || ODD_IDS.has(name)) {
      texts.settingDefaults[name] = text;
    }
  }
  return texts;
}

/** Reads the members `settingOverrides` and `settingDefaults` of the configuration file; lists become JSON text. */
export function settingsFromFile(
  members: Readonly<Record<string, unknown>>,
  problem: (message: string) => Error,
): SettingTexts {
  const read = (table: keyof SettingTexts): Record<string, string> => {
    const value = members[table] ?? {};
    if (typeof value !== 'object' || Array.isArray(value)) throw problem(`"${table}" must be an object`);
    return Object.fromEntries(
      Object.entries(value).map(([id, member]) => {
        if (member === null) throw problem(`"${table}.${id}" must have a value`);
        return [id, typeof member === 'string' ? member : JSON.stringify(member)];
      }),
    );
  };
  return { settingOverrides: read('settingOverrides'), settingDefaults: read('settingDefaults') };
}
