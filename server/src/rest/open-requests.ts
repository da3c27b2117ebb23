import type { Server } from 'node:http';

/** Counts the requests under way, so that an orderly shutdown knows when it may cut the connections that are left. */
export class OpenRequests {
  #count = 0;
  #none: (() => void)[] = [];

  constructor(server: Server) {
    server.on('request', (_request, response) => {
      this.#count += 1;
      response.once('close', () => this.#ended());
    });
  }

  /** Resolves when no request is under way, or after `ms`: a client may take for ever to send or to read. */
  async finished(ms: number): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#none.push(resolve);
      timer = setTimeout(resolve, ms);
    });
    clearTimeout(timer);
  }

  #ended(): void {
    this.#count -= 1;
    if (this.#count > 0) return;
    const waiting = this.#none;
    this.#none = [];
    for (const resolve of waiting) resolve();
  }
}
