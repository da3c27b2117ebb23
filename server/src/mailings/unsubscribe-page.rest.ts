import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Context } from '../context.ts';
import { Refusal } from '../kernel/errors.ts';
import { SMALL_FORM_HEADERS, smallPage } from '../rest/small-page.ts';
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

function send(ctx: Context, reply: FastifyReply, status: number, content: string): FastifyReply {
  const page = smallPage(ctx.settings.text('Site_Name'), content);
  return reply.code(status).headers(SMALL_FORM_HEADERS).send(page);
}
