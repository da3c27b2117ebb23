import { silentSound } from '../../support/files.ts';
import type { Known } from './hostile-inputs.ts';

export interface HostileForm {
  type: string;
  body: string | Buffer;
}

const TYPE = 'multipart/form-data; boundary=b';

/** The name of an endpoint's file part, and the text parts it needs; `known` gives their values. */
const FORMS: Readonly<Record<string, { field?: string; texts?: readonly string[]; png?: true; wav?: true }>> =
  {
    'assets.setAsset': { field: 'asset', texts: ['assetName'], png: true },
    'users.setAvatar': { field: 'image', png: true },
    'emoji-custom.create': { field: 'emoji', texts: ['name'], png: true },
    'emoji-custom.update': { field: 'emoji', texts: ['_id', 'name'], png: true },
    'custom-sounds.create': { field: 'sound', texts: ['name'], wav: true },
    'custom-sounds.update': { field: 'sound', texts: ['_id', 'name'], wav: true },
  };

export const DOT = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==',
  'base64',
);

/** A tenth of a second of nothing. */
const SILENCE = silentSound();

const part = (head: string, body: string | Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(`--b\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
    Buffer.from(body),
    Buffer.from('\r\n'),
  ]);

const END = Buffer.from('--b--\r\n');

/** A form that is right, then forms such as no client makes. */
export function* hostileForms(path: string, known: Known): Generator<HostileForm> {
  const { field = 'file', texts = [], png, wav } = FORMS[path] ?? {};
  const [type, bytes] = png ? ['image/png', DOT] : wav ? ['audio/wav', SILENCE] : ['text/plain', 'some text'];
  const named = texts.map((name) => part(`name="${name}"`, String(known[name] ?? 'some text')));
  const head = (filename: string) => `name="${field}"; filename="${filename}"\r\ncontent-type: `;
  const file = part(`${head(wav ? 'a.wav' : 'a.png')}${type}`, bytes as string | Buffer);
  const form = (...parts: Buffer[]): HostileForm => ({ type: TYPE, body: Buffer.concat(parts) });
  yield form(...named, file, END);

  yield form(END);
  yield form(file, END);
  yield form(...named, file);
  yield form(...named, file.subarray(0, -10));
  yield form(...named, file, file, END);
  yield form(...named, part(head('../../../etc/passwd'), 'x'), END);
  yield form(...named, part(head(`${'x'.repeat(5000)}.txt`), 'x'), END);
  yield form(...named, part(head('\ud83d\ude00 \u0416 %00.html'), '<script>'), END);
  yield form(
    ...named,
    part(`${head('a.svg')}image/svg+xml`, '<svg xmlns="http://www.w3.org/2000/svg"/>'),
    END,
  );
  yield form(...named, part(`${head('a.png')}image/png`, 'no picture'), END);
  yield form(...named, part(`${head('a.png')}image/png`, DOT.subarray(0, 40)), END);
  yield form(...named, part(`${head('')}nonsense`, ''), END);
  yield form(part('name="__proto__"', 'x'), part('name=""', 'x'), part('', 'x'), ...named, file, END);
  yield form(...texts.map((name) => part(`name="${name}"`, '\0\ud800'.repeat(50))), file, END);
  yield form(...texts.map((name) => part(`name="${name}"`, '{'.repeat(20_000))), file, END);
  yield form(...Array.from({ length: 300 }, (_, n) => part(`name="n${n}"`, 'x')), file, END);
  yield { type: 'multipart/form-data', body: 'nonsense' };
  yield { type: 'multipart/form-data; boundary=', body: '----' };
  yield { type: 'multipart/form-data; boundary=c', body: Buffer.concat([file, END]) };
  yield { type: `${TYPE}; boundary=c`, body: Buffer.alloc(3000, 45) };
}
