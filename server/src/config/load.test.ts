import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testConfig } from './defaults.ts';
import { type ConfigInput, loadConfig } from './load.ts';
import { OPTIONS, optionEntries, shownValue, variablesOf } from './options.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gantry-config-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

const load = (input: Partial<ConfigInput> = {}) => loadConfig({ flags: {}, env: {}, cwd, ...input });
const writeConfig = (content: unknown, name = 'gantry.json') =>
  writeFileSync(join(cwd, name), typeof content === 'string' ? content : JSON.stringify(content));

describe('without any input', () => {
  test('every value is the documented default and says so', () => {
    const { config, sources, file, warnings } = load();
    expect(config).toEqual({
      port: 3000,
      bindIp: '0.0.0.0',
      rootUrl: 'http://localhost:3000',
      dataDir: join(cwd, 'data'),
      memory: false,
      reportedVersion: '8.5',
      logLevel: 'info',
      testMode: false,
      admin: {
        username: 'admin',
        password: undefined,
        email: undefined,
        name: 'Administrator',
        emailVerified: false,
      },
      initialUser: undefined,
      settingOverrides: {},
      settingDefaults: {},
      hiddenSettings: [],
      blockedSettings: [],
      wizardSettings: [],
      createTokensForUsers: false,
      createTokensSecret: undefined,
      allowUnsafeQueryAndFields: false,
      forwardedCount: 0,
      maxLoginTokens: 50,
      auditDays: 730,
      outboundAllow: [],
      disableIntegrationScripts: false,
      freezeIntegrationScripts: false,
      passwordCost: 10,
      limits: {
        bodyBytes: 52_428_800,
        frameBytes: 1_048_576,
        socketBufferBytes: 8_388_608,
        subscriptionsPerSocket: 10_000,
        watchedUsersPerSocket: 10_000,
        methodsInFlightPerSocket: 1000,
        handshakeMs: 45_000,
        pingAfterMs: 30_000,
        shutdownMs: 10_000,
        searchMs: 2000,
      },
    });
    expect(new Set(Object.values(sources))).toEqual(new Set(['default']));
    expect(file).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  test('every default passes the check of its own option', () => {
    for (const [key, option] of optionEntries) {
      if (option.default === undefined) continue;
      expect([key, option.parse(String(option.default))]).toEqual([key, option.default]);
    }
  });
});

describe('precedence', () => {
  test('file wins over default, environment over file, flag over environment', () => {
    writeConfig({ port: 1001, bindIp: '10.0.0.1', logLevel: 'warn', limits: { bodyBytes: '2MB' } });
    const { config, sources } = load({
      env: { PORT: '1002', BIND_IP: '10.0.0.2' },
      flags: { port: '1003' },
    });
    expect(config).toMatchObject({ port: 1003, bindIp: '10.0.0.2', logLevel: 'warn' });
    expect(config.limits).toMatchObject({ bodyBytes: 2_097_152, frameBytes: 1_048_576 });
    expect(sources).toMatchObject({
      port: 'flag',
      bindIp: 'env',
      logLevel: 'file',
      'limits.bodyBytes': 'file',
      'limits.frameBytes': 'default',
    });
  });

  test('the directory for imports is none unless it is named', () => {
    expect(load().config.importDir).toBeUndefined();
    expect(load({ env: { GANTRY_IMPORT_DIR: 'in' } }).config.importDir).toBe(join(cwd, 'in'));
  });

  test('a GANTRY_ variable wins over the Rocket.Chat name of the same option', () => {
    expect(load({ env: { PORT: '1001', GANTRY_PORT: '1002' } }).config.port).toBe(1002);
  });

  test('an empty variable counts as not set', () => {
    const { config, sources } = load({ env: { ADMIN_PASS: '', GANTRY_PORT: '', PORT: '1001' } });
    expect(config.admin.password).toBeUndefined();
    expect(config.port).toBe(1001);
    expect(sources['admin.password']).toBe('default');
  });

  test('variables that Kubernetes makes for a service called gantry do no harm', () => {
    const env = {
      GANTRY_PORT: 'tcp://10.0.0.1:3000',
      GANTRY_SERVICE_HOST: '10.0.0.1',
      GANTRY_PORT_3000_TCP: 'x',
    };
    const { config, warnings } = load({ env });
    expect(config.port).toBe(3000);
    expect(warnings).toEqual([]);
  });

  test('--config and GANTRY_CONFIG name another file, the flag first', () => {
    writeConfig({ port: 1001 }, 'a.json');
    writeConfig({ port: 1002 }, 'b.json');
    expect(load({ env: { GANTRY_CONFIG: 'a.json' } }).config.port).toBe(1001);
    const { config, file } = load({ env: { GANTRY_CONFIG: 'a.json' }, flags: { config: 'b.json' } });
    expect(config.port).toBe(1002);
    expect(file).toBe(join(cwd, 'b.json'));
  });
});

describe('the Rocket.Chat variables', () => {
  test('set their options', () => {
    const { config } = load({
      env: {
        PORT: '4000',
        BIND_IP: '127.0.0.1',
        ROOT_URL: 'https://chat.example.org/',
        ADMIN_USERNAME: 'boss',
        ADMIN_PASS: 'secret',
        ADMIN_EMAIL: 'boss@example.org',
        ADMIN_NAME: 'The Boss',
        ADMIN_EMAIL_VERIFIED: 'yes',
        INITIAL_USER: '{"_id":"u1"}',
        CREATE_TOKENS_FOR_USERS: 'yes',
        CREATE_TOKENS_FOR_USERS_SECRET: 'token-secret',
        TEST_MODE: 'true',
        MAX_RESUME_LOGIN_TOKENS: '5',
        ALLOW_UNSAFE_QUERY_AND_FIELDS_API_PARAMS: 'true',
        HTTP_FORWARDED_COUNT: '2',
        SETTINGS_HIDDEN: 'Site_Name, Language',
      },
    });
    expect(config).toMatchObject({
      port: 4000,
      bindIp: '127.0.0.1',
      rootUrl: 'https://chat.example.org',
      admin: {
        username: 'boss',
        password: 'secret',
        email: 'boss@example.org',
        name: 'The Boss',
        emailVerified: true,
      },
      hiddenSettings: ['Site_Name', 'Language'],
      initialUser: '{"_id":"u1"}',
      createTokensForUsers: true,
      createTokensSecret: 'token-secret',
      testMode: true,
      maxLoginTokens: 5,
      allowUnsafeQueryAndFields: true,
      forwardedCount: 2,
    });
  });

  test('settings are taken from OVERWRITE_SETTING_<id> and from names that look like a setting', () => {
    const { config, sources } = load({
      env: {
        OVERWRITE_SETTING_Show_Setup_Wizard: 'completed',
        OVERWRITE_SETTING_Layout_Home_Title: '',
        Site_Name: 'Ours',
        E2E_Enable: 'false',
        CDN_PREFIX: '/cdn',
        Language: 'de',
        HOME: '/root',
        LC_ALL: 'C',
        http_proxy: 'http://proxy',
        npm_config_cache: '/tmp',
      },
    });
    expect(config.settingOverrides).toEqual({ Show_Setup_Wizard: 'completed', Layout_Home_Title: '' });
    expect(config.settingDefaults).toEqual({
      Site_Name: 'Ours',
      E2E_Enable: 'false',
      CDN_PREFIX: '/cdn',
      Language: 'de',
    });
    expect(sources['settingOverrides.Show_Setup_Wizard']).toBe('env');
    expect(sources['settingDefaults.Site_Name']).toBe('env');
  });

  test('settings of the file become texts and give way to the environment', () => {
    writeConfig({
      settingOverrides: { Site_Name: 'File', API_Default_Count: 25 },
      settingDefaults: { UI_Use_Real_Name: true, Accounts_SearchFields: ['a', 'b'] },
    });
    const { config, sources } = load({ env: { OVERWRITE_SETTING_Site_Name: 'Env' } });
    expect(config.settingOverrides).toEqual({ Site_Name: 'Env', API_Default_Count: '25' });
    expect(config.settingDefaults).toEqual({ UI_Use_Real_Name: 'true', Accounts_SearchFields: '["a","b"]' });
    expect(sources['settingOverrides.Site_Name']).toBe('env');
    expect(sources['settingOverrides.API_Default_Count']).toBe('file');
  });
});

describe('derived values', () => {
  test('the root URL follows the port unless it is given', () => {
    expect(load({ flags: { port: '4000' } }).config.rootUrl).toBe('http://localhost:4000');
    expect(load({ flags: { port: '4000', 'root-url': 'https://a.b/chat/' } }).config.rootUrl).toBe(
      'https://a.b/chat',
    );
  });

  test('a relative data directory is meant from the folder it was written in', () => {
    writeConfig({ dataDir: 'here' });
    const file = join(cwd, 'gantry.json');
    expect(load({ cwd: '/elsewhere', flags: { config: file } }).config.dataDir).toBe(join(cwd, 'here'));
    expect(load({ cwd: '/elsewhere', flags: { config: file, data: 'there' } }).config.dataDir).toBe(
      '/elsewhere/there',
    );
  });

  test('the memory flag is a switch', () => {
    expect(load({ flags: { memory: true } }).config.memory).toBe(true);
  });
});

describe('mistakes are refused in one line that names the place', () => {
  const cases: [string, Partial<ConfigInput>, string][] = [
    [
      'a port that is no number',
      { flags: { port: 'x' } },
      '--port must be a whole number from 0 to 65535, not "x"',
    ],
    [
      'a port out of range',
      { env: { PORT: '65536' } },
      'PORT must be a whole number from 0 to 65535, not "65536"',
    ],
    [
      'a negative number',
      { env: { HTTP_FORWARDED_COUNT: '-1' } },
      'HTTP_FORWARDED_COUNT must be a whole number from 0 to 100, not "-1"',
    ],
    [
      'a switch with another word',
      { env: { TEST_MODE: 'maybe' } },
      'TEST_MODE must be true or false, not "maybe"',
    ],
    [
      'an unknown log level',
      { flags: { 'log-level': 'loud' } },
      '--log-level must be one of fatal, error, warn, info, debug, trace, silent, not "loud"',
    ],
    [
      'a root URL without protocol',
      { env: { ROOT_URL: 'chat.example.org' } },
      'ROOT_URL must be an address such as https://chat.example.org, without a query, not "chat.example.org"',
    ],
    [
      'a size with an unknown unit',
      { env: { GANTRY_LIMITS_BODY_BYTES: '5 acres' } },
      'GANTRY_LIMITS_BODY_BYTES must be a size such as 1048576 or 50MB, from 1024 to 1073741824 bytes, not "5 acres"',
    ],
    [
      'a time that is too long',
      { env: { GANTRY_LIMITS_SHUTDOWN_MS: '2h' } },
      'GANTRY_LIMITS_SHUTDOWN_MS must be a time such as 500ms or 10s, from 0 to 3600000 ms, not "2h"',
    ],
    [
      'an e-mail address without @',
      { env: { ADMIN_EMAIL: 'boss' } },
      'ADMIN_EMAIL must be an e-mail address, not "boss"',
    ],
  ];
  test.each(cases)('%s', (_, input, message) => {
    expect(() => load(input)).toThrow(new Error(message));
  });

  test('a wrong secret is not repeated', () => {
    expect(() => load({ env: { INITIAL_USER: '{"password":"hunter2"' } })).toThrow(
      new Error('INITIAL_USER must be JSON'),
    );
  });

  test('an unknown key of the file', () => {
    writeConfig({ limits: { bodySize: 1 } });
    expect(() => load()).toThrow(new Error(`${join(cwd, 'gantry.json')}: unknown key "limits.bodySize"`));
    writeConfig({ prot: 1 });
    expect(() => load()).toThrow(new Error(`${join(cwd, 'gantry.json')}: unknown key "prot"`));
    writeConfig('{"__proto__": 1}');
    expect(() => load()).toThrow(new Error(`${join(cwd, 'gantry.json')}: unknown key "__proto__"`));
  });

  test('a wrong value of the file names key and file', () => {
    writeConfig({ port: 'x' });
    const file = join(cwd, 'gantry.json');
    expect(() => load()).toThrow(
      new Error(`port in ${file} must be a whole number from 0 to 65535, not "x"`),
    );
    writeConfig({ port: null });
    expect(() => load()).toThrow(new Error(`${file}: "port" must be a text, a number, true or false`));
    writeConfig({ limits: 5 });
    expect(() => load()).toThrow(new Error(`${file}: "limits" must be an object`));
    writeConfig({ settingOverrides: { Site_Name: null } });
    expect(() => load()).toThrow(new Error(`${file}: "settingOverrides.Site_Name" must have a value`));
  });

  test('a file that is missing, no JSON or no object, without repeating its content', () => {
    const file = join(cwd, 'gantry.json');
    expect(() => load({ flags: { config: 'none.json' } })).toThrow(
      new Error(`The configuration file ${join(cwd, 'none.json')} does not exist`),
    );
    writeConfig('{"admin": {"password": "hunter2"');
    expect(() => load()).toThrow(new Error(`Cannot read ${file}: it is not valid JSON`));
    writeConfig([]);
    expect(() => load()).toThrow(new Error(`${file}: the content must be a JSON object`));
  });

  test('a variable that looks like ours but is not gives a warning only', () => {
    expect(load({ env: { GANTRY_PROT: '1' } }).warnings).toEqual(['unknown variable GANTRY_PROT']);
  });
});

test('variables are named after the path of the option', () => {
  expect(variablesOf('limits.methodsInFlightPerSocket')).toEqual([
    'GANTRY_LIMITS_METHODS_IN_FLIGHT_PER_SOCKET',
  ]);
  expect(variablesOf('admin.password')).toEqual(['GANTRY_ADMIN_PASSWORD', 'ADMIN_PASS']);
});

test('secrets are masked when they are shown, and only they', () => {
  expect(shownValue(OPTIONS['admin.password'], 'hunter2')).toBe('********');
  expect(shownValue(OPTIONS['admin.password'], undefined)).toBe('-');
  expect(shownValue(OPTIONS.port, 3000)).toBe('3000');
});

test('no secret can be given as a flag', () => {
  expect(optionEntries.filter(([, option]) => option.secret && option.flag)).toEqual([]);
});

test('the configuration for tests changes single members of groups', () => {
  const config = testConfig({ limits: { frameBytes: 5 }, admin: { password: 'x' }, testMode: true });
  expect(config).toMatchObject({
    memory: true,
    port: 0,
    bindIp: '127.0.0.1',
    testMode: true,
    logLevel: 'silent',
  });
  expect(config.limits).toMatchObject({ frameBytes: 5, bodyBytes: 52_428_800 });
  expect(config.admin).toMatchObject({ password: 'x', username: 'admin' });
});
