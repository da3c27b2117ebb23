import type { Settings } from '../../kernel/settings.ts';
import { openInApp } from '../open-in-app.ts';
import type { InviteRow } from './invites.store.ts';

/** An invite link as clients see it (spec 11 §10). */
export interface WireInvite {
  _id: string;
  /** The same as `_id`; later servers part the two. */
  inviteToken: string;
  rid: string;
  userId: string;
  days: number;
  maxUses: number;
  uses: number;
  createdAt: Date;
  expires: Date | null;
  url: string;
  _updatedAt: Date;
}

export function presentInvite(settings: Settings, invite: InviteRow): WireInvite {
  return {
    _id: invite.id,
    inviteToken: invite.id,
    rid: invite.rid,
    userId: invite.uid,
    days: invite.days,
    maxUses: invite.max_uses,
    uses: invite.uses,
    createdAt: new Date(invite.created_at),
    expires: invite.expires_at === null ? null : new Date(invite.expires_at),
    url: urlOf(settings, invite.id),
    _updatedAt: new Date(invite.updated_at),
  };
}

/** Straight to this server, or by way of the page that opens the app (`Accounts_Registration_InviteUrlType`). */
function urlOf(settings: Settings, token: string): string {
  const site = settings.text('Site_Url');
  if (settings.text('Accounts_Registration_InviteUrlType') !== 'proxy') return `${site}/invite/${token}`;
  return openInApp(settings, 'invite', `invite/${token}`);
}
