import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decode, EjsonError, encode, MAX_DEPTH } from './ejson.ts';

describe('encoding', () => {
  test('dates, binary and the numbers JSON lacks get their wrappers, at any depth', () => {
    const value = {
      ts: new Date(1_700_000_000_123),
      list: [new Date(0), { bytes: new Uint8Array([1, 2, 255]) }],
      nan: Number.NaN,
      inf: Number.POSITIVE_INFINITY,
      ninf: Number.NEGATIVE_INFINITY,
    };
    expect(encode(value)).toBe(
      '{"ts":{"$date":1700000000123},"list":[{"$date":0},{"bytes":{"$binary":"AQL/"}}],' +
        '"nan":{"$InfNaN":0},"inf":{"$InfNaN":1},"ninf":{"$InfNaN":-1}}',
    );
  });

  test('undefined members are left out, undefined items become null, null stays', () => {
    expect(encode({ a: undefined, b: null, c: [undefined, 1] })).toBe('{"b":null,"c":[null,1]}');
    expect(encode(undefined)).toBe('null');
  });

  test('an invalid date is null', () => {
    expect(encode({ at: new Date(Number.NaN) })).toBe('{"at":null}');
  });

  test('an object that only looks like a wrapper is escaped', () => {
    expect(encode({ $date: 5 })).toBe('{"$escape":{"$date":5}}');
    expect(encode({ $type: 'a', $value: 1 })).toBe('{"$escape":{"$type":"a","$value":1}}');
    expect(encode({ $date: 5, other: 1 })).toBe('{"$date":5,"other":1}');
    expect(encode({ $date: new Date(7) })).toBe('{"$escape":{"$date":{"$date":7}}}');
  });

  test('the value that is encoded is not changed', () => {
    const value = Object.freeze({ at: new Date(1), list: Object.freeze([new Date(2)]) });
    encode(value);
    expect(value.at).toEqual(new Date(1));
    expect(value.list[0]).toEqual(new Date(2));
  });

  test('a value without anything special is not copied', () => {
    let read = 0;
    const plain = Object.defineProperty({} as { a?: unknown }, 'a', {
      enumerable: true,
      get: () => {
        read++;
        return 1;
      },
    });
    expect(encode({ plain })).toBe('{"plain":{"a":1}}');
    // Twice for the search, once by JSON.stringify: a copy would have frozen the value.
    expect(read).toBe(3);
  });
});

describe('decoding', () => {
  test('accepts ISO texts and numbers as dates', () => {
    expect(decode('{"$date":0}')).toEqual(new Date(0));
    expect(decode('[{"$date":"2020-01-02T03:04:05.006Z"}]')).toEqual([
      new Date(Date.UTC(2020, 0, 2, 3, 4, 5, 6)),
    ]);
  });

  test('a wrapper that makes no sense stays the object it is', () => {
    expect(decode('{"$date":"never"}')).toEqual({ $date: 'never' });
    expect(decode('{"$date":1e300}')).toEqual({ $date: 1e300 });
    expect(decode('{"$date":null}')).toEqual({ $date: null });
    expect(decode('{"$binary":5}')).toEqual({ $binary: 5 });
  });

  test('regular expressions are not built', () => {
    expect(decode('{"$regexp":"(a+)+$","$flags":"i"}')).toEqual({ $regexp: '(a+)+$', $flags: 'i' });
  });

  test('a member named __proto__ is dropped and changes no prototype', () => {
    const value = decode('{"a":{"__proto__":{"admin":true},"b":1}}') as { a: Record<string, unknown> };
    expect(value).toEqual({ a: { b: 1 } });
    expect(value.a.admin).toBeUndefined();
  });

  test('what is not JSON or nested too deeply is refused', () => {
    expect(() => decode('{')).toThrow(EjsonError);
    expect(() => decode('')).toThrow(EjsonError);
    expect(() => decode('['.repeat(200_000) + ']'.repeat(200_000))).toThrow(EjsonError);
    const deep = '['.repeat(MAX_DEPTH) + ']'.repeat(MAX_DEPTH);
    expect(() => decode(deep)).not.toThrow();
    expect(() => decode(`[${deep}]`)).toThrow(EjsonError);
    expect(() => decode(`${'{"$escape":'.repeat(200)}{}${'}'.repeat(200)}`)).toThrow(EjsonError);
  });
});

const keys = fc.oneof(
  fc.string(),
  fc.constantFrom(
    '$date',
    '$binary',
    '$escape',
    '$InfNaN',
    '$type',
    '$value',
    '$regexp',
    '$flags',
    'ts',
    '_id',
  ),
);
const leaf = fc.oneof(
  fc.string(),
  fc.boolean(),
  fc.constant(null),
  fc.double().map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 20 }),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof({ maxDepth: 5 }, leaf, fc.array(tie('tree'), { maxLength: 4 }), tie('bag')),
  bag: fc
    .array(fc.tuple(keys, tie('tree')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries.filter(([key]) => key !== '__proto__'))),
}));

describe('properties', () => {
  test('every value survives the way to the wire and back', () => {
    fc.assert(
      fc.property(tree, (value) => {
        expect(decode(encode(value))).toEqual(value);
      }),
      { numRuns: 2000 },
    );
  });

  test('any text either decodes or is refused as EJSON', () => {
    const texts = fc.oneof(fc.string(), fc.json());
    fc.assert(
      fc.property(texts, (text) => {
        try {
          decode(text);
        } catch (error) {
          expect(error).toBeInstanceOf(EjsonError);
        }
      }),
      { numRuns: 2000 },
    );
  });
});
