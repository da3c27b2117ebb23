/** What a `User-Agent` header says about whoever sends it (spec 20, "Sessions / device management"). */
export interface Device {
  type: 'browser' | 'mobile-app' | 'desktop-app' | 'other';
  name: string;
  longVersion: string;
  os: { name: string; version: string };
  version: string;
}

const MAX_LENGTH = 500;

/** In this order: most browsers name several others too. */
const BROWSERS: readonly (readonly [string, RegExp])[] = [
  ['Edge', /\bEdg(?:e|A|iOS)?\/([\d.]+)/],
  ['Opera', /\b(?:OPR|Opera)\/([\d.]+)/],
  ['Samsung Internet', /\bSamsungBrowser\/([\d.]+)/],
  ['Firefox', /\b(?:Firefox|FxiOS)\/([\d.]+)/],
  ['Chrome', /\b(?:Chrome|CriOS)\/([\d.]+)/],
  ['Safari', /\bVersion\/([\d.]+).*Safari\//],
];

const SYSTEMS: readonly (readonly [string, RegExp])[] = [
  ['Windows', /\bWindows NT ([\d.]+)/],
  ['Android', /\bAndroid ([\d.]+)/],
  ['iOS', /\b(?:iPhone|CPU) OS ([\d_.]+)/],
  ['Mac OS', /\bMac OS X ([\d_.]+)/],
  ['Chrome OS', /\bCrOS \w+ ([\d.]+)/],
  ['Linux', /\bLinux\b()/],
];

/** Never throws; what is not recognized is `other`. */
export function readDevice(userAgent: string): Device {
  const text = userAgent.slice(0, MAX_LENGTH);
  // The mobile app: `RC Mobile; ios 17.2; v4.50.0 (12345)`.
  const app = /^RC Mobile; (\w+) ([\w.]*); v([\d.]+)/.exec(text);
  if (app) {
    const [, system = '', systemVersion = '', version = ''] = app;
    const name = system.toLowerCase() === 'ios' ? 'iOS' : 'Android';
    return device('mobile-app', 'Rocket.Chat', version, { name, version: systemVersion });
  }
  const os = firstOf(SYSTEMS, text);
  const desktop = /\bRocket\.Chat\/([\d.]+).*Electron\//.exec(text);
  if (desktop) return device('desktop-app', 'Rocket.Chat', desktop[1] ?? '', os);
  const browser = firstOf(BROWSERS, text);
  if (browser.name !== '') return device('browser', browser.name, browser.version, os);
  const [name = '', version = ''] = /^([\w.-]+)\/([\d.]+)/.exec(text)?.slice(1) ?? [];
  return device('other', name, version, os);
}

function firstOf(
  candidates: readonly (readonly [string, RegExp])[],
  text: string,
): { name: string; version: string } {
  for (const [name, pattern] of candidates) {
    const found = pattern.exec(text);
    if (found) return { name, version: (found[1] ?? '').replaceAll('_', '.') };
  }
  return { name: '', version: '' };
}

const device = (type: Device['type'], name: string, longVersion: string, os: Device['os']): Device => ({
  type,
  name,
  longVersion,
  os,
  version: longVersion.split('.').slice(0, 3).join('.'),
});
