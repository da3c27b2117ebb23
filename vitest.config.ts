import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take a minute and more begin first, so that no core is idle at the end. */
const LONG = /server\/test\/(faults|model)\//;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = (file: TestSpecification) => Number(LONG.test(file.moduleId));
    return sorted.sort((one, other) => isLong(other) - isLong(one));
  }
}

export default defineConfig({
  test: {
    include: ['server/src/**/*.test.ts', 'server/test/**/*.test.ts'],
    globalSetup: 'scripts/before-tests.mjs',
    pool: 'forks',
    // The default leaves one core idle: on two cores, half of the time.
    maxWorkers: '100%',
    // Half of the time of the suite was loading the same modules for every file. Nothing in the server is global, so files may
    // share them; a test that changes something of the process puts it back.
    isolate: false,
    sequence: { sequencer: LongOnesFirst },
    testTimeout: 20_000,
    expect: { poll: { timeout: 10_000 } },
    hookTimeout: 20_000,
  },
});
