import type { Credentials } from '../client/http-connection.ts';

export interface SeededUser extends Credentials {
  username: string;
}

/** The workspace that scenarios work on. Every user but those of `crowd` alone has a login token. */
export interface Workspace {
  /** The members of `town`, of `archive` and of the side channels. */
  people: readonly SeededUser[];
  /** In no room but `general`. */
  outsiders: readonly SeededUser[];
  /** Id of a channel with 1,000 members. */
  town: string;
  /** Id of a channel with 10,000 members, the people among them. */
  city: string;
  /** Id of a channel with 100,000 messages and the dates of the first and the last one (ms). */
  archive: string;
  from: number;
  to: number;
}

export const SIZES = { people: 1000, outsiders: 8, crowd: 10_000, sideChannels: 10, messages: 100_000 };
