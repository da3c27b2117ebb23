import type { Context } from '../context.ts';
import type { StreamDeclaration, Streams } from '../realtime/declarations.ts';
import './imports.events.ts';
import { presentProgress } from './present-import.ts';

export const importStreams: StreamDeclaration[] = [
  {
    name: 'importers',
    mayRead: (ctx, { caller }) => caller !== null && ctx.permissions.has(caller, 'run-import'),
  },
];

export function wireImportEvents(ctx: Context, streams: Streams): void {
  ctx.events.on('import.progressed', ({ operation }) =>
    streams.emit('importers', 'progress', [presentProgress(operation)]),
  );
  ctx.events.on('import.prepared', ({ rate }) => streams.emit('importers', 'progress', [{ rate }]));
}
