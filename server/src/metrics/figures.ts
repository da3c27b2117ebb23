import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Counter, Registry } from 'prom-client';
import type { Context } from '../context.ts';
import '../messages/messages.events.ts';
import { prom } from '../kernel/packages/prom-client.ts';
import { EndpointTable } from '../rest/endpoint-table.ts';
import { gaugeOf, ProcessFigures } from './process-figures.ts';

/** What the figures are about. */
export interface MeasuredParts {
  ctx: Context;
  version: string;
  /** The main door. */
  server: Server;
  routes: readonly { method: string; route: string }[];
  realtime: () => { connections: number; users: number; subscriptions: number };
}

export interface FigureOptions {
  collections: boolean;
  userAgents: boolean;
}

/** Each name of a program is a series of its own, and anybody may call themselves anything. */
const MOST_AGENTS = 100;
const MAX_AGENT = 60;
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];

/** Figures of this process for Prometheus, from now on until `end`. */
export class Figures {
  readonly registry: Registry;
  readonly #parts: MeasuredParts;
  readonly #onRequest: (request: IncomingMessage, response: ServerResponse) => void;
  readonly #messages: Counter;
  readonly #process: ProcessFigures;

  constructor(parts: MeasuredParts, { collections, userAgents }: FigureOptions) {
    this.#parts = parts;
    this.registry = new prom.Registry();
    const registers = [this.registry];
    this.#process = new ProcessFigures(registers, collections);
    new prom.Gauge({
      name: 'gantry_info',
      help: 'Version of the server; the value is always 1.',
      labelNames: ['version'],
      registers,
    }).set({ version: parts.version }, 1);
    const { realtime } = parts;
    const gauges: [name: string, help: string, read: () => number][] = [
      ['gantry_realtime_connections', 'Open WebSockets.', () => realtime().connections],
      ['gantry_realtime_users', 'People with a logged-in WebSocket.', () => realtime().users],
      ['gantry_realtime_subscriptions', 'Subscriptions of WebSockets.', () => realtime().subscriptions],
    ];
    for (const [name, help, read] of gauges) gaugeOf(registers, name, help, read);
    this.#messages = new prom.Counter({
      name: 'gantry_messages_sent_total',
      help: 'Messages that were sent by way of this node.',
      registers,
    });
    this.#onRequest = this.#requestFigures(registers, userAgents);
    parts.server.on('request', this.#onRequest);
  }

  noteMessage(): void {
    this.#messages.inc();
  }

  end(): void {
    this.#parts.server.off('request', this.#onRequest);
    this.#process.end();
    this.registry.clear();
  }

  #requestFigures(registers: Registry[], userAgents: boolean) {
    const durations = new prom.Histogram({
      name: 'gantry_http_request_duration_seconds',
      help: 'From the head of a request to the end of its answer.',
      labelNames: ['method', 'route', 'status', ...(userAgents ? ['user_agent'] : [])],
      buckets: BUCKETS,
      registers,
    });
    const routes = new EndpointTable<string>();
    for (const { method, route } of this.#parts.routes) routes.add(method, route, route);
    const agents = new Set<string>();
    const agentOf = (name = ''): string => {
      const agent = name.slice(0, MAX_AGENT);
      if (agents.size < MOST_AGENTS) agents.add(agent);
      return agents.has(agent) ? agent : 'other';
    };
    return (request: IncomingMessage, response: ServerResponse): void => {
      const { method = '', url = '', headers } = request;
      const began = performance.now();
      response.once('close', () => {
        const route = routes.find(url.split('?', 1)[0] ?? '')?.entry.methods.get(method);
        durations.observe(
          {
            // Nobody makes series by what they ask for.
            method: route === undefined ? 'other' : method,
            route: route ?? 'other',
            status: response.writableFinished ? String(response.statusCode) : 'cut off',
            ...(userAgents ? { user_agent: agentOf(headers['user-agent']) } : {}),
          },
          (performance.now() - began) / 1000,
        );
      });
    };
  }
}
