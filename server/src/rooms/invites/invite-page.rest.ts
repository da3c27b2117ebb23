import type { FastifyInstance } from 'fastify';
import type { Context } from '../../context.ts';
import { SMALL_PAGE_HEADERS, smallPage } from '../../rest/small-page.ts';
import { inviteText } from './invite-page.ts';
import { inviteForOutsiders } from './invites.ts';

/** `GET /invite/<token>`: where the links of `findOrCreateInvite` lead. */
export function invitePageRoute(app: FastifyInstance, ctx: Context): void {
  app.get<{ Params: { token: string } }>('/invite/:token', async ({ params: { token } }, reply) => {
    const { isUsable, roomName } = await inviteForOutsiders(ctx, token);
    const address = ctx.settings.text('Site_Url');
    const link = isUsable ? `${address}/invite/${encodeURIComponent(token)}` : undefined;
    const site = ctx.settings.text('Site_Name');
    const html = smallPage(site, inviteText({ site, address, link, roomName }));
    return reply
      .code(isUsable ? 200 : 404)
      .headers(SMALL_PAGE_HEADERS)
      .send(html);
  });
}
