import { parseDoc } from '../storage/json.ts';
import type { ReportRow } from '../storage/schema.ts';

/** A report as moderators see it (spec 11 §13). Dates in the stored parts are JSON already. */
export interface Report {
  _id: string;
  /** The message as it was when it was reported. */
  message?: Record<string, unknown> & { _id: string };
  room?: { _id: string; name?: string; fname?: string; t: string; prid?: string };
  reportedUser?: ReportedPerson;
  description: string;
  ts: Date;
  reportedBy: ReportedPerson;
  moderationInfo?: { moderatedBy: string; hiddenAt: string; action: string; reason: string };
  _hidden?: true;
  _updatedAt: Date;
}

export interface ReportedPerson {
  _id: string;
  username?: string;
  name?: string;
  emails?: readonly { address: string; verified: boolean }[];
  createdAt: string;
}

export type ReportDocument = Pick<Report, 'message' | 'room' | 'reportedUser' | 'description' | 'reportedBy'>;

export function reportFromRow(row: ReportRow): Report {
  return {
    _id: row.id,
    ...parseDoc<ReportDocument>(row.doc),
    ts: new Date(row.ts),
    ...(row.moderation === null
      ? {}
      : { moderationInfo: parseDoc<NonNullable<Report['moderationInfo']>>(row.moderation) }),
    ...(row.hidden === 1 ? { _hidden: true } : {}),
    _updatedAt: new Date(row.updated_at),
  };
}
