import { availableParallelism } from 'node:os';
import { Bench } from './harness/bench.ts';
import { describeMachine } from './harness/machine.ts';
import { type Options, parseOptions, USAGE } from './harness/options.ts';
import { machineBusyMs } from './harness/proc.ts';
import { printProfiles } from './harness/profile.ts';
import { type ScenarioResult, tableOf, writeJson } from './harness/report.ts';
import type { Scenario } from './harness/scenario.ts';
import { SCENARIOS } from './scenarios/index.ts';

/** Nothing here takes nearly as long; a run that hangs must not hang for ever. */
const LONGEST_MS = 40 * 60_000;

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  const options = optionsOf(args);
  if (!options) return 2;
  if (options.help) {
    console.log(`${USAGE}\n\nScenarios:`);
    for (const { name, title } of SCENARIOS) console.log(`  ${name.padEnd(12)}${title}`);
    return 0;
  }
  const unknown = options.only.filter((name) => !SCENARIOS.some((scenario) => scenario.name === name));
  if (unknown.length > 0) {
    console.error(`There is no scenario ${unknown.join(', ')}; see --help.`);
    return 2;
  }
  return runAll(options);
}

function optionsOf(args: readonly string[]): Options | undefined {
  try {
    return parseOptions(args);
  } catch (error) {
    // An unknown option; what `parseArgs` says is meant for people.
    console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`);
    return undefined;
  }
}

async function runAll(options: Options): Promise<number> {
  const bench = new Bench(options);
  const machine = describeMachine(bench.dir);
  const stop = (why: string) => {
    console.error(`\n${why}: cleaning up.`);
    void bench.close().finally(() => process.exit(130));
  };
  process.once('SIGINT', () => stop('Interrupted'));
  process.once('SIGTERM', () => stop('Terminated'));
  const watchdog = setTimeout(() => stop('The run takes too long'), LONGEST_MS).unref();
  const results: ScenarioResult[] = [];
  try {
    for (const scenario of SCENARIOS) {
      if (options.only.length > 0 && !options.only.includes(scenario.name)) continue;
      results.push(await runOne(bench, scenario));
    }
  } finally {
    clearTimeout(watchdog);
    await bench.close();
  }
  writeJson(options.json, { machine, quick: options.quick, results });
  const { processor, cores, memoryGiB, kernel, node, fileSystem, commit, loadBefore } = machine;
  console.log(
    `\n${processor}, ${cores} cores, ${memoryGiB} GiB, ${fileSystem}, Linux ${kernel}, Node ${node}`,
  );
  console.log(
    `commit ${commit}, load average before: ${loadBefore.toFixed(1)}${options.quick ? ', QUICK run' : ''}\n`,
  );
  console.log(tableOf(results));
  console.log(`\nWritten to ${options.json}.`);
  if (options.profile) printProfiles(options.profile);
  return results.some(({ error }) => error !== undefined) ? 1 : 0;
}

async function runOne(bench: Bench, { name, title, run }: Scenario): Promise<ScenarioResult> {
  bench.say(`\n${name}: ${title}`);
  const [started, busy, own] = [performance.now(), machineBusyMs(), bench.ownCpuMs()];
  const outcome: Pick<ScenarioResult, 'figures' | 'error'> = await run(bench).then(
    (figures) => ({ figures }),
    (error: unknown) => ({
      figures: [],
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
    }),
  );
  const ms = performance.now() - started;
  const foreign = machineBusyMs() - busy - (bench.ownCpuMs() - own);
  const foreignLoad = Math.max(0, foreign / (ms * availableParallelism()));
  const result: ScenarioResult = {
    scenario: name,
    title,
    seconds: Math.round(ms / 100) / 10,
    foreignLoad,
    ...outcome,
  };
  if (result.error !== undefined) bench.say(result.error);
  bench.say(tableOf([result]));
  bench.say(`(${result.seconds} s; other processes took ${(foreignLoad * 100).toFixed(0)} % of the machine)`);
  return result;
}
