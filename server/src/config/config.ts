/** The server's validated configuration; see `load.ts` for where each value comes from. */
export interface Config {
  port: number;
  bindIp: string;
  /** Where figures for Prometheus are; undefined: where the setting `Prometheus_Port` says. */
  prometheusPort: number | undefined;
  /** The public address, without a trailing slash. Default of the setting `Site_Url`. */
  rootUrl: string;
  /** Directory of the database and files; undefined with `memory`. */
  dataDir: string;
  /** A PostgreSQL database instead of the embedded one: `postgres://user:password@host:port/database`. */
  databaseUrl: string | undefined;
  /** NATS servers over which several processes with the same `databaseUrl` hear of each other: `nats://host:4222`. */
  natsUrl: string | undefined;
  /** Keep everything in memory and lose it at the end. For tests and for people who build bots. */
  memory: boolean;
  /** The version that clients are told, `major.minor` of a supported Rocket.Chat release (spec 41 §1). */
  reportedVersion: string;
  logLevel: 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'silent';
  /** No rate limits, no optional second factor, a known admin (spec 22, "Bootstrapping" 8). */
  testMode: boolean;
  admin: {
    username: string;
    password: string | undefined;
    email: string | undefined;
    name: string;
    emailVerified: boolean;
  };
  /** JSON text of `INITIAL_USER`. */
  initialUser: string | undefined;
  /** Setting id -> text of `OVERWRITE_SETTING_<id>`. */
  settingOverrides: Readonly<Record<string, string>>;
  /** Setting id -> text of a plain `<SETTING_ID>` variable; used only when the setting is first created. */
  settingDefaults: Readonly<Record<string, string>>;
  /** Ids of settings that are in no list, that cannot be changed, and that the setup wizard must ask for. */
  hiddenSettings: readonly string[];
  blockedSettings: readonly string[];
  wizardSettings: readonly string[];
  createTokensForUsers: boolean;
  createTokensSecret: string | undefined;
  allowUnsafeQueryAndFields: boolean;
  /** SMTP server as an address (`MAIL_URL`), for a workspace whose settings name none. */
  mailUrl: string | undefined;
  /** Trusted proxy hops (`HTTP_FORWARDED_COUNT`). */
  forwardedCount: number;
  maxLoginTokens: number;
  /** How long the audit trail is kept; 0: for good. */
  auditDays: number;
  /** Files below it can be imported by their path; none without it. */
  importDir: string | undefined;
  /** Hosts, addresses and networks that webhooks and previews may reach although they are not public. */
  outboundAllow: readonly string[];
  /** Where translation services are asked instead of at their own address; undefined: there. */
  translationUrl: string | undefined;
  /** Whether scripts of webhooks rest, and whether they may change (spec 31 §3.1). */
  disableIntegrationScripts: boolean;
  freezeIntegrationScripts: boolean;
  /** bcrypt cost of new password hashes. */
  passwordCost: number;
  limits: Limits;
}

/** Everything with a cost has a limit. Sizes in bytes, times in ms. */
export interface Limits {
  bodyBytes: number;
  frameBytes: number;
  socketBufferBytes: number;
  subscriptionsPerSocket: number;
  watchedUsersPerSocket: number;
  methodsInFlightPerSocket: number;
  handshakeMs: number;
  pingAfterMs: number;
  shutdownMs: number;
  searchMs: number;
}
