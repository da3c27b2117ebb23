import { takenAddresses } from '../accounts/imported-people.ts';
import type { Context } from '../context.ts';
import { IMPORTERS } from './importers.ts';
import { countRecords, deleteRecords } from './imports.store.ts';
import type { ImportOperation } from './operation.ts';
import { changeOperation } from './operation-steps.ts';
import { recordPages } from './record-pages.ts';
import { operationStillIn } from './running-import.ts';
import { DIRECT_MESSAGES, type StagedRoom, type StagedUser } from './staged.ts';
import type { Wanted, WantedParts } from './wanted-parts.ts';

const PAGE = 500;

/** What there is to choose from (spec 32 A, "Selection"). */
export async function selectionOf(ctx: Context, { id, importerKey }: ImportOperation): Promise<object> {
  const users: object[] = [];
  for await (const page of recordPages(ctx, id, 'user', PAGE)) {
    const isTaken = await takenAddresses(
      ctx,
      page.flatMap(({ doc }) => firstOf(doc.emails) ?? []),
    );
    users.push(...page.map(({ doc }) => userEntry(doc, isTaken)));
  }
  const channels: object[] = [];
  let hasDirect = false;
  for await (const page of recordPages(ctx, id, 'room', PAGE)) {
    for (const { doc } of page) {
      if (doc.type === 'd') hasDirect = true;
      else channels.push(roomEntry(doc));
    }
  }
  if (hasDirect) channels.push(DIRECT_ENTRY);
  const message_count = await countRecords(ctx.db, id, 'message');
  return { name: IMPORTERS[importerKey].name, users, channels, message_count };
}

const firstOf = (texts: readonly string[]): string | undefined => texts.find((text) => text.trim() !== '');

function userEntry(user: StagedUser, isTaken: (address: string) => boolean): object {
  const email = firstOf(user.emails);
  return {
    user_id: user.importIds[0],
    username: user.username,
    email,
    is_deleted: user.deleted === true,
    is_bot: user.type === 'bot',
    do_import: true,
    is_email_taken: email !== undefined && isTaken(email),
  };
}

const roomEntry = ({ importIds, name, archived, type }: StagedRoom): object => ({
  channel_id: importIds[0],
  name,
  is_archived: archived === true,
  do_import: true,
  is_private: type === 'p',
  is_direct: false,
});

const DIRECT_ENTRY = {
  channel_id: DIRECT_MESSAGES,
  name: 'Direct Messages',
  is_archived: false,
  do_import: true,
  is_private: true,
  is_direct: true,
};

/** Forgets the users and rooms that nobody wants; their messages find no room then. Counts what is left. */
export async function dropUnselected(
  ctx: Context,
  id: string,
  wanted: WantedParts | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (!wanted) return;
  const users = wantedBy(wanted.users);
  const rooms = wantedBy(wanted.channels);
  await drop(ctx, id, 'user', signal, ({ importIds }) => users(importIds[0]));
  await drop(ctx, id, 'room', signal, ({ importIds, type }) =>
    rooms(type === 'd' ? DIRECT_MESSAGES : importIds[0]),
  );
  await ctx.write(async (tx, emit) => {
    const operation = await operationStillIn(tx, id, 'importing');
    const [left, channels, messages] = [
      await countRecords(tx, id, 'user'),
      await countRecords(tx, id, 'room'),
      await countRecords(tx, id, 'message'),
    ];
    const total = left + channels + messages;
    const counts = { ...operation.counts, users: left, channels, messages, total };
    await changeOperation(ctx, { tx, emit }, operation, { counts });
  });
}

function wantedBy(wanted: Wanted): (importId: string | undefined) => boolean {
  if (wanted === 'all') return () => true;
  const ids = new Set(wanted);
  return (importId) => importId !== undefined && ids.has(importId);
}

async function drop<K extends 'user' | 'room'>(
  ctx: Context,
  id: string,
  kind: K,
  signal: AbortSignal,
  isWanted: (doc: K extends 'user' ? StagedUser : StagedRoom) => boolean,
): Promise<void> {
  for await (const page of recordPages(ctx, id, kind, PAGE)) {
    signal.throwIfAborted();
    const unwanted = page.filter(({ doc }) => !isWanted(doc as never)).map(({ position }) => position);
    if (unwanted.length > 0) await ctx.write((tx) => deleteRecords(tx, id, unwanted));
  }
}
