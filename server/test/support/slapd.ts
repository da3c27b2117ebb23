import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './postgres-server.ts';

/** OpenLDAP's server on this machine, in a temporary folder, with one database below `dc=example,dc=org`. */
export interface Slapd {
  port: number;
  tlsPort: number;
  /** Of the certificate: it is its own authority. */
  ca: string;
  add(...entries: LdifEntry[]): Promise<void>;
  remove(...dns: string[]): Promise<void>;
  /** `undefined` takes an attribute away. */
  replace(dn: string, attributes: Record<string, string | Buffer | undefined>): Promise<void>;
  close(): Promise<void>;
}

export interface LdifEntry {
  dn: string;
  attributes: Record<string, Value | readonly Value[]>;
}

type Value = string | Buffer;

export const BASE = 'dc=example,dc=org';
export const PEOPLE = `ou=people,${BASE}`;
export const SEARCHER = { dn: `cn=searcher,${BASE}`, password: 'searcher-password' };
const ROOT = `cn=admin,${BASE}`;

const PROGRAM = '/usr/sbin/slapd';
const SCHEMA = '/etc/ldap/schema';

/** False where OpenLDAP is not installed (Debian: `slapd`). With `CI` in the environment that is an error. */
export function hasSlapd(): boolean {
  const there = existsSync(PROGRAM) && existsSync(`${SCHEMA}/inetorgperson.schema`);
  if (!there && process.env.CI) throw new Error('slapd is not installed: the tests of LDAP cannot run');
  if (!there) process.stderr.write('slapd is not installed: the tests of LDAP that need it are left out\n');
  return there;
}

export async function startSlapd(entries: readonly LdifEntry[]): Promise<Slapd> {
  const folder = mkdtempSync(join(tmpdir(), 'gantry-slapd-'));
  const ca = makeCertificate(folder);
  const config = join(folder, 'slapd.conf');
  // Nobody else's server knows it.
  const password = randomBytes(12).toString('hex');
  writeFileSync(config, configuration(folder, password));
  mkdirSync(join(folder, 'db'));
  const ldif = [...SKELETON, ...entries].map(asLdif).join('\n');
  execFileSync(PROGRAM, ['-T', 'add', '-f', config], { input: ldif, stdio: ['pipe', 'ignore', 'inherit'] });
  const { child, ended, port, tlsPort } = await listening(config, password);

  const asRoot = async (work: (client: import('ldapts').Client) => Promise<unknown>) => {
    const { Client } = await import('ldapts');
    const client = new Client({ url: `ldap://127.0.0.1:${port}` });
    try {
      await client.bind(ROOT, password);
      await work(client);
    } finally {
      await client.unbind();
    }
  };
  return {
    port,
    tlsPort,
    ca,
    add: (...more) =>
      asRoot(async (client) => {
        for (const { dn, attributes } of more) await client.add(dn, attributes as Record<string, string>);
      }),
    remove: (...dns) =>
      asRoot(async (client) => {
        for (const dn of dns) await client.del(dn);
      }),
    replace: (dn, attributes) =>
      asRoot(async (client) => {
        const { Attribute, Change } = await import('ldapts');
        const changes = Object.entries(attributes).map(
          ([type, value]) =>
            new Change({
              operation: 'replace',
              modification: new Attribute({
                type,
                values: value === undefined ? [] : ([value] as string[] | Buffer[]),
              }),
            }),
        );
        await client.modify(dn, changes);
      }),
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Somebody below `ou=people`. */
export function personEntry(uid: string, more: LdifEntry['attributes'] = {}): LdifEntry {
  return {
    dn: `uid=${uid},${PEOPLE}`,
    attributes: {
      objectClass: 'inetOrgPerson',
      uid,
      cn: `${uid[0]?.toUpperCase()}${uid.slice(1)} Example`,
      sn: 'Example',
      givenName: uid,
      mail: `${uid}@example.org`,
      userPassword: `${uid}-ldap`,
      ...more,
    },
  };
}

export const groupEntry = (cn: string, members: readonly string[]): LdifEntry => ({
  dn: `cn=${cn},${BASE}`,
  attributes: { objectClass: 'groupOfUniqueNames', cn, uniqueMember: members },
});

const SKELETON: LdifEntry[] = [
  {
    dn: BASE,
    attributes: { objectClass: ['dcObject', 'organization'], dc: 'example', o: 'Example' },
  },
  { dn: PEOPLE, attributes: { objectClass: 'organizationalUnit', ou: 'people' } },
  {
    dn: SEARCHER.dn,
    attributes: {
      objectClass: ['organizationalRole', 'simpleSecurityObject'],
      cn: 'searcher',
      userPassword: SEARCHER.password,
    },
  },
];

const asLdif = ({ dn, attributes }: LdifEntry): string =>
  [
    `dn: ${dn}`,
    ...Object.entries(attributes).flatMap(([name, values]) =>
      [values].flat().map((value) => `${name}:: ${Buffer.from(value as string).toString('base64')}`),
    ),
    '',
  ].join('\n');

/** `ppolicy` knows accounts that are locked. Passwords prove something to nobody but their owner and the searcher. */
const configuration = (folder: string, password: string): string => `
include ${SCHEMA}/core.schema
include ${SCHEMA}/cosine.schema
include ${SCHEMA}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb.so
moduleload ppolicy.so
pidfile ${folder}/slapd.pid
TLSCACertificateFile ${folder}/cert.pem
TLSCertificateFile ${folder}/cert.pem
TLSCertificateKeyFile ${folder}/key.pem
# Takes binds with a name and no password for anonymous ones, as some directories do.
allow bind_anon_cred bind_anon_dn
sizelimit 500
database mdb
suffix "${BASE}"
rootdn "${ROOT}"
rootpw ${password}
directory ${folder}/db
maxsize 16777216
index objectClass eq
overlay ppolicy
access to attrs=userPassword by anonymous auth by * none
access to * by dn="${SEARCHER.dn}" read by self read by anonymous auth by * none
limits dn="${SEARCHER.dn}" size.prtotal=unlimited
`;

function makeCertificate(folder: string): string {
  const file = (name: string) => join(folder, name);
  const options = ['-newkey', 'rsa:2048', '-nodes', '-keyout', file('key.pem'), '-out', file('cert.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-days', '2', ...options, ...subject], { stdio: 'ignore' });
  return readFileSync(file('cert.pem'), 'utf8');
}

interface Listening {
  child: ChildProcess;
  ended: Promise<void>;
  port: number;
  tlsPort: number;
}

/** Starts it on ports that are free; where something else took one meanwhile, on others. */
async function listening(config: string, password: string): Promise<Listening> {
  for (let attempt = 1; ; attempt++) {
    const [port, tlsPort] = [await freePort(), await freePort()];
    const urls = `ldap://127.0.0.1:${port} ldaps://127.0.0.1:${tlsPort}`;
    // `-d` keeps it in the foreground.
    const child = spawn(PROGRAM, ['-f', config, '-h', urls, '-d', '0'], { stdio: 'ignore' });
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const isThere = await Promise.race([answers(port, password), ended.then(() => false)]);
    if (isThere) return { child, ended, port, tlsPort };
    child.kill();
    await ended;
    if (attempt === 5) throw new Error('slapd did not start');
  }
}

/** Waits until something does; whether that is the server with this password. */
async function answers(port: number, password: string): Promise<boolean> {
  const { Client } = await import('ldapts');
  for (let attempt = 0; attempt < 500; attempt++) {
    const client = new Client({ url: `ldap://127.0.0.1:${port}`, connectTimeout: 1000, timeout: 1000 });
    try {
      await client.bind(ROOT, password);
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'ECONNREFUSED') return false;
    } finally {
      await client.unbind().catch(() => {});
    }
    // A program that starts tells nobody when it is ready.
    await sleep(20);
  }
  return false;
}
