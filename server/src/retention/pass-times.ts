import type { Context } from '../context.ts';

/** The values of `RetentionPolicy_Precision`. */
const PRECISIONS: Readonly<Record<string, string>> = {
  0: '*/30 * * * *',
  1: '0 * * * *',
  2: '0 */6 * * *',
  3: '0 0 * * *',
};

/** When the pass after the one at `last` is due, in ms; by the clock of the place where the server is. */
export async function nextPassAt({ settings, log }: Context, last: number): Promise<number> {
  // Loaded when somebody uses the policy: most workspaces do not.
  const { Cron } = await import('croner');
  const after = (pattern: string): number =>
    new Cron(pattern, { paused: true }).nextRun(new Date(last))?.getTime() ?? Number.POSITIVE_INFINITY;
  const usual = PRECISIONS[settings.text('RetentionPolicy_Precision')] ?? '*/30 * * * *';
  if (!settings.bool('RetentionPolicy_Advanced_Precision')) return after(usual);
  const pattern = settings.text('RetentionPolicy_Advanced_Precision_Cron');
  try {
    return after(pattern);
  } catch (err) {
    log.warn({ err, pattern }, 'RetentionPolicy_Advanced_Precision_Cron is no cron pattern');
    return after(usual);
  }
}
