import type { Context } from '../context.ts';
import { parseDoc } from '../storage/json.ts';
import type { AuditEventRow } from '../storage/schema.ts';
import { type AuditFilter, auditPage } from './audit.store.ts';
import type { AuditDoc } from './record.ts';

/** An entry of the audit trail on the wire. */
export interface AuditEvent {
  _id: string;
  t: string;
  ts: Date;
  actor:
    | { type: 'user'; _id: string; username?: string; ip: string; useragent: string }
    | { type: 'system'; reason: string };
  data: { key: string; value: unknown }[];
}

export type { AuditFilter };

export async function listActions(
  ctx: Context,
  filter: AuditFilter,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ events: AuditEvent[]; total: number }> {
  const { rows, total } = await auditPage(ctx.db, filter, page);
  return { events: rows.map(presentAuditEvent), total };
}

function presentAuditEvent(row: AuditEventRow): AuditEvent {
  const { ip = '', userAgent = '', reason = 'command line', data } = parseDoc<AuditDoc>(row.doc);
  const { actor_id: _id, actor_name: username } = row;
  return {
    _id: row.id,
    t: row.kind,
    ts: new Date(row.at),
    actor:
      _id === null
        ? { type: 'system', reason }
        : { type: 'user', _id, ...(username === null ? {} : { username }), ip, useragent: userAgent },
    data: Object.entries(data).map(([key, value]) => ({ key, value })),
  };
}
