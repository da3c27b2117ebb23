import type { Context } from '../context.ts';
import { whoTranslates } from '../rooms/auto-translate.ts';

/**
 * For whom messages are translated, in memory: every message asks whether anybody in its room wants that, and in most rooms
 * nobody does.
 */
export class TranslationTable {
  readonly #byRoom = new Map<string, Set<string>>();

  static async load(ctx: Context): Promise<TranslationTable> {
    const table = new TranslationTable();
    for (const { rid, uid } of await whoTranslates(ctx)) table.#set(rid, uid, true);
    ctx.events.on('membership.changed', ({ action, rid, uid, subscription }) =>
      table.#set(rid, uid, action !== 'removed' && subscription.autoTranslate === true),
    );
    return table;
  }

  /** Whether anybody but the sender wants it. */
  isWanted(rid: string, senderId: string): boolean {
    const members = this.#byRoom.get(rid);
    return members !== undefined && members.size > (members.has(senderId) ? 1 : 0);
  }

  #set(rid: string, uid: string, wants: boolean): void {
    const members = this.#byRoom.get(rid);
    if (!wants) {
      members?.delete(uid);
      if (members?.size === 0) this.#byRoom.delete(rid);
    } else if (members) members.add(uid);
    else this.#byRoom.set(rid, new Set([uid]));
  }
}
