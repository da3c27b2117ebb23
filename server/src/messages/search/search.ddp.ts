import type { Context } from '../../context.ts';
import type { Caller } from '../../kernel/caller.ts';
import { type DdpMethod, userMethod } from '../../realtime/declarations.ts';
import { objectParam, optionalNumber, optionalText, textParam } from '../../realtime/params.ts';
import { searchMessages } from './search-messages.ts';

const DEFAULT_LIMIT = 20;
const MAX_LIMIT = 100;

function countParam(value: unknown, fallback: number): number {
  const count = Math.trunc(optionalNumber(value ?? undefined) ?? fallback);
  return count > 0 ? Math.min(count, MAX_LIMIT) : fallback;
}

/** `{message: {docs}}`; `false` for a room that the caller may not read. */
async function search(
  ctx: Context,
  caller: Caller,
  wanted: { text: string; rid: string | undefined },
  page: { limit: unknown; offset?: unknown },
) {
  const count = countParam(page.limit, DEFAULT_LIMIT);
  const offset = Math.max(0, Math.trunc(optionalNumber(page.offset ?? undefined) ?? 0));
  const docs = await searchMessages(ctx, caller, wanted, { count, offset });
  return docs ? { message: { docs } } : false;
}

/** What web clients ask for before they show their search (spec 40 §10.2): one field, no suggestions, one room at a time. */
const PROVIDER = {
  key: 'defaultProvider',
  description: 'Default Provider',
  icon: '',
  resultTemplate: 'DefaultProvider_MessageSearch',
  supportsSuggestions: false,
  settings: { GlobalSearchEnabled: false, PageSize: DEFAULT_LIMIT },
};

/** Searching over DDP (spec 40 §10.2): the same operation as `chat.search`, and without a room in all own ones. */
export const searchMethods: DdpMethod[] = [
  userMethod('rocketchatSearch.getProvider', () => PROVIDER),
  userMethod('messageSearch', (ctx, { caller, params: [text, rid, limit, offset] }) =>
    search(ctx, caller, { text: textParam(text), rid: optionalText(rid ?? undefined) }, { limit, offset }),
  ),
  userMethod('rocketchatSearch.search', (ctx, { caller, params: [text, context, payload] }) => {
    const { rid } = objectParam(context ?? {});
    const { limit } = objectParam(payload ?? {});
    return search(ctx, caller, { text: textParam(text), rid: optionalText(rid ?? undefined) }, { limit });
  }),
];
