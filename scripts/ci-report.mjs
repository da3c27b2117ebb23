import { writeFileSync } from 'node:fs';

/**
 * A reporter of vitest for `.ci/run`: writes `{passed, failures, repeated}` as JSON to the file that `CI_REPORT`
 * names. `failures` are lines that say what failed and why; `repeated` names the tests that passed only when they were
 * run once more.
 */
export default class CiReport {
  onTestRunEnd(modules, unhandledErrors) {
    let passed = 0;
    const failures = [];
    const repeated = [];
    for (const module of modules) {
      // A file that could not be loaded has no tests that could fail.
      for (const error of module.errors()) failures.push(line(module.relativeModuleId, error));
      for (const suite of module.children.allSuites())
        for (const error of suite.errors())
          failures.push(line(`${module.relativeModuleId} > ${suite.fullName}`, error));
      for (const test of module.children.allTests()) {
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        const { state, errors } = test.result();
        if (state === 'failed') failures.push(line(name, errors?.[0]));
        if (state !== 'passed') continue;
        passed += 1;
        if (test.diagnostic()?.flaky) repeated.push(name);
      }
    }
    for (const error of unhandledErrors) failures.push(line('outside of the tests', error));
    // A run without tests must not look like a success.
    if (passed === 0 && failures.length === 0) failures.push('no test was run');
    writeFileSync(process.env.CI_REPORT, JSON.stringify({ passed, failures, repeated }));
  }
}

function line(name, error) {
  return `${name}: ${error?.message ?? 'failed'}`.replaceAll(/\s+/g, ' ').slice(0, 500);
}
