import { Type } from 'typebox';
import { refuse } from '../../kernel/errors.ts';
import { type Endpoint, endpoint } from '../../rest/endpoint.ts';
import { pageOf } from '../../rest/list-params.ts';
import { listMembers, strict } from '../../rest/schemas.ts';
import { withFields } from '../list-query.rest.ts';
import { searchMessages } from './search-messages.ts';

export const searchEndpoints: Endpoint[] = [
  endpoint({
    method: 'GET',
    path: 'chat.search',
    summary: 'Messages of a room that a search text describes.',
    auth: 'user',
    query: strict({ roomId: Type.String(), searchText: Type.String(), ...listMembers }),
    async handler(ctx, { caller, query }) {
      const { roomId: rid, searchText: text } = query;
      return withFields(ctx.config, query.fields, 'messages', async () => ({
        messages: (await searchMessages(ctx, caller, { text, rid }, pageOf(ctx.settings, query))) ?? refuse(),
      }));
    },
  }),
];
