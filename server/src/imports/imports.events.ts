import type { ImportOperation } from './operation.ts';

declare module '../kernel/events.ts' {
  interface Events {
    /** For those who watch it. */
    'import.progressed': { operation: ImportOperation };
    /** How much of a file is looked through, in percent. */
    'import.prepared': { rate: number };
  }
}
