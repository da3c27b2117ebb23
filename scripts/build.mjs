// Bundles the server into chunks, which dist/gantry.cjs runs. Does nothing when the bundle is newer than everything it is made of.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const DIST = join(ROOT, 'dist');
const BUNDLE = join(DIST, 'gantry.cjs');
/** What V8 made of the chunks when they were first run: see server/src/cli/compiled-chunks.ts. */
const COMPILED = join(DIST, 'compiled');

/** Packages with native code stay in node_modules; `node:sqlite` exists on newer Node only and is tried at run time. */
const NATIVE = ['@node-rs/bcrypt', '@photostructure/sqlite', 'node:sqlite', 'sharp'];
/** What Fastify would load for schemas of routes and for requests without a network, and we have neither: 200 KB of text. */
const UNUSED = ['@fastify/ajv-compiler', '@fastify/fast-json-stringify-compiler', 'light-my-request'];
const EXTERNAL = [...NATIVE, ...UNUSED];
/** The thread of scripts is a file of its own; what it runs scripts in loads its WebAssembly from beside itself. */
const SCRIPT_THREAD = join(DIST, 'script-worker.mjs');
const THREAD_EXTERNAL = ['@jitl/quickjs-wasmfile-release-sync', 'quickjs-emscripten-core'];

const AS_COMMONJS = {
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  define: { 'import.meta.url': '__url' },
};

/** Builds if needed; returns the path of the bundle. */
export async function build() {
  if (isFresh()) return BUNDLE;
  const started = Date.now();
  const esbuild = await import('esbuild');
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['server/src/integrations/scripts/script-worker.mjs'],
    outfile: SCRIPT_THREAD,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    external: THREAD_EXTERNAL,
    logLevel: 'warning',
  });
  const made = await buildChunks(esbuild);
  removeOldChunks(made);
  // Of builds before 28 November 2026; nobody should go on running it.
  rmSync(join(DIST, 'gantry.mjs'), { force: true });
  rmSync(COMPILED, { recursive: true, force: true });
  // Last: its time says that everything beside it is there.
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: ['server/src/cli/gantry.ts'],
    outfile: BUNDLE,
    bundle: true,
    ...AS_COMMONJS,
    banner: { js: '"use strict";const __url=require("node:url").pathToFileURL(__filename).href;' },
    logLevel: 'warning',
  });
  // Its helper process would stay as long as the server that is started next.
  await esbuild.stop();
  console.error(`Built dist/gantry.cjs in ${Date.now() - started} ms.`);
  return BUNDLE;
}

/**
 * Only ES modules can be split, and only CommonJS can be given to V8 with what it has compiled before (`cli/compiled-chunks.ts`). So
 * the chunks are made as the one and turned into the other.
 */
async function buildChunks(esbuild) {
  const { metafile, outputFiles } = await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: { 'command-line': 'server/src/cli/run-process.ts' },
    outdir: DIST,
    bundle: true,
    // What is imported when it is first needed is a file of its own, whose text takes no memory before.
    splitting: true,
    metafile: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: 'inline',
    // A third less to read with each start, and to keep in memory. Names stay, for the sake of stack traces.
    minifyWhitespace: true,
    minifySyntax: true,
    external: EXTERNAL,
    logLevel: 'warning',
  });
  refuseNamelessChunks(metafile);
  const chunks = new Map(outputFiles.map(({ path, text }) => [`./${basename(path)}`, text]));
  await esbuild.build({
    absWorkingDir: ROOT,
    entryPoints: [...chunks.keys()].map((name) => ({ in: name, out: basename(name, '.js') })),
    outdir: DIST,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    ...AS_COMMONJS,
    sourcemap: true,
    minifyWhitespace: true,
    minifySyntax: true,
    lineLimit: 200,
    external: EXTERNAL,
    supported: { 'dynamic-import': false },
    // A chunk is a function, so that its text need not be copied to make it one. Node's own `require` gets it as what is exported.
    banner: {
      js: '(typeof module==="object"?make=>module.exports=make:make=>make)((function(exports,require,module,__filename,__dirname,__url){"use strict";',
    },
    footer: { js: '}))' },
    plugins: [chunksInMemory(chunks)],
    // The rest was said the first time.
    logLevel: 'error',
  });
  const made = [...chunks.keys()].map((name) => `${basename(name, '.js')}.cjs`);
  for (const name of made) escapeToAscii(join(DIST, name));
  return new Set(made.flatMap((name) => [name, `${name}.map`]));
}

/** Reads chunks from memory, each by itself: what it imports of others stays a file of its own. */
const chunksInMemory = (chunks) => ({
  name: 'chunks-in-memory',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^\.\// }, ({ path, kind }) =>
      kind === 'entry-point'
        ? { path: join(DIST, path), namespace: 'chunk' }
        : { path: path.replace(/\.js$/, '.cjs'), external: true },
    );
    onLoad({ filter: /.*/, namespace: 'chunk' }, ({ path }) => ({
      contents: chunks.get(`./${basename(path)}`),
      resolveDir: DIST,
      loader: 'js',
    }));
  },
});

/**
 * `import('x')` of a CommonJS package has the names of its exports in Node, but only `default` in a chunk. Such packages are
 * imported by a module of ours that names what is used of them (`server/src/kernel/packages`), and that is what is loaded later.
 */
function refuseNamelessChunks({ outputs }) {
  for (const { entryPoint, exports } of Object.values(outputs)) {
    if (!entryPoint?.includes('node_modules/') || exports.some((name) => name !== 'default')) continue;
    rmSync(BUNDLE, { force: true });
    throw new Error(
      `import() of ${entryPoint} has nothing but \`default\` in the bundle: see scripts/build.mjs`,
    );
  }
}

/**
 * Node keeps the text of the bundle in memory, at two bytes a character as soon as a single one is not Latin; esbuild
 * leaves some in comments and patterns. An escape means the same in all of these.
 */
function escapeToAscii(path) {
  const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: everything but ASCII is meant
  writeFileSync(path, readFileSync(path, 'utf8').replace(/[^\x00-\x7f]/g, escaped));
}

/** A server that still runs on an earlier build may load its chunks until it is restarted, so they stay for some days. */
function removeOldChunks(made) {
  for (const name of readdirSync(DIST)) {
    const isChunk = /-[A-Z0-9]{8}\.[cm]js(\.map)?$/.test(name);
    if (!isChunk || made.has(name)) continue;
    if (Date.now() - statSync(join(DIST, name)).mtimeMs > 7 * 24 * 3600_000) rmSync(join(DIST, name));
  }
}

function isFresh() {
  const built = statSync(BUNDLE, { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const files = ['server/package.json', 'package-lock.json', 'scripts/build.mjs'];
  return (
    files.every((path) => statSync(join(ROOT, path)).mtimeMs < built) &&
    newest(join(ROOT, 'server/src')) < built
  );
}

/** Also looks at folders themselves: their time changes when a file in them is deleted. Every start waits for this. */
function newest(path) {
  let time = statSync(path).mtimeMs;
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const inside = `${path}/${entry.name}`;
    time = Math.max(time, entry.isDirectory() ? newest(inside) : statSync(inside).mtimeMs);
  }
  return time;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await build();
