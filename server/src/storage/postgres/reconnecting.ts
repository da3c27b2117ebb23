import type { Client } from 'pg';

/** A connection that is made when it is first needed, and again after it was lost. */
export class Reconnecting {
  readonly #connect: () => Promise<Client>;
  #client: Promise<Client> | undefined;

  constructor(connect: () => Promise<Client>) {
    this.#connect = connect;
  }

  get(): Promise<Client> {
    if (!this.#client) {
      const made = this.#connect();
      this.#client = made;
      const forget = () => {
        if (this.#client === made) this.#client = undefined;
      };
      made.then((client) => client.on('end', forget), forget);
    }
    return this.#client;
  }

  drop(client: Client): void {
    this.#client = undefined;
    client.end().catch(() => {});
  }

  async close(): Promise<void> {
    const client = await this.#client?.catch(() => undefined);
    this.#client = undefined;
    await client?.end();
  }
}
