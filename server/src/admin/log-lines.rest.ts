import type { LogLines } from '../kernel/log-lines.ts';
import { type Endpoint, endpoint } from '../rest/endpoint.ts';
import { freeObject } from '../rest/schemas.ts';

/** The server's log for administrators (spec 23, `stdout.queue`), of the node that is asked. New lines: the stream `stdout`. */
export const logLineEndpoints = (log: LogLines): Endpoint[] => [
  endpoint({
    method: 'GET',
    path: 'stdout.queue',
    summary: 'The last lines of the log of this server.',
    auth: 'user',
    permissions: { all: ['view-logs'] },
    response: freeObject,
    handler: () => ({ queue: log.lines.map(({ ts, ...line }) => ({ ...line, ts: new Date(ts) })) }),
  }),
];
