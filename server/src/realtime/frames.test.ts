import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FrameJoiner, SplicedMessages, TextMessage, textFrame } from './frames.ts';

/** The payload of an unmasked single text frame; fails when the frame is anything else. */
function payloadOf(frame: Buffer): string {
  expect(frame[0]).toBe(0x81);
  const short = frame[1] ?? 0;
  const [start, length] =
    short < 126
      ? [2, short]
      : short === 126
        ? [4, frame.readUInt16BE(2)]
        : [10, Number(frame.readBigUInt64BE(2))];
  expect(frame.length).toBe(start + length);
  return frame.subarray(start).toString();
}

describe('a text frame', () => {
  test.each([0, 1, 125, 126, 127, 65_535, 65_536, 70_000])('of %i bytes has the right header', (length) => {
    const text = 'x'.repeat(length);
    expect(payloadOf(textFrame(text))).toBe(text);
  });

  test('counts bytes, not characters', () => {
    const text = '€'.repeat(50);
    expect(payloadOf(textFrame(text))).toBe(text);
  });
});

describe('a message', () => {
  test('is encoded once per framing', () => {
    const message = new TextMessage('{"msg":"ping"}');
    expect(payloadOf(message.frame('raw'))).toBe('{"msg":"ping"}');
    expect(payloadOf(message.frame('sockjs'))).toBe('a["{\\"msg\\":\\"ping\\"}"]');
    expect(message.frame('raw')).toBe(message.frame('raw'));
    expect(message.frame('sockjs')).toBe(message.frame('sockjs'));
  });
});

describe('spliced messages', () => {
  test('equal the same text built in one piece, in both framings', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (before, word, after) => {
        const quoted = (text: string) => JSON.stringify(text).slice(1, -1);
        const head = `{"a":"${quoted(before)}`;
        const tail = `${quoted(after)}"}`;
        const spliced = new SplicedMessages(head, tail).around(word);
        const whole = new TextMessage(`{"a":${JSON.stringify(before + word + after)}}`);
        const raw = JSON.parse(payloadOf(spliced.frame('raw')));
        expect(raw).toEqual(JSON.parse(payloadOf(whole.frame('raw'))));
        const [text] = JSON.parse(payloadOf(spliced.frame('sockjs')).slice(1)) as string[];
        expect(JSON.parse(text ?? '')).toEqual(raw);
      }),
      { numRuns: 500 },
    );
  });

  test('share one buffer among all sockets of a word', () => {
    const message = new SplicedMessages('{"a":"', '"}').around('alice');
    expect(message.frame('raw')).toBe(message.frame('raw'));
  });
});

describe('frames that wait for several sockets', () => {
  const frames = ['{"msg":"a"}', '{"msg":"b"}', '{"msg":"c"}'].map(textFrame);
  const bytes = (list: Buffer[]) => list.reduce((sum, frame) => sum + frame.length, 0);
  const join = (joiner: FrameJoiner, list: Buffer[]) => joiner.join([...list], bytes(list));

  test('are joined once, when the same list comes again', () => {
    const joiner = new FrameJoiner();
    expect(join(joiner, frames)).toBeUndefined();
    const joined = join(joiner, frames);
    expect(joined).toEqual(Buffer.concat(frames));
    expect(join(joiner, frames)).toBe(joined);
  });

  test('another list, a shorter one, and one in another order are not taken for it', () => {
    const joiner = new FrameJoiner();
    const [first = Buffer.alloc(0), second = Buffer.alloc(0), third = Buffer.alloc(0)] = frames;
    join(joiner, frames);
    join(joiner, frames);
    for (const other of [
      [first, second],
      [second, first, third],
      [first, second, Buffer.from(third)],
    ]) {
      expect(join(joiner, other)).toBeUndefined();
      expect(join(joiner, other)).toEqual(Buffer.concat(other));
    }
  });

  test('are left alone when they are long', () => {
    const joiner = new FrameJoiner();
    const long = [textFrame('x'.repeat(40_000)), textFrame('y'.repeat(40_000))];
    for (let time = 0; time < 3; time += 1) expect(join(joiner, long)).toBeUndefined();
  });
});
