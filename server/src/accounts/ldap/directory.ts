import type { connect as connectPlainly, Socket } from 'node:net';
import type { connect as connectWithTls } from 'node:tls';
import type * as Ldapts from 'ldapts';
import type { Client, Entry, Filter, SearchOptions } from 'ldapts';
import type { Context } from '../../context.ts';
import type { Settings } from '../../kernel/settings.ts';
import { Turnstile } from '../../kernel/turnstile.ts';
import { DirectoryFilters } from './directory-filters.ts';
import {
  type DirectoryId,
  type DirectoryPerson,
  pictureAttributes,
  readAttributes,
  readPerson,
  readPicture,
} from './directory-person.ts';
import { type ByteAllowance, openPlainSocket, openTlsSocket } from './directory-socket.ts';

/** The directory gave no usable answer: not reached, too slow, not understood, or the settings do not suit it. */
export class DirectoryFailure extends Error {
  /** The result code (RFC 4511 §4.1.9) where the directory answered with one. */
  get code(): number | undefined {
    const { cause } = this;
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
    return typeof code === 'number' ? code : undefined;
  }
}

/** Of one answer, or one page of a long one. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;
const MAX_PAGE = 1000;
const MAX_TIMEOUT_MS = 10 * 60_000;

const NO_SUCH_OBJECT = 32;

/** How many logins ask the directory at a time; the rest wait. */
const AT_ONCE = 20;
const turnstile = new Turnstile(AT_ONCE);

/**
 * The codes by which a directory says no to somebody's bind: a constraint such as a lock, no such object, invalid name,
 * inappropriate authentication, invalid credentials, insufficient access, unwilling.
 */
const REFUSED_BIND = new Set([19, 32, 34, 48, 49, 50, 53]);

/**
 * Opens a connection for `work`, bound as the account of the settings, and closes it afterwards. With `LDAP_Reconnect`
 * the work is done a second time when the connection breaks. Throws `DirectoryFailure`.
 */
export async function withDirectory<T>(
  ctx: Pick<Context, 'settings'>,
  work: (directory: Directory) => Promise<T>,
): Promise<T> {
  // Loaded with the first question: most workspaces have no directory.
  const ldapts = await import('ldapts');
  const once = async () => {
    const directory = new Directory(ldapts, ctx.settings);
    try {
      await directory.open();
      return await work(directory);
    } finally {
      directory.close();
    }
  };
  return turnstile.run(() =>
    once().catch((error) => {
      const broken = error instanceof DirectoryFailure && error.code === undefined;
      if (broken && ctx.settings.bool('LDAP_Reconnect')) return once();
      throw error;
    }),
  );
}

/** One connection to the directory. */
export class Directory {
  readonly #settings: Settings;
  readonly #client: Client;
  readonly #filters: DirectoryFilters;
  readonly #allowance: ByteAllowance = { left: MAX_ANSWER_BYTES };

  #isOpen = false;

  constructor(ldapts: typeof Ldapts, settings: Settings) {
    this.#settings = settings;
    this.#filters = new DirectoryFilters(ldapts, settings);
    const connectTimeout = timeout(settings, 'LDAP_Connect_Timeout');
    const encrypted = settings.text('LDAP_Encryption') === 'ssl';
    const openTls = (socket?: Socket) =>
      openTlsSocket(settings, this.#allowance, { socket, handshakeMs: connectTimeout });
    this.#client = new ldapts.Client({
      // Only the scheme counts: the address is the sockets' business.
      url: encrypted ? 'ldaps://directory' : 'ldap://directory',
      timeout: timeout(settings, 'LDAP_Timeout'),
      connectTimeout,
      createConnection: (() =>
        this.#first(() => openPlainSocket(settings, this.#allowance))) as typeof connectPlainly,
      // Called with the options of an upgrade, or with a port.
      createSecureConnection: ((given: number | { socket: Socket }) =>
        typeof given === 'object'
          ? openTls(given.socket)
          : this.#first(() => openTls())) as typeof connectWithTls,
    });
  }

  /** Connects, encrypts and binds as the settings want it. */
  async open(): Promise<void> {
    if (this.#settings.text('LDAP_Host').trim() === '') throw new DirectoryFailure('LDAP_Host is empty');
    if (this.#settings.text('LDAP_Encryption') === 'tls') await this.#ask(() => this.#client.startTLS());
    if (!this.#settings.bool('LDAP_Authentication')) return;
    const dn = this.#settings.text('LDAP_Authentication_UserDN').trim();
    const password = this.#settings.text('LDAP_Authentication_Password');
    // With an empty one the directory would take us for nobody in particular, and say that all is well.
    if (dn === '' || password === '')
      throw new DirectoryFailure('the account for searches has no name or password');
    await this.#ask(() => this.#client.bind(dn, password));
  }

  /** Asks something that every directory answers. */
  async ping(): Promise<void> {
    await this.#search('', { scope: 'base', attributes: ['1.1'] });
  }

  /** Whether anybody may have an account. */
  async hasPeople(): Promise<boolean> {
    const found = await this.#people(
      this.#filter(() => this.#filters.people()),
      { sizeLimit: 1 },
    );
    return found.length > 0;
  }

  /** People who log in by this name; two where there are more than one. */
  async findNamed(name: string): Promise<DirectoryPerson[]> {
    return this.#people(
      this.#filter(() => this.#filters.named(name)),
      { sizeLimit: 2 },
    );
  }

  /** Those of these people who may have an account. */
  async findIdentified(ids: readonly DirectoryId[]): Promise<DirectoryPerson[]> {
    return this.#people(
      this.#filter(() => this.#filters.identified(ids)),
      { others: [...new Set(ids.map(({ attribute }) => attribute))] },
    );
  }

  /** Whether the person is in the group that the settings ask for, if they do. */
  async isInGroup({ dn, username = '' }: DirectoryPerson): Promise<boolean> {
    if (!this.#settings.bool('LDAP_Group_Filter_Enable')) return true;
    const filter = this.#filter(() => this.#filters.groupWith({ dn, username }));
    const found = await this.#search(this.#base, { scope: 'sub', filter, attributes: ['1.1'], sizeLimit: 1 });
    return found.length > 0;
  }

  /** Binds as the person: from then on the connection is theirs. An empty password proves nothing, and is never asked about. */
  async isPasswordRight(dn: string, password: string): Promise<boolean> {
    if (password === '' || !dn.includes('=')) return false;
    return this.#ask(() => this.#client.bind(dn, password)).then(
      () => true,
      (error) => {
        if (error instanceof DirectoryFailure && REFUSED_BIND.has(error.code ?? -1)) return false;
        throw error;
      },
    );
  }

  /** Whether whoever the connection is bound as sees this entry. */
  async sees(dn: string): Promise<boolean> {
    const found = await this.#search(dn, { scope: 'base', attributes: ['1.1'] });
    return found.length > 0;
  }

  /** The picture in this entry. */
  async pictureOf(dn: string): Promise<Buffer | undefined> {
    const attributes = [...pictureAttributes(this.#settings)];
    // ldapts knows them as bytes by the spelling of the directory only.
    const spelled = [
      'jpegPhoto',
      'thumbnailPhoto',
      ...attributes,
      ...attributes.map((name) => name.toLowerCase()),
    ];
    const options = { scope: 'base' as const, attributes, explicitBufferAttributes: spelled };
    const [entry] = await this.#search(dn, options).catch((error) => {
      // It is gone since it was found.
      if (error instanceof DirectoryFailure && error.code === NO_SUCH_OBJECT) return [];
      throw error;
    });
    return entry && readPicture(this.#settings, entry);
  }

  /** Everybody who may have an account, page by page. */
  async *pages(): AsyncGenerator<DirectoryPerson[]> {
    const pageSize = Math.min(Math.max(this.#settings.int('LDAP_Search_Page_Size'), 1), MAX_PAGE);
    const filter = this.#filter(() => this.#filters.people());
    const pages = this.#client.searchPaginated(this.#base, {
      ...this.#wanted(filter, []),
      paged: { pageSize },
    });
    for (;;) {
      const page = await this.#ask(() => pages.next());
      if (page.done) return;
      yield page.value.searchEntries.map((entry) => readPerson(this.#settings, entry, []));
    }
  }

  close(): void {
    // Waiting for it would give a directory that hangs another chance to hold us up.
    this.#client.unbind().catch(() => {});
  }

  /** ldapts would open a new connection for a broken one by itself: not bound, and without the TLS of an upgrade. */
  #first(open: () => Socket): Socket {
    if (this.#isOpen) throw new Error('the connection to the directory is lost');
    this.#isOpen = true;
    return open();
  }

  get #base(): string {
    return this.#settings.text('LDAP_BaseDN').trim();
  }

  async #people(
    filter: Filter,
    { sizeLimit, others = [] }: { sizeLimit?: number; others?: readonly string[] },
  ): Promise<DirectoryPerson[]> {
    const options = { ...this.#wanted(filter, others), ...(sizeLimit ? { sizeLimit } : {}) };
    const entries = await this.#search(this.#base, options);
    return entries.map((entry) => readPerson(this.#settings, entry, others));
  }

  #wanted(filter: Filter, others: readonly string[]): SearchOptions {
    const { all, binary } = readAttributes(this.#settings, others);
    const scope = this.#settings.text('LDAP_User_Search_Scope') as 'base' | 'one' | 'sub';
    return { filter, scope, attributes: all, explicitBufferAttributes: binary };
  }

  async #search(base: string, options: SearchOptions): Promise<Entry[]> {
    return (await this.#ask(() => this.#client.search(base, options))).searchEntries;
  }

  #filter(build: () => Filter): Filter {
    try {
      return build();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : 'it cannot be read';
      throw new DirectoryFailure(`a filter of the settings is wrong: ${reason}`);
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    this.#allowance.left = MAX_ANSWER_BYTES;
    try {
      return await question();
    } catch (cause) {
      throw new DirectoryFailure(cause instanceof Error ? cause.message : 'no answer', { cause });
    }
  }
}

/** ms */
const timeout = (settings: Settings, id: string): number =>
  Math.min(Math.max(settings.int(id), 1), MAX_TIMEOUT_MS);
