import type { Context } from '../context.ts';
import type { GuardedAnswer } from '../outbound/guarded-fetch.ts';
import { OutboundError } from '../outbound/outbound-error.ts';

const HANGS_UNTIL_SPARED = 3;
const SPARED_MS = 60_000;
const MAX_REMEMBERED = 1000;

type Outcome = GuardedAnswer | OutboundError;

/**
 * Receivers that accept calls and do not answer. Each such call takes the place of another for as long as an answer may take,
 * so after a few in a row only one call a minute finds out whether the receiver is back; the others fail at once, as they
 * would have failed later.
 */
export class HangingReceivers {
  /** By scheme, host and port. */
  readonly #byOrigin = new Map<string, { hangs: number; sparedUntil: number }>();

  async watch(
    { clock }: Pick<Context, 'clock'>,
    url: string,
    call: () => Promise<Outcome>,
  ): Promise<Outcome> {
    const origin = URL.canParse(url) ? new URL(url).origin : url;
    const known = this.#byOrigin.get(origin);
    if (known && known.hangs >= HANGS_UNTIL_SPARED) {
      if (clock.now() < known.sparedUntil) {
        return new OutboundError('timeout', 'not called, because earlier calls were not answered in time');
      }
      known.sparedUntil = clock.now() + SPARED_MS;
    }
    const outcome = await call();
    if (!(outcome instanceof OutboundError && outcome.fault === 'timeout')) {
      this.#byOrigin.delete(origin);
      return outcome;
    }
    if (this.#byOrigin.size >= MAX_REMEMBERED) this.#byOrigin.clear();
    const hangs = (this.#byOrigin.get(origin)?.hangs ?? 0) + 1;
    this.#byOrigin.set(origin, { hangs, sparedUntil: clock.now() + SPARED_MS });
    return outcome;
  }
}
