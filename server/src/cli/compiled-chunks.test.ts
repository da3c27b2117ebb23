import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CompiledChunks } from './compiled-chunks.ts';

const TWO = 'exports.number=()=>41;exports.path=require("node:path");exports.file=__filename;';
/** As long as the other. What V8 has compiled in this process before, it would find without any file. */
const ANOTHER_TWO = TWO.replace('41', '98');
const THIRD_TWO = TWO.replace('41', '72');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gantry-chunks-'));
  writeChunk('one.cjs', 'const two=require("./two.cjs");exports.answer=()=>two.number()+1;');
  writeChunk('two.cjs', TWO);
});
afterEach(() => rmSync(folder, { recursive: true }));

/** As the build writes them, `time` seconds after the epoch. */
function writeChunk(name: string, text: string, time = 1_000_000): void {
  const make =
    '(typeof module==="object"?make=>module.exports=make:make=>make)((function(exports,require,module,__filename,__dirname,__url){';
  writeFileSync(join(folder, name), `${make}${text}\n}))\n`);
  utimesSync(join(folder, name), time, time);
}

/** A start: the answer of the first chunk. */
function start(): number {
  const chunks = new CompiledChunks(folder);
  const { answer } = chunks.load('./one.cjs') as { answer(): number };
  const number = answer();
  chunks.keep();
  return number;
}

function cacheFile(): string {
  const [name = '', ...more] = readdirSync(join(folder, 'compiled'));
  expect(more).toEqual([]);
  return join(folder, 'compiled', name);
}

test('chunks find each other and what Node has, and are run once', () => {
  const chunks = new CompiledChunks(folder);
  const two = chunks.load('./two.cjs') as { path: unknown; file: string };
  expect(two.path).toBe(process.getBuiltinModule('node:path'));
  expect(two.file).toBe(join(folder, 'two.cjs'));
  expect(chunks.load('./two.cjs')).toBe(two);
});

test('the second start runs what the first one has compiled, and writes nothing', () => {
  expect(start()).toBe(42);
  const written = readFileSync(cacheFile());
  const { ino } = statSync(cacheFile());
  // Of the same length and time: only whoever compiled it would answer 99.
  writeChunk('two.cjs', ANOTHER_TWO);
  expect(start()).toBe(42);
  expect(readFileSync(cacheFile())).toEqual(written);
  expect(statSync(cacheFile()).ino).toBe(ino);
});

test('a chunk that was written anew is compiled anew, and that is kept', () => {
  start();
  const written = readFileSync(cacheFile());
  writeChunk('two.cjs', ANOTHER_TWO, 1_000_001);
  expect(start()).toBe(99);
  expect(readFileSync(cacheFile())).not.toEqual(written);
  expect(start()).toBe(99);
});

test.each([
  ['a changed byte', (file: Buffer) => file.with(file.length - 20, file.at(-20) === 7 ? 8 : 7)],
  ['an end that is missing', (file: Buffer) => file.subarray(0, file.length / 2)],
  ['nothing but zeros, as after a power loss', (file: Buffer) => Buffer.alloc(file.length)],
  ['an empty file', () => Buffer.alloc(0)],
])('%s is noticed: the chunks are compiled, and the file is replaced', (_, spoil) => {
  start();
  writeFileSync(cacheFile(), spoil(readFileSync(cacheFile())));
  writeChunk('two.cjs', ANOTHER_TWO);
  expect(start()).toBe(99);
  writeChunk('two.cjs', THIRD_TWO);
  expect(start()).toBe(99);
});

test('a start does not need to write', () => {
  // In the place of the directory: root may write everywhere.
  writeFileSync(join(folder, 'compiled'), '');
  expect(start()).toBe(42);
  expect(start()).toBe(42);
  rmSync(join(folder, 'compiled'));
  mkdirSync(join(folder, 'compiled'));
  start();
  expect(statSync(cacheFile()).size).toBeGreaterThan(100);
});

test('an error while a chunk is made reaches whoever wanted it', () => {
  writeChunk('bad.cjs', 'throw new TypeError("no");');
  expect(() => new CompiledChunks(folder).load('./bad.cjs')).toThrow(TypeError);
});
