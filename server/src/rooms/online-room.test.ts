import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OnlineRoom } from './online-room.ts';

/** What the room says in one number for each member, said plainly. */
interface Plain {
  sentAt: number;
  alert: boolean;
}

const uid = fc.nat(8).map((number) => `u${number}`);
const act = fc.oneof(
  fc.record({ what: fc.constant('set' as const), uid, sentAt: fc.nat(20), alert: fc.boolean() }),
  fc.record({ what: fc.constant('delete' as const), uid }),
  fc.record({ what: fc.constant('send' as const), uid, updatedAt: fc.nat(20) }),
  fc.record({ what: fc.constant('take' as const), except: fc.array(uid, { maxLength: 4 }) }),
);

test('whatever happens, it knows who was told and what was sent', () => {
  fc.assert(
    fc.property(fc.array(act, { maxLength: 80 }), (acts) => {
      const room = new OnlineRoom('r');
      const plain = new Map<string, Plain>();
      for (const each of acts) {
        if (each.what === 'set') {
          room.set(each.uid, each);
          plain.set(each.uid, { sentAt: each.sentAt, alert: each.alert });
        } else if (each.what === 'delete') {
          room.delete(each.uid);
          plain.delete(each.uid);
        } else if (each.what === 'send') {
          const member = plain.get(each.uid);
          const may = member !== undefined && each.updatedAt >= member.sentAt;
          if (may) member.sentAt = each.updatedAt;
          expect(room.maySend(each.uid, each.updatedAt)).toBe(may);
        } else {
          const except = new Set(each.except);
          const taken = [...plain].filter(([id, { alert }]) => !alert && !except.has(id));
          for (const [, member] of taken) member.alert = true;
          expect(room.takeUnalerted(except)).toEqual(taken.map(([id]) => id));
        }
        expect([...room.members()]).toEqual([...plain.keys()]);
        expect(room.size).toBe(plain.size);
      }
    }),
  );
});
