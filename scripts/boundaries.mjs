// Checks which way imports point, by the rules of .dependency-cruiser.cjs.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const { forbidden, options } = createRequire(import.meta.url)('../.dependency-cruiser.cjs');

const { output } = await cruise(
  ['server/src', 'server/test'],
  { ...options, validate: true, ruleSet: { forbidden } },
  undefined,
  { tsConfig: extractTSConfig(options.tsConfig.fileName) },
);
const modules = output.modules.filter((module) => module.source.startsWith('server/src/'));
const links = modules
  .flatMap((module) => module.dependencies)
  .filter((to) => to.resolved.startsWith('server/src/'));

// A tool that cannot parse our TypeScript sees no modules or no imports and would be content with that.
if (modules.length === 0 || links.length === 0) {
  console.error(
    `Boundaries: looked at ${modules.length} modules and ${links.length} imports; the check does not work.`,
  );
  process.exit(1);
}
for (const { rule, from, to, cycle } of output.summary.violations) {
  const path = cycle?.length ? cycle.map((step) => step.name).join(' -> ') : to;
  console.error(`${rule.name}: ${from} -> ${path}`);
}
const { error } = output.summary;
console.error(`Boundaries: ${modules.length} modules, ${links.length} imports, ${error} forbidden.`);
process.exit(error > 0 ? 1 : 0);
