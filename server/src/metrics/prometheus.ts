import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import '../admin/admin.events.ts';
import '../messages/messages.events.ts';
import type { Figures, MeasuredParts } from './figures.ts';

interface Running {
  figures: Figures;
  server: Server;
  resetting: NodeJS.Timeout | undefined;
}

const SETTINGS = 'Prometheus_';

/**
 * `GET /metrics` on a port of its own (spec 23, "Operations"), while `Prometheus_Enabled` is on. Who can reach the port reads
 * the figures: it is for the operator's network.
 */
export class Prometheus {
  readonly #parts: MeasuredParts;
  #running: Running | undefined;
  /** Starts and ends follow each other. */
  #line: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(parts: MeasuredParts) {
    this.#parts = parts;
    const { events } = parts.ctx;
    events.on('setting.changed', ({ id }) => {
      if (id.startsWith(SETTINGS)) void this.apply();
    });
    events.on('message.sent', () => this.#running?.figures.noteMessage(), { ownOnly: true });
  }

  /** Where it listens; undefined while it does not. */
  get port(): number | undefined {
    return (this.#running?.server.address() as AddressInfo | null | undefined)?.port;
  }

  /** Does what the settings say. A port that cannot be had is logged. */
  apply(): Promise<void> {
    this.#line = this.#line.then(async () => {
      await this.#end();
      if (!this.#closed && this.#parts.ctx.settings.bool(`${SETTINGS}Enabled`)) await this.#start();
    });
    return this.#line;
  }

  /** Resolves when what the settings said by now is done. */
  settled(): Promise<void> {
    return this.#line;
  }

  close(): Promise<void> {
    this.#closed = true;
    return this.apply();
  }

  async #start(): Promise<void> {
    const { config, settings, log } = this.#parts.ctx;
    const { Figures } = await import('./figures.ts');
    const figures = new Figures(this.#parts, {
      collections: settings.bool(`${SETTINGS}Garbage_Collector`),
      userAgents: settings.bool(`${SETTINGS}API_User_Agent`),
    });
    const server = createServer((request, response) => {
      if (request.method !== 'GET' || request.url?.split('?', 1)[0] !== '/metrics') {
        response.writeHead(404).end();
        return;
      }
      figures.registry.metrics().then(
        (text) => response.writeHead(200, { 'content-type': figures.registry.contentType }).end(text),
        (err: unknown) => {
          log.error({ err }, 'the figures could not be read');
          response.writeHead(500).end();
        },
      );
    });
    const port = config.prometheusPort ?? settings.int(`${SETTINGS}Port`);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen({ port, host: config.bindIp }, resolve);
      });
    } catch (err) {
      figures.end();
      log.error({ err, port }, 'no figures for Prometheus');
      return;
    }
    server.on('error', (err) => log.error({ err }, 'figures for Prometheus'));
    const every = settings.int(`${SETTINGS}Reset_Interval`);
    const resetting =
      every > 0 ? setInterval(() => figures.registry.resetMetrics(), every).unref() : undefined;
    this.#running = { figures, server, resetting };
  }

  async #end(): Promise<void> {
    const running = this.#running;
    if (!running) return;
    this.#running = undefined;
    clearInterval(running.resetting);
    running.figures.end();
    const closed = new Promise((resolve) => running.server.close(resolve));
    running.server.closeAllConnections();
    await closed;
  }
}
