import { fail } from '../kernel/errors.ts';
import { Turnstile } from '../kernel/turnstile.ts';

/** At a time, of everybody: each is whole in memory. */
const AT_A_TIME = 4;

/** Files on their way to and from WebDAV servers: few at a time, and one of each person, whose server may be slow. */
export class Transfers {
  readonly #places = new Turnstile(AT_A_TIME);
  readonly #under = new Set<string>();

  /** @throws error-too-many-requests */
  async run<T>(uid: string, method: string, transfer: () => Promise<T>): Promise<T> {
    if (this.#under.has(uid))
      fail('error-too-many-requests', 'Another of your files is on its way', { method });
    this.#under.add(uid);
    try {
      return await this.#places.run(transfer);
    } finally {
      this.#under.delete(uid);
    }
  }
}
