/** About 80 characters with the stamp: what people write on average, rounded up. */
const FILL = 'the quick brown fox jumps over the lazy dog and says hello to it';
const MARK = Buffer.from('"msg":"t=');
const DIGITS = 14;

/** Microseconds of the machine's monotonic clock, which all processes share. */
export const nowUs = (): number => Number(process.hrtime.bigint() / 1000n);

/** A message's text that says when it was sent: `t=<microseconds, 14 digits> ...`. */
export const stampedText = (): string => `t=${String(nowUs()).padStart(DIGITS, '0')} ${FILL}`;

/** When the message in `bytes[start, end)` was sent, in microseconds; undefined without a stamp. */
export function sentAt(bytes: Buffer, start: number, end: number): number | undefined {
  const at = bytes.subarray(start, end).indexOf(MARK);
  if (at < 0) return undefined;
  const from = start + at + MARK.length;
  return Number(bytes.toString('latin1', from, from + DIGITS));
}
