import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import type { Tx } from '../storage/database.ts';
import type { Bytes } from './bytes.ts';
import type { Dump } from './dump.ts';
import type { Report } from './report.ts';

/** What all parts of an import share; everything is written in one transaction. */
export interface Taking {
  dump: Dump;
  tx: Tx;
  /** The settings are those of the dump as soon as they were taken. */
  ctx: Pick<Context, 'settings' | 'log'>;
  report: Report;
  bytes: Bytes;
  /** ms */
  now: number;
  /** Global and room roles: what they may be called, by id and by name, to their id. */
  roles: Map<string, string>;
  users: Map<string, UserRef>;
  rooms: Map<string, KnownRoom>;
  /** Which message shows a file, by the id of the file. */
  shownBy: Map<string, string>;
}

export interface KnownRoom {
  type: 'c' | 'p' | 'd';
  name: string | null;
  updatedAt: number;
  teamId: string | null;
  /** Who a direct room is of; empty for others. */
  uids: readonly string[];
}

/** The bot that every workspace has: stands for whoever is not named. */
export const CAT = { _id: 'rocket.cat', username: 'rocket.cat' };

export const NOT_OURS = 'of a kind that is not built here';
