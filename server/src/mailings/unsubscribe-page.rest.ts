import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { Refusal } from '../kernel/errors.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { hashSource, pageHeaders } from '../rest/page-headers.ts';
import { isUnsubscribeKey, unsubscribe } from './unsubscribe.ts';

interface Link {
  Params: { uid: string; key: string };
}

/**
 * Where the links of mailings lead. The page only asks: programs that look at the links of a mail before it is read must not
 * unsubscribe anybody. Mail programs with a button of their own POST at once (RFC 8058).
 */
export function unsubscribeRoutes(app: FastifyInstance, ctx: Context): void {
  const path = '/mailer/unsubscribe/:uid/:key';
  // A scope of its own: whatever a mail program sends as the body says nothing more.
  void app.register((scope, _, registered) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: 10_000 }, (_request, _bytes, done) =>
      done(null, undefined),
    );
    scope.get<Link>(path, ({ params: { uid, key } }, reply) =>
      isUnsubscribeKey(ctx, uid, key) ? send(ctx, reply, 200, ASK) : send(ctx, reply, 404, UNKNOWN),
    );
    scope.post<Link>(path, async ({ params }, reply) => {
      try {
        await unsubscribe(ctx, null, params);
      } catch (error) {
        if (error instanceof Refusal) return send(ctx, reply, 404, UNKNOWN);
        throw error;
      }
      return send(ctx, reply, 200, DONE);
    });
    registered();
  });
}

const ASK =
  '<p>Do you want no more mails like this one?</p><form method="post"><button>Unsubscribe</button></form>';
const DONE = '<p>You will get no more mails like this one.</p>';
const UNKNOWN = '<p>This link is not valid. Open the one in the mail.</p>';

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:32rem;margin:4rem auto;padding:0 1.5rem}' +
  'button{font:inherit;padding:.5rem 1rem}';
const HEADERS = pageHeaders(`style-src ${hashSource(STYLE)}; form-action 'self'`);

function send(ctx: Context, reply: FastifyReply, status: number, content: string): FastifyReply {
  const site = escapeHtml(ctx.settings.text('Site_Name'));
  const html = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>${site}</title>
<style>${STYLE}</style></head><body><main><h1>${site}</h1>${content}</main></body></html>`;
  return reply
    .code(status)
    .headers({ ...HEADERS, 'cache-control': 'no-store' })
    .send(html);
}
