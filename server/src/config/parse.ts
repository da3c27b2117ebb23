import { isIP } from 'node:net';
import { commaList } from '../kernel/comma-list.ts';
import type { Config } from './config.ts';

/** Turns the text of one option into its value; throws an `Error` whose message completes "<option> must be ...". */
export type Parse<T> = (text: string) => T;

export const text: Parse<string> = (value) => value;

export const flag: Parse<boolean> = (value) => {
  const word = value.trim().toLowerCase();
  if (['true', 'yes', 'on', '1'].includes(word)) return true;
  if (['false', 'no', 'off', '0'].includes(word)) return false;
  throw new Error('true or false');
};

/** A flag for which `ivm` means yes: the name of the engine that has scripts in the reference server. */
export const scriptSwitch: Parse<boolean> = (value) => value.trim().toLowerCase() === 'ivm' || flag(value);

export function whole(from: number, to: number): Parse<number> {
  return (value) => {
    const number = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (!(number >= from && number <= to)) throw new Error(`a whole number from ${from} to ${to}`);
    return number;
  };
}

const BYTES: Record<string, number> = {
  '': 1,
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3,
};
const MILLISECONDS: Record<string, number> = { '': 1, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function measure(units: Record<string, number>, range: [number, number], wanted: string): Parse<number> {
  return (value) => {
    const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(value.trim()) ?? [];
    const amount = Number(digits) * (units[unit?.toLowerCase() ?? ''] ?? Number.NaN);
    if (!(amount >= range[0] && amount <= range[1])) throw new Error(wanted);
    return amount;
  };
}

/** A number of bytes, or with a unit: `512 kB`, `50MB` (1 kB = 1024 bytes). */
export const bytes = (from: number, to: number): Parse<number> =>
  measure(BYTES, [from, to], `a size such as 1048576 or 50MB, from ${from} to ${to} bytes`);

/** A number of milliseconds, or with a unit: `500ms`, `10s`, `2m`. */
export const duration = (from: number, to: number): Parse<number> =>
  measure(MILLISECONDS, [from, to], `a time such as 500ms or 10s, from ${from} to ${to} ms`);

export const webAddress: Parse<string> = (value) => {
  const wanted = 'an address such as https://chat.example.org, without a query';
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new Error(wanted);
  }
  return value.trim().replace(/\/+$/, '');
};

export const databaseAddress: Parse<string> = (value) => {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) {
    throw new Error('an address such as postgres://user:password@host:5432/gantry');
  }
  return value;
};

export const natsAddresses: Parse<string> = (value) => {
  const isAddress = (text: string) => URL.canParse(text) && /^(nats|tls):$/.test(new URL(text).protocol);
  if (!value.split(',').every((text) => isAddress(text.trim())))
    throw new Error('addresses such as nats://host:4222, separated by commas');
  return value;
};

/** `major.minor`, optionally with a patch: what clients compare with their supported versions (spec 41 §1). */
export const version: Parse<string> = (value) => {
  if (!/^\d+\.\d+(\.\d+)?$/.test(value)) throw new Error('a version such as 8.5');
  return value;
};

export const emailAddress: Parse<string> = (value) => {
  if (!/^[^@\s]+@[^@\s]+$/.test(value)) throw new Error('an e-mail address');
  return value;
};

export const json: Parse<string> = (value) => {
  try {
    JSON.parse(value);
  } catch {
    throw new Error('JSON');
  }
  return value;
};

/** `a, b`, separated by commas. */
export const list: Parse<readonly string[]> = commaList;

/** `10.1.0.0/16, hooks.internal`, separated by commas or spaces. */
export const hostList: Parse<readonly string[]> = (value) => {
  const entries = value.split(/[\s,]+/).filter((entry) => entry !== '');
  for (const entry of entries) {
    const [address = '', bits, ...more] = entry.split('/');
    const isNetwork = isIP(address) !== 0 && /^\d{1,3}$/.test(bits ?? '') && more.length === 0;
    const fits = Number(bits) <= (isIP(address) === 4 ? 32 : 128);
    if (bits === undefined ? !/^[\w.:-]+$/.test(entry) : !(isNetwork && fits)) {
      throw new Error('hosts, addresses and networks such as 10.1.0.0/16, separated by commas');
    }
  }
  return entries;
};

const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const logLevel: Parse<Config['logLevel']> = (value) => {
  const level = LEVELS.find((name) => name === value.trim().toLowerCase());
  if (!level) throw new Error(`one of ${LEVELS.join(', ')}`);
  return level;
};
