import { accountRules } from './accounts/consistency.store.ts';
import { adminRules } from './admin/consistency.store.ts';
import { calendarRules } from './calendar/consistency.store.ts';
import { conferenceRules } from './conferences/consistency.store.ts';
import { customizationRules } from './customization/consistency.store.ts';
import { exportRules } from './exports/consistency.store.ts';
import { fileRules } from './files/consistency.store.ts';
import { importRules } from './imports/consistency.store.ts';
import { integrationRules } from './integrations/consistency.store.ts';
import { messageRules } from './messages/consistency.store.ts';
import { notificationRules } from './notifications/consistency.store.ts';
import { retentionRules } from './retention/consistency.store.ts';
import { roomRules } from './rooms/consistency.store.ts';
import type { ConsistencyRule } from './storage/consistency.ts';
import { webdavRules } from './webdav/consistency.store.ts';

/** What must hold in every database: for `gantry check`, and for the tests after everything they do. */
export const consistencyRules: readonly ConsistencyRule[] = [
  ...accountRules,
  ...adminRules,
  ...roomRules,
  ...messageRules,
  ...fileRules,
  ...exportRules,
  ...customizationRules,
  ...conferenceRules,
  ...calendarRules,
  ...webdavRules,
  ...integrationRules,
  ...importRules,
  ...notificationRules,
  ...retentionRules,
];
