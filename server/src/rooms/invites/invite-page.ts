import { escapeHtml } from '../../kernel/escape-html.ts';

export interface InvitePage {
  site: string;
  /** The public address of the workspace. */
  address: string;
  /** The whole link; undefined when it does not work (any more). */
  link: string | undefined;
  /** Only of a room that everybody may read. */
  roomName: string | undefined;
}

/**
 * What a browser shows to somebody who follows an invite link (spec 11 §10): there is no client in it yet, so it says where
 * to go with the link.
 */
export function invitePage({ site, address, link, roomName }: InvitePage): string {
  const name = escapeHtml(site);
  const place = roomName === undefined ? name : `<strong>${escapeHtml(roomName)}</strong> at ${name}`;
  const text =
    link === undefined
      ? '<p>This invite link does not work: it is unknown, has expired, or was used often enough. Ask for a new one.</p>'
      : `<p>You are invited to ${place}.</p>
<ol><li>Add the workspace <code>${escapeHtml(address)}</code> to your chat app, and log in or register.</li>
<li>Then open this link in the app:<br><code>${escapeHtml(link)}</code></li></ol>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="robots" content="noindex"><title>${name}</title>
<style>${INVITE_STYLE}</style></head><body><main><h1>${name}</h1>${text}</main></body></html>`;
}

export const INVITE_STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:32rem;margin:4rem auto;padding:0 1.5rem}' +
  'code{overflow-wrap:anywhere}li{margin:.5rem 0}';
