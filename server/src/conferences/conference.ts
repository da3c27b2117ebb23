import type { UserRef } from '../kernel/caller.ts';
import { parseDoc } from '../storage/json.ts';
import type { ConferenceRow } from '../storage/schema.ts';

export const STATUS = { calling: 0, started: 1, expired: 2, ended: 3, declined: 4 } as const;

/** A call as clients see it (spec 11 §15). */
export interface Conference extends ConferenceDocument {
  _id: string;
  /** `direct` rings between two people, `videoconference` is open to the room. */
  type: 'direct' | 'videoconference';
  rid: string;
  status: number;
  providerName: string;
  createdAt: Date;
  endedAt?: Date;
  _updatedAt: Date;
}

/** The JSON column. */
export interface ConferenceDocument {
  title?: string;
  createdBy: UserRef;
  users: Participant[];
  anonymousUsers: number;
  messages: { started?: string; ended?: string };
  ringing?: boolean;
  url: string;
}

export interface Participant extends UserRef {
  avatarETag: string | null;
  ts: string;
}

export function conferenceFromRow(row: ConferenceRow): Conference {
  return {
    _id: row.id,
    type: row.type as Conference['type'],
    rid: row.rid,
    status: row.status,
    providerName: row.provider,
    createdAt: new Date(row.created_at),
    ...(row.ended_at === null ? {} : { endedAt: new Date(row.ended_at) }),
    _updatedAt: new Date(row.updated_at),
    ...parseDoc<ConferenceDocument>(row.doc),
  };
}

/** Nobody is waited for, or talks, any more. */
export const isOver = ({ status }: Pick<Conference, 'status'>): boolean => status >= STATUS.expired;
