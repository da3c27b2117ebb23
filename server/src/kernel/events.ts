/**
 * Domain events. An operation emits them inside `ctx.write`; they are published after the commit is durable, in commit
 * order, and carry everything a subscriber needs. Each feature adds its events in `<feature>.events.ts`:
 *
 *     declare module '../kernel/events.ts' { interface Events { 'room.changed': RoomChanged } }
 */
// biome-ignore lint/suspicious/noEmptyInterface: filled by declaration merging in the features' *.events.ts
export interface Events {}

export type EventName = keyof Events;
export type Emit = <N extends EventName>(name: N, payload: Events[N]) => void;
export type Listener<N extends EventName> = (payload: Events[N]) => void;

export interface EventBus {
  /** Calls every listener in the order of registration. A listener that throws is reported and does not stop the others. */
  publish: Emit;
  on<N extends EventName>(name: N, listener: Listener<N>): void;
}

export function createEventBus(onError: (error: unknown, event: string) => void): EventBus {
  const listeners = new Map<string, ((payload: unknown) => void)[]>();
  return {
    publish(name, payload) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(payload);
        } catch (error) {
          onError(error, name);
        }
      }
    },
    on(name, listener) {
      const list = listeners.get(name) ?? [];
      list.push(listener as (payload: unknown) => void);
      listeners.set(name, list);
    },
  };
}
