import { Buffer } from 'node:buffer';
import { expect } from 'vitest';
import { ZipFile } from 'yazl';
import { wireDoc } from '../../src/messages/message.ts';
import type { TestServer } from './server.ts';

/** A real archive; a value that is no text is its JSON. */
export async function zipOf(files: Record<string, unknown>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(files)) {
    if (name.endsWith('/')) zip.addEmptyDirectory(name);
    else zip.addBuffer(Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)), name);
  }
  zip.end();
  const pieces: Buffer[] = [];
  for await (const piece of zip.outputStream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const DONE = { success: true };

/** Imports of files, as an administrator makes them. */
export class Importing {
  readonly server: TestServer;

  constructor(server: TestServer) {
    this.server = server;
  }

  async upload(importerKey: string, bytes: Buffer, fileName = 'export.zip'): Promise<void> {
    const body = {
      ...{ binaryContent: bytes.toString('base64'), contentType: 'application/zip' },
      ...{ fileName, importerKey },
    };
    expect((await this.server.admin.post('uploadImportFile', body)).body).toEqual(DONE);
  }

  /** Has it looked through; what there is to choose from. */
  async prepare() {
    expect((await this.server.admin.get('getImportFileData')).body).toEqual({ waiting: true, success: true });
    await this.server.server.jobs.idle();
    return (await this.server.admin.get('getImportFileData')).body;
  }

  async start(input: object = { users: { all: true }, channels: { all: true } }) {
    expect((await this.server.admin.post('startImport', { input })).body).toEqual(DONE);
    await this.server.server.jobs.idle();
    return (await this.server.admin.get('getImportProgress')).body;
  }

  async all(importerKey: string, files: Record<string, unknown>) {
    await this.upload(importerKey, await zipOf(files));
    await this.prepare();
    return this.start();
  }

  async status() {
    return (await this.server.admin.get('import.status')).body;
  }

  /** What could not be imported, and why. */
  async errors() {
    const rows = await this.server.server.ctx.db
      .selectFrom('import_records')
      .select(['kind', 'error', 'doc'])
      .orderBy('position')
      .execute();
    return rows.map(({ kind, error, doc }) => ({ kind, error, doc: JSON.parse(doc) }));
  }

  /** One that its administrator is not in. */
  async privateRoom(filter: string) {
    const { body } = await this.server.admin.get('rooms.adminRooms', { filter });
    return body.rooms.find((room: { name: string }) => room.name === filter);
  }

  async room(name: string) {
    const { body } = await this.server.admin.get('rooms.info', { roomName: name });
    return body.room;
  }

  /** Oldest first. */
  async messages(rid: string) {
    const rows = await this.server.server.ctx.db
      .selectFrom('messages')
      .select('doc')
      .where('rid', '=', rid)
      .orderBy('ts')
      .orderBy('seq')
      .execute();
    return rows.map(({ doc }) => JSON.parse(wireDoc(doc)));
  }
}
