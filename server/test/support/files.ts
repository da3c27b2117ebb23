import type { Answer, Person, TestServer } from './server.ts';

export interface TestFile {
  name?: string;
  type?: string;
  bytes: Uint8Array | string;
  /** Of the part; default `file`. */
  field?: string;
}

/** A multipart request as browsers and SDKs make it: text parts first. */
export async function sendForm(
  server: Pick<TestServer, 'url'>,
  person: Pick<Person, 'uid' | 'token'> | undefined,
  path: string,
  { files = [], fields = {} }: { files?: readonly TestFile[]; fields?: Readonly<Record<string, string>> },
): Promise<Answer> {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const { bytes, type = '', name = 'file', field = 'file' } of files) {
    form.append(field, new Blob([bytes], { type }), name);
  }
  const headers: Record<string, string> = person
    ? { 'x-user-id': person.uid, 'x-auth-token': person.token }
    : {};
  const response = await fetch(`${server.url}/api/v1/${path}`, { method: 'POST', body: form, headers });
  return { status: response.status, body: await response.json(), headers: response.headers };
}

/** Uploads a file for a room; gives its id and link. */
export async function uploadFile(
  server: Pick<TestServer, 'url'>,
  person: Person,
  rid: string,
  file: TestFile,
  fields: Readonly<Record<string, string>> = {},
): Promise<{ _id: string; url: string }> {
  const { status, body } = await sendForm(server, person, `rooms.media/${rid}`, { files: [file], fields });
  if (status !== 200) throw new Error(`not uploaded: ${JSON.stringify(body)}`);
  return body.file;
}

/** Fetches bytes outside the API as this person, by query as native clients do. */
export async function fetchFile(
  server: Pick<TestServer, 'url'>,
  person: Pick<Person, 'uid' | 'token'> | undefined,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Headers; bytes: Buffer }> {
  const login = person
    ? `${path.includes('?') ? '&' : '?'}rc_uid=${person.uid}&rc_token=${person.token}`
    : '';
  const response = await fetch(`${server.url}${path}${login}`, { headers, redirect: 'manual' });
  const bytes = Buffer.from(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes };
}

/** A WAV file with a tenth of a second of nothing. */
export function silentSound(): Buffer {
  const samples = 800;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8000, 24);
  head.writeUInt32LE(8000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 128)]);
}
