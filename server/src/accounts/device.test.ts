import { expect, test } from 'vitest';
import { readDevice } from './device.ts';

const WINDOWS = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${WINDOWS} Chrome/113.0.0.0 Safari/537.36`, 'browser', 'Chrome', '113.0.0.0', 'Windows', '10.0'],
  [
    `${WINDOWS} Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91`,
    'browser',
    'Edge',
    '120.0.2210.91',
    'Windows',
    '10.0',
  ],
  [
    'Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0',
    'browser',
    'Firefox',
    '121.0',
    'Linux',
    '',
  ],
  [
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.2 Safari/605.1.15',
    ...(['browser', 'Safari', '17.2', 'Mac OS', '10.15.7'] as const),
  ],
  [
    'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/112.0.0.0 Mobile Safari/537.36',
    ...(['browser', 'Chrome', '112.0.0.0', 'Android', '10'] as const),
  ],
  ['RC Mobile; ios 17.2; v4.50.0 (12345)', 'mobile-app', 'Rocket.Chat', '4.50.0', 'iOS', '17.2'],
  [
    `${WINDOWS} Rocket.Chat/4.1.0 Chrome/126.0.0.0 Electron/31.0.0 Safari/537.36`,
    ...(['desktop-app', 'Rocket.Chat', '4.1.0', 'Windows', '10.0'] as const),
  ],
  ['curl/8.5.0', 'other', 'curl', '8.5.0', '', ''],
  ['', 'other', '', '', '', ''],
  ['\u0000nonsense', 'other', '', '', '', ''],
])('%s', (userAgent, type, name, longVersion, system, version) => {
  expect(readDevice(userAgent)).toEqual({
    ...{ type, name, longVersion, os: { name: system, version } },
    version: longVersion.split('.').slice(0, 3).join('.'),
  });
});
