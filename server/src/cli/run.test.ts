import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GANTRY } from '../../test/support/gantry-command.ts';
import { newPassword } from './new-password.ts';
import { runCommandLine } from './run.ts';

let cwd: string;

beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'gantry-cli-'));
});
afterEach(() => rmSync(cwd, { recursive: true }));

interface Typed {
  env?: Record<string, string>;
  stdin?: string;
}

function terminal({ env = {}, stdin = '' }: Typed = {}) {
  const out: string[] = [];
  const err: string[] = [];
  return {
    out,
    err,
    terminal: {
      env,
      cwd,
      out: (text: string) => out.push(text),
      err: (text: string) => err.push(text),
      stdin: Readable.from([stdin]),
    },
  };
}

/** Runs a command line and gives what a person would see. */
async function gantry(line: string, typed: Typed = {}) {
  const { out, err, terminal: io } = terminal(typed);
  const code = await runCommandLine(line.split(' ').filter(Boolean), io);
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('help', () => {
  test.each(['', '--help', '-h', 'help'])('"gantry %s" lists every command', async (line) => {
    const { code, out } = await gantry(line);
    expect(code).toBe(0);
    for (const command of [
      'serve',
      'migrate',
      'admin create-user <username>',
      'admin reset-password <username>',
      'backup <file>',
      'config',
    ]) {
      expect(out).toContain(`\n  ${command} `);
    }
  });

  test('of a command shows its own flags and those of the configuration', async () => {
    const { code, out } = await gantry('admin create-user --help');
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: gantry admin create-user <username> \[flags\]/);
    expect(out).toMatch(/--email <address> +E-mail address \(required\)/);
    expect(out).toMatch(/-p, --port <n> +Port to listen on; 0 takes a free one \(default: 3000\)/);
    expect(out).toMatch(/--memory +Keep everything in memory/);
  });
});

describe('mistakes are told in one line with exit code 1', () => {
  const cases: [string, string][] = [
    ['srve', 'gantry: unknown command "srve"; see gantry --help'],
    ['admin', 'gantry: unknown command "admin"; see gantry --help'],
    ['admin delete', 'gantry: unknown command "admin delete"; see gantry --help'],
    ['serve --prot 3000', "gantry: Unknown option '--prot'; see gantry serve --help"],
    ['serve --port', "gantry: Option '-p, --port <value>' argument missing; see gantry serve --help"],
    ['serve now', 'gantry: unexpected argument "now"; see gantry serve --help'],
    ['serve --port abc', 'gantry: --port must be a whole number from 0 to 65535, not "abc"'],
    ['backup', 'gantry: backup needs <file>; see gantry backup --help'],
    ['admin create-user alice', 'gantry: admin create-user needs --email <address>'],
    ['migrate --memory', 'gantry: this command works on stored data; leave out --memory and name --data'],
  ];
  test.each(cases)('gantry %s', async (line, message) => {
    expect(await gantry(line)).toEqual({ code: 1, out: '', err: message });
    expect(readdirSync(cwd)).toEqual([]);
  });

  test('a password on the command line is not a flag', async () => {
    const { code, err } = await gantry('admin reset-password alice --password hunter2');
    expect(code).toBe(1);
    expect(err).toBe("gantry: Unknown option '--password'; see gantry admin reset-password --help");
  });
});

describe('gantry config', () => {
  test('shows values with their sources and masks secrets', async () => {
    writeFileSync(
      join(cwd, 'gantry.json'),
      JSON.stringify({ bindIp: '127.0.0.1', createTokensSecret: 'hunter1' }),
    );
    const env = { ADMIN_PASS: 'hunter2', OVERWRITE_SETTING_SMTP_Password: 'hunter3' };
    const { code, out } = await gantry('config --port 4000', { env });
    expect(code).toBe(0);
    expect(out).toContain(`File: ${join(cwd, 'gantry.json')}`);
    expect(out).toMatch(/^port +4000 +flag +GANTRY_PORT PORT +--port$/m);
    expect(out).toMatch(/^bindIp +127\.0\.0\.1 +file /m);
    expect(out).toMatch(/^rootUrl +http:\/\/localhost:4000 +default /m);
    expect(out).toMatch(/^admin\.password +\*{8} +env +GANTRY_ADMIN_PASSWORD ADMIN_PASS$/m);
    expect(out).toMatch(/^admin\.email +- +default /m);
    expect(out).toMatch(/^limits\.bodyBytes +52428800 +default +GANTRY_LIMITS_BODY_BYTES$/m);
    expect(out).toMatch(/^settingOverrides\.SMTP_Password +\*{8} +env +OVERWRITE_SETTING_SMTP_Password$/m);
    expect(out).not.toContain('hunter');
  });

  test('warns about a variable that nothing reads', async () => {
    const { code, err } = await gantry('config', { env: { GANTRY_PROT: '1' } });
    expect(code).toBe(0);
    expect(err).toBe('gantry: warning: unknown variable GANTRY_PROT');
  });
});

describe('new passwords', () => {
  test('are random, long and different without --password-stdin', async () => {
    const first = await newPassword({}, terminal().terminal);
    const second = await newPassword({}, terminal().terminal);
    expect(first.isRandom).toBe(true);
    expect(first.password).toMatch(/^[\w-]{20}$/);
    expect(second.password).not.toBe(first.password);
  });

  test('are the first line of standard input with it', async () => {
    const { terminal: io } = terminal({ stdin: 'correct horse\nnot this\n' });
    expect(await newPassword({ 'password-stdin': true }, io)).toEqual({
      password: 'correct horse',
      isRandom: false,
    });
  });

  test('must not be empty', async () => {
    const { terminal: io } = terminal({ stdin: '\n' });
    await expect(newPassword({ 'password-stdin': true }, io)).rejects.toThrow(
      'found no password on standard input',
    );
  });
});

describe('as a process', () => {
  const run = (...args: string[]) =>
    execFileSync(process.execPath, [GANTRY, ...args], { encoding: 'utf8', stdio: 'pipe' });

  test('--version prints the version of the package', () => {
    const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
    expect(run('--version')).toBe(`${JSON.parse(manifest).version}\n`);
  });

  test('--help prints the commands', () => {
    expect(run('--help')).toMatch(/^Usage: gantry <command> \[flags\]\n/);
  });

  test('a mistake ends with exit code 1', () => {
    expect(() => run('serve', '--nonsense')).toThrow(expect.objectContaining({ status: 1 }));
  });
});
