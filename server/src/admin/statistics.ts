import { arch, cpus, freemem, loadavg, platform, release, totalmem, type, uptime } from 'node:os';
import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { Db, Tx } from '../storage/database.ts';
import type { Instances } from './instances.ts';
import { BUILT_IN_ROLES } from './role-table.ts';
import {
  countsOfMore,
  countsOfUse,
  deleteOldStatistics,
  insertStatistics,
  peopleByService,
  roomsByType,
  type StoredStatistics,
  statisticsPage,
  usersByState,
} from './statistics.store.ts';
import { figuresOfServices, figuresOfSettings } from './statistics-of-settings.ts';

/** Figures of the workspace (spec 23, "Statistics, instances"). They stay here: nothing is sent to anybody. */

export type { StoredStatistics };

const DAY = 24 * 60 * 60_000;
/** A bit more than a year. */
const MAX_KEPT = 400;

/** The latest figures, or with `refresh` those of now. Refuses callers without `view-statistics`. */
export async function latestStatistics(
  ctx: Context,
  caller: Caller,
  instances: Instances,
  refresh: boolean,
): Promise<StoredStatistics> {
  requirePermission(ctx, caller);
  return (refresh ? undefined : await newest(ctx.db)) ?? (await collectStatistics(ctx, instances));
}

export function listStatistics(
  ctx: Context,
  caller: Caller,
  page: { offset: number; count: number; direction: 'asc' | 'desc' },
): Promise<{ statistics: StoredStatistics[]; total: number }> {
  requirePermission(ctx, caller);
  return statisticsPage(ctx.db, page);
}

/** Periodic: new figures once a day. */
export async function collectDaily(ctx: Context, instances: Instances): Promise<void> {
  if (await isDayOver(ctx, ctx.db)) await collectStatistics(ctx, instances, (tx) => isDayOver(ctx, tx));
}

async function isDayOver(ctx: Context, db: Db): Promise<boolean> {
  const last = await newest(db);
  return !last || last.createdAt <= ctx.clock.now() - DAY;
}

function requirePermission(ctx: Context, caller: Caller): void {
  if (!ctx.permissions.has(caller, 'view-statistics')) refuse('error-not-allowed');
}

async function newest(db: Db): Promise<StoredStatistics | undefined> {
  const { statistics } = await statisticsPage(db, { offset: 0, count: 1, direction: 'desc' });
  return statistics[0];
}

/** `isWanted`: asked again in the transaction, where another node may have been faster. */
async function collectStatistics(
  ctx: Context,
  instances: Instances,
  isWanted: (tx: Tx) => Promise<boolean> = async () => true,
): Promise<StoredStatistics> {
  const collected = { id: newId(), createdAt: ctx.clock.now(), figures: await figuresNow(ctx, instances) };
  await ctx.write(async (tx) => {
    if (!(await isWanted(tx))) return;
    await insertStatistics(tx, collected);
    await deleteOldStatistics(tx, MAX_KEPT);
  });
  return collected;
}

async function figuresNow(ctx: Context, instances: Instances): Promise<Record<string, unknown>> {
  const [users, rooms, more, use, services] = await Promise.all([
    usersByState(ctx.db),
    roomsByType(ctx.db),
    countsOfMore(ctx.db),
    countsOfUse(ctx.db),
    peopleByService(ctx.db),
  ]);
  const people = users.filter((row) => row.type === 'user');
  const active = people.filter((row) => row.active === 1);
  const withStatus = (status: string) => sum(active.filter((row) => row.status === status));
  const [online, away, busy] = [withStatus('online'), withStatus('away'), withStatus('busy')];
  const ofType = (t: string) => rooms.filter((row) => row.t === t);
  const discussions = rooms.filter((row) => row.discussion);
  return {
    uniqueId: ctx.settings.text('uniqueID'),
    installedAt: new Date(more.installed),
    version: ctx.config.reportedVersion,
    totalUsers: sum(people),
    activeUsers: sum(active),
    nonActiveUsers: sum(people.filter((row) => row.active !== 1)),
    appUsers: sum(users.filter((row) => row.type === 'app')),
    onlineUsers: online,
    awayUsers: away,
    busyUsers: busy,
    totalConnectedUsers: online + away + busy,
    offlineUsers: sum(active) - online - away - busy,
    totalRooms: sum(rooms),
    totalChannels: sum(ofType('c')),
    totalPrivateGroups: sum(ofType('p')),
    totalDirect: sum(ofType('d')),
    totalLivechat: 0,
    totalDiscussions: sum(discussions),
    totalThreads: more.threads,
    totalMessages: messages(rooms),
    totalChannelMessages: messages(ofType('c')),
    totalPrivateGroupMessages: messages(ofType('p')),
    totalDirectMessages: messages(ofType('d')),
    totalDiscussionsMessages: messages(discussions),
    totalLivechatMessages: 0,
    totalPinned: more.pinned,
    totalStarred: more.starred,
    totalUserTOTP: more.totp,
    teams: {
      totalTeams: more.teams,
      totalRoomsInsideTeams: sum(rooms.filter((row) => row.of_team)),
      totalDefaultRoomsInsideTeams: use.defaultRoomsOfTeams,
    },
    uploadsTotal: more.uploads.count,
    uploadsTotalSize: more.uploads.size,
    ...timesOf(more),
    ...machine(),
    instanceCount: await instances.count(ctx.db),
    fileStoreType: ctx.settings.text('FileUpload_Storage_Type'),
    ...figuresOfSettings(ctx),
    ...figuresOfUse(ctx, use),
    services: figuresOfServices(ctx, services),
    // There are none: clients read the members.
    apps: {
      totalInstalled: 0,
      totalActive: 0,
      totalFailed: 0,
      totalPrivateApps: 0,
      totalPrivateAppsEnabled: 0,
    },
  };
}

function figuresOfUse(ctx: Context, use: Awaited<ReturnType<typeof countsOfUse>>): Record<string, unknown> {
  const integrations = (type: string, enabled?: number) =>
    sum(
      use.integrations.filter(
        (row) => row.type === type && (enabled === undefined || row.enabled === enabled),
      ),
    );
  const calls = (type: string, status: number) =>
    sum(use.calls.filter((row) => row.type === type && row.status === status));
  const roles = (scope: string) =>
    BUILT_IN_ROLES.filter((role) => role.scope === scope).length +
    sum(use.customRoles.filter((row) => row.scope === scope));
  const { text, bool } = ctx.settings;
  return {
    migration: {
      _id: 'control',
      locked: false,
      version: use.migration.version,
      _updatedAt: new Date(use.migration.appliedAt),
    },
    integrations: {
      totalIntegrations: sum(use.integrations),
      totalIncoming: integrations('webhook-incoming'),
      totalIncomingActive: integrations('webhook-incoming', 1),
      totalOutgoing: integrations('webhook-outgoing'),
      totalOutgoingActive: integrations('webhook-outgoing', 1),
      totalWithScriptEnabled: sum(use.integrations.filter((row) => Number(row.script) === 1)),
    },
    videoConf: {
      videoConference: { started: calls('videoconference', STARTED), ended: calls('videoconference', ENDED) },
      direct: {
        calling: calls('direct', CALLING),
        started: calls('direct', STARTED),
        ended: calls('direct', ENDED),
      },
      settings: {
        provider: text('VideoConf_Default_Provider'),
        dms: bool('VideoConf_Enable_DMs'),
        channels: bool('VideoConf_Enable_Channels'),
        groups: bool('VideoConf_Enable_Groups'),
        teams: bool('VideoConf_Enable_Teams'),
      },
    },
    totalBroadcastRooms: use.broadcastRooms,
    totalE2ERooms: use.encryptedRooms,
    totalRoomsWithPinned: use.roomsWithPins,
    totalRoomsWithStarred: use.roomsWithStars,
    totalLinkInvitation: use.invites.made,
    totalLinkInvitationUses: use.invites.used,
    totalUserRoles: roles('Users'),
    totalSubscriptionRoles: roles('Subscriptions'),
    totalCustomRoles: sum(use.customRoles),
    push: use.pushTokens,
  };
}

/** States of calls, see `ConferenceRow`. */
const [CALLING, STARTED, ENDED] = [0, 1, 3] as const;

function timesOf(more: {
  lastLogin: number | null;
  lastMessage: number | null;
  lastSeen: number | null;
}): Record<string, Date> {
  const times = {
    lastLogin: more.lastLogin,
    lastMessageSentAt: more.lastMessage,
    lastSeenSubscription: more.lastSeen,
  };
  const known = Object.entries(times).filter((entry): entry is [string, number] => entry[1] !== null);
  return Object.fromEntries(known.map(([name, at]) => [name, new Date(at)]));
}

/** The machine and the process that serve this: of several nodes the one that was asked. */
function machine() {
  return {
    os: {
      ...{ type: type(), platform: platform(), arch: arch(), release: release(), uptime: uptime() },
      ...{ loadavg: loadavg(), totalmem: totalmem(), freemem: freemem() },
      cpus: cpus().map(({ model, speed }) => ({ model, speed })),
    },
    process: { nodeVersion: process.version, pid: process.pid, uptime: process.uptime() },
    deploy: { method: 'gantry', platform: 'selfinstall' },
  };
}

const sum = (rows: readonly { n: number }[]): number => rows.reduce((total, row) => total + Number(row.n), 0);
const messages = (rows: readonly { msgs: number }[]): number =>
  rows.reduce((total, row) => total + Number(row.msgs), 0);
