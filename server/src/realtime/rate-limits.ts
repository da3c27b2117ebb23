import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { addressBlock } from '../kernel/client-ip.ts';
import { fail } from '../kernel/errors.ts';
import type { MethodRateLimit } from './declarations.ts';

/** Who is counted. Over HTTP `connection` is made from the token or from address and user agent. */
export interface Counted {
  caller: Caller | null;
  connection: string;
  ip: string;
}

interface Window {
  count: number;
  endsAt: number;
}

const MINUTE = 60_000;
const perSecond = { calls: 1, windowMs: 1000 };

/** Methods with a limit of their own, where their declaration names none (spec 40 §6). */
const OWN_LIMITS: Readonly<Record<string, MethodRateLimit>> = {
  login: { calls: 5, windowMs: 10_000 },
  createUser: { calls: 5, windowMs: 10_000 },
  resetPassword: { calls: 5, windowMs: 10_000 },
  forgotPassword: { calls: 5, windowMs: 10_000 },
  sendMessage: { calls: 5, windowMs: 1000, liftedBy: 'send-many-messages' },
  createDirectMessage: { calls: 10, windowMs: MINUTE, liftedBy: 'send-many-messages' },
  setUserStatus: perSecond,
  setUsername: perSecond,
  setRealName: perSecond,
  setEmail: perSecond,
  saveCustomFields: perSecond,
  checkUsernameAvailability: perSecond,
  push_test: perSecond,
  sendSMTPTestEmail: perSecond,
  spotlight: { calls: 100, windowMs: 100_000 },
  browseChannels: { calls: 100, windowMs: 100_000 },
  getRoomById: { calls: 10, windowMs: MINUTE },
  userSetUtcOffset: { calls: 1, windowMs: MINUTE },
  followMessage: { calls: 5, windowMs: 5000 },
  unfollowMessage: { calls: 5, windowMs: 5000 },
  'livechat:sendTranscript': { calls: 1, windowMs: 5000 },
  'livechat:sendOfflineMessage': { calls: 1, windowMs: 5000 },
  setAvatarFromService: { calls: 1, windowMs: 5000 },
  'autoTranslate.getSupportedLanguages': { calls: 5, windowMs: MINUTE },
  reportMessage: { calls: 5, windowMs: MINUTE },
  sendConfirmationEmail: { calls: 5, windowMs: MINUTE },
  resetAvatar: { calls: 1, windowMs: MINUTE },
};

/** These count attempts of one connection, whoever it is logged in as. */
const PER_CONNECTION = new Set(['login', 'createUser', 'resetPassword', 'forgotPassword']);
/** This counts those of one address, as over REST: a stranger can open as many connections as it takes. */
const PER_ADDRESS = 'registerUser';

const DEFAULTS = {
  IP: { calls: 120_000, windowMs: MINUTE },
  User: { calls: 1200, windowMs: MINUTE },
  Connection: { calls: 600, windowMs: MINUTE },
  User_By_Method: { calls: 20, windowMs: 10_000 },
  Connection_By_Method: { calls: 10, windowMs: 10_000 },
} as const;

type Rule = keyof typeof DEFAULTS;

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);
/** A client that opens many rooms subscribes to many streams at once. */
const STREAM_FACTOR = 4;

/**
 * The limits on methods and subscriptions (spec 40 §6): fixed windows, settings read at every call, off in test mode.
 * For streams the by-method rules allow four times the calls in the plain window, which is more generous than the
 * documented four times in a window four times as long.
 */
export class RateLimits {
  readonly #ctx: Context;
  readonly #windows = new Map<string, Window>();

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /**
   * Counts a method call. Throws `too-many-requests`. `known` is false for a name nobody declared: it is counted, but
   * gets no counter of its own, for there is no end to such names.
   */
  countMethod(name: string, who: Counted, known: boolean, declared: MethodRateLimit | undefined): void {
    if (this.#ctx.config.testMode) return;
    this.#countCommon(who);
    if (!known) return;
    const own = declared ?? this.#ownLimit(name);
    if (own) this.#countOwn(name, own, who);
    else this.#countByName('method', name, who);
  }

  /** Counts a subscription. Throws `too-many-requests`. */
  countSubscription(name: string, who: Counted, known: boolean): void {
    if (this.#ctx.config.testMode) return;
    this.#countCommon(who);
    if (known) this.#countByName('subscription', name, who);
  }

  /** Forgets windows that are over. */
  sweep(): void {
    const now = this.#ctx.clock.now();
    for (const [key, window] of this.#windows) {
      if (window.endsAt <= now) this.#windows.delete(key);
    }
  }

  #ownLimit(name: string): MethodRateLimit | undefined {
    if (name === 'registerUser') {
      return {
        calls: this.#number('Rate_Limiter_Limit_RegisterUser', 1),
        windowMs: this.#number('API_Enable_Rate_Limiter_Limit_Time_Default', MINUTE),
      };
    }
    return Object.hasOwn(OWN_LIMITS, name) ? OWN_LIMITS[name] : undefined;
  }

  #countOwn(name: string, { calls, windowMs, liftedBy }: MethodRateLimit, who: Counted): void {
    if (liftedBy && who.caller && this.#ctx.permissions.has(who.caller, liftedBy)) return;
    this.#count(`own ${name} ${keyOf(name, who)}`, calls, windowMs);
  }

  #countCommon(who: Counted): void {
    if (!LOOPBACK.has(who.ip)) this.#countRule('IP', who.ip);
    if (who.caller) this.#countRule('User', who.caller.uid);
    this.#countRule('Connection', who.connection);
  }

  #countByName(type: string, name: string, who: Counted): void {
    const factor = name.startsWith('stream-') ? STREAM_FACTOR : 1;
    if (who.caller) this.#countRule('User_By_Method', `${who.caller.uid} ${type} ${name}`, factor);
    this.#countRule('Connection_By_Method', `${who.connection} ${type} ${name}`, factor);
  }

  #countRule(rule: Rule, key: string, factor = 1): void {
    const setting = `DDP_Rate_Limit_${rule}`;
    if (this.#ctx.settings.value(`${setting}_Enabled`) === false) return;
    const calls = this.#number(`${setting}_Requests_Allowed`, DEFAULTS[rule].calls);
    const windowMs = this.#number(`${setting}_Interval_Time`, DEFAULTS[rule].windowMs);
    this.#count(`${rule} ${key}`, calls * factor, windowMs);
  }

  #count(key: string, calls: number, windowMs: number): void {
    const now = this.#ctx.clock.now();
    let window = this.#windows.get(key);
    if (!window || window.endsAt <= now) {
      window = { count: 0, endsAt: now + windowMs };
      this.#windows.set(key, window);
    }
    window.count++;
    if (window.count <= calls) return;
    const timeToReset = window.endsAt - now;
    const seconds = Math.ceil(timeToReset / 1000);
    fail(
      'too-many-requests',
      `Error, too many requests. Please slow down. You must wait ${seconds} seconds before trying again.`,
      { timeToReset },
    );
  }

  #number(setting: string, fallback: number): number {
    const value = this.#ctx.settings.value(setting);
    return typeof value === 'number' && value > 0 ? value : fallback;
  }
}

function keyOf(name: string, { caller, connection, ip }: Counted): string {
  if (name === PER_ADDRESS) return addressBlock(ip);
  return PER_CONNECTION.has(name) ? connection : (caller?.uid ?? connection);
}
