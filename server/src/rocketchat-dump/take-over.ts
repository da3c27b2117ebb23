import type { Logger } from 'pino';
import { SETTINGS } from '../admin/setting-table.ts';
import { storedSettings } from '../admin/settings.store.ts';
import type { Blobs } from '../files/blobs/blobs.ts';
import { type Settings, settingsOver } from '../kernel/settings.ts';
import type { Storage } from '../storage/database.ts';
import { Bytes } from './bytes.ts';
import { Dump } from './dump.ts';
import { countAllMembers, isInUse } from './moved-rows.store.ts';
import { Report } from './report.ts';
import { takeIntegrations, takeInvites, takeOAuthApps, takePushTokens } from './take-connections.ts';
import { takeAssets, takeCustomEmoji, takeCustomSounds, takeCustomStatuses } from './take-customization.ts';
import { takeAvatars, takeUploads } from './take-files.ts';
import { takeMemberships, takeTeamMembers } from './take-memberships.ts';
import { takeMessages } from './take-messages.ts';
import { takeRooms } from './take-rooms.ts';
import { takePermissions, takeRoles, takeSettings } from './take-settings.ts';
import { takeTrash } from './take-trash.ts';
import { takeUsers } from './take-users.ts';
import type { Taking } from './taking.ts';

/** Thrown when the target holds people or messages. */
export class WorkspaceNotEmpty extends Error {}

/** Ends the transaction of a trial. */
class OnlyTried extends Error {}

/** Collections that are read (spec 32 D.2); those that are not, are caches, or of what is not built here. */
const WANTED = [
  ...['users', 'rocketchat_room', 'rocketchat_subscription', 'rocketchat_message', 'rocketchat__trash'],
  ...['rocketchat_settings', 'rocketchat_roles', 'rocketchat_permissions'],
  ...['rocketchat_team', 'rocketchat_team_member', 'rocketchat_invites'],
  ...['rocketchat_integrations', 'rocketchat_oauth_apps', '_raix_push_app_tokens'],
  ...['rocketchat_custom_emoji', 'rocketchat_custom_sounds', 'rocketchat_custom_user_status'],
  ...['rocketchat_uploads', 'rocketchat_avatars'],
  ...['rocketchat_uploads', 'rocketchat_avatars', 'custom_emoji', 'custom_sounds', 'assets'].flatMap(
    (bucket) => [`${bucket}.files`, `${bucket}.chunks`],
  ),
];

/** Each needs what stands before it. */
const STEPS: readonly ((taking: Taking) => Promise<void>)[] = [
  ...[takeRoles, takePermissions, takeSettings, useSettings, takeUsers, takeRooms, takeMessages],
  ...[takeMemberships, takeTeamMembers, ({ tx }: Taking) => countAllMembers(tx), takeUploads, takeAvatars],
  ...[takeCustomEmoji, takeCustomSounds, takeCustomStatuses, takeAssets],
  ...[takeIntegrations, takeInvites, takeOAuthApps, takePushTokens, takeTrash],
];

export interface TakeOverOptions {
  /** A folder of `mongodump`, or an archive of it. */
  dumpPath: string;
  /** Where the workspace kept its files, when not in its database. */
  filesPath: string | undefined;
  /** Reads everything, writes nothing. */
  isTrial: boolean;
  now: number;
  log: Logger;
}

/**
 * Brings a dump of a Rocket.Chat database into an empty workspace, in one transaction: all of it or nothing (spec 32 D).
 * @throws BrokenDump, WorkspaceNotEmpty
 */
export async function takeOver(
  storage: Storage,
  blobs: Blobs,
  { dumpPath, filesPath, isTrial, now, log }: TakeOverOptions,
): Promise<Report> {
  const dump = await Dump.open(dumpPath, WANTED);
  const bytes = new Bytes(blobs, dump, filesPath);
  const report = new Report();
  let isStored = false;
  try {
    await storage.transaction(async (tx) => {
      if (await isInUse(tx)) throw new WorkspaceNotEmpty();
      const known = { roles: new Map(), users: new Map(), rooms: new Map(), shownBy: new Map() };
      const taking: Taking = { dump, tx, report, bytes, now, ctx: { settings: defaults, log }, ...known };
      for (const step of STEPS) await step(taking);
      if (isTrial) throw new OnlyTried();
    });
    await storage.durable();
    isStored = true;
  } catch (error) {
    if (!(error instanceof OnlyTried)) throw error;
  } finally {
    await bytes.clearAway({ isStored });
    await dump.close();
  }
  return report;
}

const defaults: Settings = settingsOver((id) => SETTINGS.get(id)?.value);

/** From here on those that were taken over are in force. */
async function useSettings(taking: Taking): Promise<void> {
  const stored = new Map((await storedSettings(taking.tx)).map(({ id, value }) => [id, value]));
  taking.ctx = { ...taking.ctx, settings: settingsOver((id) => stored.get(id) ?? SETTINGS.get(id)?.value) };
}
