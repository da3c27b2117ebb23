import { escapeHtml } from '../../kernel/escape-html.ts';

export interface InviteFacts {
  site: string;
  /** The public address of the workspace. */
  address: string;
  /** The whole link; undefined when it does not work (any more). */
  link: string | undefined;
  /** Only of a room that everybody may read. */
  roomName: string | undefined;
}

/**
 * What a browser shows to somebody who follows an invite link (spec 11 §10), as HTML: there is no client in it yet, so it says
 * where to go with the link.
 */
export function inviteText({ site, address, link, roomName }: InviteFacts): string {
  const name = escapeHtml(site);
  const place = roomName === undefined ? name : `<strong>${escapeHtml(roomName)}</strong> at ${name}`;
  return link === undefined
    ? '<p>This invite link does not work: it is unknown, has expired, or was used often enough. Ask for a new one.</p>'
    : `<p>You are invited to ${place}.</p>
<ol><li>Add the workspace <code>${escapeHtml(address)}</code> to your chat app, and log in or register.</li>
<li>Then open this link in the app:<br><code>${escapeHtml(link)}</code></li></ol>`;
}
