// `count-tests.mjs <vitest JSON report> <exit code of vitest>` prints "<passed> <failed>".
import { existsSync, readFileSync } from 'node:fs';

const [report = '', exitCode = '1'] = process.argv.slice(2);

function count() {
  if (!existsSync(report)) return [0, 1];
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(report, 'utf8'));
  // A file that could not be loaded has no tests that could fail.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = numFailedTests + broken;
  // A run without tests, or one that ended badly for another reason, must not look like a success.
  const silent = failed === 0 && (exitCode !== '0' || numPassedTests === 0) ? 1 : 0;
  return [numPassedTests, failed + silent];
}

console.log(count().join(' '));
