import { jobHandler } from '../jobs/job.ts';
import { escapeHtml } from '../kernel/escape-html.ts';
import { queueMail } from '../mail/send-mail.ts';
import { fillText } from '../mail/template.ts';
import { roomLabel } from '../rooms/room.ts';
import { presentNotification } from './present-notification.ts';
import { stillUnread, type UnreadMessage } from './still-unread.ts';

declare module '../jobs/job.ts' {
  interface JobPayloads {
    /** `isNamed`: the message mentions the person, or has one of their words. */
    'notifications.mail': { uid: string; messageId: string; isNamed: boolean };
  }
}

/** Mails a message to somebody who is away, unless they have read it meanwhile (spec 30 §4.11). */
export const messageMailJob = jobHandler({
  kind: 'notifications.mail',
  concurrency: 4,
  attempts: 5,
  timeoutMs: 30_000,
  async run(ctx, job) {
    const { uid, messageId, isNamed } = job.payload;
    const news = await stillUnread(ctx, uid, messageId);
    const to = news?.user.emails.find(({ verified }) => verified)?.address;
    if (!news || to === undefined) return;
    const realNames = ctx.settings.bool('UI_Use_Real_Name');
    const { text } = presentNotification(news, { realNames });
    const site = ctx.settings.text('Site_Url');
    const subject = fillText(ctx.settings.text(templateFor(news, isNamed)), {
      Site_Name: ctx.settings.text('Site_Name'),
      User: (realNames && news.message.u.name) || news.message.u.username,
      Room: roomLabel(news.room),
    });
    const html = `<p>${escapeHtml(text).replaceAll('\n', '<br>')}</p><p><a href="${escapeHtml(site)}">${escapeHtml(site)}</a></p>`;
    await ctx.write(async (tx, emit) => {
      await queueMail(ctx, { tx, emit }, { to, subject, html });
      await job.finish(tx);
    });
  },
});

function templateFor({ room }: UnreadMessage, isNamed: boolean): string {
  if (room.type === 'd') return 'Offline_DM_Email';
  return isNamed ? 'Offline_Mention_Email' : 'Offline_Mention_All_Email';
}
