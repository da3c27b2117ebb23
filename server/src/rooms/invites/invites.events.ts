import type { WireInvite } from './present-invite.ts';

/** Somebody made an invite link; their own clients hear of it (`updateInvites`, spec 40 §8.3). */
export interface InviteCreated {
  uid: string;
  invite: WireInvite;
}

declare module '../../kernel/events.ts' {
  interface Events {
    'invite.created': InviteCreated;
  }
}
