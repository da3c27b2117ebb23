import type { Config } from './config.ts';
import {
  bytes,
  databaseAddress,
  duration,
  emailAddress,
  flag,
  hostList,
  json,
  list,
  logLevel,
  natsAddresses,
  type Parse,
  scriptSwitch,
  text,
  version,
  webAddress,
  whole,
} from './parse.ts';

type Group = 'admin' | 'limits';
type SettingTable = 'settingOverrides' | 'settingDefaults';
type PlainKey = Exclude<keyof Config, Group | SettingTable>;
type GroupKey<G extends Group> = `${G}.${keyof Config[G] & string}`;

/** Every single value of the configuration by its path, for example `port` or `limits.bodyBytes`. */
export type OptionKey = PlainKey | GroupKey<'admin'> | GroupKey<'limits'>;

export type OptionValue<K extends OptionKey> = K extends PlainKey
  ? Config[K]
  : K extends `${infer G extends Group}.${infer F}`
    ? Config[G][F & keyof Config[G]]
    : never;

export interface Option<T = unknown> {
  /** Shown by `--help` and `gantry config`. */
  description: string;
  default: T;
  parse: Parse<T>;
  /** Names besides the `GANTRY_*` one, which every option has. The `GANTRY_*` name wins. */
  env?: readonly string[];
  /** Command line flag without the dashes. Options without one are set by file or environment. */
  flag?: string;
  short?: string;
  /** A path: relative ones are meant from the folder of the file they stand in, else from the working directory. */
  path?: true;
  /** Masked wherever the configuration is shown. */
  secret?: true;
}

const MiB = 1024 ** 2;
const HOUR = 3_600_000;

/**
 * The one list of options. `load.ts` reads them, `--help` and `gantry config` show them. A value added to `Config` must
 * be added here, or this does not compile.
 */
export const OPTIONS: { readonly [K in OptionKey]: Option<OptionValue<K>> } = {
  port: {
    description: 'Port to listen on; 0 takes a free one',
    default: 3000,
    parse: whole(0, 65535),
    env: ['PORT'],
    flag: 'port',
    short: 'p',
  },
  bindIp: {
    description: 'Address to listen on; 127.0.0.1 keeps the server to this machine',
    default: '0.0.0.0',
    parse: text,
    env: ['BIND_IP'],
    flag: 'host',
  },
  prometheusPort: {
    description: 'Port of /metrics (default: the setting Prometheus_Port), while Prometheus_Enabled is on',
    default: undefined,
    parse: whole(0, 65535),
    env: ['PROMETHEUS_PORT'],
  },
  rootUrl: {
    description: 'Public address of the server (default: http://localhost:<port>)',
    default: 'http://localhost:3000',
    parse: webAddress,
    env: ['ROOT_URL'],
    flag: 'root-url',
  },
  dataDir: {
    description: 'Directory of the database and the files',
    default: 'data',
    parse: text,
    flag: 'data',
    path: true,
  },
  databaseUrl: {
    description: 'PostgreSQL database (postgres://user:password@host:port/name) instead of the embedded one',
    default: undefined,
    parse: databaseAddress,
    secret: true,
  },
  natsUrl: {
    description:
      'NATS servers (nats://host:4222, separated by commas) of several servers that share a PostgreSQL database',
    default: undefined,
    parse: natsAddresses,
    secret: true,
  },
  memory: {
    description: 'Keep everything in memory and lose it at the end',
    default: false,
    parse: flag,
    flag: 'memory',
  },
  logLevel: {
    description: 'fatal, error, warn, info, debug, trace or silent',
    default: 'info',
    parse: logLevel,
    flag: 'log-level',
  },
  testMode: {
    description: 'For test suites only: no rate limits, no second factor, a known admin',
    default: false,
    parse: flag,
    env: ['TEST_MODE'],
    flag: 'test-mode',
  },
  reportedVersion: {
    description: 'Rocket.Chat version that clients are told',
    default: '8.5',
    parse: version,
    flag: 'reported-version',
  },
  forwardedCount: {
    description: 'Number of trusted proxies in front of the server',
    default: 0,
    parse: whole(0, 100),
    env: ['HTTP_FORWARDED_COUNT'],
    flag: 'forwarded-count',
  },
  'admin.username': {
    description: 'Name of the first admin',
    default: 'admin',
    parse: text,
    env: ['ADMIN_USERNAME'],
    flag: 'admin-username',
  },
  'admin.password': {
    // No flag: the command line of a process can be read by everybody on the machine.
    description: 'Password of the first admin (default: a random one, shown once)',
    default: undefined,
    parse: text,
    env: ['ADMIN_PASS'],
    secret: true,
  },
  'admin.email': {
    description: 'E-mail address of the first admin',
    default: undefined,
    parse: emailAddress,
    env: ['ADMIN_EMAIL'],
    flag: 'admin-email',
  },
  'admin.name': {
    description: 'Full name of the first admin',
    default: 'Administrator',
    parse: text,
    env: ['ADMIN_NAME'],
    flag: 'admin-name',
  },
  'admin.emailVerified': {
    description: 'The address of the first admin counts as verified',
    default: false,
    parse: flag,
    env: ['ADMIN_EMAIL_VERIFIED'],
  },
  initialUser: {
    description: 'A user to create at the start, as JSON with its _id',
    default: undefined,
    parse: json,
    env: ['INITIAL_USER'],
    // It may carry a password hash.
    secret: true,
  },
  hiddenSettings: {
    description: 'Ids of settings that nobody sees, separated by commas',
    default: [],
    parse: list,
    env: ['SETTINGS_HIDDEN'],
  },
  blockedSettings: {
    description: 'Ids of settings that nobody can change, separated by commas',
    default: [],
    parse: list,
    env: ['SETTINGS_BLOCKED'],
  },
  wizardSettings: {
    description: 'Ids of settings that the setup wizard must ask for, separated by commas',
    default: [],
    parse: list,
    env: ['SETTINGS_REQUIRED_ON_WIZARD'],
  },
  createTokensForUsers: {
    description: 'Allow users.createToken (Rocket.Chat 6 and 7)',
    default: false,
    parse: flag,
    env: ['CREATE_TOKENS_FOR_USERS'],
  },
  createTokensSecret: {
    description: 'Secret that users.createToken asks for (Rocket.Chat 8)',
    default: undefined,
    parse: text,
    env: ['CREATE_TOKENS_FOR_USERS_SECRET'],
    secret: true,
  },
  mailUrl: {
    description: 'SMTP server (smtp://user:password@host:port), used where the settings name none',
    default: undefined,
    parse: text,
    env: ['MAIL_URL'],
    secret: true,
  },
  allowUnsafeQueryAndFields: {
    description: 'Honour the query and fields parameters of the REST API',
    default: false,
    parse: flag,
    env: ['ALLOW_UNSAFE_QUERY_AND_FIELDS_API_PARAMS'],
  },
  disableIntegrationScripts: {
    description: 'Run no scripts of webhooks',
    default: false,
    parse: scriptSwitch,
    env: ['DISABLE_INTEGRATION_SCRIPTS'],
  },
  freezeIntegrationScripts: {
    description: 'Let nobody add or change scripts of webhooks',
    default: false,
    parse: scriptSwitch,
    env: ['FREEZE_INTEGRATION_SCRIPTS'],
  },
  maxLoginTokens: {
    description: 'Login sessions kept per user; the oldest go first',
    default: 50,
    parse: whole(1, 10_000),
    env: ['MAX_RESUME_LOGIN_TOKENS'],
  },
  auditDays: {
    description: 'Days that the audit trail is kept; 0 keeps it for good',
    default: 730,
    parse: whole(0, 36_500),
  },
  importDir: {
    description: 'Directory whose files administrators may import by their path (downloadPublicImportFile)',
    default: undefined,
    parse: text,
    path: true,
  },
  outboundAllow: {
    description:
      'Hosts, addresses and networks that webhooks and previews may reach although they are not public',
    default: [],
    parse: hostList,
  },
  translationUrl: {
    description: 'Address of a gateway that is asked instead of the translation service itself',
    default: undefined,
    parse: webAddress,
  },
  passwordCost: {
    // 4 is the least bcrypt knows; above 15 one login takes seconds.
    description: 'bcrypt cost of new password hashes',
    default: 10,
    parse: whole(4, 15),
  },
  'limits.bodyBytes': {
    description: 'Largest request body',
    default: 50 * MiB,
    parse: bytes(1024, 1024 * MiB),
  },
  'limits.frameBytes': {
    description: 'Largest frame a client may send on a socket',
    default: MiB,
    parse: bytes(1024, 64 * MiB),
  },
  'limits.socketBufferBytes': {
    description: 'Unsent bytes after which a slow socket is closed',
    default: 8 * MiB,
    parse: bytes(64 * 1024, 1024 * MiB),
  },
  'limits.subscriptionsPerSocket': {
    // A web client with many rooms open needs some hundred; a bot that watches a whole workspace needs thousands.
    description: 'Stream subscriptions per socket',
    default: 10_000,
    parse: whole(10, 1_000_000),
  },
  'limits.watchedUsersPerSocket': {
    description: 'People whose presence one socket may follow',
    default: 10_000,
    parse: whole(10, 1_000_000),
  },
  'limits.methodsInFlightPerSocket': {
    description: 'Method calls of one socket that may wait for their answer',
    default: 1000,
    parse: whole(1, 100_000),
  },
  'limits.handshakeMs': {
    description: 'Time a new socket has to send its connect message',
    default: 45_000,
    parse: duration(100, HOUR),
  },
  'limits.pingAfterMs': {
    description: 'Silence after which the server pings a socket',
    default: 30_000,
    parse: duration(100, HOUR),
  },
  'limits.shutdownMs': {
    description: 'Time an orderly shutdown may take',
    default: 10_000,
    parse: duration(0, HOUR),
  },
  'limits.searchMs': {
    description: 'Time after which a search answers with what it has found so far',
    default: 2000,
    parse: duration(10, HOUR),
  },
};

/** The options in the order of the list, for loops. */
export const optionEntries: readonly (readonly [OptionKey, Option])[] = Object.entries(OPTIONS) as [
  OptionKey,
  Option,
][];

/** `limits.bodyBytes` -> `GANTRY_LIMITS_BODY_BYTES`. */
export function gantryVariable(key: string): string {
  return `GANTRY_${key
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace('.', '_')
    .toUpperCase()}`;
}

/** The environment variables of an option, the winning one first. */
export function variablesOf(key: OptionKey): readonly string[] {
  return [gantryVariable(key), ...(OPTIONS[key].env ?? [])];
}

/** A value as people may see it: secrets are masked, undefined is a dash. */
export function shownValue(option: Option, value: unknown): string {
  if (value === undefined || (Array.isArray(value) && value.length === 0)) return '-';
  return option.secret ? '********' : String(value);
}
