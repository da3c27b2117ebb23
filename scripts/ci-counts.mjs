// `ci-counts.mjs <name of the suite> <report of ci-report.mjs> <exit code of the run> <summary>` prints "<passed> <failed>" and
// appends what failed, or passed only when it was repeated, to the summary.
import { appendFileSync, existsSync, readFileSync } from 'node:fs';

const [name = '', report = '', exitCode = '1', summary = ''] = process.argv.slice(2);

const { passed, failures, repeated } = existsSync(report)
  ? JSON.parse(readFileSync(report, 'utf8'))
  : { passed: 0, failures: ['the run ended without a report'], repeated: [] };
// One that ended badly for a reason that no test shows must not look like a success.
if (failures.length === 0 && exitCode !== '0') failures.push(`the run ended with code ${exitCode}`);

const lines = [
  ...failures.map((failure) => `!! ${name}: ${failure}`),
  ...repeated.map((test) => `?? ${name}: passed only when it was repeated: ${test}`),
];
appendFileSync(summary, lines.map((line) => `${line}\n`).join(''));
console.log(`${passed} ${failures.length}`);
