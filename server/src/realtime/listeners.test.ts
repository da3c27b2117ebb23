import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Caller } from '../kernel/caller.ts';
import { chain, Listeners } from './listeners.ts';
import { type Subscriber, Subscription } from './subscription.ts';

const STREAMS = ['notify-room', 'notify-user', 'notify-logged'];
const EVENTS = ['r1/typing', 'u1/message', 'u2/message', 'u1/', 'u1', '/message', 'u1/notes/private'];

const subscriptionOf = (number: number, stream: string, eventName: string): Subscription =>
  // Only the user of a subscriber is looked at.
  new Subscription(`s${number}`, { caller: { uid: 'u1' } as Caller } as Subscriber, stream, eventName, []);

test('each event reaches those who listen to it, whoever came and went', () => {
  const act = fc.record({
    stream: fc.constantFrom(...STREAMS),
    eventName: fc.constantFrom(...EVENTS),
    // Mostly one comes; else one of those who came, and perhaps went already, goes.
    goes: fc.option(fc.nat(), { freq: 2 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 100 }), (acts) => {
      const listeners = new Listeners();
      const all: Subscription[] = [];
      const present = new Set<Subscription>();
      for (const [number, { stream, eventName, goes }] of acts.entries()) {
        const gone = goes === null ? undefined : all[goes % all.length];
        if (gone) {
          listeners.detach(gone);
          present.delete(gone);
        } else {
          const come = subscriptionOf(number, stream, eventName);
          all.push(come);
          present.add(come);
          listeners.attach(come);
          listeners.attach(come);
        }
        for (const each of all) expect(each.attached).toBe(present.has(each));
      }
      const ids = (list: Iterable<Subscription>) => [...list].map(({ id }) => id).sort();
      for (const stream of STREAMS) {
        const ofStream = [...present].filter((each) => each.stream === stream);
        expect(ids(listeners.of(stream))).toEqual(ids(ofStream));
        for (const eventName of EVENTS) {
          const expected = ofStream.filter((each) => each.eventName === eventName);
          expect(ids(chain(listeners.first(stream, eventName)))).toEqual(ids(expected));
        }
      }
      expect(listeners.size).toBe(present.size);
    }),
  );
});

test('the listeners to an event for many users are found by user', () => {
  const listeners = new Listeners();
  listeners.attach(subscriptionOf(1, 'notify-user', 'u1/message'));
  listeners.attach(subscriptionOf(2, 'notify-user', 'u2/message'));
  listeners.attach(subscriptionOf(3, 'notify-user', 'u1/notification'));
  listeners.attach(subscriptionOf(4, 'notify-user', 'message'));
  const found = [...(listeners.ofUsers('message') ?? [])].map(([uid, { id }]) => [uid, id]);
  expect(found).toEqual([
    ['u1', 's1'],
    ['u2', 's2'],
  ]);
  expect(listeners.ofUsers('webrtc')).toBeUndefined();
});
