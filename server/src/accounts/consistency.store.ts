import { type RawBuilder, sql } from 'kysely';
import { type ConsistencyRule, reference } from '../storage/consistency.ts';
import { jsonItems, jsonText } from '../storage/json.ts';

const identities = jsonText(sql.ref('users.doc'), 'identities') as RawBuilder<string>;
const identity = sql.ref<string>('item.value');

/** What must hold in the tables of accounts. */
export const accountRules: readonly ConsistencyRule[] = [
  reference('user_roles', 'uid', 'users'),
  reference('user_emails', 'uid', 'users'),
  reference('login_tokens', 'uid', 'users'),
  reference('second_factors', 'uid', 'users'),
  reference('mail_tokens', 'uid', 'users'),
  reference('pending_logins', 'uid', 'users'),
  reference('e2e_keys', 'uid', 'users'),
  reference('oauth_tokens', 'uid', 'users'),
  reference('oauth_tokens', 'client_id', 'oauth_apps', { key: 'client_id' }),
  reference('old_passwords', 'uid', 'users'),
  reference('known_devices', 'uid', 'users'),
  reference('external_identities', 'uid', 'users'),
  reference('node_presence', 'uid', 'users'),
  {
    broken: 'user who is sorted by another name than they have',
    query: sql`select id as what from users where coalesce(name_key, '') <> lower(coalesce(name, ''))`,
  },
  {
    broken: 'role of a user that is missing in the index of roles',
    query: sql`select users.id || ' ' || item.value as what
      from users, ${jsonItems(sql.ref('users.roles'))}
      where not exists (select 1 from user_roles where uid = users.id and role = item.value)`,
  },
  {
    broken: 'role in the index of roles that the user does not have',
    query: sql`select user_roles.uid || ' ' || user_roles.role as what
      from user_roles join users on users.id = user_roles.uid
      where not exists (
        select 1 from ${jsonItems(sql.ref('users.roles'))} where item.value = user_roles.role)`,
  },
  {
    broken: 'identity at another service that is missing in the index of identities',
    query: sql`select users.id || ' ' || item.value as what
      from users, ${jsonItems(identities)}
      where not exists (
        select 1 from external_identities
        where uid = users.id
        and service = ${jsonText(identity, 'service')}
        and service_uid = ${jsonText(identity, 'id')})`,
  },
  {
    broken: 'identity in the index of identities that the user does not have',
    query: sql`select external_identities.service || ' ' || external_identities.service_uid as what
      from external_identities join users on users.id = external_identities.uid
      where not exists (
        select 1 from ${jsonItems(identities)}
        where ${jsonText(identity, 'service')} = external_identities.service
        and ${jsonText(identity, 'id')} = external_identities.service_uid)`,
  },
];
