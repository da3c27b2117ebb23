declare module '../kernel/events.ts' {
  interface Events {
    /** Rows of files are gone; their bytes can go too. */
    'files.removed': Record<never, never>;
  }
}
