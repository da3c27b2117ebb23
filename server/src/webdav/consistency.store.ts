import { type ConsistencyRule, reference } from '../storage/consistency.ts';

/** What must hold in the table of WebDAV accounts. */
export const webdavRules: readonly ConsistencyRule[] = [reference('webdav_accounts', 'uid', 'users')];
