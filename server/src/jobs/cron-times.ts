/**
 * When a cron pattern next comes true after a moment, by the clock of the place where the server is. Both in ms; infinity for
 * never. Throws for what is no pattern.
 */
export async function nextCronTime(pattern: string, after: number): Promise<number> {
  // Loaded when something is planned by one: in most workspaces nothing is.
  const { Cron } = await import('croner');
  return new Cron(pattern, { paused: true }).nextRun(new Date(after))?.getTime() ?? Number.POSITIVE_INFINITY;
}
