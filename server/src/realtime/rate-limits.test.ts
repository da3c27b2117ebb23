import { describe, expect, test } from 'vitest';
import { Refusal } from '../kernel/errors.ts';
import { RateLimits } from './rate-limits.ts';
import { callerNamed, fakeContext } from './realtime-fixture.ts';

const alice = { caller: callerNamed('alice'), connection: 'c1', ip: '10.0.0.1' };
const anonymous = { caller: null, connection: 'c2', ip: '10.0.0.2' };

function limits(settings: Record<string, unknown> = {}, testMode = false) {
  let time = 1000;
  const ctx = fakeContext({
    settings,
    now: () => time,
    config: { testMode },
    permissions: { 'send-many-messages': ['bot'] },
  });
  const rates = new RateLimits(ctx);
  return {
    rates,
    wait: (ms: number) => {
      time += ms;
    },
    /** How many of the calls were let through. */
    passed: (times: number, call: (rates: RateLimits) => void) => {
      let count = 0;
      for (let n = 0; n < times; n++) {
        try {
          call(rates);
          count++;
        } catch (error) {
          expect(error).toBeInstanceOf(Refusal);
        }
      }
      return count;
    },
  };
}

describe('the limits of DDP', () => {
  test('a method may be called ten times in ten seconds on one connection', () => {
    const { rates, passed, wait } = limits();
    const call = (limiter: RateLimits) => limiter.countMethod('m', alice, true, undefined);
    expect(passed(12, call)).toBe(10);
    wait(2500);
    expect(() => call(rates)).toThrow(
      expect.objectContaining({
        code: 'too-many-requests',
        reason: 'Error, too many requests. Please slow down. You must wait 8 seconds before trying again.',
        details: { timeToReset: 7500 },
      }),
    );
    expect(passed(1, (limiter) => limiter.countMethod('other', alice, true, undefined))).toBe(1);
    wait(7500);
    expect(passed(12, call)).toBe(10);
  });

  test('a user may call it twenty times over all connections', () => {
    const { passed } = limits();
    let connection = 0;
    const call = (rates: RateLimits) =>
      rates.countMethod('m', { ...alice, connection: `c${connection++}` }, true, undefined);
    expect(passed(30, call)).toBe(20);
  });

  test('streams allow four times as much, methods and subscriptions apart', () => {
    const { passed } = limits();
    expect(passed(50, (rates) => rates.countSubscription('stream-notify-room', alice, true))).toBe(40);
    expect(passed(50, (rates) => rates.countMethod('stream-notify-room', alice, true, undefined))).toBe(40);
  });

  test('a method with a limit of its own has only that one', () => {
    const { passed } = limits();
    expect(passed(20, (rates) => rates.countMethod('login', anonymous, true, undefined))).toBe(5);
    expect(passed(20, (rates) => rates.countMethod('m', alice, true, { calls: 15, windowMs: 5000 }))).toBe(
      15,
    );
    expect(passed(200, (rates) => rates.countMethod('spotlight', alice, true, undefined))).toBe(100);
  });

  test('registering is counted by address, however many connections a stranger opens', () => {
    const { passed } = limits();
    let n = 0;
    const register = (ip: string) => (rates: RateLimits) =>
      rates.countMethod('registerUser', { caller: null, connection: `r${n++}`, ip }, true, undefined);
    expect(passed(5, register('10.0.0.3'))).toBe(1);
    expect(passed(5, register('10.0.0.4'))).toBe(1);
    expect(passed(5, register('2001:db8::1')) + passed(5, register('2001:db8::2'))).toBe(1);
  });

  test('a permission lifts a limit', () => {
    const { passed } = limits();
    const bot = { ...alice, caller: callerNamed('bot', { roles: ['bot'] }) };
    expect(passed(20, (rates) => rates.countMethod('sendMessage', alice, true, undefined))).toBe(5);
    expect(passed(20, (rates) => rates.countMethod('sendMessage', bot, true, undefined))).toBe(20);
  });

  test('settings are read live', () => {
    const settings: Record<string, unknown> = { DDP_Rate_Limit_Connection_By_Method_Requests_Allowed: 3 };
    const { passed } = limits(settings);
    expect(passed(5, (rates) => rates.countMethod('m', alice, true, undefined))).toBe(3);
    settings.DDP_Rate_Limit_Connection_By_Method_Enabled = false;
    expect(passed(5, (rates) => rates.countMethod('m', alice, true, undefined))).toBe(5);
  });

  test('a connection may make 600 calls a minute, whatever their names', () => {
    const { passed } = limits();
    let name = 0;
    expect(passed(700, (rates) => rates.countMethod(`m${name++}`, anonymous, true, undefined))).toBe(600);
  });

  test('unknown names count without a counter of their own', () => {
    const { passed } = limits();
    expect(passed(700, (rates) => rates.countMethod('nope', anonymous, false, undefined))).toBe(600);
  });

  test('an address has a limit, except the own machine', () => {
    const settings = { DDP_Rate_Limit_IP_Requests_Allowed: 2 };
    let n = 0;
    const call = (ip: string) => (rates: RateLimits) =>
      rates.countMethod('m', { caller: null, connection: `c${n++}`, ip }, true, undefined);
    expect(limits(settings).passed(5, call('10.0.0.9'))).toBe(2);
    expect(limits(settings).passed(5, call('127.0.0.1'))).toBe(5);
  });

  test('test mode knows no limits', () => {
    const { passed } = limits({}, true);
    expect(passed(100, (rates) => rates.countMethod('login', anonymous, true, undefined))).toBe(100);
    expect(passed(2000, (rates) => rates.countSubscription('stream-x', anonymous, true))).toBe(2000);
  });

  test('a sweep forgets only what is over', () => {
    const { rates, passed, wait } = limits();
    const call = (limiter: RateLimits) => limiter.countMethod('m', alice, true, undefined);
    passed(10, call);
    rates.sweep();
    expect(passed(1, call)).toBe(0);
    wait(10_000);
    rates.sweep();
    expect(passed(10, call)).toBe(10);
  });
});
