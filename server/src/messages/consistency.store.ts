import { sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonItems, jsonText } from '../storage/json.ts';

/** What is left of a deleted message (`rm`) is seen, but counted neither by its room nor by its thread (spec 30 §6). */
const counted = sql`messages.hidden = 0 and (messages.t is null or messages.t <> 'rm')`;
const lastMessageId = jsonText(sql.ref('rooms.last_message'), '_id');

const followers = jsonItems(jsonText(sql.ref('messages.doc'), 'replies'));

/** What must hold in the tables of messages and discussions. */
export const messageRules: readonly ConsistencyRule[] = [
  reference('messages', 'rid', 'rooms'),
  reference('message_mentions', 'mid', 'messages'),
  reference('message_stars', 'mid', 'messages'),
  reference('message_stars', 'uid', 'users'),
  reference('thread_followers', 'mid', 'messages'),
  reference('thread_followers', 'rid', 'rooms'),
  reference('message_mentions', 'rid', 'rooms'),
  reference('message_stars', 'rid', 'rooms'),
  reference('pending_message_files', 'message_id', 'messages'),
  reference('pending_message_files', 'rid', 'rooms'),
  reference('read_receipts', 'message_id', 'messages'),
  reference('read_receipts', 'rid', 'rooms'),
  reference('read_marks', 'rid', 'rooms'),
  reference('thread_reads', 'tmid', 'messages'),
  reference('thread_reads', 'rid', 'rooms'),
  reference('discussions', 'rid', 'rooms'),
  reference('discussions', 'parent_rid', 'rooms'),
  reference('discussions', 'announcement_id', 'messages'),
  reference('discussions', 'root_message_id', 'messages'),
  {
    broken: 'unread thread that is gone',
    query: sql`select subscriptions.rid || ' ' || subscriptions.uid || ' ' || item.value as what
      from subscriptions, ${jsonItems(jsonText(sql.ref('subscriptions.doc'), 'tunread'))}
      where not exists (select 1 from messages where messages.id = item.value and messages.rid = subscriptions.rid)`,
  },
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
    broken: 'follower of a thread who is missing in the index of followers',
    query: sql`select messages.id || ' ' || item.value as what from messages, ${followers}
      where ${jsonText(sql.ref('messages.doc'), 'replies')} is not null and messages.hidden = 0
      and not exists (select 1 from thread_followers as known where known.mid = messages.id
        and known.rid = messages.rid and known.uid = item.value)`,
  },
  {
    broken: 'follower in the index of followers whom the message does not name',
    query: sql`select thread_followers.mid || ' ' || thread_followers.uid as what from thread_followers
      where not exists (select 1 from messages, ${followers} where messages.id = thread_followers.mid
        and messages.rid = thread_followers.rid and item.value = thread_followers.uid)`,
  },
  {
    broken: 'room that shows a last message that is gone',
    query: sql`select rooms.id as what from rooms where rooms.last_message is not null
      and not exists (select 1 from messages where messages.id = ${lastMessageId} and messages.hidden = 0)`,
  },
];
