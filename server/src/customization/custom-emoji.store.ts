import type { Selectable } from 'kysely';
import type { Db, Tx } from '../storage/database.ts';
import { parseDoc, stringify } from '../storage/json.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { Schema } from '../storage/schema.ts';

/** SQL of custom emoji. `custom_emoji_names` holds names and aliases: each belongs to one emoji. */

export interface CustomEmoji {
  id: string;
  name: string;
  aliases: readonly string[];
  extension: string;
  fileId: string;
  /** Changes with the picture. */
  etag: string;
  /** ms */
  updatedAt: number;
}

export interface RemovedEmoji {
  emoji: Pick<CustomEmoji, 'id' | 'name' | 'aliases' | 'extension' | 'updatedAt'>;
  /** ms */
  deletedAt: number;
}

const fromRow = (row: Selectable<Schema['custom_emoji']>): CustomEmoji => ({
  id: row.id,
  name: row.name,
  aliases: parseDoc<string[]>(row.aliases),
  extension: row.extension,
  fileId: row.file_id,
  etag: row.etag,
  updatedAt: row.updated_at,
});

export async function emojiById(db: Db, id: string): Promise<CustomEmoji | undefined> {
  const row = await db.selectFrom('custom_emoji').selectAll().where('id', '=', id).executeTakeFirst();
  return row && fromRow(row);
}

export async function emojiByName(db: Db, name: string): Promise<CustomEmoji | undefined> {
  const row = await db.selectFrom('custom_emoji').selectAll().where('name', '=', name).executeTakeFirst();
  return row && fromRow(row);
}

/** Changed after `since` (ms), by name. Every client reads all of them at its start. */
export async function emojiSince(
  db: Db,
  { since, id }: { since?: number | undefined; id?: string | undefined },
): Promise<CustomEmoji[]> {
  let found = db.selectFrom('custom_emoji').selectAll();
  if (since !== undefined) found = found.where('updated_at', '>', since);
  if (id !== undefined) found = found.where('id', '=', id);
  return (await found.orderBy('name').execute()).map(fromRow);
}

export async function emojiRemovedSince(db: Db, since: number): Promise<RemovedEmoji[]> {
  const rows = await db
    .selectFrom('tombstones')
    .select(['doc', 'deleted_at'])
    .where('kind', '=', 'emoji')
    .where('deleted_at', '>', since)
    .orderBy('deleted_at')
    .execute();
  return rows.map((row) => ({ emoji: parseDoc<RemovedEmoji['emoji']>(row.doc), deletedAt: row.deleted_at }));
}

export async function emojiPage(
  db: Db,
  name: string | undefined,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ emojis: CustomEmoji[]; total: number }> {
  let found = db.selectFrom('custom_emoji');
  if (name) found = found.where((eb) => isLike(eb.ref('name'), containsPattern(name)));
  const { rows, total } = await pageAndTotal(found, found.selectAll().orderBy('name', page.direction), page);
  return { emojis: rows.map(fromRow), total };
}

export async function isEmojiName(db: Db, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('custom_emoji_names')
    .select('name')
    .where('name', '=', name)
    .executeTakeFirst();
  return row !== undefined;
}

/** False when another emoji has the name or one of the aliases. */
export async function saveEmoji(tx: Tx, emoji: CustomEmoji): Promise<boolean> {
  const names = [emoji.name, ...emoji.aliases];
  const taken = await tx
    .selectFrom('custom_emoji_names')
    .select('name')
    .where('name', 'in', names)
    .where('emoji_id', '<>', emoji.id)
    .executeTakeFirst();
  if (taken) return false;
  const row = {
    name: emoji.name,
    aliases: stringify(emoji.aliases),
    extension: emoji.extension,
    file_id: emoji.fileId,
    etag: emoji.etag,
    updated_at: emoji.updatedAt,
  };
  await tx
    .insertInto('custom_emoji')
    .values({ id: emoji.id, ...row })
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute();
  await tx.deleteFrom('custom_emoji_names').where('emoji_id', '=', emoji.id).execute();
  await tx
    .insertInto('custom_emoji_names')
    .values(names.map((name) => ({ name, emoji_id: emoji.id })))
    .execute();
  return true;
}

/** Removes the emoji and leaves a tombstone for `emoji-custom.list`. */
export async function deleteEmoji(
  tx: Tx,
  { id, name, aliases, extension, updatedAt }: CustomEmoji,
  deletedAt: number,
): Promise<void> {
  await tx.deleteFrom('custom_emoji_names').where('emoji_id', '=', id).execute();
  await tx.deleteFrom('custom_emoji').where('id', '=', id).execute();
  const doc = stringify({ id, name, aliases, extension, updatedAt });
  await tx
    .insertInto('tombstones')
    .values({ kind: 'emoji', id, scope: '', deleted_at: deletedAt, doc })
    .execute();
}
