import type { FastifyInstance } from 'fastify';
import type { Context } from '../context.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { SMALL_PAGE_HEADERS, smallPage } from '../rest/small-page.ts';

/** `GET /`: what a browser is told that comes to the address of the workspace, as long as there is no client in it. */
export function homePageRoutes(app: FastifyInstance, ctx: Context): void {
  for (const path of ['/', '/home', '/login']) {
    app.get(path, (_request, reply) => {
      const address = escapeHtml(ctx.settings.text('Site_Url'));
      const text = `<p>This is a chat workspace. Talk in it with an app for Rocket.Chat on your computer or telephone:</p>
<ol><li>Add the workspace <code>${address}</code> in the app.</li><li>Log in, or register where the workspace lets you.</li></ol>
<p>Programs and bots: <a href="/api/docs">API reference</a>.</p>`;
      return reply.headers(SMALL_PAGE_HEADERS).send(smallPage(ctx.settings.text('Site_Name'), text));
    });
  }
  // What browsers ask for by themselves.
  app.get('/favicon.ico', (_request, reply) => reply.redirect('/assets/favicon_ico.ico'));
}
