import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { hashSource, pageHeaders } from '../../rest/page-headers.ts';
import { INVITE_STYLE, invitePage } from './invite-page.ts';
import { inviteForOutsiders } from './invites.ts';

/** `GET /invite/<token>`: where the links of `findOrCreateInvite` lead. */
export function invitePageRoute(app: FastifyInstance, ctx: Context): void {
  app.get<{ Params: { token: string } }>('/invite/:token', async ({ params: { token } }, reply) => {
    const { isUsable, roomName } = await inviteForOutsiders(ctx, token);
    const address = ctx.settings.text('Site_Url');
    const link = isUsable ? `${address}/invite/${encodeURIComponent(token)}` : undefined;
    const html = invitePage({ site: ctx.settings.text('Site_Name'), address, link, roomName });
    return reply
      .code(isUsable ? 200 : 404)
      .headers({ ...HEADERS, 'cache-control': 'no-store' })
      .send(html);
  });
}

const HEADERS = pageHeaders(`style-src ${hashSource(INVITE_STYLE)}; form-action 'none'`);
