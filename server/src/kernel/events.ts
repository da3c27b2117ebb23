/**
 * Domain events. An operation emits them inside `ctx.write`; they are published after the commit is durable, in commit
 * order, and carry everything a subscriber needs. Each feature adds its events in `<feature>.events.ts`:
 *
 *     declare module '../kernel/events.ts' { interface Events { 'room.changed': RoomChanged } }
 *
 * Where several nodes share a database, each publishes the events of all, so a payload is plain data: objects, lists, texts,
 * numbers, dates and bytes.
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging in the features' *.events.ts
export interface Events {}

export type EventName = keyof Events;
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void;
export type Listener<N extends EventName> = (payload: Events[N]) => void;

/** An event by name, for whoever keeps some. */
export type EmittedEvent = { [N in EventName]: readonly [name: N, payload: Events[N]] }[EventName];

export interface EventBus {
  /** Calls every listener in the order of registration. A listener that throws is reported and does not stop the others. */
  publish: Emit;
  /** Publishes what another node committed: listeners for `ownOnly` events are left out. */
  publishForeign: Emit;
  /**
   * Listens to the events of all nodes, which is right for what keeps memory true and what tells this node's sockets.
   * `ownOnly`: to those of this node, for what must happen once.
   */
  on<N extends EventName>(name: N, listener: Listener<N>, options?: { ownOnly?: boolean }): void;
}

interface Registered {
  listener: (payload: unknown) => void;
  ownOnly: boolean;
}

export function createEventBus(onError: (error: unknown, event: string) => void): EventBus {
  const registered = new Map<string, Registered[]>();

  function call(name: string, payload: unknown, isForeign: boolean): void {
    for (const { listener, ownOnly } of registered.get(name) ?? []) {
      if (isForeign && ownOnly) continue;
      try {
        listener(payload);
      } catch (error) {
        onError(error, name);
      }
    }
  }

  return {
    publish: (name, payload) => call(name, payload, false),
    publishForeign: (name, payload) => call(name, payload, true),
    on(name, listener, { ownOnly = false } = {}) {
      const list = registered.get(name) ?? [];
      list.push({ listener: listener as (payload: unknown) => void, ownOnly });
      registered.set(name, list);
    },
  };
}
