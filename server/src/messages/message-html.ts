import { escapeHtml } from '../kernel/escape-html.ts';
import type { Attachment, WireMessage } from './message.ts';

/**
 * A message as it is read outside of the product, in a mail or an archive. Somebody's text is never markup. Files are named
 * with the links that `linkOf` gives.
 */
export function messageHtml(
  { u, alias, ts, t, msg, attachments = [] }: WireMessage,
  linkOf: (attachment: Attachment) => unknown,
): string {
  const files = attachments.flatMap((attachment) => {
    const { title } = attachment;
    const href = linkOf(attachment);
    if (typeof title !== 'string' || typeof href !== 'string') return [];
    const mayLead = /^(https?:\/\/|assets\/)/.test(href);
    return [`<br>${mayLead ? `<a href="${escapeHtml(href)}">${escapeHtml(title)}</a>` : escapeHtml(title)}`];
  });
  const text = escapeHtml(msg).replaceAll('\n', '<br>');
  const kind = t === undefined ? '' : `<em>${escapeHtml(t)}</em> `;
  const author = escapeHtml(alias ?? u.username ?? '');
  return `<p><strong>${author}</strong> <small>${ts.toISOString()}</small><br>${kind}${text}${files.join('')}</p>`;
}
