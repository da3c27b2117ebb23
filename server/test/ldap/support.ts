import { type AccountsServer, type Session, startAccounts } from '../support/accounts-server.ts';
import type { TestServer } from '../support/server.ts';
import { BASE, SEARCHER } from '../support/slapd.ts';

/** Sets settings as the administrator does. */
export async function configure({ admin }: TestServer, settings: Record<string, unknown>): Promise<void> {
  for (const [id, value] of Object.entries(settings)) {
    const { status, body } = await admin.post(`settings/${id}`, { value });
    if (status !== 200) throw new Error(`${id} was not set: ${JSON.stringify(body)}`);
  }
}

/** What an administrator sets for a directory like that of `startSlapd`. */
export const directorySettings = ({ port }: { port: number }): Record<string, string> => ({
  LDAP_Enable: 'true',
  LDAP_Host: '127.0.0.1',
  LDAP_Port: String(port),
  LDAP_Authentication: 'true',
  LDAP_Authentication_UserDN: SEARCHER.dn,
  LDAP_Authentication_Password: SEARCHER.password,
  LDAP_BaseDN: BASE,
  LDAP_User_Search_Filter: '(objectclass=inetOrgPerson)',
  LDAP_User_Search_Field: 'uid,mail',
  LDAP_Username_Field: 'uid',
  LDAP_Unique_Identifier_Field: 'entryUUID,uidNumber',
});

/** A server with a directory, which is switched on once the administrator is logged in: there is none of that name in it. */
export async function startWithDirectory(
  { port }: { port: number },
  { LDAP_Enable = 'true', ...more }: Record<string, string> = {},
): Promise<AccountsServer> {
  const settingDefaults = { ...directorySettings({ port }), ...more, LDAP_Enable: 'false' };
  const server = await startAccounts({ settingDefaults });
  await server.set('LDAP_Enable', LDAP_Enable === 'true');
  return server;
}

/** Somebody who has an account and a password here. */
export async function localPerson(
  server: AccountsServer,
  username: string,
  more: object = {},
): Promise<Session> {
  await server.set('LDAP_Enable', false);
  const person = await server.person(username, more);
  await server.set('LDAP_Enable', true);
  return person;
}

/** What was recorded, the oldest first. */
export async function auditTrail({ ctx }: AccountsServer) {
  const rows = await ctx.db.selectFrom('audit_events').selectAll().orderBy('at').orderBy('id').execute();
  return rows.map(({ kind, subject, actor_name: actor, doc }) => ({ kind, subject, actor, doc }));
}
