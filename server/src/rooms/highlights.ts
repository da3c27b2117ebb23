import type { Context } from '../context.ts';
import { membersWithHighlights } from './membership.store.ts';

/** Members one of whose highlight words stands in the text, in any case; they are alerted like mentioned ones (spec 10 §12.2). */
export async function highlightedMembers(ctx: Context, rid: string, text: string): Promise<string[]> {
  if (!text) return [];
  const members = await membersWithHighlights(ctx.db, rid);
  if (members.length === 0) return [];
  const lower = text.toLowerCase();
  const isIn = (word: string) => word.trim() !== '' && lower.includes(word.trim().toLowerCase());
  return members.filter(({ words }) => words.some(isIn)).map(({ uid }) => uid);
}
