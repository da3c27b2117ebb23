import { ArchiveReader } from './archive-reader.ts';
import { jsonItems } from './json-items.ts';
import { SlackMessages } from './slack-messages.ts';
import { ROOM_LISTS, type SlackPlace, slackRoom, slackUser } from './slack-rooms.ts';
import type { Staging } from './staging.ts';

/**
 * Stages what a Slack export holds (spec 32 B.1). Its messages lie in folders that are called after rooms, whose list may
 * stand behind them: the archive is walked through twice.
 */
export async function stageSlack(path: string, staging: Staging): Promise<void> {
  const places = new Places();
  await ArchiveReader.read(path, async (reader) => {
    for await (const entry of reader.entries()) {
      const isOfRoot = !entry.path.includes('/');
      if (!isOfRoot) continue;
      if (entry.path === 'users.json')
        await staging.whole(entry.path, () => stageUsers(entry.text(), staging));
      const kind = Object.hasOwn(ROOM_LISTS, entry.path) ? ROOM_LISTS[entry.path] : undefined;
      if (kind) await stageRooms(entry.path, entry.text(), kind, staging, places);
      await staging.looked(entry.packed);
    }
  });
  await staging.step('importer_preparing_messages');
  await ArchiveReader.read(path, async (reader) => {
    for await (const entry of reader.entries()) {
      const [folder = '', file, ...deeper] = entry.path.split('/');
      if (file === undefined) continue;
      const place = deeper.length === 0 && file.endsWith('.json') ? places.of(folder) : undefined;
      if (place) await staging.whole(entry.path, () => stageMessages(entry.text(), place, staging, places));
      await staging.looked(entry.packed);
    }
  });
}

/** Rooms by the folders that their messages may be in. */
class Places {
  readonly #byId = new Map<string, SlackPlace>();
  readonly #byName = new Map<string, SlackPlace>();

  add(place: SlackPlace): void {
    this.#byId.set(place.id, place);
    if (place.name !== undefined) this.#byName.set(place.name, place);
  }

  of(folder: string): SlackPlace | undefined {
    return this.#byName.get(folder) ?? this.#byId.get(folder);
  }

  nameOf = (id: string): string | undefined => this.#byId.get(id)?.name;
}

async function stageUsers(text: AsyncIterable<string>, staging: Staging): Promise<void> {
  await staging.step('importer_preparing_users');
  for await (const item of jsonItems(text)) {
    const user = slackUser(item);
    if (user) await staging.add('user', user);
  }
}

async function stageRooms(
  source: string,
  text: AsyncIterable<string>,
  kind: (typeof ROOM_LISTS)[string],
  staging: Staging,
  places: Places,
): Promise<void> {
  await staging.step('importer_preparing_channels');
  const maxDirect = staging.ctx.settings.int('DirectMesssage_maxUsers') || 8;
  const found: SlackPlace[] = [];
  const isWhole = await staging.whole(source, async () => {
    for await (const item of jsonItems(text)) {
      const room = slackRoom(item, kind, maxDirect);
      if (!room) continue;
      await staging.add('room', room.staged);
      found.push(room.place);
    }
  });
  if (isWhole) for (const place of found) places.add(place);
}

async function stageMessages(
  text: AsyncIterable<string>,
  place: SlackPlace,
  staging: Staging,
  places: Places,
): Promise<void> {
  const messages = new SlackMessages(place, places.nameOf);
  for await (const item of jsonItems(text))
    for (const message of messages.read(item)) await staging.add('message', message);
}
