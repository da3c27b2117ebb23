import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { closeWithin, waitForStop } from './stop-signal.ts';

function listening() {
  const source = new EventEmitter();
  let time = 0;
  let impatient = 0;
  const stop = waitForStop(
    source,
    () => time,
    () => {
      impatient += 1;
    },
  );
  return {
    stop,
    impatient: () => impatient,
    signal(name: 'SIGTERM' | 'SIGINT', at: number) {
      time = at;
      source.emit(name, name);
    },
  };
}

describe('waiting for a signal', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s asks for an orderly stop', async (name) => {
    const { stop, signal, impatient } = listening();
    signal(name, 0);
    expect(await stop).toBe(name);
    expect(impatient()).toBe(0);
  });

  test('a second signal means at once', () => {
    const { signal, impatient } = listening();
    signal('SIGTERM', 0);
    signal('SIGINT', 2000);
    expect(impatient()).toBe(1);
  });

  test('the same key press passed on by npm is not a second signal', () => {
    const { signal, impatient } = listening();
    signal('SIGINT', 0);
    signal('SIGINT', 20);
    expect(impatient()).toBe(0);
  });
});

describe('closing', () => {
  test('in time is true', async () => {
    expect(await closeWithin(60_000, async () => {})).toBe(true);
  });

  test('that never ends is false', async () => {
    expect(await closeWithin(1, () => new Promise(() => {}))).toBe(false);
  });

  test('that fails is an error', async () => {
    await expect(closeWithin(60_000, () => Promise.reject(new Error('disk')))).rejects.toThrow('disk');
  });
});
