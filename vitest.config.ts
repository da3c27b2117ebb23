import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Those that take a minute and more begin first, so that no core is idle at the end. */
const LONG = /server\/(test\/(faults|model|cluster)|src\/storage\/postgres)\//;

class LongOnesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = (file: TestSpecification) => Number(LONG.test(file.moduleId));
    return sorted.sort((one, other) => isLong(other) - isLong(one));
  }
}

/** Tests of several nodes and of PostgreSQL itself; `npm run test:postgres` starts one, and runs any other tests on it, too. */
const NEED_POSTGRES = ['server/test/cluster/**', 'server/src/storage/postgres/**'];
const { GANTRY_TEST_POSTGRES: postgres } = process.env;
if (!postgres)
  process.stderr.write(
    'Without GANTRY_TEST_POSTGRES the tests of PostgreSQL and of several nodes are left out: npm run test:postgres\n',
  );

export default defineConfig({
  test: {
    exclude: [...configDefaults.exclude, ...(postgres ? [] : NEED_POSTGRES)],
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
