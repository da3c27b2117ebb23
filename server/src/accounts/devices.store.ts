import type { Db } from '../storage/database.ts';
import { containsPattern, isLike } from '../storage/like.ts';
import { pageAndTotal } from '../storage/page-and-total.ts';
import type { LoginTokenRow } from '../storage/schema.ts';

/** SQL of open sessions as a list of devices. */

export interface SessionRow
  extends Pick<LoginTokenRow, 'hash' | 'uid' | 'created_at' | 'session_id' | 'ip' | 'device'> {
  username: string | null;
  name: string | null;
  user_doc: string;
}

export interface SessionFilter {
  uid?: string | undefined;
  /** Part of the device's or system's name, of the address, the person's names or the id. */
  text?: string | undefined;
  /** Sessions opened at or before it (ms) are over. */
  openedAfter: number;
}

export const SESSION_SORTS = {
  loginAt: 't.created_at',
  'device.name': 't.device_name',
  'device.os.name': 't.os_name',
  '_user.username': 'u.username_key',
  '_user.name': 'u.name',
} as const;

export interface SessionOrder {
  column: (typeof SESSION_SORTS)[keyof typeof SESSION_SORTS];
  direction: 'asc' | 'desc';
}

function sessions(db: Db, { uid, text, openedAfter }: SessionFilter) {
  let found = db
    .selectFrom('login_tokens as t')
    .innerJoin('users as u', 'u.id', 't.uid')
    .where('t.kind', '=', 'session')
    .where('t.created_at', '>', openedAfter);
  if (uid !== undefined) found = found.where('t.uid', '=', uid);
  if (text) {
    const pattern = containsPattern(text);
    found = found.where((eb) =>
      eb.or(
        (['t.device_name', 't.os_name', 't.ip', 't.session_id', 'u.username', 'u.name'] as const).map(
          (column) => isLike(eb.ref(column), pattern),
        ),
      ),
    );
  }
  return found;
}

const COLUMNS = [
  't.hash',
  't.uid',
  't.created_at',
  't.session_id',
  't.ip',
  't.device',
  'u.username',
  'u.name',
  'u.doc as user_doc',
] as const;

export async function sessionPage(
  db: Db,
  filter: SessionFilter,
  order: readonly SessionOrder[],
  page: { offset: number; count: number },
): Promise<{ rows: SessionRow[]; total: number }> {
  const found = sessions(db, filter);
  let sorted = found.select(COLUMNS);
  for (const { column, direction } of order) sorted = sorted.orderBy(column, direction);
  return pageAndTotal(found, sorted.orderBy('t.hash'), page);
}

export function sessionById(db: Db, id: string, filter: SessionFilter): Promise<SessionRow | undefined> {
  return sessions(db, filter).select(COLUMNS).where('t.session_id', '=', id).executeTakeFirst();
}
