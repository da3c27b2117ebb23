import { parseDoc } from '../storage/json.ts';
import type { Schema } from '../storage/schema.ts';

export type ArchiveFormat = 'html' | 'json';

/** Everything that belongs to a person. */
export interface UserWish {
  kind: 'user';
  /** As JSON and with the files, instead of pages that name them. */
  fullExport: boolean;
}

/** A stretch of a room: `from` belongs to it, `to` does not. ms */
export interface RoomWish {
  kind: 'room';
  rid: string;
  format: ArchiveFormat;
  from: number;
  to: number;
}

export type ExportStatus = 'pending' | 'exporting' | 'completed' | 'failed';

/** What somebody wants as an archive. Its file has the same id. Times in ms. */
export interface Export {
  id: string;
  uid: string;
  status: ExportStatus;
  createdAt: number;
  updatedAt: number;
  wish: UserWish | RoomWish;
}

export function exportFromRow(row: Schema['exports']): Export {
  return {
    id: row.id,
    uid: row.uid,
    status: row.status as ExportStatus,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    wish: parseDoc<Export['wish']>(row.wish),
  };
}

/** Where the archive is, relative to the site. */
export const exportPath = (id: string): string => `/data-export/${id}`;
