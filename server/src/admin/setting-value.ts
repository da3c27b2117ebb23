import { fail } from '../kernel/errors.ts';
import type { AssetValue, SettingDefinition, SettingType, SettingValue } from './setting-definition.ts';

/** Characters of one text value. Custom style sheets and scripts are the longest in practice. */
const MAX_TEXT = 1_000_000;
const MAX_LIST = 1000;

/** Reads a value from a client; refuses with `error-invalid-setting-value` what the setting's type does not allow. */
export function checkSettingValue(setting: SettingDefinition, value: unknown): SettingValue {
  const checked = readValue(setting, value);
  if ('problem' in checked)
    fail('error-invalid-setting-value', `Value for setting ${setting.id} ${checked.problem}`);
  return checked.value;
}

/** Reads a value from the environment, a configuration file or another system; undefined when it does not suit the setting. */
export function suitableValue(setting: SettingDefinition, value: unknown): SettingValue | undefined {
  const isListAsText = setting.type === 'multiSelect' && typeof value === 'string';
  const checked = readValue(setting, isListAsText ? parseJson(value) : value);
  return 'problem' in checked ? undefined : checked.value;
}

type Read = { value: SettingValue } | { problem: string };

function readValue(setting: SettingDefinition, value: unknown): Read {
  switch (setting.type) {
    case 'boolean':
      return readBoolean(value);
    case 'int':
    case 'range':
    case 'timespan':
      return readNumber(setting, value);
    case 'multiSelect':
      return readList(setting, value);
    case 'asset':
      return isAsset(value) ? { value } : { problem: 'must be an asset' };
    case 'action':
      return { problem: 'cannot be changed' };
    default:
      return readText(setting, setting.type, value);
  }
}

/** `true` and `false` as text come from form-encoded bodies and from the environment. */
function readBoolean(value: unknown): Read {
  if (typeof value === 'boolean') return { value };
  const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return word === 'true' || word === 'false' ? { value: word === 'true' } : { problem: 'must be boolean' };
}

/** Fractions are allowed for `int` too: limits in minutes are set to some seconds. */
function readNumber({ min, max }: SettingDefinition, value: unknown): Read {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) return { problem: 'must be a number' };
  if (min !== undefined && number < min) return { problem: `must be greater than or equal to ${min}` };
  if (max !== undefined && number > max) return { problem: `must be less than or equal to ${max}` };
  return { value: number };
}

function readList({ values, openValues }: SettingDefinition, value: unknown): Read {
  if (!Array.isArray(value) || value.length > MAX_LIST) return { problem: 'must be a list' };
  const known = values && !openValues ? new Set(values) : undefined;
  const suits = (member: unknown): member is string =>
    typeof member === 'string' && member.length <= 1000 && (known?.has(member) ?? true);
  return value.every(suits) ? { value } : { problem: 'must be a list of the allowed values' };
}

function readText(setting: SettingDefinition, type: SettingType, value: unknown): Read {
  // Numbers where a text is wanted: `RetentionPolicy_Precision` and other selects have figures as keys.
  const text = typeof value === 'number' || value === null ? String(value ?? '') : value;
  if (typeof text !== 'string') return { problem: 'must be a string' };
  if (text.length > MAX_TEXT) return { problem: 'is too long' };
  if (setting.json && text.trim() !== '' && parseJson(text) === undefined)
    return { problem: 'must be valid JSON' };
  if (type === 'select' && setting.values && !setting.openValues && text !== setting.value) {
    if (!setting.values.includes(text)) return { problem: 'must be one of the allowed values' };
  }
  // Clients build addresses as `${Site_Url}/path`.
  return { value: setting.id === 'Site_Url' ? text.replace(/\/+$/, '') : text };
}

function isAsset(value: unknown): value is AssetValue {
  if (typeof value !== 'object' || value === null) return false;
  const { url, defaultUrl } = value as Record<string, unknown>;
  return typeof defaultUrl === 'string' && (url === undefined || typeof url === 'string');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
