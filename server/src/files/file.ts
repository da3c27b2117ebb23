import { parseDoc, stringify } from '../storage/json.ts';
import type { FileRow } from '../storage/schema.ts';
import type { StoreName } from './blobs/blob-store.ts';

export type FileKind = 'upload' | 'avatar' | 'emoji' | 'sound' | 'asset' | 'export' | 'import';

/** A stored file as operations see it. Times in ms. Wire names are given by `presentUpload`. */
export interface StoredFile extends FileDoc {
  id: string;
  kind: FileKind;
  rid: string | null;
  /** Who uploaded it; for an avatar, whose it is. */
  uid: string | null;
  /** The message that shows an upload; null until it is sent. */
  messageId: string | null;
  /** Of a thumbnail: the file that it shows. */
  originalId: string | null;
  name: string;
  type: string;
  typeGroup: string;
  size: number;
  hidden: boolean;
  uploadedAt: number;
  updatedAt: number;
  /** An upload that is not sent by then is removed. */
  expiresAt: number | null;
  store: StoreName;
  blobKey: string;
}

/** What is only stored and shown: the JSON column of a file. */
export interface FileDoc {
  etag: string;
  token: string;
  identify?: ImageFacts;
  description?: string;
  /** Of an end-to-end encrypted file, as its sender made it. */
  content?: Record<string, unknown>;
  /** A blurred JPEG of some hundred bytes, as base64. */
  preview?: string;
}

export interface ImageFacts {
  format: string;
  size: { width: number; height: number };
}

export const THUMB = 'thumb';

export function fileFromRow(row: FileRow): StoredFile {
  return {
    ...parseDoc<FileDoc>(row.doc),
    id: row.id,
    kind: row.kind as FileKind,
    rid: row.rid,
    uid: row.uid,
    messageId: row.message_id,
    originalId: row.original_id,
    name: row.name,
    type: row.type,
    typeGroup: row.type_group,
    size: row.size,
    hidden: row.hidden === 1,
    uploadedAt: row.uploaded_at,
    updatedAt: row.updated_at,
    expiresAt: row.expires_at,
    store: row.store as StoreName,
    blobKey: row.blob_key,
  };
}

export function fileRow(file: StoredFile): FileRow {
  const { etag, token, identify, description, content, preview } = file;
  return {
    id: file.id,
    kind: file.kind,
    rid: file.rid,
    uid: file.uid,
    message_id: file.messageId,
    original_id: file.originalId,
    name: file.name,
    type: file.type,
    type_group: file.typeGroup,
    size: file.size,
    hidden: Number(file.hidden),
    uploaded_at: file.uploadedAt,
    updated_at: file.updatedAt,
    expires_at: file.expiresAt,
    store: file.store,
    blob_key: file.blobKey,
    doc: stringify({ etag, token, identify, description, content, preview }),
  };
}

/** The path of a file's bytes, relative to the site; clients put their own address before it. */
export const filePath = ({ id, name }: Pick<StoredFile, 'id' | 'name'>): string =>
  `/file-upload/${id}/${encodeURI(name)}`;
