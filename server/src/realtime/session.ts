import type { Caller } from '../kernel/caller.ts';
import { newId } from '../kernel/ids.ts';
import { SmallIndex } from '../kernel/small-index.ts';
import type { SmallSet } from '../kernel/small-set.ts';
import {
  addedText,
  complaintText,
  connectedText,
  failedText,
  negotiateVersion,
  nosubText,
  PING,
  pongText,
  removedText,
  SERVER_ID,
  updatedText,
} from './ddp-messages.ts';
import type { OwnUserFields } from './declarations.ts';
import { decode, EjsonError } from './ejson.ts';
import type { Outbound } from './frames.ts';
import type { ConnectionChange, SessionHost, SubscribingSession } from './session-host.ts';
import { reconsider, subscribe, unsubscribe } from './subscribe.ts';
import type { PendingCheck, Subscription } from './subscription.ts';
import type { Wire } from './wire.ts';

/** A `method`, `sub` or `unsub` that was checked and waits for its turn. */
type Work =
  | { msg: 'method'; id: string; method: string; params: readonly unknown[] }
  | { msg: 'sub'; id: string; name: string; params: readonly unknown[] }
  | { msg: 'unsub'; id: string };

/** `length` is that of the message's text, which tells what it costs to keep it. */
type Waiting = Work & { length: number };

/** Ids and names are kept or used as keys: longer ones are malformed. */
const MAX_NAME = 512;
/** How many frames of the largest size may wait for their turn, however few messages they are. */
const MAX_WAITING_FRAMES = 4;
/** A method may take this long to finish before a connection that is to be closed is closed under it. */
const CLOSE_PATIENCE_MS = 10_000;

/**
 * One DDP session: the life of a connection above its framing (spec 40 §2). Methods, subs and unsubs run strictly one
 * after another in the order of arrival, so that pipelined subs see the login before them and two writes keep their
 * order; pings jump the queue. When the queue is full the session stops reading its socket, so nothing is lost and the
 * client feels TCP's own back-pressure.
 */
export class DdpSession implements SubscribingSession {
  readonly id = newId();
  readonly ip: string;
  readonly userAgent: string;
  readonly host: SessionHost;
  readonly subscriptions = new SmallIndex<Subscription>();
  caller: Caller | null = null;
  checking: PendingCheck | undefined = undefined;
  watched: SmallSet<string> | undefined = undefined;
  /** Id of the main `stream-user-presence` subscription. */
  presenceSubscription: string | undefined = undefined;
  readonly openedAt: number;
  /** When anything was last received, and whether a ping was sent since (spec 40 §2.2). */
  lastHeard: number;
  pinged = false;
  paused = false;
  released = false;
  readonly #wire: Wire;
  #connected = false;
  #queue: Waiting[] = [];
  #waitingLength = 0;
  #running = false;
  /** Set by a login: the subscriptions to ask about again before the next message is looked at. */
  #reconsider: Subscription[] | undefined = undefined;
  #closeAfterWork: { code: number; reason: string; since: number } | undefined = undefined;

  constructor(host: SessionHost, wire: Wire, from: { ip: string; userAgent: string }) {
    this.host = host;
    this.#wire = wire;
    this.ip = from.ip;
    this.userAgent = from.userAgent;
    this.openedAt = host.ctx.clock.now();
    this.lastHeard = this.openedAt;
    wire.owner = this;
    host.hub.opened(this);
    if (wire.framing === 'sockjs') wire.sendBare('o');
    wire.sendText(SERVER_ID);
  }

  // Sending.

  send(text: string): void {
    this.#wire.sendText(text);
  }

  deliver(message: Outbound): void {
    this.#wire.deliver(message);
  }

  // Receiving.

  /** Any frame at all is a sign of life. */
  heard(): void {
    this.lastHeard = this.host.ctx.clock.now();
    this.pinged = false;
  }

  /** Takes one DDP message as text. */
  receive(text: string): void {
    if (this.released) return;
    let message: unknown;
    try {
      message = decode(text);
    } catch (error) {
      if (!(error instanceof EjsonError)) throw error;
      this.complainAboutParsing();
      return;
    }
    const complaint = this.#accept(message, text.length);
    if (complaint) this.send(complaintText(complaint, message));
  }

  complainAboutParsing(): void {
    if (!this.released) this.send(complaintText('Parse error'));
  }

  /** Takes a message, or says what is wrong with it. */
  #accept(message: unknown, length: number): string | undefined {
    if (typeof message !== 'object' || message === null) return 'Bad request';
    const bag = message as Record<string, unknown>;
    if (bag.msg === 'pong') return undefined;
    if (bag.msg === 'ping') this.send(pongText(bag.id));
    else if (bag.msg === 'connect') return this.#connect(bag);
    else if (typeof bag.msg === 'string')
      return this.#connected ? this.#acceptWork(bag, length) : 'Must connect first';
    else return 'Bad request';
    return undefined;
  }

  #acceptWork(
    { msg, id, method, name, params }: Record<string, unknown>,
    length: number,
  ): string | undefined {
    const list: unknown = params ?? [];
    if (msg === 'method') {
      if (!isName(id) || !isName(method) || !Array.isArray(list)) return 'Malformed method invocation';
      this.#enqueue({ msg, id, method, params: list, length });
    } else if (msg === 'sub') {
      if (!isName(id) || !isName(name) || !Array.isArray(list)) return 'Malformed subscription';
      this.#enqueue({ msg, id, name, params: list, length });
    } else if (msg === 'unsub') {
      if (!isName(id)) return 'Malformed subscription';
      this.#enqueue({ msg, id, length });
    } else {
      return 'Bad request';
    }
    return undefined;
  }

  #connect({ version: wanted, support }: Record<string, unknown>): string | undefined {
    // Some clients connect twice, once for the greeting and once for the transport's open frame.
    if (this.#connected) return 'Already connected';
    const { agreed, version } = negotiateVersion(wanted, support);
    this.#connected = agreed;
    this.send(agreed ? connectedText(this.id) : failedText(version));
    if (!agreed) this.close(1000, 'Unsupported protocol version');
    return undefined;
  }

  #enqueue(work: Waiting): void {
    this.#queue.push(work);
    this.#waitingLength += work.length;
    if (this.#running) {
      if (!this.paused && this.#fullness() >= 1) {
        this.paused = true;
        this.#wire.pause();
      }
      return;
    }
    this.#running = true;
    void this.#drain();
  }

  #next(): Work | undefined {
    const work = this.#queue.shift();
    this.#waitingLength -= work?.length ?? 0;
    return work;
  }

  /** How full the queue is, by number and by size; 1 is full. */
  #fullness(): number {
    const { methodsInFlightPerSocket, frameBytes } = this.host.ctx.config.limits;
    const bySize = this.#waitingLength / (MAX_WAITING_FRAMES * frameBytes);
    return Math.max(this.#queue.length / methodsInFlightPerSocket, bySize);
  }

  async #drain(): Promise<void> {
    let work = this.#next();
    while (work) {
      try {
        await this.#run(work);
        if (this.#reconsider) await this.#reconsiderSubscriptions();
      } catch (error) {
        // Every answer is made where the work is done; what arrives here is our own mistake.
        this.host.ctx.log.error({ err: error }, 'a DDP session failed');
        this.close(1011, 'Internal error');
      }
      if (this.#closeAfterWork) {
        this.#running = false;
        this.#closeNow();
        return;
      }
      if (this.paused && this.#fullness() < 0.5) {
        this.paused = false;
        this.#wire.resume();
      }
      work = this.#next();
    }
    // An array that was emptied keeps the room it had; most sessions are idle.
    this.#queue = [];
    this.#running = false;
  }

  #run(work: Work): Promise<void> {
    if (work.msg === 'method') return this.#callMethod(work);
    if (work.msg === 'sub') return subscribe(this, work);
    unsubscribe(this, work.id);
    return Promise.resolve();
  }

  async #callMethod({ id, method, params }: Work & { msg: 'method' }): Promise<void> {
    const { caller, ip, userAgent } = this;
    const request = { id, method, params, caller, connection: this, ip, userAgent };
    this.send(await this.host.dispatcher.answer(request));
    this.send(updatedText(id));
  }

  // Being somebody.

  logIn(caller: Caller, own: OwnUserFields = {}): void {
    if (this.released) return;
    const before = this.caller;
    if (before && before.uid !== caller.uid) {
      // Nothing of the old user's may reach the new one: all is detached now and asked about again after the method.
      this.#reconsider = [...this.subscriptions];
      for (const subscription of this.#reconsider) this.host.hub.detach(subscription);
      this.#signOut(before, 'logout');
    } else if (!before) {
      this.#reconsider = [...this.subscriptions];
    }
    this.caller = caller;
    if (before?.uid === caller.uid) return;
    this.host.hub.signedIn(this, caller.uid);
    this.send(addedText('users', caller.uid, { username: caller.username, ...own }));
    this.host.connectionChanged(this, caller, 'login');
  }

  logOut(): void {
    if (!this.caller || this.released) return;
    this.#signOut(this.caller, 'logout');
    for (const subscription of this.subscriptions) {
      this.host.hub.detach(subscription);
      this.send(nosubText(subscription.id));
    }
    this.subscriptions.clear();
    if (this.presenceSubscription !== undefined) {
      const id = this.presenceSubscription;
      this.forgetPresence();
      this.send(nosubText(id));
    }
    this.#reconsider = undefined;
  }

  forgetPresence(): void {
    this.host.hub.presence.clear(this);
    this.watched = undefined;
    this.presenceSubscription = undefined;
  }

  #signOut(caller: Caller, kind: ConnectionChange): void {
    this.host.hub.signedOut(this, caller.uid);
    this.caller = null;
    this.send(removedText('users', caller.uid));
    this.host.connectionChanged(this, caller, kind);
  }

  async #reconsiderSubscriptions(): Promise<void> {
    const list = this.#reconsider ?? [];
    this.#reconsider = undefined;
    for (const subscription of list) await reconsider(this, subscription);
  }

  // Ending.

  /**
   * Stops taking part at once: no more events, no more messages. The socket closes after the method that is running has
   * been answered, so that a method which ends its own session still gets its result out.
   */
  close(code: number, reason: string): void {
    this.release();
    this.#closeAfterWork ??= { code, reason, since: this.host.ctx.clock.now() };
    if (!this.#running) this.#closeNow();
  }

  /** As `close`, after telling a logged-in client that its user is gone (spec 40 §4.6). */
  revoke(code: number, reason: string): void {
    if (this.caller && !this.released) this.send(removedText('users', this.caller.uid));
    this.close(code, reason);
  }

  /** Gives back everything the session holds; also called when the socket is gone or was given up. */
  release(): void {
    if (this.released) return;
    this.released = true;
    const { caller, host } = this;
    this.#queue = [];
    this.#waitingLength = 0;
    host.hub.closed(this);
    this.subscriptions.clear();
    this.watched = undefined;
    if (caller) host.hub.signedOut(this, caller.uid);
    this.caller = null;
    host.connectionChanged(this, caller, 'close');
  }

  #closeNow(): void {
    const { code, reason } = this.#closeAfterWork ?? { code: 1000, reason: '' };
    this.#wire.close(code, reason);
  }

  /** Pings a silent client, cuts one that stays silent, closes one that never connects. To be called regularly. */
  checkLife(now: number): void {
    const { handshakeMs, pingAfterMs } = this.host.ctx.config.limits;
    if (this.released) {
      if (this.#closeAfterWork && now - this.#closeAfterWork.since > CLOSE_PATIENCE_MS) this.#closeNow();
      return;
    }
    const silent = now - this.lastHeard;
    if (!this.#connected && now - this.openedAt >= handshakeMs) {
      this.close(4001, 'Handshake timeout');
    } else if (this.paused) {
      // A client we do not read from cannot be heard.
    } else if (this.pinged && silent >= 2 * pingAfterMs) {
      this.release();
      this.#wire.terminate();
    } else if (!this.pinged && silent >= pingAfterMs) {
      this.pinged = true;
      this.send(PING);
    }
  }
}

const isName = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= MAX_NAME;
