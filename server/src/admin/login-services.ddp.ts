import type { Context } from '../context.ts';
import type { Realtime } from '../realtime/server.ts';
import { loginServiceDocuments } from './admin.ddp.ts';

const PUBLICATION = 'meteor.loginServiceConfiguration';

/** Tells clients that show login buttons when a service comes, changes or goes (spec 40 §8.11). */
export function wireLoginServices(ctx: Context, realtime: Pick<Realtime, 'publishDocument'>): void {
  let known = byId(ctx);
  ctx.events.on('setting.changed', () => {
    const now = byId(ctx);
    for (const id of known.keys()) if (!now.has(id)) realtime.publishDocument(PUBLICATION, 'removed', id);
    for (const [id, fields] of now) {
      const before = known.get(id);
      if (!before) realtime.publishDocument(PUBLICATION, 'added', id, fields);
      else if (JSON.stringify(before) !== JSON.stringify(fields))
        realtime.publishDocument(PUBLICATION, 'changed', id, fields);
    }
    known = now;
  });
}

const byId = (ctx: Context): Map<string, object> =>
  new Map(loginServiceDocuments(ctx).map(({ id, fields }) => [id, fields]));
