import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { SMALL_PAGE_HEADERS, smallPage } from '../rest/small-page.ts';
import { openInApp } from './open-in-app.ts';

/**
 * `GET /channel/<name>`, `/group/<name>`, `/direct/<id>`: where links to rooms and messages lead (spec 30 §4.8). Applications
 * open them by themselves; a browser, in which there is no client yet, is told where to go with them. Whether there is such
 * a room is nobody's business who is not logged in: every name gets the same answer.
 */
export function roomPageRoutes(app: FastifyInstance, ctx: Context): void {
  for (const kind of ['channel', 'group', 'direct']) {
    for (const path of [`/${kind}/:name`, `/${kind}/:name/*`]) {
      app.get(path, (request, reply) => {
        const { settings } = ctx;
        const link = `${settings.text('Site_Url')}${request.url}`;
        const opener = openInApp(settings, 'room', request.url.replace(/^\//, ''));
        const text = `<p>This is a link to a room of the workspace <code>${escapeHtml(settings.text('Site_Url'))}</code>.</p>
<ol><li>Add the workspace to your chat app, and log in.</li>
<li><a href="${escapeHtml(opener)}">Open the room in the app</a>, or this link:<br><code>${escapeHtml(link)}</code></li></ol>`;
        return reply.headers(SMALL_PAGE_HEADERS).send(smallPage(settings.text('Site_Name'), text));
      });
    }
  }
}
