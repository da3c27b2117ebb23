import { findUserById, loadUserByUsername } from '../accounts/find-users.ts';
import { peopleByImportId } from '../accounts/imported-people.ts';
import type { User } from '../accounts/user.ts';
import type { Context } from '../context.ts';
import type { UserRef } from '../kernel/caller.ts';
import { userRef } from '../rooms/user-ref.ts';
import type { ImportOperation } from './operation.ts';

/** Slack's own account. Here it is the one that every workspace has (spec 32 B.1). */
export const SLACKBOT = 'USLACKBOT';
const CAT = 'rocket.cat';

/** Usernames that are looked up are remembered up to so many. */
const MAX_KNOWN = 20_000;

/** Who is meant by what the other system calls people. */
export class People {
  readonly #ctx: Context;
  /** Files without ids name people by their usernames, also those who are not in the file (spec 32 B.3). */
  readonly #byUsername: boolean;
  readonly #former: Map<string, UserRef>;
  readonly #taken = new Map<string, UserRef>();
  readonly #known = new Map<string, UserRef | undefined>();

  private constructor(ctx: Context, byUsername: boolean, former: Map<string, UserRef>) {
    this.#ctx = ctx;
    this.#byUsername = byUsername;
    this.#former = former;
  }

  static async load(ctx: Context, { importerKey }: ImportOperation): Promise<People> {
    const people = new People(ctx, importerKey === 'csv', await peopleByImportId(ctx));
    const cat = await findUserById(ctx, CAT);
    if (cat && importerKey === 'slack') people.take([SLACKBOT], cat);
    return people;
  }

  /** This import has taken them in. */
  take(importIds: readonly string[], user: User): void {
    for (const importId of importIds) this.#taken.set(importId, userRef(user));
  }

  async find(importId: string): Promise<UserRef | undefined> {
    const taken = this.#taken.get(importId);
    if (taken) return taken;
    const named = this.#byUsername ? await this.#named(importId) : undefined;
    return named ?? this.#former.get(importId);
  }

  /** The username of somebody who was imported, whom a text may call by the old name. */
  usernameOf(importId: string): string | undefined {
    return (this.#taken.get(importId) ?? this.#former.get(importId))?.username;
  }

  async #named(username: string): Promise<UserRef | undefined> {
    if (this.#known.has(username)) return this.#known.get(username);
    const user = username === '' ? undefined : await loadUserByUsername(this.#ctx.db, username);
    const found = user && userRef(user);
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(username, found);
    return found;
  }
}

/** Where messages of the other system's rooms go; only rooms that this import has taken in. */
export class Places {
  readonly #rooms = new Map<string, string>();
  readonly #names = new Map<string, string>();

  take(
    importIds: readonly string[],
    oldName: string | undefined,
    room: { id: string; name: string | null },
  ): void {
    for (const importId of importIds) this.#rooms.set(importId, room.id);
    if (room.name === null) return;
    for (const name of [...importIds, ...(oldName ? [oldName] : [])]) this.#names.set(name, room.name);
  }

  ridOf(importId: string): string | undefined {
    return this.#rooms.get(importId);
  }

  /** The name of a room that texts call by its old name or id. */
  nameOf(name: string): string | undefined {
    return this.#names.get(name);
  }
}

/** A room's name is none in an address. */
const NAME = /(@|(?<![\w./-])#)([0-9a-zA-Z_.-]+)/g;

/** A text with people and rooms named as they are called here (spec 32 C.3). */
export function withNamesOfHere(text: string, people: People, places: Places): string {
  return text.replace(NAME, (all, sigil: string, name: string) => {
    const here = (old: string) => (sigil === '@' ? people.usernameOf(old) : places.nameOf(old));
    const whole = here(name);
    if (whole) return `${sigil}${whole}`;
    // The end of a sentence, and whatever else the other system's ids cannot hold.
    const [id = ''] = /^[0-9a-zA-Z]+/.exec(name) ?? [];
    for (const old of [name.replace(/[._-]+$/, ''), id]) {
      const found = here(old);
      if (found) return `${sigil}${found}${name.slice(old.length)}`;
    }
    return all;
  });
}
