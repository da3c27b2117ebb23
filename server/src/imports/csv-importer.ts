import { createHash } from 'node:crypto';
import { type ArchiveEntry, ArchiveReader } from './archive-reader.ts';
import { csvRows } from './csv.ts';
import type { StagedMessage } from './staged.ts';
import type { Staging } from './staging.ts';

/** Stages what a ZIP of CSV files holds (spec 32 B.3). */
export const stageCsv = (path: string, staging: Staging): Promise<void> =>
  ArchiveReader.read(path, async (reader) => {
    const directRooms = new Set<string>();
    for await (const entry of reader.entries()) {
      await staging.whole(entry.path, () => stageEntry(entry, staging, directRooms));
      await staging.looked(entry.packed);
    }
  });

async function stageEntry(entry: ArchiveEntry, staging: Staging, directRooms: Set<string>): Promise<void> {
  const [folder = '', file, ...deeper] = entry.path.split('/');
  if (file === undefined) {
    const name = folder.toLowerCase();
    if (name === 'users.csv') return stageUsers(entry, staging);
    if (name === 'channels.csv') return stageRooms(entry, staging);
    return;
  }
  if (deeper.length > 0 || !file.toLowerCase().endsWith('.csv')) return;
  await staging.step('importer_preparing_messages');
  if (folder.toLowerCase() === 'directmessages') await stageDirectMessages(entry, staging, directRooms);
  else await stageMessages(entry, staging, folder);
}

async function stageUsers(entry: ArchiveEntry, staging: Staging): Promise<void> {
  await staging.step('importer_preparing_users');
  for await (const row of csvRows(entry.text())) {
    const [username = '', email = '', name = ''] = row.map((field) => field.trim());
    if (!username) continue;
    await staging.add('user', { importIds: [username], username, emails: email ? [email] : [], name });
  }
}

async function stageRooms(entry: ArchiveEntry, staging: Staging): Promise<void> {
  await staging.step('importer_preparing_channels');
  for await (const row of csvRows(entry.text())) {
    const [name = '', creator = '', type = '', members = ''] = row.map((field) => field.trim());
    if (!name) continue;
    await staging.add('room', {
      ...{ importIds: [name], name, type: type.toLowerCase() === 'private' ? 'p' : 'c' },
      ...(creator ? { creator } : {}),
      members: members.split(';').flatMap((member) => member.trim() || []),
    });
  }
}

async function stageMessages(entry: ArchiveEntry, staging: Staging, room: string): Promise<void> {
  const ids = new RowIds();
  for await (const [author = '', time = '', msg = ''] of csvRows(entry.text()))
    await staging.add('message', ids.withId({ room, author: author.trim(), ts: timeOf(time), msg }));
}

async function stageDirectMessages(
  entry: ArchiveEntry,
  staging: Staging,
  directRooms: Set<string>,
): Promise<void> {
  const ids = new RowIds();
  const added: string[] = [];
  try {
    for await (const [from = '', to = '', time = '', msg = ''] of csvRows(entry.text())) {
      const members = [from.trim(), to.trim()].sort();
      const room = members.join('/');
      if (!directRooms.has(room)) {
        directRooms.add(room);
        added.push(room);
        await staging.add('room', { importIds: [room], type: 'd', members });
      }
      await staging.add('message', ids.withId({ room, author: from.trim(), ts: timeOf(time), msg }));
    }
  } catch (error) {
    // The rooms go with the file that is no good.
    for (const room of added) directRooms.delete(room);
    throw error;
  }
}

function timeOf(text: string): number | null {
  const time = text.trim() === '' ? Number.NaN : Number(text);
  return Number.isFinite(time) ? time : null;
}

/**
 * Rows have no ids: they are made of what a row says, so that importing it again adds nothing. Of rows that say the same at
 * the same moment, which follow one another, each has its own.
 */
class RowIds {
  #time: number | null = null;
  #seen = new Map<string, number>();

  withId(given: Omit<StagedMessage, 'id'>): StagedMessage {
    const row = { ...given, msg: given.msg.replaceAll('\r\n', '\n') };
    if (row.ts !== this.#time) this.#seen.clear();
    this.#time = row.ts;
    const key = JSON.stringify([row.room, row.ts, row.author, row.msg]);
    const hash = createHash('sha256').update(key).digest('base64url').slice(0, 24);
    const count = this.#seen.get(hash) ?? 0;
    this.#seen.set(hash, count + 1);
    return { ...row, id: `csv-${hash}${count === 0 ? '' : `-${count}`}` };
  }
}
