import { encode } from './ejson.ts';

/** The DDP messages of the server as text (spec 40 §2), and the parts of a client's that are more than a lookup. */

/** The error object of `result` and `nosub` (spec 40 §2.8). */
export interface DdpError {
  isClientSafe: true;
  error: string | number;
  reason?: string;
  message: string;
  details?: unknown;
  errorType: 'Meteor.Error';
}

/** Builds an error object; `message` follows from code and reason. */
export function ddpError(error: string | number, reason?: string, details?: unknown): DdpError {
  const message = reason ? `${reason} [${error}]` : `[${error}]`;
  const built: DdpError = { isClientSafe: true, error, message, errorType: 'Meteor.Error' };
  if (reason) built.reason = reason;
  if (details !== undefined && details !== null) built.details = details;
  return built;
}

export const PROTOCOL_VERSIONS: readonly string[] = ['1', 'pre2', 'pre1'];

/** The version a client's `connect` settles on, or the one to propose with `failed` (spec 40 §2.1.4). */
export function negotiateVersion(version: unknown, support: unknown): { agreed: boolean; version: string } {
  if (typeof version !== 'string' || !Array.isArray(support) || !support.includes(version)) {
    return { agreed: false, version: '1' };
  }
  const best: unknown = support.find((candidate) => PROTOCOL_VERSIONS.includes(candidate));
  if (best === version) return { agreed: true, version };
  return { agreed: false, version: typeof best === 'string' ? best : '1' };
}

export const SERVER_ID = '{"server_id":"0"}';
export const PING = '{"msg":"ping"}';

export const connectedText = (session: string): string =>
  `{"msg":"connected","session":${JSON.stringify(session)}}`;
export const failedText = (version: string): string =>
  `{"msg":"failed","version":${JSON.stringify(version)}}`;
export const updatedText = (id: string): string => `{"msg":"updated","methods":[${JSON.stringify(id)}]}`;
export const readyText = (id: string): string => `{"msg":"ready","subs":[${JSON.stringify(id)}]}`;

export function pongText(id: unknown): string {
  return id === undefined ? '{"msg":"pong"}' : encode({ msg: 'pong', id });
}

export function nosubText(id: string, error?: DdpError): string {
  return encode({ msg: 'nosub', id, error });
}

/** A complaint about a message that fits nowhere (spec 40 §2.9). */
export function complaintText(reason: string, offendingMessage?: unknown): string {
  return encode({ msg: 'error', reason, offendingMessage });
}

export function addedText(collection: string, id: string, fields: object): string {
  return encode({ msg: 'added', collection, id, fields });
}

export function changedText(
  collection: string,
  id: string,
  fields: object,
  cleared?: readonly string[],
): string {
  return encode({ msg: 'changed', collection, id, fields, cleared: cleared?.length ? cleared : undefined });
}

export function removedText(collection: string, id: string): string {
  return encode({ msg: 'removed', collection, id });
}

/** What comes before the event name in a stream event (spec 40 §7.2). */
export const streamEventHead = (stream: string): string =>
  `{"msg":"changed","collection":"stream-${stream}","id":"id","fields":{"eventName":`;

/** A whole stream event around arguments that are encoded already. */
export const streamEventText = (stream: string, eventName: string, encodedArgs: string): string =>
  `${streamEventHead(stream)}${JSON.stringify(eventName)},"args":${encodedArgs}}}`;

/** An event of `stream-user-presence`: the document id is the user's (spec 40 §8.6). */
export function presenceText(uid: string, tuple: readonly unknown[]): string {
  const id = JSON.stringify(uid);
  return `{"msg":"changed","collection":"stream-user-presence","id":${id},"fields":{"uid":${id},"eventName":${id},"args":[${encode(tuple)}]}}`;
}
