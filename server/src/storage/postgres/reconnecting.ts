import type { Client } from 'pg';

/** A connection that is made when it is first needed, and again after it was lost. */
export class Reconnecting {
  readonly #connect: () => Promise<Client>;
  #client: Promise<Client> | undefined;
  /** What `#client` has become. */
  #made: Client | undefined;

  constructor(connect: () => Promise<Client>) {
    this.#connect = connect;
  }

  get(): Promise<Client> {
    if (!this.#client) {
      const made = this.#connect();
      this.#client = made;
      this.#made = undefined;
      const forget = () => {
        if (this.#client === made) this.#client = undefined;
      };
      made.then((client) => {
        if (this.#client === made) this.#made = client;
        client.on('end', forget);
      }, forget);
    }
    return this.#client;
  }

  /** Does not use it any more. One that has taken its place stays. */
  drop(client: Client): void {
    if (this.#made === client) this.#client = undefined;
    client.end().catch(() => {});
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end();
  }
}
