import type { AddressInfo } from 'node:net';
import type { FastifyInstance, HTTPMethods, RouteHandlerMethod } from 'fastify';
import pino, { type Logger } from 'pino';
import { accountMethods } from './accounts/accounts.ddp.ts';
import { accountEndpoints } from './accounts/accounts.rest.ts';
import { accountStreams } from './accounts/accounts-streams.ddp.ts';
import { createAuthenticator } from './accounts/authenticate.ts';
import { bootstrapAccounts } from './accounts/bootstrap.ts';
import { loginServiceRoutes } from './accounts/login-services/come-back.rest.ts';
import { loginServiceDocuments } from './accounts/login-services/login-services.ddp.ts';
import { bearerCaller } from './accounts/oauth-tokens.ts';
import { Presence } from './accounts/presence.ts';
import { checkSecondFactor, secondFactorFromHeaders } from './accounts/two-factor.ts';
import { absentPartEndpoints } from './admin/absent-parts.rest.ts';
import { absentStreams } from './admin/absent-streams.ddp.ts';
import { adminMethods, adminStreams } from './admin/admin.ddp.ts';
import { loadAdminState } from './admin/admin-state.ts';
import { bannerEndpoints } from './admin/banners.rest.ts';
import { cloudEndpoints } from './admin/cloud.rest.ts';
import { homePageRoutes } from './admin/home-page.rest.ts';
import { infoEndpoints } from './admin/info.rest.ts';
import { publicVersion } from './admin/info.ts';
import { Instances } from './admin/instances.ts';
import { licenceEndpoints } from './admin/licences.rest.ts';
import { logStream, wireLogLines } from './admin/log-lines.ddp.ts';
import { logLineEndpoints } from './admin/log-lines.rest.ts';
import { permissionsEndpoints } from './admin/permissions.rest.ts';
import { rolesEndpoints } from './admin/roles.rest.ts';
import { settingsEndpoints } from './admin/settings.rest.ts';
import { shieldEndpoints } from './admin/shield.rest.ts';
import { statisticsEndpoints } from './admin/statistics.rest.ts';
import { heardInFull, wireEvents } from './app-events.ts';
import { jobHandlers, startChores } from './app-work.ts';
import { auditEndpoints } from './audit/audit.rest.ts';
import { calendarEndpoints } from './calendar/calendar.rest.ts';
import { endCalendarsWithUsers } from './calendar/calendar.ts';
import type { Cluster } from './cluster/cluster.ts';
import { commandMethods } from './commands/commands.ddp.ts';
import { commandEndpoints } from './commands/commands.rest.ts';
import { withCallSignals } from './conferences/conferences.ddp.ts';
import { conferenceEndpoints } from './conferences/conferences.rest.ts';
import { endConferencesWithRooms } from './conferences/conferences.ts';
import type { Config } from './config/config.ts';
import type { Context } from './context.ts';
import { assetEndpoints } from './customization/assets.rest.ts';
import { assetDownload } from './customization/assets-download.rest.ts';
import { customEmojiEndpoints } from './customization/custom-emoji.rest.ts';
import { customSoundEndpoints } from './customization/custom-sounds.rest.ts';
import { customizationMethods } from './customization/customization.ddp.ts';
import { customizationDownloads } from './customization/customization-downloads.rest.ts';
import { exportDownloads } from './exports/export-download.rest.ts';
import { exportMethods } from './exports/exports.ddp.ts';
import { exportEndpoints } from './exports/exports.rest.ts';
import { endExportsWithAccounts } from './exports/request-export.ts';
import { avatarMethods } from './files/avatar.ddp.ts';
import { avatarEndpoints } from './files/avatar.rest.ts';
import { avatarDownloads } from './files/avatar-downloads.rest.ts';
import { type Blobs, openBlobs, type Sharing, withBucket } from './files/blobs/blobs.ts';
import { watchBucket } from './files/check-bucket.ts';
import { warnOfDirectory } from './files/check-directory.ts';
import { fileDownloads } from './files/download.rest.ts';
import { FileChores } from './files/file-chores.ts';
import { fileMethods } from './files/files.ddp.ts';
import { fileEndpoints } from './files/files.rest.ts';
import { giveFirstAvatars } from './files/first-avatar.ts';
import { importStreams } from './imports/imports.ddp.ts';
import { importEndpoints } from './imports/imports.rest.ts';
import { endRunningImport } from './imports/operation-steps.ts';
import { followChanges } from './integrations/follow-changes.ts';
import { hookRoutes } from './integrations/hooks.rest.ts';
import { integrationMethods, integrationStreams } from './integrations/integrations.ddp.ts';
import { integrationEndpoints } from './integrations/integrations.rest.ts';
import { OutgoingTable } from './integrations/outgoing-table.ts';
import { WorkerScripts } from './integrations/scripts/worker-scripts.ts';
import { triggerWebhooks } from './integrations/trigger-webhooks.ts';
import { JobRunner } from './jobs/run-jobs.ts';
import { type Clock, systemClock } from './kernel/clock.ts';
import { createEventBus, type EventBus } from './kernel/events.ts';
import { LogLines } from './kernel/log-lines.ts';
import { mailMethods } from './mail/mail.ddp.ts';
import { mailEndpoints } from './mail/mail.rest.ts';
import { Mailer } from './mail/mailer.ts';
import { mailingEndpoints } from './mailings/mailings.rest.ts';
import { unsubscribeRoutes } from './mailings/unsubscribe-page.rest.ts';
import { messageMethods, messageStreams } from './messages/messages.ddp.ts';
import { messageEndpoints } from './messages/messages.rest.ts';
import { ReadReceipts } from './messages/read-receipts.ts';
import { reportBlockedLogins } from './messages/report-blocked-logins.ts';
import { indexMessages } from './messages/search/index-messages.ts';
import { Prometheus } from './metrics/prometheus.ts';
import { moderationMethods } from './moderation/moderation.ddp.ts';
import { moderationEndpoints } from './moderation/moderation.rest.ts';
import { pushEndpoints } from './notifications/push.rest.ts';
import { testPush } from './notifications/push-content.ts';
import { PushDevices } from './notifications/push-devices.ts';
import { endPushTokensWithLogins } from './notifications/push-tokens.ts';
import { tellOfMessages } from './notifications/tell-later.ts';
import { oauthAppEndpoints } from './oauth/apps.rest.ts';
import { oauthRoutes } from './oauth/oauth-routes.rest.ts';
import { dnsEndpoints } from './outbound/dns-records.rest.ts';
import { systemNameServers } from './outbound/name-servers.ts';
import { previewEndpoints } from './previews/previews.rest.ts';
import { forgetPreviews } from './previews/show-previews.ts';
import type { DdpMethod, StreamDeclaration } from './realtime/declarations.ts';
import { realtimeHttpRoutes } from './realtime/http-routes.ts';
import { methodCallEndpoints } from './realtime/method-call.ts';
import { createRealtime, type Realtime } from './realtime/server.ts';
import type { Authenticate } from './rest/admission.ts';
import { docsEndpoints } from './rest/docs/docs.rest.ts';
import { addDownloadRoutes, type DownloadRoute } from './rest/download.ts';
import type { Endpoint } from './rest/endpoint.ts';
import { OpenRequests } from './rest/open-requests.ts';
import { routeOf } from './rest/prepared-endpoint.ts';
import { createRestServer } from './rest/server.ts';
import { OldMessages } from './retention/prune-old.ts';
import { roomHooks } from './rooms/account-hooks.ts';
import { ensureGeneralChannel } from './rooms/default-rooms.ts';
import { invitePageRoute } from './rooms/invites/invite-page.rest.ts';
import { MemberNames } from './rooms/member-names.ts';
import { OnlineMembers } from './rooms/online-members.ts';
import { allRoomEndpoints } from './rooms/room-endpoints.rest.ts';
import { roomPageRoutes } from './rooms/room-page.rest.ts';
import { roomMethods } from './rooms/rooms.ddp.ts';
import { roomStreams } from './rooms/rooms-streams.ddp.ts';
import { openStorage, type Storage } from './storage/database.ts';
import { isAlone } from './storage/is-alone.ts';
import { CommitHooks, createWriter } from './storage/write.ts';
import { translationMethods } from './translation/translation.ddp.ts';
import { translationEndpoints } from './translation/translation.rest.ts';
import { translateLater } from './translation/translation-job.ts';
import { TranslationTable } from './translation/translation-table.ts';
import { endWebdavAccountsWithUsers } from './webdav/accounts.ts';
import { webdavMethods } from './webdav/webdav.ddp.ts';
import { webdavEndpoints } from './webdav/webdav.rest.ts';

/** Connections that may wait to be accepted: with the default of 511 a reconnect of everybody loses some. */
const LISTEN_BACKLOG = 4096;

/** A server in one process: nothing of it is global, so tests and embedders may run many. */
export interface GantryServer {
  ctx: Context;
  storage: Storage;
  /** The other nodes on the same database; undefined where there can be none. */
  cluster: Cluster | undefined;
  /** Every door that is declared: what the compatibility page and the API document are made of. */
  doors: Doors;
  realtime: Realtime;
  jobs: JobRunner;
  /** Who has read what, worked out some time later. */
  receipts: ReadReceipts;
  /** What happens to files by and by; it need not be waited for. */
  files: FileChores;
  /** What the retention policy removes; its time comes by itself. */
  oldMessages: OldMessages;
  /** The processes that serve the workspace. */
  instances: Instances;
  prometheus: Prometheus;
  /** The HTTP server; `app.inject` answers requests without a port. */
  app: FastifyInstance;
  /** A server that cannot go on: resolves with the reason, if there ever is one. Close it, and start it anew. */
  lost: Promise<Error> | undefined;
  /** Set when this start created an admin with a random password. Show it once; it is stored only as a hash. */
  firstAdmin?: { username: string; password: string } | undefined;
  listen(): Promise<{ port: number; url: string }>;
  /** Stops taking requests, finishes those under way, asks sockets to reconnect, closes the database. */
  close(): Promise<void>;
}

export interface Doors {
  endpoints: readonly Endpoint[];
  methods: readonly DdpMethod[];
  streams: readonly StreamDeclaration[];
  downloads: readonly DownloadRoute[];
}

/** Opens the storage, wires every feature to every door. Nothing listens yet. */
export async function createServer(config: Config): Promise<GantryServer> {
  const logLines = new LogLines();
  const log = createLog(config, logLines);
  const clock = systemClock();
  const events = createEventBus((error, event) =>
    log.error({ err: error, event }, 'an event listener failed'),
  );
  const { databaseUrl, natsUrl, memory, dataDir } = config;
  const storage = await openStorage({ memory, dataDir, databaseUrl, shared: natsUrl !== undefined, log });
  const opened: { cluster?: Cluster; blobs?: Blobs } = {};
  try {
    // What a start creates where it is missing, two nodes that start at the same time must not create twice.
    return await storage.alone(async () => {
      if (natsUrl !== undefined) {
        const { joinCluster } = await import('./cluster/cluster.ts');
        opened.cluster = await joinCluster({ natsUrl, storage, events, clock, log });
      }
      const { cluster } = opened;
      // After the storage, which makes sure that no other server uses the directory.
      const blobs = await openBlobs(config, cluster && (await sharingOf(cluster, storage)));
      opened.blobs = blobs;
      return wire(config, { log, logLines, clock, events, storage, cluster, blobs });
    });
  } catch (error) {
    await opened.cluster?.close();
    await storage.close();
    await opened.blobs?.close();
    throw error;
  }
}

/** What the nodes that may use the same directory of files know of each other. */
const sharingOf = async ({ database }: Cluster, { db }: Storage): Promise<Sharing> => ({
  database: database.name,
  node: database.node,
  live: await database.liveNodes(db),
});

/** What there is before any feature. */
interface Foundation {
  log: Logger;
  logLines: LogLines;
  clock: Clock;
  events: EventBus;
  storage: Storage;
  /** Undefined for a server that has its database for itself. */
  cluster: Cluster | undefined;
  blobs: Blobs;
}

async function wire(config: Config, foundation: Foundation): Promise<GantryServer> {
  const { log, logLines, storage, cluster, blobs } = foundation;
  const hooks = new CommitHooks();
  const ctx = await createContext(config, foundation, hooks);
  triggerWebhooks(ctx, hooks, await OutgoingTable.load(ctx));
  translateLater(ctx, hooks, await TranslationTable.load(ctx));
  followChanges(ctx, hooks);
  endPushTokensWithLogins(hooks);
  giveFirstAvatars(ctx, hooks);
  tellOfMessages(ctx, hooks, await PushDevices.load(ctx));
  reportBlockedLogins(ctx, hooks);
  endConferencesWithRooms(hooks);
  endExportsWithAccounts(hooks);
  endCalendarsWithUsers(hooks);
  endWebdavAccountsWithUsers(hooks);
  const presence = new Presence(ctx, cluster?.database);
  const online = new OnlineMembers(storage.db);
  const mailer = new Mailer(ctx);
  await ensureGeneralChannel(ctx);
  const { firstAdmin } = await bootstrapAccounts(ctx, roomHooks, (db) => isAlone(cluster?.database, db));

  const methods = [
    ...accountMethods({ rooms: roomHooks, presence }),
    ...adminMethods,
    ...mailMethods(mailer),
    ...roomMethods,
    ...messageMethods,
    ...moderationMethods,
    ...integrationMethods,
    ...translationMethods,
    ...commandMethods,
    ...fileMethods,
    ...exportMethods,
    ...avatarMethods,
    ...customizationMethods,
    ...webdavMethods(),
  ];
  const streams = heardInFull(online, [
    ...withCallSignals([...accountStreams, ...roomStreams], online),
    ...adminStreams,
    ...absentStreams,
    ...importStreams,
    logStream,
    ...messageStreams,
    ...integrationStreams,
  ]);
  const realtime = createRealtime({
    ctx,
    methods,
    streams,
    checkSecondFactor: (_ctx, call) => checkSecondFactor(ctx, call.caller, call.twoFactor, 'remembered'),
    loginServices: () => loginServiceDocuments(ctx),
  });
  const instances = new Instances(ctx, () => realtime.stats().connections, cluster?.database);
  const downloads = [
    ...fileDownloads,
    ...exportDownloads,
    ...avatarDownloads(),
    ...customizationDownloads,
    assetDownload,
  ];
  const endpoints: Endpoint[] = [
    ...infoEndpoints,
    ...accountEndpoints({ rooms: roomHooks, presence }),
    ...settingsEndpoints({ push_test: testPush, OEmbedCacheCleanup: forgetPreviews }),
    ...shieldEndpoints,
    ...mailEndpoints,
    ...mailingEndpoints,
    ...dnsEndpoints,
    ...logLineEndpoints(logLines),
    ...permissionsEndpoints,
    ...rolesEndpoints,
    ...auditEndpoints,
    ...importEndpoints,
    ...statisticsEndpoints(instances),
    ...allRoomEndpoints(new MemberNames(ctx)),
    ...messageEndpoints,
    ...previewEndpoints,
    ...moderationEndpoints,
    ...conferenceEndpoints,
    ...calendarEndpoints,
    ...webdavEndpoints,
    ...integrationEndpoints,
    ...translationEndpoints,
    ...oauthAppEndpoints,
    ...commandEndpoints,
    ...fileEndpoints,
    ...exportEndpoints,
    ...avatarEndpoints,
    ...assetEndpoints,
    ...customEmojiEndpoints,
    ...customSoundEndpoints,
    ...pushEndpoints,
    ...licenceEndpoints,
    ...absentPartEndpoints,
    ...bannerEndpoints,
    ...cloudEndpoints,
    ...methodCallEndpoints(realtime.dispatcher),
    ...docsEndpoints({
      doors: () => ({ endpoints, methods, streams, downloads }),
      info: () => ({
        ...{ title: 'Gantry API', version: publicVersion(ctx) },
        serverUrl: ctx.settings.text('Site_Url'),
      }),
    }),
  ];
  wireEvents(ctx, realtime, presence, online);
  wireLogLines(realtime.streams, logLines);
  const receipts = new ReadReceipts(ctx);

  const authenticator = createAuthenticator(ctx);
  const authenticate: Authenticate = (uid, token, client) => authenticator.authenticate(uid, token, client);
  const app = createRestServer({
    ctx,
    endpoints,
    authenticate,
    authenticateBearer: (token, client) => bearerCaller(ctx, token, client),
    checkSecondFactor: (caller, { headers, mode }) =>
      checkSecondFactor(ctx, caller, secondFactorFromHeaders(headers), mode),
    anonymousAllowed: () => ctx.settings.bool('Accounts_AllowAnonymousRead'),
  });
  addDownloadRoutes(app, { ctx, routes: downloads, authenticate });
  realtimeHttpRoutes(app, ctx);
  hookRoutes(app, ctx);
  oauthRoutes(app, ctx);
  loginServiceRoutes(app, ctx);
  invitePageRoute(app, ctx);
  roomPageRoutes(app, ctx);
  homePageRoutes(app, ctx);
  unsubscribeRoutes(app, ctx);
  healthRoutes(app, { storage, cluster });
  app.route({
    method: GET_AND_HEAD,
    url: '/robots.txt',
    handler: (_request, reply) =>
      reply.type('text/plain').send(ctx.settings.text('Robot_Instructions_File_Content')),
  });
  const requests = new OpenRequests(app.server);
  const prometheus = new Prometheus({
    ctx,
    version: publicVersion(ctx),
    server: app.server,
    routes: endpoints.map(({ method, path }) => ({ method, route: routeOf(path) })),
    realtime: () => realtime.stats(),
  });
  const files = new FileChores(ctx);
  const oldMessages = new OldMessages(ctx);
  const jobs = new JobRunner(ctx, jobHandlers(mailer), cluster?.database);
  let chores: NodeJS.Timeout[] = [];

  async function close(): Promise<void> {
    for (const chore of chores) clearInterval(chore);
    await prometheus.close();
    // Half of the time is for the clients, the rest for the database: it must not pay for a client that hangs.
    const patience = config.limits.shutdownMs / 2;
    await Promise.all([realtime.close(patience), closeHttp(app, requests, patience)]);
    // After the requests, which may still bring some.
    await jobs.close(patience / 2);
    await oldMessages.close();
    await ctx.scripts.close();
    mailer.close();
    await presence.close();
    await indexing;
    await receipts.settled();
    await files.close(patience / 2);
    await cluster?.close();
    await storage.close();
    await blobs.close();
  }
  let closing: Promise<void> | undefined;
  let indexing: Promise<void> | undefined;

  return {
    ctx,
    storage,
    cluster,
    doors: { endpoints, methods, streams, downloads },
    realtime,
    jobs,
    receipts,
    files,
    oldMessages,
    instances,
    prometheus,
    app,
    lost: storage.lost && Promise.race([storage.lost, ...(cluster ? [cluster.lost] : [])]),
    firstAdmin,
    async listen() {
      // First: an upgrade that finds no handler is answered 400, which the mobile app takes for "no WebSocket here".
      realtime.attach(app.server);
      await cluster?.open();
      // Not sooner: a command of the command line may run beside a server, and takes no connections.
      await presence.start();
      await instances.announce();
      await endRunningImport(ctx, (tx) => isAlone(cluster?.database, tx));
      await jobs.start();
      chores = startChores(ctx, { presence, files, oldMessages, instances, cluster });
      watchBucket(ctx);
      if (cluster) warnOfDirectory(ctx);
      indexing = indexMessages(ctx, () => closing !== undefined).catch((err) =>
        log.error({ err }, 'older messages were not indexed'),
      );
      await app.listen({ port: config.port, host: config.bindIp, backlog: LISTEN_BACKLOG });
      await prometheus.apply();
      const { port } = app.server.address() as AddressInfo;
      // A port chosen by the system is not in the configured address.
      return { port, url: config.rootUrl.replace(/:0$/, `:${port}`) };
    },
    close() {
      // A signal and whoever started the server may both ask.
      closing ??= close();
      return closing;
    },
  };
}

/** Takes no new requests, lets those under way finish for at most `ms`, then cuts what is left of the connections. */
async function closeHttp(app: FastifyInstance, requests: OpenRequests, ms: number): Promise<void> {
  const closed = app.close();
  await requests.finished(ms);
  app.server.closeAllConnections();
  await closed;
}

async function createContext(config: Config, foundation: Foundation, hooks: CommitHooks): Promise<Context> {
  const { log, clock, events, storage, cluster, blobs } = foundation;
  const write = createWriter(storage, events, { hooks, feed: cluster?.feed });
  const tell = cluster?.tell ?? events.publish;
  const base = { config, log, clock, events, tell, db: storage.db, write };
  const { settings, permissions, warnings } = await loadAdminState(base);
  for (const warning of warnings) log.warn(warning);
  const scripts = new WorkerScripts({ config, log, settings });
  const names = systemNameServers();
  return { ...base, settings, permissions, blobs: withBucket(blobs, settings), scripts, names };
}

function createLog(config: Config, lines: LogLines): Logger {
  // To standard error: standard output is for the few lines that a person reads.
  const standardError = pino.destination({ dest: 2, sync: false });
  const everywhere = pino.multistream([standardError, lines].map((stream) => ({ stream, level: 'trace' })));
  return pino({ level: config.logLevel, base: null }, everywhere);
}

/** What looks whether a server is there often asks for the head alone (`wget --spider`). */
const GET_AND_HEAD: HTTPMethods[] = ['GET', 'HEAD'];

const UNCACHED = 'no-cache, no-store, must-revalidate';

/** `/livez`, as `/health` before it: the process answers. `/readyz`: it can also store what it is given. */
function healthRoutes(app: FastifyInstance, parts: Pick<Foundation, 'storage' | 'cluster'>): void {
  const route = (url: string, handler: RouteHandlerMethod) =>
    app.route({ method: GET_AND_HEAD, url, handler });
  for (const path of ['/livez', '/health'])
    route(path, (_request, reply) => reply.header('cache-control', UNCACHED).send({ status: 'ok' }));
  route('/readyz', (_request, reply) => {
    const failures = {
      storage: parts.storage.failure,
      ...(parts.cluster ? { cluster: parts.cluster.failure } : {}),
    };
    const checks = Object.fromEntries(
      Object.entries(failures).map(([name, failure]) => [name, failure ? 'unavailable' : 'ok']),
    );
    const isReady = Object.values(failures).every((failure) => !failure);
    reply.header('cache-control', UNCACHED).code(isReady ? 200 : 503);
    return reply.send({ status: isReady ? 'ok' : 'unavailable', checks });
  });
}
