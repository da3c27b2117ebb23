import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compatibilityPage } from '../../../scripts/compatibility-page.ts';

test('the compatibility page says what the code declares (npm run compat)', async () => {
  const page = readFileSync(new URL('../../../docs/compatibility.md', import.meta.url), 'utf8');
  expect(page).toBe(await compatibilityPage());
});
