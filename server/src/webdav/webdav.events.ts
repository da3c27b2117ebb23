import type { PresentedAccount } from './present-webdav-account.ts';

/** A WebDAV account came or went: `stream-notify-user` `<uid>/webdav` (spec 40 §8.3). */
export interface WebdavAccountChange {
  uid: string;
  type: 'changed' | 'removed';
  /** As clients see it; of a removed one its id. */
  account: PresentedAccount | Pick<PresentedAccount, '_id'>;
}

declare module '../kernel/events.ts' {
  interface Events {
    'webdav.accountChanged': WebdavAccountChange;
  }
}
