import { saveE2EKeys } from '../accounts/e2e-keys.store.ts';
import { insertOldPassword } from '../accounts/old-passwords.store.ts';
import { insertToken, NO_DEVICE, NO_SIGN_ON } from '../accounts/tokens.store.ts';
import { saveFactors } from '../accounts/two-factor.store.ts';
import { emailKey, presenceStatus, type User, usernameKey, userRow } from '../accounts/user.ts';
import { insertUserRow, replaceEmails, replaceIdentities, replaceRoles } from '../accounts/users.store.ts';
import { newId } from '../kernel/ids.ts';
import type { Doc } from './bson-documents.ts';
import {
  flagOf,
  isDoc,
  isFlag,
  isNumber,
  isText,
  isTexts,
  members,
  partOf,
  partsOf,
  textOf,
  textsOf,
  timeOf,
} from './fields.ts';
import { freeName } from './free-name.ts';
import { identitiesOf } from './identities.ts';
import { CAT, type Taking } from './taking.ts';

const USERS = 'users';
const INACTIVE_REASONS = ['deactivated', 'pending_approval', 'idle_too_long'] as const;

/** What must be different for each user. */
interface Taken {
  usernames: Set<string>;
  emails: Set<string>;
  identities: Set<string>;
  tokens: Set<string>;
}

/** People with their passwords, tokens and second factors: who was logged in stays it (spec 32 D.3). */
export async function takeUsers(taking: Taking): Promise<void> {
  const { dump, report, users } = taking;
  const taken: Taken = {
    usernames: new Set([CAT.username]),
    emails: new Set(),
    identities: new Set(),
    tokens: new Set(),
  };
  for await (const doc of dump.documents(USERS)) {
    const id = textOf(doc, '_id');
    if (id === undefined || users.has(id)) {
      report.left(USERS, id === undefined ? 'without an id' : 'twice in the dump');
      continue;
    }
    // The next start makes this bot when it is not there.
    if (id === CAT._id) taken.usernames.delete(CAT.username);
    const user = userOf(taking, id, doc, taken);
    const services = partOf(doc, 'services') ?? {};
    const hash = textOf(partOf(services, 'password') ?? {}, 'bcrypt') ?? null;
    await insertUserRow(taking.tx, {
      ...userRow({ ...user, hasPassword: hash !== null }),
      password_hash: hash,
    });
    await replaceRoles(taking.tx, id, user.roles);
    const emails = user.emails.map((email) => ({ ...email, key: emailKey(email.address) }));
    await replaceEmails(taking.tx, id, emails);
    await replaceIdentities(taking.tx, id, user.identities ?? []);
    await takeSecrets(taking, id, doc, services, taken);
    users.set(id, {
      _id: id,
      username: user.username ?? '',
      ...(user.name === undefined ? {} : { name: user.name }),
    });
    report.taken(USERS);
  }
}

function userOf({ report, roles, now, ctx }: Taking, id: string, doc: Doc, taken: Taken): User {
  const settings = partOf(doc, 'settings') ?? {};
  const services = partOf(doc, 'services') ?? {};
  const isApp = doc.type === 'app';
  const inactiveReason = INACTIVE_REASONS.find((reason) => reason === doc.inactiveReason);
  const totp = flagOf(partOf(services, 'totp') ?? {}, 'enabled');
  const byMail = flagOf(partOf(services, 'email2fa') ?? {}, 'enabled');
  const preferences = partOf(settings, 'preferences');
  const username = freeUsername(doc, taken, (what) => report.note(what));
  const emails = emailsOf(doc, taken, () =>
    report.note('addresses that somebody else had already: left out'),
  );
  const identities = identitiesOf(services, { username, email: emails[0]?.address }, ctx.settings).filter(
    ({ service, id: known }) => isFirst(taken.identities, `${service} ${known}`),
  );
  return {
    ...(members(doc, {
      nickname: isText,
      bio: isText,
      utcOffset: isNumber,
      language: isText,
      customFields: isDoc,
      requirePasswordChange: isFlag,
      requirePasswordChangeReason: isText,
      reason: isText,
      importIds: isTexts,
    }) as Partial<User>),
    _id: id,
    username,
    name: textOf(doc, 'name'),
    type: textOf(doc, 'type') ?? 'user',
    // What an app did keeps its author; the app itself is not here.
    active: doc.active !== false && !isApp,
    roles: [...new Set(textsOf(doc, 'roles').flatMap((role) => roles.get(role) ?? []))],
    emails,
    hasPassword: false,
    status: 'offline',
    statusConnection: 'offline',
    statusDefault: presenceStatus(textOf(doc, 'statusDefault') ?? 'online'),
    statusText: textOf(doc, 'statusText'),
    createdAt: timeOf(doc, 'createdAt') ?? now,
    updatedAt: timeOf(doc, '_updatedAt') ?? now,
    lastLogin: timeOf(doc, 'lastLogin'),
    ...(preferences ? { preferences } : {}),
    ...(identities.length > 0 ? { identities } : {}),
    ...(inactiveReason ? { inactiveReason } : {}),
    ...(totp || byMail ? { factors: { ...(totp && { totp }), ...(byMail && { email: byMail }) } } : {}),
  };
}

function isFirst(seen: Set<string>, key: string): boolean {
  const isNew = !seen.has(key);
  seen.add(key);
  return isNew;
}

/** Old workspaces may have names that differ in their case only; here they are one. */
function freeUsername(doc: Doc, { usernames }: Taken, note: (what: string) => void): string | undefined {
  const wanted = textOf(doc, 'username');
  if (wanted === undefined) return undefined;
  const free = freeName(wanted, usernames, usernameKey);
  if (free !== wanted) note('usernames that differ from another only in their case: got a number');
  return free;
}

function emailsOf(doc: Doc, { emails }: Taken, note: () => void): User['emails'] {
  return partsOf(doc, 'emails').flatMap((email) => {
    const address = textOf(email, 'address');
    if (address === undefined) return [];
    if (isFirst(emails, emailKey(address))) return [{ address, verified: flagOf(email, 'verified') }];
    note();
    return [];
  });
}

async function takeSecrets(
  taking: Taking,
  uid: string,
  doc: Doc,
  services: Doc,
  taken: Taken,
): Promise<void> {
  const { tx, now } = taking;
  await takeTokens(taking, uid, services, taken);
  const totp = partOf(services, 'totp') ?? {};
  const secret = textOf(totp, 'secret');
  if (flagOf(totp, 'enabled') && secret !== undefined) {
    const backup_hashes = JSON.stringify(textsOf(totp, 'hashedBackup'));
    await saveFactors(tx, uid, { totp_secret: secret, backup_hashes });
  }
  const keys = partOf(doc, 'e2e') ?? {};
  const [public_key, private_key] = [textOf(keys, 'public_key'), textOf(keys, 'private_key')];
  if (public_key !== undefined && private_key !== undefined)
    await saveE2EKeys(tx, { uid, public_key, private_key });
  const history = textsOf(services, 'passwordHistory');
  for (const [index, hash] of history.entries())
    await insertOldPassword(tx, { id: newId(), uid, hash, created_at: now - history.length + index });
}

async function takeTokens({ tx, now }: Taking, uid: string, services: Doc, { tokens }: Taken): Promise<void> {
  const names = new Set<string>();
  for (const token of partsOf(partOf(services, 'resume') ?? {}, 'loginTokens')) {
    const hash = textOf(token, 'hashedToken');
    if (hash === undefined || !isFirst(tokens, hash)) continue;
    const isPersonal = token.type === 'personalAccessToken';
    const name = isPersonal ? freeName(textOf(token, 'name') ?? 'token', names) : null;
    await insertToken(tx, {
      hash,
      uid,
      kind: isPersonal ? 'personal' : 'session',
      created_at: timeOf(token, isPersonal ? 'createdAt' : 'when') ?? timeOf(token, 'when') ?? now,
      name,
      last_part: isPersonal ? (textOf(token, 'lastTokenPart') ?? null) : null,
      bypass_two_factor: Number(flagOf(token, 'bypassTwoFactor')),
      two_factor_until: null,
      two_factor_client: null,
      ...NO_DEVICE,
      ...NO_SIGN_ON,
      session_id: isPersonal ? null : newId(),
    });
  }
}
