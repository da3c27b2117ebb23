export type StopSignal = 'SIGTERM' | 'SIGINT';

/** Where signals come from: `process`, or an emitter in a test. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
}

/**
 * Ctrl-C in a terminal reaches the server twice when it was started by `npm start`: from the terminal and passed on by
 * npm. Only a signal after this time (ms) is an impatient person.
 */
const SAME_KEYPRESS = 500;

/** Resolves at the first SIGTERM or SIGINT; a later one calls `onImpatience`. */
export function waitForStop(
  source: SignalSource,
  now: () => number,
  onImpatience: () => void,
): Promise<StopSignal> {
  return new Promise((resolve) => {
    let first: number | undefined;
    const onSignal = (signal: StopSignal): void => {
      if (first === undefined) {
        first = now();
        resolve(signal);
      } else if (now() - first > SAME_KEYPRESS) {
        onImpatience();
      }
    };
    source.on('SIGTERM', onSignal);
    source.on('SIGINT', onSignal);
  });
}

/** Runs `close`, but no longer than `ms`. Resolves to false when the time ran out. */
export async function closeWithin(ms: number, close: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([close().then(() => true), timeout]);
  } finally {
    clearTimeout(timer);
  }
}
