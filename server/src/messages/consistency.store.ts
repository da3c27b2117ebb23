import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonText } from '../storage/json.ts';

/** What is left of a deleted message (`rm`) is seen, but counted neither by its room nor by its thread (spec 30 §6). */
const counted = sql`messages.hidden = 0 and (messages.t is null or messages.t <> 'rm')`;
const lastMessageId = jsonText(sql.ref('rooms.last_message'), '_id');

/** What must hold in the tables of messages and discussions. */
export const messageRules: readonly ConsistencyRule[] = [
  reference('messages', 'rid', 'rooms'),
  reference('message_mentions', 'mid', 'messages'),
  reference('message_stars', 'mid', 'messages'),
  reference('message_stars', 'uid', 'users'),
  reference('message_mentions', 'rid', 'rooms'),
  reference('message_stars', 'rid', 'rooms'),
  reference('read_receipts', 'message_id', 'messages'),
  reference('read_receipts', 'rid', 'rooms'),
  reference('read_marks', 'rid', 'rooms'),
  reference('discussions', 'rid', 'rooms'),
  reference('discussions', 'parent_rid', 'rooms'),
  reference('discussions', 'announcement_id', 'messages'),
  {
    broken: 'room whose number of messages is wrong',
    query: sql`select rooms.id || ': ' || rooms.msgs || ' instead of ' || count(messages.id) as what
      from rooms left join messages on messages.rid = rooms.id and ${counted}
      group by rooms.id, rooms.msgs having rooms.msgs <> count(messages.id)`,
  },
  {
    broken: 'message whose number of replies is wrong',
    query: sql`select parent.id || ': ' || coalesce(parent.tcount, 0) || ' instead of ' || count(messages.id) as what
      from messages as parent left join messages on messages.tmid = parent.id and ${counted}
      where parent.tcount is not null and parent.hidden = 0
      group by parent.id, parent.tcount having parent.tcount <> count(messages.id)`,
  },
  {
    broken: 'room that shows a last message that is gone',
    query: sql`select rooms.id as what from rooms where rooms.last_message is not null
      and not exists (select 1 from messages where messages.id = ${lastMessageId} and messages.hidden = 0)`,
  },
];
