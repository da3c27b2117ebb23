import type { Outgoing } from './integration.ts';

/** One attempt of an outgoing webhook, under its names on the wire (spec 31 §2.1). */
export interface HistoryEntry {
  _id: string;
  type: 'outgoing-webhook';
  /** The last step that was reached (spec 31 §4.5). */
  step: string;
  integration: Outgoing;
  event: string;
  _createdAt: Date;
  _updatedAt: Date;
  /** With the members of the delivery that a replay needs: its id, the room. */
  data: Record<string, unknown>;
  triggerWord?: string;
  url: string;
  /** Ours: the id that receivers tell duplicates by. */
  deliveryId: string;
  rid?: string;
  ranPrepareScript: boolean;
  finished: boolean;
  prepareSentMessage?: unknown;
  processSentMessage?: unknown;
  resultMessage?: unknown;
  httpCallData?: string;
  httpError?: unknown;
  httpResult?: string;
  error?: boolean;
  errorStack?: string;
}
