import type { Context } from '../context.ts';
import { nextCronTime } from '../jobs/cron-times.ts';

/** The values of `RetentionPolicy_Precision`. */
const PRECISIONS: Readonly<Record<string, string>> = {
  0: '*/30 * * * *',
  1: '0 * * * *',
  2: '0 */6 * * *',
  3: '0 0 * * *',
};

/** When the pass after the one at `last` is due, in ms; by the clock of the place where the server is. */
export async function nextPassAt({ settings, log }: Context, last: number): Promise<number> {
  const usual = PRECISIONS[settings.text('RetentionPolicy_Precision')] ?? '*/30 * * * *';
  if (!settings.bool('RetentionPolicy_Advanced_Precision')) return nextCronTime(usual, last);
  const pattern = settings.text('RetentionPolicy_Advanced_Precision_Cron');
  try {
    return await nextCronTime(pattern, last);
  } catch (err) {
    log.warn({ err, pattern }, 'RetentionPolicy_Advanced_Precision_Cron is no cron pattern');
    return nextCronTime(usual, last);
  }
}
