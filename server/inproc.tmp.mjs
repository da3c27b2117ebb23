// server/inproc.tmp.ts
import { mkdtempSync } from "node:fs";

// server/src/app.ts
import pino from "pino";

// server/src/realtime/declarations.ts
function userMethod(name, run2, options = {}) {
  return {
    name,
    auth: "user",
    run: (ctx, call) => run2(ctx, call),
    ...options
  };
}

// server/src/kernel/errors.ts
var Refusal = class extends Error {
  kind;
  /** The documented error code (`error-room-not-found`, or a number such as 403). Absent for plain texts. */
  code;
  /** The human text without the `[code]` suffix. */
  reason;
  details;
  constructor(kind, code, reason, details) {
    super(refusalMessage(kind, code, reason));
    this.kind = kind;
    this.code = code;
    this.reason = reason;
    this.details = details;
  }
};
function refusalMessage(kind, code, reason) {
  if (kind !== "coded") return reason ?? "";
  return reason ? `${reason} [${code}]` : `[${code}]`;
}
function fail(code, reason, details) {
  throw new Refusal("coded", code, reason, details);
}
function refuse(text5, errorType) {
  throw new Refusal("plain", errorType, text5);
}
function forbid(text5 = "unauthorized") {
  throw new Refusal("forbidden", void 0, text5);
}
function unauthorized(text5 = "unauthorized") {
  throw new Refusal("unauthorized", void 0, text5);
}
function notFound(text5 = "Resource not found") {
  throw new Refusal("not-found", void 0, text5);
}

// server/src/realtime/params.ts
function matchFailed() {
  fail(400, "Match failed");
}
var given = (value) => value !== void 0 && value !== null;
function textParam(value) {
  return typeof value === "string" ? value : matchFailed();
}
function optionalText(value) {
  return given(value) ? textParam(value) : void 0;
}
function optionalNumber(value) {
  if (!given(value)) return void 0;
  return typeof value === "number" && Number.isFinite(value) ? value : matchFailed();
}
function optionalBoolean(value) {
  if (!given(value)) return void 0;
  return typeof value === "boolean" ? value : matchFailed();
}
function optionalTime(value) {
  if (!given(value)) return void 0;
  if (!(value instanceof Date) && typeof value !== "string") matchFailed();
  const time = new Date(value).getTime();
  return Number.isNaN(time) ? matchFailed() : time;
}
function objectParam(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) matchFailed();
  return value;
}
function optionalObject(value) {
  return given(value) ? objectParam(value) : void 0;
}
function textListParam(value) {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) matchFailed();
  return value;
}

// server/src/accounts/change-user.ts
import { isDeepStrictEqual } from "node:util";

// server/src/storage/json.ts
import { sql } from "kysely";
var parseDoc = (text5) => JSON.parse(text5);
function stringify(value) {
  const text5 = JSON.stringify(value);
  if (text5 === void 0) throw new TypeError("the value has no JSON form");
  return text5;
}
var jsonText = (column, member3) => sql`json_extract(${column}, ${sql.lit(`$.${member3}`)})`;

// server/src/accounts/user.ts
var PRESENCE_STATUSES = ["online", "away", "busy", "offline"];
var DOC_KEYS = [
  "nickname",
  "bio",
  "utcOffset",
  "language",
  "avatarOrigin",
  "avatarETag",
  "customFields",
  "preferences",
  "requirePasswordChange",
  "requirePasswordChangeReason",
  "reason",
  "inactiveReason",
  "statusSource",
  "statusExpiresAt",
  "previousStatus",
  "freeSwitchExtension",
  "importIds"
];
function parseUser(row, emails) {
  return {
    ...parseDoc(row.doc),
    _id: row.id,
    username: row.username ?? void 0,
    name: row.name ?? void 0,
    type: row.type,
    active: row.active === 1,
    roles: parseDoc(row.roles),
    emails,
    hasPassword: row.password_hash !== null,
    status: presenceStatus(row.status),
    statusConnection: presenceStatus(row.status_connection),
    statusDefault: presenceStatus(row.status_default),
    statusText: row.status_text ?? void 0,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    lastLogin: row.last_login ?? void 0
  };
}
function userRow(user2) {
  return {
    id: user2._id,
    username: user2.username ?? null,
    username_key: user2.username === void 0 ? null : usernameKey(user2.username),
    name: user2.name ?? null,
    type: user2.type,
    active: user2.active ? 1 : 0,
    roles: stringify(user2.roles),
    status: user2.status,
    status_connection: user2.statusConnection,
    status_default: user2.statusDefault,
    status_text: user2.statusText ?? null,
    created_at: user2.createdAt,
    updated_at: user2.updatedAt,
    last_login: user2.lastLogin ?? null,
    search_key: [user2.username, user2.name, user2.nickname, user2.bio].filter(Boolean).join(" ").toLowerCase(),
    doc: stringify(Object.fromEntries(DOC_KEYS.map((key2) => [key2, user2[key2]])))
  };
}
var usernameKey = (username) => username.toLowerCase();
var emailKey = (address) => address.trim().toLowerCase();
function effectiveStatus(connection, wish) {
  if (connection === "offline") return "offline";
  return wish === "online" ? connection : wish;
}
function presenceStatus(text5) {
  return PRESENCE_STATUSES.find((status) => status === text5) ?? "offline";
}

// server/src/accounts/users.store.ts
function findUserRow(db, uid) {
  return db.selectFrom("users").selectAll().where("id", "=", uid).executeTakeFirst();
}
function findUserRowByUsernameKey(db, key2) {
  return db.selectFrom("users").selectAll().where("username_key", "=", key2).executeTakeFirst();
}
function findUserRowByEmailKey(db, key2) {
  return db.selectFrom("users").innerJoin("user_emails", "user_emails.uid", "users.id").selectAll("users").where("user_emails.address_key", "=", key2).executeTakeFirst();
}
var CHUNK = 500;
async function findUserRows(db, by) {
  const [column, values] = "ids" in by ? ["id", by.ids] : ["username_key", by.usernameKeys];
  const rows = [];
  for (let start2 = 0; start2 < values.length; start2 += CHUNK) {
    const chunk = values.slice(start2, start2 + CHUNK);
    rows.push(...await db.selectFrom("users").selectAll().where(column, "in", chunk).execute());
  }
  return rows;
}
async function findEmails(db, uids) {
  const found = new Map(uids.map((uid) => [uid, []]));
  for (let start2 = 0; start2 < uids.length; start2 += CHUNK) {
    const rows = await db.selectFrom("user_emails").select(["uid", "address", "verified"]).where("uid", "in", uids.slice(start2, start2 + CHUNK)).orderBy("uid").orderBy("position").execute();
    for (const row of rows) found.get(row.uid)?.push({ address: row.address, verified: row.verified === 1 });
  }
  return found;
}
function firstUserRows(db, { activeOnly, limit }) {
  const users = db.selectFrom("users").selectAll().orderBy("id").limit(limit);
  return (activeOnly ? users.where("active", "=", 1) : users).execute();
}
async function isUsernameKeyTaken(db, key2, exceptUid) {
  const row = await db.selectFrom("users").select("id").where("username_key", "=", key2).executeTakeFirst();
  return row !== void 0 && row.id !== exceptUid;
}
async function isEmailKeyTaken(db, key2, exceptUid) {
  const row = await db.selectFrom("user_emails").select("uid").where("address_key", "=", key2).executeTakeFirst();
  return row !== void 0 && row.uid !== exceptUid;
}
async function insertUserRow(tx, row) {
  await tx.insertInto("users").values(row).execute();
}
async function updateUserRow(tx, uid, patch) {
  await tx.updateTable("users").set(patch).where("id", "=", uid).execute();
}
async function deleteUserRow(tx, uid) {
  await tx.deleteFrom("user_emails").where("uid", "=", uid).execute();
  await tx.deleteFrom("user_roles").where("uid", "=", uid).execute();
  await tx.deleteFrom("users").where("id", "=", uid).execute();
}
async function replaceEmails(tx, uid, emails) {
  await tx.deleteFrom("user_emails").where("uid", "=", uid).execute();
  if (emails.length === 0) return;
  await tx.insertInto("user_emails").values(
    emails.map(({ key: key2, address, verified }, position) => ({
      address_key: key2,
      uid,
      address,
      verified: verified ? 1 : 0,
      position
    }))
  ).execute();
}
async function replaceRoles(tx, uid, roles) {
  await tx.deleteFrom("user_roles").where("uid", "=", uid).execute();
  if (roles.length === 0) return;
  await tx.insertInto("user_roles").values(roles.map((role2) => ({ uid, role: role2 }))).execute();
}
async function countUsersWithRole(db, role2, filter = {}) {
  let query = db.selectFrom("user_roles").innerJoin("users", "users.id", "user_roles.uid").select((eb) => eb.fn.countAll().as("n")).where("user_roles.role", "=", role2);
  if (filter.active !== void 0) query = query.where("users.active", "=", filter.active ? 1 : 0);
  if (filter.type !== void 0) query = query.where("users.type", "=", filter.type);
  return Number((await query.executeTakeFirstOrThrow()).n);
}
function pageOfUsersWithRole(db, role2, page3) {
  return db.selectFrom("user_roles").innerJoin("users", "users.id", "user_roles.uid").selectAll("users").where("user_roles.role", "=", role2).orderBy("users.username_key").offset(page3.offset).limit(page3.count).execute();
}
function oldestPerson(db) {
  return db.selectFrom("users").select("id").where("type", "=", "user").where("active", "=", 1).orderBy("created_at").limit(1).executeTakeFirst();
}

// server/src/accounts/find-users.ts
async function loadUser(db, uid) {
  return one(db, await findUserRow(db, uid));
}
async function loadUserByUsername(db, username) {
  return one(db, await findUserRowByUsernameKey(db, usernameKey(username)));
}
async function loadUserByEmail(db, address) {
  return one(db, await findUserRowByEmailKey(db, emailKey(address)));
}
async function withEmails(db, rows) {
  const emails = await findEmails(
    db,
    rows.map((row) => row.id)
  );
  return rows.map((row) => parseUser(row, emails.get(row.id) ?? []));
}
var findUserById = (ctx, uid) => loadUser(ctx.db, uid);
var findUserByUsername = (ctx, username) => loadUserByUsername(ctx.db, username);
async function findUsers(ctx, by) {
  const rows = await findUserRows(
    ctx.db,
    "ids" in by ? { ids: [...new Set(by.ids)] } : { usernameKeys: [...new Set(by.usernames.map(usernameKey))] }
  );
  return withEmails(ctx.db, rows);
}
async function findAllUsers(ctx, which) {
  return withEmails(ctx.db, await firstUserRows(ctx.db, which));
}
var namesUser = (params) => firstGiven(params) !== void 0;
async function resolveUser(ctx, params) {
  const given2 = firstGiven(params);
  if (!given2) {
    fail("error-user-param-not-provided", 'The required "userId" or "username" param was not provided');
  }
  const user2 = given2.byId ? await findUserById(ctx, given2.value) : await findUserByUsername(ctx, given2.value);
  if (!user2) {
    fail("error-invalid-user", 'The required "userId" or "username" param provided does not match any users');
  }
  return user2;
}
async function resolveUsers(ctx, params) {
  const single = firstGiven(params);
  const given2 = [...params.userIds ?? params.usernames ?? [], single?.value ?? ""].filter(
    (s2) => s2.trim() !== ""
  );
  if (given2.length === 0) {
    fail(
      "error-users-params-not-provided",
      'Please provide "userId" or "username" or "userIds" or "usernames" as param'
    );
  }
  const byId = params.userIds !== void 0 || single?.byId === true;
  return findUsers(ctx, byId ? { ids: given2 } : { usernames: given2 });
}
function callerFor(user2, client) {
  return {
    uid: user2._id,
    username: user2.username,
    name: user2.name,
    roles: user2.roles,
    tokenHash: void 0,
    bypassTwoFactor: false,
    ip: client.ip,
    userAgent: client.userAgent
  };
}
function firstGiven({ userId, username, user: user2 }) {
  if (userId?.trim()) return { byId: true, value: userId };
  if (username?.trim()) return { byId: false, value: username };
  if (user2?.trim()) return { byId: false, value: user2 };
  return void 0;
}
async function one(db, row) {
  if (!row) return void 0;
  return (await withEmails(db, [row]))[0];
}

// server/src/accounts/change-user.ts
async function storeNewUser(tx, emit, user2, passwordHash) {
  await insertUserRow(tx, { ...userRow(user2), password_hash: passwordHash ?? null });
  await replaceEmails(tx, user2._id, keyed(user2));
  await replaceRoles(tx, user2._id, user2.roles);
  emit("user.created", { user: user2 });
}
async function changeUser(ctx, tx, emit, change2) {
  const before = await loadUser(tx, change2.uid);
  if (!before) throw new Error(`changeUser: no user ${change2.uid}`);
  const hasPassword = before.hasPassword || change2.passwordHash !== void 0;
  const changed = Object.keys(change2.set).filter(
    (key2) => !isDeepStrictEqual(member(before, key2), member(change2.set, key2))
  );
  if (changed.length === 0 && change2.passwordHash === void 0) return before;
  const after = { ...before, ...change2.set, hasPassword, updatedAt: ctx.clock.stamp() };
  const hash3 = change2.passwordHash === void 0 ? {} : { password_hash: change2.passwordHash };
  await updateUserRow(tx, change2.uid, { ...userRow(after), ...hash3 });
  if (changed.includes("emails")) await replaceEmails(tx, change2.uid, keyed(after));
  if (changed.includes("roles")) await replaceRoles(tx, change2.uid, after.roles);
  announceChange(emit, before, after);
  return after;
}
function announceChange(emit, before, after) {
  emit("user.changed", { uid: after._id, ...userDiff(before, after), user: after });
  if (before.username !== after.username || before.name !== after.name) {
    emit("user.nameChanged", {
      uid: after._id,
      username: after.username,
      name: after.name,
      oldUsername: before.username
    });
  }
  const statusChanged = before.status !== after.status || before.statusText !== after.statusText;
  if (statusChanged && after.username !== void 0) {
    emit("user.status", {
      uid: after._id,
      username: after.username,
      name: after.name,
      status: after.status,
      statusText: after.statusText,
      roles: after.roles
    });
  }
}
var UNTOLD = /* @__PURE__ */ new Set([
  "hasPassword",
  "previousStatus",
  "importIds",
  "preferences",
  "updatedAt",
  "createdAt"
]);
var TIMES = /* @__PURE__ */ new Set(["lastLogin", "statusExpiresAt"]);
function userDiff(before, after) {
  const diff = {};
  const unset = {};
  const compare2 = (path, old, now) => {
    if (isDeepStrictEqual(old, now)) return;
    if (now === void 0) unset[path] = 1;
    else diff[path] = TIMES.has(path) ? new Date(now) : now;
  };
  for (const key2 of /* @__PURE__ */ new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (!UNTOLD.has(key2)) compare2(key2, member(before, key2), member(after, key2));
  }
  const oldPreferences = before.preferences ?? {};
  const preferences2 = after.preferences ?? {};
  for (const key2 of /* @__PURE__ */ new Set([...Object.keys(oldPreferences), ...Object.keys(preferences2)])) {
    compare2(`settings.preferences.${key2}`, oldPreferences[key2], preferences2[key2]);
  }
  diff._updatedAt = new Date(after.updatedAt);
  return { diff, unset };
}
var member = (object2, key2) => object2[key2];
var keyed = (user2) => user2.emails.map((email) => ({ ...email, key: emailKey(email.address) }));

// server/src/accounts/usernames.ts
var DEFAULT_PATTERN = "[0-9a-zA-Z-_.]+";
var MAX_USERNAME = 255;
function isValidUsername(settings, username) {
  return username.length <= MAX_USERNAME && usernamePattern(settings).test(username);
}
function refuseBlockedUsername(settings, username) {
  if (isBlockedUsername(settings, username)) {
    fail("error-blocked-username", `${username} is blocked and can't be used!`, { field: username });
  }
}
function isBlockedUsername(settings, username) {
  const key2 = usernameKey(username);
  const names = ["all", "here", ...commaList(settings.text("Accounts_BlockedUsernameList"))];
  if (names.some((name) => usernameKey(name) === key2)) return true;
  return commaList(settings.text("Accounts_SystemBlockedUsernameList")).includes(key2);
}
async function isUsernameTaken(ctx, db, rooms2, username, exceptUid) {
  if (await isUsernameKeyTaken(db, usernameKey(username), exceptUid)) return true;
  return rooms2.isTeamName(ctx, db, username);
}
var commaList = (text5) => text5.split(",").map((entry) => entry.trim()).filter((entry) => entry !== "");
function usernamePattern(settings) {
  try {
    return new RegExp(`^(?:${settings.text("UTF8_User_Names_Validation") || DEFAULT_PATTERN})$`);
  } catch {
    return new RegExp(`^${DEFAULT_PATTERN}$`);
  }
}

// server/src/accounts/choose-username.ts
async function chooseUsername(ctx, rooms2, caller2, username, options) {
  const details = { method: "setUsername" };
  const { settings } = ctx;
  if (caller2.username !== void 0 && !settings.bool("Accounts_AllowUsernameChange")) {
    fail("error-not-allowed", "Not allowed", details);
  }
  if (!isValidUsername(settings, username)) {
    fail(
      "username-invalid",
      `${username} is not a valid username, use only letters, numbers, dots, hyphens and underscores`
    );
  }
  refuseBlockedUsername(settings, username);
  await ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, caller2.uid);
    if (!user2) fail("error-invalid-user", "Invalid user", details);
    if (user2.username === username) return;
    if (await isUsernameTaken(ctx, tx, rooms2, username, caller2.uid)) {
      fail("error-field-unavailable", `${username} is already in use :(`, { ...details, field: username });
    }
    await renameUser(ctx, rooms2, tx, emit, user2, { username }, options);
  });
  return username;
}
async function renameUser(ctx, rooms2, tx, emit, user2, to, options = { silent: false }) {
  const set = {
    ...to.username === void 0 ? {} : { username: to.username },
    ...to.name === void 0 ? {} : { name: to.name }
  };
  const renamed = await changeUser(ctx, tx, emit, { uid: user2._id, set });
  if (user2.username === void 0) {
    if (renamed.username !== void 0) await rooms2.joinDefaultChannels(ctx, tx, emit, renamed, options);
  } else if (renamed.username !== user2.username || renamed.name !== user2.name) {
    await rooms2.userRenamed(ctx, tx, emit, renamed, { username: user2.username, name: user2.name });
  }
  return renamed;
}

// server/src/kernel/ids.ts
import { createHash, hash, randomBytes, timingSafeEqual } from "node:crypto";
var ID_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTWXYZabcdefghijkmnopqrstuvwxyz";
var TOKEN_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
var pool = { bytes: randomBytes(0), used: 0 };
function randomByte() {
  if (pool.used >= pool.bytes.length) {
    pool.bytes = randomBytes(4096);
    pool.used = 0;
  }
  const byte = pool.bytes[pool.used];
  pool.bytes[pool.used++] = 0;
  return byte;
}
function randomText(alphabet, length) {
  const limit = 256 - 256 % alphabet.length;
  let text5 = "";
  while (text5.length < length) {
    const byte = randomByte();
    if (byte < limit) text5 += alphabet[byte % alphabet.length];
  }
  return text5;
}
var newId = () => randomText(ID_ALPHABET, 17);
var newToken = () => randomText(TOKEN_ALPHABET, 43);
var hashToken = (token) => hash("sha256", token, "base64");
var sha256hex = (text5) => hash("sha256", text5, "hex");
function secretsEqual(a, b) {
  const left = createHash("sha256").update(a).digest();
  const right = createHash("sha256").update(b).digest();
  return timingSafeEqual(left, right);
}

// server/src/accounts/credentials.store.ts
function findCredentials(db, key2) {
  const users = db.selectFrom("users").select(["users.id", "users.active", "users.password_hash"]);
  if ("id" in key2) return users.where("users.id", "=", key2.id).executeTakeFirst();
  if ("usernameKey" in key2) return users.where("users.username_key", "=", key2.usernameKey).executeTakeFirst();
  return users.innerJoin("user_emails", "user_emails.uid", "users.id").where("user_emails.address_key", "=", key2.emailKey).executeTakeFirst();
}
async function changeLastLogin(tx, uid, now, stamp) {
  await tx.updateTable("users").set({ last_login: now, updated_at: stamp }).where("id", "=", uid).execute();
}

// server/src/accounts/passwords.ts
import { randomBytes as randomBytes2 } from "node:crypto";
import { hash as hash2, verify } from "@node-rs/bcrypt";

// server/src/kernel/turnstile.ts
var Turnstile = class {
  #limit;
  #waiting = [];
  #running = 0;
  constructor(limit) {
    this.#limit = limit;
  }
  async run(task) {
    if (this.#running >= this.#limit) await new Promise((resolve2) => this.#waiting.push(resolve2));
    else this.#running++;
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
};

// server/src/accounts/passwords.ts
var turnstile = new Turnstile(2);
var digestOf = (password) => sha256hex(password);
var isDigest = (text5) => /^[0-9a-f]{64}$/.test(text5);
function hashDigest(ctx, digest) {
  return turnstile.run(() => hash2(digest, { cost: ctx.config.passwordCost }));
}
async function isDigestRight(ctx, digest, storedHash) {
  const compared = storedHash ?? decoy(ctx.config.passwordCost);
  const matches2 = await turnstile.run(() => verify(digest, compared));
  return storedHash ? matches2 : false;
}
var randomPassword = () => `${randomBytes2(18).toString("base64url")}aA1!`;
var decoy = (cost) => `$2b$${String(cost).padStart(2, "0")}$C6UzMDM.H6dfI/f/IKcEeO7ZRrHDqDOOCJBFJYHVXnzNxtNF9IYPm`;

// server/src/accounts/tokens.store.ts
async function insertToken(tx, row) {
  await tx.insertInto("login_tokens").values(row).execute();
}
function findToken(db, hash3) {
  return db.selectFrom("login_tokens").selectAll().where("hash", "=", hash3).executeTakeFirst();
}
function findTokenHolder(db, hash3, uid) {
  return db.selectFrom("login_tokens as t").innerJoin("users as u", "u.id", "t.uid").select(["t.uid", "u.username", "u.name", "u.roles", "t.kind", "t.created_at", "t.bypass_two_factor"]).where("t.hash", "=", hash3).where("t.uid", "=", uid).where("u.active", "=", 1).executeTakeFirst();
}
function findPersonalTokens(db, uid) {
  return db.selectFrom("login_tokens").selectAll().where("uid", "=", uid).where("kind", "=", "personal").orderBy("created_at").execute();
}
function findPersonalToken(db, uid, name) {
  return db.selectFrom("login_tokens").selectAll().where("uid", "=", uid).where("kind", "=", "personal").where("name", "=", name).executeTakeFirst();
}
async function deleteToken(tx, uid, hash3) {
  const result = await tx.deleteFrom("login_tokens").where("hash", "=", hash3).where("uid", "=", uid).executeTakeFirst();
  return result.numDeletedRows > 0n;
}
async function deleteTokensOf(tx, uid, which) {
  let query = tx.deleteFrom("login_tokens").where("uid", "=", uid);
  if (which.kind !== void 0) query = query.where("kind", "=", which.kind);
  if (which.except !== void 0) query = query.where("hash", "<>", which.except);
  const rows = await query.returning("hash").execute();
  return rows.map((row) => row.hash);
}
async function deleteSessionsAbove(tx, uid, max) {
  const tokens = await tx.selectFrom("login_tokens").select(["hash", "kind"]).where("uid", "=", uid).orderBy("created_at").orderBy("hash").execute();
  const hashes = tokens.filter((token) => token.kind === "session").slice(0, Math.max(0, tokens.length - max)).map((token) => token.hash);
  if (hashes.length > 0) await tx.deleteFrom("login_tokens").where("hash", "in", hashes).execute();
  return hashes;
}
async function deleteSessionsCreatedUntil(tx, last, limit) {
  const expired = await tx.selectFrom("login_tokens").select(["hash", "uid"]).where("kind", "=", "session").where("created_at", "<=", last).limit(limit).execute();
  if (expired.length > 0) {
    const hashes = expired.map((row) => row.hash);
    await tx.deleteFrom("login_tokens").where("hash", "in", hashes).execute();
  }
  return expired;
}
async function rememberSecondFactor(tx, hash3, until, client) {
  await tx.updateTable("login_tokens").set({ two_factor_until: until, two_factor_client: client }).where("hash", "=", hash3).execute();
}

// server/src/accounts/sessions.ts
var DAY = 24 * 60 * 60 * 1e3;
var DEFAULT_EXPIRATION_DAYS = 90;
var NEVER = 36525 * DAY;
function sessionLifetime(settings) {
  const days = settings.int("Accounts_LoginExpiration");
  return (days > 0 ? days : DEFAULT_EXPIRATION_DAYS) * DAY;
}
function tokenExpiry(settings, token) {
  return token.created_at + (token.kind === "session" ? sessionLifetime(settings) : NEVER);
}
async function openSession(ctx, tx, emit, uid) {
  const token = newToken();
  const now = ctx.clock.now();
  await insertToken(tx, {
    hash: hashToken(token),
    uid,
    kind: "session",
    created_at: now,
    name: null,
    last_part: null,
    bypass_two_factor: 0,
    two_factor_until: null,
    two_factor_client: null
  });
  announceRemoved(emit, uid, await deleteSessionsAbove(tx, uid, ctx.config.maxLoginTokens), "limit");
  return { token, expires: new Date(now + sessionLifetime(ctx.settings)) };
}
async function logout(ctx, caller2) {
  const hash3 = caller2.tokenHash;
  if (hash3 === void 0) return;
  await ctx.write(async (tx, emit) => {
    if (await deleteToken(tx, caller2.uid, hash3)) announceRemoved(emit, caller2.uid, [hash3], "logout");
  });
}
async function logoutUser(ctx, caller2, uid) {
  if (uid !== caller2.uid && !ctx.permissions.has(caller2, "logout-other-user")) forbid();
  await ctx.write(async (tx, emit) => {
    if (!await loadUser(tx, uid)) fail("error-invalid-user-id", "Invalid user id");
    if (uid !== caller2.uid) emit("user.forceLogout", { uid });
    await endAllSessions(tx, emit, uid, "all-sessions");
  });
}
async function logoutOtherClients(ctx, caller2) {
  const hash3 = caller2.tokenHash;
  if (hash3 === void 0) fail("error-invalid-user-id", "Invalid user id");
  return ctx.write(async (tx, emit) => {
    const token = await findToken(tx, hash3);
    if (!token || token.uid !== caller2.uid) fail("error-invalid-user-id", "Invalid user id");
    await endOtherSessions(tx, emit, caller2.uid, hash3, "other-clients");
    return token.kind === "session" ? new Date(tokenExpiry(ctx.settings, token)) : void 0;
  });
}
async function endAllSessions(tx, emit, uid, reason) {
  announceRemoved(emit, uid, await deleteTokensOf(tx, uid, {}), reason);
}
async function endOtherSessions(tx, emit, uid, except, reason) {
  announceRemoved(emit, uid, await deleteTokensOf(tx, uid, { kind: "session", except }), reason);
}
async function removeExpiredSessions(ctx) {
  const batch = 200;
  const last = ctx.clock.now() - sessionLifetime(ctx.settings);
  let removed = 0;
  for (; ; ) {
    const count = await ctx.write(async (tx, emit) => {
      const expired = await deleteSessionsCreatedUntil(tx, last, batch);
      for (const { uid, hash: hash3 } of expired) announceRemoved(emit, uid, [hash3], "expired");
      return expired.length;
    });
    removed += count;
    if (count < batch) return removed;
  }
}
function announceRemoved(emit, uid, hashes, reason) {
  if (hashes.length > 0) emit("tokens.removed", { uid, hashes, reason });
}
async function isTokenStored(ctx, { tokenHash }) {
  return tokenHash === void 0 || await findToken(ctx.db, tokenHash) !== void 0;
}

// server/src/accounts/delete-user.ts
async function deleteUser(ctx, rooms2, caller2, input) {
  if (!ctx.permissions.has(caller2, "delete-user")) forbid();
  await erase(ctx, rooms2, input);
}
async function deleteOwnAccount(ctx, rooms2, caller2, input) {
  const details = { method: "deleteUserOwnAccount" };
  if (!ctx.settings.bool("Accounts_AllowDeleteOwnAccount")) fail("error-not-allowed", "Not allowed", details);
  const account2 = await findCredentials(ctx.db, { id: caller2.uid });
  if (!account2) fail("error-invalid-user", "Invalid user", details);
  const digest = input.password.toLowerCase();
  if (account2.password_hash !== null) {
    const right = isDigest(digest) && await isDigestRight(ctx, digest, account2.password_hash);
    if (!right) fail("error-invalid-password", "Invalid password", details);
  } else if (!secretsEqual(digest, sha256hex(caller2.username ?? ""))) {
    fail("error-invalid-username", "Invalid username", details);
  }
  await erase(ctx, rooms2, { uid: caller2.uid, confirmRelinquish: input.confirmRelinquish });
}
async function erase(ctx, rooms2, { uid, confirmRelinquish }) {
  const erasure = erasureType(ctx);
  await ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, uid);
    if (!user2) fail("error-invalid-user", "Invalid user", { method: "deleteUser" });
    if (user2.type === "app") fail("error-cannot-delete-app-user", "Deleting app users is not allowed");
    if (user2.roles.includes("admin") && await countUsersWithRole(tx, "admin") <= 1) {
      fail("error-action-not-allowed", "Leaving the app without admins is not allowed", {
        method: "deleteUser",
        action: "Remove_last_admin"
      });
    }
    if (uid === "rocket.cat") {
      fail("error-action-not-allowed", "Deleting the rocket.cat user is not allowed", {
        method: "deleteUser",
        action: "Delete_user"
      });
    }
    await rooms2.relinquishRooms(ctx, tx, emit, uid, { confirmRelinquish });
    await rooms2.userRemoved(ctx, tx, emit, user2, erasure);
    emit("user.forceLogout", { uid });
    await endAllSessions(tx, emit, uid, "deleted");
    await deleteUserRow(tx, uid);
    const deleted = { uid, username: user2.username, erasure };
    const replaceByUser = { _id: "rocket.cat", username: "rocket.cat", alias: "Removed User" };
    emit("user.deleted", erasure === "Unlink" ? { ...deleted, replaceByUser } : deleted);
  });
}
function erasureType(ctx) {
  const type = ctx.settings.text("Message_ErasureType");
  return type === "Unlink" || type === "Keep" ? type : "Delete";
}

// server/src/kernel/client-ip.ts
import { isIP } from "node:net";
function clientIp(headers, socketAddress, forwardedCount) {
  const peer = plainAddress(socketAddress ?? "");
  if (forwardedCount > 0) {
    const forwarded = headers["x-forwarded-for"];
    const entries = (Array.isArray(forwarded) ? forwarded.join(",") : forwarded ?? "").split(",");
    const entry = plainAddress(entries.at(-forwardedCount)?.trim() ?? "");
    if (isIP(entry)) return entry;
  }
  if (forwardedCount > 0 || isLoopback(peer)) {
    const real = headers["x-real-ip"];
    const address = plainAddress(typeof real === "string" ? real.trim() : "");
    if (isIP(address)) return address;
  }
  return peer;
}
function addressBlock(ip) {
  if (isIP(ip) !== 6) return ip;
  const [head = "", tail] = ip.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== void 0) {
    const after = tail === "" ? 0 : tail.split(":").length;
    while (groups.length + after < 8) groups.push("0");
  }
  const block = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, ""));
  return block.join(":");
}
function isLoopback(address) {
  return address === "::1" || address.startsWith("127.");
}
function plainAddress(address) {
  return address.toLowerCase().startsWith("::ffff:") && address.includes(".") ? address.slice(7) : address;
}

// server/src/accounts/login-attempts.store.ts
async function insertLoginAttempt(tx, attempt) {
  await tx.insertInto("login_attempts").values({ ...attempt, succeeded: attempt.succeeded ? 1 : 0 }).execute();
}
async function countRecentFailures(db, origin, since, enough) {
  const [column, value] = "ip" in origin ? ["ip", origin.ip] : ["username", origin.username];
  const success = await db.selectFrom("login_attempts").select((eb) => eb.fn.max("at").as("at")).where(column, "=", value).where("succeeded", "=", 1).where("at", ">", since).executeTakeFirst();
  const failures = await db.selectFrom("login_attempts").select("id").where(column, "=", value).where("succeeded", "=", 0).where("at", ">", success?.at ?? since).limit(enough).execute();
  return failures.length;
}
async function deleteLoginAttemptsBefore(tx, before) {
  await tx.deleteFrom("login_attempts").where("at", "<", before).execute();
}

// server/src/accounts/login-blocking.ts
var SETTING = "Block_Multiple_Failed_Logins_";
var MINUTE = 6e4;
async function refuseBlockedLogin(ctx, ip, form) {
  const { settings } = ctx;
  if (!settings.bool(`${SETTING}Enabled`)) return;
  if (settings.bool(`${SETTING}By_Ip`) && !isWhitelisted(ctx, ip) && await isBlocked(ctx, { ip: addressBlock(ip) }, "Ip")) {
    fail("error-login-blocked-for-ip", "Login has been temporarily blocked For IP");
  }
  const username = countedName(form);
  if (settings.bool(`${SETTING}By_User`) && username && await isBlocked(ctx, { username }, "User")) {
    fail("error-login-blocked-for-user", "Login has been temporarily blocked For User");
  }
}
async function recordFailedLogin(ctx, ip, form, refusal) {
  const code = refusal instanceof Refusal ? refusal.code : void 0;
  if (code === void 0 || code === "totp-required" || code === "error-login-blocked-for-user") return;
  await ctx.write((tx) => recordAttempt(ctx, tx, ip, form, false));
}
async function recordAttempt(ctx, tx, ip, form, succeeded) {
  await insertLoginAttempt(tx, {
    id: newId(),
    at: ctx.clock.stamp(),
    // One IPv6 client has more addresses than anybody can block.
    ip: addressBlock(ip),
    username: countedName(form),
    succeeded
  });
}
async function removeOldLoginAttempts(ctx) {
  const kept = Math.max(span(ctx, "Ip"), span(ctx, "User"), 24 * 60 * MINUTE);
  await ctx.write((tx) => deleteLoginAttemptsBefore(tx, ctx.clock.now() - kept));
}
async function isBlocked(ctx, origin, by) {
  const limit = ctx.settings.int(`${SETTING}Attempts_Until_Block_${by === "Ip" ? "By_Ip" : "by_User"}`);
  if (limit <= 0) return false;
  const since = ctx.clock.now() - span(ctx, by);
  return await countRecentFailures(ctx.db, origin, since, limit) >= limit;
}
var span = (ctx, by) => ctx.settings.int(`${SETTING}Time_To_Unblock_By_${by}_In_Minutes`) * MINUTE;
function isWhitelisted(ctx, ip) {
  const list = ctx.settings.text(`${SETTING}Ip_Whitelist`).split(",");
  return list.some((entry) => entry.trim() === ip);
}
function countedName(form) {
  return form?.type === "password" && "username" in form.who ? usernameKey(form.who.username) : "";
}

// server/src/accounts/login-options.ts
var MAX_PASSWORD = 256;
var MAX_NAME = 320;
var MAX_TOKEN = 256;
function readLoginOptions(options) {
  if (!isRecord(options)) return void 0;
  return readForm(isRecord(options.totp) ? options.totp.login : options);
}
function loginOptionsOfBody(body2, headerCode) {
  if (!isRecord(body2)) return body2;
  const { code, ...login2 } = body2;
  const options = flatLogin(login2);
  const givenCode = textUpTo(code, MAX_PASSWORD) ?? headerCode;
  if (givenCode === void 0 || isRecord(body2.totp) || "resume" in body2) return options;
  return { totp: { code: givenCode, login: options } };
}
function flatLogin(login2) {
  const { user: user2, username, email, ...rest } = login2;
  if (typeof user2 === "string")
    return { ...rest, user: user2.includes("@") ? { email: user2 } : { username: user2 } };
  if (user2 !== void 0) return login2;
  if (typeof username === "string") return { ...rest, user: { username } };
  if (typeof email === "string") return { ...rest, user: { email } };
  return login2;
}
function readForm(options) {
  if (!isRecord(options)) return void 0;
  if (options.resume !== void 0) {
    const token = textUpTo(options.resume, MAX_TOKEN);
    return token === void 0 ? void 0 : { type: "resume", token };
  }
  const who = readName(options.user);
  const digest = readPassword(options.password);
  return who && digest !== void 0 ? { type: "password", who, digest } : void 0;
}
function readName(user2) {
  if (!isRecord(user2)) return void 0;
  const username = textUpTo(user2.username, MAX_NAME);
  if (username !== void 0) return { username };
  const email = textUpTo(user2.email, MAX_NAME);
  if (email !== void 0) return email.includes("@") ? { email } : { username: email };
  const id = textUpTo(user2.id, MAX_NAME);
  return id === void 0 ? void 0 : { id };
}
function readPassword(password) {
  const plain = textUpTo(password, MAX_PASSWORD);
  if (plain !== void 0) return digestOf(plain);
  if (!isRecord(password)) return void 0;
  const { digest, algorithm } = password;
  if (algorithm !== "sha-256" || typeof digest !== "string") return void 0;
  const text5 = digest.toLowerCase();
  return isDigest(text5) ? text5 : void 0;
}
function textUpTo(value, length) {
  return typeof value === "string" && value.length <= length ? value : void 0;
}
function isRecord(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// server/src/accounts/login.ts
var WRONG_CREDENTIALS = "User not found";
var LAST_LOGIN_STEP = 6e4;
async function login(ctx, options, client) {
  const form = readLoginOptions(options);
  try {
    await refuseBlockedLogin(ctx, client.ip, form);
    if (!form) fail(400, "Unrecognized options for login request");
    return form.type === "resume" ? await resume(ctx, form.token, client) : await logInWithPassword(ctx, form, client);
  } catch (error) {
    await recordFailedLogin(ctx, client.ip, form, error);
    throw error;
  }
}
async function logInWithPassword(ctx, form, client) {
  const account2 = await findCredentials(ctx.db, credentialKey(form.who));
  const right = await isDigestRight(ctx, form.digest, account2?.password_hash);
  if (!account2 || !right) fail(403, WRONG_CREDENTIALS);
  const user2 = await loadUser(ctx.db, account2.id);
  if (!user2) fail(403, WRONG_CREDENTIALS);
  refuseUnfitUser(user2);
  refuseUnverifiedUser(ctx, user2);
  const session = await ctx.write(async (tx, emit) => {
    const now = await findCredentials(tx, { id: account2.id });
    if (now?.active !== 1 || now.password_hash !== account2.password_hash) fail(403, WRONG_CREDENTIALS);
    await changeLastLogin(tx, account2.id, ctx.clock.now(), ctx.clock.stamp());
    await recordAttempt(ctx, tx, client.ip, form, true);
    return openSession(ctx, tx, emit, account2.id);
  });
  const caller2 = { ...callerFor(user2, client), tokenHash: hashToken(session.token) };
  return { caller: caller2, user: user2, token: session.token, tokenExpires: session.expires, type: "password" };
}
async function resume(ctx, token, client) {
  const hash3 = hashToken(token);
  const stored = await findToken(ctx.db, hash3);
  if (!stored) fail(403, "You've been logged out by the server. Please log in again.");
  const expires = tokenExpiry(ctx.settings, stored);
  const now = ctx.clock.now();
  if (expires <= now) fail(403, "Your session has expired. Please log in again.");
  const user2 = await loadUser(ctx.db, stored.uid);
  if (!user2) fail(403, "You've been logged out by the server. Please log in again.");
  refuseUnfitUser(user2);
  if (now - (user2.lastLogin ?? 0) >= LAST_LOGIN_STEP) {
    await ctx.write((tx) => changeLastLogin(tx, user2._id, now, ctx.clock.stamp()));
  }
  const caller2 = {
    ...callerFor(user2, client),
    tokenHash: hash3,
    bypassTwoFactor: stored.bypass_two_factor === 1
  };
  return { caller: caller2, user: user2, token, tokenExpires: new Date(expires), type: "resume" };
}
function credentialKey(who) {
  if ("username" in who) return { usernameKey: usernameKey(who.username) };
  if ("email" in who) return { emailKey: emailKey(who.email) };
  return who;
}
function refuseUnfitUser(user2) {
  if (user2.type === "app") fail("error-app-user-is-not-allowed-to-login", "App user is not allowed to login");
  if (!user2.active) fail("error-user-is-not-activated", "User is not activated");
  if (user2.roles.length === 0) fail("error-user-has-no-roles", "User has no roles");
}
function refuseUnverifiedUser(ctx, user2) {
  if (!ctx.settings.bool("Accounts_EmailVerification") || user2.roles.includes("admin")) return;
  if (!user2.emails.some((email) => email.verified)) fail("error-invalid-email", "Invalid email __email__");
}

// server/src/accounts/personal-tokens.ts
var MAX_PERSONAL_TOKENS = 100;
var MAX_TOKEN_NAME = 200;
async function generatePersonalToken(ctx, caller2, input) {
  requirePermission(ctx, caller2);
  if (input.name.trim() === "" || input.name.length > MAX_TOKEN_NAME) {
    fail("error-invalid-params", `A token needs a name of at most ${MAX_TOKEN_NAME} characters`);
  }
  return ctx.write(async (tx) => {
    const tokens = await findPersonalTokens(tx, caller2.uid);
    if (tokens.some((token) => token.name === input.name)) {
      fail("error-token-already-exists", "A token with this name already exists");
    }
    if (tokens.length >= MAX_PERSONAL_TOKENS) {
      fail("error-too-many-tokens", `A user may have at most ${MAX_PERSONAL_TOKENS} personal access tokens`);
    }
    return storeToken(ctx, tx, caller2.uid, input);
  });
}
async function regeneratePersonalToken(ctx, caller2, name) {
  requirePermission(ctx, caller2);
  return ctx.write(async (tx, emit) => {
    const old = await findPersonalToken(tx, caller2.uid, name);
    if (!old) fail("error-token-does-not-exists", "Token does not exist");
    await deleteToken(tx, caller2.uid, old.hash);
    emit("tokens.removed", { uid: caller2.uid, hashes: [old.hash], reason: "personal-token-removed" });
    return storeToken(ctx, tx, caller2.uid, { name, bypassTwoFactor: old.bypass_two_factor === 1 });
  });
}
async function removePersonalToken(ctx, caller2, name) {
  requirePermission(ctx, caller2);
  await ctx.write(async (tx, emit) => {
    const token = await findPersonalToken(tx, caller2.uid, name);
    if (!token) fail("error-token-does-not-exists", "Token does not exist");
    await deleteToken(tx, caller2.uid, token.hash);
    emit("tokens.removed", { uid: caller2.uid, hashes: [token.hash], reason: "personal-token-removed" });
  });
}
async function listPersonalTokens(ctx, caller2) {
  requirePermission(ctx, caller2);
  const rows = await findPersonalTokens(ctx.db, caller2.uid);
  return rows.map((row) => ({
    name: row.name ?? "",
    createdAt: row.created_at,
    lastTokenPart: row.last_part ?? "",
    bypassTwoFactor: row.bypass_two_factor === 1
  }));
}
function requirePermission(ctx, caller2) {
  if (!ctx.permissions.has(caller2, "create-personal-access-tokens")) fail("not-authorized", "Not Authorized");
}
async function storeToken(ctx, tx, uid, { name, bypassTwoFactor }) {
  const token = newToken();
  await insertToken(tx, {
    hash: hashToken(token),
    uid,
    kind: "personal",
    created_at: ctx.clock.now(),
    name,
    last_part: token.slice(-6),
    bypass_two_factor: bypassTwoFactor ? 1 : 0,
    two_factor_until: null,
    two_factor_client: null
  });
  return token;
}

// server/src/accounts/preferences.ts
var PREFERENCES_WITH_DEFAULT = [
  "enableAutoAway",
  "idleTimeLimit",
  "desktopNotificationRequireInteraction",
  "desktopNotifications",
  "pushNotifications",
  "unreadAlert",
  "useEmojis",
  "convertAsciiEmoji",
  "autoImageLoad",
  "saveMobileBandwidth",
  "collapseMediaByDefault",
  "hideUsernames",
  "hideRoles",
  "hideFlexTab",
  "displayAvatars",
  "sidebarGroupByType",
  "themeAppearence",
  "sidebarViewMode",
  "sidebarDisplayAvatar",
  "sidebarShowUnread",
  "sidebarSortby",
  "showThreadsInMainChannel",
  "alsoSendThreadToChannel",
  "sidebarShowFavorites",
  "sendOnEnter",
  "emailNotificationMode",
  "newRoomNotification",
  "newMessageNotification",
  "muteFocusedConversations",
  "notificationsSoundVolume",
  "masterVolume",
  "voipRingerVolume",
  "desktopNotificationVoiceCalls",
  "omnichannelTranscriptEmail",
  "notifyCalendarEvents",
  "enableMobileRinging",
  "sidebarSectionsOrder",
  "featuresPreview"
];
var PREFERENCES_OF_TYPE = {
  string: [
    "newRoomNotification",
    "newMessageNotification",
    "emailNotificationMode",
    "desktopNotifications",
    "pushNotifications",
    "sendOnEnter",
    "language",
    "sidebarSortby",
    "sidebarViewMode",
    "alsoSendThreadToChannel",
    "themeAppearence",
    "fontSize"
  ],
  number: [
    "clockMode",
    "masterVolume",
    "notificationsSoundVolume",
    "voipRingerVolume",
    "idleTimeLimit",
    "utcOffset"
  ],
  boolean: [
    "muteFocusedConversations",
    "useEmojis",
    "convertAsciiEmoji",
    "saveMobileBandwidth",
    "collapseMediaByDefault",
    "autoImageLoad",
    "unreadAlert",
    "enableAutoAway",
    "desktopNotificationRequireInteraction",
    "desktopNotificationVoiceCalls",
    "hideUsernames",
    "hideRoles",
    "displayAvatars",
    "hideFlexTab",
    "sidebarShowFavorites",
    "sidebarShowUnread",
    "sidebarDisplayAvatar",
    "sidebarGroupByType",
    "showThreadsInMainChannel",
    "receiveLoginDetectionEmail",
    "notifyCalendarEvents",
    "omnichannelTranscriptEmail",
    "omnichannelTranscriptPDF",
    "omnichannelHideConversationAfterClosing",
    "enableMobileRinging",
    "mentionsWithSymbol"
  ],
  texts: ["highlights", "statusVisibilityDenied", "sidebarSectionsOrder"],
  objects: ["dontAskAgainList", "featuresPreview"]
};
function effectivePreferences(settings, user2) {
  const preferences2 = {};
  for (const key2 of PREFERENCES_WITH_DEFAULT) {
    const value = settings.value(`Accounts_Default_User_Preferences_${key2}`);
    if (value !== void 0) preferences2[key2] = value;
  }
  return { ...preferences2, ...user2.preferences };
}
function savedPreferences(user2) {
  return { ...user2.preferences, ...user2.language === void 0 ? {} : { language: user2.language } };
}
async function savePreferences(ctx, rooms2, caller2, input) {
  if (input.uid !== caller2.uid && !ctx.permissions.has(caller2, "edit-other-user-info")) {
    const details = { method: "users.setPreferences", action: "Editing_user" };
    fail("error-action-not-allowed", "Editing user is not allowed", details);
  }
  const { language, utcOffset, ...preferences2 } = storedForm(input.preferences);
  return ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, input.uid);
    if (!user2) {
      fail("error-invalid-user", 'The optional "userId" param provided does not match any users', {
        method: "users.setPreferences"
      });
    }
    const all = { ...user2.preferences, ...preferences2 };
    if (JSON.stringify(all).length > MAX_LENGTH) fail("error-invalid-params", "The preferences are too long");
    const saved = await changeUser(ctx, tx, emit, {
      uid: user2._id,
      set: {
        preferences: all,
        ...typeof language === "string" ? { language } : {},
        ...typeof utcOffset === "number" ? { utcOffset } : {}
      }
    });
    if (COPIED_TO_MEMBERSHIPS.some((key2) => key2 in preferences2)) {
      await rooms2.preferencesChanged(ctx, tx, emit, saved);
    }
    return saved;
  });
}
var MAX_LENGTH = 1e5;
var COPIED_TO_MEMBERSHIPS = [
  "desktopNotifications",
  "pushNotifications",
  "emailNotificationMode",
  "highlights"
];
async function setUtcOffset(ctx, caller2, utcOffset) {
  await ctx.write((tx, emit) => changeUser(ctx, tx, emit, { uid: caller2.uid, set: { utcOffset } }));
}
var RENAMED_MAIL_MODES = { all: "mentions", disabled: "nothing" };
var MIN_IDLE_SECONDS = 60;
function storedForm(given2) {
  const { idleTimeLimit, emailNotificationMode } = given2;
  if (typeof idleTimeLimit === "number" && idleTimeLimit < MIN_IDLE_SECONDS) {
    fail("invalid-idle-time-limit-value", "Invalid idleTimeLimit", { method: "saveUserPreferences" });
  }
  if (typeof emailNotificationMode !== "string") return { ...given2 };
  return {
    ...given2,
    emailNotificationMode: RENAMED_MAIL_MODES[emailNotificationMode] ?? emailNotificationMode
  };
}
var IS_OF_TYPE = {
  string: (value) => typeof value === "string" && value.length <= 100,
  number: (value) => typeof value === "number" && Number.isFinite(value),
  boolean: (value) => typeof value === "boolean",
  texts: (value) => isListOf(value, (item) => typeof item === "string" && item.length <= 200),
  objects: (value) => isListOf(value, (item) => typeof item === "object" && item !== null)
};
var MAX_LIST = 200;
function knownPreferences(given2) {
  const known2 = Object.entries(PREFERENCES_OF_TYPE).flatMap(
    ([type, keys]) => keys.filter((key2) => IS_OF_TYPE[type](given2[key2])).map((key2) => [key2, given2[key2]])
  );
  return Object.fromEntries(known2);
}
var isListOf = (value, isItem) => Array.isArray(value) && value.length <= MAX_LIST && value.every(isItem);

// server/src/accounts/custom-fields.ts
var MAX_LENGTH2 = 2e4;
function checkCustomFields(settings, values) {
  const fields = declaredFields(settings);
  if (!fields) return void 0;
  const stored = {};
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name];
    checkValue(name, field, value);
    if (value !== void 0) stored[name] = value;
  }
  if (JSON.stringify(stored).length > MAX_LENGTH2) {
    fail("error-user-registration-custom-field", "The custom fields are too long");
  }
  return stored;
}
function publicCustomFields(settings) {
  try {
    const fields = Object.entries(declaredFields(settings) ?? {});
    return new Set(fields.filter(([, field]) => field.public === true).map(([name]) => name));
  } catch {
    return /* @__PURE__ */ new Set();
  }
}
function checkValue(name, field, value) {
  const refuse3 = (reason) => fail("error-user-registration-custom-field", reason);
  const missing = value === void 0 || value === null || value === "";
  if (field.required && missing) refuse3(`Field ${name} is required`);
  if (missing) return;
  if (field.type === "select" && !field.options?.includes(value))
    refuse3(`Value for field ${name} is invalid`);
  const length = typeof value === "string" || Array.isArray(value) ? value.length : 0;
  if (field.maxLength && length > field.maxLength) refuse3(`Max length of field ${name} ${field.maxLength}`);
  if (field.minLength && length > 0 && length < field.minLength) {
    refuse3(`Min length of field ${name} ${field.minLength}`);
  }
}
function declaredFields(settings) {
  const text5 = settings.text("Accounts_CustomFields").trim();
  if (text5 === "") return void 0;
  try {
    const parsed = JSON.parse(text5);
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      return parsed;
    }
  } catch {
  }
  return fail("error-invalid-customfield-json", "Invalid JSON for Custom Fields");
}

// server/src/accounts/emails.ts
import { resolveMx } from "node:dns/promises";
var MAX_ADDRESS = 320;
function isEmailShaped(address) {
  return address.length <= MAX_ADDRESS && /^[^\s@<>"(),:;\\[\]]+@[^\s@<>"(),:;\\[\]]+$/.test(address);
}
async function refuseUnwelcomeDomain(ctx, address) {
  const { settings } = ctx;
  if (!isEmailShaped(address)) fail("error-invalid-email", "Invalid email");
  const domain = address.slice(address.lastIndexOf("@") + 1).toLowerCase();
  const allowed = domains(settings, "Accounts_AllowedDomainsList");
  if (allowed.length > 0 && !allowed.includes(domain)) {
    fail("error-invalid-domain", "The email domain is not in whitelist");
  }
  if (domains(settings, "Accounts_BlockedDomainsList").includes(domain)) {
    fail("error-email-domain-blacklisted", "The email domain is blacklisted");
  }
  if (settings.bool("Accounts_UseDNSDomainCheck") && !await hasMailServer(domain)) {
    fail("error-invalid-domain", "Invalid domain");
  }
}
var domains = (settings, id) => commaList(settings.text(id)).map((domain) => domain.toLowerCase());
async function hasMailServer(domain) {
  try {
    return (await resolveMx(domain)).length > 0;
  } catch {
    return false;
  }
}

// server/src/accounts/names.ts
function refuseUnsafeName(name) {
  if (!isSafeName(name)) refuse("Name contains invalid characters");
}
function isSafeName(name) {
  try {
    return !/[<>\\/]/.test(name) && !/[<>\\/]/.test(decodeURIComponent(name));
  } catch {
    return false;
  }
}

// server/src/kernel/permissions.ts
var ANONYMOUS = { roles: ["anonymous"] };
function permissionsOver(table) {
  const has = (caller2, permission, roomRoles) => {
    const allowed = table.get(permission);
    if (!allowed) return false;
    return caller2.roles.some((role2) => allowed.has(role2)) || !!roomRoles?.some((role2) => allowed.has(role2));
  };
  return {
    has,
    hasAny: (caller2, permissions, roomRoles) => permissions.some((p) => has(caller2, p, roomRoles)),
    rolesOf: (permission) => [...table.get(permission) ?? []]
  };
}

// server/src/kernel/settings.ts
function settingsOver(value) {
  return {
    value,
    bool: (id) => value(id) === true,
    int(id) {
      const number = Number(value(id));
      return Number.isFinite(number) ? number : 0;
    },
    text(id) {
      const text5 = value(id);
      return typeof text5 === "string" ? text5 : "";
    },
    list(id) {
      const list = value(id);
      return Array.isArray(list) ? list : [];
    }
  };
}

// server/src/admin/permission-table.ts
var DEFAULT_PERMISSIONS = {
  "access-federation": ["admin", "user", "federated-external"],
  "access-mailer": ["admin"],
  "access-marketplace": ["admin", "user"],
  "access-permissions": ["admin"],
  "access-setting-permissions": ["admin"],
  "add-all-to-room": ["admin"],
  "add-livechat-department-agents": ["livechat-manager", "livechat-monitor", "admin"],
  "add-oauth-service": ["admin"],
  "add-team-member": ["admin", "owner", "moderator"],
  "add-user-to-any-c-room": ["admin"],
  "add-user-to-any-p-room": [],
  "add-user-to-joined-room": ["admin", "owner", "moderator"],
  "allow-external-voice-calls": ["admin", "user"],
  "allow-internal-voice-calls": ["admin", "user"],
  "api-bypass-rate-limit": ["admin", "bot", "app"],
  "archive-room": ["admin", "owner"],
  "assign-admin-role": ["admin"],
  "assign-roles": ["admin"],
  "auto-translate": ["admin"],
  "ban-user": ["admin", "owner", "moderator"],
  "bulk-register-user": ["admin"],
  "bypass-time-limit-edit-and-delete": ["bot", "app"],
  "call-management": ["admin", "owner", "moderator", "user"],
  "change-livechat-room-visitor": ["admin", "livechat-manager", "livechat-agent"],
  "clean-channel-history": ["admin"],
  "clear-oembed-cache": ["admin"],
  "close-livechat-room": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "close-others-livechat-room": ["livechat-manager", "livechat-monitor", "admin"],
  "convert-team": ["admin", "owner"],
  "create-c": ["admin", "user", "bot", "app", "federated-external"],
  "create-d": ["admin", "user", "bot", "app", "federated-external"],
  "create-invite-links": ["admin", "owner", "moderator"],
  "create-livechat-contact": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "create-p": ["admin", "user", "bot", "app", "federated-external"],
  "create-personal-access-tokens": ["admin", "user"],
  "create-team": ["admin", "user"],
  "create-team-channel": ["admin", "owner", "moderator"],
  "create-team-group": ["admin", "owner", "moderator"],
  "create-user": ["admin"],
  "delete-c": ["admin", "owner"],
  "delete-d": ["admin"],
  "delete-livechat-contact": ["livechat-manager", "admin"],
  "delete-message": ["admin", "owner", "moderator"],
  "delete-own-message": ["admin", "user", "federated-external"],
  "delete-p": ["admin", "owner"],
  "delete-team": ["admin", "owner"],
  "delete-team-channel": ["admin", "owner", "moderator"],
  "delete-team-group": ["admin", "owner", "moderator"],
  "delete-user": ["admin"],
  "edit-livechat-room-customfields": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "edit-message": ["admin", "owner", "moderator"],
  "edit-omnichannel-contact": ["livechat-manager", "livechat-agent", "admin"],
  "edit-other-user-active-status": ["admin"],
  "edit-other-user-avatar": ["admin"],
  "edit-other-user-e2ee": ["admin"],
  "edit-other-user-info": ["admin"],
  "edit-other-user-password": ["admin"],
  "edit-other-user-totp": ["admin"],
  "edit-privileged-setting": ["admin"],
  "edit-room": ["admin", "owner", "moderator"],
  "edit-room-avatar": ["admin", "owner", "moderator"],
  "edit-room-retention-policy": ["admin"],
  "edit-team": ["admin", "owner"],
  "edit-team-channel": ["admin", "owner", "moderator"],
  "edit-team-member": ["admin", "owner", "moderator"],
  "export-messages-as-pdf": ["admin", "user"],
  "force-delete-message": ["admin", "owner"],
  "get-server-info": ["admin"],
  "join-without-join-code": ["admin", "bot", "app"],
  "kick-user-from-any-c-room": ["admin"],
  "kick-user-from-any-p-room": [],
  "leave-c": ["admin", "user", "bot", "anonymous", "app", "federated-external"],
  "leave-p": ["admin", "user", "bot", "anonymous", "app", "federated-external"],
  "logout-other-user": ["admin"],
  "mail-messages": ["admin"],
  "manage-apps": ["admin"],
  "manage-assets": ["admin"],
  "manage-cloud": ["admin"],
  "manage-email-inbox": ["admin"],
  "manage-emoji": ["admin"],
  "manage-incoming-integrations": ["admin"],
  "manage-livechat-agents": ["livechat-manager", "livechat-monitor", "admin"],
  "manage-livechat-departments": ["livechat-manager", "livechat-monitor", "admin"],
  "manage-livechat-managers": ["livechat-manager", "admin"],
  "manage-moderation-actions": ["admin"],
  "manage-oauth-apps": ["admin"],
  "manage-outgoing-integrations": ["admin"],
  "manage-own-incoming-integrations": ["admin"],
  "manage-own-outgoing-integrations": ["admin"],
  "manage-selected-settings": ["admin"],
  "manage-sounds": ["admin"],
  "manage-user-status": ["admin"],
  "mention-all": ["admin", "owner", "moderator", "user", "federated-external"],
  "mention-here": ["admin", "owner", "moderator", "user", "federated-external"],
  "message-impersonate": ["bot", "app"],
  "mobile-upload-file": ["user", "admin", "federated-external"],
  "move-room-to-team": ["admin", "owner", "moderator"],
  "mute-user": ["admin", "owner", "moderator"],
  "on-hold-livechat-room": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "on-hold-others-livechat-room": ["livechat-manager", "livechat-monitor", "admin"],
  "pin-message": ["owner", "moderator", "admin"],
  "post-readonly": ["admin", "owner", "moderator"],
  "preview-c-room": ["admin", "user", "anonymous", "federated-external"],
  "register-on-cloud": ["admin"],
  "remove-closed-livechat-room": ["livechat-manager", "admin"],
  "remove-closed-livechat-rooms": ["livechat-manager", "livechat-monitor", "admin"],
  "remove-livechat-department": ["livechat-manager", "admin"],
  "remove-slackbridge-links": ["admin"],
  "remove-team-channel": ["admin", "owner", "moderator"],
  "remove-user": ["admin", "owner", "moderator"],
  "restart-server": ["admin"],
  "run-import": ["admin"],
  "run-migration": ["admin"],
  "save-others-livechat-room-info": ["livechat-manager", "livechat-monitor", "admin"],
  "send-mail": ["admin"],
  "send-many-messages": ["admin", "bot", "app"],
  "send-omnichannel-chat-transcript": ["livechat-manager", "admin"],
  "set-leader": ["admin", "owner"],
  "set-moderator": ["admin", "owner"],
  "set-owner": ["admin", "owner"],
  "set-react-when-readonly": ["admin", "owner"],
  "set-readonly": ["admin", "owner"],
  "start-discussion": ["admin", "user", "guest", "app", "federated-external"],
  "start-discussion-other-user": ["admin", "user", "owner", "app", "federated-external"],
  "sync-auth-services-users": ["admin"],
  "test-admin-options": ["admin"],
  "test-push-notifications": ["admin", "user"],
  "toggle-room-e2e-encryption": ["owner", "admin"],
  "transfer-livechat-guest": ["livechat-manager", "livechat-monitor", "admin"],
  "unarchive-room": ["admin"],
  "update-livechat-contact": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "user-generate-access-token": ["admin"],
  "videoconf-ring-users": ["admin", "owner", "moderator", "user"],
  "view-all-team-channels": ["admin", "owner"],
  "view-all-teams": ["admin"],
  "view-broadcast-member-list": ["admin", "owner", "moderator"],
  "view-c-room": ["admin", "user", "bot", "app", "anonymous", "federated-external"],
  "view-d-room": ["admin", "user", "bot", "app", "guest", "federated-external"],
  "view-device-management": ["admin"],
  "view-engagement-dashboard": ["admin"],
  "view-federation-data": ["admin"],
  "view-full-other-user-info": ["admin"],
  "view-import-operations": ["admin"],
  "view-join-code": ["admin"],
  "view-joined-room": ["guest", "bot", "app", "anonymous"],
  "view-l-room": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "view-livechat-analytics": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-appearance": ["livechat-manager", "admin"],
  "view-livechat-business-hours": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-contact": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "view-livechat-contact-history": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "view-livechat-customfields": ["livechat-manager", "admin"],
  "view-livechat-departments": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-installation": ["livechat-manager", "admin"],
  "view-livechat-manager": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-queue": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "view-livechat-real-time-monitoring": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-room-closed-by-another-agent": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-room-closed-same-department": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-room-customfields": ["livechat-manager", "livechat-monitor", "livechat-agent", "admin"],
  "view-livechat-rooms": ["livechat-manager", "livechat-monitor", "admin"],
  "view-livechat-triggers": ["livechat-manager", "admin"],
  "view-livechat-webhooks": ["livechat-manager", "admin"],
  "view-logs": ["admin"],
  "view-moderation-console": ["admin"],
  "view-omnichannel-contact-center": ["livechat-manager", "livechat-agent", "livechat-monitor", "admin"],
  "view-other-user-channels": ["admin"],
  "view-outside-room": ["admin", "owner", "moderator", "user", "federated-external"],
  "view-p-room": ["admin", "user", "anonymous", "guest", "federated-external"],
  "view-privileged-setting": ["admin"],
  "view-room-administration": ["admin"],
  "view-statistics": ["admin"],
  "view-user-administration": ["admin"],
  // Premium areas of the reference; their features are not gated here (spec README, point 6).
  "can-audit": ["admin", "auditor"],
  "can-audit-log": ["admin", "auditor-log"],
  "view-members-list-all-rooms": ["admin", "auditor"],
  "logout-device-management": ["admin"],
  "block-ip-device-management": ["admin"],
  "view-canned-responses": ["livechat-agent", "livechat-monitor", "livechat-manager", "admin"],
  "save-canned-responses": ["livechat-agent", "livechat-monitor", "livechat-manager", "admin"],
  "remove-canned-responses": ["livechat-agent", "livechat-monitor", "livechat-manager", "admin"],
  "view-all-canned-responses": ["livechat-manager", "admin"],
  "save-all-canned-responses": ["livechat-manager", "admin"],
  "view-agent-canned-responses": ["livechat-agent"],
  "save-department-canned-responses": ["livechat-monitor"],
  "manage-livechat-units": ["admin", "livechat-manager"],
  "manage-livechat-monitors": ["admin", "livechat-manager"],
  "manage-livechat-tags": ["admin", "livechat-manager"],
  "manage-livechat-priorities": ["admin", "livechat-manager"],
  "manage-livechat-sla": ["admin", "livechat-manager"],
  "manage-livechat-canned-responses": ["admin", "livechat-manager", "livechat-monitor"],
  "spy-voip-calls": ["admin", "livechat-manager", "livechat-monitor"],
  "view-livechat-reports": ["admin", "livechat-manager", "livechat-monitor"],
  "outbound-voip-calls": ["admin", "livechat-manager"],
  "request-pdf-transcript": ["admin", "livechat-manager", "livechat-monitor", "livechat-agent"],
  "block-livechat-contact": ["admin", "livechat-manager", "livechat-monitor", "livechat-agent"],
  "unblock-livechat-contact": ["admin", "livechat-manager", "livechat-monitor", "livechat-agent"],
  "outbound.send-messages": ["admin", "livechat-manager", "livechat-monitor", "livechat-agent"],
  "outbound.can-assign-queues": ["admin", "livechat-manager"],
  "outbound.can-assign-any-agent": ["admin", "livechat-manager", "livechat-monitor"],
  "outbound.can-assign-self-only": ["livechat-agent"],
  "abac-management": ["admin"],
  "manage-abac-admin-settings": ["admin"],
  "manage-abac-admin-room-attributes": ["admin"],
  "manage-abac-admin-rooms": ["admin"],
  "view-abac-admin-audit": ["admin"]
};

// server/src/admin/permissions.store.ts
async function storedPermissions(db) {
  const rows = await db.selectFrom("permissions").select(["id", "roles", "updated_at"]).execute();
  return rows.map((row) => ({ id: row.id, roles: parseDoc(row.roles), updatedAt: row.updated_at }));
}
async function storedPermission(db, id) {
  const row = await db.selectFrom("permissions").select("roles").where("id", "=", id).executeTakeFirst();
  return row && parseDoc(row.roles);
}
async function savePermission(tx, { id, roles, updatedAt }) {
  const row = { roles: stringify(roles), updated_at: updatedAt };
  await tx.insertInto("permissions").values({ id, ...row }).onConflict((conflict) => conflict.column("id").doUpdateSet(row)).execute();
}

// server/src/admin/settings/accounts.ts
var accountsSettings = [
  {
    group: "Accounts",
    settings: [
      { id: "Accounts_TwoFactorAuthentication_Enabled", type: "boolean", value: true, public: true },
      { id: "Accounts_TwoFactorAuthentication_MaxDelta", type: "int", value: 1 },
      { id: "Accounts_TwoFactorAuthentication_By_TOTP_Enabled", type: "boolean", value: true, public: true },
      { id: "Accounts_TwoFactorAuthentication_By_Email_Enabled", type: "boolean", value: true, public: true },
      {
        id: "Accounts_twoFactorAuthentication_email_available_for_OAuth_users",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Accounts_TwoFactorAuthentication_By_Email_Auto_Opt_In", type: "boolean", value: true },
      { id: "Accounts_TwoFactorAuthentication_By_Email_Code_Expiration", type: "timespan", value: 3600 },
      { id: "Accounts_TwoFactorAuthentication_Max_Invalid_Email_Code_Attempts", type: "int", value: 5 },
      { id: "Accounts_TwoFactorAuthentication_RememberFor", type: "int", value: 1800 },
      {
        id: "Accounts_TwoFactorAuthentication_Enforce_Password_Fallback",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Block_Multiple_Failed_Logins_Enabled", type: "boolean", value: true },
      { id: "Block_Multiple_Failed_Logins_By_User", type: "boolean", value: true },
      { id: "Block_Multiple_Failed_Logins_Attempts_Until_Block_by_User", type: "int", value: 10 },
      { id: "Block_Multiple_Failed_Logins_Time_To_Unblock_By_User_In_Minutes", type: "int", value: 5 },
      { id: "Block_Multiple_Failed_Logins_By_Ip", type: "boolean", value: true },
      { id: "Block_Multiple_Failed_Logins_Attempts_Until_Block_By_Ip", type: "int", value: 50 },
      { id: "Block_Multiple_Failed_Logins_Time_To_Unblock_By_Ip_In_Minutes", type: "int", value: 5 },
      { id: "Block_Multiple_Failed_Logins_Ip_Whitelist", type: "string", value: "" },
      { id: "Block_Multiple_Failed_Logins_Notify_Failed", type: "boolean", value: false },
      { id: "Block_Multiple_Failed_Logins_Notify_Failed_Channel", type: "string", value: "" },
      { id: "Login_Logs_Enabled", type: "boolean", value: false },
      { id: "Login_Logs_Username", type: "boolean", value: false },
      { id: "Login_Logs_UserAgent", type: "boolean", value: false },
      { id: "Login_Logs_ClientIp", type: "boolean", value: false },
      { id: "Login_Logs_ForwardedForIp", type: "boolean", value: false },
      { id: "Accounts_iframe_enabled", type: "boolean", value: false, public: true },
      { id: "Accounts_iframe_url", type: "string", value: "", public: true },
      { id: "Accounts_Iframe_api_url", type: "string", value: "", public: true },
      {
        id: "Accounts_Iframe_api_method",
        type: "select",
        value: "POST",
        public: true,
        values: ["POST", "GET"]
      },
      { id: "Accounts_AllowAnonymousRead", type: "boolean", value: false, public: true },
      { id: "Accounts_AllowAnonymousWrite", type: "boolean", value: false, public: true },
      { id: "Accounts_AllowDeleteOwnAccount", type: "boolean", value: false, public: true },
      { id: "Accounts_AllowUserProfileChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowUserAvatarChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowRealNameChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowUserStatusMessageChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowUsernameChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowEmailChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowPasswordChange", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowPasswordChangeForOAuthUsers", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowEmailNotifications", type: "boolean", value: true, public: true },
      { id: "Accounts_AllowFeaturePreview", type: "boolean", value: false, public: true },
      { id: "Accounts_CustomFieldsToShowInUserInfo", type: "string", value: "", public: true },
      { id: "Accounts_LoginExpiration", type: "int", value: 90, public: true },
      { id: "Accounts_EmailOrUsernamePlaceholder", type: "string", value: "", public: true },
      { id: "Accounts_PasswordPlaceholder", type: "string", value: "", public: true },
      { id: "Accounts_ConfirmPasswordPlaceholder", type: "string", value: "", public: true },
      { id: "Accounts_ForgetUserSessionOnWindowClose", type: "boolean", value: false, public: true },
      { id: "Accounts_SearchFields", type: "string", value: "username, name, bio, nickname" },
      {
        id: "Accounts_Directory_DefaultView",
        type: "select",
        value: "channels",
        public: true,
        values: ["channels", "users"]
      },
      { id: "Accounts_AllowInvisibleStatusOption", type: "boolean", value: true, public: true },
      { id: "Accounts_Send_Email_When_Activating", type: "boolean", value: true },
      { id: "Accounts_Send_Email_When_Deactivating", type: "boolean", value: true },
      { id: "Accounts_DefaultUsernamePrefixSuggestion", type: "string", value: "user" },
      { id: "Accounts_RequireNameForSignUp", type: "boolean", value: true, public: true },
      { id: "Accounts_RequirePasswordConfirmation", type: "boolean", value: true, public: true },
      { id: "Accounts_EmailVerification", type: "boolean", value: false, public: true },
      { id: "Accounts_Verify_Email_For_External_Accounts", type: "boolean", value: true },
      { id: "Accounts_ManuallyApproveNewUsers", type: "boolean", value: false, public: true },
      { id: "Accounts_AllowedDomainsList", type: "string", value: "", public: true },
      { id: "Accounts_BlockedDomainsList", type: "string", value: "" },
      { id: "Accounts_BlockedUsernameList", type: "string", value: "" },
      { id: "Accounts_SystemBlockedUsernameList", type: "string", value: "admin,administrator,system,user" },
      { id: "Manual_Entry_User_Count", type: "int", value: 0 },
      { id: "CSV_Importer_Count", type: "int", value: 0 },
      { id: "Hipchat_Enterprise_Importer_Count", type: "int", value: 0 },
      { id: "Slack_Importer_Count", type: "int", value: 0 },
      { id: "Slack_Users_Importer_Count", type: "int", value: 0 },
      { id: "Accounts_UseDefaultBlockedDomainsList", type: "boolean", value: true },
      { id: "Accounts_UseDNSDomainCheck", type: "boolean", value: false },
      {
        id: "Accounts_RegistrationForm",
        type: "select",
        value: "Public",
        public: true,
        values: ["Public", "Disabled", "Secret URL"]
      },
      { id: "Accounts_RegistrationForm_SecretURL", type: "string", value: "", random: true, secret: true },
      {
        id: "Accounts_Registration_InviteUrlType",
        type: "select",
        value: "proxy",
        values: ["direct", "proxy"]
      },
      {
        id: "Accounts_RegistrationForm_LinkReplacementText",
        type: "string",
        value: "New user registration is currently disabled",
        public: true
      },
      {
        id: "Accounts_Registration_AuthenticationServices_Enabled",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Accounts_Registration_AuthenticationServices_Default_Roles", type: "string", value: "user" },
      { id: "Accounts_Registration_Users_Default_Roles", type: "string", value: "user", public: true },
      { id: "Accounts_PasswordReset", type: "boolean", value: true, public: true },
      { id: "Accounts_CustomFields", type: "code", value: "", public: true, json: true },
      { id: "Accounts_Default_User_Preferences_enableAutoAway", type: "boolean", value: true, public: true },
      { id: "Accounts_Default_User_Preferences_idleTimeLimit", type: "int", value: 300, public: true },
      {
        id: "Accounts_Default_User_Preferences_desktopNotificationRequireInteraction",
        type: "boolean",
        value: false,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_desktopNotifications",
        type: "select",
        value: "all",
        public: true,
        values: ["all", "mentions", "nothing"]
      },
      {
        id: "Accounts_Default_User_Preferences_pushNotifications",
        type: "select",
        value: "all",
        public: true,
        values: ["all", "mentions", "nothing"]
      },
      { id: "Accounts_Default_User_Preferences_unreadAlert", type: "boolean", value: true, public: true },
      { id: "Accounts_Default_User_Preferences_useEmojis", type: "boolean", value: true, public: true },
      {
        id: "Accounts_Default_User_Preferences_convertAsciiEmoji",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Accounts_Default_User_Preferences_autoImageLoad", type: "boolean", value: true, public: true },
      {
        id: "Accounts_Default_User_Preferences_saveMobileBandwidth",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_collapseMediaByDefault",
        type: "boolean",
        value: false,
        public: true
      },
      { id: "Accounts_Default_User_Preferences_hideUsernames", type: "boolean", value: false, public: true },
      { id: "Accounts_Default_User_Preferences_hideRoles", type: "boolean", value: false, public: true },
      { id: "Accounts_Default_User_Preferences_hideFlexTab", type: "boolean", value: false, public: true },
      { id: "Accounts_Default_User_Preferences_displayAvatars", type: "boolean", value: true, public: true },
      {
        id: "Accounts_Default_User_Preferences_sidebarGroupByType",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_themeAppearence",
        type: "select",
        value: "auto",
        public: true,
        values: ["auto", "light", "dark", "high-contrast"]
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarViewMode",
        type: "select",
        value: "medium",
        public: true,
        values: ["extended", "medium", "condensed"]
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarDisplayAvatar",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarShowUnread",
        type: "boolean",
        value: false,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarSortby",
        type: "select",
        value: "activity",
        public: true,
        values: ["activity", "alphabetical"]
      },
      {
        id: "Accounts_Default_User_Preferences_showThreadsInMainChannel",
        type: "boolean",
        value: false,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_alsoSendThreadToChannel",
        type: "select",
        value: "default",
        public: true,
        values: ["default", "always", "never"]
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarShowFavorites",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_sendOnEnter",
        type: "select",
        value: "normal",
        public: true,
        values: ["normal", "alternative", "desktop"]
      },
      {
        id: "Accounts_Default_User_Preferences_emailNotificationMode",
        type: "select",
        value: "mentions",
        public: true,
        values: ["nothing", "mentions"]
      },
      {
        id: "Accounts_Default_User_Preferences_newRoomNotification",
        type: "select",
        value: "door",
        public: true,
        values: ["none", "door"],
        openValues: true
      },
      {
        id: "Accounts_Default_User_Preferences_newMessageNotification",
        type: "select",
        value: "chime",
        public: true,
        values: ["none", "chime"],
        openValues: true
      },
      {
        id: "Accounts_Default_User_Preferences_muteFocusedConversations",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_notificationsSoundVolume",
        type: "range",
        value: 100,
        public: true,
        min: 0,
        max: 100
      },
      {
        id: "Accounts_Default_User_Preferences_masterVolume",
        type: "range",
        value: 100,
        public: true,
        min: 0,
        max: 100
      },
      {
        id: "Accounts_Default_User_Preferences_voipRingerVolume",
        type: "range",
        value: 100,
        public: true,
        min: 0,
        max: 100
      },
      {
        id: "Accounts_Default_User_Preferences_desktopNotificationVoiceCalls",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_omnichannelTranscriptEmail",
        type: "boolean",
        value: false,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_notifyCalendarEvents",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_enableMobileRinging",
        type: "boolean",
        value: true,
        public: true
      },
      {
        id: "Accounts_Default_User_Preferences_sidebarSectionsOrder",
        type: "multiSelect",
        value: [
          "Incoming_Calls",
          "Incoming_Livechats",
          "Open_Livechats",
          "On_Hold_Chats",
          "Unread",
          "Drafts",
          "Favorites",
          "Teams",
          "Discussions",
          "Channels",
          "Direct_Messages",
          "Conversations"
        ],
        public: true,
        values: [
          "Incoming_Calls",
          "Incoming_Livechats",
          "Open_Livechats",
          "On_Hold_Chats",
          "Unread",
          "Drafts",
          "Favorites",
          "Teams",
          "Discussions",
          "Channels",
          "Direct_Messages",
          "Conversations"
        ]
      },
      { id: "Accounts_Default_User_Preferences_featuresPreview", type: "string", value: "[]", public: true },
      { id: "Accounts_AvatarResize", type: "boolean", value: true },
      { id: "Accounts_AvatarSize", type: "int", value: 200 },
      { id: "Accounts_AvatarExternalProviderUrl", type: "string", value: "", public: true },
      { id: "Accounts_RoomAvatarExternalProviderUrl", type: "string", value: "", public: true },
      { id: "Accounts_AvatarCacheTime", type: "int", value: 3600 },
      { id: "Accounts_AvatarBlockUnauthenticatedAccess", type: "boolean", value: true, public: true },
      { id: "Accounts_SetDefaultAvatar", type: "boolean", value: true },
      { id: "Accounts_Password_Policy_Enabled", type: "boolean", value: false, public: true },
      { id: "Accounts_Password_Policy_MinLength", type: "int", value: 7, public: true },
      { id: "Accounts_Password_Policy_MaxLength", type: "int", value: -1, public: true },
      {
        id: "Accounts_Password_Policy_ForbidRepeatingCharacters",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Accounts_Password_Policy_ForbidRepeatingCharactersCount", type: "int", value: 3, public: true },
      { id: "Accounts_Password_Policy_AtLeastOneLowercase", type: "boolean", value: true, public: true },
      { id: "Accounts_Password_Policy_AtLeastOneUppercase", type: "boolean", value: true, public: true },
      { id: "Accounts_Password_Policy_AtLeastOneNumber", type: "boolean", value: true, public: true },
      {
        id: "Accounts_Password_Policy_AtLeastOneSpecialCharacter",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Accounts_Password_History_Enabled", type: "boolean", value: false },
      { id: "Accounts_Password_History_Amount", type: "int", value: 5 },
      { id: "Accounts_NamePlaceholder", type: "string", value: "", public: true },
      { id: "Device_Management_Enable_Login_Emails", type: "boolean", value: true, public: true },
      { id: "Device_Management_Allow_Login_Email_preference", type: "boolean", value: true, public: true }
    ]
  }
];

// server/src/admin/settings/calls.ts
var callSettings = [
  {
    group: "Video_Conference",
    settings: [
      { id: "VideoConf_Default_Provider", type: "lookup", value: "", public: true },
      { id: "VideoConf_Mobile_Ringing", type: "boolean", value: false, public: true },
      { id: "Jitsi_Click_To_Join_Count", type: "int", value: 0 },
      { id: "Jitsi_Start_SlashCommands_Count", type: "int", value: 0 },
      { id: "VideoConf_Enable_DMs", type: "boolean", value: true, public: true },
      { id: "VideoConf_Enable_Channels", type: "boolean", value: true, public: true },
      { id: "VideoConf_Enable_Groups", type: "boolean", value: true, public: true },
      { id: "VideoConf_Enable_Teams", type: "boolean", value: true, public: true }
    ]
  },
  {
    group: "WebRTC",
    settings: [
      { id: "WebRTC_Enabled", type: "boolean", value: false, public: true },
      { id: "WebRTC_Enable_Channel", type: "boolean", value: false, public: true },
      { id: "WebRTC_Enable_Private", type: "boolean", value: false, public: true },
      { id: "WebRTC_Enable_Direct", type: "boolean", value: false, public: true },
      { id: "WebRTC_Calls_Count", type: "int", value: 0 },
      { id: "WebRTC_Servers", type: "string", value: "stun:stun.l.google.com:19302", public: true }
    ]
  },
  {
    group: "VoIP_TeamCollab",
    settings: [
      {
        id: "VoIP_TeamCollab_Ice_Servers",
        type: "string",
        value: "stun:stun.l.google.com:19302",
        public: true
      },
      { id: "VoIP_TeamCollab_Ice_Gathering_Timeout", type: "int", value: 5e3, public: true }
    ]
  }
];

// server/src/admin/settings/clients.ts
var clientSettings = [
  {
    group: "Push",
    settings: [
      { id: "Push_enable", type: "boolean", value: true, public: true },
      { id: "Push_UseLegacy", type: "boolean", value: false },
      { id: "Push_enable_gateway", type: "boolean", value: true },
      { id: "Push_gateway", type: "string", value: "https://gateway.rocket.chat" },
      { id: "Push_production", type: "boolean", value: true, public: true },
      { id: "Push_test_push", type: "action", value: "push_test" },
      { id: "Push_apn_passphrase", type: "string", value: "", secret: true },
      { id: "Push_apn_key", type: "string", value: "", secret: true },
      { id: "Push_apn_cert", type: "string", value: "", secret: true },
      { id: "Push_apn_dev_passphrase", type: "string", value: "", secret: true },
      { id: "Push_apn_dev_key", type: "string", value: "", secret: true },
      { id: "Push_apn_dev_cert", type: "string", value: "", secret: true },
      { id: "Push_gcm_api_key", type: "string", value: "", secret: true },
      { id: "Push_google_api_credentials", type: "code", value: "", secret: true },
      { id: "Push_gcm_project_number", type: "string", value: "", public: true },
      { id: "Push_show_username_room", type: "boolean", value: true, public: true },
      { id: "Push_show_message", type: "boolean", value: true, public: true },
      { id: "Push_request_content_from_server", type: "boolean", value: true }
    ]
  },
  {
    group: "Mobile",
    settings: [
      { id: "Allow_Save_Media_to_Gallery", type: "boolean", value: true, public: true },
      { id: "Force_Screen_Lock", type: "boolean", value: false, public: true },
      { id: "Force_Screen_Lock_After", type: "int", value: 1800, public: true }
    ]
  },
  {
    group: "Setup_Wizard",
    settings: [
      {
        id: "Organization_Type",
        type: "select",
        value: "",
        values: ["community", "enterprise", "government", "nonprofit"],
        wizard: { step: 1, order: 1 }
      },
      { id: "Organization_Name", type: "string", value: "", public: true, wizard: { step: 1, order: 0 } },
      { id: "Industry", type: "select", value: "", wizard: { step: 1, order: 2 } },
      {
        id: "Size",
        type: "select",
        value: "",
        values: ["0", "1", "2", "3", "4", "5", "6", "7"],
        wizard: { step: 1, order: 3 }
      },
      { id: "Country", type: "select", value: "", wizard: { step: 1, order: 4 } },
      { id: "Website", type: "string", value: "", wizard: { step: 1, order: 6 } },
      {
        id: "Server_Type",
        type: "select",
        value: "",
        values: ["privateTeam", "publicCommunity"],
        wizard: { step: 2, order: 2 }
      },
      { id: "Allow_Marketing_Emails", type: "boolean", value: true, wizard: { step: 3, order: 1 } },
      { id: "Register_Server", type: "boolean", value: false, wizard: { step: 3, order: 0 } },
      { id: "Organization_Email", type: "string", value: "", wizard: { step: 1, order: 5 } }
    ]
  },
  {
    group: "UserDataDownload",
    settings: [
      { id: "UserData_EnableDownload", type: "boolean", value: true, public: true },
      { id: "UserData_FileSystemPath", type: "string", value: "", public: true },
      { id: "UserData_FileSystemZipPath", type: "string", value: "", public: true },
      { id: "UserData_ProcessingFrequency", type: "int", value: 2, public: true },
      { id: "UserData_MessageLimitPerRequest", type: "int", value: 1e3, public: true }
    ]
  }
];

// server/src/admin/settings/files.ts
var fileSettings = [
  {
    group: "FileUpload",
    settings: [
      { id: "FileUpload_Enabled", type: "boolean", value: true, public: true },
      { id: "FileUpload_MaxFileSize", type: "int", value: 104857600, public: true },
      { id: "FileUpload_MediaTypeWhiteList", type: "string", value: "", public: true },
      { id: "FileUpload_MediaTypeBlackList", type: "string", value: "image/svg+xml", public: true },
      { id: "FileUpload_ProtectFiles", type: "boolean", value: true, public: true },
      { id: "FileUpload_Restrict_to_room_members", type: "boolean", value: true },
      { id: "FileUpload_Restrict_to_users_who_can_access_room", type: "boolean", value: false },
      { id: "FileUpload_RotateImages", type: "boolean", value: true, public: true },
      { id: "FileUpload_Enable_json_web_token_for_files", type: "boolean", value: true },
      {
        id: "FileUpload_json_web_token_secret_for_files",
        type: "string",
        value: "",
        random: true,
        secret: true
      },
      {
        id: "FileUpload_Storage_Type",
        type: "select",
        value: "GridFS",
        public: true,
        values: ["GridFS", "AmazonS3", "GoogleCloudStorage", "Webdav", "FileSystem"]
      },
      { id: "FileUpload_S3_Bucket", type: "string", value: "" },
      { id: "FileUpload_S3_Acl", type: "string", value: "" },
      { id: "FileUpload_S3_AWSAccessKeyId", type: "password", value: "", secret: true },
      { id: "FileUpload_S3_AWSSecretAccessKey", type: "password", value: "", secret: true },
      { id: "FileUpload_S3_CDN", type: "string", value: "" },
      { id: "FileUpload_S3_Region", type: "string", value: "" },
      { id: "FileUpload_S3_BucketURL", type: "string", value: "" },
      { id: "FileUpload_S3_SignatureVersion", type: "string", value: "v4" },
      { id: "FileUpload_S3_ForcePathStyle", type: "boolean", value: false },
      { id: "FileUpload_S3_URLExpiryTimeSpan", type: "int", value: 120 },
      { id: "FileUpload_S3_Proxy_Avatars", type: "boolean", value: false },
      { id: "FileUpload_S3_Proxy_Uploads", type: "boolean", value: false },
      { id: "FileUpload_S3_Proxy_UserDataFiles", type: "boolean", value: false },
      { id: "FileUpload_GoogleStorage_Bucket", type: "string", value: "" },
      { id: "FileUpload_GoogleStorage_AccessId", type: "string", value: "", secret: true },
      { id: "FileUpload_GoogleStorage_Secret", type: "string", value: "", secret: true },
      { id: "FileUpload_GoogleStorage_ProjectId", type: "string", value: "" },
      { id: "FileUpload_GoogleStorage_Proxy_Avatars", type: "boolean", value: false },
      { id: "FileUpload_GoogleStorage_Proxy_Uploads", type: "boolean", value: false },
      { id: "FileUpload_GoogleStorage_Proxy_UserDataFiles", type: "boolean", value: false },
      { id: "FileUpload_FileSystemPath", type: "string", value: "" },
      { id: "FileUpload_Webdav_Upload_Folder_Path", type: "string", value: "" },
      { id: "FileUpload_Webdav_Server_URL", type: "string", value: "" },
      { id: "FileUpload_Webdav_Username", type: "string", value: "" },
      { id: "FileUpload_Webdav_Password", type: "password", value: "", secret: true },
      { id: "FileUpload_Webdav_Proxy_Avatars", type: "boolean", value: false },
      { id: "FileUpload_Webdav_Proxy_Uploads", type: "boolean", value: false },
      { id: "FileUpload_Webdav_Proxy_UserDataFiles", type: "boolean", value: false },
      { id: "FileUpload_Enabled_Direct", type: "boolean", value: true, public: true }
    ]
  },
  {
    group: "Assets",
    settings: [
      { id: "Assets_SvgFavicon_Enable", type: "boolean", value: true },
      { id: "Assets_logo", type: "asset", value: { defaultUrl: "assets/logo.svg" }, public: true },
      { id: "Assets_logo_dark", type: "asset", value: { defaultUrl: "assets/logo_dark.svg" }, public: true },
      {
        id: "Assets_background",
        type: "asset",
        value: { defaultUrl: "assets/background.svg" },
        public: true
      },
      {
        id: "Assets_background_dark",
        type: "asset",
        value: { defaultUrl: "assets/background_dark.svg" },
        public: true
      },
      {
        id: "Assets_favicon_ico",
        type: "asset",
        value: { defaultUrl: "assets/favicon_ico.ico" },
        public: true
      },
      { id: "Assets_favicon", type: "asset", value: { defaultUrl: "assets/favicon.svg" }, public: true },
      {
        id: "Assets_favicon_16",
        type: "asset",
        value: { defaultUrl: "assets/favicon_16.png" },
        public: true
      },
      {
        id: "Assets_favicon_32",
        type: "asset",
        value: { defaultUrl: "assets/favicon_32.png" },
        public: true
      },
      {
        id: "Assets_favicon_192",
        type: "asset",
        value: { defaultUrl: "assets/favicon_192.png" },
        public: true
      },
      {
        id: "Assets_favicon_512",
        type: "asset",
        value: { defaultUrl: "assets/favicon_512.png" },
        public: true
      },
      {
        id: "Assets_touchicon_180",
        type: "asset",
        value: { defaultUrl: "assets/touchicon_180.png" },
        public: true
      },
      {
        id: "Assets_touchicon_180_pre",
        type: "asset",
        value: { defaultUrl: "assets/touchicon_180_pre.png" },
        public: true
      },
      { id: "Assets_tile_70", type: "asset", value: { defaultUrl: "assets/tile_70.png" }, public: true },
      { id: "Assets_tile_144", type: "asset", value: { defaultUrl: "assets/tile_144.png" }, public: true },
      { id: "Assets_tile_150", type: "asset", value: { defaultUrl: "assets/tile_150.png" }, public: true },
      {
        id: "Assets_tile_310_square",
        type: "asset",
        value: { defaultUrl: "assets/tile_310_square.png" },
        public: true
      },
      {
        id: "Assets_tile_310_wide",
        type: "asset",
        value: { defaultUrl: "assets/tile_310_wide.png" },
        public: true
      },
      {
        id: "Assets_safari_pinned",
        type: "asset",
        value: { defaultUrl: "assets/safari_pinned.svg" },
        public: true
      },
      {
        id: "Assets_livechat_widget_logo",
        type: "asset",
        value: { defaultUrl: "assets/livechat_widget_logo.svg" },
        public: true
      }
    ]
  }
];

// server/src/admin/settings/general.ts
var generalSettings = [
  {
    group: "General",
    settings: [
      { id: "API_Upper_Count_Limit", type: "int", value: 100 },
      { id: "API_Default_Count", type: "int", value: 50 },
      { id: "API_Allow_Infinite_Count", type: "boolean", value: true },
      { id: "API_Enable_Direct_Message_History_EndPoint", type: "boolean", value: false },
      { id: "API_Enable_Shields", type: "boolean", value: true },
      { id: "API_Shield_Types", type: "string", value: "*" },
      { id: "API_Shield_user_require_auth", type: "boolean", value: false },
      { id: "API_Enable_CORS", type: "boolean", value: false },
      { id: "API_CORS_Origin", type: "string", value: "*" },
      { id: "API_Use_REST_For_DDP_Calls", type: "boolean", value: true, public: true },
      {
        id: "API_Apply_permission_view-outside-room_on_users-list",
        type: "boolean",
        value: false,
        public: true
      },
      {
        id: "Show_Setup_Wizard",
        type: "select",
        value: "pending",
        public: true,
        values: ["pending", "in_progress", "completed"]
      },
      { id: "Site_Url", type: "string", value: "", public: true },
      { id: "Site_Name", type: "string", value: "Rocket.Chat", public: true, wizard: { step: 2, order: 0 } },
      { id: "Document_Domain", type: "string", value: "", public: true },
      { id: "Language", type: "language", value: "", public: true, wizard: { step: 2, order: 1 } },
      { id: "Allow_Invalid_SelfSigned_Certs", type: "boolean", value: false },
      { id: "Enable_CSP", type: "boolean", value: true },
      { id: "Extra_CSP_Domains", type: "string", value: "" },
      { id: "Iframe_Restrict_Access", type: "boolean", value: true },
      { id: "Iframe_X_Frame_Options", type: "string", value: "sameorigin" },
      { id: "Favorite_Rooms", type: "boolean", value: true, public: true },
      { id: "First_Channel_After_Login", type: "string", value: "", public: true },
      {
        id: "Unread_Count",
        type: "select",
        value: "user_and_group_mentions_only",
        public: true,
        values: ["all_messages", "user_mentions_only", "group_mentions_only", "user_and_group_mentions_only"]
      },
      {
        id: "Unread_Count_DM",
        type: "select",
        value: "all_messages",
        public: true,
        values: ["all_messages", "mentions_only"]
      },
      {
        id: "Unread_Count_Omni",
        type: "select",
        value: "all_messages",
        public: true,
        values: ["all_messages", "mentions_only"]
      },
      { id: "DeepLink_Url", type: "string", value: "https://go.rocket.chat", public: true },
      { id: "CDN_PREFIX", type: "string", value: "", public: true },
      { id: "CDN_PREFIX_ALL", type: "boolean", value: true, public: true },
      { id: "CDN_JSCSS_PREFIX", type: "string", value: "", public: true },
      { id: "Force_SSL", type: "boolean", value: false, public: true },
      { id: "GoogleTagManager_id", type: "string", value: "", public: true },
      { id: "Bugsnag_api_key", type: "string", value: "", secret: true },
      { id: "Restart", type: "action", value: "restart_server" },
      { id: "Store_Last_Message", type: "boolean", value: true, public: true },
      {
        id: "Robot_Instructions_File_Content",
        type: "string",
        value: "User-agent: *\nDisallow: /",
        public: true
      },
      {
        id: "Default_Referrer_Policy",
        type: "select",
        value: "same-origin",
        public: true,
        values: [
          "no-referrer",
          "no-referrer-when-downgrade",
          "origin",
          "origin-when-cross-origin",
          "same-origin",
          "strict-origin",
          "strict-origin-when-cross-origin",
          "unsafe-url"
        ]
      },
      { id: "ECDH_Enabled", type: "boolean", value: false },
      { id: "UTF8_User_Names_Validation", type: "string", value: "[0-9a-zA-Z-_.]+", public: true },
      { id: "UTF8_Channel_Names_Validation", type: "string", value: "[0-9a-zA-Z-_.]+", public: true },
      { id: "UTF8_Names_Slugify", type: "boolean", value: true, public: true },
      { id: "Statistics_reporting", type: "boolean", value: true },
      { id: "Notifications_Max_Room_Members", type: "int", value: 100, public: true },
      { id: "API_User_Limit", type: "int", value: 500, public: true },
      { id: "Iframe_Integration_send_enable", type: "boolean", value: false, public: true },
      { id: "Iframe_Integration_send_target_origin", type: "string", value: "*", public: true },
      { id: "Iframe_Integration_receive_enable", type: "boolean", value: false, public: true },
      { id: "Iframe_Integration_receive_origin", type: "string", value: "*", public: true },
      { id: "Custom_Translations", type: "code", value: "", public: true, json: true },
      { id: "Stream_Cast_Address", type: "string", value: "" },
      { id: "NPS_survey_enabled", type: "boolean", value: true },
      {
        id: "Default_Timezone_For_Reporting",
        type: "select",
        value: "server",
        values: ["server", "custom", "user"]
      },
      { id: "Default_Custom_Timezone", type: "timezone", value: "" },
      { id: "Update_LatestAvailableVersion", type: "string", value: "0.0.0" },
      { id: "Update_EnableChecker", type: "boolean", value: true },
      { id: "uniqueID", type: "string", value: "", public: true, random: true },
      { id: "Deployment_FingerPrint_Verified", type: "boolean", value: true, public: true }
    ]
  }
];

// server/src/admin/settings/integrations.ts
var integrationSettings = [
  { group: "SlackBridge", settings: [{ id: "SlackBridge_Enabled", type: "boolean", value: false }] },
  {
    group: "Analytics",
    settings: [
      { id: "PiwikAnalytics_enabled", type: "boolean", value: false },
      { id: "PiwikAnalytics_url", type: "string", value: "", public: true },
      { id: "PiwikAnalytics_siteId", type: "string", value: "", public: true },
      { id: "GoogleAnalytics_enabled", type: "boolean", value: false },
      { id: "GoogleAnalytics_ID", type: "string", value: "", public: true }
    ]
  },
  {
    group: "Webdav Integration",
    settings: [{ id: "Webdav_Integration_Enabled", type: "boolean", value: false, public: true }]
  },
  {
    group: "Federation",
    settings: [
      { id: "FEDERATION_Enabled", type: "boolean", value: false, public: true },
      { id: "Federation_Matrix_enabled", type: "boolean", value: false, public: true },
      { id: "Federation_Service_Enabled", type: "boolean", value: false, public: true }
    ]
  },
  {
    group: "Omnichannel",
    settings: [
      { id: "Livechat_enabled", type: "boolean", value: false, public: true },
      {
        id: "Livechat_request_comment_when_closing_conversation",
        type: "boolean",
        value: true,
        public: true
      },
      { id: "Livechat_allow_manual_on_hold", type: "boolean", value: false, public: true },
      { id: "Canned_Responses_Enable", type: "boolean", value: false, public: true },
      { id: "Omnichannel_call_provider", type: "string", value: "", public: true }
    ]
  }
];

// server/src/admin/settings/layout.ts
var layoutSettings = [
  {
    group: "Layout",
    settings: [
      { id: "Layout_Login_Hide_Logo", type: "boolean", value: false, public: true },
      { id: "Layout_Login_Hide_Title", type: "boolean", value: false, public: true },
      { id: "Layout_Login_Hide_Powered_By", type: "boolean", value: false, public: true },
      {
        id: "Layout_Login_Template",
        type: "select",
        value: "horizontal-template",
        public: true,
        values: ["vertical-template", "horizontal-template"]
      },
      { id: "Accounts_ShowFormLogin", type: "boolean", value: true, public: true },
      { id: "Layout_Home_Title", type: "string", value: "Home", public: true },
      { id: "Layout_Show_Home_Button", type: "boolean", value: true, public: true },
      { id: "Layout_Home_Body", type: "code", value: "", public: true },
      { id: "Layout_Home_Custom_Block_Visible", type: "boolean", value: false, public: true },
      { id: "Layout_Custom_Body_Only", type: "boolean", value: false, public: true },
      {
        id: "Layout_Terms_of_Service",
        type: "code",
        value: "Terms of Service <br> Go to APP SETTINGS &rarr; Layout to customize this page.",
        public: true
      },
      { id: "Layout_Login_Terms", type: "code", value: "", public: true },
      {
        id: "Layout_Privacy_Policy",
        type: "code",
        value: "Privacy Policy <br> Go to APP SETTINGS &rarr; Layout to customize this page.",
        public: true
      },
      {
        id: "Layout_Legal_Notice",
        type: "code",
        value: "Legal Notice <br> Go to APP SETTINGS -> Layout to customize this page.",
        public: true
      },
      {
        id: "Layout_Sidenav_Footer_Dark",
        type: "code",
        value: '<a href="/home"><img src="assets/logo_dark.png" alt="Home" /></a>',
        public: true
      },
      {
        id: "Layout_Sidenav_Footer",
        type: "code",
        value: '<a href="/home"><img src="assets/logo.png" alt="Home" /></a>',
        public: true
      },
      { id: "Custom_Script_On_Logout", type: "code", value: "//Add your script", public: true },
      { id: "Custom_Script_Logged_Out", type: "code", value: "//Add your script", public: true },
      { id: "Custom_Script_Logged_In", type: "code", value: "//Add your script", public: true },
      { id: "UI_DisplayRoles", type: "boolean", value: true, public: true },
      { id: "UI_Group_Channels_By_Type", type: "boolean", value: true },
      { id: "UI_Use_Name_Avatar", type: "boolean", value: false, public: true },
      { id: "UI_Use_Real_Name", type: "boolean", value: false, public: true },
      { id: "UI_Click_Direct_Message", type: "boolean", value: false, public: true },
      { id: "Number_of_users_autocomplete_suggestions", type: "int", value: 5, public: true },
      {
        id: "UI_Unread_Counter_Style",
        type: "select",
        value: "Different_Style_For_User_Mentions",
        public: true,
        values: ["Same_Style_For_Mentions", "Different_Style_For_User_Mentions"]
      },
      { id: "UI_Allow_room_names_with_special_chars", type: "boolean", value: false, public: true },
      { id: "UI_Show_top_navbar_embedded_layout", type: "boolean", value: false, public: true },
      { id: "theme-custom-css", type: "code", value: "", public: true }
    ]
  }
];

// server/src/admin/settings/login-services.ts
var loginServiceSettings = [
  {
    group: "OAuth",
    settings: [
      { id: "Accounts_OAuth_Facebook", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Facebook_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Facebook_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Facebook_callback_url", type: "relativeUrl", value: "_oauth/facebook" },
      { id: "Accounts_OAuth_Github", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Github_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Github_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Github_callback_url", type: "relativeUrl", value: "_oauth/github" },
      { id: "Accounts_OAuth_GitHub_Enterprise", type: "boolean", value: false, public: true },
      { id: "API_GitHub_Enterprise_URL", type: "string", value: "", public: true },
      { id: "Accounts_OAuth_GitHub_Enterprise_id", type: "string", value: "" },
      { id: "Accounts_OAuth_GitHub_Enterprise_secret", type: "string", value: "", secret: true },
      {
        id: "Accounts_OAuth_GitHub_Enterprise_callback_url",
        type: "relativeUrl",
        value: "_oauth/github_enterprise"
      },
      { id: "Accounts_OAuth_Gitlab", type: "boolean", value: false, public: true },
      { id: "API_Gitlab_URL", type: "string", value: "https://gitlab.com", public: true },
      { id: "Accounts_OAuth_Gitlab_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Gitlab_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Gitlab_callback_url", type: "relativeUrl", value: "_oauth/gitlab" },
      { id: "Accounts_OAuth_Google", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Google_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Google_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Google_callback_url", type: "relativeUrl", value: "_oauth/google" },
      { id: "Accounts_OAuth_Linkedin", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Linkedin_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Linkedin_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Linkedin_callback_url", type: "relativeUrl", value: "_oauth/linkedin" },
      { id: "Accounts_OAuth_Meteor", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Meteor_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Meteor_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Meteor_callback_url", type: "relativeUrl", value: "_oauth/meteor-developer" },
      { id: "Accounts_OAuth_Twitter", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Twitter_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Twitter_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Twitter_callback_url", type: "relativeUrl", value: "_oauth/twitter" },
      { id: "Accounts_OAuth_Apple", type: "boolean", value: false, public: true },
      { id: "Accounts_OAuth_Apple_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Apple_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Apple_callback_url", type: "relativeUrl", value: "_oauth/apple" },
      { id: "Accounts_OAuth_Wordpress", type: "boolean", value: false, public: true },
      { id: "API_Wordpress_URL", type: "string", value: "", public: true },
      { id: "Accounts_OAuth_Wordpress_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Wordpress_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Wordpress_callback_url", type: "relativeUrl", value: "_oauth/wordpress" },
      { id: "Accounts_OAuth_Drupal", type: "boolean", value: false, public: true },
      { id: "API_Drupal_URL", type: "string", value: "", public: true },
      { id: "Accounts_OAuth_Drupal_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Drupal_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Drupal_callback_url", type: "relativeUrl", value: "_oauth/drupal" },
      { id: "Accounts_OAuth_Nextcloud", type: "boolean", value: false, public: true },
      { id: "API_Nextcloud_URL", type: "string", value: "", public: true },
      { id: "Accounts_OAuth_Nextcloud_id", type: "string", value: "" },
      { id: "Accounts_OAuth_Nextcloud_secret", type: "string", value: "", secret: true },
      { id: "Accounts_OAuth_Nextcloud_callback_url", type: "relativeUrl", value: "_oauth/nextcloud" }
    ]
  },
  {
    group: "CAS",
    settings: [
      { id: "CAS_enabled", type: "boolean", value: false, public: true },
      { id: "CAS_base_url", type: "string", value: "", public: true },
      { id: "CAS_login_url", type: "string", value: "", public: true },
      { id: "CAS_version", type: "select", value: "1.0", values: ["1.0", "2.0"] },
      { id: "CAS_trust_username", type: "boolean", value: false, public: true },
      { id: "CAS_popup_width", type: "int", value: 810, public: true },
      { id: "CAS_popup_height", type: "int", value: 610, public: true }
    ]
  },
  {
    group: "LDAP",
    settings: [
      { id: "LDAP_Enable", type: "boolean", value: false, public: true },
      { id: "LDAP_Login_Fallback", type: "boolean", value: false }
    ]
  },
  {
    group: "AtlassianCrowd",
    settings: [{ id: "CROWD_Enable", type: "boolean", value: false, public: true }]
  },
  { group: "SAML", settings: [{ id: "SAML_Custom_Default", type: "boolean", value: false }] }
];

// server/src/admin/settings/mail.ts
var mailSettings = [
  {
    group: "Email",
    settings: [
      { id: "SMTP_Protocol", type: "select", value: "smtp", values: ["smtp", "smtps"] },
      { id: "SMTP_Host", type: "string", value: "" },
      { id: "SMTP_Port", type: "string", value: "" },
      { id: "SMTP_IgnoreTLS", type: "boolean", value: true },
      { id: "SMTP_Pool", type: "boolean", value: true },
      { id: "SMTP_Username", type: "string", value: "", secret: true },
      { id: "SMTP_Password", type: "password", value: "", secret: true },
      { id: "From_Email", type: "string", value: "" },
      { id: "Accounts_Enrollment_Email_Subject", type: "string", value: "Welcome to [Site_Name]" },
      {
        id: "Accounts_Enrollment_Email",
        type: "code",
        value: '<h2>Welcome to [Site_Name], [name]</h2><p>Your account is ready: <a href="[Site_Url]">[Site_Url]</a></p>'
      },
      { id: "Accounts_UserAddedEmail_Subject", type: "string", value: "You have been added to [Site_Name]" },
      {
        id: "Accounts_UserAddedEmail_Email",
        type: "code",
        value: '<h2>Welcome to [Site_Name], [name]</h2><p>Go to <a href="[Site_Url]">[Site_Url]</a> and log in with the address [email] and the password [password]. You may be asked to choose a new one.</p>'
      },
      { id: "Verification_Email_Subject", type: "string", value: "[Site_Name] - Verify your account" },
      {
        id: "Verification_Email",
        type: "code",
        value: '<p>Please confirm that this is your e-mail address: <a href="[Verification_Url]">[Verification_Url]</a></p>'
      },
      { id: "Forgot_Password_Email_Subject", type: "string", value: "[Site_Name] - Password recovery" },
      {
        id: "Forgot_Password_Email",
        type: "code",
        value: '<p>To choose a new password, open <a href="[Forgot_Password_Url]">[Forgot_Password_Url]</a>. If you did not ask for this, ignore this mail.</p>'
      },
      { id: "Invitation_Subject", type: "string", value: "You have been invited to [Site_Name]" },
      {
        id: "Invitation_Email",
        type: "code",
        value: '<h2>You have been invited to [Site_Name]</h2><p>Go to <a href="[Site_Url]">[Site_Url]</a> and try it.</p>'
      },
      { id: "Invitation_Email_Count", type: "int", value: 0, hidden: true },
      { id: "Password_Changed_Email_Subject", type: "string", value: "[Site_Name] - Password changed" },
      {
        id: "Password_Changed_Email",
        type: "code",
        value: "<p>Your password was changed. If this was not you, tell an administrator at once.</p>"
      },
      { id: "Email_Changed_Email_Subject", type: "string", value: "[Site_Name] - Email address changed" },
      {
        id: "Email_Changed_Email",
        type: "code",
        value: "<p>The e-mail address of your account was changed to [email].</p>"
      },
      {
        id: "Offline_DM_Email",
        type: "string",
        value: "[[Site_Name]] You have been direct messaged by [User]"
      },
      {
        id: "Offline_Mention_Email",
        type: "string",
        value: "[[Site_Name]] You have been mentioned by [User] in #[Room]"
      },
      { id: "Offline_Mention_All_Email", type: "string", value: "[User] has posted a message in #[Room]" }
    ]
  }
];

// server/src/admin/settings/message.ts
var messageSettings = [
  {
    group: "Message",
    settings: [
      { id: "Message_Attachments_Thumbnails_Enabled", type: "boolean", value: true, public: true },
      { id: "Message_Attachments_Thumbnails_Width", type: "int", value: 480, public: true },
      { id: "Message_Attachments_Thumbnails_Height", type: "int", value: 360, public: true },
      { id: "Message_Attachments_Strip_Exif", type: "boolean", value: true, public: true },
      { id: "Message_AudioRecorderEnabled", type: "boolean", value: true, public: true },
      { id: "Message_Audio_bitRate", type: "int", value: 32, public: true },
      { id: "Message_Read_Receipt_Enabled", type: "boolean", value: false, public: true },
      { id: "Message_Read_Receipt_Store_Users", type: "boolean", value: false, public: true },
      { id: "Message_CustomDomain_AutoLink", type: "string", value: "", public: true },
      { id: "Message_AllowEditing", type: "boolean", value: true, public: true },
      { id: "Message_AllowEditing_BlockEditInMinutes", type: "int", value: 0, public: true },
      { id: "Message_AllowDeleting", type: "boolean", value: true, public: true },
      { id: "Message_AllowDeleting_BlockDeleteInMinutes", type: "int", value: 0, public: true },
      { id: "Message_AllowUnrecognizedSlashCommand", type: "boolean", value: false, public: true },
      { id: "Message_AllowDirectMessagesToYourself", type: "boolean", value: true, public: true },
      { id: "Message_AlwaysSearchRegExp", type: "boolean", value: false },
      { id: "Message_ShowDeletedStatus", type: "boolean", value: false, public: true },
      { id: "Message_AllowBadWordsFilter", type: "boolean", value: false, public: true },
      { id: "Message_BadWordsFilterList", type: "string", value: "", public: true },
      { id: "Message_BadWordsWhitelist", type: "string", value: "", public: true },
      { id: "Message_KeepHistory", type: "boolean", value: false, public: true },
      { id: "Message_MaxAll", type: "int", value: 0, public: true },
      { id: "Message_MaxAllowedSize", type: "int", value: 5e3, public: true },
      { id: "Message_AllowConvertLongMessagesToAttachment", type: "boolean", value: true, public: true },
      { id: "Message_GroupingPeriod", type: "int", value: 300, public: true },
      { id: "API_Embed", type: "boolean", value: true, public: true },
      {
        id: "API_Embed_UserAgent",
        type: "string",
        value: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/132.0.0.0 Safari/537.36",
        public: true
      },
      { id: "API_EmbedCacheExpirationDays", type: "int", value: 30 },
      { id: "API_Embed_clear_cache_now", type: "action", value: "OEmbedCacheCleanup" },
      {
        id: "API_EmbedIgnoredHosts",
        type: "string",
        value: "localhost, 127.0.0.1, 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16"
      },
      { id: "API_EmbedSafePorts", type: "string", value: "80, 443" },
      { id: "Message_TimeFormat", type: "string", value: "LT", public: true },
      { id: "Message_DateFormat", type: "string", value: "LL", public: true },
      { id: "Message_TimeAndDateFormat", type: "string", value: "LLL", public: true },
      { id: "Message_QuoteChainLimit", type: "int", value: 2, public: true },
      { id: "Hide_System_Messages", type: "multiSelect", value: [], public: true },
      { id: "DirectMesssage_maxUsers", type: "int", value: 8, public: true },
      {
        id: "Message_ErasureType",
        type: "select",
        value: "Delete",
        public: true,
        values: ["Keep", "Delete", "Unlink"]
      },
      {
        id: "Message_Code_highlight",
        type: "string",
        value: "javascript,css,markdown,dockerfile,json,go,rust,clean,bash,plaintext,powershell,scss,shell,yaml,vim",
        public: true
      },
      { id: "Message_Auditing_Panel_Load_Count", type: "int", value: 0 },
      { id: "Message_Auditing_Apply_Count", type: "int", value: 0 },
      { id: "Message_VideoRecorderEnabled", type: "boolean", value: true, public: true },
      { id: "AutoTranslate_Enabled", type: "boolean", value: false, public: true },
      { id: "AutoTranslate_AutoEnableOnJoinRoom", type: "boolean", value: false, public: true },
      {
        id: "AutoTranslate_ServiceProvider",
        type: "select",
        value: "google-translate",
        public: true,
        values: ["google-translate", "deepl-translate", "microsoft-translate"]
      },
      { id: "AutoTranslate_GoogleAPIKey", type: "string", value: "", secret: true },
      { id: "AutoTranslate_DeepLAPIKey", type: "string", value: "", secret: true },
      { id: "AutoTranslate_MicrosoftAPIKey", type: "string", value: "", secret: true },
      { id: "HexColorPreview_Enabled", type: "boolean", value: true, public: true },
      { id: "Katex_Enabled", type: "boolean", value: true, public: true },
      { id: "Katex_Parenthesis_Syntax", type: "boolean", value: true, public: true },
      { id: "Katex_Dollar_Syntax", type: "boolean", value: false, public: true },
      { id: "MapView_Enabled", type: "boolean", value: false, public: true },
      { id: "MapView_GMapsAPIKey", type: "string", value: "", public: true },
      { id: "Message_AllowPinning", type: "boolean", value: true, public: true },
      { id: "Message_AllowStarring", type: "boolean", value: true, public: true },
      { id: "Message_CustomFields_Enabled", type: "boolean", value: false },
      {
        id: "Message_CustomFields",
        type: "code",
        value: '{\n  "properties": {\n    "priority": {\n      "type": "string",\n      "nullable": false,\n      "enum": ["low", "medium", "high"]\n    }\n  },\n  "required": ["priority"]\n}',
        json: true
      },
      { id: "API_EmbedTimeout", type: "int", value: 10 }
    ]
  }
];

// server/src/admin/settings/operation.ts
var operationSettings = [
  {
    group: "Rate Limiter",
    settings: [
      { id: "DDP_Rate_Limit_IP_Enabled", type: "boolean", value: true },
      { id: "DDP_Rate_Limit_IP_Requests_Allowed", type: "int", value: 12e4 },
      { id: "DDP_Rate_Limit_IP_Interval_Time", type: "int", value: 6e4 },
      { id: "DDP_Rate_Limit_User_Enabled", type: "boolean", value: true },
      { id: "DDP_Rate_Limit_User_Requests_Allowed", type: "int", value: 1200 },
      { id: "DDP_Rate_Limit_User_Interval_Time", type: "int", value: 6e4 },
      { id: "DDP_Rate_Limit_Connection_Enabled", type: "boolean", value: true },
      { id: "DDP_Rate_Limit_Connection_Requests_Allowed", type: "int", value: 600 },
      { id: "DDP_Rate_Limit_Connection_Interval_Time", type: "int", value: 6e4 },
      { id: "DDP_Rate_Limit_User_By_Method_Enabled", type: "boolean", value: true },
      { id: "DDP_Rate_Limit_User_By_Method_Requests_Allowed", type: "int", value: 20 },
      { id: "DDP_Rate_Limit_User_By_Method_Interval_Time", type: "int", value: 1e4 },
      { id: "DDP_Rate_Limit_Connection_By_Method_Enabled", type: "boolean", value: true },
      { id: "DDP_Rate_Limit_Connection_By_Method_Requests_Allowed", type: "int", value: 10 },
      { id: "DDP_Rate_Limit_Connection_By_Method_Interval_Time", type: "int", value: 1e4 },
      { id: "API_Enable_Rate_Limiter", type: "boolean", value: true },
      { id: "API_Enable_Rate_Limiter_Dev", type: "boolean", value: true },
      { id: "API_Enable_Rate_Limiter_Limit_Calls_Default", type: "int", value: 10 },
      { id: "API_Enable_Rate_Limiter_Limit_Time_Default", type: "int", value: 6e4 },
      { id: "Rate_Limiter_Limit_RegisterUser", type: "int", value: 1 }
    ]
  },
  {
    group: "Logs",
    settings: [
      { id: "Log_Level", type: "select", value: "0", public: true, values: ["0", "1", "2"] },
      { id: "Log_View_Limit", type: "int", value: 1e3 },
      { id: "Log_Trace_Methods", type: "boolean", value: false },
      { id: "Log_Trace_Methods_Filter", type: "string", value: "" },
      { id: "Log_Trace_Subscriptions", type: "boolean", value: false },
      { id: "Log_Trace_Subscriptions_Filter", type: "string", value: "" },
      { id: "Uncaught_Exceptions_Count", type: "int", value: 0 },
      { id: "Prometheus_Enabled", type: "boolean", value: false },
      { id: "Prometheus_Port", type: "int", value: 9458 },
      { id: "Prometheus_Reset_Interval", type: "int", value: 0 },
      { id: "Prometheus_Garbage_Collector", type: "boolean", value: false },
      { id: "Prometheus_API_User_Agent", type: "boolean", value: false },
      { id: "Log_Exceptions_to_Channel", type: "string", value: "" }
    ]
  },
  {
    group: "Troubleshoot",
    settings: [
      { id: "Troubleshoot_Disable_Notifications", type: "boolean", value: false },
      { id: "Presence_broadcast_disabled", type: "boolean", value: false, public: true },
      { id: "Troubleshoot_Disable_Presence_Broadcast", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Instance_Broadcast", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Sessions_Monitor", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Livechat_Activity_Monitor", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Data_Exporter_Processor", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Teams_Mention", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Statistics_Generator", type: "boolean", value: false },
      { id: "Troubleshoot_Disable_Workspace_Sync", type: "boolean", value: false },
      { id: "Troubleshoot_Force_Caching_Version", type: "string", value: "" }
    ]
  },
  {
    group: "Meta",
    settings: [
      { id: "Meta_language", type: "string", value: "" },
      { id: "Meta_fb_app_id", type: "string", value: "" },
      { id: "Meta_robots", type: "string", value: "INDEX,FOLLOW" },
      { id: "Meta_google-site-verification", type: "string", value: "" },
      { id: "Meta_msvalidate01", type: "string", value: "" },
      { id: "Meta_custom", type: "code", value: "" }
    ]
  },
  {
    group: "Bots",
    settings: [
      {
        id: "BotHelpers_userFields",
        type: "string",
        value: "_id, name, username, emails, language, utcOffset"
      }
    ]
  },
  {
    group: "Cloud",
    settings: [
      { id: "Cloud_Workspace_Id", type: "string", value: "" },
      { id: "Cloud_Workspace_AirGapped_Restrictions_Remaining_Days", type: "int", value: -1, public: true }
    ]
  }
];

// server/src/admin/settings/rooms.ts
var roomSettings = [
  {
    group: "Discussion",
    settings: [{ id: "Discussion_enabled", type: "boolean", value: true, public: true }]
  },
  { group: "Threads", settings: [{ id: "Threads_enabled", type: "boolean", value: true, public: true }] },
  {
    group: "E2E Encryption",
    settings: [
      { id: "E2E_Enable", type: "boolean", value: false, public: true },
      { id: "E2E_Allow_Unencrypted_Messages", type: "boolean", value: true, public: true },
      { id: "E2E_Enable_Encrypt_Files", type: "boolean", value: true, public: true },
      { id: "E2E_Enabled_Default_DirectRooms", type: "boolean", value: false, public: true },
      { id: "E2E_Enabled_Default_PrivateRooms", type: "boolean", value: false, public: true },
      { id: "E2E_Enabled_Mentions", type: "boolean", value: false, public: true }
    ]
  },
  {
    group: "RetentionPolicy",
    settings: [
      { id: "RetentionPolicy_Enabled", type: "boolean", value: false, public: true },
      {
        id: "RetentionPolicy_Precision",
        type: "select",
        value: "0",
        public: true,
        values: ["0", "1", "2", "3"]
      },
      { id: "RetentionPolicy_Advanced_Precision", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_Advanced_Precision_Cron", type: "string", value: "*/30 * * * *", public: true },
      { id: "RetentionPolicy_AppliesToChannels", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_MaxAge_Channels", type: "int", value: 30, public: true },
      { id: "RetentionPolicy_TTL_Channels", type: "timespan", value: 2592e6, public: true },
      { id: "RetentionPolicy_AppliesToGroups", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_MaxAge_Groups", type: "int", value: 30, public: true },
      { id: "RetentionPolicy_TTL_Groups", type: "timespan", value: 2592e6, public: true },
      { id: "RetentionPolicy_AppliesToDMs", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_MaxAge_DMs", type: "int", value: 30, public: true },
      { id: "RetentionPolicy_TTL_DMs", type: "timespan", value: 2592e6, public: true },
      { id: "RetentionPolicy_DoNotPrunePinned", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_FilesOnly", type: "boolean", value: false, public: true },
      { id: "RetentionPolicy_DoNotPruneDiscussion", type: "boolean", value: true, public: true },
      { id: "RetentionPolicy_DoNotPruneThreads", type: "boolean", value: true, public: true }
    ]
  }
];

// server/src/admin/setting-table.ts
var SETTING_GROUPS = [
  ...accountsSettings,
  ...generalSettings,
  ...layoutSettings,
  ...messageSettings,
  ...roomSettings,
  ...fileSettings,
  ...callSettings,
  ...loginServiceSettings,
  ...mailSettings,
  ...clientSettings,
  ...operationSettings,
  ...integrationSettings
];
var CREATED_AT = "Gantry_Workspace_Created_At";
var KNOWN_OVERRIDES = "Gantry_Setting_Overrides";
var serverSettings = [
  { id: "Initial_Channel_Created", type: "boolean", value: false, hidden: true },
  { id: CREATED_AT, type: "int", value: 0, hidden: true },
  { id: KNOWN_OVERRIDES, type: "string", value: "", hidden: true }
];
var SETTINGS = new Map(
  [...SETTING_GROUPS, { group: void 0, settings: serverSettings }].flatMap(
    ({ group, settings }) => settings.map((setting, sorter) => [setting.id, { ...setting, group, sorter }])
  )
);

// server/src/admin/setting-value.ts
var MAX_TEXT = 1e6;
var MAX_LIST2 = 1e3;
function checkSettingValue(setting, value) {
  const checked = readValue(setting, value);
  if ("problem" in checked)
    fail("error-invalid-setting-value", `Value for setting ${setting.id} ${checked.problem}`);
  return checked.value;
}
function parseSettingText(setting, text5) {
  const checked = readValue(setting, setting.type === "multiSelect" ? parseJson(text5) : text5);
  return "problem" in checked ? void 0 : checked.value;
}
function readValue(setting, value) {
  switch (setting.type) {
    case "boolean":
      return readBoolean(value);
    case "int":
    case "range":
    case "timespan":
      return readNumber(setting, value);
    case "multiSelect":
      return readList(setting, value);
    case "asset":
      return isAsset(value) ? { value } : { problem: "must be an asset" };
    case "action":
      return { problem: "cannot be changed" };
    default:
      return readText(setting, setting.type, value);
  }
}
function readBoolean(value) {
  if (typeof value === "boolean") return { value };
  const word = typeof value === "string" ? value.trim().toLowerCase() : "";
  return word === "true" || word === "false" ? { value: word === "true" } : { problem: "must be boolean" };
}
function readNumber({ min, max }, value) {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) return { problem: "must be a number" };
  if (min !== void 0 && number < min) return { problem: `must be greater than or equal to ${min}` };
  if (max !== void 0 && number > max) return { problem: `must be less than or equal to ${max}` };
  return { value: number };
}
function readList({ values, openValues }, value) {
  if (!Array.isArray(value) || value.length > MAX_LIST2) return { problem: "must be a list" };
  const known2 = values && !openValues ? new Set(values) : void 0;
  const suits = (member3) => typeof member3 === "string" && member3.length <= 1e3 && (known2?.has(member3) ?? true);
  return value.every(suits) ? { value } : { problem: "must be a list of the allowed values" };
}
function readText(setting, type, value) {
  const text5 = typeof value === "number" || value === null ? String(value ?? "") : value;
  if (typeof text5 !== "string") return { problem: "must be a string" };
  if (text5.length > MAX_TEXT) return { problem: "is too long" };
  if (setting.json && text5.trim() !== "" && parseJson(text5) === void 0)
    return { problem: "must be valid JSON" };
  if (type === "select" && setting.values && !setting.openValues && text5 !== setting.value) {
    if (!setting.values.includes(text5)) return { problem: "must be one of the allowed values" };
  }
  return { value: setting.id === "Site_Url" ? text5.replace(/\/+$/, "") : text5 };
}
function isAsset(value) {
  if (typeof value !== "object" || value === null) return false;
  const { url, defaultUrl } = value;
  return typeof defaultUrl === "string" && (url === void 0 || typeof url === "string");
}
function parseJson(text5) {
  try {
    return JSON.parse(text5);
  } catch {
    return void 0;
  }
}

// server/src/admin/settings.store.ts
async function storedSettings(db) {
  const rows = await db.selectFrom("settings").select(["id", "value", "updated_at"]).execute();
  return rows.map((row) => ({
    id: row.id,
    value: parseDoc(row.value),
    updatedAt: row.updated_at
  }));
}
async function saveSetting(tx, { id, value, updatedAt }) {
  const row = { value: stringify(value), updated_at: updatedAt };
  await tx.insertInto("settings").values({ id, ...row }).onConflict((conflict) => conflict.column("id").doUpdateSet(row)).execute();
}

// server/src/admin/admin-state.ts
async function loadAdminState(parts) {
  const warnings = [];
  const values = await loadSettings(parts, warnings);
  const permissions = await loadPermissions(parts.db);
  const overridden = new Set(Object.keys(parts.config.settingOverrides));
  parts.events.on("setting.changed", ({ id, value }) => {
    if (!overridden.has(id)) values.set(id, value);
  });
  parts.events.on("permission.changed", ({ id, roles }) => {
    permissions.set(id, new Set(roles));
  });
  return {
    settings: settingsOver((id) => values.get(id)),
    permissions: permissionsOver(permissions),
    warnings
  };
}
async function loadPermissions(db) {
  const table = new Map(
    Object.entries(DEFAULT_PERMISSIONS).map(([id, roles]) => [id, new Set(roles)])
  );
  for (const { id, roles } of await storedPermissions(db)) table.set(id, new Set(roles));
  return table;
}
async function loadSettings(parts, warnings) {
  const stored = new Map((await storedSettings(parts.db)).map((row) => [row.id, row]));
  const isNew = !stored.has(CREATED_AT);
  const overrides = suitableTexts(parts.config.settingOverrides, (problem) => warnings.push(problem));
  const rows = [];
  const add = (id, value) => rows.push({ id, value, updatedAt: parts.clock.stamp() });
  if (isNew) {
    add(CREATED_AT, parts.clock.now());
    for (const [id, value] of suitableTexts(parts.config.settingDefaults, () => {
    })) add(id, value);
  }
  for (const setting of SETTINGS.values()) {
    if (setting.random && !stored.has(setting.id) && !rows.some(({ id }) => id === setting.id))
      add(setting.id, newId());
  }
  const known2 = datedOverrides(parts, stored.get(KNOWN_OVERRIDES)?.value);
  if (known2) add(KNOWN_OVERRIDES, known2);
  if (rows.length > 0) {
    await parts.write(async (tx) => {
      for (const row of rows) await saveSetting(tx, row);
    });
  }
  const values = new Map(
    [...SETTINGS.values()].map((setting) => [setting.id, packageValue(setting, parts.config)])
  );
  for (const { id, value } of [...stored.values(), ...rows]) if (SETTINGS.has(id)) values.set(id, value);
  for (const [id, value] of overrides) values.set(id, value);
  return values;
}
function packageValue(setting, config2) {
  return setting.id === "Site_Url" ? config2.rootUrl : setting.value;
}
function suitableTexts(texts4, report) {
  const values = /* @__PURE__ */ new Map();
  for (const [id, text5] of Object.entries(texts4)) {
    const setting = SETTINGS.get(id);
    const value = setting && parseSettingText(setting, text5);
    if (!setting) report(`there is no setting ${id} to override`);
    else if (value === void 0)
      report(`the override of setting ${id} does not suit its type ${setting.type}`);
    else values.set(id, value);
  }
  return values;
}
function datedOverrides(parts, stored) {
  const known2 = readKnownOverrides(stored);
  let changed = false;
  for (const id of SETTINGS.keys()) {
    const text5 = parts.config.settingOverrides[id];
    const hash3 = text5 === void 0 ? void 0 : sha256hex(text5);
    if (known2[id]?.hash === hash3) continue;
    known2[id] = { ...hash3 === void 0 ? {} : { hash: hash3 }, at: parts.clock.stamp() };
    changed = true;
  }
  return changed ? JSON.stringify(known2) : void 0;
}
function readKnownOverrides(stored) {
  return typeof stored === "string" && stored !== "" ? JSON.parse(stored) : {};
}

// server/src/admin/permission-catalogue.ts
var settingPermission = (settingOrGroupId) => `change-setting-${settingOrGroupId}`;
var PERMISSIONS = new Map(
  [...generalPermissions(), ...groupPermissions(), ...settingPermissions()].map((entry) => [entry.id, entry])
);
function generalPermissions() {
  return Object.entries(DEFAULT_PERMISSIONS).map(([id, defaultRoles2]) => ({ id, defaultRoles: defaultRoles2 }));
}
function groupPermissions() {
  return SETTING_GROUPS.map(({ group }, sorter) => ({
    id: settingPermission(group),
    defaultRoles: [],
    setting: { settingId: group, sorter }
  }));
}
function settingPermissions() {
  return [...SETTINGS.values()].flatMap(({ id, group, sorter, hidden }) => {
    if (hidden || group === void 0) return [];
    const setting = { settingId: id, group, groupPermissionId: settingPermission(group), sorter };
    return [{ id: settingPermission(id), defaultRoles: [], setting }];
  });
}

// server/src/admin/live-settings.ts
var isPublic = (setting) => setting.public === true && !setting.hidden;
var isShown = (setting) => !setting.hidden;
function publicSettings(ctx, since) {
  return liveSettings(ctx, isPublic, since);
}
function settingsFor(ctx, caller2) {
  const all = ctx.permissions.has(caller2, "view-privileged-setting");
  return liveSettings(ctx, all ? isShown : isPublic);
}
async function settingsToAdminister(ctx, caller2, since) {
  if (!caller2) return [];
  return liveSettings(ctx, (setting) => isShown(setting) && maySeePrivate(ctx, caller2, setting.id), since);
}
function maySeePrivate(ctx, caller2, id) {
  return ctx.permissions.has(caller2, "view-privileged-setting") || mayChange(ctx, caller2, id);
}
function mayChange(ctx, caller2, id) {
  if (ctx.permissions.has(caller2, "edit-privileged-setting")) return true;
  return ctx.permissions.has(caller2, "manage-selected-settings") && ctx.permissions.has(caller2, settingPermission(id));
}
function privateSetting(ctx, caller2, id) {
  if (!ctx.permissions.has(caller2, "view-privileged-setting")) forbid();
  const setting = SETTINGS.get(id);
  if (!setting || setting.hidden) refuse();
  return { id, value: ctx.settings.value(id) };
}
function wizardSettings(ctx) {
  const open5 = ctx.settings.text("Show_Setup_Wizard") !== "completed";
  return liveSettings(ctx, (setting) => open5 && setting.wizard !== void 0);
}
async function liveSettings(ctx, visible2, since) {
  const createdAt = ctx.settings.int(CREATED_AT);
  const stamps = new Map((await storedSettings(ctx.db)).map(({ id, updatedAt }) => [id, updatedAt]));
  const overrides = readKnownOverrides(ctx.settings.value(KNOWN_OVERRIDES));
  return [...SETTINGS.values()].filter(visible2).map((setting) => {
    const { id } = setting;
    const builtIn = packageValue(setting, ctx.config);
    return {
      setting,
      // The state has a value of the setting's type for every id of the table.
      value: ctx.settings.value(id) ?? builtIn,
      packageValue: builtIn,
      overridden: isOverridden(ctx, id),
      createdAt,
      updatedAt: Math.max(createdAt, stamps.get(id) ?? 0, overrides[id]?.at ?? 0)
    };
  }).filter(({ updatedAt }) => since === void 0 || updatedAt > since);
}
function isOverridden(ctx, id) {
  return Object.hasOwn(ctx.config.settingOverrides, id);
}

// server/src/admin/change-settings.ts
async function changeSettings(ctx, caller2, changes2) {
  const refused = changes2.map(({ id }) => id).filter((id) => !mayChange(ctx, caller2, id) || !changeable(ctx, id));
  if (refused.length > 0) {
    const details = { method: "saveSettings", settingIds: refused };
    fail("error-action-not-allowed", "Editing settings is not allowed", details);
  }
  const checked = changes2.map(({ id, value }) => ({ id, value: checkedValue(changeable(ctx, id), value) }));
  await ctx.write(async (tx, emit) => {
    for (const { id, value } of checked) await storeChecked(ctx, tx, emit, id, value);
  });
}
async function changeSetting(ctx, caller2, { id, value }) {
  if (!ctx.permissions.has(caller2, "edit-privileged-setting")) forbid();
  const setting = changeable(ctx, id) ?? refuse();
  const checked = checkedValue(setting, value);
  await ctx.write((tx, emit) => storeChecked(ctx, tx, emit, id, checked));
}
function runSettingAction(ctx, caller2, id) {
  if (!ctx.permissions.has(caller2, "edit-privileged-setting")) forbid();
  if (changeable(ctx, id)?.type !== "action") refuse();
  return fail("error-action-not-available", `The action ${id} is not available on this server`);
}
async function storeSetting(ctx, tx, emit, id, value) {
  const setting = SETTINGS.get(id);
  if (!setting) throw new Error(`there is no setting ${id}`);
  await storeChecked(ctx, tx, emit, id, checkSettingValue(setting, value));
}
function changeable(ctx, id) {
  const setting = SETTINGS.get(id);
  return setting && !setting.hidden && !isOverridden(ctx, id) ? setting : void 0;
}
function checkedValue(setting, value) {
  if (!setting) refuse();
  return checkSettingValue(setting, value);
}
async function storeChecked(ctx, tx, emit, id, value) {
  const updatedAt = ctx.clock.stamp();
  await saveSetting(tx, { id, value, updatedAt });
  emit("setting.changed", { id, value, updatedAt });
}

// server/src/accounts/new-user.ts
function newUser(ctx, given2) {
  const now = ctx.clock.stamp();
  return {
    _id: newId(),
    type: "user",
    active: true,
    roles: [],
    emails: [],
    hasPassword: false,
    status: "offline",
    statusConnection: "offline",
    statusDefault: "online",
    createdAt: now,
    updatedAt: now,
    ...given2
  };
}
var defaultRoles = (ctx) => commaList(ctx.settings.text("Accounts_Registration_Users_Default_Roles") || "user");
var hasAdmin = async (db) => await countUsersWithRole(db, "admin", { type: "user" }) > 0;
async function startSetupWizard(ctx, tx, emit) {
  if (ctx.settings.text("Show_Setup_Wizard") !== "pending") return;
  await storeSetting(ctx, tx, emit, "Show_Setup_Wizard", "in_progress");
}
async function refuseTaken(ctx, db, rooms2, wanted) {
  const { username, email, exceptUid } = wanted;
  if (username !== void 0 && await isUsernameTaken(ctx, db, rooms2, username, exceptUid))
    refuseField(username);
  if (email !== void 0 && await isEmailKeyTaken(db, emailKey(email), exceptUid)) refuseField(email);
}
function mainEmail(address, verified) {
  if (!isEmailShaped(address.trim())) fail("error-invalid-email", "Invalid email");
  return { address: emailKey(address), verified };
}
var refuseField = (value) => fail("error-field-unavailable", `${value} is already in use :(`, {
  method: "insertOrUpdateUser",
  field: value
});

// server/src/admin/role-table.ts
var BUILT_IN_ROLES = [
  { id: "admin", scope: "Users", description: "Admin" },
  { id: "moderator", scope: "Subscriptions", description: "Moderator" },
  { id: "leader", scope: "Subscriptions", description: "Leader" },
  { id: "owner", scope: "Subscriptions", description: "Owner" },
  { id: "user", scope: "Users", description: "" },
  { id: "bot", scope: "Users", description: "" },
  { id: "app", scope: "Users", description: "" },
  { id: "guest", scope: "Users", description: "" },
  { id: "anonymous", scope: "Users", description: "" },
  { id: "livechat-agent", scope: "Users", description: "Livechat Agent" },
  { id: "livechat-manager", scope: "Users", description: "Livechat Manager" },
  { id: "livechat-monitor", scope: "Users", description: "" },
  { id: "auditor", scope: "Users", description: "" },
  { id: "auditor-log", scope: "Users", description: "" },
  { id: "federated-external", scope: "Users", description: "" }
];

// server/src/admin/roles.store.ts
async function allRoles(db) {
  const rows = await db.selectFrom("roles").select(["id", "name", "scope", "description", "protected", "mandatory2fa", "updated_at"]).orderBy("name").execute();
  const stored = new Map(
    rows.map((row) => [
      row.id,
      {
        _id: row.id,
        name: row.name,
        scope: row.scope === "Subscriptions" ? "Subscriptions" : "Users",
        description: row.description,
        protected: row.protected === 1,
        mandatory2fa: row.mandatory2fa === 1,
        updatedAt: row.updated_at
      }
    ])
  );
  const builtIn = BUILT_IN_ROLES.map(({ id, scope, description }) => {
    const changed = stored.get(id);
    stored.delete(id);
    return changed ?? { _id: id, name: id, scope, description, protected: true, mandatory2fa: false, updatedAt: 0 };
  });
  return [...builtIn, ...stored.values()];
}
async function saveRole(tx, role2) {
  const row = {
    name: role2.name,
    scope: role2.scope,
    description: role2.description,
    protected: role2.protected ? 1 : 0,
    mandatory2fa: role2.mandatory2fa ? 1 : 0,
    updated_at: role2.updatedAt
  };
  await tx.insertInto("roles").values({ id: role2._id, ...row }).onConflict((conflict) => conflict.column("id").doUpdateSet(row)).execute();
}
async function deleteRole(tx, { role: role2, deletedAt }) {
  await tx.deleteFrom("roles").where("id", "=", role2._id).execute();
  const tombstone = {
    kind: "role",
    id: role2._id,
    scope: "",
    deleted_at: deletedAt,
    doc: stringify(role2)
  };
  await tx.insertInto("tombstones").values(tombstone).execute();
}
async function rolesRemovedSince(db, since) {
  const rows = await db.selectFrom("tombstones").select(["doc", "deleted_at"]).where("kind", "=", "role").where("deleted_at", ">", since).orderBy("deleted_at").execute();
  return rows.map((row) => ({ role: parseDoc(row.doc), deletedAt: row.deleted_at }));
}
async function isRoleHeld(db, role2) {
  const global = await db.selectFrom("user_roles").select("uid").where("role", "=", role2).limit(1).executeTakeFirst();
  if (global) return true;
  const room2 = await db.selectFrom("room_roles").select("uid").where("role", "=", role2).limit(1).executeTakeFirst();
  return room2 !== void 0;
}
async function roomRoleHolders(db, role2, rid, page3) {
  let holders = db.selectFrom("room_roles").innerJoin("users", "users.id", "room_roles.uid").where("role", "=", role2);
  if (rid !== void 0) holders = holders.where("room_roles.rid", "=", rid);
  const rows = await holders.select(["users.id", "users.username_key"]).distinct().orderBy("users.username_key").limit(page3.count).offset(page3.offset).execute();
  const counted2 = await holders.select((select) => select.fn.count("users.id").distinct().as("total")).executeTakeFirstOrThrow();
  return { uids: rows.map((row) => row.id), total: Number(counted2.total) };
}
async function globalRoleHolders(db, roles, limit) {
  if (roles.length === 0) return [];
  const rows = await db.selectFrom("user_roles").innerJoin("users", "users.id", "user_roles.uid").select(["users.id", "users.username", "user_roles.role"]).where("user_roles.role", "in", roles).where("users.username", "is not", null).orderBy("users.username_key").limit(limit).execute();
  return rows.map((row) => ({ _id: row.id, username: row.username ?? "", role: row.role }));
}

// server/src/admin/roles.ts
var listRoles = (db) => allRoles(db);
async function findRole(db, idOrName) {
  const roles = await allRoles(db);
  return roles.find((role2) => role2._id === idOrName) ?? roles.find((role2) => role2.name === idOrName);
}
async function syncRoles(ctx, since) {
  const [roles, removed] = await Promise.all([allRoles(ctx.db), rolesRemovedSince(ctx.db, since)]);
  const createdAt = ctx.settings.int(CREATED_AT);
  return { changed: roles.filter((role2) => (role2.updatedAt || createdAt) > since), removed };
}

// server/src/accounts/user-edit-rules.ts
var METHOD = "insertOrUpdateUser";
var MAX_BIO = 260;
var MAX_NICKNAME = 120;
var MAX_NAME2 = 255;
var MAX_STATUS_TEXT = 120;
async function refuseForbiddenRoles(ctx, caller2, roles) {
  if (!await areRoles(ctx, roles)) {
    fail("error-action-not-allowed", "The field Roles consist invalid role id", {
      method: METHOD,
      action: "Assign_role"
    });
  }
  if (roles.includes("admin") && !ctx.permissions.has(caller2, "assign-admin-role")) {
    fail("error-action-not-allowed", "Assigning admin is not allowed", {
      method: METHOD,
      action: "Assign_admin"
    });
  }
}
async function areRoles(ctx, roles) {
  if (roles.length === 0) return true;
  const known2 = new Set((await listRoles(ctx.db)).map((role2) => role2._id));
  return roles.every((role2) => known2.has(role2));
}
function requireField(value, field) {
  if (value === void 0 || value.trim() === "") {
    fail("error-the-field-is-required", `The field ${field} is required`, { method: METHOD, field });
  }
}
function refuseInvalidUsername(ctx, username) {
  if (!isValidUsername(ctx.settings, username)) {
    const details = { method: METHOD, input: username, field: "Username" };
    fail("error-input-is-not-a-valid-field", `${username} is not a valid username`, details);
  }
}
function refuseLongTexts(texts4) {
  if ((texts4.bio?.length ?? 0) > MAX_BIO) {
    fail("error-bio-size-exceeded", `Bio size exceeds ${MAX_BIO} characters`, { method: "saveUserProfile" });
  }
  if ((texts4.nickname?.length ?? 0) > MAX_NICKNAME) {
    fail("error-nickname-size-exceeded", `Nickname size exceeds ${MAX_NICKNAME} characters`, {
      method: "saveUserProfile"
    });
  }
  if ((texts4.name?.length ?? 0) > MAX_NAME2) {
    fail("error-name-size-exceeded", `Name size exceeds ${MAX_NAME2} characters`, {
      method: "saveUserProfile"
    });
  }
}
function refuseForbiddenEdit(ctx, caller2, user2, edit) {
  const { settings, permissions } = ctx;
  const self = user2._id === caller2.uid;
  const editsOthers = permissions.has(caller2, "edit-other-user-info");
  const editsPasswords = permissions.has(caller2, "edit-other-user-password");
  const deny = (reason, action) => fail("error-action-not-allowed", reason, { method: METHOD, action });
  if (edit.roles && !sameSet(edit.roles, user2.roles) && !permissions.has(caller2, "assign-roles")) {
    deny("Assign roles is not allowed", "Assign_role");
  }
  if (!settings.bool("Accounts_AllowUserProfileChange") && !editsOthers && !editsPasswords) {
    deny("Edit user profile is not allowed", "Update_user");
  }
  const guarded = [
    [
      "username",
      "username",
      "Accounts_AllowUsernameChange",
      changes(user2.username, edit.username),
      editsOthers
    ],
    [
      "status",
      "user status",
      "Accounts_AllowUserStatusMessageChange",
      changes(user2.statusText, edit.statusText),
      editsOthers
    ],
    ["name", "user real name", "Accounts_AllowRealNameChange", changes(user2.name, edit.name), editsOthers],
    [
      "email",
      "user email",
      "Accounts_AllowEmailChange",
      changes(user2.emails[0]?.address, edit.email),
      editsOthers
    ],
    ["password", "user password", "Accounts_AllowPasswordChange", Boolean(edit.password), editsPasswords]
  ];
  for (const [, what, setting, isEdited, mayEditOthers] of guarded) {
    if (isEdited && !settings.bool(setting) && (self || !mayEditOthers))
      deny(`Edit ${what} is not allowed`, "Update_user");
  }
}
var changes = (old, wanted) => old !== void 0 && wanted !== void 0 && wanted !== old;
var sameSet = (a, b) => {
  const left = new Set(a);
  const right = new Set(b);
  return left.size === right.size && [...left].every((entry) => right.has(entry));
};

// server/src/accounts/create-user.ts
async function createUser(ctx, rooms2, caller2, input) {
  refuseUnsafeName(input.name);
  const customFields2 = input.customFields && checkCustomFields(ctx.settings, input.customFields);
  if (!ctx.permissions.has(caller2, "create-user")) {
    fail("error-action-not-allowed", "Adding user is not allowed", {
      method: "insertOrUpdateUser",
      action: "Adding_user"
    });
  }
  if (input.roles) await refuseForbiddenRoles(ctx, caller2, input.roles);
  if (ctx.settings.bool("Accounts_RequireNameForSignUp")) requireField(input.name, "Name");
  requireField(input.username, "Username");
  refuseInvalidUsername(ctx, input.username);
  if (!input.setRandomPassword) requireField(input.password, "Password");
  refuseBlockedUsername(ctx.settings, input.username);
  await refuseTaken(ctx, ctx.db, rooms2, input);
  await refuseUnwelcomeDomain(ctx, input.email.trim());
  refuseLongTexts(input);
  const active = input.active ?? true;
  if (!active && !ctx.permissions.has(caller2, "edit-other-user-active-status")) {
    fail("error-not-allowed", "Not allowed", { method: "setUserActiveStatus" });
  }
  const user2 = newUser(ctx, {
    username: input.username,
    name: input.name,
    emails: [mainEmail(input.email, input.verified ?? false)],
    active,
    inactiveReason: active ? void 0 : "deactivated",
    roles: input.roles && input.roles.length > 0 ? [...new Set(input.roles)] : defaultRoles(ctx),
    bio: input.bio || void 0,
    nickname: input.nickname || void 0,
    statusText: input.statusText?.trim().slice(0, MAX_STATUS_TEXT) || void 0,
    requirePasswordChange: input.setRandomPassword || input.requirePasswordChange || void 0,
    customFields: customFields2,
    freeSwitchExtension: input.freeSwitchExtension || void 0,
    hasPassword: true
  });
  const password = input.setRandomPassword ? randomPassword() : input.password;
  const hash3 = await hashDigest(ctx, digestOf(password));
  await ctx.write(async (tx, emit) => {
    await refuseTaken(ctx, tx, rooms2, input);
    await admitUser(ctx, rooms2, tx, emit, {
      user: user2,
      hash: hash3,
      joins: input.joinDefaultChannels ?? true,
      silent: false
    });
  });
  return user2;
}
async function admitUser(ctx, rooms2, tx, emit, { user: user2, hash: hash3, joins, silent }) {
  await storeNewUser(tx, emit, user2, hash3);
  if (joins && user2.username !== void 0) await rooms2.joinDefaultChannels(ctx, tx, emit, user2, { silent });
}

// server/src/accounts/password-policy.ts
var SETTING2 = "Accounts_Password_Policy_";
var SPECIAL_CHARACTER = /[^A-Za-z0-9 ]/;
function enforcePasswordPolicy(ctx, password) {
  const broken = password.trim() === "" ? [
    {
      error: "error-password-policy-not-met",
      message: "The password provided does not meet the server's password policy."
    }
  ] : activeRules(ctx.settings).filter((rule) => rule.isBroken(password)).map((rule) => ({
    error: `error-password-policy-not-met-${rule.violation}`,
    message: rule.message
  }));
  if (broken.length === 0) return;
  fail(
    "error-password-policy-not-met",
    "The password provided does not meet the server's password policy.",
    broken
  );
}
function describePasswordPolicy(settings) {
  return {
    enabled: settings.bool(`${SETTING2}Enabled`),
    policy: activeRules(settings).map(({ name, parameter }) => {
      const id = `get-password-policy-${name}`;
      return parameter ? [id, parameter] : [id];
    })
  };
}
function activeRules(settings) {
  if (!settings.bool(`${SETTING2}Enabled`)) return [];
  const rules = [];
  const minLength = settings.int(`${SETTING2}MinLength`);
  if (minLength >= 1) {
    rules.push({
      name: "minLength",
      parameter: { minLength },
      violation: "minLength",
      message: "The password does not meet the minimum length password policy.",
      isBroken: (password) => password.length < minLength
    });
  }
  const maxLength = settings.int(`${SETTING2}MaxLength`);
  if (maxLength >= 1) {
    rules.push({
      name: "maxLength",
      parameter: { maxLength },
      violation: "maxLength",
      message: "The password does not meet the maximum length password policy.",
      isBroken: (password) => password.length > maxLength
    });
  }
  if (settings.bool(`${SETTING2}ForbidRepeatingCharacters`)) {
    const most = settings.int(`${SETTING2}ForbidRepeatingCharactersCount`);
    const message = "The password contains repeating characters which is against the password policy.";
    const violation = "repeatingCharacters";
    rules.push({ name: "forbidRepeatingCharacters", violation, message, isBroken: () => false });
    rules.push({
      name: "forbidRepeatingCharactersCount",
      parameter: { forbidRepeatingCharactersCount: most },
      violation,
      message,
      isBroken: (password) => most >= 1 && longestRun(password) > most
    });
  }
  const kinds = [
    ["Lowercase", /[a-z]/, "at least one lowercase character"],
    ["Uppercase", /[A-Z]/, "at least one uppercase character"],
    ["Number", /[0-9]/, "at least one numerical character"],
    ["SpecialCharacter", SPECIAL_CHARACTER, "at least one special character"]
  ];
  for (const [kind, pattern, text5] of kinds) {
    if (!settings.bool(`${SETTING2}AtLeastOne${kind}`)) continue;
    rules.push({
      name: `mustContainAtLeastOne${kind}`,
      violation: `one${kind === "SpecialCharacter" ? "Special" : kind}`,
      message: `The password does not contain ${text5} which is against the password policy.`,
      isBroken: (password) => !pattern.test(password)
    });
  }
  return rules;
}
function longestRun(text5) {
  let longest = 0;
  let run2 = 0;
  let previous = "";
  for (const character of text5) {
    run2 = character === previous ? run2 + 1 : 1;
    previous = character;
    longest = Math.max(longest, run2);
  }
  return longest;
}

// server/src/accounts/registration.ts
var MAX_REASON = 2e3;
async function registerUser(ctx, rooms2, caller2, input) {
  const { settings } = ctx;
  if (caller2) refuse("Logged in users can not register again.");
  if (input.name !== void 0) refuseUnsafeName(input.name);
  if (input.username !== void 0) {
    if (!isValidUsername(settings, input.username)) refuse("The username provided is not valid");
    refuseBlockedUsername(settings, input.username);
    await refuseTakenUsername(ctx, ctx.db, rooms2, input.username);
  }
  const customFields2 = checkCustomFields(settings, input.customFields ?? {});
  refuseClosedRegistration(ctx, input.secret);
  enforcePasswordPolicy(ctx, input.password);
  await refuseUnwelcomeDomain(ctx, input.email.trim());
  await refuseTakenEmail(ctx.db, input.email);
  refuseLongTexts(input);
  const active = !settings.bool("Accounts_ManuallyApproveNewUsers");
  const hash3 = await hashDigest(ctx, digestOf(input.password));
  return ctx.write(async (tx, emit) => {
    if (input.username !== void 0) await refuseTakenUsername(ctx, tx, rooms2, input.username);
    await refuseTakenEmail(tx, input.email);
    const first = !await hasAdmin(tx);
    const roles = /* @__PURE__ */ new Set([...defaultRoles(ctx), ...first ? ["admin"] : []]);
    const user2 = newUser(ctx, {
      username: input.username,
      name: input.name || void 0,
      emails: [mainEmail(input.email, false)],
      roles: [...roles],
      // Nobody could approve the first admin.
      active: active || first,
      inactiveReason: active || first ? void 0 : "pending_approval",
      reason: active ? void 0 : input.reason?.slice(0, MAX_REASON),
      customFields: customFields2,
      hasPassword: true
    });
    await admitUser(ctx, rooms2, tx, emit, { user: user2, hash: hash3, joins: true, silent: false });
    if (first) await startSetupWizard(ctx, tx, emit);
    return user2;
  });
}
function refuseClosedRegistration(ctx, secret) {
  const form = ctx.settings.text("Accounts_RegistrationForm");
  if (form === "Disabled") fail("error-user-registration-disabled", "User registration is disabled");
  if (form !== "Secret URL") return;
  const expected = ctx.settings.text("Accounts_RegistrationForm_SecretURL");
  if (!secret || expected === "" || !secretsEqual(secret, expected)) {
    fail("error-user-registration-secret", "User registration is only allowed via Secret URL");
  }
}
async function refuseTakenUsername(ctx, db, rooms2, username) {
  if (await isUsernameTaken(ctx, db, rooms2, username)) refuse("Username is already in use");
}
async function refuseTakenEmail(db, email) {
  if (await isEmailKeyTaken(db, emailKey(email))) refuse("Email already exists. [403]");
}

// server/src/accounts/set-active-status.ts
async function setActiveStatus(ctx, rooms2, caller2, input) {
  if (!ctx.permissions.hasAny(caller2, ["edit-other-user-active-status", "manage-moderation-actions"]))
    forbid();
  return ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, input.uid);
    if (!user2) fail("error-invalid-user", "Invalid user", { method: "setUserActiveStatus" });
    return applyActiveStatus(ctx, rooms2, tx, emit, user2, input);
  });
}
async function applyActiveStatus(ctx, rooms2, tx, emit, user2, { active, confirmRelinquish }) {
  if (user2.active === active) return user2;
  if (active) {
    const set = { active, reason: void 0, inactiveReason: void 0 };
    const activated = await changeUser(ctx, tx, emit, { uid: user2._id, set });
    await rooms2.userActivated(ctx, tx, emit, activated);
    return activated;
  }
  await refuseLastActiveAdmin(tx, user2);
  await rooms2.relinquishRooms(ctx, tx, emit, user2._id, { confirmRelinquish });
  const deactivated = await changeUser(ctx, tx, emit, {
    uid: user2._id,
    set: { active, inactiveReason: "deactivated", status: "offline", statusConnection: "offline" }
  });
  await rooms2.userDeactivated(ctx, tx, emit, deactivated);
  emit("user.forceLogout", { uid: user2._id });
  await endAllSessions(tx, emit, user2._id, "deactivated");
  return deactivated;
}
async function refuseLastActiveAdmin(tx, user2) {
  if (!user2.roles.includes("admin")) return;
  if (await countUsersWithRole(tx, "admin", { active: true }) > 1) return;
  fail("error-action-not-allowed", "Leaving the app without an active admin is not allowed", {
    method: "removeUserFromRole",
    action: "Remove_last_admin"
  });
}

// server/src/accounts/set-status.ts
async function setStatus(ctx, caller2, input) {
  if (input.uid !== caller2.uid && !ctx.permissions.has(caller2, "edit-other-user-info")) forbid();
  await ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, input.uid);
    if (!user2) fail("error-invalid-user", "Invalid user", { method: "setUserStatus" });
    const set = statusChanges(ctx, user2, input.wish, { atOnce: input.atOnce });
    await changeUser(ctx, tx, emit, { uid: user2._id, set });
  });
}
async function setDefaultStatus(ctx, caller2, status) {
  return ctx.write(async (tx, emit) => {
    const user2 = await loadUser(tx, caller2.uid);
    if (!user2) return false;
    await changeUser(ctx, tx, emit, {
      uid: user2._id,
      set: statusChanges(ctx, user2, { status }, { atOnce: false })
    });
    return user2.statusDefault !== status;
  });
}
function statusChanges(ctx, user2, wish, { atOnce }) {
  if (wish.status === void 0 && wish.message === void 0) return {};
  const isGuarded = atOnce || wish.message !== void 0;
  if (isGuarded && !ctx.settings.bool("Accounts_AllowUserStatusMessageChange")) {
    fail("error-not-allowed", "Change status is not allowed", { method: "users.setStatus" });
  }
  const { expiresAt } = wish;
  if (expiresAt !== void 0 && !(expiresAt > ctx.clock.now())) {
    fail("error-invalid-date", "expiresAt must be a future date", { method: "users.setStatus" });
  }
  const statusDefault = wish.status === void 0 ? void 0 : checkedStatus(ctx, wish.status);
  const statusText = wish.message?.trim().slice(0, MAX_STATUS_TEXT);
  const previousStatus = user2.previousStatus ?? {
    statusDefault: user2.statusDefault,
    statusText: user2.statusText
  };
  return {
    ...statusText === void 0 ? {} : { statusText },
    ...statusDefault === void 0 ? {} : {
      statusDefault,
      status: atOnce ? statusDefault : effectiveStatus(user2.statusConnection, statusDefault)
    },
    statusSource: "manual",
    statusExpiresAt: expiresAt,
    previousStatus: expiresAt === void 0 ? void 0 : previousStatus
  };
}
function checkedStatus(ctx, text5) {
  const status = PRESENCE_STATUSES.find((known2) => known2 === text5);
  if (!status) {
    fail("error-invalid-status", "Valid status types include online, away, offline, and busy.", {
      method: "users.setStatus"
    });
  }
  if (status === "offline" && !ctx.settings.bool("Accounts_AllowInvisibleStatusOption")) {
    fail("error-status-not-allowed", "Invisible status is disabled", { method: "users.setStatus" });
  }
  return status;
}

// server/src/accounts/two-factor.ts
import { createHash as createHash2 } from "node:crypto";
var SETTING3 = "Accounts_TwoFactorAuthentication_";
async function checkSecondFactor(ctx, caller2, given2, mode) {
  const { settings, config: config2 } = ctx;
  if (config2.testMode && mode !== "required") return;
  if (!settings.bool(`${SETTING3}Enabled`)) return;
  if (caller2.bypassTwoFactor) return;
  if (mode !== "always" && await isRemembered(ctx, caller2)) return;
  if (mode !== "required" && !settings.bool(`${SETTING3}Enforce_Password_Fallback`)) return;
  const account2 = await findCredentials(ctx.db, { id: caller2.uid });
  if (!account2) fail("totp-user-not-found", "TOTP User not found");
  if (account2.password_hash === null) return;
  const details = { method: "password", codeGenerated: false, availableMethods: [] };
  if (!given2?.code) fail("totp-required", "TOTP Required", details);
  const digest = given2.code.toLowerCase();
  const right = isDigest(digest) && await isDigestRight(ctx, digest, account2.password_hash);
  if (!right) fail("totp-invalid", "TOTP Invalid", details);
  if (mode !== "always") await remember(ctx, caller2);
}
async function isRemembered(ctx, caller2) {
  const now = ctx.clock.now();
  const user2 = await loadUser(ctx.db, caller2.uid);
  if (user2 && now - user2.createdAt < rememberFor(ctx)) return true;
  if (caller2.tokenHash === void 0) return false;
  const token = await findToken(ctx.db, caller2.tokenHash);
  return (token?.two_factor_until ?? 0) > now && token?.two_factor_client === fingerprint(caller2);
}
async function remember(ctx, caller2) {
  const hash3 = caller2.tokenHash;
  const duration2 = rememberFor(ctx);
  if (hash3 === void 0 || duration2 <= 0) return;
  const until = ctx.clock.now() + duration2;
  await ctx.write((tx) => rememberSecondFactor(tx, hash3, until, fingerprint(caller2)));
}
var rememberFor = (ctx) => ctx.settings.int(`${SETTING3}RememberFor`) * 1e3;
var fingerprint = ({ userAgent, ip }) => createHash2("md5").update(JSON.stringify({ userAgent, clientAddress: ip })).digest("hex");
function secondFactorFromHeaders(headers) {
  const code = headers["x-2fa-code"];
  const method = headers["x-2fa-method"];
  return typeof code === "string" ? { code, method: typeof method === "string" ? method : "" } : void 0;
}

// server/src/accounts/update-own-profile.ts
var DETAILS = { method: "saveUserProfile" };
async function updateOwnProfile(ctx, rooms2, caller2, input) {
  const { profile } = input;
  const user2 = await findUserById(ctx, caller2.uid);
  if (!user2) fail("error-invalid-user", "Invalid user", DETAILS);
  if (!ctx.settings.bool("Accounts_AllowUserProfileChange"))
    fail("error-not-allowed", "Not allowed", DETAILS);
  const email = changedEmail(user2, profile);
  if (email !== void 0 || profile.newPassword) {
    const { currentPassword } = profile;
    const given2 = currentPassword ? { code: currentPassword, method: "password" } : input.secondFactor;
    await checkSecondFactor(ctx, caller2, given2, "required");
  }
  refuseForbiddenEdit(ctx, caller2, user2, { ...profile, email, password: profile.newPassword });
  if (profile.name !== void 0) refuseUnsafeName(profile.name);
  refuseLongTexts(profile);
  if (profile.username !== void 0) refuseUnusableUsername(ctx, user2, profile.username);
  if (email !== void 0) {
    await refuseTaken(ctx, ctx.db, rooms2, { email, exceptUid: user2._id });
    await refuseUnwelcomeDomain(ctx, email);
  }
  const customFields2 = input.customFields && checkCustomFields(ctx.settings, input.customFields);
  const status = { status: profile.statusType, message: profile.statusText };
  const set = {
    ...statusChanges(ctx, user2, status, { atOnce: false }),
    ...profile.bio === void 0 ? {} : { bio: profile.bio.trim() || void 0 },
    ...profile.nickname === void 0 ? {} : { nickname: profile.nickname.trim() || void 0 },
    ...email === void 0 ? {} : { emails: [mainEmail(email, false), ...user2.emails.slice(1)] },
    ...customFields2 === void 0 ? {} : { customFields: customFields2 }
  };
  const passwordHash = profile.newPassword ? await newPasswordHash(ctx, user2, profile.newPassword) : void 0;
  return ctx.write(async (tx, emit) => {
    const { username } = profile;
    if (username !== void 0 && await isUsernameTaken(ctx, tx, rooms2, username, user2._id))
      refuseIdentity();
    if (email !== void 0) await refuseTaken(ctx, tx, rooms2, { email, exceptUid: user2._id });
    await renameUser(ctx, rooms2, tx, emit, user2, { username, name: profile.name });
    if (passwordHash === void 0) return changeUser(ctx, tx, emit, { uid: user2._id, set });
    await endOtherSessions(tx, emit, user2._id, caller2.tokenHash, "password-changed");
    const required2 = { requirePasswordChange: void 0, requirePasswordChangeReason: void 0 };
    return changeUser(ctx, tx, emit, { uid: user2._id, set: { ...set, ...required2 }, passwordHash });
  });
}
async function setDemandedPassword(ctx, caller2, password) {
  const user2 = await findUserById(ctx, caller2.uid);
  if (!user2?.requirePasswordChange) fail("error-not-allowed", "Not allowed", { method: "setUserPassword" });
  const passwordHash = await newPasswordHash(ctx, user2, password);
  await ctx.write(async (tx, emit) => {
    const set = { requirePasswordChange: void 0, requirePasswordChangeReason: void 0 };
    await changeUser(ctx, tx, emit, { uid: user2._id, set, passwordHash });
    await endOtherSessions(tx, emit, user2._id, caller2.tokenHash, "password-changed");
  });
}
async function newPasswordHash(ctx, user2, password) {
  const account2 = await findCredentials(ctx.db, { id: user2._id });
  const digest = digestOf(password);
  if (await isDigestRight(ctx, digest, account2?.password_hash)) {
    fail("error-password-same-as-current", "Entered password same as current password", DETAILS);
  }
  enforcePasswordPolicy(ctx, password);
  return hashDigest(ctx, digest);
}
function refuseUnusableUsername(ctx, user2, username) {
  if (username === user2.username) return;
  if (!isValidUsername(ctx.settings, username) || isBlockedUsername(ctx.settings, username)) refuseIdentity();
}
var refuseIdentity = () => fail("error-could-not-save-identity", "Could not save user identity", DETAILS);
function changedEmail(user2, profile) {
  const email = profile.email?.trim();
  return email && email.toLowerCase() !== user2.emails[0]?.address.toLowerCase() ? email : void 0;
}

// server/src/accounts/username-suggestion.ts
async function suggestUsername(ctx, rooms2, caller2) {
  const user2 = await loadUser(ctx.db, caller2.uid);
  for (const candidate of user2 ? candidates(user2) : []) {
    if (await isFree(ctx, rooms2, candidate, caller2.uid)) return candidate;
  }
  const prefix = slug(ctx.settings.text("Accounts_DefaultUsernamePrefixSuggestion")) || "user";
  for (let number = 1; number <= 20; number++) {
    const candidate = `${prefix}-${number}`;
    if (await isFree(ctx, rooms2, candidate, caller2.uid)) return candidate;
  }
  return `${prefix}-${ctx.clock.stamp()}`;
}
async function checkUsernameAvailability(ctx, rooms2, caller2, username) {
  if (caller2.username !== void 0 && !ctx.settings.bool("Accounts_AllowUsernameChange")) {
    fail("error-not-allowed", "Not allowed", { method: "checkUsernameAvailability" });
  }
  if (caller2.username !== void 0 && usernameKey(caller2.username) === usernameKey(username)) return true;
  refuseBlockedUsername(ctx.settings, username);
  return !await isUsernameTaken(ctx, ctx.db, rooms2, username, caller2.uid);
}
async function isFree(ctx, rooms2, username, uid) {
  if (username === "" || !isValidUsername(ctx.settings, username)) return false;
  if (isBlockedUsername(ctx.settings, username)) return false;
  return !await isUsernameTaken(ctx, ctx.db, rooms2, username, uid);
}
function candidates(user2) {
  const words3 = (user2.name ?? "").trim().split(/\s+/).filter(Boolean);
  const first = words3[0] ?? "";
  const last = words3.length > 1 ? words3.at(-1) ?? "" : "";
  const names = [user2.username ?? "", words3.join(" "), last === "" ? "" : `${first[0]}${last}`, first];
  return [...names, ...user2.emails.map(({ address }) => address.split("@")[0] ?? "")].map(slug).filter(Boolean);
}
function slug(text5) {
  return text5.normalize("NFKD").toLowerCase().trim().replace(/\s+/g, ".").replace(/[^0-9a-z\-_.]/g, "").slice(0, 60);
}

// server/src/accounts/accounts.ddp.ts
function accountMethods({ rooms: rooms2, presence }) {
  return [...loginMethods(rooms2), ...presenceMethods(presence), ...profileMethods(rooms2), ...tokenMethods];
}
function loginMethods(rooms2) {
  return [
    {
      name: "login",
      auth: "none",
      partly: "Password and token logins; no LDAP, OAuth, SAML, CAS.",
      async run(ctx, { params, connection, ip, userAgent }) {
        const { caller: caller2, user: user2, token, tokenExpires, type } = await login(ctx, params[0], { ip, userAgent });
        connection?.logIn(caller2, { emails: user2.emails });
        if (connection && !await isTokenStored(ctx, caller2)) connection.close(1e3, "Logged out");
        return { id: user2._id, token, tokenExpires, type };
      }
    },
    {
      name: "logout",
      auth: "none",
      async run(ctx, { caller: caller2, connection }) {
        connection?.logOut();
        if (connection && caller2) await logout(ctx, caller2);
      }
    },
    { name: "logoutCleanUp", auth: "none", run: () => void 0 },
    {
      name: "registerUser",
      auth: "none",
      partly: "No anonymous users; no verification mail.",
      async run(ctx, { caller: caller2, params }) {
        const form = objectParam(params[0]);
        const user2 = await registerUser(ctx, rooms2, caller2, {
          username: void 0,
          email: textParam(form.email),
          password: textParam(form.pass),
          name: optionalText(form.name),
          secret: optionalText(form.secretURL),
          reason: optionalText(form.reason)
        });
        return user2._id;
      }
    },
    userMethod(
      "setUsername",
      (ctx, { caller: caller2, params }) => {
        const options = optionalObject(params[1]);
        const silent = optionalBoolean(options?.joinDefaultChannelsSilenced) ?? false;
        return chooseUsername(ctx, rooms2, caller2, textParam(params[0]), { silent });
      },
      { withoutUsername: true }
    ),
    userMethod("getUsernameSuggestion", (ctx, { caller: caller2 }) => suggestUsername(ctx, rooms2, caller2), {
      withoutUsername: true
    }),
    userMethod(
      "checkUsernameAvailability",
      (ctx, { caller: caller2, params }) => checkUsernameAvailability(ctx, rooms2, caller2, textParam(params[0])),
      { withoutUsername: true }
    )
  ];
}
function presenceMethods(presence) {
  const connectionStatus = (status) => {
    return (_ctx, { caller: caller2, connection }) => caller2 && connection ? presence.setConnectionStatus(connection.id, status) : void 0;
  };
  return [
    { name: "UserPresence:online", auth: "none", run: connectionStatus("online") },
    { name: "UserPresence:away", auth: "none", run: connectionStatus("away") },
    {
      name: "UserPresence:setDefaultStatus",
      auth: "none",
      run: (ctx, { caller: caller2, params }) => caller2 ? setDefaultStatus(ctx, caller2, textParam(params[0])) : void 0
    },
    userMethod("setUserStatus", async (ctx, { caller: caller2, params }) => {
      const wish = { status: optionalText(params[0]), message: optionalText(params[1]) };
      await setStatus(ctx, caller2, { uid: caller2.uid, wish, atOnce: false });
    }),
    userMethod("getUserStatusText", async (ctx, { params }) => {
      const user2 = await findUserById(ctx, textParam(params[0]));
      return user2?.statusText;
    }),
    {
      name: "userSetUtcOffset",
      auth: "none",
      async run(ctx, { caller: caller2, params }) {
        const [offset] = params;
        if (!caller2) return;
        if (typeof offset !== "number" || !(Math.abs(offset) <= 14)) matchFailed();
        await setUtcOffset(ctx, caller2, offset);
      }
    }
  ];
}
function profileMethods(rooms2) {
  const editProfile = (profile) => ({
    profile,
    customFields: void 0,
    secondFactor: void 0
  });
  return [
    userMethod("saveUserPreferences", async (ctx, { caller: caller2, params }) => {
      await savePreferences(ctx, rooms2, caller2, {
        uid: caller2.uid,
        preferences: knownPreferences(objectParam(params[0]))
      });
      return true;
    }),
    userMethod("saveUserProfile", async (ctx, { caller: caller2, params, twoFactor }) => {
      const given2 = objectParam(params[0]);
      const profile = {
        email: optionalText(given2.email),
        name: optionalText(given2.realname ?? given2.name),
        username: optionalText(given2.username),
        nickname: optionalText(given2.nickname),
        bio: optionalText(given2.bio),
        statusType: optionalStatus(given2.statusType),
        statusText: optionalText(given2.statusText),
        currentPassword: optionalText(given2.typedPassword),
        newPassword: optionalText(given2.newPassword)
      };
      await updateOwnProfile(ctx, rooms2, caller2, {
        profile,
        customFields: optionalObject(params[1]),
        secondFactor: twoFactor
      });
      return true;
    }),
    userMethod("setRealName", async (ctx, { caller: caller2, params }) => {
      const name = textParam(params[0]);
      await updateOwnProfile(ctx, rooms2, caller2, editProfile({ name }));
      return name;
    }),
    userMethod(
      "setUserPassword",
      (ctx, { caller: caller2, params }) => setDemandedPassword(ctx, caller2, textParam(params[0]))
    ),
    userMethod("setUserActiveStatus", async (ctx, { caller: caller2, params }) => {
      await setActiveStatus(ctx, rooms2, caller2, {
        uid: textParam(params[0]),
        active: optionalBoolean(params[1]) ?? matchFailed(),
        confirmRelinquish: optionalBoolean(params[2]) ?? false
      });
      return true;
    }),
    userMethod("deleteUser", async (ctx, { caller: caller2, params }) => {
      const confirmRelinquish = optionalBoolean(params[1]) ?? false;
      await deleteUser(ctx, rooms2, caller2, { uid: textParam(params[0]), confirmRelinquish });
      return true;
    }),
    userMethod("deleteUserOwnAccount", async (ctx, { caller: caller2, params }) => {
      const confirmRelinquish = optionalBoolean(params[1]) ?? false;
      await deleteOwnAccount(ctx, rooms2, caller2, { password: textParam(params[0]), confirmRelinquish });
      return true;
    })
  ];
}
var tokenMethods = [
  userMethod(
    "personalAccessTokens:generateToken",
    (ctx, { caller: caller2, params }) => {
      const given2 = objectParam(params[0]);
      const bypassTwoFactor = optionalBoolean(given2.bypassTwoFactor) ?? false;
      return generatePersonalToken(ctx, caller2, { name: textParam(given2.tokenName), bypassTwoFactor });
    },
    { twoFactor: true }
  ),
  userMethod(
    "personalAccessTokens:regenerateToken",
    (ctx, { caller: caller2, params }) => regeneratePersonalToken(ctx, caller2, textParam(objectParam(params[0]).tokenName)),
    { twoFactor: true }
  ),
  userMethod(
    "personalAccessTokens:removeToken",
    (ctx, { caller: caller2, params }) => removePersonalToken(ctx, caller2, textParam(objectParam(params[0]).tokenName)),
    { twoFactor: true }
  ),
  userMethod("removeOtherTokens", async (ctx, { caller: caller2 }) => {
    await logoutOtherClients(ctx, caller2);
  })
];
function optionalStatus(value) {
  const text5 = optionalText(value);
  return text5 === void 0 ? void 0 : PRESENCE_STATUSES.find((status) => status === text5) ?? matchFailed();
}

// server/src/accounts/login.rest.ts
import { Type } from "typebox";

// server/src/rest/endpoint.ts
function endpoint(declaration) {
  return declaration;
}
var RawReply = class {
  status;
  body;
  headers;
  constructor(status, body2, headers = {}) {
    this.status = status;
    this.body = body2;
    this.headers = headers;
  }
};

// server/src/accounts/present-user.ts
function presentMe(ctx, user2) {
  const email = user2.emails.find((entry) => entry.verified)?.address;
  return compact({
    _id: user2._id,
    username: user2.username,
    name: user2.name,
    nickname: user2.nickname,
    bio: user2.bio,
    emails: user2.emails.length > 0 ? user2.emails : void 0,
    email,
    status: user2.status,
    statusDefault: user2.statusDefault,
    statusConnection: user2.statusConnection,
    statusText: user2.statusText,
    statusSource: user2.statusSource,
    statusExpiresAt: date(user2.statusExpiresAt),
    utcOffset: user2.utcOffset,
    language: user2.language,
    roles: user2.roles,
    active: user2.active,
    type: user2.type,
    avatarUrl: `${ctx.settings.text("Site_Url").replace(/\/+$/, "")}/avatar/${encodeURIComponent(user2.username ?? "")}`,
    avatarETag: user2.avatarETag,
    avatarOrigin: user2.avatarOrigin,
    settings: { profile: {}, preferences: effectivePreferences(ctx.settings, user2) },
    customFields: user2.customFields,
    requirePasswordChange: user2.requirePasswordChange,
    requirePasswordChangeReason: user2.requirePasswordChangeReason,
    inactiveReason: user2.inactiveReason,
    services: user2.hasPassword ? { password: { exists: true } } : void 0,
    isOAuthUser: false,
    createdAt: new Date(user2.createdAt),
    _updatedAt: new Date(user2.updatedAt)
  });
}
function presentUserInfo(ctx, caller2, user2) {
  const self = caller2.uid === user2._id;
  const full = self || ctx.permissions.has(caller2, "view-full-other-user-info");
  const shown = compact({
    _id: user2._id,
    name: user2.name,
    username: user2.username,
    nickname: user2.nickname,
    status: user2.status,
    statusText: user2.statusText,
    statusSource: user2.statusSource,
    statusExpiresAt: date(user2.statusExpiresAt),
    utcOffset: user2.utcOffset,
    type: user2.type,
    active: user2.active,
    bio: user2.bio,
    reason: user2.reason,
    avatarETag: user2.avatarETag,
    freeSwitchExtension: user2.freeSwitchExtension,
    customFields: full ? user2.customFields : shownCustomFields(ctx, user2),
    canViewAllInfo: full
  });
  if (!full) return shown;
  return compact({
    ...shown,
    emails: user2.emails,
    statusConnection: user2.statusConnection,
    createdAt: new Date(user2.createdAt),
    lastLogin: date(user2.lastLogin),
    requirePasswordChange: user2.requirePasswordChange,
    requirePasswordChangeReason: user2.requirePasswordChangeReason,
    roles: user2.roles,
    importIds: user2.importIds,
    services: self && user2.hasPassword ? { password: true } : void 0
  });
}
var PRIVATE = [
  "avatarOrigin",
  "emails",
  "phone",
  "statusConnection",
  "createdAt",
  "lastLogin",
  "requirePasswordChange",
  "requirePasswordChangeReason",
  "roles",
  "statusDefault",
  "_updatedAt",
  "settings"
];
function presentUser(ctx, caller2, user2) {
  const full = caller2 !== null && ctx.permissions.has(caller2, "view-full-other-user-info");
  const whole2 = wholeUser(user2);
  if (full) return whole2;
  for (const member3 of PRIVATE) delete whole2[member3];
  return compact({ ...whole2, customFields: shownCustomFields(ctx, user2) });
}
var presentOwnUser = (user2) => wholeUser(user2);
function presentListedUser(ctx, caller2, user2, options = { withReason: false }) {
  const full = ctx.permissions.has(caller2, "view-full-other-user-info");
  return compact({
    _id: user2._id,
    name: user2.name,
    username: user2.username,
    status: user2.status,
    active: user2.active,
    avatarETag: user2.avatarETag,
    type: user2.type,
    nameInsensitive: user2.name?.toLowerCase(),
    freeSwitchExtension: user2.freeSwitchExtension,
    reason: options.withReason ? user2.reason : void 0,
    emails: full ? user2.emails : void 0,
    roles: full ? user2.roles : void 0,
    lastLogin: full ? date(user2.lastLogin) : void 0
  });
}
function presentPresence(user2) {
  return compact({
    _id: user2._id,
    username: user2.username,
    name: user2.name,
    status: user2.status,
    utcOffset: user2.utcOffset,
    statusText: user2.statusText,
    avatarETag: user2.avatarETag,
    statusSource: user2.statusSource,
    statusExpiresAt: date(user2.statusExpiresAt)
  });
}
function presentSuggestion(user2) {
  const { _id, name, username, nickname, status, avatarETag } = user2;
  return compact({ _id, name, username, nickname, status, avatarETag });
}
function wholeUser(user2) {
  return compact({
    _id: user2._id,
    createdAt: new Date(user2.createdAt),
    username: user2.username,
    name: user2.name,
    nickname: user2.nickname,
    bio: user2.bio,
    type: user2.type,
    active: user2.active,
    roles: user2.roles,
    emails: user2.emails,
    status: user2.status,
    statusConnection: user2.statusConnection,
    statusDefault: user2.statusDefault,
    statusText: user2.statusText,
    statusSource: user2.statusSource,
    statusExpiresAt: date(user2.statusExpiresAt),
    utcOffset: user2.utcOffset,
    language: user2.language,
    avatarOrigin: user2.avatarOrigin,
    avatarETag: user2.avatarETag,
    settings: user2.preferences ? { preferences: user2.preferences } : {},
    customFields: user2.customFields,
    lastLogin: date(user2.lastLogin),
    requirePasswordChange: user2.requirePasswordChange,
    requirePasswordChangeReason: user2.requirePasswordChangeReason,
    reason: user2.reason,
    inactiveReason: user2.inactiveReason,
    freeSwitchExtension: user2.freeSwitchExtension,
    __rooms: [],
    _updatedAt: new Date(user2.updatedAt)
  });
}
function shownCustomFields(ctx, user2) {
  if (!user2.customFields) return void 0;
  const shown = publicCustomFields(ctx.settings);
  const entries = Object.entries(user2.customFields).filter(([name]) => shown.has(name));
  return entries.length > 0 ? Object.fromEntries(entries) : void 0;
}
var date = (time) => time === void 0 ? void 0 : new Date(time);
function compact(document) {
  const entries = Object.entries(document).filter(([, value]) => value !== void 0);
  return Object.fromEntries(entries);
}

// server/src/accounts/login.rest.ts
var anyBody = Type.Unsafe({});
var LOGGED_OUT = { status: "success", data: { message: "You've been logged out!" } };
var loginEndpoints = [
  endpoint({
    method: "POST",
    path: "login",
    summary: "Logs in with a password or a token and answers the login token.",
    auth: "none",
    body: anyBody,
    partly: "Password and token logins; no LDAP, OAuth, SAML, CAS.",
    handler: answerLogin
  }),
  endpoint({
    method: "POST",
    path: "logout",
    summary: "Ends the session of the presented token.",
    auth: "user",
    withoutUsername: true,
    async handler(ctx, { caller: caller2 }) {
      await logout(ctx, caller2);
      return new RawReply(200, LOGGED_OUT);
    }
  }),
  endpoint({
    method: "GET",
    path: "logout",
    summary: "Ends the session of the presented token.",
    auth: "user",
    withoutUsername: true,
    deprecated: { version: "9.0.0", info: "use the POST method instead" },
    async handler(ctx, { caller: caller2 }) {
      await logout(ctx, caller2);
      return new RawReply(200, LOGGED_OUT);
    }
  }),
  endpoint({
    method: "GET",
    path: "me",
    summary: "The authenticated user.",
    auth: "user",
    withoutUsername: true,
    async handler(ctx, { caller: caller2 }) {
      const user2 = await findUserById(ctx, caller2.uid);
      if (!user2) fail("error-invalid-user", "Invalid user");
      return presentMe(ctx, user2);
    }
  }),
  endpoint({
    method: "GET",
    path: "pw.getPolicy",
    summary: "The rules for new passwords.",
    auth: "none",
    handler: (ctx) => describePasswordPolicy(ctx.settings)
  })
];
async function answerLogin(ctx, request) {
  const { body: body2, headers, ip, userAgent } = request;
  const code = headers["x-2fa-code"];
  const options = loginOptionsOfBody(body2, typeof code === "string" ? code : void 0);
  try {
    const { user: user2, token } = await login(ctx, options, { ip, userAgent });
    const data = { userId: user2._id, authToken: token, me: presentMe(ctx, user2) };
    return new RawReply(200, { status: "success", data });
  } catch (error) {
    if (error instanceof Refusal) return new RawReply(401, refusedLogin(error));
    throw error;
  }
}
function refusedLogin(refusal) {
  if (refusal.code === 403 && refusal.reason === WRONG_CREDENTIALS) {
    return { status: "error", error: "Unauthorized", message: "Unauthorized" };
  }
  return { status: "error", error: refusal.code, message: refusal.reason, details: refusal.details };
}

// server/src/accounts/presence.rest.ts
import { Type as Type3 } from "typebox";

// server/src/rest/schemas.ts
import { Type as Type2 } from "typebox";
function strict(properties) {
  return Type2.Object(properties, { additionalProperties: false });
}
function oneOf(...alternatives) {
  return Type2.Unsafe({ oneOf: alternatives });
}
function textOf(...values) {
  return Type2.Unsafe({ type: "string", enum: values });
}
var nonBlank = Type2.String({ format: "isNotEmpty" });
var dateText = Type2.String({ format: "date-time" });
function scalar(...types) {
  return Type2.Unsafe({ type: types });
}
var pagingMembers = {
  offset: Type2.Optional(Type2.Number()),
  count: Type2.Optional(Type2.Number())
};
var listMembers = {
  ...pagingMembers,
  sort: Type2.Optional(Type2.String()),
  query: Type2.Optional(Type2.String()),
  fields: Type2.Optional(Type2.String())
};
var listQuery = strict(listMembers);
function roomIdOrName(others = {}) {
  const byId = strict({ roomId: Type2.String(), ...others });
  const byName = strict({ roomName: Type2.String(), ...others });
  return Type2.Unsafe({ oneOf: [byId, byName] });
}
var userMembers = {
  userId: Type2.Optional(Type2.String()),
  username: Type2.Optional(Type2.String()),
  user: Type2.Optional(Type2.String())
};
var MAX_USERS = 1e3;
var usersMembers = {
  ...userMembers,
  userIds: Type2.Optional(Type2.Array(Type2.String(), { maxItems: MAX_USERS })),
  usernames: Type2.Optional(Type2.Array(Type2.String(), { maxItems: MAX_USERS }))
};
var freeObject = Type2.Unsafe({
  type: "object",
  additionalProperties: true
});

// server/src/accounts/user-lists.store.ts
import { sql as sql3 } from "kysely";

// server/src/storage/like.ts
import { sql as sql2 } from "kysely";
var escapeLike = (text5) => text5.replace(/[\\%_]/g, "\\$&");
var containsPattern = (text5) => `%${escapeLike(text5)}%`;
var MAX_PATTERN_BYTES = 32e3;
var matchesNothing = sql2`1 = 0`;
var isTooLong = (pattern) => Buffer.byteLength(pattern) > MAX_PATTERN_BYTES;
var isLike = (text5, pattern) => isTooLong(pattern) ? matchesNothing : sql2`lower(${text5}) like lower(${pattern}) escape '\\'`;
var isLikeInLowerCase = (text5, pattern) => isTooLong(pattern) ? matchesNothing : sql2`${text5} like ${pattern.toLowerCase()} escape '\\'`;

// server/src/accounts/user-lists.store.ts
function pageOfUsers(db, filter, page3) {
  let query = db.selectFrom("users").selectAll("users").where((eb) => filtered(eb, filter));
  for (const { column, direction } of page3.sort) {
    query = column === "name" ? query.orderBy(sql3`lower(name)`, direction) : query.orderBy(columnOf(column), direction);
  }
  if (!page3.sort.some(({ column }) => column === "username" || column === "_id")) query = query.orderBy("id");
  return query.offset(page3.offset).limit(page3.count).execute();
}
async function countUsers(db, filter) {
  const row = await db.selectFrom("users").select((eb) => eb.fn.countAll().as("n")).where((eb) => filtered(eb, filter)).executeTakeFirstOrThrow();
  return Number(row.n);
}
function usersPresent(db, which) {
  let query = db.selectFrom("users").selectAll().where("username", "is not", null).limit(which.limit);
  if (which.ids) query = query.where("id", "in", which.ids);
  if (which.exceptUid !== void 0) query = query.where("id", "<>", which.exceptUid);
  query = which.changedSince === void 0 ? query.where("status", "in", ["online", "away", "busy"]) : query.where("updated_at", ">", which.changedSince);
  return query.execute();
}
async function searchPeople(db, search) {
  const term = search.term.toLowerCase();
  const first = await peopleFor(db, search).where("users.username_key", ">=", term).where("users.username_key", "<", `${term}\uFFFF`).orderBy("users.username_key").limit(search.limit).execute();
  if (term === "" || first.length === search.limit) return first;
  let others = peopleFor(db, search).where((eb) => isLikeInLowerCase(eb.ref("users.search_key"), containsPattern(term))).limit(search.limit - first.length);
  if (first.length > 0) {
    const found = first.map((row) => row.id);
    others = others.where("users.id", "not in", found);
  }
  return [...first, ...await others.execute()];
}
function peopleFor(db, search) {
  let query = db.selectFrom("users").selectAll("users").where("users.active", "=", 1).where("users.username_key", "is not", null);
  if (search.exceptKeys.length > 0) query = query.where("users.username_key", "not in", search.exceptKeys);
  const uid = search.directPartnerOf ?? search.sharingRoomWith;
  if (uid === void 0) return query;
  let partners = db.selectFrom("subscriptions as mine").innerJoin("subscriptions as theirs", "theirs.rid", "mine.rid").select("theirs.uid").where("mine.uid", "=", uid);
  if (search.directPartnerOf !== void 0) partners = partners.where("mine.t", "=", "d");
  return query.where("users.id", "<>", uid).where("users.id", "in", partners);
}
function filtered(eb, filter) {
  const parts = [];
  if (filter.active !== void 0) parts.push(eb("users.active", "=", filter.active ? 1 : 0));
  if (filter.hasLoggedIn !== void 0)
    parts.push(eb("users.last_login", filter.hasLoggedIn ? "is not" : "is", null));
  if (filter.type !== void 0) parts.push(eb("users.type", "=", filter.type));
  const { roles } = filter;
  if (roles) {
    parts.push(
      eb.exists(
        eb.selectFrom("user_roles").select("role").whereRef("user_roles.uid", "=", "users.id").where("role", "in", roles)
      )
    );
  }
  if (filter.email) parts.push(hasAddressLike(eb, filter.email));
  if (filter.searchTerm) {
    const inNames = isLikeInLowerCase(eb.ref("users.search_key"), containsPattern(filter.searchTerm));
    parts.push(filter.searchAddresses ? eb.or([inNames, hasAddressLike(eb, filter.searchTerm)]) : inNames);
  }
  return eb.and(parts);
}
var hasAddressLike = (eb, part) => eb(
  "users.id",
  "in",
  eb.selectFrom("user_emails").select("uid").where((email) => isLikeInLowerCase(email.ref("address_key"), containsPattern(part)))
);
function columnOf(column) {
  const columns = {
    username: "users.username_key",
    active: "users.active",
    status: "users.status",
    createdAt: "users.created_at",
    lastLogin: "users.last_login",
    type: "users.type",
    _id: "users.id"
  };
  return columns[column];
}

// server/src/accounts/list-users.ts
async function listUsers(ctx, caller2, wanted, page3) {
  const outsideNeeded = ctx.settings.bool("API_Apply_permission_view-outside-room_on_users-list");
  const needed = ["view-d-room", ...outsideNeeded ? ["view-outside-room"] : []];
  if (!needed.every((permission) => ctx.permissions.has(caller2, permission))) forbid();
  const seesAddresses = ctx.permissions.has(caller2, "view-full-other-user-info");
  if (wanted.email && !seesAddresses) forbid();
  const filter = { ...wanted, searchAddresses: seesAddresses };
  const [rows, total] = await Promise.all([pageOfUsers(ctx.db, filter, page3), countUsers(ctx.db, filter)]);
  return { users: await withEmails(ctx.db, rows), total };
}
var SUGGESTIONS = 10;
var MAX_EXCEPTIONS = 500;
async function suggestPeople(ctx, caller2, search) {
  const everybody = ctx.permissions.has(caller2, "view-outside-room");
  const exceptKeys = search.exceptions.slice(0, MAX_EXCEPTIONS).map(usernameKey);
  const people2 = { term: search.term, limit: SUGGESTIONS };
  const partners = await searchPeople(ctx.db, { ...people2, exceptKeys, directPartnerOf: caller2.uid });
  const missing = SUGGESTIONS - partners.length;
  const others = missing === 0 ? [] : await searchPeople(ctx.db, {
    ...people2,
    limit: missing,
    exceptKeys: [...exceptKeys, ...partners.map((row) => row.username_key ?? "")],
    ...everybody ? {} : { sharingRoomWith: caller2.uid }
  });
  return withoutEmails([...partners, ...others]);
}
var MAX_PRESENT = 1e4;
var MAX_ASKED = 1e3;
var RECENT = 10 * 6e4;
async function listPresence(ctx, caller2, query) {
  if (ctx.settings.bool("Presence_broadcast_disabled")) return { users: [], full: true };
  const { ids, from } = query;
  if (ids) {
    const asked = ids.slice(0, MAX_ASKED);
    const rows = asked.length === 0 ? [] : await usersPresent(ctx.db, { ids: asked, limit: MAX_ASKED });
    return { users: withoutEmails(rows), full: false };
  }
  if (from !== void 0 && ctx.clock.now() - from < RECENT) {
    const rows = await usersPresent(ctx.db, {
      changedSince: from,
      exceptUid: caller2.uid,
      limit: MAX_PRESENT
    });
    return { users: withoutEmails(rows), full: false };
  }
  return { users: withoutEmails(await usersPresent(ctx.db, { limit: MAX_PRESENT })), full: true };
}
var withoutEmails = (rows) => rows.map((row) => parseUser(row, []));

// server/src/accounts/presence.rest.ts
var idList = Type3.Unsafe({ type: ["string", "array"], items: { type: "string" } });
function presenceEndpoints(presence) {
  return [
    endpoint({
      method: "POST",
      path: "users.setStatus",
      summary: "Sets status and status text.",
      auth: "user",
      body: strict({
        ...userMembers,
        message: Type3.Optional(Type3.String()),
        status: Type3.Optional(Type3.String()),
        expiresAt: Type3.Optional(dateText)
      }),
      async handler(ctx, { caller: caller2, body: body2 }) {
        const { message, status, expiresAt } = body2;
        if (message === void 0 && status === void 0) {
          refuse("Match error: Failed Match.OneOf, Match.Maybe or Match.Optional validation");
        }
        const user2 = await userOrSelf(ctx, caller2, body2);
        const wish = {
          message,
          status,
          expiresAt: expiresAt === void 0 ? void 0 : Date.parse(expiresAt)
        };
        await setStatus(ctx, caller2, { uid: user2._id, wish, atOnce: true });
        return void 0;
      }
    }),
    endpoint({
      method: "GET",
      path: "users.getStatus",
      summary: "A user's status and status text.",
      auth: "user",
      query: strict(userMembers),
      async handler(ctx, { caller: caller2, query }) {
        const user2 = await userOrSelf(ctx, caller2, query);
        const self = user2._id === caller2.uid;
        return {
          _id: user2._id,
          status: user2.status,
          message: user2.statusText,
          connectionStatus: self ? presence.connectionStatusOf(user2._id) : void 0,
          statusSource: user2.statusSource,
          statusExpiresAt: user2.statusExpiresAt === void 0 ? void 0 : new Date(user2.statusExpiresAt)
        };
      }
    }),
    endpoint({
      method: "GET",
      path: "users.getPresence",
      summary: "Whether a user is online.",
      auth: "user",
      query: strict(userMembers),
      async handler(ctx, { caller: caller2, query }) {
        const user2 = await userOrSelf(ctx, caller2, query);
        if (user2._id !== caller2.uid) return { presence: user2.status };
        return {
          presence: user2.status,
          connectionStatus: presence.connectionStatusOf(user2._id),
          lastLogin: user2.lastLogin === void 0 ? void 0 : new Date(user2.lastLogin)
        };
      }
    }),
    endpoint({
      method: "GET",
      path: "users.presence",
      summary: "Who is not offline, or the state of some users.",
      auth: "user",
      query: strict({ ids: Type3.Optional(idList), from: Type3.Optional(dateText) }),
      async handler(ctx, { caller: caller2, query }) {
        const ids = typeof query.ids === "string" ? query.ids.split(",") : query.ids;
        const from = query.from === void 0 ? void 0 : Date.parse(query.from);
        const { users, full } = await listPresence(ctx, caller2, { ids, from });
        return { users: users.map(presentPresence), full };
      }
    })
  ];
}
async function userOrSelf(ctx, caller2, params) {
  if (namesUser(params)) return resolveUser(ctx, params);
  return await findUserById(ctx, caller2.uid) ?? fail("error-invalid-user", "Invalid user");
}

// server/src/accounts/profile.rest.ts
import { Type as Type4 } from "typebox";
var text = Type4.Optional(Type4.String());
var SCHEMAS = {
  string: Type4.Optional(Type4.String({ maxLength: 100 })),
  number: Type4.Optional(Type4.Number()),
  boolean: Type4.Optional(Type4.Boolean()),
  texts: Type4.Optional(Type4.Array(Type4.String({ maxLength: 200 }), { maxItems: 200 })),
  objects: Type4.Optional(Type4.Array(freeObject, { maxItems: 200 }))
};
var preferences = strict(
  Object.fromEntries(
    Object.entries(PREFERENCES_OF_TYPE).flatMap(
      ([type, keys]) => keys.map((key2) => [key2, SCHEMAS[type]])
    )
  )
);
function profileEndpoints(rooms2) {
  return [
    endpoint({
      method: "POST",
      path: "users.updateOwnBasicInfo",
      summary: "Edits the own profile.",
      auth: "user",
      withoutUsername: true,
      body: strict({
        data: strict({
          email: text,
          name: text,
          username: text,
          nickname: text,
          bio: text,
          statusType: Type4.Optional(textOf(...PRESENCE_STATUSES)),
          statusText: text,
          currentPassword: text,
          newPassword: text
        }),
        customFields: Type4.Optional(freeObject)
      }),
      partly: "No mails are sent; no history of passwords is kept.",
      async handler(ctx, { caller: caller2, body: body2, headers }) {
        const user2 = await updateOwnProfile(ctx, rooms2, caller2, {
          profile: body2.data,
          customFields: body2.customFields,
          secondFactor: secondFactorFromHeaders(headers)
        });
        return { user: presentOwnUser(user2) };
      }
    }),
    endpoint({
      method: "GET",
      path: "users.getPreferences",
      summary: "The own saved preferences.",
      auth: "user",
      async handler(ctx, { caller: caller2 }) {
        const user2 = await findUserById(ctx, caller2.uid);
        return { preferences: user2 ? savedPreferences(user2) : {} };
      }
    }),
    endpoint({
      method: "POST",
      path: "users.setPreferences",
      summary: "Saves preferences.",
      auth: "user",
      body: strict({ userId: text, data: preferences }),
      async handler(ctx, { caller: caller2, body: body2 }) {
        const user2 = await savePreferences(ctx, rooms2, caller2, {
          uid: body2.userId || caller2.uid,
          preferences: body2.data
        });
        return { user: { _id: user2._id, settings: { preferences: savedPreferences(user2) } } };
      }
    }),
    endpoint({
      method: "GET",
      path: "users.getUsernameSuggestion",
      summary: "A free username for the caller.",
      auth: "user",
      withoutUsername: true,
      handler: async (ctx, { caller: caller2 }) => ({ result: await suggestUsername(ctx, rooms2, caller2) })
    }),
    endpoint({
      method: "GET",
      path: "users.checkUsernameAvailability",
      summary: "Whether a username is free.",
      auth: "user",
      withoutUsername: true,
      query: strict({ username: Type4.String() }),
      async handler(ctx, { caller: caller2, query }) {
        if (query.username.trim() === "") fail("error-invalid-params", "Invalid username");
        return { result: await checkUsernameAvailability(ctx, rooms2, caller2, query.username) };
      }
    })
  ];
}

// server/src/accounts/tokens.rest.ts
import { Type as Type5 } from "typebox";

// server/src/accounts/create-token.ts
async function createTokenForUser(ctx, caller2, input) {
  if (!isAllowedByOperator(ctx, input.secret)) fail("error-not-authorized", "Not authorized");
  const user2 = await resolveUser(ctx, input);
  if (user2._id !== caller2.uid && !ctx.permissions.has(caller2, "user-generate-access-token")) {
    fail("error-not-authorized", "Not authorized");
  }
  if (!user2.active) fail("error-user-is-not-activated", "User is not activated");
  const session = await ctx.write((tx, emit) => openSession(ctx, tx, emit, user2._id));
  return { userId: user2._id, authToken: session.token };
}
function isAllowedByOperator({ config: config2 }, secret) {
  if (config2.createTokensSecret)
    return secret !== void 0 && secretsEqual(secret, config2.createTokensSecret);
  return config2.createTokensForUsers;
}

// server/src/accounts/tokens.rest.ts
var tokenName = Type5.Optional(Type5.String({ maxLength: MAX_TOKEN_NAME }));
var tokenBody = strict({ tokenName });
function requireTokenName(name) {
  return name?.trim() ? name : refuse("The 'tokenName' param is required");
}
var tokensEndpoints = [
  endpoint({
    method: "POST",
    path: "users.generatePersonalAccessToken",
    summary: "Creates a personal access token; the only answer that shows it.",
    auth: "user",
    twoFactor: "remembered",
    body: strict({ tokenName, bypassTwoFactor: Type5.Optional(Type5.Boolean()) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const name = requireTokenName(body2.tokenName);
      const bypassTwoFactor = body2.bypassTwoFactor ?? false;
      return { token: await generatePersonalToken(ctx, caller2, { name, bypassTwoFactor }) };
    }
  }),
  endpoint({
    method: "POST",
    path: "users.regeneratePersonalAccessToken",
    summary: "Replaces a personal access token by a new one of the same name.",
    auth: "user",
    twoFactor: "remembered",
    body: tokenBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      return { token: await regeneratePersonalToken(ctx, caller2, requireTokenName(body2.tokenName)) };
    }
  }),
  endpoint({
    method: "POST",
    path: "users.removePersonalAccessToken",
    summary: "Removes a personal access token.",
    auth: "user",
    twoFactor: "remembered",
    body: tokenBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      await removePersonalToken(ctx, caller2, requireTokenName(body2.tokenName));
      return void 0;
    }
  }),
  endpoint({
    method: "GET",
    path: "users.getPersonalAccessTokens",
    summary: "The own personal access tokens, without the tokens.",
    auth: "user",
    async handler(ctx, { caller: caller2 }) {
      const tokens = await listPersonalTokens(ctx, caller2);
      return { tokens: tokens.map((token) => ({ ...token, createdAt: new Date(token.createdAt) })) };
    }
  }),
  endpoint({
    method: "POST",
    path: "users.createToken",
    summary: "Creates a login token for another user, where the server is configured to allow it.",
    auth: "user",
    body: strict({ ...userMembers, secret: Type5.Optional(Type5.String({ maxLength: 1e3 })) }),
    handler: async (ctx, { caller: caller2, body: body2 }) => ({ data: await createTokenForUser(ctx, caller2, body2) })
  }),
  endpoint({
    method: "POST",
    path: "users.logout",
    summary: "Ends all sessions of a user, personal access tokens included.",
    auth: "user",
    body: strict({ userId: Type5.Optional(Type5.String()) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const uid = body2.userId || caller2.uid;
      await logoutUser(ctx, caller2, uid);
      return { message: `User ${uid} has been logged out!` };
    }
  }),
  endpoint({
    method: "POST",
    path: "users.logoutOtherClients",
    summary: "Ends the user's other sessions; personal access tokens stay.",
    auth: "user",
    async handler(ctx, { caller: caller2, headers }) {
      const expires = await logoutOtherClients(ctx, caller2);
      return { token: headers["x-auth-token"], tokenExpires: expires ?? "" };
    }
  }),
  endpoint({
    method: "POST",
    path: "users.removeOtherTokens",
    summary: "Ends the user's other sessions; personal access tokens stay.",
    auth: "user",
    async handler(ctx, { caller: caller2 }) {
      await logoutOtherClients(ctx, caller2);
      return void 0;
    }
  })
];

// server/src/accounts/user-lists.rest.ts
import { Type as Type6 } from "typebox";

// server/src/rest/list-params.ts
var UNLIMITED = 2 ** 31 - 1;
var MAX_OFFSET = 2 ** 31 - 1;
function pageOf(settings, query, defaults = {}) {
  const fallback = defaults.count ?? positive(settings.int("API_Default_Count"), 50);
  const upper = defaults.upperLimit ?? positive(settings.int("API_Upper_Count_Limit"), 100);
  const offset = Math.trunc(query.offset ?? 0);
  return {
    offset: offset > 0 ? Math.min(offset, MAX_OFFSET) : 0,
    count: countOf(query.count, fallback, upper, settings.bool("API_Allow_Infinite_Count"))
  };
}
function countOf(given2, fallback, upper, mayBeInfinite) {
  const count = Math.trunc(given2 ?? fallback);
  if (count === 0) return mayBeInfinite ? UNLIMITED : fallback;
  return count > 0 ? Math.min(count, upper) : fallback;
}
function positive(number, otherwise) {
  return number > 0 ? number : otherwise;
}
function pageMembers(page3, items, total) {
  return { count: items.length, offset: page3.offset, total };
}
var MAX_SORT_LENGTH = 2e3;
var MAX_SORT_KEYS = 16;
var SORT_PATH = /^[\w-]+(\.[\w-]+)*$/;
function parseSort(raw) {
  if (raw === void 0 || raw === "") return void 0;
  const parsed = raw.length <= MAX_SORT_LENGTH ? parseObject(raw) : void 0;
  const entries = Object.entries(parsed ?? {});
  const isValid = parsed !== void 0 && entries.length <= MAX_SORT_KEYS && entries.every(([path, direction]) => SORT_PATH.test(path) && (direction === 1 || direction === -1));
  if (!isValid) {
    fail("error-invalid-sort", `Invalid sort parameter provided: "${raw}"`, {
      helperMethod: "parseJsonQuery"
    });
  }
  return entries;
}
function orderBy(raw, columns, fallback) {
  const order = [];
  for (const [path, direction] of parseSort(raw) ?? []) {
    const column = Object.hasOwn(columns, path) ? columns[path] : void 0;
    if (column !== void 0) order.push({ column, direction: direction === 1 ? "asc" : "desc" });
  }
  return order.length > 0 ? order : fallback;
}
function parseObject(raw) {
  try {
    const value = JSON.parse(raw);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
  } catch {
    return void 0;
  }
}

// server/src/rest/projection.ts
var ALWAYS_EXCLUDED = ["joinCode", "members", "importIds", "e2e"];
var MAX_LENGTH3 = 5e3;
var MAX_FIELDS = 100;
function parseFields(config2, raw, excluded = ALWAYS_EXCLUDED) {
  if (!config2.allowUnsafeQueryAndFields || raw === void 0 || raw === "") return void 0;
  const parsed = raw.length <= MAX_LENGTH3 ? parseObject(raw) : void 0;
  const entries = Object.entries(parsed ?? {});
  if (!parsed || entries.length > MAX_FIELDS || entries.some(([, value]) => value !== 0 && value !== 1)) {
    fail("error-invalid-fields", `Invalid fields parameter provided: "${raw}"`, {
      helperMethod: "parseJsonQuery"
    });
  }
  const others = entries.filter(([path]) => path !== "_id");
  const mode = others.some(([, value]) => value === 1) || others.length === 0 && parsed._id === 1 ? "include" : "exclude";
  const paths = others.filter(
    ([path, value]) => value === (mode === "include" ? 1 : 0) && !excluded.includes(path.split(".")[0] ?? "")
  ).map(([path]) => path.split("."));
  return { mode, paths, withId: parsed._id !== 0 };
}
function applyFields(document, projection) {
  if (!projection) return document;
  const { mode, paths, withId } = projection;
  const source = document;
  const result = mode === "include" ? pick(source, paths) : omit(source, paths);
  if (withId && Object.hasOwn(source, "_id")) result._id = source._id;
  else delete result._id;
  return result;
}
function pick(source, paths) {
  const result = {};
  for (const [name, rest] of byFirst(paths)) {
    if (!Object.hasOwn(source, name)) continue;
    const value = source[name];
    if (rest.length === 0) result[name] = value;
    else if (Array.isArray(value)) result[name] = value.filter(isDocument).map((item) => pick(item, rest));
    else if (isDocument(value)) result[name] = pick(value, rest);
  }
  return result;
}
function omit(source, paths) {
  const result = { ...source };
  for (const [name, rest] of byFirst(paths)) {
    if (!Object.hasOwn(source, name)) continue;
    const value = source[name];
    if (rest.length === 0) delete result[name];
    else if (Array.isArray(value))
      result[name] = value.map((item) => isDocument(item) ? omit(item, rest) : item);
    else if (isDocument(value)) result[name] = omit(value, rest);
  }
  return result;
}
function byFirst(paths) {
  const groups = /* @__PURE__ */ new Map();
  const whole2 = /* @__PURE__ */ new Set();
  for (const [name = "", ...rest] of paths) {
    if (rest.length === 0) whole2.add(name);
    groups.set(name, whole2.has(name) ? [] : [...groups.get(name) ?? [], rest]);
  }
  return groups;
}
function isDocument(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

// server/src/accounts/user-lists.rest.ts
var SORTS = {
  _id: "_id",
  username: "username",
  name: "name",
  nameInsensitive: "name",
  active: "active",
  status: "status",
  createdAt: "createdAt",
  lastLogin: "lastLogin",
  type: "type"
};
function userOrder(raw) {
  const order = orderBy(raw, SORTS, [{ column: "username", direction: "asc" }]);
  return order.flatMap(
    (entry) => entry.column === "status" ? [{ ...entry, column: "active" }, entry] : [entry]
  );
}
var role = Type6.Array(Type6.String(), { maxItems: 100 });
var userListEndpoints = [
  endpoint({
    method: "GET",
    path: "users.list",
    summary: "All users, page by page.",
    auth: "user",
    query: strict({ ...listMembers, email: Type6.Optional(nonBlank) }),
    partly: "The `query` parameter is not honoured.",
    async handler(ctx, { caller: caller2, query }) {
      const page3 = pageOf(ctx.settings, query);
      const projection = parseFields(ctx.config, query.fields);
      const sort = userOrder(query.sort);
      const { users, total } = await listUsers(ctx, caller2, { email: query.email }, { sort, ...page3 });
      const items = users.map((user2) => applyFields(presentListedUser(ctx, caller2, user2), projection));
      return { users: items, ...pageMembers(page3, items, total) };
    }
  }),
  endpoint({
    method: "GET",
    path: "users.listByStatus",
    summary: "Users by activation, role and whether they ever logged in.",
    auth: "user",
    query: strict({
      ...listMembers,
      status: Type6.Optional(textOf("active", "deactivated")),
      hasLoggedIn: Type6.Optional(Type6.Boolean()),
      type: Type6.Optional(Type6.String()),
      roles: Type6.Optional(role),
      searchTerm: Type6.Optional(Type6.String({ maxLength: 200 })),
      inactiveReason: Type6.Optional(role)
    }),
    partly: "The filter `inactiveReason` is not honoured.",
    async handler(ctx, { caller: caller2, query }) {
      const page3 = pageOf(ctx.settings, query);
      const filter = {
        active: query.status === void 0 ? void 0 : query.status === "active",
        hasLoggedIn: query.hasLoggedIn,
        type: query.type || void 0,
        roles: !query.roles || query.roles.includes("all") ? void 0 : query.roles,
        searchTerm: query.searchTerm?.trim() || void 0
      };
      const { users, total } = await listUsers(ctx, caller2, filter, { sort: userOrder(query.sort), ...page3 });
      const items = users.map((user2) => presentListedUser(ctx, caller2, user2, { withReason: true }));
      return { users: items, ...pageMembers(page3, items, total) };
    }
  }),
  endpoint({
    method: "GET",
    path: "users.autocomplete",
    summary: "People whose username or name contains a term.",
    auth: "user",
    query: strict({ selector: Type6.String({ maxLength: 5e3 }) }),
    partly: "`conditions` and the setting `Accounts_SearchFields` are not honoured.",
    async handler(ctx, { caller: caller2, query }) {
      const selector = parseObject(query.selector);
      const term = selector?.term;
      if (typeof term !== "string" || hasOperator(selector?.conditions)) {
        fail("error-invalid-params", "Invalid selector");
      }
      const exceptions = Array.isArray(selector?.exceptions) ? selector.exceptions : [];
      const people2 = await suggestPeople(ctx, caller2, {
        term: term.trim(),
        exceptions: exceptions.filter((entry) => typeof entry === "string")
      });
      return { items: people2.map(presentSuggestion) };
    }
  })
];
function hasOperator(conditions2) {
  if (typeof conditions2 !== "object" || conditions2 === null) return false;
  return Object.keys(conditions2).some((key2) => key2.startsWith("$") && key2 !== "$or" && key2 !== "$and");
}

// server/src/accounts/users.rest.ts
import { Type as Type7 } from "typebox";

// server/src/accounts/update-user.ts
var METHOD2 = "insertOrUpdateUser";
async function updateUser(ctx, rooms2, caller2, input) {
  const { edit } = input;
  const user2 = await findUserById(ctx, input.uid);
  if (!user2) fail("error-invalid-user", "Invalid user", { method: METHOD2 });
  const customFields2 = await checkEdit(ctx, rooms2, caller2, user2, edit);
  const password = edit.setRandomPassword ? randomPassword() : edit.password || void 0;
  if (password !== void 0) enforcePasswordPolicy(ctx, password);
  const passwordHash = password === void 0 ? void 0 : await hashDigest(ctx, digestOf(password));
  return ctx.write(async (tx, emit) => {
    await refuseTaken(ctx, tx, rooms2, { ...changedIdentity(user2, edit), exceptUid: user2._id });
    await refuseLastAdminsDemotion(tx, user2, edit);
    const renamed = await renameUser(ctx, rooms2, tx, emit, user2, edit);
    let changed = await changeUser(ctx, tx, emit, {
      uid: user2._id,
      set: changesOf(renamed, edit, customFields2),
      ...passwordHash === void 0 ? {} : { passwordHash }
    });
    announceRoles(emit, user2, changed);
    if (passwordHash !== void 0) {
      const kept = user2._id === caller2.uid ? caller2.tokenHash : void 0;
      await endOtherSessions(tx, emit, user2._id, kept, "password-changed");
    }
    if (edit.active !== void 0) {
      const { confirmRelinquish } = input;
      changed = await applyActiveStatus(ctx, rooms2, tx, emit, changed, {
        active: edit.active,
        confirmRelinquish
      });
    }
    return changed;
  });
}
async function checkEdit(ctx, rooms2, caller2, user2, edit) {
  const self = user2._id === caller2.uid;
  const deny = (reason, action) => fail("error-action-not-allowed", reason, { method: METHOD2, action });
  if (edit.name !== void 0) refuseUnsafeName(edit.name);
  const customFields2 = edit.customFields && checkCustomFields(ctx.settings, edit.customFields);
  if (edit.verified && self) deny("Editing email verification is not allowed", "Editing_user");
  if (!self && !ctx.permissions.has(caller2, "edit-other-user-info"))
    deny("Editing user is not allowed", "Editing_user");
  if (edit.roles) await refuseForbiddenRoles(ctx, caller2, addedRoles(user2, edit.roles));
  if (edit.username !== void 0) refuseInvalidUsername(ctx, edit.username);
  refuseForbiddenEdit(ctx, caller2, user2, edit);
  const identity = changedIdentity(user2, edit);
  if (identity.username !== void 0) refuseBlockedUsername(ctx.settings, identity.username);
  await refuseTaken(ctx, ctx.db, rooms2, { ...identity, exceptUid: user2._id });
  if (identity.email !== void 0) await refuseUnwelcomeDomain(ctx, identity.email);
  refuseLongTexts(edit);
  const mayActivate = ctx.permissions.hasAny(caller2, [
    "edit-other-user-active-status",
    "manage-moderation-actions"
  ]);
  if (edit.active !== void 0 && edit.active !== user2.active && !mayActivate) {
    fail("error-not-allowed", "Not allowed", { method: "setUserActiveStatus" });
  }
  return customFields2;
}
async function refuseLastAdminsDemotion(tx, user2, edit) {
  if (!edit.roles || edit.roles.includes("admin") || !user2.roles.includes("admin")) return;
  if (await countUsersWithRole(tx, "admin") > 1) return;
  fail("error-action-not-allowed", "Leaving the app without admins is not allowed", {
    method: METHOD2,
    action: "Remove_last_admin"
  });
}
function changedIdentity(user2, edit) {
  const email = edit.email?.trim();
  return {
    ...edit.username !== void 0 && edit.username !== user2.username ? { username: edit.username } : {},
    ...email && email.toLowerCase() !== user2.emails[0]?.address.toLowerCase() ? { email } : {}
  };
}
function changesOf(user2, edit, customFields2) {
  const emails = emailsAfter(user2, edit);
  const requirePasswordChange = edit.setRandomPassword ? true : edit.requirePasswordChange;
  return {
    bio: edit.bio?.trim() || void 0,
    nickname: edit.nickname?.trim() || void 0,
    ...emails ? { emails } : {},
    ...edit.statusText === void 0 ? {} : { statusText: edit.statusText.trim().slice(0, MAX_STATUS_TEXT) },
    ...edit.status === void 0 ? {} : { status: edit.status, statusDefault: edit.status },
    ...edit.roles === void 0 ? {} : { roles: [...new Set(edit.roles)] },
    ...requirePasswordChange === void 0 ? {} : { requirePasswordChange },
    ...customFields2 === void 0 ? {} : { customFields: customFields2 },
    ...edit.freeSwitchExtension === void 0 ? {} : { freeSwitchExtension: edit.freeSwitchExtension || void 0 }
  };
}
function emailsAfter(user2, edit) {
  const [first, ...others] = user2.emails;
  const { email } = changedIdentity(user2, edit);
  if (email !== void 0) return [mainEmail(email, edit.verified ?? false), ...others];
  if (edit.verified === void 0 || !first) return void 0;
  return [{ ...first, verified: edit.verified }, ...others];
}
var addedRoles = (user2, roles) => roles.filter((role2) => !user2.roles.includes(role2));
function announceRoles(emit, before, after) {
  const { _id, username = "", name } = after;
  const user2 = { _id, username, ...name ? { name } : {} };
  for (const role2 of addedRoles(before, after.roles))
    emit("globalRole.changed", { type: "added", role: role2, user: user2 });
  for (const role2 of addedRoles(after, before.roles))
    emit("globalRole.changed", { type: "removed", role: role2, user: user2 });
}

// server/src/accounts/users.rest.ts
var text2 = Type7.Optional(Type7.String());
var flag = Type7.Optional(Type7.Boolean());
var texts = Type7.Optional(Type7.Array(Type7.String(), { maxItems: 100 }));
var customFields = Type7.Optional(freeObject);
var account = {
  active: flag,
  bio: text2,
  nickname: text2,
  statusText: text2,
  roles: texts,
  joinDefaultChannels: flag,
  requirePasswordChange: flag,
  setRandomPassword: flag,
  sendWelcomeEmail: flag,
  verified: flag,
  customFields,
  freeSwitchExtension: text2
};
var INFO_KEYS = ["userId", "username", "importId", "email", "freeSwitchExtension"];
var MAIL_MISSING = "No mails are sent.";
function usersEndpoints(rooms2) {
  return [
    endpoint({
      method: "POST",
      path: "users.create",
      summary: "Adds a user.",
      auth: "user",
      body: strict({
        email: Type7.String(),
        name: Type7.String(),
        password: Type7.String(),
        username: Type7.String(),
        ...account,
        fields: text2
      }),
      partly: MAIL_MISSING,
      async handler(ctx, { caller: caller2, body: body2 }) {
        return { user: presentUser(ctx, caller2, await createUser(ctx, rooms2, caller2, body2)) };
      }
    }),
    endpoint({
      method: "POST",
      path: "users.register",
      summary: "Registers a new account.",
      auth: "none",
      rateLimit: (ctx) => ({
        calls: ctx.settings.int("Rate_Limiter_Limit_RegisterUser") || 1,
        windowMs: ctx.settings.int("API_Enable_Rate_Limiter_Limit_Time_Default") || 6e4
      }),
      body: strict({
        username: Type7.String(),
        email: Type7.String(),
        pass: Type7.String(),
        name: text2,
        secret: text2,
        reason: text2,
        customFields
      }),
      partly: `${MAIL_MISSING} Invite links are no registration secret yet.`,
      async handler(ctx, { caller: caller2, body: { pass, ...body2 } }) {
        const user2 = await registerUser(ctx, rooms2, caller2, { ...body2, password: pass });
        return { user: presentUser(ctx, caller2, user2) };
      }
    }),
    endpoint({
      method: "POST",
      path: "users.update",
      summary: "Edits a user.",
      auth: "user",
      twoFactor: "remembered",
      body: strict({
        userId: nonBlank,
        data: strict({
          email: text2,
          name: text2,
          password: text2,
          username: text2,
          ...account,
          status: Type7.Optional(textOf(...PRESENCE_STATUSES))
        }),
        confirmRelinquish: flag
      }),
      partly: MAIL_MISSING,
      async handler(ctx, { caller: caller2, body: body2 }) {
        const user2 = await updateUser(ctx, rooms2, caller2, {
          uid: body2.userId,
          edit: body2.data,
          confirmRelinquish: body2.confirmRelinquish ?? false
        });
        return { user: presentUser(ctx, caller2, user2) };
      }
    }),
    endpoint({
      method: "GET",
      path: "users.info",
      summary: "One user.",
      auth: "user",
      query: Type7.Unsafe(
        {
          ...strict({
            ...Object.fromEntries(INFO_KEYS.map((key2) => [key2, text2])),
            includeUserRooms: text2,
            fields: text2
          }),
          anyOf: INFO_KEYS.map((key2) => ({ required: [key2] }))
        }
      ),
      partly: "Not by importId or freeSwitchExtension.",
      async handler(ctx, { caller: caller2, query }) {
        const user2 = await findForInfo(ctx, caller2, query);
        if (!user2) refuse("User not found.");
        const shown = presentUserInfo(ctx, caller2, user2);
        const wanted = query.includeUserRooms === "true" || parseObject(query.fields ?? "")?.userRooms === 1;
        const mayList = user2._id === caller2.uid || ctx.permissions.has(caller2, "view-other-user-channels");
        if (!wanted || !mayList) return { user: shown };
        return { user: { ...shown, rooms: await rooms2.roomsOf(ctx, user2._id) } };
      }
    }),
    endpoint({
      method: "POST",
      path: "users.delete",
      summary: "Deletes a user.",
      auth: "user",
      body: strict({ ...userMembers, confirmRelinquish: flag }),
      async handler(ctx, { caller: caller2, body: { confirmRelinquish = false, ...named } }) {
        const user2 = await resolveUser(ctx, named);
        await deleteUser(ctx, rooms2, caller2, { uid: user2._id, confirmRelinquish });
        return void 0;
      }
    }),
    endpoint({
      method: "POST",
      path: "users.deleteOwnAccount",
      summary: "Deletes the own account.",
      auth: "user",
      body: strict({ password: text2, confirmRelinquish: flag }),
      async handler(ctx, { caller: caller2, body: { password, confirmRelinquish = false } }) {
        if (!password) refuse('Body parameter "password" is required.');
        await deleteOwnAccount(ctx, rooms2, caller2, { password, confirmRelinquish });
        return void 0;
      }
    }),
    endpoint({
      method: "POST",
      path: "users.setActiveStatus",
      summary: "Activates or deactivates a user.",
      auth: "user",
      body: strict({ userId: Type7.String(), activeStatus: Type7.Boolean(), confirmRelinquish: flag }),
      partly: MAIL_MISSING,
      async handler(ctx, { caller: caller2, body: body2 }) {
        const { _id, active } = await setActiveStatus(ctx, rooms2, caller2, {
          uid: body2.userId,
          active: body2.activeStatus,
          confirmRelinquish: body2.confirmRelinquish ?? false
        });
        return { user: { _id, active } };
      }
    })
  ];
}
async function findForInfo(ctx, caller2, query) {
  if (query.userId !== void 0) return findUserById(ctx, query.userId);
  if (query.username !== void 0) return findUserByUsername(ctx, query.username);
  if (query.email === void 0 || !ctx.permissions.has(caller2, "view-full-other-user-info"))
    return void 0;
  return loadUserByEmail(ctx.db, query.email);
}

// server/src/accounts/accounts.rest.ts
function accountEndpoints({ rooms: rooms2, presence }) {
  return [
    ...loginEndpoints,
    ...tokensEndpoints,
    ...usersEndpoints(rooms2),
    ...profileEndpoints(rooms2),
    ...userListEndpoints,
    ...presenceEndpoints(presence)
  ];
}

// server/src/accounts/accounts-streams.ddp.ts
var OPEN_EVENT = "webrtc";
var accountStreams = [
  { name: "notify-user", mayRead: mayListenToUser, write: relayBetweenUsers },
  { name: "user-presence", mayRead: (_ctx, { caller: caller2 }) => caller2 !== null }
];
function mayListenToUser(_ctx, { caller: caller2, eventName }) {
  const { uid, event } = splitEventName(eventName);
  if (event === OPEN_EVENT) return true;
  return caller2 !== null && uid === caller2.uid;
}
var OTR_STEPS = /* @__PURE__ */ new Set(["handshake", "acknowledge", "deny", "end"]);
function relayBetweenUsers(ctx, streams, { caller: caller2, connection, eventName, args }) {
  if (!caller2) return;
  const { event } = splitEventName(eventName);
  const isOtr = event === "otr" && ctx.settings.bool("OTR_Enable") && OTR_STEPS.has(String(args[0]));
  if (event !== OPEN_EVENT && event !== "e2ekeyRequest" && !isOtr) return;
  streams.emit("notify-user", eventName, args, { except: connection.id });
}
function splitEventName(eventName) {
  const slash = eventName.indexOf("/");
  return slash < 0 ? { uid: eventName, event: "" } : { uid: eventName.slice(0, slash), event: eventName.slice(slash + 1) };
}
function wireAccountEvents(ctx, streams) {
  ctx.events.on("user.changed", (change2) => sendUserData(streams, change2));
  ctx.events.on("user.nameChanged", ({ uid, username, name }) => {
    streams.emit("notify-logged", "Users:NameChanged", [{ _id: uid, name, username }]);
  });
  ctx.events.on("user.deleted", (event) => sendDeletion(streams, event));
  ctx.events.on("user.status", (event) => sendStatus(ctx, streams, event));
  ctx.events.on("user.forceLogout", ({ uid }) => streams.emitToUsers([uid], "force_logout", []));
}
function wireAccountConnections(ctx, realtime, presence) {
  ctx.events.on("tokens.removed", (event) => closeConnectionsOf(realtime, event));
  ctx.events.on("user.changed", (change2) => updateConnections(realtime, change2));
  realtime.onConnectionChange(({ connection, caller: caller2, kind }) => {
    if (kind === "login" && caller2) presence.connected(caller2.uid, connection.id);
    else presence.disconnected(connection.id);
  });
}
function sendUserData(streams, { uid, diff, unset }) {
  streams.emitToUsers([uid], "userData", [{ type: "updated", id: uid, diff, unset }]);
}
function sendDeletion(streams, { uid, erasure, replaceByUser }) {
  streams.emitToUsers([uid], "userData", [{ type: "removed", id: uid }]);
  if (erasure === "Keep") return;
  const replacement = replaceByUser ? { replaceByUser } : {};
  streams.emit("notify-logged", "Users:Deleted", [
    { userId: uid, messageErasureType: erasure, ...replacement }
  ]);
}
var STATUS_CODES = {
  offline: 0,
  online: 1,
  away: 2,
  busy: 3
};
function sendStatus(ctx, streams, event) {
  if (ctx.settings.bool("Presence_broadcast_disabled")) return;
  const { uid, username, name, statusText, roles } = event;
  const code = STATUS_CODES[event.status];
  streams.emit("notify-logged", "user-status", [[uid, username, code, statusText, name, roles]]);
  streams.emit("user-presence", uid, [[username, code, statusText]]);
}
var NORMAL_CLOSURE = 1e3;
function closeConnectionsOf(realtime, { hashes }) {
  const removed = new Set(hashes);
  const matches2 = (hash3) => hash3 !== void 0 && removed.has(hash3);
  realtime.closeConnections(({ caller: caller2 }) => matches2(caller2?.tokenHash), NORMAL_CLOSURE, "Logged out");
}
function updateConnections(realtime, { uid, diff, unset, user: user2 }) {
  const isTold = (key2) => key2 in diff || key2 in unset;
  const carried = ["username", "name", "roles"].some(isTold);
  const published = ["username", "emails"].some(isTold);
  if (!carried && !published) return;
  const { username, name, roles, emails } = user2;
  realtime.userChanged(uid, {
    ...carried ? { caller: { username, name, roles } } : {},
    ...published ? { fields: { ...username === void 0 ? {} : { username }, emails } } : {}
  });
}

// server/src/accounts/authenticate.ts
var MAX_KNOWN = 2e4;
var MAX_TOKEN_LENGTH = 256;
var CARRIED = ["username", "name", "roles", "active"];
function createAuthenticator(ctx) {
  const known2 = /* @__PURE__ */ new Map();
  const hashesOf = /* @__PURE__ */ new Map();
  let forgotten = 0;
  const forget = (hash3) => {
    const entry = known2.get(hash3);
    if (!entry) return;
    known2.delete(hash3);
    const hashes = hashesOf.get(entry.uid);
    hashes?.delete(hash3);
    if (hashes?.size === 0) hashesOf.delete(entry.uid);
  };
  const remember2 = (hash3, entry) => {
    const oldest = known2.size >= MAX_KNOWN ? known2.keys().next().value : void 0;
    if (oldest !== void 0) forget(oldest);
    known2.set(hash3, entry);
    hashesOf.set(entry.uid, (hashesOf.get(entry.uid) ?? /* @__PURE__ */ new Set()).add(hash3));
  };
  const forgetUser = (uid) => {
    forgotten++;
    for (const hash3 of [...hashesOf.get(uid) ?? []]) forget(hash3);
  };
  ctx.events.on("user.changed", ({ uid, diff, unset }) => {
    if (CARRIED.some((key2) => key2 in diff || key2 in unset)) forgetUser(uid);
  });
  ctx.events.on("user.deleted", ({ uid }) => forgetUser(uid));
  ctx.events.on("tokens.removed", ({ hashes }) => {
    forgotten++;
    for (const hash3 of hashes) forget(hash3);
  });
  return {
    async authenticate(uid, token, client) {
      if (token.length > MAX_TOKEN_LENGTH) return null;
      const hash3 = hashToken(token);
      let entry = known2.get(hash3);
      if (!entry) {
        const before = forgotten;
        const holder = await findTokenHolder(ctx.db, hash3, uid);
        if (!holder) return null;
        entry = knownFrom(holder);
        if (before === forgotten) remember2(hash3, entry);
      }
      if (entry.uid !== uid || tokenExpiry(ctx.settings, entry) <= ctx.clock.now()) return null;
      return {
        uid: entry.uid,
        username: entry.username,
        name: entry.name,
        roles: entry.roles,
        tokenHash: hash3,
        bypassTwoFactor: entry.bypassTwoFactor,
        ip: client.ip,
        userAgent: client.userAgent
      };
    }
  };
}
function knownFrom(holder) {
  return {
    uid: holder.uid,
    username: holder.username ?? void 0,
    name: holder.name ?? void 0,
    roles: parseDoc(holder.roles),
    bypassTwoFactor: holder.bypass_two_factor === 1,
    kind: holder.kind,
    created_at: holder.created_at
  };
}

// server/src/accounts/room-hooks.ts
var NO_ROOMS = {
  joinDefaultChannels: async () => {
  },
  relinquishRooms: async () => {
  },
  userRemoved: async () => {
  },
  userRenamed: async () => {
  },
  preferencesChanged: async () => {
  },
  userDeactivated: async () => {
  },
  userActivated: async () => {
  },
  isTeamName: async () => false,
  roomsOf: async () => []
};

// server/src/accounts/user-roles.ts
async function addGlobalRole(tx, emit, ctx, uid, role2) {
  const user2 = await loadUser(tx, uid);
  if (!user2 || user2.roles.includes(role2)) return false;
  await changeUser(ctx, tx, emit, { uid, set: { roles: [...user2.roles, role2] } });
  return true;
}
async function removeGlobalRole(tx, emit, ctx, uid, role2) {
  const user2 = await loadUser(tx, uid);
  if (!user2?.roles.includes(role2)) return false;
  await changeUser(ctx, tx, emit, { uid, set: { roles: user2.roles.filter((entry) => entry !== role2) } });
  return true;
}
async function listUsersInRole(db, role2, page3) {
  return withEmails(db, await pageOfUsersWithRole(db, role2, page3));
}
function countUsersInRole(db, role2, filter = {}) {
  return countUsersWithRole(db, role2, filter);
}

// server/src/accounts/bootstrap.ts
var CAT = "rocket.cat";
var TEST_ADMIN = "rocketchat.internal.admin.test";
async function bootstrapAccounts(ctx, rooms2 = NO_ROOMS) {
  await storeCat(ctx);
  const firstAdmin = await storeAdmin(ctx, rooms2);
  await storeInitialUser(ctx, rooms2);
  await promoteOldest(ctx);
  if (ctx.config.testMode) await storeTestAdmin(ctx, rooms2);
  await ctx.write(async (tx, emit) => {
    if (await hasAdmin(tx)) await startSetupWizard(ctx, tx, emit);
  });
  return firstAdmin ? { firstAdmin } : {};
}
async function storeCat(ctx) {
  if (await loadUser(ctx.db, CAT)) return;
  const cat = newUser(ctx, {
    _id: CAT,
    username: CAT,
    name: "Rocket.Cat",
    type: "bot",
    roles: ["bot"],
    status: "online",
    statusDefault: "online",
    utcOffset: 0
  });
  await ctx.write((tx, emit) => storeNewUser(tx, emit, cat, void 0));
}
async function storeAdmin(ctx, rooms2) {
  const { admin, testMode } = ctx.config;
  if (await hasAdmin(ctx.db)) return void 0;
  const configured = admin.password !== void 0 && admin.password !== "";
  if (!configured && (testMode || ctx.config.initialUser || await oldestPerson(ctx.db))) return void 0;
  if (!isValidUsername(ctx.settings, admin.username)) {
    ctx.log.warn(
      { username: admin.username },
      "the configured admin has no valid username and is not created"
    );
    return void 0;
  }
  const password = configured && admin.password ? admin.password : randomPassword();
  const hash3 = await hashDigest(ctx, digestOf(password));
  const created = await ctx.write(async (tx, emit) => {
    if (await isUsernameTaken(ctx, tx, rooms2, admin.username)) return false;
    const address = admin.email && isEmailShaped(admin.email) ? admin.email : void 0;
    const free = address !== void 0 && !await isEmailKeyTaken(tx, emailKey(address));
    const user2 = newUser(ctx, {
      username: admin.username,
      name: admin.name,
      emails: free ? [mainEmail(address, admin.emailVerified)] : [],
      roles: ["admin"],
      hasPassword: true
    });
    await admitUser(ctx, rooms2, tx, emit, { user: user2, hash: hash3, joins: true, silent: true });
    return true;
  });
  if (!created)
    ctx.log.warn({ username: admin.username }, "the configured admin is not created: the username is taken");
  return created && !configured ? { username: admin.username, password } : void 0;
}
async function storeInitialUser(ctx, rooms2) {
  const given2 = readInitialUser(ctx);
  if (!given2 || await loadUser(ctx.db, given2.user._id)) return;
  const hash3 = given2.password === void 0 ? void 0 : await hashDigest(ctx, digestOf(given2.password));
  await ctx.write(async (tx, emit) => {
    const { username } = given2.user;
    if (username !== void 0 && await isUsernameTaken(ctx, tx, rooms2, username)) return;
    const user2 = { ...given2.user, hasPassword: hash3 !== void 0 };
    await admitUser(ctx, rooms2, tx, emit, { user: user2, hash: hash3, joins: true, silent: true });
  });
}
function readInitialUser(ctx) {
  if (!ctx.config.initialUser) return void 0;
  const given2 = parseRecord(ctx.config.initialUser);
  const text5 = (key2) => {
    const value = given2?.[key2];
    return typeof value === "string" && value !== "" ? value : void 0;
  };
  if (!given2 || text5("_id") === void 0) {
    ctx.log.warn("INITIAL_USER is not a JSON object with an _id and is ignored");
    return void 0;
  }
  const roles = Array.isArray(given2.roles) ? given2.roles.filter((role2) => typeof role2 === "string") : [];
  const address = text5("email");
  return {
    user: newUser(ctx, {
      _id: text5("_id") ?? newId(),
      username: text5("username"),
      name: text5("name"),
      type: text5("type") ?? "user",
      roles: roles.length > 0 ? roles : defaultRoles(ctx),
      emails: address && isEmailShaped(address) ? [mainEmail(address, given2.emailVerified === true)] : []
    }),
    password: text5("password")
  };
}
async function promoteOldest(ctx) {
  if (await hasAdmin(ctx.db)) return;
  await ctx.write(async (tx, emit) => {
    const oldest = await oldestPerson(tx);
    if (!oldest) return;
    await addGlobalRole(tx, emit, ctx, oldest.id, "admin");
    ctx.log.warn({ uid: oldest.id }, "nobody was admin: the oldest user became it");
  });
}
async function storeTestAdmin(ctx, rooms2) {
  const hash3 = await hashDigest(ctx, digestOf(TEST_ADMIN));
  const user2 = newUser(ctx, {
    _id: TEST_ADMIN,
    username: TEST_ADMIN,
    name: "RocketChat Internal Admin Test",
    emails: [mainEmail(`${TEST_ADMIN}@rocket.chat`, false)],
    roles: ["admin"],
    hasPassword: true
  });
  await ctx.write(async (tx, emit) => {
    const old = await loadUserByUsername(tx, TEST_ADMIN);
    if (old) {
      await rooms2.userRemoved(ctx, tx, emit, old, "Keep");
      await deleteUserRow(tx, old._id);
    }
    await admitUser(ctx, rooms2, tx, emit, { user: user2, hash: hash3, joins: true, silent: true });
  });
}
function parseRecord(text5) {
  try {
    const value = JSON.parse(text5);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
  } catch {
    return void 0;
  }
}

// server/src/accounts/presence.store.ts
async function storePresence(tx, uids, presence) {
  await tx.updateTable("users").set({ status: presence.status, status_connection: presence.connection, updated_at: presence.stamp }).where("id", "in", uids).execute();
}
async function storeEverybodyOffline(tx, exceptUid, stamp) {
  await tx.updateTable("users").set({ status: "offline", status_connection: "offline", updated_at: stamp }).where("id", "<>", exceptUid).where((eb) => eb.or([eb("status", "<>", "offline"), eb("status_connection", "<>", "offline")])).execute();
}
function rowsWithTimedStatus(db) {
  return db.selectFrom("users").select(["id", "doc"]).where("doc", "like", '%"statusExpiresAt"%').execute();
}

// server/src/accounts/presence.ts
var Presence = class {
  #ctx;
  /** Connection id -> user and state. */
  #connections = /* @__PURE__ */ new Map();
  #connectionsOf = /* @__PURE__ */ new Map();
  /** Users whose stored state may differ from what is known here. */
  #changed = /* @__PURE__ */ new Set();
  #storing;
  /** Users with a timed status -> when it ends, in ms. */
  #timed = /* @__PURE__ */ new Map();
  constructor(ctx) {
    this.#ctx = ctx;
    ctx.events.on("user.changed", ({ uid, user: user2 }) => this.#note(uid, user2.statusExpiresAt));
    ctx.events.on("user.deleted", ({ uid }) => this.#note(uid, void 0));
  }
  /** To be called once before connections are taken: everybody is offline, and timed statuses are known. */
  async start() {
    const { clock } = this.#ctx;
    await this.#ctx.write((tx) => storeEverybodyOffline(tx, "rocket.cat", clock.stamp()));
    for (const row of await rowsWithTimedStatus(this.#ctx.db)) {
      this.#note(row.id, parseDoc(row.doc).statusExpiresAt);
    }
  }
  /** A connection logged in. A connection that changes its user has to be `disconnected` first. */
  connected(uid, connection) {
    this.disconnected(connection);
    this.#connections.set(connection, { uid, status: "online" });
    this.#connectionsOf.set(uid, (this.#connectionsOf.get(uid) ?? /* @__PURE__ */ new Set()).add(connection));
    this.#change(uid);
  }
  /** A connection was closed or logged out; unknown ones are ignored. */
  disconnected(connection) {
    const known2 = this.#connections.get(connection);
    if (!known2) return;
    this.#connections.delete(connection);
    const others = this.#connectionsOf.get(known2.uid);
    others?.delete(connection);
    if (others?.size === 0) this.#connectionsOf.delete(known2.uid);
    this.#change(known2.uid);
  }
  /** The client says that its user is here or away. Returns whether that was new; false for an unknown connection. */
  setConnectionStatus(connection, status) {
    const known2 = this.#connections.get(connection);
    if (!known2 || known2.status === status) return false;
    known2.status = status;
    this.#change(known2.uid);
    return true;
  }
  /** The state of a user's connections taken together. */
  connectionStatusOf(uid) {
    let best = "offline";
    for (const id of this.#connectionsOf.get(uid) ?? []) {
      const status = this.#connections.get(id)?.status;
      if (status === "online") return "online";
      if (status !== void 0) best = status;
    }
    return best;
  }
  /** Resolves when everything known by now is stored. */
  async settled() {
    while (this.#storing) await this.#storing;
  }
  /** One run of the periodic check: statuses whose time is over return to what they were. */
  async endTimedStatuses() {
    const now = this.#ctx.clock.now();
    for (const [uid, endsAt] of [...this.#timed]) {
      if (endsAt <= now) await this.#endTimedStatus(uid, now);
    }
  }
  #change(uid) {
    this.#changed.add(uid);
    this.#storing ??= this.#storeAll();
  }
  async #storeAll() {
    await Promise.resolve();
    try {
      while (this.#changed.size > 0) {
        const uids = [...this.#changed].slice(0, 500);
        for (const uid of uids) this.#changed.delete(uid);
        try {
          await this.#store(uids);
        } catch (error) {
          for (const uid of uids) this.#changed.add(uid);
          throw error;
        }
      }
    } catch (error) {
      this.#ctx.log.error({ err: error }, "storing presence failed");
    } finally {
      this.#storing = void 0;
    }
  }
  async #store(uids) {
    await this.#ctx.write(async (tx, emit) => {
      const users = await withEmails(tx, await findUserRows(tx, { ids: uids }));
      const stamp = this.#ctx.clock.stamp();
      const groups = /* @__PURE__ */ new Map();
      for (const before of users) {
        const connection = this.connectionStatusOf(before._id);
        const status = effectiveStatus(connection, before.statusDefault);
        if (connection === before.statusConnection && status === before.status) continue;
        const key2 = `${status} ${connection}`;
        const group = groups.get(key2) ?? { status, connection, uids: [] };
        group.uids.push(before._id);
        groups.set(key2, group);
        const after = { ...before, status, statusConnection: connection, updatedAt: stamp };
        announceChange(emit, before, after);
      }
      for (const group of groups.values()) await storePresence(tx, group.uids, { ...group, stamp });
    });
  }
  #note(uid, expiresAt) {
    if (expiresAt === void 0) this.#timed.delete(uid);
    else this.#timed.set(uid, expiresAt);
  }
  async #endTimedStatus(uid, now) {
    await this.#ctx.write(async (tx, emit) => {
      const user2 = await loadUser(tx, uid);
      if (!user2 || user2.statusExpiresAt === void 0 || user2.statusExpiresAt > now) return;
      const statusDefault = user2.previousStatus?.statusDefault ?? "online";
      await changeUser(this.#ctx, tx, emit, {
        uid,
        set: {
          statusDefault,
          statusText: user2.previousStatus?.statusText ?? "",
          status: effectiveStatus(user2.statusConnection, statusDefault),
          statusSource: void 0,
          statusExpiresAt: void 0,
          previousStatus: void 0
        }
      });
    });
  }
};

// server/src/admin/change-permissions.ts
async function updatePermissions(ctx, caller2, changes2) {
  requireEditPermissions(ctx, caller2);
  const entries = changes2.map(
    ({ id }) => PERMISSIONS.get(id) ?? refuse("Invalid permission", "error-invalid-permission")
  );
  if (entries.some((entry) => !mayEdit(ctx, caller2, entry))) editingNotAllowed();
  await ctx.write(async (tx, emit) => {
    const known2 = new Set((await allRoles(tx)).map((role2) => role2._id));
    for (const { id, roles } of changes2) {
      if (roles.some((role2) => !known2.has(role2))) refuse("Invalid role", "error-invalid-role");
      await storeRoles(ctx, tx, emit, id, [...new Set(roles)]);
    }
  });
}
async function addRoleToPermission(ctx, caller2, id, role2) {
  requirePermissions(ctx, caller2);
  const details = { method: "authorization:addPermissionToRole", action: "Adding_permission" };
  const entry = PERMISSIONS.get(id) ?? fail("error-invalid-permission", "Permission does not exist", details);
  if (!mayEdit(ctx, caller2, entry)) unauthorizedHere();
  await ctx.write(async (tx, emit) => {
    const known2 = (await allRoles(tx)).some(({ _id }) => _id === role2);
    if (!known2) fail("error-invalid-role", "Role does not exist", details);
    for (const target of [entry.setting?.groupPermissionId, id]) {
      if (target === void 0) continue;
      const roles = await rolesNow(tx, target);
      if (!roles.includes(role2)) await storeRoles(ctx, tx, emit, target, [...roles, role2]);
    }
  });
}
async function removeRoleFromPermission(ctx, caller2, id, role2) {
  requirePermissions(ctx, caller2);
  const details = { method: "authorization:removeRoleFromPermission" };
  const entry = PERMISSIONS.get(id) ?? fail("error-permission-not-found", "Permission not found", details);
  if (!mayEdit(ctx, caller2, entry)) unauthorizedHere();
  await ctx.write((tx, emit) => takeRole(ctx, tx, emit, id, role2));
}
async function forgetRole(ctx, tx, emit, role2) {
  const holders = [...PERMISSIONS.keys()].filter((id) => ctx.permissions.rolesOf(id).includes(role2));
  for (const id of holders) await takeRole(ctx, tx, emit, id, role2);
}
async function takeRole(ctx, tx, emit, id, role2) {
  const roles = await rolesNow(tx, id);
  const left = roles.filter((held) => held !== role2);
  if (left.length < roles.length) await storeRoles(ctx, tx, emit, id, left);
}
async function rolesNow(tx, id) {
  return await storedPermission(tx, id) ?? PERMISSIONS.get(id)?.defaultRoles ?? [];
}
async function storeRoles(ctx, tx, emit, id, roles) {
  const updatedAt = ctx.clock.stamp();
  await savePermission(tx, { id, roles, updatedAt });
  emit("permission.changed", { id, roles, updatedAt });
}
function requireEditPermissions(ctx, caller2) {
  if (!ctx.permissions.has(caller2, "access-permissions")) editingNotAllowed();
}
function editingNotAllowed() {
  return refuse("Editing permissions is not allowed", "error-edit-permissions-not-allowed");
}
function requirePermissions(ctx, caller2) {
  if (!ctx.permissions.has(caller2, "access-permissions")) unauthorizedHere();
}
function mayEdit(ctx, caller2, entry) {
  return !entry.setting || ctx.permissions.has(caller2, "access-setting-permissions");
}
function unauthorizedHere() {
  return fail("error-unauthorized", "User does not have the permissions required for this action");
}

// server/src/admin/list-permissions.ts
async function listPermissions(ctx, since) {
  const createdAt = ctx.settings.int(CREATED_AT);
  const stamps = new Map((await storedPermissions(ctx.db)).map(({ id, updatedAt }) => [id, updatedAt]));
  return [...PERMISSIONS.values()].map((entry) => ({
    entry,
    roles: ctx.permissions.rolesOf(entry.id),
    updatedAt: stamps.get(entry.id) ?? createdAt
  })).filter(({ updatedAt }) => since === void 0 || updatedAt > since);
}

// server/src/admin/login-services.ts
var OAUTH_SERVICES = [
  { name: "Facebook", service: "facebook", idKey: "appId", label: "Facebook", color: "#325c99" },
  { name: "Github", service: "github", idKey: "clientId", label: "GitHub", color: "#4c4c4c" },
  {
    name: "GitHub_Enterprise",
    service: "github_enterprise",
    idKey: "clientId",
    label: "GitHub",
    color: "#4c4c4c"
  },
  { name: "Gitlab", service: "gitlab", idKey: "clientId", label: "GitLab", color: "#373d47" },
  { name: "Google", service: "google", idKey: "clientId", label: "Google", color: "#dd4b39" },
  { name: "Linkedin", service: "linkedin", idKey: "clientId", label: "LinkedIn", color: "#1b86bc" },
  { name: "Meteor", service: "meteor-developer", idKey: "clientId", label: "Meteor", color: "#de4f4f" },
  { name: "Twitter", service: "twitter", idKey: "consumerKey", label: "Twitter", color: "#02acec" },
  { name: "Apple", service: "apple", idKey: "clientId", label: "Apple", color: "#000000" },
  { name: "Wordpress", service: "wordpress", idKey: "clientId", label: "WordPress", color: "#1e8cbe" },
  { name: "Drupal", service: "drupal", idKey: "clientId", label: "Drupal", color: "#0073ba" },
  { name: "Nextcloud", service: "nextcloud", idKey: "clientId", label: "Nextcloud", color: "#0082c9" }
];
var SERVER_URL = {
  github_enterprise: "API_GitHub_Enterprise_URL",
  gitlab: "API_Gitlab_URL",
  wordpress: "API_Wordpress_URL",
  drupal: "API_Drupal_URL",
  nextcloud: "API_Nextcloud_URL"
};
function listLoginServices(ctx) {
  const { settings } = ctx;
  const services = OAUTH_SERVICES.filter(({ name }) => settings.bool(`Accounts_OAuth_${name}`)).map(
    ({ name, service, idKey, label: label2, color }) => ({
      _id: serviceId(service),
      service,
      [idKey]: settings.text(`Accounts_OAuth_${name}_id`),
      buttonLabelText: label2,
      buttonLabelColor: "#FFFFFF",
      buttonColor: color,
      loginStyle: "popup",
      ...SERVER_URL[service] ? { serverURL: settings.text(SERVER_URL[service]) } : {}
    })
  );
  if (!settings.bool("CAS_enabled")) return services;
  const cas = {
    _id: serviceId("cas"),
    service: "cas",
    enabled: true,
    base_url: settings.text("CAS_base_url"),
    login_url: settings.text("CAS_login_url"),
    width: settings.int("CAS_popup_width"),
    height: settings.int("CAS_popup_height")
  };
  return [...services, cas];
}
function presentOAuthService(service) {
  if (service.service === "cas" || service.service === "wordpress") return service;
  return {
    _id: service._id,
    name: service.service,
    clientId: service.clientId ?? service.appId ?? service.consumerKey,
    buttonLabelText: service.buttonLabelText,
    buttonColor: service.buttonColor,
    buttonLabelColor: service.buttonLabelColor,
    custom: false
  };
}
var serviceId = (service) => sha256hex(`login service ${service}`).slice(0, 17);

// server/src/admin/present-permission.ts
function presentPermission(id, roles, updatedAt) {
  const setting = PERMISSIONS.get(id)?.setting;
  const level = setting ? { level: "settings", ...setting } : {};
  return { _id: id, roles, ...level, _updatedAt: new Date(updatedAt) };
}

// server/src/admin/present-role.ts
function presentRole(role2) {
  return {
    _id: role2._id,
    name: role2.name,
    scope: role2.scope,
    description: role2.description,
    protected: role2.protected,
    mandatory2fa: role2.mandatory2fa
  };
}
function presentRoleDocument(ctx, role2) {
  return { ...presentRole(role2), _updatedAt: new Date(role2.updatedAt || ctx.settings.int(CREATED_AT)) };
}

// server/src/admin/present-setting.ts
function presentSetting({
  setting,
  value
}) {
  return { _id: setting.id, value };
}
function presentSettingDocument(live) {
  const { setting, value, overridden, createdAt, updatedAt } = live;
  return {
    _id: setting.id,
    value,
    packageValue: live.packageValue,
    valueSource: overridden ? "processEnvValue" : "packageValue",
    processEnvValue: overridden ? value : void 0,
    type: setting.type,
    group: setting.group,
    public: setting.public === true,
    hidden: setting.hidden === true,
    blocked: overridden,
    enterprise: false,
    env: false,
    secret: setting.secret === true,
    i18nLabel: setting.id,
    i18nDescription: `${setting.id}_Description`,
    autocomplete: true,
    sorter: setting.sorter,
    ts: new Date(createdAt),
    createdAt: new Date(createdAt),
    _updatedAt: new Date(updatedAt),
    values: setting.values?.map((key2) => ({ key: key2, i18nLabel: key2 })),
    requiredOnWizard: setting.wizard ? false : void 0,
    wizard: setting.wizard,
    multiline: setting.type === "code" ? true : void 0,
    actionText: setting.type === "action" ? setting.id : void 0,
    asset: setting.type === "asset" ? setting.id.replace("Assets_", "") : void 0,
    minValue: setting.min,
    maxValue: setting.max
  };
}
function presentSettingGroups(ctx, since) {
  const createdAt = ctx.settings.int(CREATED_AT);
  if (since !== void 0 && createdAt <= since) return [];
  return SETTING_GROUPS.map(({ group }, sorter) => ({
    _id: group,
    type: "group",
    public: false,
    hidden: false,
    blocked: false,
    secret: false,
    i18nLabel: group,
    i18nDescription: `${group}_Description`,
    sorter,
    ts: new Date(createdAt),
    createdAt: new Date(createdAt),
    _updatedAt: new Date(createdAt)
  }));
}

// server/src/storage/prepared.ts
var Parameter = class {
  name;
  constructor(name) {
    this.name = name;
  }
};
function prepared(build) {
  const byDialect = /* @__PURE__ */ new WeakMap();
  function prepare2(db) {
    const parameter = (name) => new Parameter(name);
    const query = build(db, parameter).compile();
    const made = { query, parameters: query.parameters };
    byDialect.set(db.getExecutor().adapter, made);
    return made;
  }
  return (db, values) => {
    const { query, parameters } = byDialect.get(db.getExecutor().adapter) ?? prepare2(db);
    const bound = parameters.map(
      (value) => value instanceof Parameter ? values[value.name] : value
    );
    return db.executeQuery({ ...query, parameters: bound });
  };
}

// server/src/messages/message.ts
var DATE_FIELDS = ["ts", "_updatedAt", "editedAt", "pinnedAt", "tlm", "dlm"];
function reviveMessage(doc, viewerId) {
  const message = JSON.parse(doc);
  for (const field of DATE_FIELDS) {
    const value = message[field];
    if (typeof value === "string") message[field] = new Date(value);
  }
  if (message.attachments)
    reviveQuotes(message.attachments, message.t?.startsWith("message_pinned") ?? false);
  return viewerId === void 0 ? message : forViewer(message, viewerId);
}
function reviveQuotes(attachments, all) {
  for (const attachment of attachments) {
    const { ts, attachments: nested } = attachment;
    if (typeof ts === "string" && (all || attachment.message_link)) attachment.ts = new Date(ts);
    if (Array.isArray(nested)) reviveQuotes(nested, false);
  }
}
function forViewer(message, viewerId) {
  if (!message.starred) return message;
  return { ...message, starred: message.starred.filter((star) => star._id === viewerId) };
}
var messageDoc = (message) => JSON.stringify(message);

// server/src/messages/messages.store.ts
var insertQuery = prepared(
  (db, parameter) => db.insertInto("messages").values({
    id: parameter("id"),
    rid: parameter("rid"),
    ts: parameter("ts"),
    uid: parameter("uid"),
    hidden: parameter("hidden"),
    t: parameter("t"),
    tmid: parameter("tmid"),
    tshow: parameter("tshow"),
    pinned: parameter("pinned"),
    tcount: parameter("tcount"),
    tlm: parameter("tlm"),
    updated_at: parameter("updated_at"),
    doc: parameter("doc")
  }).onConflict((conflict) => conflict.column("id").doNothing())
);
async function insertMessage(tx, message, { doc = messageDoc(message), hidden = false } = {}) {
  const { numAffectedRows } = await insertQuery(tx, {
    id: message._id,
    rid: message.rid,
    ts: message.ts.getTime(),
    uid: message.u._id,
    hidden: Number(hidden),
    ...changingColumns(message, doc)
  });
  if (numAffectedRows === 0n) return false;
  if (!hidden) await insertMentions(tx, message);
  return true;
}
function changingColumns(message, doc = messageDoc(message)) {
  return {
    t: message.t ?? null,
    tmid: message.tmid ?? null,
    tshow: Number(message.tshow === true),
    pinned: Number(message.pinned === true),
    tcount: message.tcount ?? null,
    tlm: message.tlm?.getTime() ?? null,
    updated_at: message._updatedAt.getTime(),
    doc
  };
}
async function insertMentions(tx, { _id, rid, ts, mentions }) {
  if (!mentions || mentions.length === 0) return;
  const ids = [...new Set(mentions.map((mention) => mention._id))];
  for (let start2 = 0; start2 < ids.length; start2 += 200) {
    const rows = ids.slice(start2, start2 + 200).map((uid) => ({ uid, rid, ts: ts.getTime(), mid: _id }));
    await tx.insertInto("message_mentions").values(rows).execute();
  }
}
async function messageById(db, id) {
  const row = await db.selectFrom("messages").select("doc").where("id", "=", id).where("hidden", "=", 0).executeTakeFirst();
  return row && reviveMessage(row.doc);
}
async function storedMessageById(db, id) {
  const row = await db.selectFrom("messages").select(["doc", "hidden"]).where("id", "=", id).executeTakeFirst();
  return row && { message: reviveMessage(row.doc), hidden: row.hidden === 1 };
}
async function messagesByIds(db, ids) {
  const found = [];
  for (let start2 = 0; start2 < ids.length; start2 += 500) {
    const rows = await db.selectFrom("messages").select("doc").where("id", "in", ids.slice(start2, start2 + 500)).where("hidden", "=", 0).execute();
    for (const row of rows) found.push(reviveMessage(row.doc));
  }
  return found;
}
async function lockMessage(tx, id) {
  const row = await tx.updateTable("messages").set((eb) => ({ updated_at: eb.ref("updated_at") })).where("id", "=", id).where("hidden", "=", 0).returning("doc").executeTakeFirst();
  return row && reviveMessage(row.doc);
}
async function replaceMessage(tx, message, changed) {
  await tx.updateTable("messages").set(changingColumns(message)).where("id", "=", message._id).execute();
  if (changed !== "mentions") return;
  await tx.deleteFrom("message_mentions").where("mid", "=", message._id).execute();
  await insertMentions(tx, message);
}
async function setStar(tx, message, uid, starred) {
  const { rid, _id: mid } = message;
  if (starred) {
    await tx.insertInto("message_stars").values({ uid, rid, mid }).onConflict((conflict) => conflict.columns(["uid", "rid", "mid"]).doNothing()).execute();
  } else {
    await tx.deleteFrom("message_stars").where("uid", "=", uid).where("rid", "=", rid).where("mid", "=", mid).execute();
  }
}
async function hideMessage(tx, message, at) {
  const doc = messageDoc({ ...message, _hidden: true, _updatedAt: new Date(at) });
  await tx.updateTable("messages").set({ hidden: 1, updated_at: at, doc }).where("id", "=", message._id).execute();
  await leaveTombstone(tx, message, at);
}
async function removeMessage(tx, message, at) {
  await tx.deleteFrom("messages").where("id", "=", message._id).execute();
  await tx.deleteFrom("message_mentions").where("mid", "=", message._id).execute();
  await tx.deleteFrom("message_stars").where("mid", "=", message._id).execute();
  await leaveTombstone(tx, message, at);
}
async function leaveTombstone(tx, { _id, rid, tmid, tcount }, at) {
  const deleted = {
    rid,
    ...tmid ? { tmid } : {},
    ...tcount === void 0 ? {} : { tcount }
  };
  const doc = JSON.stringify(deleted);
  await tx.insertInto("tombstones").values({ kind: "message", id: _id, scope: rid, deleted_at: at, doc }).onConflict((conflict) => conflict.columns(["kind", "id", "scope"]).doUpdateSet({ deleted_at: at, doc })).execute();
}
async function deleteAllOfRoom(tx, rid) {
  const ids = tx.selectFrom("messages").select("id").where("rid", "=", rid);
  await tx.deleteFrom("message_mentions").where("mid", "in", ids).execute();
  await tx.deleteFrom("message_stars").where("mid", "in", ids).execute();
  await tx.deleteFrom("tombstones").where("kind", "=", "message").where("scope", "=", rid).execute();
  await tx.deleteFrom("messages").where("rid", "=", rid).execute();
}

// server/src/messages/system-message.ts
async function postSystemMessage(ctx, tx, emit, room2, { t, msg: msg2, user: user2, at, extra }) {
  const now = new Date(at ?? ctx.clock.stamp());
  const message = {
    _id: newId(),
    t,
    rid: room2.id,
    ts: now,
    msg: msg2,
    u: { _id: user2._id, username: user2.username, ...user2.name ? { name: user2.name } : {} },
    groupable: false,
    ...ctx.settings.bool("Message_Read_Receipt_Enabled") ? { unread: true } : {},
    ...extra,
    _updatedAt: now
  };
  await insertMessage(tx, message);
  emit("message.saved", { message, room: roomOfMessage(room2), isNew: true });
  return message;
}
function roomOfMessage(room2) {
  const { id, type, name, displayName, teamId, parentId } = room2;
  return { id, type, name, displayName, teamId, parentId };
}

// server/src/storage/row-locks.ts
import { SqliteAdapter } from "kysely";
function lockingRows(db, query) {
  return db.getExecutor().adapter instanceof SqliteAdapter ? query : query.forUpdate();
}

// server/src/rooms/membership.ts
function membershipFromRow(row) {
  return {
    id: row.id,
    rid: row.rid,
    uid: row.uid,
    joinedAt: row.ts,
    updatedAt: row.updated_at,
    lastSeenAt: row.ls,
    lastReplyAt: row.lr,
    open: row.open === 1,
    alert: row.alert === 1,
    unread: row.unread,
    userMentions: row.user_mentions,
    groupMentions: row.group_mentions,
    seenActivitySeq: row.seen_activity_seq,
    seenUnreadSeq: row.seen_unread_seq,
    seenGroupSeq: row.seen_group_seq,
    favorite: row.favorite === 1,
    roles: parseDoc(row.roles),
    status: row.status,
    details: parseDoc(row.doc)
  };
}
function unreadState(membership, room2) {
  const active = room2.activitySeq > membership.seenActivitySeq;
  return {
    open: membership.open || active,
    alert: membership.alert || active,
    unread: membership.unread + Math.max(0, room2.unreadSeq - membership.seenUnreadSeq),
    userMentions: membership.userMentions,
    groupMentions: membership.groupMentions + Math.max(0, room2.groupSeq - membership.seenGroupSeq),
    updatedAt: active ? Math.max(membership.updatedAt, room2.activityAt) : membership.updatedAt
  };
}
var isActiveMember = (membership) => membership !== void 0 && membership.status === null;

// server/src/rooms/membership.store.ts
var membershipQuery = prepared(
  (db, parameter) => db.selectFrom("subscriptions").selectAll().where("rid", "=", parameter("rid")).where("uid", "=", parameter("uid"))
);
var lockMembershipQuery = prepared(
  (db, parameter) => lockingRows(
    db,
    db.selectFrom("subscriptions").selectAll().where("rid", "=", parameter("rid")).where("uid", "=", parameter("uid"))
  )
);
async function lockMembershipOf(tx, rid, uid) {
  const [row] = (await lockMembershipQuery(tx, { rid, uid })).rows;
  return row && membershipFromRow(row);
}
async function membershipOf(db, rid, uid) {
  const [row] = (await membershipQuery(db, { rid, uid })).rows;
  return row && membershipFromRow(row);
}
async function membershipsOfUser(db, uid) {
  const rows = await db.selectFrom("subscriptions").selectAll().where("uid", "=", uid).execute();
  return rows.map(membershipFromRow);
}
async function membershipsIn(db, rid, uids) {
  const found = [];
  for (let start2 = 0; start2 < uids.length; start2 += 500) {
    const rows = await db.selectFrom("subscriptions").selectAll().where("rid", "=", rid).where("uid", "in", uids.slice(start2, start2 + 500)).execute();
    found.push(...rows.map(membershipFromRow));
  }
  return found;
}
var highlightsColumn = ({ userHighlights }) => userHighlights && userHighlights.length > 0 ? JSON.stringify(userHighlights) : null;
async function insertMemberships(tx, room2, members2) {
  const rows = members2.map(
    (member3) => ({
      id: newId(),
      rid: room2.id,
      uid: member3.uid,
      t: room2.type,
      ts: member3.joinedAt,
      position: member3.position,
      updated_at: member3.joinedAt,
      ls: member3.lastSeenAt,
      lr: null,
      open: Number(member3.open),
      alert: Number(member3.alert),
      unread: member3.unread,
      user_mentions: member3.userMentions,
      group_mentions: 0,
      seen_activity_seq: room2.activitySeq,
      seen_unread_seq: room2.unreadSeq,
      seen_group_seq: room2.groupSeq,
      favorite: Number(member3.favorite),
      roles: JSON.stringify(member3.roles),
      status: null,
      highlights: highlightsColumn(member3.details),
      doc: JSON.stringify(member3.details)
    })
  );
  for (let start2 = 0; start2 < rows.length; start2 += 200) {
    await tx.insertInto("subscriptions").values(rows.slice(start2, start2 + 200)).execute();
  }
  const roles = members2.flatMap(
    (member3) => member3.roles.map((role2) => ({ rid: room2.id, uid: member3.uid, role: role2 }))
  );
  if (roles.length > 0) await tx.insertInto("room_roles").values(roles).execute();
  return rows.map(membershipFromRow);
}
async function removeMembership(tx, membership, at) {
  const deleted = await tx.deleteFrom("subscriptions").where("id", "=", membership.id).executeTakeFirst();
  if (Number(deleted.numDeletedRows) === 0) return false;
  if (membership.roles.length > 0) {
    await tx.deleteFrom("room_roles").where("rid", "=", membership.rid).where("uid", "=", membership.uid).execute();
  }
  await tx.insertInto("tombstones").values({
    kind: "subscription",
    id: membership.id,
    scope: membership.uid,
    deleted_at: at,
    doc: JSON.stringify({ rid: membership.rid })
  }).execute();
  return true;
}
async function countRoomRole(db, rid, role2) {
  const row = await db.selectFrom("room_roles").select((eb) => eb.fn.countAll().as("n")).where("rid", "=", rid).where("role", "=", role2).executeTakeFirstOrThrow();
  return Number(row.n);
}
async function setRoomRoles(tx, rid, uid, roles, at) {
  await tx.updateTable("subscriptions").set({ roles: JSON.stringify(roles), updated_at: at }).where("rid", "=", rid).where("uid", "=", uid).execute();
  await tx.deleteFrom("room_roles").where("rid", "=", rid).where("uid", "=", uid).execute();
  if (roles.length > 0) {
    await tx.insertInto("room_roles").values(roles.map((role2) => ({ rid, uid, role: role2 }))).execute();
  }
}
async function roleHolders(db, rid) {
  const rows = await db.selectFrom("subscriptions as s").innerJoin("users as u", "u.id", "s.uid").select(["s.id", "s.rid", "s.uid", "s.roles", "u.username", "u.name"]).where("s.rid", "=", rid).where("s.uid", "in", (eb) => eb.selectFrom("room_roles").select("uid").where("rid", "=", rid)).orderBy("u.username").execute();
  return rows.map((row) => ({ ...row, roles: parseDoc(row.roles) }));
}
async function updateMembership(tx, id, at, change2) {
  await tx.updateTable("subscriptions").set({
    updated_at: at,
    ...change2.open === void 0 ? {} : { open: Number(change2.open) },
    ...change2.alert === void 0 ? {} : { alert: Number(change2.alert) },
    ...change2.unread === void 0 ? {} : { unread: change2.unread },
    ...change2.userMentions === void 0 ? {} : { user_mentions: change2.userMentions },
    ...change2.groupMentions === void 0 ? {} : { group_mentions: change2.groupMentions },
    ...change2.lastSeenAt === void 0 ? {} : { ls: change2.lastSeenAt },
    ...change2.favorite === void 0 ? {} : { favorite: Number(change2.favorite) },
    ...change2.status === void 0 ? {} : { status: change2.status },
    ...change2.details === void 0 ? {} : { doc: JSON.stringify(change2.details), highlights: highlightsColumn(change2.details) },
    ...change2.seen === void 0 ? {} : {
      seen_activity_seq: change2.seen.activitySeq,
      seen_unread_seq: change2.seen.unreadSeq,
      seen_group_seq: change2.seen.groupSeq
    }
  }).where("id", "=", id).execute();
}
var markReadQuery = prepared(
  (db, parameter) => db.updateTable("subscriptions").set({
    updated_at: parameter("updatedAt"),
    ls: parameter("lastSeenAt"),
    open: 1,
    alert: 0,
    unread: 0,
    user_mentions: 0,
    group_mentions: 0,
    seen_activity_seq: parameter("seenActivitySeq"),
    seen_unread_seq: parameter("seenUnreadSeq"),
    seen_group_seq: parameter("seenGroupSeq")
  }).where("id", "=", parameter("id"))
);
async function markMembershipRead(tx, membership, room2, at) {
  const read = {
    updatedAt: at,
    lastSeenAt: at,
    seenActivitySeq: room2.activitySeq,
    seenUnreadSeq: room2.unreadSeq,
    seenGroupSeq: room2.groupSeq
  };
  await markReadQuery(tx, { ...read, id: membership.id });
  return { ...membership, ...read, open: true, alert: false, unread: 0, userMentions: 0, groupMentions: 0 };
}
async function addMentions(tx, rid, uids, unread, at) {
  if (uids.length === 0) return;
  await tx.updateTable("subscriptions").set((eb) => ({
    updated_at: at,
    open: 1,
    alert: 1,
    unread: eb("unread", "+", unread),
    user_mentions: eb("user_mentions", "+", 1)
  })).where("rid", "=", rid).where("uid", "in", uids).where("status", "is", null).execute();
}
async function updateAllMemberships(tx, room2, at, change2) {
  await tx.updateTable("subscriptions").set({
    updated_at: at,
    ...change2.open === void 0 ? {} : { open: Number(change2.open) },
    ...change2.alert === void 0 ? {} : { alert: Number(change2.alert) },
    ...change2.type === void 0 ? {} : { t: change2.type },
    ...change2.takeSeen ? { seen_activity_seq: room2.activitySeq } : {}
  }).where("rid", "=", room2.id).execute();
}
async function deletedMemberships(db, uid, since) {
  return db.selectFrom("tombstones").select(["id", "deleted_at"]).where("kind", "=", "subscription").where("scope", "=", uid).where("deleted_at", ">", since).orderBy("deleted_at").limit(1e4).execute();
}
async function deleteMembershipsOfRoom(tx, rid, at) {
  const rows = await tx.selectFrom("subscriptions").innerJoin("users", "users.id", "subscriptions.uid").selectAll("subscriptions").select(["users.username as member_username", "users.name as member_name"]).where("rid", "=", rid).execute();
  await tx.deleteFrom("subscriptions").where("rid", "=", rid).execute();
  await tx.deleteFrom("room_roles").where("rid", "=", rid).execute();
  const doc = JSON.stringify({ rid });
  const tombstones2 = rows.map((row) => ({
    kind: "subscription",
    id: row.id,
    scope: row.uid,
    deleted_at: at,
    doc
  }));
  for (let start2 = 0; start2 < tombstones2.length; start2 += 500) {
    await tx.insertInto("tombstones").values(tombstones2.slice(start2, start2 + 500)).execute();
  }
  return rows.map((row) => ({
    membership: membershipFromRow(row),
    user: {
      _id: row.uid,
      username: row.member_username ?? "",
      ...row.member_name ? { name: row.member_name } : {}
    }
  }));
}
var highlightsQuery = prepared(
  (db, parameter) => db.selectFrom("subscriptions").select(["uid", "highlights"]).where("rid", "=", parameter("rid")).where("highlights", "is not", null).where("status", "is", null)
);
async function membersWithHighlights(db, rid) {
  const { rows } = await highlightsQuery(db, { rid });
  return rows.map((row) => ({
    uid: row.uid,
    words: row.highlights === null ? [] : parseDoc(row.highlights)
  }));
}

// server/src/rooms/room.ts
function roomFromRow(row) {
  return {
    id: row.id,
    type: row.t,
    name: row.name,
    displayName: row.fname,
    creatorId: row.creator_id,
    createdAt: row.ts,
    updatedAt: row.updated_at,
    messageCount: row.msgs,
    memberCount: row.users_count,
    lastMessageAt: row.lm,
    lastMessage: row.last_message,
    archived: row.archived === 1,
    readOnly: row.ro === 1,
    isDefault: row.is_default === 1,
    teamId: row.team_id,
    teamMain: row.team_main === 1,
    parentId: row.prid,
    joinCode: row.join_code,
    activitySeq: row.activity_seq,
    unreadSeq: row.unread_seq,
    groupSeq: row.group_seq,
    activityAt: row.activity_at,
    details: parseDoc(row.doc)
  };
}
var roomLabel = (room2) => room2.displayName ?? room2.name ?? room2.id;

// server/src/rooms/rooms.store.ts
var roomByIdQuery = prepared(
  (db, parameter) => db.selectFrom("rooms").selectAll().where("id", "=", parameter("id"))
);
var lockRoomQuery = prepared(
  (db, parameter) => lockingRows(db, db.selectFrom("rooms").selectAll().where("id", "=", parameter("id")))
);
async function lockRoomById(tx, id) {
  const [row] = (await lockRoomQuery(tx, { id })).rows;
  return row && roomFromRow(row);
}
async function roomById(db, id) {
  const [row] = (await roomByIdQuery(db, { id })).rows;
  return row && roomFromRow(row);
}
async function roomByName(db, name) {
  const row = await db.selectFrom("rooms").selectAll().where("name", "=", name).executeTakeFirst();
  return row && roomFromRow(row);
}
async function roomByDisplayName(db, displayName) {
  const row = await db.selectFrom("rooms").selectAll().where("fname", "=", displayName).limit(1).executeTakeFirst();
  return row && roomFromRow(row);
}
async function roomsByIds(db, ids) {
  const found = [];
  for (let start2 = 0; start2 < ids.length; start2 += 500) {
    const some = ids.slice(start2, start2 + 500);
    const rows = await db.selectFrom("rooms").selectAll().where("id", "in", some).execute();
    found.push(...rows.map(roomFromRow));
  }
  return found;
}
async function insertRoom(tx, row) {
  const counters = { activity_seq: 0, unread_seq: 0, group_seq: 0, activity_at: 0 };
  await tx.insertInto("rooms").values({ ...row, ...counters }).execute();
}
async function updateRoom(tx, id, at, change2) {
  await tx.updateTable("rooms").set({
    updated_at: at,
    ...change2.name === void 0 ? {} : { name: change2.name },
    ...change2.displayName === void 0 ? {} : { fname: change2.displayName },
    ...change2.type === void 0 ? {} : { t: change2.type },
    ...change2.archived === void 0 ? {} : { archived: Number(change2.archived) },
    ...change2.readOnly === void 0 ? {} : { ro: Number(change2.readOnly) },
    ...change2.isDefault === void 0 ? {} : { is_default: Number(change2.isDefault) },
    ...change2.joinCode === void 0 ? {} : { join_code: change2.joinCode },
    ...change2.teamId === void 0 ? {} : { team_id: change2.teamId },
    ...change2.teamMain === void 0 ? {} : { team_main: Number(change2.teamMain) },
    ...change2.lastMessage === void 0 ? {} : { last_message: change2.lastMessage },
    ...change2.lastMessageAt === void 0 ? {} : { lm: change2.lastMessageAt },
    ...change2.details === void 0 ? {} : { doc: JSON.stringify(change2.details) }
  }).where("id", "=", id).execute();
}
var countQuery = prepared(
  (db, parameter) => db.updateTable("rooms").set((eb) => ({
    updated_at: parameter("at"),
    msgs: eb("msgs", "+", parameter("messages")),
    users_count: eb("users_count", "+", parameter("members"))
  })).where("id", "=", parameter("id")).returningAll()
);
async function recordActivity(tx, id, at, { messages: messages2, members: members2 }) {
  const [row] = (await countQuery(tx, { id, at, messages: messages2, members: members2 })).rows;
  return row && roomFromRow(row);
}
var countMessageQuery = prepared(
  (db, parameter) => db.updateTable("rooms").set({
    updated_at: parameter("updatedAt"),
    msgs: parameter("messageCount"),
    lm: parameter("lastMessageAt"),
    last_message: parameter("lastMessage"),
    activity_seq: parameter("activitySeq"),
    activity_at: parameter("activityAt"),
    unread_seq: parameter("unreadSeq"),
    group_seq: parameter("groupSeq")
  }).where("id", "=", parameter("id"))
);
async function recordMessageInRoom(tx, id, counted2) {
  await countMessageQuery(tx, { ...counted2, id });
}
async function deleteRoom(tx, id) {
  await tx.deleteFrom("rooms").where("id", "=", id).execute();
}
async function roomsOfTeam(db, teamId) {
  const rows = await db.selectFrom("rooms").selectAll().where("team_id", "=", teamId).execute();
  return rows.map(roomFromRow);
}
async function defaultRooms(db) {
  const rows = await db.selectFrom("rooms").selectAll().where("is_default", "=", 1).where("archived", "=", 0).execute();
  return rows.map(roomFromRow);
}
var ROOM_SORT_COLUMNS = {
  _id: "rooms.id",
  name: "rooms.name",
  fname: "rooms.fname",
  ts: "rooms.ts",
  msgs: "rooms.msgs",
  lm: "rooms.lm",
  usersCount: "rooms.users_count",
  default: "rooms.is_default",
  _updatedAt: "rooms.updated_at"
};
async function listRooms(db, filter, order, page3) {
  const matching = filterRooms(db, filter);
  let rows = matching.selectAll("rooms");
  for (const { column, direction } of order) rows = rows.orderBy(column, direction);
  const [found, counted2] = await Promise.all([
    rows.limit(page3.count).offset(page3.offset).execute(),
    matching.select((eb) => eb.fn.countAll().as("n")).executeTakeFirstOrThrow()
  ]);
  return { rooms: found.map(roomFromRow), total: Number(counted2.n) };
}
function filterRooms(db, filter) {
  let query = db.selectFrom("rooms").where("rooms.t", "=", filter.type);
  const { id, joinedBy, outsideTeamsOrJoinedBy } = filter;
  if (id !== void 0) query = query.where("rooms.id", "=", id);
  if (joinedBy !== void 0) query = query.where("rooms.id", "in", joinedRooms(db, joinedBy));
  if (outsideTeamsOrJoinedBy !== void 0) {
    const joined = joinedRooms(db, outsideTeamsOrJoinedBy);
    query = query.where((eb) => eb.or([eb("rooms.team_id", "is", null), eb("rooms.id", "in", joined)]));
  }
  return query;
}
var joinedRooms = (db, uid) => db.selectFrom("subscriptions").select("rid").where("uid", "=", uid).where("status", "is", null);
async function insertRoomTombstones(tx, rid, uids, at) {
  for (let start2 = 0; start2 < uids.length; start2 += 500) {
    const rows = uids.slice(start2, start2 + 500).map((uid) => ({ kind: "room", id: rid, scope: uid, deleted_at: at, doc: "{}" }));
    await tx.insertInto("tombstones").values(rows).execute();
  }
}
async function deletedRooms(db, uid, since) {
  return db.selectFrom("tombstones").select(["id", "deleted_at"]).where("kind", "=", "room").where("scope", "=", uid).where("deleted_at", ">", since).orderBy("deleted_at").limit(1e4).execute();
}
async function unjoinedChannelsLike(db, text5, uid, limit) {
  const pattern = containsPattern(text5);
  let query = db.selectFrom("rooms").selectAll("rooms").where("rooms.t", "=", "c").where("rooms.team_id", "is", null).where((eb) => eb.or([isLike(eb.ref("rooms.name"), pattern), isLike(eb.ref("rooms.fname"), pattern)]));
  if (uid !== void 0) query = query.where("rooms.id", "not in", joinedRooms(db, uid));
  const rows = await query.orderBy("rooms.name").limit(limit).execute();
  return rows.map(roomFromRow);
}

// server/src/rooms/teams.store.ts
function teamById(db, id) {
  return db.selectFrom("teams").selectAll().where("id", "=", id).executeTakeFirst();
}
function teamByName(db, name) {
  return db.selectFrom("teams").selectAll().where("name_key", "=", name.toLowerCase()).executeTakeFirst();
}
async function isTeamMember(db, teamId, uid) {
  const row = await db.selectFrom("team_members").select("id").where("team_id", "=", teamId).where("uid", "=", uid).executeTakeFirst();
  return row !== void 0;
}
async function teamMemberIds(db, teamId) {
  const rows = await db.selectFrom("team_members").select("uid").where("team_id", "=", teamId).execute();
  return rows.map((row) => row.uid);
}
async function insertTeam(tx, team) {
  await tx.insertInto("teams").values(team).execute();
}
async function addTeamMembers(tx, teamId, members2, createdBy, at) {
  const rows = members2.map((member3) => ({
    id: newId(),
    team_id: teamId,
    uid: member3.uid,
    roles: JSON.stringify(member3.roles),
    created_at: at,
    updated_at: at,
    created_by: JSON.stringify(createdBy)
  }));
  for (let start2 = 0; start2 < rows.length; start2 += 200) {
    await tx.insertInto("team_members").values(rows.slice(start2, start2 + 200)).onConflict((conflict) => conflict.columns(["team_id", "uid"]).doNothing()).execute();
  }
}
async function removeTeamMember(tx, teamId, uid) {
  await tx.deleteFrom("team_members").where("team_id", "=", teamId).where("uid", "=", uid).execute();
}
async function teamMemberRoles(db, teamId, uid) {
  const row = await db.selectFrom("team_members").select("roles").where("team_id", "=", teamId).where("uid", "=", uid).executeTakeFirst();
  return row && parseDoc(row.roles);
}
async function setTeamMemberRoles(tx, teamId, uid, roles, at) {
  await tx.updateTable("team_members").set({ roles: JSON.stringify(roles), updated_at: at }).where("team_id", "=", teamId).where("uid", "=", uid).execute();
}
async function renameTeam(tx, id, name, at) {
  await tx.updateTable("teams").set({ name, name_key: name.toLowerCase(), updated_at: at }).where("id", "=", id).execute();
}
async function setTeamType(tx, id, type, at) {
  await tx.updateTable("teams").set({ type, updated_at: at }).where("id", "=", id).execute();
}
async function deleteTeam(tx, id) {
  await tx.deleteFrom("team_members").where("team_id", "=", id).execute();
  await tx.deleteFrom("teams").where("id", "=", id).execute();
}

// server/src/rooms/access.ts
async function canAccessRoom(ctx, caller2, room2, known2) {
  if (room2.type === "c" && await mayEnterChannel(ctx, caller2, room2)) return true;
  if (caller2) {
    const membership = known2 ? known2.membership : await membershipOf(ctx.db, room2.id, caller2.uid);
    if (isActiveMember(membership) && ctx.permissions.hasAny(caller2, ["view-joined-room", `view-${room2.type}-room`]))
      return true;
  }
  if (room2.parentId !== null) {
    const parent = await roomById(ctx.db, room2.parentId);
    return parent !== void 0 && canAccessRoom(ctx, caller2, parent);
  }
  return false;
}
async function mayEnterChannel(ctx, caller2, room2) {
  if (room2.teamId !== null) {
    const team = await teamById(ctx.db, room2.teamId);
    if (team?.type === 1) return caller2 !== null && await isTeamMember(ctx.db, team.id, caller2.uid);
  }
  return maySeePublicChannels(ctx, caller2);
}
function maySeePublicChannels(ctx, caller2) {
  return caller2 ? ctx.permissions.has(caller2, "view-c-room") : ctx.settings.bool("Accounts_AllowAnonymousRead");
}
function mayPreview(ctx, caller2) {
  if (!caller2 && !ctx.settings.bool("Accounts_AllowAnonymousRead")) return false;
  return ctx.permissions.has(caller2 ?? ANONYMOUS, "preview-c-room");
}
async function hasInRoom(ctx, caller2, permission, rid) {
  if (ctx.permissions.has(caller2, permission)) return true;
  const membership = await membershipOf(ctx.db, rid, caller2.uid);
  return isActiveMember(membership) && ctx.permissions.has(caller2, permission, membership.roles);
}

// server/src/rooms/present-room.ts
function presentRoom(room2, viewerId) {
  const { u, ...details } = room2.details;
  const wire2 = {
    _id: room2.id,
    t: room2.type,
    ...room2.name === null ? {} : { name: room2.name },
    ...room2.displayName === null ? {} : { fname: room2.displayName },
    msgs: room2.messageCount,
    usersCount: room2.memberCount,
    ...details,
    ro: room2.readOnly,
    default: room2.isDefault,
    ts: new Date(room2.createdAt),
    _updatedAt: new Date(room2.updatedAt)
  };
  if (room2.type !== "d") wire2.u = u;
  if (room2.lastMessageAt !== null) wire2.lm = new Date(room2.lastMessageAt);
  if (room2.lastMessage !== null) wire2.lastMessage = reviveMessage(room2.lastMessage, viewerId);
  if (room2.archived) wire2.archived = true;
  if (room2.teamId !== null) wire2.teamId = room2.teamId;
  if (room2.teamMain) wire2.teamMain = true;
  if (room2.parentId !== null) wire2.prid = room2.parentId;
  if (room2.joinCode !== null) wire2.joinCodeRequired = true;
  return wire2;
}
function publishedRoom({
  featured: _f,
  favorite: _v,
  teamDefault: _d,
  ...published
}) {
  return published;
}

// server/src/rooms/present-subscription.ts
function presentSubscription(membership, room2, user2) {
  const state = unreadState(membership, room2);
  const { userHighlights: _notForClients, ...details } = membership.details;
  const wire2 = {
    _id: membership.id,
    rid: membership.rid,
    t: room2.type,
    u: { _id: user2._id, username: user2.username, ...user2.name ? { name: user2.name } : {} },
    ...details,
    name: details.name ?? room2.name ?? room2.id,
    fname: details.fname ?? room2.displayName ?? void 0,
    ts: new Date(membership.joinedAt),
    open: state.open,
    alert: state.alert,
    unread: state.unread,
    userMentions: state.userMentions,
    groupMentions: state.groupMentions,
    _updatedAt: new Date(state.updatedAt)
  };
  if (membership.lastSeenAt !== null) wire2.ls = new Date(membership.lastSeenAt);
  if (membership.lastReplyAt !== null) wire2.lr = new Date(membership.lastReplyAt);
  if (membership.favorite) wire2.f = true;
  if (membership.roles.length > 0) wire2.roles = membership.roles;
  if (membership.status) wire2.status = membership.status;
  if (room2.archived) wire2.archived = true;
  if (room2.parentId !== null) wire2.prid = room2.parentId;
  if (room2.teamId !== null) wire2.teamId = room2.teamId;
  if (room2.teamMain) wire2.teamMain = true;
  if (room2.details.broadcast) wire2.broadcast = true;
  if (room2.details.encrypted) wire2.encrypted = true;
  if (room2.details.customFields) wire2.customFields = room2.details.customFields;
  return wire2;
}

// server/src/rooms/user-ref.ts
function callerRef(caller2) {
  return { _id: caller2.uid, username: caller2.username ?? "", ...caller2.name ? { name: caller2.name } : {} };
}
function userRef(user2) {
  return { _id: user2._id, username: user2.username ?? "", ...user2.name ? { name: user2.name } : {} };
}

// server/src/rooms/room-roles.ts
var LABEL = { owner: "Owner", moderator: "Moderator", leader: "Leader" };
var NOUN = { owner: "an owner", moderator: "a moderator", leader: "a leader" };
async function giveRoomRole(ctx, caller2, room2, target, role2) {
  const details = { method: `addRoom${LABEL[role2]}` };
  await requireMaySet(ctx, caller2, room2, target, role2, details);
  await ctx.write(async (tx, emit) => {
    const changed = await recordActivity(tx, room2.id, ctx.clock.stamp(), { messages: 1, members: 0 });
    if (!changed) fail("error-invalid-room", "Invalid room", details);
    const membership = await membershipOf(tx, room2.id, target._id);
    if (!isActiveMember(membership)) fail("error-user-not-in-room", "User is not in this room", details);
    if (membership.roles.includes(role2))
      fail(`error-user-already-${role2}`, `User is already ${NOUN[role2]}`, details);
    await changeRoles(
      ctx,
      tx,
      emit,
      changed,
      membership,
      target,
      [...membership.roles, role2],
      role2,
      callerRef(caller2)
    );
  });
}
async function takeRoomRole(ctx, caller2, room2, target, role2) {
  const details = { method: `removeRoom${LABEL[role2]}` };
  await requireMaySet(ctx, caller2, room2, target, role2, details);
  await ctx.write(async (tx, emit) => {
    const changed = await recordActivity(tx, room2.id, ctx.clock.stamp(), { messages: 1, members: 0 });
    if (!changed) fail("error-invalid-room", "Invalid room", details);
    const membership = await membershipOf(tx, room2.id, target._id);
    if (!isActiveMember(membership)) {
      if (role2 === "leader") fail("error-user-not-in-room", "User is not in this room", details);
      fail("error-invalid-room", "Invalid room", details);
    }
    if (!membership.roles.includes(role2))
      fail(`error-user-not-${role2}`, `User is not ${NOUN[role2]}`, details);
    if (role2 === "owner" && await countRoomRole(tx, room2.id, "owner") === 1) {
      const reason = "This is the last owner. Please set a new owner before removing this one.";
      fail("error-remove-last-owner", reason, details);
    }
    const left = membership.roles.filter((held) => held !== role2);
    await changeRoles(ctx, tx, emit, changed, membership, target, left, role2, callerRef(caller2));
  });
}
async function requireMaySet(ctx, caller2, room2, target, role2, details) {
  if (!await hasInRoom(ctx, caller2, `set-${role2}`, room2.id))
    fail("error-not-allowed", "Not allowed", details);
  if (!target.username) fail("error-invalid-user", "Invalid user", details);
}
async function changeRoles(ctx, tx, emit, room2, membership, target, roles, role2, actor) {
  const at = ctx.clock.stamp();
  const added = roles.includes(role2);
  const user2 = userRef(target);
  await setRoomRoles(tx, room2.id, target._id, roles, at);
  await keepTeamRolesInStep(tx, room2, target._id, role2, added, at);
  const t = added ? "subscription-role-added" : "subscription-role-removed";
  await postSystemMessage(ctx, tx, emit, room2, { t, msg: user2.username, user: actor, extra: { role: role2 } });
  emit("membership.changed", {
    action: "updated",
    rid: room2.id,
    uid: target._id,
    subscription: presentSubscription({ ...membership, roles, updatedAt: at }, room2, user2)
  });
  emit("roomRole.changed", {
    type: added ? "added" : "removed",
    role: role2,
    rid: room2.id,
    isPublic: room2.type === "c",
    user: user2
  });
  emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(room2) });
}
async function keepTeamRolesInStep(tx, room2, uid, role2, added, at) {
  if (!room2.teamMain || room2.teamId === null) return;
  const inTeam = await teamMemberRoles(tx, room2.teamId, uid);
  if (!inTeam) return;
  const roles = added ? [.../* @__PURE__ */ new Set([...inTeam, role2])] : inTeam.filter((held) => held !== role2);
  await setTeamMemberRoles(tx, room2.teamId, uid, roles, at);
}
async function addRoomRole(ctx, tx, emit, rid, user2, role2) {
  await setRoleQuietly(ctx, tx, emit, rid, user2, role2, true);
}
async function removeRoomRole(ctx, tx, emit, rid, user2, role2) {
  await setRoleQuietly(ctx, tx, emit, rid, user2, role2, false);
}
async function setRoleQuietly(ctx, tx, emit, rid, user2, role2, add) {
  const room2 = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 0 });
  const membership = await membershipOf(tx, rid, user2._id);
  if (!room2 || !isActiveMember(membership)) fail("error-invalid-user", "User is not part of given room");
  if (add && membership.roles.includes(role2)) fail("error-user-already-in-role", "User already in role");
  if (!add && !membership.roles.includes(role2)) fail("error-user-not-in-role", "User is not in this role");
  const roles = add ? [...membership.roles, role2] : membership.roles.filter((held) => held !== role2);
  const at = ctx.clock.stamp();
  await setRoomRoles(tx, rid, user2._id, roles, at);
  await keepTeamRolesInStep(tx, room2, user2._id, role2, add, at);
  const subscription = presentSubscription({ ...membership, roles, updatedAt: at }, room2, userRef(user2));
  emit("membership.changed", { action: "updated", rid, uid: user2._id, subscription });
  emit("roomRole.changed", {
    type: add ? "added" : "removed",
    role: role2,
    rid,
    isPublic: room2.type === "c",
    user: userRef(user2)
  });
}
async function roomRoleHolders2(ctx, caller2, room2) {
  if (!await canAccessRoom(ctx, caller2, room2))
    fail("error-invalid-user", "Invalid user", { method: "getRoomRoles" });
  const realNames = ctx.settings.bool("UI_Use_Real_Name");
  const [holders, roles] = await Promise.all([roleHolders(ctx.db, room2.id), listRoles(ctx.db)]);
  const described = new Set(roles.filter((role2) => role2.description !== "").map((role2) => role2._id));
  return holders.filter((holder) => holder.roles.some((role2) => described.has(role2))).map((holder) => ({
    _id: holder.id,
    rid: holder.rid,
    u: {
      _id: holder.uid,
      username: holder.username ?? "",
      ...realNames && holder.name ? { name: holder.name } : {}
    },
    roles: holder.roles
  }));
}
async function roomModerators(ctx, room2) {
  const holders = await roleHolders(ctx.db, room2.id);
  return holders.filter((holder) => holder.roles.includes("moderator")).map((holder) => userRef({ _id: holder.uid, username: holder.username, name: holder.name }));
}

// server/src/admin/role-members.ts
var MAX_PUBLIC_HOLDERS = 2e4;
async function addUserToRole(ctx, caller2, input) {
  const user2 = await findUserByUsername(ctx, input.username);
  if (!user2) {
    fail("error-invalid-user", 'The required "userId" or "username" param provided does not match any users');
  }
  const role2 = await findRole(ctx.db, input.role);
  if (!role2) fail("error-role-not-found", "Role not found");
  if (role2.scope === "Users" && user2.roles.includes(role2._id)) {
    fail("error-user-already-in-role", "User already in role");
  }
  if (!ctx.permissions.has(caller2, "access-permissions")) {
    fail("error-action-not-allowed", "Accessing permissions is not allowed");
  }
  if (role2._id === "admin" && !ctx.permissions.has(caller2, "assign-admin-role")) {
    fail("error-action-not-allowed", "Assigning admin is not allowed");
  }
  await ctx.write(async (tx, emit) => {
    if (role2.scope === "Subscriptions") {
      await addRoomRole(ctx, tx, emit, roomOf(input), user2, role2._id);
      return;
    }
    if (!await addGlobalRole(tx, emit, ctx, user2._id, role2._id)) {
      fail("error-user-already-in-role", "User already in role");
    }
    emit("globalRole.changed", { type: "added", role: role2._id, user: refOf(user2) });
  });
  return role2;
}
async function removeUserFromRole(ctx, caller2, input) {
  if (!ctx.permissions.has(caller2, "access-permissions")) {
    fail("error-not-allowed", "Accessing permissions is not allowed");
  }
  const user2 = await findUserByUsername(ctx, input.username);
  if (!user2) fail("error-invalid-user", "There is no user with this username");
  const role2 = await findRole(ctx.db, input.role);
  if (!role2) fail("error-invalid-roleId", "This role does not exist");
  await ctx.write(async (tx, emit) => {
    if (role2.scope === "Subscriptions") {
      await removeRoomRole(ctx, tx, emit, roomOf(input), user2, role2._id);
      return;
    }
    if (!await removeGlobalRole(tx, emit, ctx, user2._id, role2._id)) {
      fail("error-user-not-in-role", "User is not in this role");
    }
    if (role2._id === "admin" && await countUsersInRole(tx, "admin") === 0) {
      fail("error-admin-required", "You need to have at least one admin");
    }
    emit("globalRole.changed", { type: "removed", role: role2._id, user: refOf(user2) });
  });
  return role2;
}
async function usersInRole(ctx, caller2, input) {
  const needed = ["access-permissions", ...input.rid === void 0 ? [] : ["view-other-user-channels"]];
  if (!needed.every((permission) => ctx.permissions.has(caller2, permission)))
    fail("error-not-allowed", "Not allowed");
  const role2 = await findRole(ctx.db, input.role);
  if (!role2) fail("error-invalid-roleId");
  if (role2.scope === "Subscriptions") {
    const { uids, total: total2 } = await roomRoleHolders(ctx.db, role2._id, input.rid, input);
    const users2 = new Map((await findUsers(ctx, { ids: uids })).map((user2) => [user2._id, user2]));
    return { users: uids.flatMap((uid) => users2.get(uid) ?? []), total: total2 };
  }
  const [users, total] = await Promise.all([
    listUsersInRole(ctx.db, role2._id, { offset: input.offset, count: input.count }),
    countUsersInRole(ctx.db, role2._id)
  ]);
  return { users, total };
}
async function usersInPublicRoles(ctx) {
  const described = (await listRoles(ctx.db)).filter(
    (role2) => role2.scope === "Users" && role2.description !== ""
  );
  const holders = await globalRoleHolders(
    ctx.db,
    described.map((role2) => role2._id),
    MAX_PUBLIC_HOLDERS
  );
  const users = /* @__PURE__ */ new Map();
  for (const { _id, username, role: role2 } of holders) {
    const known2 = users.get(_id);
    if (known2) known2.roles.push(role2);
    else users.set(_id, { _id, username, roles: [role2] });
  }
  return [...users.values()];
}
function roomOf({ rid }) {
  return rid ?? fail("error-invalid-room", 'A room role needs the parameter "roomId"');
}
function refOf({ _id, username = "", name }) {
  return { _id, username, ...name ? { name } : {} };
}

// server/src/admin/admin.ddp.ts
function listOrDelta(update, since) {
  return since === void 0 ? update : { update, remove: [] };
}
var unbuiltMethods = [
  {
    name: "listCustomSounds",
    auth: "none",
    partly: "Custom sounds are not built yet, so there are none.",
    run: () => []
  },
  userMethod("listCustomUserStatus", () => [], {
    partly: "Custom statuses are not built yet, so there are none."
  }),
  userMethod(
    "slashCommand",
    () => fail("error-invalid-command", "Invalid Command Provided", { method: "slashCommand" }),
    {
      partly: "No slash command is built yet: every one is refused as unknown."
    }
  )
];
var PRIVATE_SETTING_READERS = [
  "view-privileged-setting",
  "edit-privileged-setting",
  "manage-selected-settings"
];
var MAX_CHANGES = 1e3;
var adminMethods = [
  {
    name: "public-settings/get",
    auth: "none",
    async run(ctx, { params }) {
      const since = optionalTime(params[0]);
      return listOrDelta((await publicSettings(ctx, since)).map(presentSetting), since);
    }
  },
  {
    name: "private-settings/get",
    auth: "none",
    async run(ctx, { caller: caller2, params }) {
      const since = optionalTime(params[0]);
      if (!caller2 || !ctx.permissions.hasAny(caller2, PRIVATE_SETTING_READERS)) return [];
      const settings = (await settingsToAdminister(ctx, caller2, since)).map(presentSettingDocument);
      return listOrDelta([...presentSettingGroups(ctx, since), ...settings], since);
    }
  },
  {
    name: "permissions/get",
    auth: "none",
    async run(ctx, { params }) {
      const since = optionalTime(params[0]);
      const permissions = await listPermissions(ctx, since);
      const documents2 = permissions.map(
        ({ entry, roles, updatedAt }) => presentPermission(entry.id, roles, updatedAt)
      );
      return listOrDelta(documents2, since);
    }
  },
  userMethod(
    "saveSetting",
    async (ctx, { caller: caller2, params: [id, value] }) => {
      await changeSettings(ctx, caller2, [{ id: textParam(id), value }]);
      return true;
    },
    { twoFactor: true }
  ),
  userMethod(
    "saveSettings",
    async (ctx, { caller: caller2, params: [changes2] }) => {
      if (!Array.isArray(changes2) || changes2.length > MAX_CHANGES) matchFailed();
      const read = changes2.map((change2) => {
        const { _id, value } = objectParam(change2);
        return { id: textParam(_id), value };
      });
      await changeSettings(ctx, caller2, read);
      return true;
    },
    { twoFactor: true }
  ),
  userMethod(
    "authorization:addPermissionToRole",
    (ctx, { caller: caller2, params: [permission, role2] }) => addRoleToPermission(ctx, caller2, textParam(permission), textParam(role2)),
    { twoFactor: true }
  ),
  userMethod(
    "authorization:removeRoleFromPermission",
    (ctx, { caller: caller2, params: [permission, role2] }) => removeRoleFromPermission(ctx, caller2, textParam(permission), textParam(role2)),
    { twoFactor: true }
  ),
  userMethod(
    "authorization:addUserToRole",
    async (ctx, { caller: caller2, params: [role2, username, rid] }) => {
      const input = { role: textParam(role2), username: textParam(username), rid: optionalText(rid) };
      await addUserToRole(ctx, caller2, input);
      return true;
    },
    { twoFactor: true }
  ),
  userMethod(
    "authorization:removeUserFromRole",
    async (ctx, { caller: caller2, params: [role2, username, rid] }) => {
      const input = { role: textParam(role2), username: textParam(username), rid: optionalText(rid) };
      await removeUserFromRole(ctx, caller2, input);
      return true;
    },
    { twoFactor: true }
  ),
  userMethod("getUserRoles", (ctx) => usersInPublicRoles(ctx)),
  {
    name: "getSetupWizardParameters",
    auth: "none",
    partly: "No settings once the wizard is completed.",
    async run(ctx) {
      const settings = (await wizardSettings(ctx)).map(presentSettingDocument);
      return { settings, serverAlreadyRegistered: false };
    }
  },
  { name: "license:getModules", auth: "none", run: () => [] },
  { name: "license:isEnterprise", auth: "none", run: () => false }
];
var adminStreams = [
  { name: "notify-all", mayRead: () => true },
  { name: "roles", mayRead: (_ctx, { caller: caller2 }) => caller2 !== null },
  {
    name: "notify-logged",
    mayRead(ctx, { caller: caller2, eventName }) {
      if (!caller2) return false;
      return eventName !== "private-settings-changed" || ctx.permissions.hasAny(caller2, PRIVATE_SETTING_READERS);
    }
  }
];
function loginServiceDocuments(ctx) {
  return listLoginServices(ctx).map(({ _id, ...fields }) => ({ id: _id, fields }));
}
function wireAdminEvents(ctx, streams) {
  ctx.events.on("setting.changed", (change2) => sendSetting(ctx, streams, change2));
  ctx.events.on("permission.changed", (change2) => sendPermission(streams, change2));
  ctx.events.on("role.changed", (change2) => sendRole(streams, change2));
  ctx.events.on("globalRole.changed", (change2) => sendGlobalRole(ctx, streams, change2));
}
function sendSetting(ctx, streams, { id }) {
  const setting = SETTINGS.get(id);
  if (!setting || setting.hidden) return;
  const value = ctx.settings.value(id) ?? setting.value;
  const args = ["updated", presentSetting({ setting, value })];
  if (setting.public) {
    streams.emit("notify-all", "public-settings-changed", args);
    streams.emit("notify-all", "public-info", [["public-settings-changed", args]]);
  }
  streams.emitPerCaller(
    "notify-logged",
    "private-settings-changed",
    (caller2) => maySeePrivate(ctx, caller2, id) ? args : void 0
  );
}
function sendPermission(streams, { id, roles, updatedAt }) {
  streams.emit("notify-logged", "permissions-changed", ["updated", presentPermission(id, roles, updatedAt)]);
}
function sendRole(streams, change2) {
  if (change2.action === "removed") {
    streams.emit("roles", "roles", [{ type: "removed", ...change2.role }]);
    return;
  }
  streams.emit("roles", "roles", [{ type: "changed", ...presentRole(change2.role) }]);
  streams.emit("notify-logged", "roles-change", [{ type: "changed", _id: change2.role._id }]);
}
function sendGlobalRole(ctx, streams, { type, role: role2, user: user2 }) {
  if (!ctx.settings.bool("UI_DisplayRoles")) return;
  streams.emit("notify-logged", "roles-change", [{ type, _id: role2, u: user2 }]);
}

// server/src/admin/info.ts
import { arch, cpus, freemem, platform, release, totalmem } from "node:os";
var MINIMUM_CLIENT_VERSIONS = { desktop: "3.9.6", mobile: "4.39.0" };
function describeServer(ctx, caller2) {
  const { reportedVersion } = ctx.config;
  const version2 = reportedVersion.split(".").slice(0, 2).join(".");
  const common = { minimumClientVersions: MINIMUM_CLIENT_VERSIONS };
  if (!caller2 || !ctx.permissions.hasAny(caller2, ["view-statistics", "get-server-info"])) {
    return { version: version2, ...common };
  }
  const full = reportedVersion.split(".").length < 3 ? `${reportedVersion}.0` : reportedVersion;
  return { version: full, info: buildInfo(full), ...common };
}
function buildInfo(version2) {
  return {
    version: version2,
    build: {
      nodeVersion: process.version,
      arch: arch(),
      platform: platform(),
      osRelease: release(),
      totalMemory: totalmem(),
      freeMemory: freemem(),
      cpus: cpus().length
    },
    commit: {},
    marketplaceApiVersion: "1.0.0"
  };
}

// server/src/admin/info.rest.ts
var ANY_ORIGIN = { "access-control-allow-origin": "*" };
function infoReply(ctx, caller2, extra = {}) {
  return new RawReply(200, { ...extra, ...describeServer(ctx, caller2), success: true }, ANY_ORIGIN);
}
var infoEndpoints = [
  endpoint({
    method: "GET",
    path: "/api/info",
    summary: "Tells the version; to administrators also the build and the machine.",
    auth: "none",
    rateLimit: "none",
    handler: (ctx, { caller: caller2 }) => infoReply(ctx, caller2)
  }),
  endpoint({
    method: "GET",
    path: "info",
    summary: "The same for older clients, which read the version inside `info`.",
    auth: "none",
    rateLimit: "none",
    handler(ctx, { caller: caller2 }) {
      const { version: version2 } = describeServer(ctx, null);
      return infoReply(ctx, caller2, { info: { version: version2 } });
    }
  })
];

// server/src/admin/permissions.rest.ts
import { Type as Type8 } from "typebox";
async function presentAll(ctx, since) {
  const permissions = await listPermissions(ctx, since);
  return permissions.map(({ entry, roles, updatedAt }) => presentPermission(entry.id, roles, updatedAt));
}
var roleOfPermission = strict({ permissionId: Type8.String(), role: Type8.String() });
var permissionsEndpoints = [
  endpoint({
    method: "GET",
    path: "permissions.listAll",
    summary: "All permissions with their roles, or those changed since a date.",
    auth: "user",
    query: Type8.Object({ updatedSince: Type8.Optional(Type8.String()) }),
    async handler(ctx, { query }) {
      return { update: await presentAll(ctx, timeOf(query.updatedSince)), remove: [] };
    }
  }),
  endpoint({
    method: "POST",
    path: "permissions.update",
    summary: "Replaces the roles of permissions, of all or of none.",
    auth: "user",
    // Its own errors for a missing permission and a malformed body (spec 22), so neither is declared here.
    body: Type8.Object({ permissions: Type8.Optional(Type8.Unknown()) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      requireEditPermissions(ctx, caller2);
      await updatePermissions(ctx, caller2, readChanges(body2.permissions));
      return { permissions: await presentAll(ctx) };
    }
  }),
  endpoint({
    method: "POST",
    path: "permissions.addRole",
    summary: "Gives a permission to a role.",
    auth: "user",
    permissions: { all: ["access-permissions"] },
    body: roleOfPermission,
    async handler(ctx, { caller: caller2, body: body2 }) {
      await addRoleToPermission(ctx, caller2, body2.permissionId, body2.role);
      return void 0;
    }
  }),
  endpoint({
    method: "POST",
    path: "permissions.removeRole",
    summary: "Takes a permission from a role.",
    auth: "user",
    permissions: { all: ["access-permissions"] },
    body: roleOfPermission,
    async handler(ctx, { caller: caller2, body: body2 }) {
      await removeRoleFromPermission(ctx, caller2, body2.permissionId, body2.role);
      return void 0;
    }
  })
];
function timeOf(text5) {
  if (text5 === void 0 || text5 === "") return void 0;
  const time = Date.parse(text5);
  if (Number.isNaN(time)) {
    fail("error-roomId-param-invalid", 'The "updatedSince" query parameter must be a valid date.');
  }
  return time;
}
var MAX_CHANGES2 = 2e3;
var MAX_ROLES = 1e3;
function readChanges(permissions) {
  if (!Array.isArray(permissions) || permissions.length > MAX_CHANGES2 || !permissions.every(isChange)) {
    refuse("Invalid body params", "error-invalid-body-params");
  }
  return permissions.map(({ _id, roles }) => ({ id: _id, roles }));
}
function isChange(value) {
  if (typeof value !== "object" || value === null) return false;
  const { _id, roles } = value;
  if (typeof _id !== "string" || !Array.isArray(roles) || roles.length > MAX_ROLES) return false;
  return roles.every((role2) => typeof role2 === "string");
}

// server/src/admin/roles.rest.ts
import { Type as Type9 } from "typebox";

// server/src/admin/edit-roles.ts
async function createRole(ctx, caller2, input) {
  requireAccess(ctx, caller2);
  return ctx.write(async (tx, emit) => {
    refuseTakenName(await listRoles(tx), input.name);
    const role2 = {
      _id: newId(),
      name: input.name,
      scope: input.scope ?? "Users",
      description: input.description ?? "",
      protected: false,
      mandatory2fa: input.mandatory2fa ?? false,
      updatedAt: ctx.clock.stamp()
    };
    await saveRole(tx, role2);
    emit("role.changed", { action: "changed", role: role2 });
    return role2;
  });
}
async function updateRole(ctx, caller2, roleId, input) {
  requireAccess(ctx, caller2);
  return ctx.write(async (tx, emit) => {
    const roles = await listRoles(tx);
    const before = roles.find((role3) => role3._id === roleId);
    if (!before) fail("error-invalid-roleId", "This role does not exist");
    const free = !before.protected;
    if (free && input.name !== before.name) refuseTakenName(roles, input.name);
    const scope = free && input.scope !== void 0 ? input.scope : before.scope;
    if (scope !== before.scope && await isRoleHeld(tx, roleId)) {
      fail("error-role-in-use", "Cannot change the scope of a role because it's in use");
    }
    const role2 = {
      ...before,
      name: free ? input.name : before.name,
      scope,
      description: input.description ?? before.description,
      mandatory2fa: input.mandatory2fa ?? before.mandatory2fa,
      updatedAt: ctx.clock.stamp()
    };
    await saveRole(tx, role2);
    emit("role.changed", { action: "changed", role: role2 });
    return role2;
  });
}
async function deleteRole2(ctx, caller2, idOrName) {
  requireAccess(ctx, caller2);
  await ctx.write(async (tx, emit) => {
    const found = await findRole(tx, idOrName);
    if (!found) fail("error-invalid-roleId", "This role does not exist");
    if (found.protected) fail("error-role-protected", "Cannot delete a protected role");
    if (await isRoleHeld(tx, found._id)) fail("error-role-in-use", "Cannot delete role because it's in use");
    const { updatedAt: _, ...role2 } = found;
    await deleteRole(tx, { role: role2, deletedAt: ctx.clock.stamp() });
    await forgetRole(ctx, tx, emit, role2._id);
    emit("role.changed", { action: "removed", role: { _id: role2._id, name: role2.name } });
  });
}
function requireAccess(ctx, caller2) {
  if (ctx.permissions.has(caller2, "access-permissions")) return;
  fail("error-action-not-allowed", "Accessing permissions is not allowed");
}
function refuseTakenName(roles, name) {
  if (roles.some((role2) => role2._id === name || role2.name === name)) {
    fail("error-duplicate-role-names-not-allowed", "Role name already exists");
  }
}

// server/src/admin/roles.rest.ts
var looseBody = Type9.Object({}, { additionalProperties: true });
var rolesEndpoints = [
  endpoint({
    method: "GET",
    path: "roles.list",
    summary: "All roles.",
    auth: "user",
    async handler(ctx) {
      return { roles: (await listRoles(ctx.db)).map(presentRole) };
    }
  }),
  endpoint({
    method: "GET",
    path: "roles.sync",
    summary: "Roles changed and removed since a date.",
    auth: "user",
    query: strict({ updatedSince: dateText }),
    async handler(ctx, { query }) {
      const { changed, removed } = await syncRoles(ctx, Date.parse(query.updatedSince));
      return {
        roles: {
          update: changed.map((role2) => presentRoleDocument(ctx, role2)),
          remove: removed.map(({ role: role2, deletedAt }) => ({
            ...presentRole(role2),
            _deletedAt: new Date(deletedAt)
          }))
        }
      };
    }
  }),
  endpoint({
    method: "POST",
    path: "roles.create",
    summary: "Creates a role.",
    auth: "user",
    body: looseBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      return { role: presentRoleDocument(ctx, await createRole(ctx, caller2, readRole(body2))) };
    }
  }),
  endpoint({
    method: "POST",
    path: "roles.update",
    summary: "Changes a role; of a built-in one the description and the second-factor rule.",
    auth: "user",
    body: looseBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const roleId = member2(body2, "roleId");
      const input = readRole(body2);
      if (typeof roleId !== "string") return invalidRole();
      return { role: presentRoleDocument(ctx, await updateRole(ctx, caller2, roleId, input)) };
    }
  }),
  endpoint({
    method: "POST",
    path: "roles.delete",
    summary: "Removes a role that nobody holds.",
    auth: "user",
    body: looseBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const roleId = member2(body2, "roleId");
      if (typeof roleId !== "string") return invalidRole();
      await deleteRole2(ctx, caller2, roleId);
      return void 0;
    }
  }),
  endpoint({
    method: "POST",
    path: "roles.addUserToRole",
    summary: "Gives a user a role, in the whole workspace or in one room.",
    auth: "user",
    body: looseBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      return { role: presentRoleDocument(ctx, await addUserToRole(ctx, caller2, readAssignment(body2))) };
    }
  }),
  endpoint({
    method: "POST",
    path: "roles.removeUserFromRole",
    summary: "Takes a role from a user.",
    auth: "user",
    body: looseBody,
    async handler(ctx, { caller: caller2, body: body2 }) {
      return { role: presentRoleDocument(ctx, await removeUserFromRole(ctx, caller2, readAssignment(body2))) };
    }
  }),
  endpoint({
    method: "GET",
    path: "roles.getUsersInRole",
    summary: "Who has a role.",
    auth: "user",
    query: strict({
      ...pagingMembers,
      role: Type9.Optional(Type9.String()),
      roomId: Type9.Optional(Type9.String())
    }),
    async handler(ctx, { caller: caller2, query }) {
      if (!query.role) fail("error-param-not-provided", 'Query param "role" is required');
      const page3 = pageOf(ctx.settings, query);
      const { users, total } = await usersInRole(ctx, caller2, {
        role: query.role,
        rid: query.roomId,
        ...page3
      });
      return { users: users.map(presentHolder), total };
    }
  }),
  endpoint({
    method: "GET",
    path: "roles.getUsersInPublicRoles",
    summary: "Who has a role that is shown beside names.",
    auth: "user",
    async handler(ctx) {
      return { users: await usersInPublicRoles(ctx) };
    }
  })
];
var MAX_NAME3 = 255;
var MAX_DESCRIPTION = 2e3;
function readRole(body2) {
  const { name, scope, description, mandatory2fa } = body2;
  if (typeof name !== "string" || name.trim() === "" || name.length > MAX_NAME3) return invalidRole();
  if (scope !== void 0 && scope !== "Users" && scope !== "Subscriptions") return invalidRole();
  if (description !== void 0 && (typeof description !== "string" || description.length > MAX_DESCRIPTION)) {
    return invalidRole();
  }
  if (mandatory2fa !== void 0 && typeof mandatory2fa !== "boolean") return invalidRole();
  return { name: name.trim(), scope, description, mandatory2fa };
}
function readAssignment(body2) {
  const { username, roleId, roleName, roomId, scope } = body2;
  if (typeof username !== "string") {
    fail("error-invalid-role-properties", "must have required property 'username'");
  }
  const role2 = roleId ?? roleName;
  if (role2 === void 0) refuse("error-invalid-role-properties");
  const room2 = roomId ?? (scope === "Users" || scope === "Subscriptions" ? void 0 : scope);
  if (typeof role2 !== "string" || room2 !== void 0 && typeof room2 !== "string") {
    fail("error-invalid-role-properties", "must be string");
  }
  return { username, role: role2, rid: room2 };
}
function invalidRole() {
  return fail("error-invalid-role-properties", "The role properties are invalid.");
}
var member2 = (body2, name) => body2[name];
function presentHolder(user2) {
  return {
    _id: user2._id,
    name: user2.name,
    username: user2.username,
    emails: user2.emails,
    avatarETag: user2.avatarETag,
    createdAt: new Date(user2.createdAt),
    roles: user2.roles,
    type: user2.type,
    active: user2.active,
    _updatedAt: new Date(user2.updatedAt)
  };
}

// server/src/admin/settings.rest.ts
import { Type as Type10 } from "typebox";

// server/src/rest/match-filter.ts
var MAX_MATCHED_LENGTH = 1e3;
function matches(document, filter) {
  switch (filter.kind) {
    case "and":
      return filter.parts.every((part) => matches(document, part));
    case "or":
      return filter.parts.some((part) => matches(document, part));
    case "exists":
      return valuesAt(document, filter.path).length > 0 === filter.exists;
    case "in":
      return filter.values.some((value) => equalsAt(document, filter.path, value));
    case "nin":
      return !filter.values.some((value) => equalsAt(document, filter.path, value));
    case "regex": {
      const regex = new RegExp(filter.source, filter.flags);
      return valuesAt(document, filter.path).some(
        (value) => typeof value === "string" && regex.test(value.slice(0, MAX_MATCHED_LENGTH))
      );
    }
    case "compare":
      return compares(document, filter.path, filter.op, filter.value);
  }
}
function compares(document, path, op, value) {
  if (op === "eq") return equalsAt(document, path, value);
  if (op === "ne") return !equalsAt(document, path, value);
  const right = orderable(value);
  return valuesAt(document, path).some((member3) => {
    const left = orderable(member3);
    if (left === void 0 || right === void 0 || typeof left !== typeof right) return false;
    if (op === "gt") return left > right;
    if (op === "gte") return left >= right;
    return op === "lt" ? left < right : left <= right;
  });
}
function orderable(value) {
  if (value instanceof Date) return value.getTime();
  return typeof value === "number" || typeof value === "string" ? value : void 0;
}
function equalsAt(document, path, value) {
  const found = valuesAt(document, path);
  if (value === null) return found.length === 0 || found.includes(null);
  return found.some(
    (member3) => value instanceof Date ? member3 instanceof Date && member3.getTime() === value.getTime() : member3 === value
  );
}
function valuesAt(document, path) {
  let level = [document];
  for (const name of path.split(".")) {
    const next = [];
    for (const value of level) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) continue;
      const member3 = value[name];
      if (member3 === void 0) continue;
      next.push(member3);
      if (Array.isArray(member3)) next.push(...member3);
    }
    level = next;
  }
  return level;
}

// server/src/rest/query-filter.ts
var MAX_LENGTH4 = 5e3;
var MAX_NODES = 50;
var MAX_DEPTH = 5;
var MAX_REGEX_LENGTH = 100;
var FORBIDDEN_KEYS = /* @__PURE__ */ new Set(["__proto__", "constructor", "prototype"]);
var COMPARISONS = { $eq: "eq", $ne: "ne", $gt: "gt", $gte: "gte", $lt: "lt", $lte: "lte" };
function parseFilter(config2, raw) {
  if (!config2.allowUnsafeQueryAndFields || raw === void 0 || raw === "") return void 0;
  const parsed = raw.length <= MAX_LENGTH4 ? parseObject(raw) : void 0;
  if (!parsed) return invalid(raw);
  return conjunction(parsed, { raw, nodes: 0 }, 0);
}
function invalid(raw) {
  fail("error-invalid-query", `Invalid query parameter provided: "${raw}"`, {
    helperMethod: "parseJsonQuery"
  });
}
function conjunction(source, parsing, depth) {
  if (depth > MAX_DEPTH) return invalid(parsing.raw);
  const parts = [];
  for (const [key2, value] of Object.entries(source)) {
    if (++parsing.nodes > MAX_NODES) return invalid(parsing.raw);
    if (key2 === "$and" || key2 === "$or") parts.push(junction(key2, value, parsing, depth));
    else if (!key2.startsWith("$") && !hasForbiddenKey(key2)) parts.push(...conditions(key2, value, parsing));
  }
  return { kind: "and", parts };
}
function junction(key2, value, parsing, depth) {
  if (!Array.isArray(value) || value.length === 0) return invalid(parsing.raw);
  const parts = value.map(
    (part) => isPlainObject(part) ? conjunction(part, parsing, depth + 1) : invalid(parsing.raw)
  );
  return { kind: key2 === "$and" ? "and" : "or", parts };
}
function conditions(path, value, parsing) {
  const scalar2 = scalarOf(value);
  if (scalar2 !== void 0) return [{ kind: "compare", path, op: "eq", value: scalar2 }];
  if (!isPlainObject(value)) return invalid(parsing.raw);
  const result = [];
  for (const [operator, operand] of Object.entries(value)) {
    if (++parsing.nodes > MAX_NODES) return invalid(parsing.raw);
    const filter = condition(path, operator, operand, value.$options, parsing);
    if (filter) result.push(filter);
  }
  return result;
}
function condition(path, operator, operand, options, parsing) {
  if (Object.hasOwn(COMPARISONS, operator)) {
    const value = scalarOf(operand);
    if (value === void 0) return invalid(parsing.raw);
    return { kind: "compare", path, op: COMPARISONS[operator], value };
  }
  switch (operator) {
    case "$in":
    case "$nin": {
      const values = Array.isArray(operand) ? operand.map(scalarOf) : [void 0];
      if (values.length > 1e3 || values.includes(void 0)) return invalid(parsing.raw);
      return { kind: operator === "$in" ? "in" : "nin", path, values };
    }
    case "$exists":
      return { kind: "exists", path, exists: operand === true || operand === 1 };
    case "$regex":
      return regexCondition(path, operand, options, parsing);
    default:
      return void 0;
  }
}
function regexCondition(path, pattern, options, { raw }) {
  if (typeof pattern !== "string" || pattern.length > MAX_REGEX_LENGTH) return invalid(raw);
  const flags = typeof options === "string" && options.includes("i") ? "i" : "";
  const source = pattern.replace(/^(\.\*\??)+/, "").replace(/(?<!\\)(\.\*\??)+$/, "");
  if (!isCheapRegex(source)) return invalid(raw);
  try {
    new RegExp(source, flags);
  } catch {
    return invalid(raw);
  }
  return { kind: "regex", path, source, flags };
}
function isCheapRegex(source) {
  const plain = source.replace(/\\[^1-9k]/g, "x").replace(/\[[^\]]*\]/g, "x");
  if (/\\|\(\?|\)[*+?{]/.test(plain)) return false;
  const openEnded = plain.match(/[*+?]|\{\d*,\d*\}/g)?.length ?? 0;
  const isAnchored = plain.startsWith("^") && !plain.includes("|");
  return openEnded + (isAnchored ? 0 : 1) <= 2;
}
function scalarOf(value) {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (!isPlainObject(value) || Object.keys(value).length !== 1) return void 0;
  const date2 = value.$date;
  if (typeof date2 !== "number" && typeof date2 !== "string") return void 0;
  const parsed = new Date(date2);
  return Number.isNaN(parsed.getTime()) ? void 0 : parsed;
}
function hasForbiddenKey(path) {
  return path.split(".").some((segment) => FORBIDDEN_KEYS.has(segment));
}
function isPlainObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

// server/src/admin/settings.rest.ts
var settingsQuery = strict({
  ...listMembers,
  _id: Type10.Optional(Type10.String({ description: "Ids of settings, separated by commas" })),
  includeDefaults: Type10.Optional(Type10.Boolean())
});
var settingsResponse = Type10.Object({
  settings: Type10.Array(Type10.Object({ _id: Type10.String(), value: Type10.Unknown() })),
  count: Type10.Integer(),
  offset: Type10.Integer(),
  total: Type10.Integer()
});
var ALWAYS_HONOURED = { allowUnsafeQueryAndFields: true };
function page(ctx, found, query, honoured) {
  const ids = query._id === void 0 ? void 0 : new Set(query._id.split(",").map((id) => id.trim()));
  const filter = parseFilter(honoured, query.query);
  const fields = parseFields(honoured, query.fields, []);
  const [order] = orderBy(query.sort, SORTABLE, [{ column: "_id", direction: "asc" }]);
  const wanted = found.map((live) => ({ live, document: presentSettingDocument(live) })).filter(({ document }) => ids?.has(String(document._id)) ?? true).filter(({ document }) => !filter || matches(document, filter)).sort(
    (a, b) => compare(a.document, b.document, order?.column ?? "_id") * (order?.direction === "desc" ? -1 : 1)
  );
  const { offset, count } = pageOf(ctx.settings, query);
  const items = wanted.slice(offset, offset + count).map(({ live, document }) => ({
    ...presentSetting(live),
    ...query.includeDefaults ? { packageValue: live.packageValue, enterprise: false } : {},
    ...fields?.mode === "include" ? applyFields(document, fields) : {}
  }));
  return { settings: items, ...pageMembers({ offset, count }, items, wanted.length) };
}
var SORTABLE = {
  _id: "_id",
  type: "type",
  group: "group",
  createdAt: "createdAt",
  _updatedAt: "_updatedAt"
};
function compare(a, b, key2) {
  const left = sortKey(a[key2]);
  const right = sortKey(b[key2]);
  if (left === right) return String(a._id) < String(b._id) ? -1 : 1;
  return left < right ? -1 : 1;
}
var sortKey = (value) => value instanceof Date ? value.toISOString() : String(value);
var change = Type10.Object({
  _id: Type10.String(),
  value: Type10.Unknown(),
  editor: Type10.Optional(Type10.String())
});
var settingsEndpoints = [
  endpoint({
    method: "GET",
    path: "settings.public",
    summary: "The settings that every client may read.",
    auth: "none",
    query: settingsQuery,
    response: settingsResponse,
    async handler(ctx, { query }) {
      return page(ctx, await publicSettings(ctx), query, ALWAYS_HONOURED);
    }
  }),
  endpoint({
    method: "GET",
    path: "settings",
    summary: "All settings; without the permission `view-privileged-setting` the public ones.",
    auth: "user",
    query: settingsQuery,
    response: settingsResponse,
    async handler(ctx, { caller: caller2, query }) {
      return page(ctx, await settingsFor(ctx, caller2), query, ctx.config);
    }
  }),
  endpoint({
    method: "POST",
    path: "settings",
    summary: "Changes several settings, all or none.",
    auth: "user",
    twoFactor: "remembered",
    body: strict({ settings: Type10.Array(change, { minItems: 1, maxItems: 1e3 }) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      try {
        await changeSettings(
          ctx,
          caller2,
          body2.settings.map(({ _id, value }) => ({ id: _id, value }))
        );
      } catch (error) {
        if (error instanceof Refusal && error.code === "error-action-not-allowed") return forbidden(error);
        throw error;
      }
      return void 0;
    }
  }),
  endpoint({
    method: "GET",
    path: "settings/:_id",
    summary: "One setting.",
    auth: "user",
    permissions: { all: ["view-privileged-setting"] },
    response: Type10.Object({ _id: Type10.String(), value: Type10.Unknown() }),
    handler(ctx, { caller: caller2, params }) {
      const { id, value } = privateSetting(ctx, caller2, params._id ?? "");
      return { _id: id, value };
    }
  }),
  endpoint({
    method: "POST",
    path: "settings/:_id",
    summary: "Changes one setting, or runs the action behind it.",
    auth: "user",
    permissions: { all: ["edit-privileged-setting"] },
    twoFactor: "remembered",
    partly: "No action setting can be run.",
    body: Type10.Object({
      value: Type10.Optional(Type10.Unknown()),
      editor: Type10.Optional(Type10.String()),
      execute: Type10.Optional(Type10.Boolean())
    }),
    async handler(ctx, { caller: caller2, params, body: body2 }) {
      const id = params._id ?? "";
      if (body2.execute === true) runSettingAction(ctx, caller2, id);
      if (body2.value === void 0) refuse();
      await changeSetting(ctx, caller2, { id, value: body2.value });
      return void 0;
    }
  }),
  endpoint({
    method: "GET",
    path: "settings.oauth",
    summary: "The login services, as login buttons need them.",
    auth: "none",
    partly: "Custom services do not exist.",
    handler: (ctx) => ({ services: listLoginServices(ctx).map(presentOAuthService) })
  }),
  endpoint({
    method: "GET",
    path: "service.configurations",
    summary: "The configuration of the login services, without secrets.",
    auth: "none",
    partly: "Custom services and SAML do not exist.",
    handler: (ctx) => ({ configurations: listLoginServices(ctx) })
  })
];
function forbidden({ message, code, details }) {
  return new RawReply(403, { success: false, error: message, errorType: code, details });
}

// server/src/kernel/clock.ts
function systemClock(now = Date.now) {
  let last = 0;
  return {
    now,
    stamp() {
      last = Math.max(now(), last + 1);
      return last;
    }
  };
}

// server/src/kernel/events.ts
function createEventBus(onError2) {
  const listeners = /* @__PURE__ */ new Map();
  return {
    publish(name, payload) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(payload);
        } catch (error) {
          onError2(error, name);
        }
      }
    },
    on(name, listener) {
      const list = listeners.get(name) ?? [];
      list.push(listener);
      listeners.set(name, list);
    }
  };
}

// server/src/rooms/get-room.ts
var getRoom = (ctx, rid) => roomById(ctx.db, rid);
var getRooms = (ctx, rids) => roomsByIds(ctx.db, rids);
async function getRoomByIdOrName(ctx, idOrName) {
  return await roomById(ctx.db, idOrName) ?? await roomByName(ctx.db, idOrName);
}
var getMembership = (ctx, rid, uid) => membershipOf(ctx.db, rid, uid);
var lockRoom = lockRoomById;
var lockMembership = lockMembershipOf;

// server/src/rooms/last-message.ts
async function countMessages(ctx, tx, emit, rid, messages2) {
  const room2 = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: messages2, members: 0 });
  if (room2) emit("room.changed", { action: "updated", rid, room: presentRoom(room2) });
  return room2;
}
async function refreshLastMessage(ctx, tx, emit, message) {
  const room2 = await roomById(tx, message.rid);
  if (!room2 || !isLastMessage(room2, message)) return;
  const locked = await recordActivity(tx, room2.id, ctx.clock.stamp(), { messages: 0, members: 0 });
  if (!locked || !isLastMessage(locked, message)) return;
  const lastMessage = messageDoc(message);
  await updateRoom(tx, room2.id, locked.updatedAt, { lastMessage });
  emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom({ ...locked, lastMessage }) });
}
async function forgetMessage(ctx, tx, emit, deleted, newest) {
  const at = ctx.clock.stamp();
  const room2 = await recordActivity(tx, deleted.rid, at, { messages: -1, members: 0 });
  if (!room2) return;
  let shown = room2;
  if (room2.lastMessageAt === deleted.ts.getTime() && (room2.lastMessage === null || isLastMessage(room2, deleted))) {
    const last = await newest();
    const change2 = {
      lastMessageAt: last?.ts.getTime() ?? null,
      lastMessage: last && ctx.settings.bool("Store_Last_Message") ? messageDoc(last) : null
    };
    await updateRoom(tx, room2.id, at, change2);
    shown = { ...room2, ...change2 };
  }
  emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(shown) });
}
function isLastMessage(room2, message) {
  if (room2.lastMessage === null || room2.lastMessageAt !== message.ts.getTime()) return false;
  return reviveMessage(room2.lastMessage)._id === message._id;
}

// server/src/messages/message-pages.store.ts
var SORT_COLUMNS = { ts: "ts", _updatedAt: "updated_at", tlm: "tlm", tcount: "tcount", _id: "id" };
var SORT_FIELDS = Object.keys(SORT_COLUMNS);
var visible = (db) => db.selectFrom("messages").where("hidden", "=", 0);
var visibleIn = (db, rid) => visible(db).where("rid", "=", rid);
async function documents(query) {
  const rows = await query.select("doc").execute();
  return rows.map((row) => reviveMessage(row.doc));
}
async function counted(query) {
  const row = await query.select((eb) => eb.fn.countAll().as("n")).executeTakeFirstOrThrow();
  return Number(row.n);
}
function sorted(query, sort) {
  let result = query;
  for (const [field, direction] of sort)
    result = result.orderBy(SORT_COLUMNS[field], direction === 1 ? "asc" : "desc");
  return result.orderBy("id", sort.at(-1)?.[1] === 1 ? "asc" : "desc");
}
async function page2(query, sort, { offset, count }) {
  const ordered = sorted(query, sort);
  const [messages2, total] = await Promise.all([
    documents(count > 0 ? ordered.limit(count).offset(offset) : ordered),
    counted(query)
  ]);
  return { messages: count > 0 ? messages2 : messages2.slice(offset), total };
}
function stretch(db, { rid, after, before, inclusive, withoutTypes, mainFlowOnly }) {
  let query = visibleIn(db, rid);
  if (after !== void 0) query = query.where("ts", inclusive ? ">=" : ">", after);
  if (before !== void 0) query = query.where("ts", inclusive ? "<=" : "<", before);
  query = withoutTheseTypes(query, withoutTypes);
  if (mainFlowOnly) query = query.where((eb) => eb.or([eb("tmid", "is", null), eb("tshow", "=", 1)]));
  return query;
}
function withoutTheseTypes(query, types = []) {
  if (types.length === 0) return query;
  return query.where((eb) => eb.or([eb("t", "is", null), eb("t", "not in", [...types])]));
}
function historyPage(db, of, { order, offset = 0, count }) {
  const query = sorted(stretch(db, of), [["ts", order === "newest-first" ? -1 : 1]]);
  return documents(count > 0 ? query.limit(count).offset(offset) : query);
}
var countHistory = (db, of) => counted(stretch(db, of));
async function newestMessage(db, rid, which) {
  let query = visibleIn(db, rid);
  if (which) {
    query = query.where((eb) => eb.or([eb("t", "is", null), eb("t", "=", "e2e")])).where((eb) => eb.or([eb("tmid", "is", null), eb("tshow", "=", 1)]));
  }
  const [newest] = await documents(sorted(query, [["ts", -1]]).limit(1));
  return newest;
}
function filteredPage(db, rid, filter, sort, of) {
  const { mentionIds, starredIds, pinned, withoutTypes } = filter;
  let query = mentionIds || starredIds ? visible(db) : visibleIn(db, rid);
  if (mentionIds) {
    query = query.where(
      "id",
      "in",
      (eb) => eb.selectFrom("message_mentions").select("mid").where("rid", "=", rid).where("uid", "in", [...mentionIds])
    );
  }
  if (starredIds) {
    query = query.where(
      "id",
      "in",
      (eb) => eb.selectFrom("message_stars").select("mid").where("rid", "=", rid).where("uid", "in", [...starredIds])
    );
  }
  if (pinned) query = query.where("pinned", "=", 1);
  return page2(withoutTheseTypes(query, withoutTypes), sort, of);
}
function changedSince(db, rid, since, { notBefore, limit }) {
  let query = visibleIn(db, rid).where("updated_at", ">", since);
  if (notBefore !== void 0) query = query.where("ts", ">=", notBefore);
  return documents(sorted(query, [["ts", -1]]).limit(limit));
}
function changedBeyond(db, rid, cursor, limit) {
  const query = visibleIn(db, rid);
  return documents(
    "next" in cursor ? sorted(query.where("updated_at", ">", cursor.next), [["_updatedAt", 1]]).limit(limit) : sorted(query.where("updated_at", "<", cursor.previous), [["_updatedAt", -1]]).limit(limit)
  );
}
async function deletedBeyond(db, rid, cursor, limit) {
  const all = db.selectFrom("tombstones").select(["id", "deleted_at", "doc"]).where("kind", "=", "message").where("scope", "=", rid);
  const query = "next" in cursor ? all.where("deleted_at", ">", cursor.next).orderBy("deleted_at", "asc") : all.where("deleted_at", "<", cursor.previous).orderBy("deleted_at", "desc");
  const rows = await query.limit(limit).execute();
  return rows.map((row) => ({
    id: row.id,
    at: row.deleted_at,
    message: JSON.parse(row.doc)
  }));
}
function threadParents(db, rid, { ids, containing }) {
  let query = visibleIn(db, rid).where("tcount", "is not", null);
  if (ids) query = query.where("id", "in", [...ids]);
  if (containing !== void 0) {
    const pattern = containsPattern(containing);
    query = query.where((eb) => isLike(eb.ref("doc"), pattern));
  }
  return query;
}
var threadsPage = (db, rid, which, sort, of) => page2(threadParents(db, rid, which), sort, of);
var threadCandidates = (db, rid, which, sort, limit) => documents(sorted(threadParents(db, rid, which), sort).limit(limit));
var threadsChangedSince = (db, rid, since, limit) => documents(
  sorted(threadParents(db, rid, {}).where("updated_at", ">", since), [["_updatedAt", 1]]).limit(limit)
);
var repliesOf = (db, { rid, tmid }) => (
  // An expression instead of the column keeps planners from walking through the room.
  visible(db).where("tmid", "=", tmid).where((eb) => eb(eb.fn.coalesce("rid", eb.val("")), "=", rid))
);
var repliesPage = (db, thread, sort, of) => page2(repliesOf(db, thread), sort, of);
var repliesChangedSince = (db, thread, since, sort, { offset, count }) => documents(
  sorted(repliesOf(db, thread).where("updated_at", ">", since), sort).limit(count).offset(offset)
);
var countRepliesBefore = (db, thread, ts) => counted(repliesOf(db, thread).where("ts", "<", ts));

// server/src/messages/find-message.ts
var findMessage = (ctx, id) => messageById(ctx.db, id);
var findMessages = (ctx, ids) => messagesByIds(ctx.db, ids);
var lastVisibleMessage = (ctx, rid) => newestMessage(ctx.db, rid);
var lastUserMessage = (db, rid) => newestMessage(db, rid, "for-room-list");

// server/src/rooms/thread-unread.store.ts
async function markReplied(tx, rid, uids, at, { alert }) {
  for (let start2 = 0; start2 < uids.length; start2 += 500) {
    await tx.updateTable("subscriptions").set({ updated_at: at, open: 1, lr: at, ...alert ? { alert: 1 } : {} }).where("rid", "=", rid).where("uid", "in", uids.slice(start2, start2 + 500)).where("status", "is", null).execute();
  }
}

// server/src/rooms/thread-unread.ts
async function recordThreadReply(ctx, tx, emit, reply) {
  const { rid, tmid, senderId } = reply;
  const readers = [.../* @__PURE__ */ new Set([...reply.followerIds, ...reply.alertedIds])];
  const at = ctx.clock.stamp();
  await markReplied(tx, rid, readers, at, { alert: true });
  await markReplied(tx, rid, [senderId], at, { alert: false });
  const alerted = new Set(reply.alertedIds);
  for (const membership of await membershipsIn(tx, rid, readers)) {
    const { details } = membership;
    const byName = alerted.has(membership.uid);
    const tunread = withThread(details.tunread, tmid);
    const tunreadUser = byName ? withThread(details.tunreadUser, tmid) : details.tunreadUser;
    const tunreadGroup = reply.groupMention && !byName ? withThread(details.tunreadGroup, tmid) : details.tunreadGroup;
    const unchanged = tunread === details.tunread && tunreadUser === details.tunreadUser && tunreadGroup === details.tunreadGroup;
    if (unchanged || !isActiveMember(membership)) continue;
    await updateMembership(tx, membership.id, at, {
      details: { ...details, tunread, tunreadUser, tunreadGroup }
    });
  }
  emit("memberships.touched", { rid, who: "named", except: [], also: [...readers, senderId] });
}
function withThread(list, tmid) {
  return list?.includes(tmid) ? list : [...list ?? [], tmid];
}
async function readThreadOf(ctx, tx, emit, caller2, thread) {
  const room2 = await roomById(tx, thread.rid);
  const membership = await membershipOf(tx, thread.rid, caller2.uid);
  if (!room2 || !isActiveMember(membership) || !membership.details.tunread?.includes(thread.tmid)) return;
  const at = ctx.clock.stamp();
  const details = withoutThread(membership.details, thread.tmid);
  const alert = membership.alert && ((details.tunread?.length ?? 0) > 0 || membership.unread > 0);
  await updateMembership(tx, membership.id, at, { details, alert });
  const now = { ...membership, details, alert, updatedAt: at };
  const subscription = presentSubscription(now, room2, callerRef(caller2));
  emit("membership.changed", { action: "updated", rid: room2.id, uid: caller2.uid, subscription });
}
async function forgetThread(ctx, tx, emit, thread) {
  const at = ctx.clock.stamp();
  const changed = [];
  for (const membership of await membershipsIn(tx, thread.rid, thread.followerIds)) {
    if (!membership.details.tunread?.includes(thread.tmid)) continue;
    await updateMembership(tx, membership.id, at, {
      details: withoutThread(membership.details, thread.tmid)
    });
    changed.push(membership.uid);
  }
  if (changed.length > 0)
    emit("memberships.touched", { rid: thread.rid, who: "named", except: [], also: changed });
}
function withoutThread(details, tmid) {
  const { tunread, tunreadUser, tunreadGroup, ...rest } = details;
  const left = (list) => list?.filter((id) => id !== tmid) ?? [];
  return {
    ...rest,
    ...left(tunread).length > 0 ? { tunread: left(tunread) } : {},
    ...left(tunreadUser).length > 0 ? { tunreadUser: left(tunreadUser) } : {},
    ...left(tunreadGroup).length > 0 ? { tunreadGroup: left(tunreadGroup) } : {}
  };
}

// server/src/messages/record-reply.ts
async function recordReply(ctx, { tx, emit }, { room: room2, parent }, reply, mentionedIds) {
  if (parent.rid !== room2.id) return void 0;
  const sender = reply.u._id;
  const isFirst = !parent.tcount;
  const replies = /* @__PURE__ */ new Set([
    ...parent.replies ?? [],
    ...isFirst ? [parent.u._id] : [],
    // In a direct room everybody is meant by the first reply.
    ...isFirst && room2.type === "d" ? room2.details.uids ?? [] : [],
    ...mentionedIds,
    sender
  ]);
  const changed = {
    ...parent,
    replies: [...replies],
    tcount: (parent.tcount ?? 0) + 1,
    tlm: reply.ts,
    _updatedAt: new Date(ctx.clock.stamp())
  };
  await replaceMessage(tx, changed);
  emit("message.saved", { message: changed, room: roomOfMessage(room2), isNew: false });
  replies.delete(sender);
  return { rid: room2.id, tmid: parent._id, senderId: sender, followerIds: [...replies] };
}
async function forgetReply(ctx, tx, emit, room2, tmid) {
  const parent = await lockMessage(tx, tmid);
  if (parent?.rid !== room2.id) return;
  const tcount = Math.max(0, (parent.tcount ?? 0) - 1);
  const changed = { ...parent, tcount, _updatedAt: new Date(ctx.clock.stamp()) };
  await replaceMessage(tx, changed);
  emit("message.saved", { message: changed, room: roomOfMessage(room2), isNew: false });
  if (tcount === 0)
    await forgetThread(ctx, tx, emit, { rid: room2.id, tmid, followerIds: parent.replies ?? [] });
}

// server/src/messages/sending-rules.ts
var READ_ONLY = "You can't send messages because the room is readonly.";
async function findPlace(ctx, caller2, rid) {
  const [room2, membership] = await Promise.all([getRoom(ctx, rid), getMembership(ctx, rid, caller2.uid)]);
  return room2 && { room: room2, membership };
}
function mayHere(ctx, caller2, permission, { membership }) {
  return ctx.permissions.has(caller2, permission, isActiveMember(membership) ? membership.roles : []);
}
async function placeForSending(ctx, tx, caller2, rid) {
  const room2 = await lockRoom(tx, rid);
  if (!room2) refuse("error-invalid-room");
  const place = { room: room2, membership: await lockMembership(tx, rid, caller2.uid) };
  await refuseSending(ctx, caller2, place);
  return place;
}
async function refuseSending(ctx, caller2, place) {
  const { room: room2, membership } = place;
  if (room2.archived) refuse("room_is_archived");
  if (!await canAccessRoom(ctx, caller2, room2, { membership })) refuse("error-not-allowed");
  if (room2.type === "d" && (membership?.details.blocked || membership?.details.blocker))
    refuse("room_is_blocked");
  if (isReadOnlyFor(ctx, caller2, place)) refuse(READ_ONLY);
  if (isMuted(caller2, room2)) refuse("You_have_been_muted");
}
function isReadOnlyFor(ctx, caller2, place) {
  if (!place.room.readOnly || mayHere(ctx, caller2, "post-readonly", place)) return false;
  return !place.room.details.unmuted?.includes(caller2.username ?? "");
}
var isMuted = (caller2, room2) => room2.details.muted?.includes(caller2.username ?? "") ?? false;

// server/src/messages/change-message.ts
function changeMessage(ctx, room2, messageId, change2) {
  return ctx.write(async (tx, emit) => {
    const current = await lockMessage(tx, messageId);
    if (current?.rid !== room2.id) return void 0;
    const changed = await change2(current, tx, emit);
    if (!changed) return current;
    const message = { ...changed.message, _updatedAt: new Date(ctx.clock.stamp()) };
    await replaceMessage(tx, message, changed.mentionsChanged ? "mentions" : void 0);
    emit("message.saved", { message, room: roomOfMessage(room2), isNew: false });
    await refreshLastMessage(ctx, tx, emit, message);
    return message;
  });
}

// server/src/rooms/highlights.ts
async function highlightedMembers(ctx, rid, text5) {
  if (!text5) return [];
  const members2 = await membersWithHighlights(ctx.db, rid);
  if (members2.length === 0) return [];
  const lower = text5.toLowerCase();
  const isIn = (word) => word.trim() !== "" && lower.includes(word.trim().toLowerCase());
  return members2.filter(({ words: words3 }) => words3.some(isIn)).map(({ uid }) => uid);
}

// server/src/messages/bad-words.ts
var WORD = /[\p{L}\p{N}_]+/gu;
function coverBadWords(settings, text5) {
  if (!settings.bool("Message_AllowBadWordsFilter")) return text5;
  const allowed = words(settings.text("Message_BadWordsWhitelist"));
  const bad = words(settings.text("Message_BadWordsFilterList"));
  return text5.replace(WORD, (word) => {
    const key2 = word.toLowerCase();
    return bad.has(key2) && !allowed.has(key2) ? "*".repeat(word.length) : word;
  });
}
function words(list) {
  return new Set(
    list.split(",").map((word) => word.trim().toLowerCase()).filter((word) => word !== "")
  );
}

// server/src/messages/ephemeral.ts
var TEXTS = {
  "error-invalid-room": "This room does not exist.",
  "error-not-allowed": "You are not allowed to do this.",
  room_is_archived: "This room is archived.",
  room_is_blocked: "This room is blocked.",
  You_have_been_muted: "You have been muted and cannot speak in this room"
};
function sendEphemeral(ctx, uid, { rid, msg: msg2, tmid }) {
  const now = new Date(ctx.clock.now());
  const message = {
    _id: newId(),
    rid,
    msg: msg2,
    ts: now,
    u: { _id: "rocket.cat", username: "rocket.cat" },
    private: true,
    groupable: false,
    ...tmid ? { tmid } : {},
    _updatedAt: now
  };
  ctx.events.publish("message.ephemeral", { uid, message });
}
async function explainRefusal(ctx, uid, where2, work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refusal && error.reason) {
      sendEphemeral(ctx, uid, { ...where2, msg: TEXTS[error.reason] ?? error.reason });
    }
    throw error;
  }
}

// server/src/rooms/mention-targets.store.ts
async function roomsNamed(db, names) {
  const rows = [];
  for (let start2 = 0; start2 < names.length; start2 += 500) {
    const chunk = names.slice(start2, start2 + 500);
    rows.push(
      ...await db.selectFrom("rooms").select(["id", "name", "fname"]).where("name", "in", chunk).where("t", "in", ["c", "p"]).execute()
    );
  }
  return rows;
}
async function teamsNamed(db, names) {
  const rows = [];
  for (let start2 = 0; start2 < names.length; start2 += 500) {
    const keys = names.slice(start2, start2 + 500).map((name) => name.toLowerCase());
    rows.push(
      ...await db.selectFrom("teams").select(["id", "name"]).where("name_key", "in", keys).execute()
    );
  }
  return rows;
}
async function membersOfTeams(db, teamIds) {
  if (teamIds.length === 0) return [];
  const rows = await db.selectFrom("team_members").select("uid").distinct().where("team_id", "in", [...teamIds]).execute();
  return rows.map((row) => row.uid);
}

// server/src/rooms/mention-targets.ts
async function findMentionedRooms(ctx, names) {
  const rows = await roomsNamed(ctx.db, names);
  return rows.map(({ id, name, fname }) => ({
    _id: id,
    name: name ?? "",
    ...fname === null ? {} : { fname }
  }));
}
async function findMentionedTeams(ctx, names) {
  const wanted = new Set(names);
  const teams2 = (await teamsNamed(ctx.db, names)).filter((team) => wanted.has(team.name));
  const memberIds2 = await membersOfTeams(
    ctx.db,
    teams2.map((team) => team.id)
  );
  return { teams: teams2, memberIds: memberIds2 };
}

// server/src/messages/plain-text.ts
var CODE = "\0";
function withoutCode(text5) {
  if (!text5.includes("`")) return text5;
  return withoutSpans(withoutBlocks(text5));
}
function withoutBlocks(text5) {
  let kept = "";
  let from = 0;
  for (; ; ) {
    const start2 = text5.indexOf("```", from);
    const end = start2 === -1 ? -1 : text5.indexOf("```", start2 + 3);
    if (end === -1) return kept + text5.slice(from);
    kept += text5.slice(from, start2) + CODE;
    from = end + 3;
  }
}
function withoutSpans(text5) {
  const span2 = /`[^`\r\n]+`/y;
  let kept = "";
  let from = 0;
  for (; ; ) {
    const start2 = text5.indexOf("`", from);
    if (start2 === -1) return kept + text5.slice(from);
    span2.lastIndex = start2;
    if (span2.test(text5)) {
      kept += text5.slice(from, start2) + CODE;
      from = span2.lastIndex;
    } else {
      kept += text5.slice(from, start2 + 1);
      from = start2 + 1;
    }
  }
}

// server/src/messages/names-in-text.ts
var SERVER = /[0-9a-zA-Z-_.]+/y;
var BEFORE = /[\s>]/;
function namesInText(text5, sigil, pattern) {
  if (!text5.includes(sigil)) return [];
  const plain = withoutCode(text5);
  const name = nameRule(pattern);
  const names = /* @__PURE__ */ new Set();
  let at = plain.indexOf(sigil);
  while (at !== -1) {
    const end = at === 0 || BEFORE.test(plain.charAt(at - 1)) ? endOfName(plain, at + 1, sigil, name) : at + 1;
    if (end > at + 1) names.add(plain.slice(at + 1, end));
    at = plain.indexOf(sigil, Math.max(end, at + 1));
  }
  return [...names];
}
function endOfName(text5, start2, sigil, name) {
  let end = endOf(name, text5, start2);
  if (end === start2) return start2;
  if (text5.charAt(end) === "@") {
    const other = endOf(name, text5, end + 1);
    if (other > end + 1) end = other;
  }
  if (sigil === "@" && text5.charAt(end) === ":") {
    const server = endOf(new RegExp(SERVER), text5, end + 1);
    if (server > end + 1) end = server;
  }
  return end;
}
function endOf(rule, text5, start2) {
  rule.lastIndex = start2;
  return rule.test(text5) ? rule.lastIndex : start2;
}
function nameRule(pattern) {
  try {
    if (pattern) return new RegExp(pattern, "y");
  } catch {
  }
  return new RegExp(SERVER);
}
function withoutPunctuation(name) {
  let end = name.length;
  while (end > 0 && ".-_".includes(name.charAt(end - 1))) end--;
  return name.slice(0, end);
}

// server/src/messages/mentions.ts
async function findMentions(ctx, text5, encrypted) {
  const pattern = ctx.settings.text("UTF8_User_Names_Validation");
  const people2 = encrypted ? withoutSigil(encrypted.e2eUserMentions, "@") : namesInText(text5, "@", pattern);
  const rooms2 = encrypted ? withoutSigil(encrypted.e2eChannelMentions, "#") : namesInText(text5, "#", pattern);
  const all = people2.includes("all");
  const here = people2.includes("here");
  const [named, channels2] = await Promise.all([
    findPeople(
      ctx,
      people2.filter((name) => name !== "all" && name !== "here")
    ),
    findChannels(ctx, rooms2)
  ]);
  const group = [...all ? ["all"] : [], ...here ? ["here"] : []].map((word) => ({
    _id: word,
    username: word
  }));
  return { mentions: [...group, ...named.mentions], channels: channels2, userIds: named.userIds, all, here };
}
var MAX_NAMES = 1e3;
function withoutSigil(names, sigil) {
  const texts4 = Array.isArray(names) ? names.slice(0, MAX_NAMES).filter((name) => typeof name === "string") : [];
  return [...new Set(texts4.map((name) => name.startsWith(sigil) ? name.slice(1) : name))];
}
var candidates2 = (names) => [
  ...new Set(names.flatMap((name) => [name, withoutPunctuation(name)]).filter((name) => name !== ""))
];
function chosen(names, byName) {
  const found = names.flatMap((name) => byName.get(name) ?? byName.get(withoutPunctuation(name)) ?? []);
  return [...new Set(found)];
}
async function findPeople(ctx, names) {
  if (names.length === 0) return { mentions: [], userIds: [] };
  const found = await findUsers(ctx, { usernames: candidates2(names) });
  const users = chosen(names, new Map(found.map((user2) => [user2.username ?? "", user2])));
  const known2 = new Set(users.map((user2) => user2.username));
  const mentions = users.map(({ _id, username, name }) => ({
    _id,
    ...username ? { username } : {},
    ...name ? { name } : {},
    type: "user"
  }));
  const userIds = users.map((user2) => user2._id);
  const rest = names.filter((name) => !known2.has(name) && !known2.has(withoutPunctuation(name)));
  if (rest.length === 0 || ctx.settings.bool("Troubleshoot_Disable_Teams_Mention"))
    return { mentions, userIds };
  const { teams: teams2, memberIds: memberIds2 } = await findMentionedTeams(ctx, candidates2(rest));
  for (const { id, name } of teams2) mentions.push({ _id: id, name, type: "team" });
  return { mentions, userIds: [.../* @__PURE__ */ new Set([...userIds, ...memberIds2])] };
}
async function findChannels(ctx, names) {
  if (names.length === 0) return [];
  const rooms2 = await findMentionedRooms(ctx, candidates2(names));
  return chosen(names, new Map(rooms2.map((room2) => [room2.name, room2])));
}

// server/src/messages/quotes.ts
var MAX_QUOTES = 20;
var isQuote = (attachment) => typeof attachment.message_link === "string";
async function quotesOf(ctx, caller2, urls) {
  const links = messageLinks(urls, ctx.settings.text("Site_Url"));
  if (links.length === 0) return [];
  const messages2 = new Map(
    (await findMessages(ctx, [...new Set(links.map((link) => link.id))])).map((m) => [m._id, m])
  );
  const readable = await readableRooms(ctx, caller2, [...messages2.values()]);
  const levels = ctx.settings.int("Message_QuoteChainLimit") - 1;
  const quotes = [];
  for (const { url, id } of links) {
    const message = messages2.get(id);
    if (!message || !readable.has(message.rid)) continue;
    url.ignoreParse = true;
    quotes.push(quote(ctx, message, url.url, levels));
  }
  return quotes;
}
function messageLinks(urls, siteUrl) {
  if (siteUrl === "") return [];
  const links = [];
  for (const url of urls) {
    if (links.length === MAX_QUOTES) break;
    const id = url.url.includes(siteUrl) && URL.canParse(url.url) ? new URL(url.url).searchParams.get("msg") : null;
    if (id) links.push({ url, id });
  }
  return links;
}
async function readableRooms(ctx, caller2, messages2) {
  const readable = /* @__PURE__ */ new Set();
  for (const room2 of await getRooms(ctx, [...new Set(messages2.map((message) => message.rid))])) {
    if (await canAccessRoom(ctx, caller2, room2)) readable.add(room2.id);
  }
  return readable;
}
function quote(ctx, message, link, levels) {
  const author = ctx.settings.bool("UI_Use_Real_Name") ? message.u.name || message.u.username : message.u.username;
  return {
    text: message.msg,
    ...message.md ? { md: message.md } : {},
    ...message.translations ? { translations: message.translations } : {},
    message_link: link,
    author_name: message.alias || author,
    author_icon: avatarPath(message.u.username),
    attachments: withQuoteLevels(message.attachments ?? [], levels),
    ts: message.ts
  };
}
var avatarPath = (username) => `/avatar/${encodeURIComponent(username)}`;
function withQuoteLevels(attachments, levels) {
  if (levels < 1) return [];
  return attachments.map((attachment) => {
    if (!isQuote(attachment) || !Array.isArray(attachment.attachments)) return attachment;
    const { attachments: nested, ...rest } = attachment;
    return levels === 1 ? rest : { ...rest, attachments: withQuoteLevels(nested, levels - 1) };
  });
}

// server/src/messages/urls.ts
var BEYOND_ASCII = "[^\\u0000-\\u007f\\s]";
var PART = {
  userInfo: /[-;:&=+$,\w]+@/y,
  host: new RegExp(`(?:[-A-Za-z0-9.]|${BEYOND_ASCII})+`, "y"),
  port: /:\d+/y,
  path: new RegExp(`/(?:[-+=!:~%/.@,\\w]|${BEYOND_ASCII})*`, "y"),
  question: /\?/y,
  query: new RegExp(`(?:[-+=&!:;%@/.,\\w]|${BEYOND_ASCII})+`, "y"),
  fragment: /#[^\s)]+/y
};
function urlsInText(text5) {
  if (!text5.includes("://")) return [];
  const plain = withoutCode(text5);
  const parts = Object.values(PART).map((part) => new RegExp(part));
  const found = /* @__PURE__ */ new Set();
  let at = plain.indexOf("://");
  while (at !== -1) {
    const start2 = startOfScheme(plain, at);
    const end = start2 === void 0 ? at : endOfUrl(plain, at + 3, parts);
    if (start2 !== void 0 && end > at + 3) found.add(withoutEndOfSentence(plain.slice(start2, end)));
    at = plain.indexOf("://", Math.max(end, at + 3));
  }
  return [...found];
}
function startOfScheme(text5, end) {
  let start2 = end;
  while (start2 > 0 && end - start2 < 9 && /[A-Za-z]/.test(text5.charAt(start2 - 1))) start2--;
  return end - start2 < 3 ? void 0 : start2;
}
function endOfUrl(text5, start2, parts) {
  let end = start2;
  for (const [index2, part] of parts.entries()) {
    part.lastIndex = end;
    if (part.test(text5)) end = part.lastIndex;
    else if (index2 === 1) return start2;
  }
  return end;
}
function withoutEndOfSentence(url) {
  let end = url.length;
  while (".,!?:;".includes(url.charAt(end - 1))) end--;
  return url.slice(0, end);
}
function messageUrls(text5, siteUrl, previewUrls) {
  return urlsInText(text5).map((url) => {
    const wanted = !previewUrls || previewUrls.includes(url) || siteUrl !== "" && url.includes(siteUrl);
    return { url, meta: {}, ...wanted ? {} : { ignoreParse: true } };
  });
}

// server/src/messages/compose.ts
async function composeMessage(ctx, caller2, place, source, isEdit) {
  const [mentioned, highlightedIds] = await Promise.all([
    findMentions(ctx, source.msg, source.e2eMentions),
    isEdit || source.msg === "" ? [] : highlightedMembers(ctx, place.room.id, source.msg)
  ]);
  if (mentioned.all || mentioned.here) {
    refuseInLargeRooms(ctx, caller2, place, source.tmid);
    if (!isEdit) refuseGroupMentions(ctx, caller2, place, mentioned);
  }
  const msg2 = coverBadWords(ctx.settings, source.msg);
  const urls = source.parseUrls ? messageUrls(msg2, ctx.settings.text("Site_Url"), source.previewUrls) : void 0;
  const quotes = urls && urls.length > 0 ? await quotesOf(ctx, caller2, urls) : [];
  const attachments = source.attachments?.filter((attachment) => !isQuote(attachment)) ?? [];
  const all = [...attachments, ...quotes];
  return {
    parts: {
      msg: msg2,
      ...urls ? { urls } : {},
      mentions: mentioned.mentions,
      channels: mentioned.channels,
      ...source.attachments || all.length > 0 ? { attachments: all } : {}
    },
    mentionedIds: mentioned.userIds,
    highlightedIds,
    groupMention: mentioned.all || mentioned.here
  };
}
function refuseInLargeRooms(ctx, caller2, { room: room2 }, tmid) {
  const limit = ctx.settings.int("Message_MaxAll");
  if (limit <= 0 || room2.memberCount <= limit) return;
  const action = `Group mentions \`@all\` and \`@here\` have been disabled for rooms with more than ${limit} members.`;
  sendEphemeral(ctx, caller2.uid, { rid: room2.id, msg: action, tmid });
  fail("error-action-not-allowed", action, { method: "filterATAllTag", action });
}
function refuseGroupMentions(ctx, caller2, place, { all, here }) {
  for (const [word, said] of [["all", all], ["here", here]]) {
    if (!said || mayHere(ctx, caller2, `mention-${word}`, place)) continue;
    const action = `Notify ${word} in this room`;
    fail("error-action-not-allowed", `${action} not allowed`, { action });
  }
}

// server/src/rooms/record-message.ts
async function recordUserMessage(ctx, { tx, emit }, { room: before, membership }, { message, doc }, reach) {
  const at = ctx.clock.stamp();
  const inThreadOnly = message.tmid !== void 0 && !message.tshow;
  const late = Math.abs(message.ts.getTime() - ctx.clock.now()) > 6e4;
  if (inThreadOnly || late) {
    const room3 = { ...before, updatedAt: at, messageCount: before.messageCount + 1 };
    await recordMessageInRoom(tx, room3.id, room3);
    emit("room.changed", { action: "updated", rid: room3.id, room: presentRoom(room3) });
    return;
  }
  const inMainFlow = message.tmid === void 0;
  const counting = unreadRules(ctx, before.type, reach);
  const stored = ctx.settings.bool("Store_Last_Message") ? doc : null;
  const room2 = {
    ...before,
    updatedAt: at,
    messageCount: before.messageCount + 1,
    lastMessageAt: message.ts.getTime(),
    lastMessage: stored,
    activitySeq: before.activitySeq + Number(inMainFlow),
    activityAt: inMainFlow ? at : before.activityAt,
    unreadSeq: before.unreadSeq + Number(inMainFlow && counting.everybody),
    groupSeq: before.groupSeq + Number(inMainFlow && counting.groupMention)
  };
  await recordMessageInRoom(tx, room2.id, room2);
  const shown = stored === null ? {} : { lastMessage: message };
  const wire2 = { ...presentRoom({ ...room2, lastMessage: null }), ...shown };
  emit("room.changed", { action: "updated", rid: room2.id, room: wire2 });
  if (!inMainFlow) return;
  await addMentions(tx, room2.id, reach.mentionedIds, counting.mentioned, at);
  if (membership) await markReadBySender({ tx, emit }, { room: room2, membership }, message.u, at);
  emit("memberships.touched", {
    rid: room2.id,
    who: counting.everybody || counting.groupMention ? "all" : "alert",
    except: [message.u._id],
    also: reach.mentionedIds
  });
}
function unreadRules(ctx, type, reach) {
  const direct = type === "d";
  const setting = ctx.settings.text(direct ? "Unread_Count_DM" : "Unread_Count");
  const all = setting === "all_messages";
  const countsUserMentions = direct || all || setting.startsWith("user_");
  const countsGroupMentions = direct || all || setting === "group_mentions_only" || setting === "user_and_group_mentions_only";
  const groupMention = reach.groupMention && reach.mentionedIds.length === 0;
  const everybody = groupMention ? countsGroupMentions : all && !reach.groupMention;
  return {
    groupMention,
    everybody,
    // Where everybody is counted by the room's counter, the mentioned are too and must not be counted twice.
    mentioned: countsUserMentions && !everybody ? 1 : 0
  };
}
async function markReadBySender({ tx, emit }, { room: room2, membership }, sender, at) {
  const read = await markMembershipRead(tx, membership, room2, at);
  emit("membership.changed", {
    action: "updated",
    rid: room2.id,
    uid: sender._id,
    subscription: presentSubscription(read, room2, sender)
  });
}

// server/src/messages/store-message.ts
var MAX_DOCUMENT_LENGTH = 1e6;
async function storeMessage(ctx, { tx, emit }, { caller: caller2, place, parent }, ready, composed) {
  const { room: room2 } = place;
  const others = (ids) => ids.filter((id) => id !== caller2.uid);
  const mentionedIds = others(composed.mentionedIds);
  const alertedIds = [.../* @__PURE__ */ new Set([...mentionedIds, ...others(composed.highlightedIds)])];
  const { groupMention } = composed;
  const now = new Date(ctx.clock.stamp());
  const message = { ...ready, ts: ready.ts ?? now, _updatedAt: now };
  const doc = messageDoc(message);
  if (doc.length > MAX_DOCUMENT_LENGTH) refuse("error-message-size-exceeded");
  if (!await insertMessage(tx, message, { doc })) return alreadySent(tx, caller2, message);
  emit("message.saved", { message, room: roomOfMessage(room2), isNew: true });
  const thread = parent && await recordReply(ctx, { tx, emit }, { room: room2, parent }, message, mentionedIds);
  const reach = { mentionedIds: alertedIds, groupMention };
  await recordUserMessage(ctx, { tx, emit }, place, { message, doc }, reach);
  if (thread) await recordThreadReply(ctx, tx, emit, { ...thread, alertedIds, groupMention });
  return message;
}
async function alreadySent(tx, caller2, { _id, rid }) {
  const stored = await storedMessageById(tx, _id);
  if (!stored || stored.hidden || stored.message.rid !== rid || stored.message.u._id !== caller2.uid) refuse();
  return forViewer(stored.message, caller2.uid);
}
function refuseHugeDocument(message) {
  if (messageDoc(message).length > MAX_DOCUMENT_LENGTH) refuse("error-message-size-exceeded");
}

// server/src/messages/validate-content.ts
import { Ajv } from "ajv";
var MAX_ID_LENGTH = 128;
var MAX_DEPTH2 = 32;
function validateContent(ctx, draft) {
  const { attachments, blocks, customFields: customFields2, avatar } = draft;
  const id = optionalText2(draft._id, "_id");
  if (id !== void 0 && id.length > MAX_ID_LENGTH) refuse("Match error: _id is too long");
  const tmid = optionalText2(draft.tmid, "tmid");
  if (tmid !== void 0 && tmid.length > MAX_ID_LENGTH) refuse("Match error: tmid is too long");
  const content = { msg: optionalText2(draft.msg, "msg") ?? "" };
  const texts4 = {
    _id: id,
    tmid,
    alias: optionalText2(draft.alias, "alias"),
    emoji: optionalText2(draft.emoji, "emoji"),
    avatar: optionalText2(avatar, "avatar")
  };
  for (const [key2, text5] of Object.entries(texts4)) if (text5) content[key2] = text5;
  if (isGiven(draft.tshow) && typeof draft.tshow !== "boolean") mismatch("tshow", "a boolean");
  if (draft.tshow === true) content.tshow = true;
  if (content.avatar && !isAvatarUrl(content.avatar)) refuse("Invalid href value provided");
  if (isGiven(attachments)) content.attachments = attachmentList(attachments);
  if (isGiven(blocks)) {
    if (!Array.isArray(blocks)) mismatch("blocks", "a list");
    content.blocks = blocks;
  }
  if (customFields2) content.customFields = validCustomFields(ctx, customFields2);
  if (isTooDeep([attachments, blocks, customFields2], MAX_DEPTH2)) refuse("Match error: nested too deeply");
  return content;
}
var isGiven = (value) => value !== void 0 && value !== null;
function mismatch(field, wanted) {
  refuse(`Match error: ${field} must be ${wanted}`);
}
function optionalText2(value, field) {
  if (!isGiven(value)) return void 0;
  return typeof value === "string" ? value : mismatch(field, "a text");
}
var isAvatarUrl = (url) => url.startsWith("/") || isSafeUrl(url);
var isSafeUrl = (url) => /^(https?:\/\/|data:)/i.test(url) || url.startsWith("/file-upload/");
var ATTACHMENT_FIELDS = {
  ...typed("string", [
    "color",
    "text",
    "button_alignment",
    "author_name",
    "title",
    "image_preview",
    "image_type"
  ]),
  ...typed("string", ["audio_type", "video_type"]),
  ...typed("boolean", ["collapsed", "title_link_download"]),
  ...typed("number", ["image_size", "audio_size", "video_size"]),
  ...typed("url", [
    "thumb_url",
    "message_link",
    "author_link",
    "author_icon",
    "title_link",
    "image_url",
    "audio_url"
  ]),
  ...typed("url", ["video_url"]),
  ...typed("list", ["actions", "fields"]),
  image_dimensions: "object",
  ts: "time"
};
var ACTION_FIELDS = {
  ...typed("string", ["type", "text", "webview_height_ratio", "msg"]),
  ...typed("boolean", ["is_webview", "msg_in_chat_window"]),
  ...typed("url", ["url", "image_url"])
};
var FIELD_FIELDS = {
  short: "boolean",
  title: "string",
  value: "scalar"
};
function typed(type, names) {
  return Object.fromEntries(names.map((name) => [name, type]));
}
function attachmentList(value) {
  if (!Array.isArray(value)) mismatch("attachments", "a list");
  for (const attachment of value) {
    checkFields(attachment, ATTACHMENT_FIELDS, "attachments");
    for (const action of asList(attachment.actions))
      checkFields(action, ACTION_FIELDS, "attachments.actions");
    for (const field of asList(attachment.fields)) {
      checkFields(field, FIELD_FIELDS, "attachments.fields");
      if (!field.title || !field.value) refuse("Invalid attachment field, title and value is required");
    }
    if (isGiven(attachment.attachments)) attachmentList(attachment.attachments);
  }
  return value;
}
var asList = (value) => Array.isArray(value) ? value : [];
function checkFields(value, fields, where2) {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    mismatch(where2, "a list of objects");
  for (const [name, member3] of Object.entries(value)) {
    const type = Object.hasOwn(fields, name) ? fields[name] : void 0;
    if (!type || !isGiven(member3)) continue;
    if (!isOfType(member3, type)) mismatch(`${where2}.${name}`, `of type ${type}`);
    if (type === "url" && !isSafeUrl(member3)) refuse("Invalid href value provided");
  }
}
function isOfType(value, type) {
  switch (type) {
    case "list":
      return Array.isArray(value);
    case "object":
      return typeof value === "object";
    case "time":
      return typeof value === "string" || typeof value === "number" || value instanceof Date;
    case "url":
      return typeof value === "string";
    case "scalar":
      return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    default:
      return typeof value === type;
  }
}
function validCustomFields(ctx, value) {
  if (!ctx.settings.bool("Message_CustomFields_Enabled")) refuse("Custom fields not enabled");
  let valid = false;
  try {
    const schema = JSON.parse(ctx.settings.text("Message_CustomFields"));
    const forced = { ...schema, type: "object", additionalProperties: false };
    valid = new Ajv({ strict: false }).validate(forced, value);
  } catch {
  }
  if (!valid) refuse("Invalid custom fields");
  return value;
}
function isTooDeep(value, depth) {
  if (typeof value !== "object" || value === null) return false;
  return depth === 0 || Object.values(value).some((member3) => isTooDeep(member3, depth - 1));
}
function refuseLongText(ctx, text5, method) {
  if (typeof text5 !== "string" || text5.length <= ctx.settings.int("Message_MaxAllowedSize")) return;
  fail("error-message-size-exceeded", "Message size exceeds Message_MaxAllowedSize", { method });
}

// server/src/messages/update-message.ts
var DETAILS2 = { method: "updateMessage" };
var NOT_ALLOWED = { ...DETAILS2, action: "Message_editing" };
async function updateMessage(ctx, caller2, edit) {
  const { msgId, roomId, content } = edit;
  const original = await findMessage(ctx, msgId);
  if (!original) refuse(`No message found with the id of "${msgId}".`);
  if (roomId !== void 0 && roomId !== original.rid) {
    refuse("The room id provided does not match where the message is from.");
  }
  if (content && original.t !== "e2e") refuse("Only encrypted messages can have content updated.");
  if (original.t === "rm") fail("error-action-not-allowed", "Message editing not allowed", NOT_ALLOWED);
  const text5 = (edit.text ?? "").replaceAll("\0", "");
  if (!content && !text5.trim() && !hasMembers(original.attachments) && !hasMembers(original.blocks)) {
    fail("error-invalid-message", "Message cannot be empty", DETAILS2);
  }
  const place = await findPlace(ctx, caller2, original.rid);
  if (!place) refuse("error-invalid-room");
  if (!content && text5 === textOf2(original) && !edit.previewUrls && edit.customFields === void 0) {
    if (!await canAccessRoom(ctx, caller2, place.room, place)) refuse("error-not-allowed");
    return original;
  }
  refuseEditing(ctx, caller2, place, original);
  await refuseSending(ctx, caller2, place);
  refuseLongText(ctx, text5, DETAILS2.method);
  const customFields2 = edit.customFields === void 0 ? void 0 : validCustomFields(ctx, edit.customFields);
  return storeEdit(ctx, caller2, place, original, {
    ...edit,
    text: text5,
    ...customFields2 ? { customFields: customFields2 } : {}
  });
}
var hasMembers = (list) => Array.isArray(list) && list.length > 0;
function textOf2(message) {
  const description = message.attachments?.[0]?.description;
  return typeof description === "string" ? description : message.msg;
}
function refuseEditing(ctx, caller2, place, message) {
  const isOwn = message.u._id === caller2.uid;
  if (!mayHere(ctx, caller2, "edit-message", place) && !(isOwn && ctx.settings.bool("Message_AllowEditing"))) {
    fail("error-action-not-allowed", "Message editing not allowed", NOT_ALLOWED);
  }
  if (mayHere(ctx, caller2, "bypass-time-limit-edit-and-delete", place)) return;
  const limit = ctx.settings.int("Message_AllowEditing_BlockEditInMinutes");
  const minutes = Math.floor((ctx.clock.now() - message.ts.getTime()) / 6e4);
  if (limit > 0 && minutes >= limit)
    fail("error-message-editing-blocked", "Message editing is blocked", DETAILS2);
}
async function storeEdit(ctx, caller2, place, original, edit) {
  const parts = await composedParts(ctx, caller2, place, original, edit);
  const edited = await changeMessage(ctx, place.room, original._id, async (current, tx) => {
    if (current.t === "rm") fail("error-action-not-allowed", "Message editing not allowed", NOT_ALLOWED);
    const editedAt = new Date(ctx.clock.stamp());
    const editedBy = { _id: caller2.uid, username: caller2.username ?? "" };
    if (ctx.settings.bool("Message_KeepHistory")) {
      await insertMessage(tx, historyCopy(current, { editedAt, editedBy }), { hidden: true });
    }
    const { md: _outdated, ...kept } = current;
    const message = {
      ...kept,
      ...parts,
      ...edit.content ? { content: edit.content } : {},
      ...edit.e2eMentions ? { e2eMentions: edit.e2eMentions } : {},
      ...edit.customFields === void 0 ? {} : { customFields: edit.customFields },
      editedAt,
      editedBy
    };
    refuseHugeDocument(message);
    return { message, mentionsChanged: true };
  });
  return edited ?? refuse(`No message found with the id of "${original._id}".`);
}
async function composedParts(ctx, caller2, place, original, edit) {
  const [file, ...others] = original.attachments ?? [];
  const describesFile = !edit.content && typeof file?.description === "string";
  const attachments = describesFile ? [{ ...file, description: edit.text }, ...others] : original.attachments;
  const { parts } = await composeMessage(
    ctx,
    caller2,
    place,
    {
      msg: edit.content || describesFile ? original.msg : edit.text,
      attachments,
      e2eMentions: original.t === "e2e" ? edit.e2eMentions ?? original.e2eMentions : void 0,
      parseUrls: original.parseUrls !== false,
      previewUrls: edit.previewUrls
    },
    true
  );
  return parts;
}
function historyCopy(message, change2) {
  return { ...message, ...change2, _id: newId(), _hidden: true, parent: message._id };
}

// server/src/messages/delete-message.ts
async function deleteMessage(ctx, caller2, deletion) {
  const { msgId, roomId, asUser } = deletion;
  const message = await findMessage(ctx, msgId);
  if (!message) refuse(`No message found with the id of "${msgId}".`);
  if (roomId !== void 0 && roomId !== message.rid) {
    refuse("The room id provided does not match where the message is from.");
  }
  const place = await findPlace(ctx, caller2, message.rid);
  if (!place) fail("error-action-not-allowed", "Not allowed");
  const acting = asUser ? await authorOf(ctx, caller2, place, message) : { caller: caller2, place };
  await refuseDeletion(ctx, acting.caller, acting.place, message);
  return ctx.write(async (tx, emit) => {
    const current = await lockMessage(tx, message._id);
    if (!current) refuse(`No message found with the id of "${msgId}".`);
    await takeAway(ctx, tx, emit, acting.caller, place, current);
    if (current.t === "rm") return current;
    if (current.tmid) await forgetReply(ctx, tx, emit, place.room, current.tmid);
    await forgetMessage(ctx, tx, emit, current, () => lastUserMessage(tx, current.rid));
    return current;
  });
}
async function authorOf(ctx, caller2, place, message) {
  if (message.u._id === caller2.uid) return { caller: caller2, place };
  if (!mayHere(ctx, caller2, "force-delete-message", place)) {
    refuse(
      `Unauthorized. You must have the permission "force-delete-message" to delete other's message as them.`
    );
  }
  const author = await findUserById(ctx, message.u._id);
  if (!author) refuse("User not found");
  const acting = callerFor(author, { ip: caller2.ip, userAgent: caller2.userAgent });
  return { caller: acting, place: await findPlace(ctx, acting, message.rid) ?? place };
}
async function refuseDeletion(ctx, caller2, place, message) {
  const denied = () => fail("error-action-not-allowed", "Not allowed");
  if (!await canAccessRoom(ctx, caller2, place.room, place)) denied();
  if (mayHere(ctx, caller2, "force-delete-message", place)) return;
  if (!ctx.settings.bool("Message_AllowDeleting")) denied();
  const isOwn = message.u._id === caller2.uid;
  const mayDelete = mayHere(ctx, caller2, "delete-message", place) || isOwn && mayHere(ctx, caller2, "delete-own-message", place);
  if (!mayDelete) denied();
  const limit = ctx.settings.int("Message_AllowDeleting_BlockDeleteInMinutes");
  if (limit > 0 && !mayHere(ctx, caller2, "bypass-time-limit-edit-and-delete", place)) {
    const age = Math.round((ctx.clock.now() - message.ts.getTime()) / 6e4);
    if (age > limit) denied();
    return;
  }
  if (isReadOnlyFor(ctx, caller2, place)) refuse("You can't delete messages because the room is readonly.");
}
async function takeAway(ctx, tx, emit, caller2, place, message) {
  const hasReplies = (message.tcount ?? 0) > 0;
  const keep2 = hasReplies || ctx.settings.bool("Message_KeepHistory");
  const show = hasReplies || ctx.settings.bool("Message_ShowDeletedStatus");
  const at = ctx.clock.stamp();
  if (!show) {
    if (keep2) await hideMessage(tx, message, at);
    else await removeMessage(tx, message, at);
    emit("message.deleted", { rid: message.rid, messageId: message._id });
    return;
  }
  const change2 = { editedAt: new Date(at), editedBy: { _id: caller2.uid, username: caller2.username ?? "" } };
  if (keep2) await insertMessage(tx, historyCopy(message, change2), { hidden: true });
  const { md: _md, blocks: _blocks, tshow: _tshow, ...rest } = message;
  const removed = {
    ...rest,
    msg: "",
    t: "rm",
    urls: [],
    mentions: [],
    attachments: [],
    reactions: {},
    ...change2,
    _updatedAt: new Date(at)
  };
  await replaceMessage(tx, removed, "mentions");
  emit("message.saved", { message: removed, room: roomOfMessage(place.room), isNew: false });
}

// server/src/messages/present-messages.ts
async function presentMessages(ctx, viewer, messages2) {
  const own2 = messages2.map((message) => forViewer(message, viewer?.uid ?? ""));
  return ctx.settings.bool("UI_Use_Real_Name") ? withRealNames(ctx, own2) : own2;
}
async function presentMessage(ctx, viewer, message) {
  const [presented] = await presentMessages(ctx, viewer, [message]);
  return presented ?? message;
}
async function withRealNames(ctx, messages2) {
  const usernames = /* @__PURE__ */ new Set();
  for (const { u, mentions, reactions } of messages2) {
    usernames.add(u.username);
    for (const { username } of mentions ?? []) if (username) usernames.add(username);
    for (const reaction of Object.values(reactions ?? {}))
      for (const name of reaction.usernames) usernames.add(name);
  }
  const users = await findUsers(ctx, { usernames: [...usernames] });
  const names = new Map(users.map((user2) => [user2.username, user2.name]));
  const nameOf = (username) => names.get(username) || username;
  return messages2.map((message) => ({
    ...message,
    u: { ...message.u, name: nameOf(message.u.username) },
    ...message.mentions ? {
      mentions: message.mentions.map(
        (mention) => mention.username ? { ...mention, name: nameOf(mention.username) } : mention
      )
    } : {},
    ...message.reactions ? {
      reactions: Object.fromEntries(
        Object.entries(message.reactions).map(([emoji, { usernames: by }]) => [
          emoji,
          { usernames: by, names: by.map(nameOf) }
        ])
      )
    } : {}
  }));
}

// server/src/messages/sync-messages.ts
var DETAILS3 = { method: "messages/get" };
var DEFAULT_COUNT = 20;
var MAX_COUNT = 1e3;
var MAX_CHANGES3 = 1e4;
async function syncMessages(ctx, caller2, request) {
  const { roomId, lastUpdate, type, next, previous } = request;
  if (lastUpdate === void 0 && type === void 0) {
    fail("error-param-required", 'The "type" or "lastUpdate" parameters must be provided');
  }
  const room2 = await getRoom(ctx, roomId);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not allowed", DETAILS3);
  const hasCursor = next !== void 0 || previous !== void 0;
  if (hasCursor && type === void 0) {
    const reason = 'The "type" parameter is required when using the "next" or "previous" parameters';
    fail("error-type-param-required", reason);
  }
  if (next !== void 0 && previous !== void 0) {
    fail("error-cursor-conflict", 'You cannot provide both "next" and "previous" parameters');
  }
  if (hasCursor && lastUpdate !== void 0) {
    const reason = 'The attributes "next", "previous" and "lastUpdate" cannot be used together';
    fail("error-cursor-and-lastUpdate-conflict", reason);
  }
  if (lastUpdate !== void 0) return sinceLastUpdate(ctx, caller2, request, lastUpdate);
  if (!hasCursor) return { updated: [], deleted: [] };
  return beyondCursor(ctx, caller2, request);
}
async function sinceLastUpdate(ctx, caller2, { roomId, fromTs }, lastUpdate) {
  const [updated, deleted] = await Promise.all([
    changedSince(ctx.db, roomId, lastUpdate, {
      ...fromTs === void 0 ? {} : { notBefore: fromTs },
      limit: MAX_CHANGES3
    }),
    deletedBeyond(ctx.db, roomId, { next: lastUpdate }, MAX_CHANGES3)
  ]);
  return { updated: await presentMessages(ctx, caller2, updated), deleted: deleted.map(deletedMark) };
}
async function beyondCursor(ctx, caller2, request) {
  const { roomId, type, next, previous } = request;
  const count = Math.min(Math.max(1, Math.floor(request.count ?? DEFAULT_COUNT)), MAX_COUNT);
  const cursor = next === void 0 ? { previous: moment(previous) } : { next: moment(next) };
  if (type === "DELETED") {
    const { items: items2, more: more2 } = await wholeMoments(
      (limit) => deletedBeyond(ctx.db, roomId, cursor, limit),
      (deletion) => deletion.at,
      count
    );
    const times2 = items2.map((deletion) => deletion.at);
    return { updated: [], deleted: items2.map(deletedMark), cursor: cursorsOf(times2, cursor, more2) };
  }
  if (type !== "UPDATED") {
    fail("error-type-param-not-supported", 'The "type" parameter must be "UPDATED" or "DELETED"');
  }
  const { items, more } = await wholeMoments(
    (limit) => changedBeyond(ctx.db, roomId, cursor, limit),
    (message) => message._updatedAt.getTime(),
    count
  );
  const times = items.map((message) => message._updatedAt.getTime());
  const updated = await presentMessages(ctx, caller2, items);
  return { updated, deleted: [], cursor: cursorsOf(times, cursor, more) };
}
async function wholeMoments(load, timeOf2, count) {
  const found = await load(count + 1);
  const beyond = found[count];
  if (beyond === void 0) return { items: found, more: false };
  const items = found.slice(0, count).filter((item) => timeOf2(item) !== timeOf2(beyond));
  const last = found[count - 1];
  if (last !== void 0 && timeOf2(last) !== timeOf2(beyond))
    return { items: found.slice(0, count), more: true };
  return items.length > 0 ? { items, more: true } : wholeMoments(load, timeOf2, count * 10);
}
function moment(text5) {
  const ms = Number(text5);
  if (!text5 || !Number.isFinite(ms)) {
    fail("error-invalid-params", 'The "next" and "previous" parameters must be timestamps in milliseconds');
  }
  return ms;
}
function cursorsOf(times, cursor, more) {
  const first = times[0];
  if (first === void 0) return { next: null, previous: null };
  const beyond = more ? String(times.at(-1)) : null;
  return "next" in cursor ? { next: beyond, previous: String(first) } : { next: String(first), previous: beyond };
}
var deletedMark = ({ id, at }) => ({
  _id: id,
  _deletedAt: new Date(at)
});
async function deletedMessages(ctx, caller2, { roomId, since, offset, count }) {
  const room2 = await getRoom(ctx, roomId);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not allowed");
  const all = await deletedBeyond(ctx.db, roomId, { next: since }, MAX_CHANGES3);
  const page3 = all.slice(offset, count > 0 ? offset + count : void 0);
  return { messages: page3.map(({ id }) => ({ _id: id })), count: page3.length, offset, total: all.length };
}

// server/src/messages/threads.ts
var LATEST_REPLY_FIRST = [["tlm", -1]];
var OLDEST_FIRST = [["ts", 1]];
var MAX_SEARCHED = 2e3;
var MAX_CHANGES4 = 1e4;
async function listThreads(ctx, caller2, request) {
  const { rid, type, text: text5, offset, count, sort = LATEST_REPLY_FIRST } = request;
  await readableThreads(ctx, caller2, rid);
  const ids = type === "unread" ? await unreadThreads(ctx, caller2, rid) : void 0;
  if (ids?.length === 0) return { threads: [], count: 0, offset, total: 0 };
  const which = ids ? { ids } : {};
  if (type !== "following" && !text5) {
    const { messages: messages2, total } = await threadsPage(ctx.db, rid, which, sort, { offset, count });
    return { threads: await presentMessages(ctx, caller2, messages2), count: messages2.length, offset, total };
  }
  const containing = type === "following" ? JSON.stringify(caller2.uid) : JSON.stringify(text5).slice(1, -1);
  const candidates3 = await threadCandidates(ctx.db, rid, { ...which, containing }, sort, MAX_SEARCHED);
  const wanted = text5?.toLowerCase() ?? "";
  const found = candidates3.filter(
    (message) => (type !== "following" || message.replies?.includes(caller2.uid)) && message.msg.toLowerCase().includes(wanted)
  );
  const shown = found.slice(offset, count > 0 ? offset + count : void 0);
  return {
    threads: await presentMessages(ctx, caller2, shown),
    count: shown.length,
    offset,
    total: found.length
  };
}
async function unreadThreads(ctx, caller2, rid) {
  const membership = await getMembership(ctx, rid, caller2.uid);
  return membership?.details.tunread ?? [];
}
async function syncThreads(ctx, caller2, rid, since) {
  await readableThreads(ctx, caller2, rid);
  const [update, deleted] = await Promise.all([
    threadsChangedSince(ctx.db, rid, since, MAX_CHANGES4),
    deletedBeyond(ctx.db, rid, { next: since }, MAX_CHANGES4)
  ]);
  const remove = deleted.filter((deletion) => deletion.message.tcount !== void 0).map(deletedMark);
  return { update, remove };
}
async function readableThreads(ctx, caller2, rid) {
  refuseWithoutThreads(ctx, "Threads Disabled");
  const room2 = await getRoom(ctx, rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not Allowed");
  return room2;
}
function refuseWithoutThreads(ctx, reason, details) {
  if (!ctx.settings.bool("Threads_enabled")) fail("error-not-allowed", reason, details);
}
async function readableThread(ctx, caller2, tmid) {
  refuseWithoutThreads(ctx, "Threads Disabled");
  const parent = await findMessage(ctx, tmid);
  if (!parent) fail("error-invalid-message", "Invalid Message");
  const room2 = await getRoom(ctx, parent.rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not Allowed");
  return { parent, room: room2 };
}
async function threadMessages(ctx, caller2, { tmid, aroundId, offset, count, sort = OLDEST_FIRST }) {
  const { room: room2 } = await readableThread(ctx, caller2, tmid);
  const thread = { rid: room2.id, tmid };
  const used = { offset: aroundId ? await offsetAround(ctx, thread, aroundId, count) : offset, count };
  const { messages: messages2, total } = await repliesPage(ctx.db, thread, aroundId ? OLDEST_FIRST : sort, used);
  return { messages: messages2, count: messages2.length, offset: used.offset, total };
}
async function offsetAround(ctx, thread, aroundId, count) {
  if (aroundId === thread.tmid) return 0;
  const reply = await findMessage(ctx, aroundId);
  if (reply?.tmid !== thread.tmid || reply.rid !== thread.rid) {
    fail("error-invalid-message", 'The provided "aroundId" does not belong to the thread');
  }
  const older = await countRepliesBefore(ctx.db, thread, reply.ts.getTime());
  return Math.max(0, older - Math.floor(count / 2));
}
async function syncThread(ctx, caller2, { tmid, since, offset, count, sort = OLDEST_FIRST }) {
  const { room: room2 } = await readableThread(ctx, caller2, tmid);
  const page3 = { offset, count: count > 0 ? count : MAX_CHANGES4 };
  const [update, deleted] = await Promise.all([
    repliesChangedSince(ctx.db, { rid: room2.id, tmid }, since, sort, page3),
    deletedBeyond(ctx.db, room2.id, { next: since }, MAX_CHANGES4)
  ]);
  return { update, remove: deleted.filter((deletion) => deletion.message.tmid === tmid).map(deletedMark) };
}
async function openThread(ctx, caller2, { tmid, limit, skip }) {
  refuseWithoutThreads(ctx, "Threads Disabled", { method: "getThreadMessages" });
  const parent = await findMessage(ctx, tmid);
  if (!parent) return [];
  const { room: room2 } = await readableThread(ctx, caller2, tmid);
  await markRead(ctx, caller2, room2.id, tmid);
  const { messages: messages2 } = await repliesPage(ctx.db, { rid: room2.id, tmid }, [["ts", -1]], {
    offset: skip,
    count: limit
  });
  return [parent, ...messages2];
}
async function readThread(ctx, caller2, tmid) {
  refuseWithoutThreads(ctx, "Threads Disabled");
  const parent = await findMessage(ctx, tmid);
  if (!parent) fail("error-invalid-message", "Invalid Message");
  const room2 = await getRoom(ctx, parent.rid);
  if (!room2) fail("error-room-does-not-exist", "This room does not exist");
  if (!await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not Allowed");
  await markRead(ctx, caller2, room2.id, tmid);
}
async function markRead(ctx, caller2, rid, tmid) {
  await ctx.write((tx, emit) => readThreadOf(ctx, tx, emit, caller2, { rid, tmid }));
}

// server/src/messages/follow.ts
async function followMessage(ctx, caller2, { mid, follow: follow3 }) {
  const details = { method: follow3 ? "followMessage" : "unfollowMessage" };
  refuseWithoutThreads(ctx, "not-allowed", details);
  const message = await findMessage(ctx, mid);
  if (!message) fail("error-invalid-message", "Invalid message", details);
  const room2 = await getRoom(ctx, message.rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "not-allowed", details);
  const thread = { rid: room2.id, tmid: message.tmid ?? message._id };
  await changeMessage(ctx, room2, thread.tmid, async (current, tx, emit) => {
    const others = (current.replies ?? []).filter((uid) => uid !== caller2.uid);
    const isFollowing = others.length < (current.replies?.length ?? 0);
    if (isFollowing === follow3) return void 0;
    if (!follow3) await readThreadOf(ctx, tx, emit, caller2, thread);
    return { message: { ...current, replies: follow3 ? [...others, caller2.uid] : others } };
  });
}

// server/src/messages/system-types.ts
var SYSTEM_TYPES = /* @__PURE__ */ new Set([
  ...[
    "uj",
    "ut",
    "ujt",
    "au",
    "added-user-to-team",
    "ui",
    "uir",
    "ul",
    "ult",
    "ru",
    "removed-user-from-team"
  ],
  ...[
    "r",
    "room_changed_topic",
    "room_changed_description",
    "room_changed_announcement",
    "room_changed_privacy"
  ],
  ...["room_changed_avatar", "room-set-read-only", "room-removed-read-only", "room-allowed-reacting"],
  ...[
    "room-disallowed-reacting",
    "room-archived",
    "room-unarchived",
    "room_e2e_enabled",
    "room_e2e_disabled"
  ],
  ...["subscription-role-added", "subscription-role-removed", "user-muted", "user-unmuted", "user-banned"],
  ...[
    "user-unbanned",
    "message_pinned",
    "message_pinned_e2e",
    "user-converted-to-team",
    "user-converted-to-channel"
  ],
  ...["user-added-room-to-team", "user-removed-room-from-team", "user-deleted-room-from-team", "rm", "wm"],
  ...["abac-removed-user-from-room", "mute_unmute", "new-moderator", "moderator-removed", "new-owner"],
  ...["owner-removed", "new-leader", "leader-removed", "rtc"]
]);
var isSystemType = (type) => typeof type === "string" && SYSTEM_TYPES.has(type);
function hiddenInWorkspace(settings) {
  return expanded(settings.list("Hide_System_Messages"));
}
function hiddenInRoom(settings, sysMes) {
  return Array.isArray(sysMes) ? expanded(sysMes) : hiddenInWorkspace(settings);
}
function expanded(types) {
  return types.flatMap((type) => type === "mute_unmute" ? ["user-muted", "user-unmuted"] : [type]);
}

// server/src/messages/history.ts
var MAX_PAGE = 1e4;
async function roomHistory(ctx, caller2, room2, options) {
  if (!await mayReadHistory(ctx, caller2, room2)) forbid();
  return historyOf(ctx, caller2, room2, options);
}
async function mayReadHistory(ctx, caller2, room2) {
  const membership = caller2 ? await getMembership(ctx, room2.id, caller2.uid) : void 0;
  if (!await canAccessRoom(ctx, caller2, room2, { membership })) return false;
  return room2.type !== "c" || isActiveMember(membership) || mayPreview(ctx, caller2);
}
async function historyOf(ctx, caller2, room2, options) {
  const { latest, oldest, inclusive = false, offset = 0, unreads, showThreadMessages } = options;
  const count = options.count > 0 ? Math.min(options.count, MAX_PAGE) : MAX_PAGE;
  const of = {
    ...historyStretch(ctx, room2, showThreadMessages ?? false),
    ...latest === void 0 ? {} : { before: latest },
    ...oldest === void 0 ? {} : { after: oldest },
    inclusive
  };
  const messages2 = await historyPage(ctx.db, of, { order: "newest-first", offset, count });
  const history = { messages: await presentMessages(ctx, caller2, messages2) };
  if (!unreads) return history;
  const before = messages2.at(-1)?.ts.getTime();
  const unread = before === void 0 || oldest === void 0 ? void 0 : { ...of, before, inclusive: false };
  return { ...history, ...await notLoaded(ctx, caller2, unread) };
}
async function notLoaded(ctx, caller2, of) {
  if (!of) return { unreadNotLoaded: 0 };
  const [unreadNotLoaded, first] = await Promise.all([
    countHistory(ctx.db, of),
    historyPage(ctx.db, of, { order: "oldest-first", count: 1 })
  ]);
  const [firstUnread] = await presentMessages(ctx, caller2, first);
  return { ...firstUnread ? { firstUnread } : {}, unreadNotLoaded };
}
function historyStretch(ctx, room2, showThreadMessages) {
  return {
    rid: room2.id,
    withoutTypes: hiddenInRoom(ctx.settings, room2.details.sysMes),
    mainFlowOnly: !showThreadMessages
  };
}

// server/src/messages/pin.ts
async function pinMessage(ctx, caller2, messageId) {
  const message = await known(ctx, messageId);
  refuseWithoutPinning(ctx, "pinMessage");
  const place = await findPlace(ctx, caller2, message.rid);
  if (!place) fail("not-authorized", "Not Authorized", { method: "pinMessage" });
  await refuseStrangers(ctx, caller2, place, "pinMessage");
  let notice;
  const pinned = await changeMessage(ctx, place.room, messageId, async (current, tx, emit) => {
    if (current.pinned) return void 0;
    notice = await announcePin(ctx, tx, emit, caller2, place.room, current);
    return { message: withPin(ctx, caller2, current, true) };
  });
  return notice ?? pinned ?? message;
}
async function unpinMessage(ctx, caller2, messageId) {
  const message = await known(ctx, messageId);
  refuseWithoutPinning(ctx, "unpinMessage");
  const place = await findPlace(ctx, caller2, message.rid);
  if (!place || !isActiveMember(place.membership)) {
    const details = { method: "unpinMessage", action: "Message_pinning" };
    fail("error-invalid-message", "Message you are unpinning was not found", details);
  }
  await refuseStrangers(ctx, caller2, place, "unpinMessage");
  await changeMessage(ctx, place.room, messageId, (current) => ({
    message: withPin(ctx, caller2, current, false)
  }));
}
async function known(ctx, messageId) {
  const message = await findMessage(ctx, messageId);
  return message ?? fail("error-message-not-found", 'The provided "messageId" does not match any existing message.');
}
function refuseWithoutPinning(ctx, method) {
  if (ctx.settings.bool("Message_AllowPinning")) return;
  fail("error-action-not-allowed", "Message pinning not allowed", { method, action: "Message_pinning" });
}
async function refuseStrangers(ctx, caller2, place, method) {
  if (mayHere(ctx, caller2, "pin-message", place) && await canAccessRoom(ctx, caller2, place.room, place))
    return;
  fail("not-authorized", "Not Authorized", { method });
}
function withPin(ctx, caller2, message, pinned) {
  const pinnedBy = { _id: caller2.uid, username: caller2.username ?? "" };
  return { ...message, pinned, pinnedAt: new Date(ctx.clock.now()), pinnedBy };
}
async function announcePin(ctx, tx, emit, caller2, room2, message) {
  const levels = Math.max(1, ctx.settings.int("Message_QuoteChainLimit"));
  const attachment = {
    text: message.msg,
    author_name: message.u.username,
    author_icon: avatarPath(message.u.username),
    ts: message.ts,
    attachments: withQuoteLevels(message.attachments ?? [], levels),
    ...message.t === "e2e" && message.content ? { content: message.content } : {}
  };
  const t = message.t === "e2e" ? "message_pinned_e2e" : "message_pinned";
  const extra = { attachments: [attachment] };
  const notice = await postSystemMessage(ctx, tx, emit, room2, { t, msg: "", user: callerRef(caller2), extra });
  await countMessages(ctx, tx, emit, room2.id, 1);
  return notice;
}

// server/src/messages/emoji.ts
var isKnownEmoji = (shortcode) => /^[\p{L}\p{N}_+-]{1,64}$/u.test(shortcode);

// server/src/messages/react.ts
var DETAILS4 = { method: "setReaction" };
async function reactToMessage(ctx, caller2, { messageId, emoji, shouldReact }) {
  const message = await findMessage(ctx, messageId);
  if (!message) {
    fail("error-message-not-found", 'The provided "messageId" does not match any existing message.');
  }
  const shortcode = emoji.replaceAll(":", "");
  if (!shortcode) fail("error-emoji-param-not-provided", 'The required "emoji" param is missing.');
  if (!isKnownEmoji(shortcode)) fail("error-not-allowed", "Invalid emoji provided.", DETAILS4);
  const place = await findPlace(ctx, caller2, message.rid);
  if (!place || !await canAccessRoom(ctx, caller2, place.room, place))
    fail("not-authorized", "Not Authorized", DETAILS4);
  if (isMuted(caller2, place.room)) {
    fail("error-not-allowed", "You have been muted and cannot speak in this room", { rid: place.room.id });
  }
  if (!place.room.details.reactWhenReadOnly && isReadOnlyFor(ctx, caller2, place)) refuse(READ_ONLY);
  const username = caller2.username ?? "";
  await changeMessage(ctx, place.room, message._id, (current) => {
    const has = current.reactions?.[`:${shortcode}:`]?.usernames.includes(username) ?? false;
    const wanted = shouldReact ?? !has;
    return has === wanted ? void 0 : { message: withReaction(current, `:${shortcode}:`, username, wanted) };
  });
}
function withReaction(message, key2, username, add) {
  const { reactions: before = {}, ...rest } = message;
  const { [key2]: reaction, ...others } = before;
  const usernames = (reaction?.usernames ?? []).filter((name) => name !== username);
  if (add) usernames.push(username);
  const reactions = usernames.length === 0 ? others : { ...before, [key2]: { usernames } };
  return Object.keys(reactions).length === 0 ? rest : { ...message, reactions };
}

// server/src/messages/read-message.ts
async function readMessage(ctx, caller2, id) {
  const message = await findMessage(ctx, id);
  if (!message) return void 0;
  await refuseForeignRooms(ctx, caller2, [message], "getSingleMessage");
  return presentMessage(ctx, caller2, message);
}
var MAX_IDS = 500;
async function readMessages(ctx, caller2, ids) {
  const messages2 = await findMessages(ctx, [...new Set(ids)].slice(0, MAX_IDS));
  await refuseForeignRooms(ctx, caller2, messages2, "getMessages");
  return presentMessages(ctx, caller2, messages2);
}
async function refuseForeignRooms(ctx, caller2, messages2, method) {
  const rids = [...new Set(messages2.map((message) => message.rid))];
  const rooms2 = await getRooms(ctx, rids);
  const allowed = await Promise.all(rooms2.map((room2) => canAccessRoom(ctx, caller2, room2)));
  if (rooms2.length < rids.length || allowed.includes(false))
    fail("error-not-allowed", "Not allowed", { method });
}

// server/src/messages/room-messages.ts
var NEWEST_FIRST = [["ts", -1]];
var OLDEST_FIRST2 = [["ts", 1]];
async function roomMessages(ctx, caller2, room2, filter, page3) {
  const membership = await getMembership(ctx, room2.id, caller2.uid);
  if (!await canAccessRoom(ctx, caller2, room2, { membership })) forbid();
  if (room2.type === "c" && !isActiveMember(membership) && ctx.permissions.has(caller2, "view-joined-room"))
    forbid();
  return listMessages(ctx, caller2, room2.id, filter, page3);
}
async function anonymousMessages(ctx, caller2, room2, filter, page3) {
  if (!ctx.settings.bool("Accounts_AllowAnonymousRead")) {
    if (!caller2) unauthorized("You must be logged in to do this.");
    const details = { method: "channels.anonymousread" };
    fail("error-not-allowed", 'Enable "Allow Anonymous Read"', details);
  }
  if (!await canAccessRoom(ctx, caller2, room2)) {
    if (room2.teamId !== null) notFound("Room not found");
    forbid();
  }
  return listMessages(ctx, caller2, room2.id, filter, page3);
}
async function listMessages(ctx, caller2, rid, filter, { sort = NEWEST_FIRST, offset, count }) {
  const { messages: messages2, total } = await filteredPage(ctx.db, rid, filter, sort, { offset, count });
  return { messages: await presentMessages(ctx, caller2, messages2), count: messages2.length, offset, total };
}
async function mentionsOfCaller(ctx, caller2, rid, page3) {
  const room2 = await getRoom(ctx, rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) {
    fail("error-invalid-room", "Invalid room", { method: "getUserMentionsByChannel" });
  }
  return listMessages(ctx, caller2, rid, { mentionIds: [caller2.uid] }, { sort: OLDEST_FIRST2, ...page3 });
}
async function pinnedMessages(ctx, caller2, rid, page3) {
  const room2 = await getRoom(ctx, rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not allowed");
  return listMessages(
    ctx,
    caller2,
    rid,
    { pinned: true, withoutTypes: ["rm"] },
    { ...page3, sort: OLDEST_FIRST2 }
  );
}
async function starredMessages(ctx, caller2, rid, page3) {
  await refuseStrangers2(ctx, caller2, rid);
  return listMessages(ctx, caller2, rid, { starredIds: [caller2.uid] }, page3);
}
async function mentionedMessages(ctx, caller2, rid, page3) {
  await refuseStrangers2(ctx, caller2, rid);
  return listMessages(ctx, caller2, rid, { mentionIds: [caller2.uid] }, page3);
}
async function refuseStrangers2(ctx, caller2, rid) {
  const room2 = await getRoom(ctx, rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) refuse("error-not-allowed");
}

// server/src/context.ts
var within = (ctx, tx) => ({ ...ctx, db: tx });

// server/src/messages/send-message.ts
var DETAILS5 = { method: "sendMessage" };
var NO_RID = "The 'rid' property on the message object is missing.";
var NO_SYSTEM_MESSAGES = "Cannot send system messages using 'chat.sendMessage'";
async function sendMessage(ctx, caller2, draft, previewUrls) {
  if (isSystemType(draft.t)) refuse(NO_SYSTEM_MESSAGES);
  if (draft.tshow && !draft.tmid) fail("invalid-params", "tshow provided but missing tmid", DETAILS5);
  return sendDraft(ctx, caller2, draft, { previewUrls, isSendable: refuseEmpty });
}
async function sendDraft(ctx, caller2, draft, options) {
  if (draft.tmid && !ctx.settings.bool("Threads_enabled")) fail("error-not-allowed", "not-allowed", DETAILS5);
  const ts = acceptedTime(ctx, draft.ts);
  const msg2 = typeof draft.msg === "string" ? draft.msg.replaceAll("\0", "") : draft.msg;
  refuseLongText(ctx, msg2, DETAILS5.method);
  if (!caller2.username) fail("error-invalid-user", "Invalid user");
  const { rid, tmid } = await threadOf(ctx, draft);
  if (!rid) refuse(NO_RID);
  options.isSendable?.(draft);
  return explainRefusal(
    ctx,
    caller2.uid,
    { rid, tmid },
    () => (
      // Rules are checked under the lock: who is removed or muted at this moment is either before or after the message.
      ctx.write(
        (tx, emit) => writeDraft(within(ctx, tx), { tx, emit }, caller2, { ...draft, rid, msg: msg2, tmid }, { ts, ...options })
      )
    )
  );
}
async function writeDraft(ctx, write, caller2, draft, { ts, previewUrls }) {
  const { rid, tmid } = draft;
  const parent = tmid ? await lockMessage(write.tx, tmid) : void 0;
  const place = await placeForSending(ctx, write.tx, caller2, rid);
  if (draft.t !== "e2e" && place.room.details.encrypted && refusesPlainText(ctx)) {
    fail("error-not-allowed", "Not allowed to send un-encrypted messages in an encrypted room", DETAILS5);
  }
  const content = validateContent(ctx, draft);
  if ((content.alias || content.avatar) && !mayHere(ctx, caller2, "message-impersonate", place)) {
    refuse("Not enough permission");
  }
  const e2eMentions = draft.t === "e2e" ? asObject(draft.e2eMentions) : void 0;
  const source = {
    msg: content.msg,
    attachments: content.attachments,
    e2eMentions,
    parseUrls: draft.parseUrls !== false,
    previewUrls,
    tmid
  };
  const composed = await composeMessage(ctx, caller2, place, source, false);
  const message = {
    ...newMessage(ctx, caller2, rid, content, draft),
    ...composed.parts,
    ...ts ? { ts } : {}
  };
  return storeMessage(ctx, write, { caller: caller2, place, parent }, message, composed);
}
function refuseEmpty(draft) {
  if (draft.t === "e2e" && draft.content) return;
  if (hasMembers2(draft.attachments) || hasMembers2(draft.blocks)) return;
  const { msg: msg2 } = draft;
  if (msg2 !== void 0 && msg2 !== null && typeof msg2 !== "string") return;
  if (!msg2?.replaceAll("\0", "").trim()) fail("error-invalid-message", "Message cannot be empty", DETAILS5);
}
var hasMembers2 = (list) => Array.isArray(list) && list.length > 0;
async function threadOf(ctx, draft) {
  const rid = typeof draft.rid === "string" ? draft.rid : "";
  if (typeof draft.tmid !== "string" || draft.tmid === "") return { rid };
  const parent = await findMessage(ctx, draft.tmid);
  return { rid: parent?.rid ?? rid, tmid: parent?.tmid ?? draft.tmid };
}
var refusesPlainText = (ctx) => ctx.settings.bool("E2E_Enable") && !ctx.settings.bool("E2E_Allow_Unencrypted_Messages");
function acceptedTime(ctx, given2) {
  const ts = dateOf(given2);
  if (!ts) return void 0;
  const now = ctx.clock.now();
  const off = Math.abs(ts.getTime() - now);
  if (off > 6e4) {
    fail("error-message-ts-out-of-sync", "Message timestamp is out of sync", {
      ...DETAILS5,
      message_ts: ts,
      server_ts: now
    });
  }
  return off > 1e4 ? void 0 : ts;
}
function dateOf(given2) {
  const inner = asObject(given2)?.$date ?? given2;
  if (!(inner instanceof Date) && typeof inner !== "string" && typeof inner !== "number") return void 0;
  const date2 = new Date(inner);
  return Number.isNaN(date2.getTime()) ? void 0 : date2;
}
function newMessage(ctx, caller2, rid, content, draft) {
  const { _id, msg: msg2, tmid, tshow, ...shown } = content;
  const encrypted = draft.t === "e2e";
  const content_ = encrypted ? asObject(draft.content) : void 0;
  const bot = asObject(draft.bot);
  const location = asObject(draft.location);
  return {
    _id: _id ?? newId(),
    rid,
    msg: msg2,
    ...encrypted ? { t: "e2e" } : {},
    ...encrypted && (draft.e2e === "pending" || draft.e2e === "done") ? { e2e: draft.e2e } : {},
    ...content_ ? { content: content_ } : {},
    ...encrypted && asObject(draft.e2eMentions) ? { e2eMentions: draft.e2eMentions } : {},
    ...tmid ? { tmid } : {},
    ...tmid && tshow ? { tshow } : {},
    ...shown,
    ...draft.groupable === false ? { groupable: false } : {},
    ...bot ? { bot } : {},
    ...location ? { location } : {},
    u: callerRef(caller2),
    ...ctx.settings.bool("Message_Read_Receipt_Enabled") ? { unread: true } : {}
  };
}
function asObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : void 0;
}

// server/src/messages/star.ts
var DETAILS6 = { method: "starMessage" };
async function starMessage(ctx, caller2, { messageId, starred }) {
  const message = await findMessage(ctx, messageId);
  if (!message) {
    fail("error-message-not-found", 'The provided "messageId" does not match any existing message.');
  }
  if (!ctx.settings.bool("Message_AllowStarring")) {
    fail("error-action-not-allowed", "Message starring not allowed", {
      ...DETAILS6,
      action: "Message_starring"
    });
  }
  const place = await findPlace(ctx, caller2, message.rid);
  if (!place || !isActiveMember(place.membership)) return false;
  if (!await canAccessRoom(ctx, caller2, place.room, place))
    fail("not-authorized", "Not Authorized", DETAILS6);
  await changeMessage(ctx, place.room, messageId, async (current, tx) => {
    const others = (current.starred ?? []).filter((star) => star._id !== caller2.uid);
    const isStarred = others.length < (current.starred?.length ?? 0);
    if (isStarred === starred) return void 0;
    await setStar(tx, current, caller2.uid, starred);
    return { message: { ...current, starred: starred ? [...others, { _id: caller2.uid }] : others } };
  });
  return true;
}

// server/src/messages/surroundings.ts
async function messagesAfter(ctx, caller2, room2, {
  after,
  count,
  showThreadMessages
}) {
  const of = { ...historyStretch(ctx, room2, showThreadMessages), ...after === void 0 ? {} : { after } };
  return presentMessages(ctx, caller2, await historyPage(ctx.db, of, { order: "oldest-first", count }));
}
async function surroundingMessages(ctx, caller2, room2, message, { limit, showThreadMessages }) {
  const side = Math.max(1, Math.floor(limit / 2));
  const of = historyStretch(ctx, room2, showThreadMessages);
  const ts = message.ts.getTime();
  const [older, newer] = await Promise.all([
    historyPage(ctx.db, { ...of, before: ts }, { order: "newest-first", count: side + 1 }),
    historyPage(ctx.db, { ...of, after: ts }, { order: "oldest-first", count: side + 1 })
  ]);
  const shown = [...older.slice(0, side), message, ...newer.slice(0, side)];
  return {
    messages: await presentMessages(ctx, caller2, shown),
    moreBefore: older.length > side,
    moreAfter: newer.length > side
  };
}

// server/src/messages/message-streams.ddp.ts
var MY_MESSAGES = "__my_messages__";
var messageStreams = [
  {
    name: "room-messages",
    partly: "Names are those stored with the message, also where the workspace shows real names.",
    async mayRead(ctx, { caller: caller2, eventName }) {
      if (eventName === MY_MESSAGES) return true;
      const room2 = await getRoom(ctx, eventName);
      if (!room2) return false;
      return await canAccessRoom(ctx, caller2, room2) || isOpenChannel(room2) && mayPreview(ctx, caller2);
    }
  },
  {
    name: "notify-room",
    async mayRead(ctx, { caller: caller2, eventName }) {
      const { rid, event } = partsOf(eventName);
      if (event === "webrtc") return true;
      return caller2 !== null && await mayRead(ctx, caller2, rid);
    },
    async write(ctx, streams, request) {
      const { event } = partsOf(request.eventName);
      if (event === "webrtc") {
        streams.emit("notify-room", request.eventName, request.args, { except: request.connection.id });
      } else if (event === "user-activity" || event === "typing") {
        await publishActivity(ctx, streams, request);
      }
    }
  }
];
var isOpenChannel = (room2) => room2.type === "c" && room2.teamId === null;
function partsOf(eventName) {
  const slash = eventName.indexOf("/");
  return slash === -1 ? { rid: eventName, event: "" } : { rid: eventName.slice(0, slash), event: eventName.slice(slash + 1) };
}
async function mayRead(ctx, caller2, rid) {
  const room2 = await getRoom(ctx, rid);
  return room2 !== void 0 && canAccessRoom(ctx, caller2, room2);
}
var MAX_ACTIVITIES = 10;
async function publishActivity(ctx, streams, request) {
  const { caller: caller2, eventName, args, connection } = request;
  const { rid, event } = partsOf(eventName);
  const [name, state, extras] = args;
  if (!caller2 || typeof name !== "string" || !isNameOf(ctx, caller2, name)) return;
  const activities = activitiesOf(event, state);
  if (!activities || !await mayRead(ctx, caller2, rid)) return;
  const others = { except: connection.id };
  const shared = event === "typing" ? {} : threadOf2(extras);
  streams.emit("notify-room", `${rid}/user-activity`, [name, activities, shared], others);
  if (activities.length > 0 && !activities.includes("user-typing")) return;
  streams.emit("notify-room", `${rid}/typing`, [name, activities.length > 0], others);
}
var isNameOf = (ctx, caller2, name) => name === caller2.username || ctx.settings.bool("UI_Use_Real_Name") && name === caller2.name;
function activitiesOf(event, state) {
  if (event === "typing") return typeof state === "boolean" ? state ? ["user-typing"] : [] : void 0;
  if (!Array.isArray(state) || state.length > MAX_ACTIVITIES) return void 0;
  return state.every((activity) => typeof activity === "string" && activity.length <= 64) ? state : void 0;
}
function threadOf2(extras) {
  const tmid = typeof extras === "object" && extras !== null && "tmid" in extras ? extras.tmid : void 0;
  return typeof tmid === "string" && tmid.length <= 128 ? { tmid } : {};
}
function wireMessageEvents(ctx, streams, online2) {
  ctx.events.on("message.saved", (event) => sendMessageFrames(ctx, streams, online2, event));
  ctx.events.on("message.deleted", ({ rid, messageId }) => {
    streams.emit("notify-room", `${rid}/deleteMessage`, [{ _id: messageId }]);
  });
  ctx.events.on("message.ephemeral", ({ uid, message }) => streams.emitToUsers([uid], "message", [message]));
}
function sendMessageFrames(ctx, streams, online2, event) {
  const { message, room: room2 } = event;
  if (message._hidden || message.imported) return;
  if (message.t !== void 0 && hiddenInWorkspace(ctx.settings).includes(message.t)) return;
  streams.emit("room-messages", message.rid, [message]);
  if (!streams.hasListeners("room-messages", MY_MESSAGES)) return;
  const roomName = room2.type === "d" ? {} : { roomName: room2.name ?? room2.displayName ?? "" };
  const about = (roomParticipant) => ({ roomParticipant, roomType: room2.type, ...roomName });
  const [inside, outside] = [about(true), about(false)];
  streams.emitPerCaller("room-messages", MY_MESSAGES, (caller2) => {
    if (online2.isMember(message.rid, caller2.uid))
      return mayHear(ctx, caller2, room2.type) ? [message, inside] : void 0;
    return isOpenChannel(room2) && maySeePublicChannels(ctx, caller2) ? [message, outside] : void 0;
  });
}
var mayHear = (ctx, caller2, type) => ctx.permissions.hasAny(caller2, ["view-joined-room", `view-${type}-room`]);

// server/src/messages/messages.ddp.ts
var MAX_LIMIT = 1e3;
function limitParam(value, fallback) {
  const limit = Math.trunc(optionalNumber(value) ?? fallback);
  return limit > 0 ? Math.min(limit, MAX_LIMIT) : fallback;
}
var skipParam = (value) => Math.max(0, Math.trunc(optionalNumber(value) ?? 0));
var idParam = (value) => textParam(objectParam(value)._id);
var sending = [
  userMethod(
    "sendMessage",
    async (ctx, { caller: caller2, params }) => {
      const {
        alias: _alias,
        avatar: _avatar,
        attachments: _attachments,
        blocks: _blocks,
        ...draft
      } = objectParam(params[0]);
      const previewUrls = params[1] === void 0 || params[1] === null ? void 0 : textListParam(params[1]);
      try {
        return await sendMessage(ctx, caller2, draft, previewUrls);
      } catch (error) {
        if (!(error instanceof Refusal) || error.kind !== "plain") throw error;
        if (error.reason === "error-not-allowed") {
          fail("error-not-allowed", "Not allowed", { method: "sendMessage" });
        }
        if (!error.reason || !NEVER_TOLD.includes(error.reason)) return void 0;
        throw error;
      }
    },
    {
      rateLimit: { calls: 5, windowMs: 1e3, liftedBy: "send-many-messages" },
      partly: "Messages carry no `md`: clients parse `msg` themselves. Files to confirm are ignored."
    }
  ),
  userMethod("updateMessage", async (ctx, { caller: caller2, params }) => {
    const edit = objectParam(params[0]);
    const previewUrls = params[1] === void 0 || params[1] === null ? void 0 : textListParam(params[1]);
    const original = await findMessage(ctx, textParam(edit._id));
    if (original) refuseForeignKeys(edit, original);
    await updateMessage(ctx, caller2, {
      msgId: textParam(edit._id),
      text: optionalText(edit.msg) ?? "",
      ...previewUrls ? { previewUrls } : {},
      ...edit.customFields ? { customFields: edit.customFields } : {},
      ...edit.content ? { content: objectParam(edit.content) } : {},
      ...edit.e2eMentions ? { e2eMentions: objectParam(edit.e2eMentions) } : {}
    });
  }),
  userMethod("deleteMessage", async (ctx, { caller: caller2, params }) => {
    await deleteMessage(ctx, caller2, { msgId: idParam(params[0]) });
  })
];
var NEVER_TOLD = [NO_RID, NO_SYSTEM_MESSAGES];
var EDITABLE = [
  "tshow",
  "alias",
  "attachments",
  "avatar",
  "emoji",
  "msg",
  "customFields",
  "content",
  "e2eMentions"
];
function refuseForeignKeys(edit, original) {
  if (edit.tmid === original._id) fail("error-message-same-as-tmid", "Cannot set tmid the same as the _id");
  if (edit.tmid && !original.tmid)
    fail("error-message-change-to-thread", "Cannot update message to a thread");
  for (const [key2, value] of Object.entries(edit)) {
    if (EDITABLE.includes(key2) || ["starred", "_updatedAt", "previewUrls"].includes(key2)) continue;
    if (value !== null && value !== void 0 && JSON.stringify(value) !== JSON.stringify(original[key2])) {
      fail("error-invalid-update-key", `Cannot update the message ${key2}`);
    }
  }
}
var marking = [
  userMethod("setReaction", async (ctx, { caller: caller2, params }) => {
    const emoji = textParam(params[0]);
    const messageId = textParam(params[1]);
    try {
      await reactToMessage(ctx, caller2, { messageId, emoji, shouldReact: optionalBoolean(params[2]) });
    } catch (error) {
      const rid = error instanceof Refusal ? ridOf(error.details) : void 0;
      if (!(error instanceof Refusal) || rid === void 0) throw error;
      sendEphemeral(ctx, caller2.uid, { rid, msg: error.reason ?? "" });
      return false;
    }
    return void 0;
  }),
  userMethod("starMessage", (ctx, { caller: caller2, params }) => {
    const { starred } = objectParam(params[0]);
    return starMessage(ctx, caller2, {
      messageId: idParam(params[0]),
      starred: optionalBoolean(starred) ?? matchFailed()
    });
  }),
  userMethod("pinMessage", async (ctx, { caller: caller2, params }) => {
    const id = idParam(params[0]);
    const message = await pinMessage(ctx, caller2, id);
    return message._id === id ? null : presentMessage(ctx, caller2, message);
  }),
  userMethod("unpinMessage", async (ctx, { caller: caller2, params }) => {
    await unpinMessage(ctx, caller2, idParam(params[0]));
    return true;
  })
];
function ridOf(details) {
  const rid = typeof details === "object" && details !== null && "rid" in details ? details.rid : void 0;
  return typeof rid === "string" ? rid : void 0;
}
async function readableRoom(ctx, caller2, rid) {
  const room2 = await getRoom(ctx, rid);
  return room2 && await mayReadHistory(ctx, caller2, room2) ? room2 : void 0;
}
var reading = [
  userMethod("getSingleMessage", async (ctx, { caller: caller2, params }) => {
    return await readMessage(ctx, caller2, textParam(params[0])) ?? null;
  }),
  userMethod("getMessages", (ctx, { caller: caller2, params }) => readMessages(ctx, caller2, textListParam(params[0]))),
  {
    name: "loadHistory",
    auth: "none",
    async run(ctx, { caller: caller2, params }) {
      const [rid, end, limit, ls, showThreadMessages] = params;
      if (!caller2 && !ctx.settings.bool("Accounts_AllowAnonymousRead")) {
        fail("error-invalid-user", "Invalid user", { method: "loadHistory" });
      }
      const room2 = await readableRoom(ctx, caller2, textParam(rid));
      if (!room2) return false;
      const latest = optionalTime(end);
      const lastSeen = optionalTime(ls);
      const page3 = {
        ...latest === void 0 ? {} : { latest },
        count: limitParam(limit, 20),
        showThreadMessages: optionalBoolean(showThreadMessages) ?? true
      };
      return loadHistory(ctx, caller2, room2, page3, lastSeen);
    }
  },
  userMethod("getChannelHistory", async (ctx, { caller: caller2, params }) => {
    const given2 = objectParam(params[0]);
    const room2 = await readableRoom(ctx, caller2, textParam(given2.rid));
    if (!room2) return false;
    return historyOf(ctx, caller2, room2, historyParams(given2));
  }),
  userMethod("loadMissedMessages", async (ctx, { caller: caller2, params }) => {
    const room2 = await readableRoom(ctx, caller2, textParam(params[0]));
    if (!room2) return false;
    const after = optionalTime(params[1]) ?? matchFailed();
    const messages2 = await messagesAfter(ctx, caller2, room2, {
      after,
      count: MAX_LIMIT,
      showThreadMessages: true
    });
    return messages2.reverse();
  }),
  userMethod("loadNextMessages", async (ctx, { caller: caller2, params }) => {
    const [rid, end, limit, showThreadMessages] = params;
    const room2 = await readableRoom(ctx, caller2, textParam(rid));
    if (!room2) fail("error-not-allowed", "Not allowed", { method: "loadNextMessages" });
    const messages2 = await messagesAfter(ctx, caller2, room2, {
      after: optionalTime(end),
      count: limitParam(limit, 20),
      showThreadMessages: optionalBoolean(showThreadMessages) ?? true
    });
    return { messages: messages2 };
  }),
  userMethod("loadSurroundingMessages", async (ctx, { caller: caller2, params }) => {
    const message = await findMessage(ctx, idParam(params[0]));
    const room2 = message && await readableRoom(ctx, caller2, message.rid);
    if (!room2) return false;
    const showThreadMessages = optionalBoolean(params[2]) ?? true;
    return surroundingMessages(ctx, caller2, room2, message, {
      limit: limitParam(params[1], 50),
      showThreadMessages
    });
  }),
  userMethod(
    "messages/get",
    (ctx, { caller: caller2, params }) => getMessagesOf(ctx, caller2, textParam(params[0]), params[1])
  ),
  userMethod("getUserMentionsByChannel", async (ctx, { caller: caller2, params }) => {
    const { roomId, options } = objectParam(params[0]);
    const { limit, skip } = optionalObject(options) ?? {};
    const page3 = { offset: skipParam(skip), count: limitParam(limit, 50) };
    return (await mentionsOfCaller(ctx, caller2, textParam(roomId), page3)).messages;
  })
];
async function loadHistory(ctx, caller2, room2, page3, lastSeen) {
  const { messages: messages2 } = await historyOf(ctx, caller2, room2, page3);
  const oldest = messages2.at(-1)?.ts.getTime();
  if (lastSeen === void 0 || oldest === void 0 || oldest <= lastSeen)
    return { messages: messages2, unreadNotLoaded: 0 };
  const { firstUnread, unreadNotLoaded } = await historyOf(ctx, caller2, room2, {
    ...page3,
    oldest: lastSeen,
    unreads: true
  });
  return { messages: messages2, ...firstUnread ? { firstUnread } : {}, unreadNotLoaded: unreadNotLoaded ?? 0 };
}
function historyParams(given2) {
  const date2 = (value) => {
    if (value === void 0 || value === null) return void 0;
    const ms = value instanceof Date || typeof value === "string" ? new Date(value).getTime() : Number.NaN;
    return Number.isNaN(ms) ? fail("error-invalid-date", "Invalid date", { method: "getChannelHistory" }) : ms;
  };
  const latest = date2(given2.latest);
  const oldest = date2(given2.oldest);
  return {
    ...latest === void 0 ? {} : { latest },
    ...oldest === void 0 ? {} : { oldest },
    inclusive: optionalBoolean(given2.inclusive) ?? false,
    offset: skipParam(given2.offset),
    count: limitParam(given2.count, 20),
    unreads: optionalBoolean(given2.unreads) ?? false,
    showThreadMessages: optionalBoolean(given2.showThreadMessages) ?? true
  };
}
async function getMessagesOf(ctx, caller2, rid, options) {
  const given2 = optionalObject(options) ?? {};
  const lastUpdate = optionalTime(given2.lastUpdate);
  const cursorText = (value) => typeof value === "number" ? String(value) : optionalText(value);
  const next = cursorText(given2.next);
  const previous = cursorText(given2.previous);
  const type = optionalText(given2.type);
  if (lastUpdate === void 0 && next === void 0 && previous === void 0) {
    const room2 = await getRoom(ctx, rid);
    if (!room2 || !await canAccessRoom(ctx, caller2, room2)) {
      fail("error-not-allowed", "Not allowed", { method: "messages/get" });
    }
    return historyOf(
      ctx,
      caller2,
      room2,
      historyParams({ ...given2, latest: given2.latestDate, oldest: given2.oldestDate })
    );
  }
  const count = optionalNumber(given2.count);
  return syncMessages(ctx, caller2, {
    roomId: rid,
    ...lastUpdate === void 0 ? {} : { lastUpdate },
    ...next === void 0 ? {} : { next },
    ...previous === void 0 ? {} : { previous },
    ...type === void 0 ? {} : { type },
    ...count === void 0 ? {} : { count }
  });
}
var threads = [
  userMethod("getThreadMessages", (ctx, { caller: caller2, params }) => {
    const { tmid, limit, skip } = objectParam(params[0]);
    return openThread(ctx, caller2, {
      tmid: textParam(tmid),
      limit: threadLimit(limit, "getThreadMessages"),
      skip: skipParam(skip)
    });
  }),
  userMethod("getThreadsList", async (ctx, { caller: caller2, params }) => {
    const { rid, limit, skip } = objectParam(params[0]);
    const page3 = { offset: skipParam(skip), count: threadLimit(limit, "getThreadsList") };
    return (await listThreads(ctx, caller2, { rid: textParam(rid), ...page3 })).threads;
  }),
  userMethod("readThreads", (ctx, { caller: caller2, params }) => readThread(ctx, caller2, textParam(params[0]))),
  follow("followMessage", true),
  follow("unfollowMessage", false)
];
var MAX_THREAD_LIMIT = 100;
function threadLimit(value, method) {
  const limit = optionalNumber(value) ?? 50;
  if (limit > MAX_THREAD_LIMIT) fail("error-not-allowed", "Not allowed", { method });
  return limit > 0 ? Math.trunc(limit) : 50;
}
function follow(name, isFollowing) {
  return userMethod(
    name,
    async (ctx, { caller: caller2, params }) => {
      await followMessage(ctx, caller2, { mid: textParam(objectParam(params[0]).mid), follow: isFollowing });
    },
    { rateLimit: { calls: 5, windowMs: 5e3 } }
  );
}
var messageMethods = [...sending, ...marking, ...reading, ...threads];

// server/src/messages/chat.rest.ts
import { Type as Type11 } from "typebox";

// server/src/messages/list-query.rest.ts
var TIMES2 = ["ts", "_updatedAt"];
function listPage(settings, query, defaults, sortable = TIMES2) {
  const sort = (parseSort(query.sort) ?? []).flatMap(([path, direction]) => {
    const field = sortable.find((known2) => known2 === path);
    return field ? [[field, direction]] : [];
  });
  return { ...pageOf(settings, query, defaults), ...sort.length > 0 ? { sort } : {} };
}
var threadPage = (settings, query) => listPage(settings, query, void 0, SORT_FIELDS);
function dateParam(text5, code, reason) {
  const ms = new Date(text5).getTime();
  return Number.isNaN(ms) ? fail(code, reason) : ms;
}

// server/src/rooms/add-to-room.ts
async function addToRoom(ctx, tx, emit, rid, user2, options = {}) {
  if (!user2.username) fail("error-invalid-user", "Cannot add an user to a room without a username");
  const existing = await membershipOf(tx, rid, user2._id);
  if (existing?.status === "BANNED" && options.skipBanned) return void 0;
  if (existing?.status === "BANNED") fail("error-user-is-banned", "User is banned from this room");
  if (existing && existing.status === null) return void 0;
  const at = ctx.clock.stamp();
  const room2 = await recordActivity(tx, rid, at, { messages: options.silent ? 0 : 1, members: 1 });
  if (!room2) fail("error-invalid-room", "Invalid room", { method: "joinRoom" });
  const joiner = userRef(user2);
  if (existing) {
    await updateMembership(tx, existing.id, at, { status: null });
    emit("membership.changed", {
      action: "updated",
      rid,
      uid: user2._id,
      subscription: presentSubscription({ ...existing, status: null, updatedAt: at }, room2, joiner),
      room: presentRoom(room2)
    });
  } else {
    const [membership] = await insertMemberships(tx, room2, [
      {
        uid: user2._id,
        joinedAt: at,
        position: 0,
        open: true,
        alert: true,
        unread: 1,
        userMentions: 1,
        lastSeenAt: null,
        roles: [],
        favorite: room2.isDefault && room2.details.favorite === true,
        details: membershipDetails(user2, options.addedBy)
      }
    ]);
    if (membership) {
      emit("membership.changed", {
        action: "inserted",
        rid,
        uid: user2._id,
        subscription: presentSubscription(membership, room2, joiner),
        room: presentRoom(room2)
      });
    }
  }
  if (room2.teamMain && room2.teamId !== null) {
    await addTeamMembers(tx, room2.teamId, [{ uid: user2._id, roles: [] }], options.addedBy ?? joiner, at);
  }
  if (!options.silent)
    await postSystemMessage(ctx, tx, emit, room2, joinMessage(room2, joiner, options.addedBy, at));
  emit("room.changed", { action: "updated", rid, room: presentRoom(room2) });
  return room2;
}
function joinMessage(room2, joiner, addedBy, at) {
  if (addedBy) {
    const t2 = room2.teamMain ? "added-user-to-team" : "au";
    return { t: t2, msg: joiner.username, user: { _id: addedBy._id, username: addedBy.username }, at };
  }
  const t = room2.parentId !== null ? "ut" : room2.teamMain ? "ujt" : "uj";
  return { t, msg: joiner.username, user: joiner, at };
}
var PREFERENCES = [
  ["desktopNotifications", "desktopNotifications", "desktopPrefOrigin"],
  ["pushNotifications", "mobilePushNotifications", "mobilePrefOrigin"],
  ["emailNotificationMode", "emailNotifications", "emailPrefOrigin"]
];
function withPreferences(details, user2) {
  const kept = { ...details };
  const fresh = membershipDetails(user2);
  for (const [, field, origin] of PREFERENCES) {
    if (kept[origin] === "subscription") continue;
    delete kept[field];
    delete kept[origin];
    if (fresh[field] !== void 0) Object.assign(kept, { [field]: fresh[field], [origin]: fresh[origin] });
  }
  delete kept.userHighlights;
  return fresh.userHighlights ? { ...kept, userHighlights: fresh.userHighlights } : kept;
}
function membershipDetails(user2, inviter) {
  const details = inviter ? { inviter: userRef(inviter) } : {};
  for (const [preference, field, origin] of PREFERENCES) {
    const value = user2.preferences?.[preference];
    if (typeof value === "string" && value !== "default") {
      details[field] = value;
      details[origin] = "user";
    }
  }
  const highlights2 = user2.preferences?.highlights;
  if (Array.isArray(highlights2) && highlights2.length > 0) details.userHighlights = highlights2.map(String);
  return details;
}

// server/src/rooms/direct.ts
var DETAILS7 = { method: "createDirectMessage" };
async function createDirectRoom(ctx, caller2, input) {
  const own2 = caller2.username?.toLowerCase();
  const others = [...new Set(input.usernames.map((name) => name.toLowerCase()))].filter(
    (name) => name !== own2
  );
  if (others.length === 0 && (input.excludeSelf || !ctx.settings.bool("Message_AllowDirectMessagesToYourself"))) {
    fail("error-invalid-user", "Invalid user", DETAILS7);
  }
  const limit = ctx.settings.int("DirectMesssage_maxUsers") || 8;
  if (others.length + (input.excludeSelf ? 0 : 1) > limit) {
    const reason = `You cannot add more than ${limit} users, including yourself to a direct message`;
    fail("error-direct-message-max-user-exceeded", reason, DETAILS7);
  }
  const members2 = [];
  if (!input.excludeSelf) members2.push(await knownUser(await findUserById(ctx, caller2.uid)));
  for (const name of others) {
    const member3 = await knownUser(await findUserByUsername(ctx, name));
    if (!members2.some((known2) => known2._id === member3._id)) members2.push(member3);
  }
  if (input.excludeSelf && members2.length === 1) fail("error-invalid-user", "Invalid user", DETAILS7);
  const openForAll = input.excludeSelf === true && ctx.permissions.has(caller2, "view-room-administration");
  return openDirectRoom(ctx, caller2, members2, openForAll);
}
async function knownUser(user2) {
  if (!user2?.username) fail("error-invalid-user", "Invalid user", DETAILS7);
  return user2;
}
async function openDirectRoom(ctx, caller2, members2, openForAll) {
  const id = directRoomId(members2.map((member3) => member3._id));
  const existing = await roomById(ctx.db, id);
  if (!ctx.permissions.has(caller2, "create-d") && !(existing && ctx.permissions.has(caller2, "view-d-room"))) {
    fail("error-not-allowed", "Not allowed", DETAILS7);
  }
  return ctx.write(async (tx, emit) => {
    const room2 = await roomById(tx, id) ?? await insertDirectRoom(ctx, tx, id, members2);
    await ensureMemberships(ctx, tx, emit, room2, caller2, members2, openForAll);
    return room2;
  });
}
function directRoomId(uids) {
  const sorted2 = [...uids].sort();
  if (sorted2.length <= 2) return `${sorted2[0]}${sorted2[1] ?? sorted2[0]}`;
  return sha256hex(`direct:${sorted2.join(",")}`).slice(0, 17);
}
async function insertDirectRoom(ctx, tx, id, members2) {
  const at = ctx.clock.stamp();
  const byName = [...members2].sort((a, b) => label(a).localeCompare(label(b)));
  const details = {
    u: userRef(members2[0] ?? { _id: "" }),
    sysMes: true,
    uids: members2.map((member3) => member3._id).sort(),
    usernames: byName.map((member3) => member3.username)
  };
  await insertRoom(tx, {
    id,
    t: "d",
    name: null,
    fname: null,
    creator_id: members2[0]?._id ?? "",
    ts: at,
    updated_at: at,
    msgs: 0,
    users_count: members2.length,
    lm: null,
    last_message: null,
    archived: 0,
    ro: 0,
    is_default: 0,
    team_id: null,
    team_main: 0,
    prid: null,
    join_code: null,
    doc: JSON.stringify(details)
  });
  const room2 = await roomById(tx, id);
  if (!room2) throw new Error(`room ${id} vanished in its own transaction`);
  return room2;
}
async function ensureMemberships(ctx, tx, emit, room2, caller2, members2, openForAll) {
  const existing = await membershipsIn(
    tx,
    room2.id,
    members2.map((member3) => member3._id)
  );
  const known2 = new Set(existing.map((membership) => membership.uid));
  const at = ctx.clock.stamp();
  const missing = members2.filter((member3) => !known2.has(member3._id));
  const everybodyOpen = openForAll || members2.length > 2;
  const inserted = await insertMemberships(
    tx,
    room2,
    missing.map((member3) => ({
      uid: member3._id,
      joinedAt: at,
      position: members2.indexOf(member3),
      open: everybodyOpen || member3._id === caller2.uid,
      alert: false,
      unread: 0,
      userMentions: 0,
      lastSeenAt: null,
      roles: [],
      favorite: false,
      details: { ...membershipDetails(member3), ...directNames(member3, members2) }
    }))
  );
  inserted.forEach((membership, index2) => {
    const member3 = missing[index2];
    if (!member3) return;
    const subscription = presentSubscription(membership, room2, userRef(member3));
    emit("membership.changed", {
      action: "inserted",
      rid: room2.id,
      uid: member3._id,
      subscription,
      room: presentRoom(room2)
    });
  });
  const own2 = existing.find((membership) => membership.uid === caller2.uid);
  if (own2 && !own2.open) {
    await updateMembership(tx, own2.id, at, { open: true });
    const subscription = presentSubscription({ ...own2, open: true, updatedAt: at }, room2, callerRef(caller2));
    emit("membership.changed", { action: "updated", rid: room2.id, uid: caller2.uid, subscription });
  }
}
var label = (user2) => user2.name || user2.username || user2._id;
function directNames(member3, members2) {
  const others = members2.filter((other) => other._id !== member3._id);
  const shown = others.length > 0 ? others : [member3];
  return { name: shown.map((user2) => user2.username ?? "").join(", "), fname: shown.map(label).join(", ") };
}
async function findDirectRoom(ctx, caller2, idOrUsername) {
  const value = idOrUsername.replace(/^@/, "");
  const user2 = await findUserById(ctx, value) ?? await exactUsername(ctx, value);
  if (user2?.username) return createDirectRoom(ctx, caller2, { usernames: [user2.username] });
  const room2 = await roomById(ctx.db, value);
  if (room2?.type !== "d") fail("invalid-channel");
  return room2;
}
async function exactUsername(ctx, username) {
  const user2 = await findUserByUsername(ctx, username);
  return user2?.username === username ? user2 : void 0;
}

// server/src/rooms/join.ts
var DETAILS8 = { method: "joinRoom" };
async function joinRoom(ctx, caller2, user2, rid, joinCode) {
  const room2 = await roomById(ctx.db, rid);
  if (!room2) fail("error-invalid-room", "Invalid room", DETAILS8);
  if (room2.type === "d") fail("error-not-allowed", "Not allowed", DETAILS8);
  const membership = await membershipOf(ctx.db, rid, caller2.uid);
  if (!await canAccessRoom(ctx, caller2, room2, { membership }))
    fail("error-not-allowed", "Not allowed", DETAILS8);
  if (room2.joinCode !== null && !ctx.permissions.has(caller2, "join-without-join-code")) {
    if (!joinCode) fail("error-code-required", "Code required", DETAILS8);
    if (!secretsEqual(joinCode, room2.joinCode)) fail("error-code-invalid", "Invalid code", DETAILS8);
  }
  if (isActiveMember(membership)) return room2;
  const joined = await ctx.write((tx, emit) => addToRoom(ctx, tx, emit, rid, user2));
  return joined ?? room2;
}

// server/src/messages/post-message.ts
var MAX_TARGETS = 100;
async function postMessage(ctx, caller2, post) {
  refuseLongPost(ctx, post);
  const given2 = post.channel ?? post.roomId ?? [];
  const targets2 = [...new Set(typeof given2 === "string" ? [given2] : given2)];
  if (targets2.length > MAX_TARGETS)
    fail("error-invalid-params", `At most ${MAX_TARGETS} channels can be reached at once`);
  let first;
  for (const target of targets2) {
    const room2 = await roomOfTarget(ctx, caller2, target);
    await ensureMayPost(ctx, caller2, room2);
    const message = await sendDraft(ctx, caller2, { ...draftOf(post), rid: room2.id }, {});
    first ??= { target, message };
  }
  return first ?? fail("invalid-channel");
}
function refuseLongPost(ctx, { text: text5, msg: msg2, attachments }) {
  const limit = ctx.settings.int("Message_MaxAllowedSize");
  const texts4 = [text5 ?? msg2];
  for (const attachment of Array.isArray(attachments) ? attachments : []) texts4.push(attachment?.text);
  if (texts4.some((each) => typeof each === "string" && each.length > limit))
    refuse("error-message-size-exceeded");
}
async function roomOfTarget(ctx, caller2, target) {
  const name = target.slice(1);
  if (target.startsWith("#")) {
    const room3 = await getRoomByIdOrName(ctx, name);
    return room3 && room3.type !== "d" ? room3 : fail("invalid-channel");
  }
  if (target.startsWith("@")) {
    const user3 = await findUserById(ctx, name) ?? await findUserByUsername(ctx, name);
    if (user3?.username) return directRoomWith(ctx, caller2, user3, user3.username);
    const room3 = await getRoom(ctx, name);
    return room3?.type === "d" ? room3 : fail("invalid-channel");
  }
  const room2 = target === "" ? void 0 : await getRoomByIdOrName(ctx, target);
  if (room2) return room2;
  const user2 = await findUserById(ctx, target);
  return user2?.username ? directRoomWith(ctx, caller2, user2, user2.username) : fail("invalid-channel");
}
function directRoomWith(ctx, caller2, user2, username) {
  return createDirectRoom(ctx, caller2, { usernames: user2._id === caller2.uid ? [] : [username] });
}
async function ensureMayPost(ctx, caller2, room2) {
  const membership = await getMembership(ctx, room2.id, caller2.uid);
  if (isActiveMember(membership)) return;
  if (room2.type !== "c") refuse("error-not-allowed");
  const user2 = await findUserById(ctx, caller2.uid);
  if (!user2) fail("error-invalid-user", "Invalid user");
  await joinRoom(ctx, caller2, { ...user2, preferences: { ...user2.preferences } }, room2.id);
}
function draftOf(post) {
  const text5 = post.text ?? post.msg;
  const emoji = post.icon_emoji ?? post.emoji;
  const avatar = post.icon_url ?? post.avatar;
  return {
    msg: typeof text5 === "string" ? text5.trim() : text5,
    alias: post.username ?? post.alias,
    ...avatar ? { avatar } : { emoji },
    attachments: attachmentsOf(post.attachments),
    tmid: post.tmid,
    customFields: post.customFields,
    parseUrls: post.parseUrls ?? !post.attachments,
    groupable: post.groupable ?? false,
    bot: post.bot
  };
}
function attachmentsOf(attachments) {
  if (attachments === void 0 || attachments === null) return [];
  if (!Array.isArray(attachments)) return attachments;
  return attachments.map((attachment) => {
    if (typeof attachment !== "object" || attachment === null || !("msg" in attachment)) return attachment;
    const { msg: msg2, ...rest } = attachment;
    return msg2 ? { ...rest, text: String(msg2).trim() } : rest;
  });
}

// server/src/messages/chat.rest.ts
var text3 = scalar("string", "null");
var objects = Type11.Unsafe({
  type: ["array", "null"],
  items: { type: "object" }
});
var object = Type11.Unsafe({
  type: ["object", "null"],
  additionalProperties: true
});
var targets = Type11.Unsafe({ type: ["string", "array"], items: { type: "string" } });
var texts2 = Type11.Array(Type11.String(), { maxItems: 1e3 });
var WITHOUT_MD = "Messages carry no `md`: clients parse `msg` themselves. Link previews are not fetched.";
var sending2 = [
  endpoint({
    method: "POST",
    path: "chat.sendMessage",
    summary: "Sends a message to one room; the client may choose its `_id`, and sending it again changes nothing.",
    auth: "user",
    rateLimit: { calls: 5, windowMs: 1e3 },
    body: strict({
      message: Type11.Object(
        {
          _id: Type11.Optional(text3),
          rid: Type11.Optional(text3),
          tmid: Type11.Optional(text3),
          msg: Type11.Optional(text3),
          alias: Type11.Optional(text3),
          emoji: Type11.Optional(text3),
          tshow: Type11.Optional(scalar("boolean", "null")),
          avatar: Type11.Optional(text3),
          attachments: Type11.Optional(objects),
          blocks: Type11.Optional(objects),
          customFields: Type11.Optional(object)
        },
        { additionalProperties: true }
      ),
      previewUrls: Type11.Optional(texts2)
    }),
    partly: WITHOUT_MD,
    async handler(ctx, { caller: caller2, body: body2 }) {
      return { message: await sendMessage(ctx, caller2, body2.message, body2.previewUrls) };
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.postMessage",
    summary: "Sends a message to channels, groups and people, by name or id.",
    auth: "user",
    body: strict({
      roomId: Type11.Optional(targets),
      channel: Type11.Optional(targets),
      text: Type11.Optional(text3),
      msg: Type11.Optional(text3),
      alias: Type11.Optional(text3),
      username: Type11.Optional(text3),
      emoji: Type11.Optional(text3),
      icon_emoji: Type11.Optional(text3),
      avatar: Type11.Optional(text3),
      icon_url: Type11.Optional(text3),
      attachments: Type11.Optional(objects),
      tmid: Type11.Optional(text3),
      customFields: Type11.Optional(object),
      parseUrls: Type11.Optional(Type11.Boolean()),
      groupable: Type11.Optional(Type11.Boolean()),
      bot: Type11.Optional(Type11.Unknown())
    }),
    partly: WITHOUT_MD,
    async handler(ctx, { caller: caller2, body: body2 }) {
      if (body2.roomId !== void 0 && body2.channel !== void 0) {
        refuse("must match exactly one schema in oneOf", "error-invalid-params");
      }
      const { target, message } = await postMessage(ctx, caller2, body2);
      return { ts: ctx.clock.now(), channel: target, message };
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.update",
    summary: "Edits a message.",
    auth: "user",
    body: oneOf(
      strict({
        roomId: Type11.String(),
        msgId: Type11.String(),
        text: Type11.String(),
        previewUrls: Type11.Optional(texts2),
        customFields: Type11.Optional(freeObject)
      }),
      strict({
        roomId: Type11.String(),
        msgId: Type11.String(),
        content: freeObject,
        e2eMentions: Type11.Optional(
          Type11.Unsafe({ type: "object", additionalProperties: true })
        )
      })
    ),
    partly: WITHOUT_MD,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const message = await updateMessage(ctx, caller2, body2);
      return { message: await presentMessage(ctx, caller2, message) };
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.delete",
    summary: "Deletes a message.",
    auth: "user",
    body: oneOf(
      strict({ msgId: Type11.String(), roomId: Type11.String(), asUser: Type11.Optional(Type11.Boolean()) }),
      strict({ fileId: Type11.String(), asUser: Type11.Optional(Type11.Boolean()) })
    ),
    partly: "Files cannot be sent yet, so none is found by `fileId`.",
    async handler(ctx, { caller: caller2, body: body2 }) {
      if ("fileId" in body2) refuse(`No message found with the file id: "${body2.fileId}".`);
      const { _id, rid, u } = await deleteMessage(ctx, caller2, body2);
      return { _id, ts: String(ctx.clock.now()), message: { _id, rid, u } };
    }
  })
];
var marking2 = [
  endpoint({
    method: "POST",
    path: "chat.react",
    summary: "Adds the own reaction to a message, or takes it away.",
    auth: "user",
    body: strict({
      messageId: Type11.String(),
      emoji: Type11.Optional(Type11.String()),
      reaction: Type11.Optional(Type11.String()),
      shouldReact: Type11.Optional(Type11.Boolean())
    }),
    partly: "Every well-formed shortcode passes as a reaction.",
    async handler(ctx, { caller: caller2, body: body2 }) {
      const { messageId, emoji, reaction, shouldReact } = body2;
      await reactToMessage(ctx, caller2, { messageId, emoji: emoji ?? reaction ?? "", shouldReact });
      return {};
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.pinMessage",
    summary: "Pins a message in its room.",
    auth: "user",
    body: strict({ messageId: Type11.String() }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const message = await pinMessage(ctx, caller2, body2.messageId);
      return { message: await presentMessage(ctx, caller2, message) };
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.unPinMessage",
    summary: "Takes the pin of a message away.",
    auth: "user",
    body: strict({ messageId: Type11.String() }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await unpinMessage(ctx, caller2, body2.messageId);
      return {};
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.starMessage",
    summary: "Stars a message for the caller.",
    auth: "user",
    body: strict({ messageId: Type11.String() }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await starMessage(ctx, caller2, { messageId: body2.messageId, starred: true });
      return {};
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.unStarMessage",
    summary: "Takes the own star of a message away.",
    auth: "user",
    body: strict({ messageId: Type11.String() }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await starMessage(ctx, caller2, { messageId: body2.messageId, starred: false });
      return {};
    }
  })
];
var listQuery2 = strict({ roomId: Type11.String(), ...listMembers });
var reading2 = [
  endpoint({
    method: "GET",
    path: "chat.getMessage",
    summary: "One message.",
    auth: "user",
    query: strict({ msgId: Type11.String() }),
    async handler(ctx, { caller: caller2, query }) {
      return { message: await readMessage(ctx, caller2, query.msgId) ?? refuse() };
    }
  }),
  endpoint({
    method: "GET",
    path: "chat.syncMessages",
    summary: "What changed in a room since a moment: changed and deleted messages.",
    auth: "user",
    query: strict({
      roomId: Type11.String(),
      lastUpdate: Type11.Optional(Type11.String()),
      next: Type11.Optional(Type11.String()),
      previous: Type11.Optional(Type11.String()),
      count: Type11.Optional(Type11.Number()),
      type: Type11.Optional(textOf("UPDATED", "DELETED")),
      fromTs: Type11.Optional(Type11.String())
    }),
    partly: "At most 10,000 changes are answered for one `lastUpdate`, the newest ones.",
    async handler(ctx, { caller: caller2, query }) {
      const { lastUpdate, fromTs, ...rest } = query;
      const date2 = (value, name) => value === void 0 ? void 0 : dateParam(
        value,
        "error-lastUpdate-param-invalid",
        `The "${name}" query parameter must be a valid date`
      );
      const since = date2(lastUpdate, "lastUpdate");
      const notBefore = date2(fromTs, "fromTs");
      const result = await syncMessages(ctx, caller2, {
        ...rest,
        ...since === void 0 ? {} : { lastUpdate: since },
        ...notBefore === void 0 ? {} : { fromTs: notBefore }
      });
      return { result };
    }
  }),
  endpoint({
    method: "GET",
    path: "chat.getPinnedMessages",
    summary: "Pinned messages of a room.",
    auth: "user",
    query: listQuery2,
    handler: (ctx, { caller: caller2, query }) => pinnedMessages(ctx, caller2, query.roomId, listPage(ctx.settings, query))
  }),
  endpoint({
    method: "GET",
    path: "chat.getStarredMessages",
    summary: "Messages of a room that the caller starred.",
    auth: "user",
    query: listQuery2,
    handler: (ctx, { caller: caller2, query }) => starredMessages(ctx, caller2, query.roomId, listPage(ctx.settings, query))
  }),
  endpoint({
    method: "GET",
    path: "chat.getMentionedMessages",
    summary: "Messages of a room that mention the caller by name.",
    auth: "user",
    query: listQuery2,
    handler: (ctx, { caller: caller2, query }) => mentionedMessages(ctx, caller2, query.roomId, listPage(ctx.settings, query))
  }),
  endpoint({
    method: "GET",
    path: "chat.getDeletedMessages",
    summary: "Ids of messages of a room that were deleted since a date.",
    auth: "user",
    query: strict({ roomId: Type11.String(), since: Type11.String(), ...listMembers }),
    handler(ctx, { caller: caller2, query }) {
      const code = 'The "since" query parameter must be a valid date.';
      const since = dateParam(query.since, code, "");
      return deletedMessages(ctx, caller2, { roomId: query.roomId, since, ...listPage(ctx.settings, query) });
    }
  })
];
var chatEndpoints = [...sending2, ...marking2, ...reading2];

// server/src/messages/room-history.rest.ts
import { Type as Type12 } from "typebox";

// server/src/rooms/find-room.ts
var ANY = 'The required "roomId" or "roomName" param provided does not match any channel';
var GROUP = 'The required "roomId" or "roomName" param provided does not match any group';
async function roomOf2(ctx, selector) {
  if (selector.roomId !== void 0) return selector.roomId ? roomById(ctx.db, selector.roomId) : void 0;
  return selector.roomName ? roomByName(ctx.db, selector.roomName) : void 0;
}
async function findChannel(ctx, selector, archived = "refused") {
  const room2 = await roomOf2(ctx, selector);
  if (room2?.type !== "c") fail("error-room-not-found", ANY);
  if (archived === "refused" && room2.archived)
    fail("error-room-archived", `The channel, ${room2.name}, is archived`);
  return room2;
}
async function findGroup(ctx, caller2, selector, archived = "refused") {
  const room2 = await roomOf2(ctx, selector);
  if (room2?.type !== "p" || !await canAccessRoom(ctx, caller2, room2)) fail("error-room-not-found", GROUP);
  refuseArchivedGroup(room2, archived);
  return room2;
}
async function findGroupUnchecked(ctx, selector) {
  const value = selector.roomId ?? selector.roomName ?? "";
  if (!value) fail("error-room-param-not-provided", 'The parameter "roomId" or "roomName" is required');
  const room2 = await roomById(ctx.db, value) ?? await roomByName(ctx.db, value);
  if (room2?.type !== "p") fail("error-room-not-found", GROUP);
  return room2;
}
function refuseArchivedGroup(room2, archived) {
  if (archived === "allowed" || !room2.archived) return;
  const name = room2.parentId !== null ? roomLabel(room2) : room2.name;
  fail("error-room-archived", `The private group, ${name}, is archived`);
}
async function findAnyRoom(ctx, selector, archived = "refused") {
  if (!selector.roomId && !selector.roomName) {
    fail("error-roomid-param-not-provided", 'The parameter "roomId" or "roomName" is required');
  }
  const room2 = await roomOf2(ctx, selector);
  if (!room2) fail("error-room-not-found", ANY);
  if (archived === "refused" && room2.archived)
    fail("error-room-archived", `The channel, ${room2.name}, is archived`);
  return room2;
}
async function requiredRoom(ctx, rid, method) {
  return await roomById(ctx.db, rid) ?? fail("error-invalid-room", "Invalid room", { method });
}
var isRoomNameTaken = async (ctx, name) => await roomByName(ctx.db, name) !== void 0;

// server/src/rooms/family.rest.ts
var CHANNELS = {
  prefix: "channels",
  type: "c",
  key: "channel",
  noun: "channel",
  find: (ctx, _caller, selector, archived) => findChannel(ctx, selector, archived)
};
var GROUPS = {
  prefix: "groups",
  type: "p",
  key: "group",
  noun: "private group",
  find: findGroup
};
function roomAnswer(family, caller2, room2) {
  return { [family.key]: presentRoom(room2, caller2.uid) };
}

// server/src/messages/counters.ts
async function roomCounters(ctx, caller2, room2, userId) {
  const isAdmin = ctx.permissions.has(caller2, "view-room-administration");
  if (userId !== void 0 && !isAdmin) forbid();
  const membership = await getMembership(ctx, room2.id, userId ?? caller2.uid);
  const state = isActiveMember(membership) ? unreadState(membership, room2) : void 0;
  const joined = state?.open === true;
  const counters = roomPart(room2, joined || isAdmin);
  if (!joined || !membership)
    return { ...counters, joined: false, unreads: null, unreadsFrom: null, userMentions: null };
  const from = membership.lastSeenAt ?? membership.joinedAt;
  const before = room2.lastMessageAt ?? room2.updatedAt;
  return {
    ...counters,
    joined: true,
    unreads: await countHistory(ctx.db, { rid: room2.id, after: from, before, inclusive: true }),
    unreadsFrom: new Date(from),
    userMentions: state.userMentions
  };
}
async function directCounters(ctx, caller2, room2, userId) {
  const isAdmin = ctx.permissions.has(caller2, "view-room-administration");
  if (userId !== void 0 && !isAdmin) forbid();
  const user2 = userId === void 0 || userId === caller2.uid ? void 0 : await findUserById(ctx, userId);
  if (userId !== void 0 && userId !== caller2.uid && !user2) forbid();
  const member3 = user2 ? callerFor(user2, caller2) : caller2;
  if (!await canAccessRoom(ctx, member3, room2)) forbid();
  const membership = await getMembership(ctx, room2.id, member3.uid);
  if (!isActiveMember(membership)) {
    return {
      ...roomPart(room2, isAdmin),
      joined: false,
      unreads: null,
      unreadsFrom: null,
      userMentions: null
    };
  }
  const { unread, userMentions } = unreadState(membership, room2);
  const neverSeen = membership.lastSeenAt === null || room2.messageCount === 0;
  return {
    ...roomPart(room2, true),
    joined: true,
    unreads: unread,
    unreadsFrom: neverSeen ? null : new Date(membership.lastSeenAt ?? 0),
    userMentions
  };
}
function roomPart(room2, shown) {
  if (!shown) return { members: null, msgs: null, latest: null };
  return {
    members: room2.memberCount,
    msgs: room2.messageCount,
    latest: new Date(room2.lastMessageAt ?? room2.updatedAt)
  };
}

// server/src/messages/room-history.rest.ts
var flag2 = Type12.Optional(textOf("true", "false"));
var historyMembers = {
  latest: Type12.Optional(Type12.String()),
  oldest: Type12.Optional(Type12.String()),
  inclusive: flag2,
  unreads: flag2,
  showThreadMessages: flag2,
  sort: Type12.Optional(Type12.String()),
  ...pagingMembers
};
function historyOptions(ctx, query, defaults, threadsByDefault) {
  const { latest, oldest, inclusive, unreads, showThreadMessages } = query;
  const date2 = (text5) => dateParam(text5, "error-invalid-date", "Invalid date");
  return {
    ...latest ? { latest: date2(latest) } : {},
    ...oldest ? { oldest: date2(oldest) } : {},
    inclusive: inclusive === "true",
    unreads: unreads === "true",
    showThreadMessages: showThreadMessages === void 0 ? threadsByDefault : showThreadMessages === "true",
    ...pageOf(ctx.settings, query, defaults)
  };
}
var UNCLAMPED = { count: 20, upperLimit: UNLIMITED };
var filterMembers = {
  mentionIds: Type12.Optional(Type12.String()),
  starredIds: Type12.Optional(Type12.String()),
  pinned: flag2,
  ...listMembers
};
function filterOf(query) {
  const ids = (list) => list.split(",").map((id) => id.trim()).slice(0, 500);
  return {
    ...query.mentionIds ? { mentionIds: ids(query.mentionIds) } : {},
    ...query.starredIds ? { starredIds: ids(query.starredIds) } : {},
    ...query.pinned === "true" ? { pinned: true } : {}
  };
}
var countersAnswer = ({ joined, members: members2, unreads, unreadsFrom, msgs, latest, userMentions }) => ({
  joined,
  members: members2,
  unreads,
  unreadsFrom,
  msgs,
  latest,
  userMentions
});
function familyEndpoints(family) {
  const isChannel = family.type === "c";
  return [
    endpoint({
      method: "GET",
      path: `${family.prefix}.history`,
      summary: `Messages of a ${family.noun}, newest first.`,
      auth: "user",
      query: roomIdOrName(historyMembers),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await family.find(ctx, caller2, query, "allowed");
        return roomHistory(
          ctx,
          caller2,
          room2,
          historyOptions(ctx, query, isChannel ? {} : UNCLAMPED, !isChannel)
        );
      }
    }),
    endpoint({
      method: "GET",
      path: `${family.prefix}.messages`,
      summary: `Messages of a ${family.noun}, system messages and thread replies among them.`,
      auth: "user",
      ...isChannel ? { permissions: { all: ["view-c-room"] } } : {},
      query: isChannel ? strict({ roomId: Type12.String(), ...filterMembers }) : roomIdOrName(filterMembers),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await family.find(ctx, caller2, query, isChannel ? "allowed" : "refused");
        return roomMessages(ctx, caller2, room2, filterOf(query), listPage(ctx.settings, query));
      }
    }),
    endpoint({
      method: "GET",
      path: `${family.prefix}.counters`,
      summary: `How many messages and members a ${family.noun} has, and what is unread.`,
      auth: "user",
      query: roomIdOrName({ userId: Type12.Optional(Type12.String()) }),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await family.find(ctx, caller2, query);
        return countersAnswer(await roomCounters(ctx, caller2, room2, query.userId));
      }
    })
  ];
}
var channelsOnly = [
  endpoint({
    method: "GET",
    path: "channels.anonymousread",
    summary: "Messages of a public channel for anybody, where the workspace allows it.",
    auth: "user-or-anon",
    query: roomIdOrName(listMembers),
    async handler(ctx, { caller: caller2, query }) {
      const room2 = await findChannel(ctx, query, "allowed");
      return anonymousMessages(ctx, caller2, room2, {}, listPage(ctx.settings, query));
    }
  }),
  endpoint({
    method: "GET",
    path: "channels.getAllUserMentionsByChannel",
    summary: "Messages of a room that mention the caller by name, oldest first.",
    auth: "user",
    query: strict({ roomId: Type12.String(), ...listMembers }),
    async handler(ctx, { caller: caller2, query }) {
      const { messages: messages2, ...page3 } = await mentionsOfCaller(
        ctx,
        caller2,
        query.roomId,
        listPage(ctx.settings, query)
      );
      return { mentions: messages2, ...page3 };
    }
  })
];
function directEndpoints(prefix) {
  return [
    endpoint({
      method: "GET",
      path: `${prefix}.history`,
      summary: "Direct messages, newest first.",
      auth: "user",
      query: strict({ roomId: Type12.String(), ...historyMembers }),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await findDirectRoom(ctx, caller2, query.roomId);
        return roomHistory(ctx, caller2, room2, historyOptions(ctx, query, UNCLAMPED, true));
      }
    }),
    endpoint({
      method: "GET",
      path: `${prefix}.messages`,
      summary: "Direct messages, newest first.",
      auth: "user",
      query: oneOf(
        strict({ roomId: Type12.String(), ...filterMembers }),
        strict({ username: Type12.String(), ...filterMembers })
      ),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await findDirectRoom(ctx, caller2, "roomId" in query ? query.roomId : query.username);
        return roomMessages(ctx, caller2, room2, filterOf(query), listPage(ctx.settings, query));
      }
    }),
    endpoint({
      method: "GET",
      path: `${prefix}.messages.others`,
      summary: "Direct messages of others, for administrators, where the workspace allows it.",
      auth: "user",
      permissions: { all: ["view-room-administration"] },
      query: strict({ roomId: Type12.Optional(Type12.String()), ...listMembers }),
      async handler(ctx, { caller: caller2, query }) {
        return othersMessages(ctx, caller2, `/api/v1/${prefix}.messages.others`, query);
      }
    }),
    endpoint({
      method: "GET",
      path: `${prefix}.counters`,
      summary: "How many messages a direct room has, and what is unread.",
      auth: "user",
      query: strict({ roomId: Type12.String(), userId: Type12.Optional(Type12.String()) }),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await findDirectRoom(ctx, caller2, query.roomId);
        return countersAnswer(await directCounters(ctx, caller2, room2, query.userId));
      }
    })
  ];
}
async function othersMessages(ctx, caller2, route, query) {
  if (!ctx.settings.bool("API_Enable_Direct_Message_History_EndPoint")) {
    fail("error-endpoint-disabled", "This endpoint is disabled", { route });
  }
  const { roomId } = query;
  if (!roomId) fail("error-roomid-param-not-provided", 'The parameter "roomId" is required');
  const room2 = await getRoom(ctx, roomId);
  if (room2?.type !== "d")
    fail("error-room-not-found", `No direct message room found by the id of: ${roomId}`);
  return listMessages(ctx, caller2, room2.id, {}, listPage(ctx.settings, query));
}
var roomHistoryEndpoints = [
  ...familyEndpoints(CHANNELS),
  ...familyEndpoints(GROUPS),
  ...channelsOnly,
  ...directEndpoints("im"),
  ...directEndpoints("dm")
];

// server/src/messages/threads.rest.ts
import { Type as Type13 } from "typebox";
var updatedSince = (text5) => dateParam(
  text5,
  "error-updatedSince-param-invalid",
  'The "updatedSince" query parameter must be a valid date.'
);
function follow2(path, summary, isFollowing) {
  return endpoint({
    method: "POST",
    path,
    summary,
    auth: "user",
    rateLimit: { calls: 5, windowMs: 5e3 },
    body: strict({ mid: Type13.String({ minLength: 1 }) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await followMessage(ctx, caller2, { mid: body2.mid, follow: isFollowing });
      return {};
    }
  });
}
var threadEndpoints = [
  endpoint({
    method: "GET",
    path: "chat.getThreadsList",
    summary: "Threads of a room, those with the latest reply first.",
    auth: "user",
    query: strict({
      rid: Type13.String(),
      type: Type13.Optional(textOf("following", "unread")),
      text: Type13.Optional(Type13.String()),
      ...listMembers
    }),
    partly: "With `text` or `type=following` the 2,000 most recent threads are looked at.",
    handler(ctx, { caller: caller2, query }) {
      const { rid, type, text: text5 } = query;
      return listThreads(ctx, caller2, {
        rid,
        ...type ? { type } : {},
        ...text5 ? { text: text5 } : {},
        ...threadPage(ctx.settings, query)
      });
    }
  }),
  endpoint({
    method: "GET",
    path: "chat.syncThreadsList",
    summary: "What changed in the threads of a room since a date.",
    auth: "user",
    query: strict({ rid: Type13.String(), updatedSince: Type13.String(), ...listMembers }),
    async handler(ctx, { caller: caller2, query }) {
      return { threads: await syncThreads(ctx, caller2, query.rid, updatedSince(query.updatedSince)) };
    }
  }),
  endpoint({
    method: "GET",
    path: "chat.getThreadMessages",
    summary: "Replies of a thread, oldest first.",
    auth: "user",
    query: strict({ tmid: Type13.String(), aroundId: Type13.Optional(Type13.String()), ...listMembers }),
    handler(ctx, { caller: caller2, query }) {
      const { tmid, aroundId } = query;
      const page3 = listPage(ctx.settings, query);
      return threadMessages(ctx, caller2, { tmid, ...aroundId ? { aroundId } : {}, ...page3 });
    }
  }),
  endpoint({
    method: "GET",
    path: "chat.syncThreadMessages",
    summary: "What changed in a thread since a date.",
    auth: "user",
    query: strict({ tmid: Type13.String(), updatedSince: Type13.String(), ...listMembers }),
    async handler(ctx, { caller: caller2, query }) {
      const since = updatedSince(query.updatedSince);
      const page3 = listPage(ctx.settings, query);
      return { messages: await syncThread(ctx, caller2, { tmid: query.tmid, since, ...page3 }) };
    }
  }),
  endpoint({
    method: "POST",
    path: "chat.readThread",
    summary: "Marks a thread as read.",
    auth: "user",
    body: strict({ tmid: Type13.String({ minLength: 1 }) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await readThread(ctx, caller2, body2.tmid);
      return {};
    }
  }),
  follow2("chat.followMessage", "Follows the thread of a message.", true),
  follow2("chat.unfollowMessage", "Stops following the thread of a message.", false)
];

// server/src/messages/messages.rest.ts
var messageEndpoints = [...chatEndpoints, ...threadEndpoints, ...roomHistoryEndpoints];

// server/src/realtime/sockjs.ts
import { randomInt } from "node:crypto";
function receiveSockjs(session, frame) {
  if (frame === "") return;
  const messages2 = messagesOf(frame);
  if (!messages2) session.complainAboutParsing();
  for (const message of messages2 ?? []) session.receive(message);
}
function messagesOf(frame) {
  try {
    const content = JSON.parse(frame);
    if (!Array.isArray(content)) return [typeof content === "string" ? content : frame];
    return content.map((message) => typeof message === "string" ? message : JSON.stringify(message));
  } catch {
    return void 0;
  }
}
function sockjsInfo(origin) {
  return {
    headers: {
      "content-type": "application/json; charset=UTF-8",
      "cache-control": "no-store, no-cache, no-transform, must-revalidate, max-age=0",
      ...crossOrigin(origin)
    },
    body: JSON.stringify({
      websocket: true,
      origins: ["*:*"],
      cookie_needed: false,
      entropy: randomInt(2 ** 32)
    })
  };
}
function crossOrigin(origin) {
  if (origin === void 0) return { "access-control-allow-origin": "*" };
  return {
    "access-control-allow-origin": origin,
    "access-control-allow-credentials": "true",
    vary: "Origin"
  };
}

// server/src/realtime/http-routes.ts
function realtimeHttpRoutes(app, ctx) {
  app.get("/sockjs/info", (request, reply) => {
    const { headers, body: body2 } = sockjsInfo(request.headers.origin);
    return reply.headers(headers).send(body2);
  });
  app.options("/sockjs/info", (request, reply) => {
    const { headers } = sockjsInfo(request.headers.origin);
    return reply.headers({ ...headers, "access-control-allow-methods": "OPTIONS, GET" }).code(204).send();
  });
  for (const path of ["/websocket", "/sockjs/websocket", "/sockjs/:server/:session/websocket"]) {
    app.get(
      path,
      (_request, reply) => reply.code(400).type("text/plain").send('Can "Upgrade" only to "WebSocket".')
    );
  }
  app.all("/sockjs/*", (_request, reply) => reply.code(404).type("text/plain").send("Not Found"));
  app.get(
    "/_timesync",
    (_request, reply) => reply.headers({ "cache-control": "no-store", "access-control-allow-origin": "*" }).type("text/plain").send(String(ctx.clock.now()))
  );
}

// server/src/realtime/method-call.ts
import { Type as Type14 } from "typebox";

// server/src/kernel/storable-text.ts
var REPLACEMENT = "\uFFFD";
function storableText(text5) {
  const whole2 = text5.includes("\0") ? text5.replaceAll("\0", REPLACEMENT) : text5;
  return whole2.replace(/\p{Surrogate}/gu, REPLACEMENT);
}
var mayHoldUnstorable = (json2) => /\\u(?:0000|d[89a-f])/i.test(json2);
var reviveStorable = (_key, value) => typeof value === "string" ? storableText(value) : value;

// server/src/realtime/ejson.ts
var MAX_DEPTH3 = 100;
var EjsonError = class extends Error {
};
function encode(value) {
  return JSON.stringify(toWire(value)) ?? "null";
}
function decode(text5) {
  let parsed;
  try {
    parsed = mayHoldUnstorable(text5) ? JSON.parse(text5, reviveStorable) : JSON.parse(text5);
  } catch {
    throw new EjsonError("not JSON");
  }
  return revive(parsed, 0);
}
function toWire(value) {
  if (typeof value === "number") return Number.isFinite(value) ? value : { $InfNaN: notFinite(value) };
  if (typeof value === "bigint") return Number(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) {
    const time = value.getTime();
    return Number.isNaN(time) ? null : { $date: time };
  }
  if (Array.isArray(value)) return wireArray(value);
  if (value instanceof Uint8Array) return { $binary: Buffer.from(value).toString("base64") };
  return wireObject(value);
}
function notFinite(value) {
  if (Number.isNaN(value)) return 0;
  return value > 0 ? 1 : -1;
}
function wireArray(list) {
  let copy;
  for (let index2 = 0; index2 < list.length; index2++) {
    const wired = toWire(list[index2]);
    if (wired === list[index2]) continue;
    copy ??= list.slice();
    copy[index2] = wired;
  }
  return copy ?? list;
}
function wireObject(bag) {
  const keys = Object.keys(bag);
  let copy;
  for (const key2 of keys) {
    const wired = toWire(bag[key2]);
    if (wired === bag[key2]) continue;
    copy ??= { ...bag };
    setOwn(copy, key2, wired);
  }
  return looksLikeWrapper(bag, keys) ? { $escape: copy ?? bag } : copy ?? bag;
}
function setOwn(bag, key2, value) {
  if (key2 === "__proto__") {
    Object.defineProperty(bag, key2, { value, enumerable: true, configurable: true, writable: true });
  } else {
    bag[key2] = value;
  }
}
var SINGLE = /* @__PURE__ */ new Set(["$date", "$binary", "$InfNaN", "$escape"]);
function looksLikeWrapper(bag, keys) {
  const [first] = keys;
  if (first === void 0 || keys.length > 2 || first.charCodeAt(0) !== 36) return false;
  if (keys.length === 1) return SINGLE.has(first);
  return "$type" in bag && "$value" in bag || "$regexp" in bag && "$flags" in bag;
}
function revive(value, depth) {
  if (typeof value !== "object" || value === null) return value;
  if (depth >= MAX_DEPTH3) throw new EjsonError("nested too deeply");
  if (Array.isArray(value)) {
    for (let index2 = 0; index2 < value.length; index2++) value[index2] = revive(value[index2], depth + 1);
    return value;
  }
  const bag = value;
  const keys = Object.keys(bag);
  if (keys.length === 1 && keys[0]?.charCodeAt(0) === 36) {
    if (keys[0] === "$escape" && isBag(bag.$escape))
      return reviveMembers(bag.$escape, Object.keys(bag.$escape), depth + 1);
    const special = unwrap(keys[0], bag);
    if (special !== void 0) return special;
  }
  return reviveMembers(bag, keys, depth);
}
function reviveMembers(bag, keys, depth) {
  for (const key2 of keys) {
    if (key2 === "__proto__") delete bag[key2];
    else bag[key2] = revive(bag[key2], depth + 1);
  }
  return bag;
}
var isBag = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
function unwrap(key2, bag) {
  const inner = bag[key2];
  if (key2 === "$date" && (typeof inner === "number" || typeof inner === "string")) {
    const date2 = new Date(inner);
    return Number.isNaN(date2.getTime()) ? void 0 : date2;
  }
  if (key2 === "$binary" && typeof inner === "string") return new Uint8Array(Buffer.from(inner, "base64"));
  if (key2 === "$InfNaN" && typeof inner === "number") {
    return inner === 0 ? Number.NaN : inner * Number.POSITIVE_INFINITY;
  }
  return void 0;
}

// server/src/realtime/method-call.ts
var body = Type14.Object(
  { message: Type14.String({ description: "EJSON text of a DDP method message" }) },
  { additionalProperties: false }
);
var response = Type14.Object({ message: Type14.String({ description: "EJSON text of a DDP result message" }) });
function methodCallEndpoints(dispatcher) {
  return [
    declare({
      method: "POST",
      path: "method.call/:method",
      summary: "Calls a realtime (DDP) method over HTTP as the logged-in user.",
      auth: "user",
      withoutUsername: true,
      rateLimit: "none",
      body,
      response,
      handler: (_ctx, request) => callMethod(dispatcher, request, request.caller)
    }),
    declare({
      method: "POST",
      path: "method.callAnon/:method",
      summary: "Calls a realtime (DDP) method over HTTP without being logged in.",
      auth: "none",
      rateLimit: "none",
      body,
      response,
      // A token that is sent along is not looked at.
      handler: (_ctx, request) => callMethod(dispatcher, request, null)
    })
  ];
}
function declare(declaration) {
  return declaration;
}
async function callMethod(dispatcher, { body: body2, headers, ip, userAgent }, caller2) {
  const { id, method, params } = parseCall(body2.message);
  const code = headers["x-2fa-code"];
  const by = headers["x-2fa-method"];
  const twoFactor = typeof code === "string" && typeof by === "string" ? { code, method: by } : void 0;
  const message = await dispatcher.answer({
    id,
    method,
    params,
    caller: caller2,
    connection: null,
    ip,
    userAgent,
    twoFactor
  });
  return { message };
}
function parseCall(text5) {
  const { msg: msg2, id, method, params } = membersOf(text5);
  const wellFormed = (msg2 === void 0 || msg2 === "method") && (typeof id === "string" || typeof id === "number") && typeof method === "string" && (params === void 0 || params === null || Array.isArray(params));
  if (!wellFormed) refuse("Invalid method call");
  return { id, method: String(method), params: Array.isArray(params) ? params : [] };
}
function membersOf(text5) {
  try {
    const message = decode(text5);
    return typeof message === "object" && message !== null ? { ...message } : {};
  } catch (error) {
    if (error instanceof EjsonError) refuse("Invalid method call");
    throw error;
  }
}

// server/src/realtime/ddp-messages.ts
function ddpError(error, reason, details) {
  const message = reason ? `${reason} [${error}]` : `[${error}]`;
  const built = { isClientSafe: true, error, message, errorType: "Meteor.Error" };
  if (reason) built.reason = reason;
  if (details !== void 0 && details !== null) built.details = details;
  return built;
}
var PROTOCOL_VERSIONS = ["1", "pre2", "pre1"];
function negotiateVersion(version2, support) {
  if (typeof version2 !== "string" || !Array.isArray(support) || !support.includes(version2)) {
    return { agreed: false, version: "1" };
  }
  const best = support.find((candidate) => PROTOCOL_VERSIONS.includes(candidate));
  if (best === version2) return { agreed: true, version: version2 };
  return { agreed: false, version: typeof best === "string" ? best : "1" };
}
var SERVER_ID = '{"server_id":"0"}';
var PING = '{"msg":"ping"}';
var connectedText = (session) => `{"msg":"connected","session":${JSON.stringify(session)}}`;
var failedText = (version2) => `{"msg":"failed","version":${JSON.stringify(version2)}}`;
var updatedText = (id) => `{"msg":"updated","methods":[${JSON.stringify(id)}]}`;
var readyText = (id) => `{"msg":"ready","subs":[${JSON.stringify(id)}]}`;
function pongText(id) {
  return id === void 0 ? '{"msg":"pong"}' : encode({ msg: "pong", id });
}
function nosubText(id, error) {
  return encode({ msg: "nosub", id, error });
}
function complaintText(reason, offendingMessage) {
  return encode({ msg: "error", reason, offendingMessage });
}
function addedText(collection, id, fields) {
  return encode({ msg: "added", collection, id, fields });
}
function changedText(collection, id, fields, cleared) {
  return encode({ msg: "changed", collection, id, fields, cleared: cleared?.length ? cleared : void 0 });
}
function removedText(collection, id) {
  return encode({ msg: "removed", collection, id });
}
var streamEventHead = (stream) => `{"msg":"changed","collection":"stream-${stream}","id":"id","fields":{"eventName":`;
var streamEventText = (stream, eventName, encodedArgs) => `${streamEventHead(stream)}${JSON.stringify(eventName)},"args":${encodedArgs}}}`;
function presenceText(uid, tuple) {
  const id = JSON.stringify(uid);
  return `{"msg":"changed","collection":"stream-user-presence","id":${id},"fields":{"uid":${id},"eventName":${id},"args":[${encode(tuple)}]}}`;
}

// server/src/realtime/frames.ts
var TEXT_FRAME = 129;
function frameHeader(length) {
  if (length < 126) return Buffer.from([TEXT_FRAME, length]);
  if (length < 65536) return Buffer.from([TEXT_FRAME, 126, length >> 8, length & 255]);
  const header = Buffer.alloc(10);
  header[0] = TEXT_FRAME;
  header[1] = 127;
  header.writeUIntBE(length, 4, 6);
  return header;
}
function textFrame(text5) {
  const length = Buffer.byteLength(text5);
  const header = frameHeader(length);
  const frame = Buffer.allocUnsafe(header.length + length);
  frame.set(header);
  frame.write(text5, header.length);
  return frame;
}
var TextMessage = class {
  #text;
  #raw;
  #sockjs;
  constructor(text5) {
    this.#text = text5;
  }
  frame(framing) {
    if (framing === "raw") {
      this.#raw ??= textFrame(this.#text);
      return this.#raw;
    }
    this.#sockjs ??= textFrame(`a[${JSON.stringify(this.#text)}]`);
    return this.#sockjs;
  }
};
var NEEDS_NO_ESCAPE = /^[\w.-]*$/;
var SplicedMessages = class {
  #head;
  #tail;
  #raw;
  #sockjs;
  /** `head` ends and `tail` begins inside a JSON string literal. */
  constructor(head, tail) {
    this.#head = head;
    this.#tail = tail;
  }
  /** The message around `word`. */
  around(word) {
    if (!NEEDS_NO_ESCAPE.test(word)) {
      return new TextMessage(this.#head + JSON.stringify(word).slice(1, -1) + this.#tail);
    }
    return new Spliced(this, word);
  }
  parts(framing) {
    if (framing === "raw") {
      this.#raw ??= [Buffer.from(this.#head), Buffer.from(this.#tail)];
      return this.#raw;
    }
    this.#sockjs ??= [
      Buffer.from(`a["${JSON.stringify(this.#head).slice(1, -1)}`),
      Buffer.from(`${JSON.stringify(this.#tail).slice(1, -1)}"]`)
    ];
    return this.#sockjs;
  }
};
var Spliced = class {
  #around;
  /** ASCII only, so its length is its length in bytes. */
  #word;
  #raw;
  #sockjs;
  constructor(around, word) {
    this.#around = around;
    this.#word = word;
  }
  frame(framing) {
    if (framing === "raw") {
      this.#raw ??= this.#build(framing);
      return this.#raw;
    }
    this.#sockjs ??= this.#build(framing);
    return this.#sockjs;
  }
  #build(framing) {
    const [head, tail] = this.#around.parts(framing);
    const length = head.length + this.#word.length + tail.length;
    const header = frameHeader(length);
    const frame = Buffer.allocUnsafe(header.length + length);
    frame.set(header);
    frame.set(head, header.length);
    frame.write(this.#word, header.length + head.length, "latin1");
    frame.set(tail, header.length + head.length + this.#word.length);
    return frame;
  }
};

// server/src/realtime/presence-watch.ts
var MAX_WATCHED = 1e4;
var PresenceWatch = class {
  #followers = /* @__PURE__ */ new Map();
  /** Edits a connection's set. Entries of `added` and `removed` that are no texts are skipped. */
  edit(subscriber, watched, added, removed) {
    for (const uid of texts3(added)) {
      if (watched.size >= MAX_WATCHED || watched.has(uid)) continue;
      watched.add(uid);
      this.#follow(uid, subscriber);
    }
    for (const uid of texts3(removed)) {
      if (watched.delete(uid)) this.#unfollow(uid, subscriber);
    }
  }
  clear(subscriber) {
    for (const uid of subscriber.watched ?? []) this.#unfollow(uid, subscriber);
    subscriber.watched?.clear();
  }
  hasFollowers(uid) {
    return this.#followers.has(uid);
  }
  /** Sends `[username, statusCode, statusText?, statusSource?, statusExpiresAt?]` to all who follow the user. */
  publish(uid, tuple) {
    const followers = this.#followers.get(uid);
    if (!followers) return;
    let length = tuple.length;
    while (length > 0 && tuple[length - 1] === void 0) length--;
    const message = new TextMessage(presenceText(uid, tuple.slice(0, length)));
    if (followers instanceof Set) {
      for (const follower of followers) follower.deliver(message);
    } else {
      followers.deliver(message);
    }
  }
  #follow(uid, subscriber) {
    const present = this.#followers.get(uid);
    if (!present) this.#followers.set(uid, subscriber);
    else if (present instanceof Set) present.add(subscriber);
    else this.#followers.set(uid, /* @__PURE__ */ new Set([present, subscriber]));
  }
  #unfollow(uid, subscriber) {
    const present = this.#followers.get(uid);
    if (!(present instanceof Set)) {
      if (present === subscriber) this.#followers.delete(uid);
      return;
    }
    present.delete(subscriber);
    if (present.size === 0) this.#followers.delete(uid);
  }
};
function texts3(list) {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string" && item !== "" && item.length <= 64) : [];
}

// server/src/realtime/subscription.ts
var Topic = class {
  stream;
  eventName;
  subscriptions = [];
  constructor(stream, eventName) {
    this.stream = stream;
    this.eventName = eventName;
  }
};
var Subscription = class {
  id;
  subscriber;
  stream;
  eventName;
  /** What `mayRead` is asked with again on a recheck. */
  args;
  topic;
  index = -1;
  constructor(id, subscriber, stream, eventName, args) {
    this.id = id;
    this.subscriber = subscriber;
    this.stream = stream;
    this.eventName = eventName;
    this.args = args;
  }
};

// server/src/realtime/hub.ts
var PRESENCE = "user-presence";
var OPEN_USER_EVENT = "webrtc";
var Hub = class {
  presence = new PresenceWatch();
  #ctx;
  #declarations;
  #topics = /* @__PURE__ */ new Map();
  #open = /* @__PURE__ */ new Set();
  #byUser = /* @__PURE__ */ new Map();
  #subscriptions = 0;
  constructor(ctx, declarations) {
    this.#ctx = ctx;
    this.#declarations = declarations;
  }
  // Membership: called by the sessions.
  opened(subscriber) {
    this.#open.add(subscriber);
  }
  /** Forgets the connection and everything it listened to. */
  closed(subscriber) {
    this.#open.delete(subscriber);
    for (const subscription of subscriber.subscriptions.values()) this.detach(subscription);
    this.presence.clear(subscriber);
  }
  signedIn(subscriber, uid) {
    const present = this.#byUser.get(uid);
    if (present) present.push(subscriber);
    else this.#byUser.set(uid, [subscriber]);
  }
  signedOut(subscriber, uid) {
    const rest = this.#byUser.get(uid)?.filter((other) => other !== subscriber) ?? [];
    if (rest.length > 0) this.#byUser.set(uid, rest);
    else this.#byUser.delete(uid);
  }
  attach(subscription) {
    const { stream, eventName } = subscription;
    let events = this.#topics.get(stream);
    if (!events) {
      events = /* @__PURE__ */ new Map();
      this.#topics.set(stream, events);
    }
    let topic = events.get(eventName);
    if (!topic) {
      topic = new Topic(stream, eventName);
      events.set(eventName, topic);
    }
    subscription.topic = topic;
    subscription.index = topic.subscriptions.push(subscription) - 1;
    this.#subscriptions++;
  }
  detach(subscription) {
    const { topic, index: index2 } = subscription;
    if (!topic) return;
    subscription.topic = void 0;
    this.#subscriptions--;
    const last = topic.subscriptions.pop();
    if (last && last !== subscription) {
      topic.subscriptions[index2] = last;
      last.index = index2;
    }
    if (topic.subscriptions.length === 0) this.#topics.get(topic.stream)?.delete(topic.eventName);
  }
  // Streams: called by the features.
  emit(stream, eventName, args, options) {
    if (stream === PRESENCE) {
      const [tuple] = args;
      if (Array.isArray(tuple)) this.presence.publish(eventName, tuple);
      return;
    }
    const topic = this.#topic(stream, eventName);
    if (!topic) return;
    const message = new TextMessage(streamEventText(stream, eventName, encode(args)));
    const except = options?.except;
    for (const { subscriber } of topic.subscriptions) {
      if (except === void 0 || subscriber.id !== except) subscriber.deliver(message);
    }
  }
  emitToUsers(uids, event, args) {
    const events = this.#topics.get("notify-user");
    if (!events) return;
    let messages2;
    for (const uid of uids) {
      if (event !== OPEN_USER_EVENT && !this.#byUser.has(uid)) continue;
      const topic = events.get(`${uid}/${event}`);
      if (!topic) continue;
      messages2 ??= new SplicedMessages(
        `${streamEventHead("notify-user")}"`,
        `/${JSON.stringify(event).slice(1, -1)}","args":${encode(args)}}}`
      );
      deliverAll(topic, messages2.around(uid));
    }
  }
  emitPerCaller(stream, eventName, argsFor) {
    const topic = this.#topic(stream, eventName);
    if (!topic) return;
    const parts = /* @__PURE__ */ new Map();
    const messages2 = /* @__PURE__ */ new Map();
    for (const { subscriber } of topic.subscriptions) {
      const args = subscriber.caller && argsFor(subscriber.caller);
      if (!args) continue;
      const encoded = `[${args.map((part) => encodeOnce(parts, part)).join(",")}]`;
      let message = messages2.get(encoded);
      if (!message) {
        message = new TextMessage(streamEventText(stream, eventName, encoded));
        messages2.set(encoded, message);
      }
      subscriber.deliver(message);
    }
  }
  hasListeners(stream, eventName) {
    if (stream === PRESENCE) return this.presence.hasFollowers(eventName);
    return this.#topic(stream, eventName) !== void 0;
  }
  dropSubscriptions(uid, stream, matches2) {
    for (const subscriber of this.#byUser.get(uid) ?? []) {
      const { checking } = subscriber;
      if (checking?.stream === stream && matches2(checking.eventName)) checking.stale = true;
      for (const subscription of subscriber.subscriptions.values()) {
        if (subscription.stream === stream && matches2(subscription.eventName)) this.#drop(subscription);
      }
    }
  }
  async recheck(stream, matches2 = () => true) {
    const declaration = this.#declarations.get(stream);
    if (!declaration) return;
    for (const { checking } of this.#open) {
      if (checking?.stream === stream && matches2(checking.eventName)) checking.stale = true;
    }
    const topics = [...this.#topics.get(stream)?.values() ?? []].filter(
      (topic) => matches2(topic.eventName)
    );
    const all = topics.flatMap((topic) => topic.subscriptions);
    for (const subscription of all) {
      const { subscriber, eventName, args } = subscription;
      const { caller: caller2 } = subscriber;
      const request = { caller: caller2, connection: subscriber, eventName, args };
      const allowed = await this.#stillAllowed(declaration, request);
      if (!allowed && subscription.topic && subscriber.caller?.uid === caller2?.uid) this.#drop(subscription);
    }
  }
  connectionsOf(uid) {
    return [...this.#byUser.get(uid) ?? []];
  }
  connections() {
    return [...this.#open];
  }
  // The rest is for the server itself.
  /** Keeps the callers of a user's connections true. */
  updateCaller(uid, change2) {
    for (const subscriber of this.#byUser.get(uid) ?? []) {
      if (subscriber.caller) subscriber.caller = { ...subscriber.caller, ...change2 };
    }
  }
  /** Sends to all connections of a user. */
  deliverToUser(uid, text5) {
    const message = new TextMessage(text5);
    for (const subscriber of this.#byUser.get(uid) ?? []) subscriber.deliver(message);
  }
  /** Sends a message that is ready to all listeners of a topic. */
  deliverToTopic(stream, eventName, text5) {
    const topic = this.#topic(stream, eventName);
    if (topic) deliverAll(topic, new TextMessage(text5));
  }
  counts() {
    return { connections: this.#open.size, users: this.#byUser.size, subscriptions: this.#subscriptions };
  }
  async #stillAllowed(declaration, request) {
    try {
      return await declaration.mayRead(this.#ctx, request);
    } catch (error) {
      this.#ctx.log.error({ err: error, stream: declaration.name }, "the access check of a stream failed");
      return false;
    }
  }
  #topic(stream, eventName) {
    return this.#topics.get(stream)?.get(eventName);
  }
  #drop(subscription) {
    this.detach(subscription);
    subscription.subscriber.subscriptions.delete(subscription.id);
  }
};
function deliverAll(topic, message) {
  for (const { subscriber } of topic.subscriptions) subscriber.deliver(message);
}
function encodeOnce(parts, part) {
  if (typeof part !== "object" || part === null) return encode(part);
  let text5 = parts.get(part);
  if (text5 === void 0) {
    text5 = encode(part);
    parts.set(part, text5);
  }
  return text5;
}

// server/src/storage/errors.ts
var StorageFailed = class extends Error {
  name = "StorageFailed";
};
function isUniqueViolation(error) {
  const { errcode, code } = codesOf(error);
  return errcode === 1555 || errcode === 2067 || errcode === 2579 || code === "23505";
}
function isStorageFull(error) {
  const { errcode, code } = codesOf(error);
  return errcode !== void 0 && (errcode & 255) === 13 || errcode === 4874 || code === "ENOSPC" || code === "53100";
}
function isStorageBusy(error) {
  const { errcode, code } = codesOf(error);
  if (errcode !== void 0) return (errcode & 255) === 5 || (errcode & 255) === 6;
  return code === "40001" || code === "40P01" || code === "55P03";
}
function mayHaveEndedTransaction(error) {
  const { errcode } = codesOf(error);
  return errcode !== void 0 && [5, 7, 9, 10, 13].includes(errcode & 255);
}
function codesOf(error) {
  if (typeof error !== "object" || error === null) return { errcode: void 0, code: void 0 };
  const { errcode, code } = error;
  return { errcode: typeof errcode === "number" ? errcode : void 0, code };
}

// server/src/realtime/refusal-to-ddp.ts
var CODES = {
  unauthorized: "error-unauthorized",
  forbidden: "error-not-allowed",
  "not-found": "error-not-found",
  "too-many": "too-many-requests",
  unavailable: "error-unavailable"
};
function refusalToDdp(thrown) {
  if (!(thrown instanceof Refusal)) return storageTrouble(thrown);
  const { kind, code, reason, details } = thrown;
  if (kind === "coded") return ddpError(code ?? 500, reason, details);
  if (kind === "plain") {
    return code === void 0 ? ddpError(reason || "error", void 0, details) : ddpError(code, reason, details);
  }
  const text5 = reason === "unauthorized" ? "Not allowed" : reason;
  return ddpError(code ?? CODES[kind] ?? 500, text5, details);
}
function storageTrouble(thrown) {
  const reason = isStorageFull(thrown) ? "The server is out of disk space; nothing was stored" : thrown instanceof StorageFailed ? "The server cannot store anything until it is restarted" : isStorageBusy(thrown) ? "Service Unavailable" : void 0;
  return reason === void 0 ? void 0 : ddpError("error-unavailable", reason);
}
var internalError = () => ddpError(500, "Internal server error");

// server/src/realtime/methods.ts
function createDispatcher(deps) {
  const methods = /* @__PURE__ */ new Map();
  for (const method of deps.methods) {
    if (methods.has(method.name)) throw new Error(`The DDP method ${method.name} is declared twice`);
    if (method.twoFactor && !deps.checkSecondFactor) {
      throw new Error(`The DDP method ${method.name} asks for a second factor: pass checkSecondFactor`);
    }
    methods.set(method.name, method);
  }
  async function run2(request) {
    const stream = request.method.startsWith("stream-") ? deps.declarations.get(request.method.slice(7)) : void 0;
    const method = methods.get(request.method);
    const counted2 = { caller: request.caller, connection: countedConnection(request), ip: request.ip };
    deps.limits.countMethod(request.method, counted2, !!(method || stream), method?.rateLimit);
    if (method) return runMethod(deps, method, request);
    if (stream) return writeToStream(deps, stream, request);
    return fail(404, `Method '${request.method}' not found`);
  }
  return {
    names: [...methods.keys()],
    async answer(request) {
      const { id } = request;
      try {
        return encode({ msg: "result", id, result: await run2(request) });
      } catch (thrown) {
        const error = refusalToDdp(thrown);
        if (!(thrown instanceof Refusal))
          deps.ctx.log.error({ err: thrown, method: request.method }, "a DDP method failed");
        return encode({ msg: "result", id, error: error ?? internalError() });
      }
    }
  };
}
function countedConnection({ connection, caller: caller2, ip, userAgent }) {
  return connection?.id ?? caller2?.tokenHash ?? `${ip} ${userAgent}`;
}
async function runMethod(deps, method, request) {
  const { caller: caller2, connection, ip, userAgent } = request;
  const trailing = trailingSecondFactor(request.params);
  const params = trailing ? request.params.slice(0, -1) : request.params;
  const call = {
    caller: caller2,
    params,
    connection,
    ip,
    userAgent,
    twoFactor: trailing ?? request.twoFactor
  };
  if (method.auth === "user" && !caller2) fail("error-invalid-user", "Invalid user", { method: method.name });
  if (method.auth === "user" && !caller2?.username && !method.withoutUsername) {
    fail("error-unauthorized", "Users must have a username", { method: method.name });
  }
  if (method.twoFactor && caller2) await deps.checkSecondFactor?.(deps.ctx, { ...call, caller: caller2 }, method.name);
  return method.run(deps.ctx, call);
}
function trailingSecondFactor(params) {
  const last = params.at(-1);
  if (typeof last !== "object" || last === null) return void 0;
  const { twoFactorCode: code, twoFactorMethod: method } = last;
  return typeof code === "string" && typeof method === "string" ? { code, method } : void 0;
}
async function writeToStream(deps, stream, request) {
  const { connection, caller: caller2, params } = request;
  const [eventName, ...args] = params;
  if (!stream.write || !connection || typeof eventName !== "string" || eventName === "") return;
  await stream.write(deps.ctx, deps.streams, { caller: caller2, connection, eventName, args });
}

// server/src/realtime/publications.ts
var PUBLICATION_STREAM = "publication:";
function loginServicePublication(documents2 = () => []) {
  return {
    name: "meteor.loginServiceConfiguration",
    collection: "meteor_accounts_loginServiceConfiguration",
    documents: documents2
  };
}
var clientVersionsPublication = {
  name: "meteor_autoupdate_clientVersions",
  collection: "meteor_autoupdate_clientVersions",
  documents: () => []
};

// server/src/realtime/rate-limits.ts
var MINUTE2 = 6e4;
var perSecond = { calls: 1, windowMs: 1e3 };
var OWN_LIMITS = {
  login: { calls: 5, windowMs: 1e4 },
  createUser: { calls: 5, windowMs: 1e4 },
  resetPassword: { calls: 5, windowMs: 1e4 },
  forgotPassword: { calls: 5, windowMs: 1e4 },
  sendMessage: { calls: 5, windowMs: 1e3, liftedBy: "send-many-messages" },
  createDirectMessage: { calls: 10, windowMs: MINUTE2, liftedBy: "send-many-messages" },
  setUserStatus: perSecond,
  setUsername: perSecond,
  setRealName: perSecond,
  setEmail: perSecond,
  saveCustomFields: perSecond,
  checkUsernameAvailability: perSecond,
  push_test: perSecond,
  sendSMTPTestEmail: perSecond,
  spotlight: { calls: 100, windowMs: 1e5 },
  browseChannels: { calls: 100, windowMs: 1e5 },
  getRoomById: { calls: 10, windowMs: MINUTE2 },
  userSetUtcOffset: { calls: 1, windowMs: MINUTE2 },
  followMessage: { calls: 5, windowMs: 5e3 },
  unfollowMessage: { calls: 5, windowMs: 5e3 },
  "livechat:sendTranscript": { calls: 1, windowMs: 5e3 },
  "livechat:sendOfflineMessage": { calls: 1, windowMs: 5e3 },
  setAvatarFromService: { calls: 1, windowMs: 5e3 },
  "autoTranslate.getSupportedLanguages": { calls: 5, windowMs: MINUTE2 },
  reportMessage: { calls: 5, windowMs: MINUTE2 },
  sendConfirmationEmail: { calls: 5, windowMs: MINUTE2 },
  resetAvatar: { calls: 1, windowMs: MINUTE2 }
};
var PER_CONNECTION = /* @__PURE__ */ new Set(["login", "createUser", "resetPassword", "forgotPassword"]);
var PER_ADDRESS = "registerUser";
var DEFAULTS = {
  IP: { calls: 12e4, windowMs: MINUTE2 },
  User: { calls: 1200, windowMs: MINUTE2 },
  Connection: { calls: 600, windowMs: MINUTE2 },
  User_By_Method: { calls: 20, windowMs: 1e4 },
  Connection_By_Method: { calls: 10, windowMs: 1e4 }
};
var LOOPBACK = /* @__PURE__ */ new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);
var STREAM_FACTOR = 4;
var RateLimits = class {
  #ctx;
  #windows = /* @__PURE__ */ new Map();
  constructor(ctx) {
    this.#ctx = ctx;
  }
  /**
   * Counts a method call. Throws `too-many-requests`. `known` is false for a name nobody declared: it is counted, but
   * gets no counter of its own, for there is no end to such names.
   */
  countMethod(name, who, known2, declared) {
    if (this.#ctx.config.testMode) return;
    this.#countCommon(who);
    if (!known2) return;
    const own2 = declared ?? this.#ownLimit(name);
    if (own2) this.#countOwn(name, own2, who);
    else this.#countByName("method", name, who);
  }
  /** Counts a subscription. Throws `too-many-requests`. */
  countSubscription(name, who, known2) {
    if (this.#ctx.config.testMode) return;
    this.#countCommon(who);
    if (known2) this.#countByName("subscription", name, who);
  }
  /** Forgets windows that are over. */
  sweep() {
    const now = this.#ctx.clock.now();
    for (const [key2, window] of this.#windows) {
      if (window.endsAt <= now) this.#windows.delete(key2);
    }
  }
  #ownLimit(name) {
    if (name === "registerUser") {
      return {
        calls: this.#number("Rate_Limiter_Limit_RegisterUser", 1),
        windowMs: this.#number("API_Enable_Rate_Limiter_Limit_Time_Default", MINUTE2)
      };
    }
    return Object.hasOwn(OWN_LIMITS, name) ? OWN_LIMITS[name] : void 0;
  }
  #countOwn(name, { calls, windowMs, liftedBy }, who) {
    if (liftedBy && who.caller && this.#ctx.permissions.has(who.caller, liftedBy)) return;
    this.#count(`own ${name} ${keyOf(name, who)}`, calls, windowMs);
  }
  #countCommon(who) {
    if (!LOOPBACK.has(who.ip)) this.#countRule("IP", who.ip);
    if (who.caller) this.#countRule("User", who.caller.uid);
    this.#countRule("Connection", who.connection);
  }
  #countByName(type, name, who) {
    const factor = name.startsWith("stream-") ? STREAM_FACTOR : 1;
    if (who.caller) this.#countRule("User_By_Method", `${who.caller.uid} ${type} ${name}`, factor);
    this.#countRule("Connection_By_Method", `${who.connection} ${type} ${name}`, factor);
  }
  #countRule(rule, key2, factor = 1) {
    const setting = `DDP_Rate_Limit_${rule}`;
    if (this.#ctx.settings.value(`${setting}_Enabled`) === false) return;
    const calls = this.#number(`${setting}_Requests_Allowed`, DEFAULTS[rule].calls);
    const windowMs = this.#number(`${setting}_Interval_Time`, DEFAULTS[rule].windowMs);
    this.#count(`${rule} ${key2}`, calls * factor, windowMs);
  }
  #count(key2, calls, windowMs) {
    const now = this.#ctx.clock.now();
    let window = this.#windows.get(key2);
    if (!window || window.endsAt <= now) {
      window = { count: 0, endsAt: now + windowMs };
      this.#windows.set(key2, window);
    }
    window.count++;
    if (window.count <= calls) return;
    const timeToReset = window.endsAt - now;
    const seconds = Math.ceil(timeToReset / 1e3);
    fail(
      "too-many-requests",
      `Error, too many requests. Please slow down. You must wait ${seconds} seconds before trying again.`,
      { timeToReset }
    );
  }
  #number(setting, fallback) {
    const value = this.#ctx.settings.value(setting);
    return typeof value === "number" && value > 0 ? value : fallback;
  }
};
function keyOf(name, { caller: caller2, connection, ip }) {
  if (name === PER_ADDRESS) return addressBlock(ip);
  return PER_CONNECTION.has(name) ? connection : caller2?.uid ?? connection;
}

// server/src/realtime/websocket.ts
import { WebSocket, WebSocketServer } from "ws";

// server/src/realtime/subscribe.ts
var PRESENCE2 = "stream-user-presence";
var NO_ARGS = [];
var MAX_EVENT_NAME = 512;
var MAX_ARGS_LENGTH = 4096;
var MAX_CHECKS = 3;
async function subscribe(session, message) {
  const { id } = message;
  if (session.subscriptions.has(id) || session.presenceSubscription === id) return;
  try {
    await start(session, message);
  } catch (thrown) {
    refuse2(session, id, thrown);
  }
}
function unsubscribe(session, id) {
  const subscription = session.subscriptions.get(id);
  if (subscription) drop(session, subscription);
  else if (session.presenceSubscription === id) session.forgetPresence();
  session.send(nosubText(id));
}
async function reconsider(session, subscription) {
  const { id, stream, eventName, args } = subscription;
  if (session.subscriptions.get(id) !== subscription) return;
  const declaration = session.host.declarations.get(stream);
  let allowed = true;
  if (declaration) {
    try {
      allowed = await isAllowed(session, declaration, eventName, args);
    } catch (error) {
      session.host.ctx.log.error({ err: error, stream }, "the access check of a stream failed");
      allowed = false;
    }
  }
  if (session.released || session.subscriptions.get(id) !== subscription) return;
  if (allowed) {
    if (!subscription.topic) session.host.hub.attach(subscription);
    return;
  }
  drop(session, subscription);
  session.send(nosubText(id, ddpError("not-allowed")));
}
async function start(session, message) {
  const { name, params } = message;
  const { host, caller: caller2, ip } = session;
  const declaration = name.startsWith("stream-") ? host.declarations.get(name.slice(7)) : void 0;
  const publication = host.publications.get(name);
  const known2 = !!(declaration || publication || name === PRESENCE2);
  host.limits.countSubscription(name, { caller: caller2, connection: session.id, ip }, known2);
  if (!known2) fail(404, `Subscription '${name}' not found`);
  if (session.subscriptions.size >= host.ctx.config.limits.subscriptionsPerSocket) {
    fail("too-many-subscriptions", "Too many subscriptions");
  }
  if (name === PRESENCE2) startPresence(session, message.id, params[1]);
  else if (declaration) await startStream(session, declaration, message);
  else if (publication) await startPublication(session, publication, message.id);
}
async function startStream(session, stream, message) {
  const { id, name, params } = message;
  const eventName = params[0];
  if (typeof eventName !== "string" || eventName === "" || eventName.length > MAX_EVENT_NAME) {
    fail("invalid-event-name");
  }
  const { useCollection, args } = streamOptions(params[1]);
  const allowed = await isAllowed(session, stream, eventName, args);
  if (session.released) return;
  if (!allowed) fail("not-allowed");
  keep(session, new Subscription(id, session, stream.name, eventName, args));
  if (useCollection) session.send(addedText(name, "id", { eventName }));
  session.send(readyText(id));
}
async function startPublication(session, publication, id) {
  const documents2 = await publication.documents(session.host.ctx);
  if (session.released) return;
  keep(session, new Subscription(id, session, PUBLICATION_STREAM, publication.name, NO_ARGS));
  for (const document of documents2)
    session.send(addedText(publication.collection, document.id, document.fields));
  session.send(readyText(id));
}
function startPresence(session, id, options) {
  if (!session.caller) fail("not-allowed");
  const isMain = session.presenceSubscription === void 0;
  if (isMain) session.presenceSubscription = id;
  session.watched ??= /* @__PURE__ */ new Set();
  const { added, removed } = isObject(options) ? options : {};
  session.host.hub.presence.edit(session, session.watched, added, removed);
  session.send(isMain ? readyText(id) : nosubText(id));
}
async function isAllowed(session, stream, eventName, args) {
  const check = { stream: stream.name, eventName, stale: false };
  session.checking = check;
  try {
    for (let attempt = 0; attempt < MAX_CHECKS; attempt++) {
      check.stale = false;
      const request = { caller: session.caller, connection: session, eventName, args };
      const allowed = await stream.mayRead(session.host.ctx, request);
      if (!allowed) return false;
      if (!check.stale) return true;
    }
    return false;
  } finally {
    session.checking = void 0;
  }
}
function keep(session, subscription) {
  session.subscriptions.set(subscription.id, subscription);
  session.host.hub.attach(subscription);
}
function drop(session, subscription) {
  session.host.hub.detach(subscription);
  session.subscriptions.delete(subscription.id);
}
function refuse2(session, id, thrown) {
  let error = refusalToDdp(thrown);
  if (!(thrown instanceof Refusal)) session.host.ctx.log.error({ err: thrown }, "a subscription failed");
  error ??= internalError();
  session.send(nosubText(id, error));
}
function streamOptions(options) {
  if (!isObject(options)) return { useCollection: options === true, args: NO_ARGS };
  const { useCollection, args } = options;
  const wanted = Array.isArray(args) && args.some(isObject) ? args : NO_ARGS;
  if (wanted.length > 0 && encode(wanted).length > MAX_ARGS_LENGTH) fail("invalid-arguments");
  return { useCollection: useCollection === true, args: wanted };
}
var isObject = (value) => typeof value === "object" && value !== null;

// server/src/realtime/session.ts
var MAX_NAME4 = 512;
var MAX_WAITING_FRAMES = 4;
var CLOSE_PATIENCE_MS = 1e4;
var DdpSession = class {
  id = newId();
  ip;
  userAgent;
  host;
  subscriptions = /* @__PURE__ */ new Map();
  caller = null;
  checking = void 0;
  watched = void 0;
  /** Id of the main `stream-user-presence` subscription. */
  presenceSubscription = void 0;
  openedAt;
  /** When anything was last received, and whether a ping was sent since (spec 40 §2.2). */
  lastHeard;
  pinged = false;
  paused = false;
  released = false;
  #wire;
  #connected = false;
  #queue = [];
  #waitingLength = 0;
  #running = false;
  /** Set by a login: the subscriptions to ask about again before the next message is looked at. */
  #reconsider = void 0;
  #closeAfterWork = void 0;
  constructor(host, wire2, from) {
    this.host = host;
    this.#wire = wire2;
    this.ip = from.ip;
    this.userAgent = from.userAgent;
    this.openedAt = host.ctx.clock.now();
    this.lastHeard = this.openedAt;
    wire2.owner = this;
    host.hub.opened(this);
    if (wire2.framing === "sockjs") wire2.sendBare("o");
    wire2.sendText(SERVER_ID);
  }
  // Sending.
  send(text5) {
    this.#wire.sendText(text5);
  }
  deliver(message) {
    this.#wire.send(message);
  }
  // Receiving.
  /** Any frame at all is a sign of life. */
  heard() {
    this.lastHeard = this.host.ctx.clock.now();
    this.pinged = false;
  }
  /** Takes one DDP message as text. */
  receive(text5) {
    if (this.released) return;
    let message;
    try {
      message = decode(text5);
    } catch (error) {
      if (!(error instanceof EjsonError)) throw error;
      this.complainAboutParsing();
      return;
    }
    const complaint = this.#accept(message, text5.length);
    if (complaint) this.send(complaintText(complaint, message));
  }
  complainAboutParsing() {
    if (!this.released) this.send(complaintText("Parse error"));
  }
  /** Takes a message, or says what is wrong with it. */
  #accept(message, length) {
    if (typeof message !== "object" || message === null) return "Bad request";
    const bag = message;
    if (bag.msg === "pong") return void 0;
    if (bag.msg === "ping") this.send(pongText(bag.id));
    else if (bag.msg === "connect") return this.#connect(bag);
    else if (typeof bag.msg === "string")
      return this.#connected ? this.#acceptWork(bag, length) : "Must connect first";
    else return "Bad request";
    return void 0;
  }
  #acceptWork({ msg: msg2, id, method, name, params }, length) {
    const list = params ?? [];
    if (msg2 === "method") {
      if (!isName(id) || !isName(method) || !Array.isArray(list)) return "Malformed method invocation";
      this.#enqueue({ msg: msg2, id, method, params: list, length });
    } else if (msg2 === "sub") {
      if (!isName(id) || !isName(name) || !Array.isArray(list)) return "Malformed subscription";
      this.#enqueue({ msg: msg2, id, name, params: list, length });
    } else if (msg2 === "unsub") {
      if (!isName(id)) return "Malformed subscription";
      this.#enqueue({ msg: msg2, id, length });
    } else {
      return "Bad request";
    }
    return void 0;
  }
  #connect({ version: wanted, support }) {
    if (this.#connected) return "Already connected";
    const { agreed, version: version2 } = negotiateVersion(wanted, support);
    this.#connected = agreed;
    this.send(agreed ? connectedText(this.id) : failedText(version2));
    if (!agreed) this.close(1e3, "Unsupported protocol version");
    return void 0;
  }
  #enqueue(work) {
    this.#queue.push(work);
    this.#waitingLength += work.length;
    if (this.#running) {
      if (!this.paused && this.#fullness() >= 1) {
        this.paused = true;
        this.#wire.pause();
      }
      return;
    }
    this.#running = true;
    void this.#drain();
  }
  #next() {
    const work = this.#queue.shift();
    this.#waitingLength -= work?.length ?? 0;
    return work;
  }
  /** How full the queue is, by number and by size; 1 is full. */
  #fullness() {
    const { methodsInFlightPerSocket, frameBytes } = this.host.ctx.config.limits;
    const bySize = this.#waitingLength / (MAX_WAITING_FRAMES * frameBytes);
    return Math.max(this.#queue.length / methodsInFlightPerSocket, bySize);
  }
  async #drain() {
    let work = this.#next();
    while (work) {
      try {
        await this.#run(work);
        if (this.#reconsider) await this.#reconsiderSubscriptions();
      } catch (error) {
        this.host.ctx.log.error({ err: error }, "a DDP session failed");
        this.close(1011, "Internal error");
      }
      if (this.#closeAfterWork) {
        this.#running = false;
        this.#closeNow();
        return;
      }
      if (this.paused && this.#fullness() < 0.5) {
        this.paused = false;
        this.#wire.resume();
      }
      work = this.#next();
    }
    this.#running = false;
  }
  #run(work) {
    if (work.msg === "method") return this.#callMethod(work);
    if (work.msg === "sub") return subscribe(this, work);
    unsubscribe(this, work.id);
    return Promise.resolve();
  }
  async #callMethod({ id, method, params }) {
    const { caller: caller2, ip, userAgent } = this;
    const request = { id, method, params, caller: caller2, connection: this, ip, userAgent };
    this.send(await this.host.dispatcher.answer(request));
    this.send(updatedText(id));
  }
  // Being somebody.
  logIn(caller2, own2 = {}) {
    if (this.released) return;
    const before = this.caller;
    if (before && before.uid !== caller2.uid) {
      this.#reconsider = [...this.subscriptions.values()];
      for (const subscription of this.#reconsider) this.host.hub.detach(subscription);
      this.#signOut(before, "logout");
    } else if (!before) {
      this.#reconsider = [...this.subscriptions.values()];
    }
    this.caller = caller2;
    if (before?.uid === caller2.uid) return;
    this.host.hub.signedIn(this, caller2.uid);
    this.send(addedText("users", caller2.uid, { username: caller2.username, ...own2 }));
    this.host.connectionChanged(this, caller2, "login");
  }
  logOut() {
    if (!this.caller || this.released) return;
    this.#signOut(this.caller, "logout");
    for (const subscription of this.subscriptions.values()) {
      this.host.hub.detach(subscription);
      this.send(nosubText(subscription.id));
    }
    this.subscriptions.clear();
    if (this.presenceSubscription !== void 0) {
      const id = this.presenceSubscription;
      this.forgetPresence();
      this.send(nosubText(id));
    }
    this.#reconsider = void 0;
  }
  forgetPresence() {
    this.host.hub.presence.clear(this);
    this.watched = void 0;
    this.presenceSubscription = void 0;
  }
  #signOut(caller2, kind) {
    this.host.hub.signedOut(this, caller2.uid);
    this.caller = null;
    this.send(removedText("users", caller2.uid));
    this.host.connectionChanged(this, caller2, kind);
  }
  async #reconsiderSubscriptions() {
    const list = this.#reconsider ?? [];
    this.#reconsider = void 0;
    for (const subscription of list) await reconsider(this, subscription);
  }
  // Ending.
  /**
   * Stops taking part at once: no more events, no more messages. The socket closes after the method that is running has
   * been answered, so that a method which ends its own session still gets its result out.
   */
  close(code, reason) {
    this.release();
    this.#closeAfterWork ??= { code, reason, since: this.host.ctx.clock.now() };
    if (!this.#running) this.#closeNow();
  }
  /** As `close`, after telling a logged-in client that its user is gone (spec 40 §4.6). */
  revoke(code, reason) {
    if (this.caller && !this.released) this.send(removedText("users", this.caller.uid));
    this.close(code, reason);
  }
  /** Gives back everything the session holds; also called when the socket is gone or was given up. */
  release() {
    if (this.released) return;
    this.released = true;
    const { caller: caller2, host } = this;
    this.#queue = [];
    this.#waitingLength = 0;
    host.hub.closed(this);
    this.subscriptions.clear();
    this.watched = void 0;
    if (caller2) host.hub.signedOut(this, caller2.uid);
    this.caller = null;
    host.connectionChanged(this, caller2, "close");
  }
  #closeNow() {
    const { code, reason } = this.#closeAfterWork ?? { code: 1e3, reason: "" };
    this.#wire.close(code, reason);
  }
  /** Pings a silent client, cuts one that stays silent, closes one that never connects. To be called regularly. */
  checkLife(now) {
    const { handshakeMs, pingAfterMs } = this.host.ctx.config.limits;
    if (this.released) {
      if (this.#closeAfterWork && now - this.#closeAfterWork.since > CLOSE_PATIENCE_MS) this.#closeNow();
      return;
    }
    const silent = now - this.lastHeard;
    if (!this.#connected && now - this.openedAt >= handshakeMs) {
      this.close(4001, "Handshake timeout");
    } else if (this.paused) {
    } else if (this.pinged && silent >= 2 * pingAfterMs) {
      this.release();
      this.#wire.terminate();
    } else if (!this.pinged && silent >= pingAfterMs) {
      this.pinged = true;
      this.send(PING);
    }
  }
};
var isName = (value) => typeof value === "string" && value !== "" && value.length <= MAX_NAME4;

// server/src/realtime/wire.ts
var SLOW_CLOSE_MS = 2e3;
var MAX_REASON_BYTES = 123;
var FlushQueue = class {
  #wires = [];
  add(wire2) {
    this.#wires.push(wire2);
    if (this.#wires.length === 1) setImmediate(() => this.#flush());
  }
  #flush() {
    const wires = this.#wires;
    this.#wires = [];
    for (const wire2 of wires) wire2.flush();
  }
};
var Wire = class {
  framing;
  owner;
  #ws;
  #tcp;
  #host;
  #corked = false;
  #overflowed = false;
  constructor(ws, tcp, framing, host) {
    this.#ws = ws;
    this.#tcp = tcp;
    this.framing = framing;
    this.#host = host;
  }
  sendText(text5) {
    this.send(new TextMessage(text5));
  }
  send(message) {
    if (this.#ws.readyState !== this.#ws.OPEN || this.#overflowed) return;
    this.#write(message.frame(this.framing));
  }
  /** SockJS frames that are not messages: `o` and `c[...]`. */
  sendBare(text5) {
    if (this.#ws.readyState === this.#ws.OPEN && !this.#overflowed) this.#write(textFrame(text5));
  }
  #write(frame) {
    const tcp = this.#tcp;
    if (tcp.writableLength > this.#host.bufferLimit) {
      if (this.#corked) {
        tcp.uncork();
        tcp.cork();
      }
      if (tcp.writableLength > this.#host.bufferLimit) {
        this.#overflowed = true;
        if (!this.#corked) this.#host.flushes.add(this);
        return;
      }
    }
    if (!this.#corked) {
      this.#corked = true;
      tcp.cork();
      this.#host.flushes.add(this);
    }
    tcp.write(frame);
  }
  flush() {
    if (this.#corked) {
      this.#corked = false;
      this.#tcp.uncork();
    }
    if (this.#overflowed && this.#ws.readyState === this.#ws.OPEN) {
      this.#host.slowClosed();
      this.#ws.resume();
      this.#ws.close(1013, "Too slow");
      setTimeout(() => this.#tcp.destroy(), SLOW_CLOSE_MS).unref();
      this.owner?.release();
    }
  }
  /** Closes after what was sent so far. */
  close(code, reason) {
    if (this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.framing === "sockjs") this.sendBare(`c${JSON.stringify([code, reason])}`);
    this.#ws.resume();
    this.#ws.close(code, Buffer.from(reason).subarray(0, MAX_REASON_BYTES).toString());
  }
  /** Cuts the connection without a word: nobody seems to be there. */
  terminate() {
    this.#ws.terminate();
  }
  /** Stops and resumes reading from the client. */
  pause() {
    this.#ws.pause();
  }
  resume() {
    this.#ws.resume();
  }
};

// server/src/realtime/websocket.ts
var CLOSE_ANSWER_MS = 1e4;
var MAX_USER_AGENT = 512;
var SessionSocket = class extends WebSocket {
  session;
  framing = "raw";
};
function createAcceptor(config2, host, wires, sockets) {
  const server = new WebSocketServer({
    noServer: true,
    WebSocket: SessionSocket,
    maxPayload: config2.limits.frameBytes,
    // Ready frames are written past `ws` and shared by their receivers: see Wire.
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout: CLOSE_ANSWER_MS
  });
  const prefix = pathOf(config2.rootUrl);
  const attached = [];
  let stopped = false;
  function open5(socket, tcp, framing, request) {
    const userAgent = String(request.headers["user-agent"] ?? "").slice(0, MAX_USER_AGENT);
    socket.framing = framing;
    socket.on("message", onMessage);
    socket.on("ping", onSignOfLife);
    socket.on("pong", onSignOfLife);
    socket.on("error", onError);
    socket.on("close", onClose);
    socket.on("close", forget);
    sockets.add(socket);
    const ip = clientIp(request.headers, request.socket.remoteAddress, config2.forwardedCount);
    socket.session = new DdpSession(host, new Wire(socket, tcp, framing, wires), { ip, userAgent });
  }
  function forget() {
    sockets.delete(this);
  }
  function onUpgrade(request, stream, head) {
    stream.on("error", ignore);
    const framing = framingOf(request.url ?? "", prefix);
    if (!framing || stopped) {
      reject(stream, framing ? "503 Service Unavailable" : "404 Not Found");
      return;
    }
    server.handleUpgrade(request, stream, head, (socket) => {
      stream.off("error", ignore);
      open5(socket, stream, framing, request);
    });
  }
  return {
    attach(httpServer) {
      attached.push(httpServer);
      httpServer.on("upgrade", onUpgrade);
    },
    stop() {
      stopped = true;
    },
    detach() {
      for (const httpServer of attached) httpServer.off("upgrade", onUpgrade);
    }
  };
}
function onMessage(data, isBinary) {
  const { session, framing } = this;
  if (!session) return;
  session.heard();
  try {
    if (isBinary) session.complainAboutParsing();
    else if (framing === "sockjs") receiveSockjs(session, data.toString());
    else session.receive(data.toString());
  } catch (error) {
    session.host.ctx.log.error({ err: error }, "a DDP message could not be taken");
    session.close(1011, "Internal error");
  }
}
function onSignOfLife() {
  this.session?.heard();
}
function onError() {
  this.session?.release();
}
function onClose() {
  this.session?.release();
}
function ignore() {
}
function reject(stream, status) {
  stream.end(`HTTP/1.1 ${status}\r
Connection: close\r
Content-Length: 0\r
\r
`);
}
function pathOf(rootUrl) {
  try {
    return new URL(rootUrl).pathname.replace(/\/+$/, "");
  } catch {
    return "";
  }
}
var SOCKJS = /^\/sockjs\/[^/.]+\/[^/.]+\/websocket\/?$/;
function framingOf(url, prefix) {
  const [path = ""] = url.split("?", 1);
  const local = prefix !== "" && path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : path;
  if (/^(\/sockjs)?\/websocket\/?$/.test(local)) return "raw";
  return SOCKJS.test(local) ? "sockjs" : void 0;
}

// server/src/realtime/server.ts
var SWEEP_LIMITS_MS = 1e4;
function createRealtime(deps) {
  const { ctx } = deps;
  const { limits } = ctx.config;
  const declarations = new Map(deps.streams.map((stream) => [stream.name, stream]));
  const publications = new Map(
    [loginServicePublication(deps.loginServices), clientVersionsPublication].map((p) => [p.name, p])
  );
  const hub = new Hub(ctx, declarations);
  const rateLimits = new RateLimits(ctx);
  const dispatcher = createDispatcher({ ...deps, declarations, streams: hub, limits: rateLimits });
  const listeners = [];
  const sockets = /* @__PURE__ */ new Set();
  let slowClosed = 0;
  const host = {
    ctx,
    hub,
    dispatcher,
    limits: rateLimits,
    declarations,
    publications,
    connectionChanged(connection, caller2, kind) {
      for (const listener of listeners) {
        try {
          listener({ connection, caller: caller2, kind });
        } catch (error) {
          ctx.log.error({ err: error, kind }, "a listener for connections failed");
        }
      }
    }
  };
  const wires = {
    flushes: new FlushQueue(),
    bufferLimit: limits.socketBufferBytes,
    slowClosed: () => {
      slowClosed++;
    }
  };
  const acceptor = createAcceptor(ctx.config, host, wires, sockets);
  const timers = [];
  function* sessions() {
    for (const { session } of [...sockets]) if (session) yield session;
  }
  function startTimers() {
    if (timers.length > 0) return;
    const lifeCheckMs = Math.max(10, Math.min(5e3, limits.pingAfterMs / 4, limits.handshakeMs / 4));
    const checkLives = () => {
      const now = ctx.clock.now();
      for (const session of sessions()) session.checkLife(now);
    };
    timers.push(
      setInterval(checkLives, lifeCheckMs),
      setInterval(() => rateLimits.sweep(), SWEEP_LIMITS_MS)
    );
    for (const timer of timers) timer.unref();
  }
  return {
    streams: hub,
    dispatcher,
    attach(server) {
      acceptor.attach(server);
      startTimers();
    },
    async close(patienceMs = limits.shutdownMs) {
      acceptor.stop();
      for (const session of sessions()) session.close(1012, "Server restarting");
      await allClosed(sockets, patienceMs);
      for (const socket of sockets) socket.terminate();
      for (const timer of timers) clearInterval(timer);
      acceptor.detach();
    },
    closeConnections(matches2, code, reason) {
      for (const session of sessions()) if (matches2(session)) session.revoke(code, reason);
    },
    onConnectionChange(listener) {
      listeners.push(listener);
    },
    userChanged(uid, { caller: caller2, fields = {}, cleared }) {
      if (caller2) hub.updateCaller(uid, caller2);
      if (Object.keys(fields).length > 0 || cleared?.length) {
        hub.deliverToUser(uid, changedText("users", uid, fields, cleared));
      }
    },
    publishPresence: (uid, tuple) => hub.presence.publish(uid, tuple),
    publishDocument(name, msg2, id, fields = {}) {
      const collection = publications.get(name)?.collection;
      if (!collection) throw new Error(`There is no publication ${name}`);
      const texts4 = { added: addedText, changed: changedText, removed: removedText };
      hub.deliverToTopic(PUBLICATION_STREAM, name, texts4[msg2](collection, id, fields));
    },
    stats: () => ({ ...hub.counts(), slowClosed })
  };
}
async function allClosed(sockets, withinMs) {
  if (sockets.size === 0) return;
  await new Promise((resolve2) => {
    const timer = setTimeout(resolve2, withinMs);
    for (const socket of sockets) {
      socket.once("close", () => {
        if (sockets.size > 0) return;
        clearTimeout(timer);
        resolve2();
      });
    }
  });
}

// server/src/rest/open-requests.ts
var OpenRequests = class {
  #count = 0;
  #none = [];
  constructor(server) {
    server.on("request", (_request, response2) => {
      this.#count += 1;
      response2.once("close", () => this.#ended());
    });
  }
  /** Resolves when no request is under way, or after `ms`: a client may take for ever to send or to read. */
  async finished(ms) {
    if (this.#count === 0) return;
    let timer;
    await new Promise((resolve2) => {
      this.#none.push(resolve2);
      timer = setTimeout(resolve2, ms);
    });
    clearTimeout(timer);
  }
  #ended() {
    this.#count -= 1;
    if (this.#count > 0) return;
    const waiting = this.#none;
    this.#none = [];
    for (const resolve2 of waiting) resolve2();
  }
};

// server/src/rest/server.ts
import Fastify from "fastify";

// server/src/rest/cors.ts
var NO_CORS = { allowed: true, headers: {} };
var REQUEST_HEADERS = "Origin, X-Requested-With, Content-Type, Accept, X-User-Id, X-Auth-Token, x-visitor-token, Authorization, x-2fa-code, x-2fa-method";
var COMMON = {
  "access-control-allow-methods": "GET, POST, PUT, DELETE, HEAD, PATCH",
  "access-control-allow-headers": REQUEST_HEADERS,
  "access-control-expose-headers": "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset"
};
function corsFor(settings, headers) {
  const origin = headers.origin;
  if (origin === void 0 && headers["access-control-request-method"] === void 0) return NO_CORS;
  if (!settings.bool("API_Enable_CORS")) return NO_CORS;
  const allowed = settings.text("API_CORS_Origin").trim() || "*";
  if (allowed === "*") return { allowed: true, headers: { "access-control-allow-origin": "*", ...COMMON } };
  if (typeof origin !== "string") return { allowed: true, headers: { vary: "Origin", ...COMMON } };
  if (!listsOrigin(allowed, origin) && !isSameOrigin(origin, headers.host)) {
    return { allowed: false, headers: { vary: "Origin" } };
  }
  return { allowed: true, headers: { "access-control-allow-origin": origin, vary: "Origin", ...COMMON } };
}
function listsOrigin(list, origin) {
  const wanted = origin.toLowerCase();
  return list.split(",").some((entry) => entry.trim().toLowerCase() === wanted);
}
function isSameOrigin(origin, host) {
  return typeof host === "string" && (origin === `https://${host}` || origin === `http://${host}`);
}

// server/src/rest/failure.ts
var NOT_LOGGED_IN = {
  status: 401,
  body: {
    success: false,
    error: "You must be logged in to do this.",
    status: "error",
    message: "You must be logged in to do this."
  }
};
var MISSING_PERMISSION = failure(
  403,
  "User does not have the permissions required for this action [error-unauthorized]"
);
var NO_USERNAME = failure(403, "Users must have a username [error-unauthorized]");
var NOT_FOUND = failure(404, "Resource not found");
var WRONG_METHOD = {
  status: 405,
  body: {
    success: false,
    status: "error",
    message: "API endpoint does not exist",
    error: "API endpoint does not exist"
  }
};
var INTERNAL_ERROR = failure(500, "Internal server error");
var STORAGE_FULL = failure(503, "The server is out of disk space; nothing was stored");
var STORAGE_FAILED = failure(503, "The server cannot store anything until it is restarted");
function failure(status, error) {
  return { status, body: { success: false, error } };
}
function invalidParams(error) {
  return { status: 400, body: { success: false, errorType: "error-invalid-params", error } };
}
function bodyTooLarge(limitBytes) {
  return {
    status: 413,
    body: {
      success: false,
      error: `The request body is larger than ${limitBytes} bytes [error-body-too-large]`,
      errorType: "error-body-too-large"
    }
  };
}
function tooManyRequests(waitMs) {
  const seconds = Math.ceil(waitMs / 1e3);
  return failure(
    429,
    `Error, too many requests. Please slow down. You must wait ${seconds} seconds before trying this endpoint again. [error-too-many-requests]`
  );
}
function failureOf(error) {
  if (error instanceof Refusal) return failureOfRefusal(error);
  if (isStorageFull(error)) return STORAGE_FULL;
  if (error instanceof StorageFailed) return STORAGE_FAILED;
  if (isStorageBusy(error)) return failure(503, "Service Unavailable");
  return void 0;
}
function failureOfRefusal(refusal) {
  switch (refusal.kind) {
    case "coded":
      return failureOfCode(refusal);
    case "plain": {
      const body2 = { success: false };
      if (refusal.reason !== void 0) body2.error = refusal.reason;
      if (refusal.code !== void 0) body2.errorType = refusal.code;
      if (refusal.details !== void 0) body2.details = refusal.details;
      return { status: 400, body: body2 };
    }
    case "unauthorized":
      return failure(401, refusal.reason ?? "unauthorized");
    case "forbidden":
      return failure(403, refusal.reason ?? "unauthorized");
    case "not-found":
      return failure(404, refusal.reason ?? "Resource not found");
    case "too-many":
      return failure(429, refusal.reason ?? "Too many requests");
    case "unavailable":
      return failure(503, refusal.reason ?? "Service Unavailable");
  }
}
function failureOfCode(refusal) {
  if (refusal.code === "error-too-many-requests") return failure(429, refusal.message);
  if (refusal.code === "error-unauthorized" || refusal.code === "unauthorized")
    return failure(403, refusal.message);
  const body2 = { success: false, error: refusal.message, errorType: refusal.code };
  if (refusal.details !== void 0) body2.details = parsedDetails(refusal.details);
  return { status: 400, body: body2 };
}
function parsedDetails(details) {
  if (typeof details !== "string") return details;
  try {
    return JSON.parse(details);
  } catch {
    return details;
  }
}
function describeError(error) {
  if (!(error instanceof Error))
    return { type: typeof error, message: "a value that is not an Error was thrown" };
  const { code } = error;
  return {
    type: error.name,
    message: error.message,
    ...error.stack ? { stack: error.stack } : {},
    ...typeof code === "string" || typeof code === "number" ? { code: String(code) } : {}
  };
}

// server/src/rest/send-reply.ts
var COMMON_HEADERS = {
  "content-type": "application/json",
  "cache-control": "no-store",
  pragma: "no-cache",
  "x-content-type-options": "nosniff"
};
function sendJsonText(reply, status, text5) {
  reply.code(status).headers(COMMON_HEADERS).send(Buffer.from(text5));
}
function sendFailure(reply, { status, body: body2 }) {
  sendJsonText(reply, status, JSON.stringify(body2));
}
function sendText(reply, status, text5) {
  reply.code(status).headers({ ...COMMON_HEADERS, "content-type": "text/plain; charset=utf-8" }).send(text5);
}
function sendResult(reply, result) {
  if (result instanceof RawReply) sendRaw(reply, result);
  else sendJsonText(reply, 200, successText(result));
}
function successText(payload) {
  if (payload === void 0) return '{"success":true}';
  const text5 = JSON.stringify(payload);
  if (text5 === "{}") return '{"success":true}';
  return "success" in payload ? text5 : `${text5.slice(0, -1)},"success":true}`;
}
function sendRaw(reply, { status, body: body2, headers }) {
  if (body2 === void 0 || typeof body2 === "string" || body2 instanceof Uint8Array || isStream(body2)) {
    const { "content-type": _, ...common } = COMMON_HEADERS;
    reply.code(status).headers(common).headers(headers).send(body2);
    return;
  }
  reply.code(status).headers(COMMON_HEADERS).headers(headers).send(Buffer.from(JSON.stringify(body2)));
}
function isStream(body2) {
  return typeof body2 === "object" && body2 !== null && "pipe" in body2 && typeof body2.pipe === "function";
}

// server/src/rest/admission.ts
var MAX_CREDENTIAL_LENGTH = 512;
var DEFAULT_LIMIT = { calls: 10, windowMs: 6e4 };
async function admit(gate, request, reply) {
  const { ctx } = gate;
  const url = request.url;
  const queryAt = url.indexOf("?");
  const match = gate.table.find(queryAt < 0 ? url : url.slice(0, queryAt));
  const cors = corsFor(ctx.settings, request.headers);
  reply.headers(cors.headers);
  if (!match) return refuseWith(reply, NOT_FOUND);
  if (!cors.allowed) {
    reply.code(403).send();
    return void 0;
  }
  const method = request.method;
  if (method === "OPTIONS") {
    sendText(reply, 200, "OK");
    return void 0;
  }
  const prepared2 = match.entry.methods.get(method === "HEAD" ? "GET" : method);
  if (!prepared2) {
    reply.header("allow", match.entry.allow);
    return refuseWith(reply, WRONG_METHOD);
  }
  const { endpoint: endpoint2 } = prepared2;
  const ip = clientIp(request.headers, request.raw.socket.remoteAddress, ctx.config.forwardedCount);
  const userAgent = request.headers["user-agent"] ?? "";
  const caller2 = await authenticated(gate, request, { ip, userAgent });
  const refusal = refusalFor(gate, endpoint2, caller2);
  if (refusal) return refuseWith(reply, refusal);
  const wait = countCall(gate, prepared2, caller2, ip, reply);
  if (wait > 0) return refuseWith(reply, tooManyRequests(wait));
  return { prepared: prepared2, params: match.params, caller: caller2, ip, userAgent };
}
function refuseWith(reply, failure2) {
  sendFailure(reply, failure2);
  return void 0;
}
async function authenticated(gate, request, client) {
  const uid = request.headers["x-user-id"];
  const token = request.headers["x-auth-token"];
  if (typeof uid !== "string" || typeof token !== "string" || uid === "" || token === "") return null;
  if (uid.length > MAX_CREDENTIAL_LENGTH || token.length > MAX_CREDENTIAL_LENGTH) return null;
  return gate.authenticate(uid, token, client);
}
function refusalFor({ ctx, anonymousAllowed }, endpoint2, caller2) {
  if (!caller2) {
    if (endpoint2.auth === "user") return NOT_LOGGED_IN;
    if (endpoint2.auth === "user-or-anon" && !anonymousAllowed()) return NOT_LOGGED_IN;
  } else if (!caller2.username && !endpoint2.withoutUsername && endpoint2.auth !== "none") {
    return NO_USERNAME;
  }
  const needed = endpoint2.permissions;
  if (!needed) return void 0;
  const who = caller2 ?? ANONYMOUS;
  const granted = "all" in needed ? needed.all.every((permission) => ctx.permissions.has(who, permission)) : ctx.permissions.hasAny(who, needed.any);
  return granted ? void 0 : MISSING_PERMISSION;
}
function countCall({ ctx, limiter }, { endpoint: endpoint2, bucket }, caller2, ip, reply) {
  if (ctx.config.testMode || endpoint2.rateLimit === "none" || !ctx.settings.bool("API_Enable_Rate_Limiter"))
    return 0;
  if (ctx.permissions.has(caller2 ?? ANONYMOUS, "api-bypass-rate-limit")) return 0;
  const limit = limitOf(ctx, endpoint2);
  const now = ctx.clock.now();
  const state = limiter.take(bucket + addressBlock(ip), limit, now);
  reply.header("x-ratelimit-limit", limit.calls);
  reply.header("x-ratelimit-remaining", state.remaining);
  reply.header("x-ratelimit-reset", state.resetAt);
  return state.exceeded ? state.resetAt - now : 0;
}
function limitOf(ctx, { rateLimit }) {
  if (typeof rateLimit === "function") return rateLimit(ctx);
  if (typeof rateLimit === "object") return rateLimit;
  const calls = ctx.settings.int("API_Enable_Rate_Limiter_Limit_Calls_Default");
  const windowMs = ctx.settings.int("API_Enable_Rate_Limiter_Limit_Time_Default");
  return {
    calls: calls > 0 ? calls : DEFAULT_LIMIT.calls,
    windowMs: windowMs > 0 ? windowMs : DEFAULT_LIMIT.windowMs
  };
}

// server/src/rest/prepared-endpoint.ts
function routeOf(path) {
  return path.startsWith("/") ? path : `/api/v1/${path}`;
}
function prepareEndpoint(endpoint2, validation) {
  const route = routeOf(endpoint2.path);
  return {
    endpoint: endpoint2,
    route,
    bucket: `${endpoint2.method} ${route} `,
    checkQuery: endpoint2.query && validation.query(endpoint2.query),
    checkBody: endpoint2.body && validation.body(endpoint2.body),
    deprecation: endpoint2.deprecated && endpointDeprecation(route, endpoint2.deprecated)
  };
}
function endpointDeprecation(route, { version: version2, info: info2 }) {
  return {
    "x-deprecation-type": "endpoint-deprecation",
    "x-deprecation-version": version2,
    "x-deprecation-message": `The endpoint "${route}" is deprecated and will be removed on version ${version2} (${info2})`
  };
}
var PARAMETERS_REMOVED_IN = "9.0.0";
function parameterDeprecation(route, query) {
  const parameter = query.query !== void 0 ? "query" : query.fields !== void 0 ? "fields" : void 0;
  if (!parameter) return void 0;
  return {
    "x-deprecation-type": "parameter-deprecation",
    "x-deprecation-version": PARAMETERS_REMOVED_IN,
    "x-deprecation-message": `The usage of the "${parameter}" parameter in endpoint "${route}" breaks the security of the API and can lead to data exposure. It has been deprecated and will be removed in the version ${PARAMETERS_REMOVED_IN}.`
  };
}

// server/src/rest/answer.ts
async function answer(ctx, checkSecondFactor2, call, request, reply) {
  const { prepared: prepared2, caller: caller2 } = call;
  const { endpoint: endpoint2 } = prepared2;
  const query = request.query;
  const body2 = bodyFor(prepared2, request.body);
  if (prepared2.deprecation) reply.headers(prepared2.deprecation);
  const fault = prepared2.checkQuery?.(query, request.url.length) ?? prepared2.checkBody?.(body2, request.bodyBytes);
  if (fault !== void 0) {
    sendFailure(reply, invalidParams(fault));
    return;
  }
  if (ctx.config.allowUnsafeQueryAndFields && prepared2.checkQuery) {
    reply.headers(parameterDeprecation(prepared2.route, query) ?? {});
  }
  if (endpoint2.twoFactor && caller2) {
    await checkSecondFactor2(caller2, { headers: request.headers, mode: endpoint2.twoFactor });
  }
  const input = {
    // Null only where the endpoint's `auth` admits it, see `admit`.
    caller: caller2,
    query,
    body: body2,
    params: call.params,
    headers: request.headers,
    ip: call.ip,
    userAgent: call.userAgent
  };
  sendResult(reply, await endpoint2.handler(ctx, input));
}
function bodyFor({ checkBody }, body2) {
  if (body2 === void 0) return {};
  if (checkBody || typeof body2 === "object" && body2 !== null && !Array.isArray(body2)) return body2;
  return {};
}

// server/src/rest/endpoint-table.ts
var NO_PARAMS = Object.freeze({});
var EndpointTable = class {
  #fixed = /* @__PURE__ */ new Map();
  #patterns = [];
  /** Adds an endpoint under its full path; `:name` segments are parameters. Throws when it is declared twice. */
  add(method, path, value) {
    const entry = this.#entryOf(path);
    if (entry.methods.has(method)) throw new Error(`The endpoint ${method} ${path} is declared twice.`);
    entry.methods.set(method, value);
    entry.allow = [...entry.methods.keys(), "OPTIONS"].join(", ");
  }
  /** Looks up a raw request path (still percent-encoded, without the query string). */
  find(path) {
    const fixed = this.#fixed.get(path);
    if (fixed) return fixed;
    const segments = decodeSegments(path);
    if (!segments) return void 0;
    for (const pattern of this.#patterns) {
      const params = matchSegments(pattern.segments, segments);
      if (params) return { entry: pattern.entry, params };
    }
    return path.includes("%") ? this.#fixed.get(segments.join("/")) : void 0;
  }
  #entryOf(path) {
    const segments = path.split("/");
    if (!segments.some((segment) => segment.startsWith(":"))) {
      const known3 = this.#fixed.get(path);
      if (known3) return known3.entry;
      const entry2 = { methods: /* @__PURE__ */ new Map(), allow: "" };
      this.#fixed.set(path, { entry: entry2, params: NO_PARAMS });
      return entry2;
    }
    const known2 = this.#patterns.find((pattern) => pattern.segments.join("/") === path);
    if (known2) return known2.entry;
    const entry = { methods: /* @__PURE__ */ new Map(), allow: "" };
    this.#patterns.push({ segments, entry });
    return entry;
  }
};
function decodeSegments(path) {
  try {
    return path.split("/").map((segment) => storableText(decodeURIComponent(segment)));
  } catch {
    return void 0;
  }
}
function matchSegments(pattern, segments) {
  if (pattern.length !== segments.length) return void 0;
  const params = {};
  for (const [index2, expected] of pattern.entries()) {
    const given2 = segments[index2] ?? "";
    if (!expected.startsWith(":")) {
      if (expected !== given2) return void 0;
    } else if (given2 === "") {
      return void 0;
    } else {
      params[expected.slice(1)] = given2;
    }
  }
  return params;
}

// server/src/rest/parse-query.ts
import { parse as parsePlain } from "node:querystring";
import { parse as parseNested } from "qs";
var MAX_PARAMETERS = 1e3;
var MAX_DEPTH4 = 5;
function parseQuery(text5) {
  if (text5 === "") return {};
  if (text5.includes("[") || text5.includes("%5B") || text5.includes("%5b")) return parseForm(text5);
  const plain = {};
  const parsed = parsePlain(withoutZeros(text5), "&", "=", { maxKeys: MAX_PARAMETERS });
  for (const key2 of Object.keys(parsed)) {
    if (key2 !== "" && !(key2 in Object.prototype)) plain[key2] = parsed[key2];
  }
  return plain;
}
function parseForm(text5) {
  return parseNested(withoutZeros(text5), {
    depth: MAX_DEPTH4,
    parameterLimit: MAX_PARAMETERS,
    arrayLimit: MAX_PARAMETERS
  });
}
function withoutZeros(text5) {
  return text5.replaceAll("%00", "%EF%BF%BD").replaceAll("\0", "\uFFFD");
}

// server/src/rest/parse-body.ts
var MAX_DEPTH5 = 100;
var SUSPICIOUS = /__proto__|constructor|\\u00[5-7]/i;
function bodyKindOf(contentType) {
  if (!contentType) return "none";
  const end = contentType.indexOf(";");
  const mediaType = (end < 0 ? contentType : contentType.slice(0, end)).trim().toLowerCase();
  if (mediaType === "application/json" || mediaType.endsWith("+json")) return "json";
  return mediaType === "application/x-www-form-urlencoded" ? "form" : "none";
}
function parseBody(kind, bytes2) {
  if (kind === "none" || bytes2.length === 0) return {};
  let text5 = bytes2.toString("utf8");
  if (kind === "form") return parseForm(text5);
  if (text5.charCodeAt(0) === 65279) text5 = text5.slice(1);
  if (text5.length > 2 * MAX_DEPTH5 && nestsDeeperThan(text5, MAX_DEPTH5)) {
    fail("error-invalid-params", `The request body is nested deeper than ${MAX_DEPTH5} levels`);
  }
  try {
    return SUSPICIOUS.test(text5) || mayHoldUnstorable(text5) ? JSON.parse(text5, cleaned) : JSON.parse(text5);
  } catch {
    return {};
  }
}
function cleaned(key2, value) {
  if (key2 === "__proto__") return void 0;
  if (typeof value === "string") return storableText(value);
  if (key2 === "constructor" && typeof value === "object" && value !== null && Object.hasOwn(value, "prototype")) {
    return void 0;
  }
  return value;
}
function nestsDeeperThan(text5, limit) {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text5.length; i++) {
    const char = text5.charCodeAt(i);
    if (inString) {
      if (char === 92) i++;
      else if (char === 34) inString = false;
    } else if (char === 34) {
      inString = true;
    } else if (char === 123 || char === 91) {
      if (++depth > limit) return true;
    } else if (char === 125 || char === 93) {
      depth--;
    }
  }
  return false;
}

// server/src/rest/rate-limiter.ts
var SWEEP_EVERY_MS = 6e4;
var RateLimiter = class {
  #buckets = /* @__PURE__ */ new Map();
  #maxBuckets;
  #nextSweep = 0;
  constructor(maxBuckets = 1e5) {
    this.#maxBuckets = maxBuckets;
  }
  get size() {
    return this.#buckets.size;
  }
  /** Counts a call at `now` (ms). A refused call does not lengthen the wait. */
  take(key2, limit, now) {
    let bucket = this.#buckets.get(key2);
    if (!bucket || now >= bucket.resetAt) {
      this.#makeRoom(key2, now);
      bucket = { calls: 0, resetAt: now + limit.windowMs };
      this.#buckets.set(key2, bucket);
    }
    if (bucket.calls >= limit.calls) return { exceeded: true, remaining: 0, resetAt: bucket.resetAt };
    bucket.calls++;
    return { exceeded: false, remaining: limit.calls - bucket.calls, resetAt: bucket.resetAt };
  }
  #makeRoom(key2, now) {
    this.#buckets.delete(key2);
    if (now >= this.#nextSweep) {
      this.#nextSweep = now + SWEEP_EVERY_MS;
      for (const [other, bucket] of this.#buckets) if (now >= bucket.resetAt) this.#buckets.delete(other);
    }
    if (this.#buckets.size < this.#maxBuckets) return;
    for (const oldest of this.#buckets.keys()) {
      this.#buckets.delete(oldest);
      return;
    }
  }
};

// server/src/rest/refuse-garbage.ts
var TOO_SLOW = failure(408, "The request took too long");
var HEAD_TOO_LARGE = failure(431, "The URL or the headers are too large");
var NOT_HTTP = failure(400, "Bad Request");
function refuseGarbage(error, socket) {
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  if (socket.writable) {
    const { status, body: body2 } = failureFor(error.code);
    const text5 = JSON.stringify(body2);
    socket.write(
      `HTTP/1.1 ${status} ${PHRASES[status]}\r
connection: close\r
content-type: application/json\r
content-length: ${Buffer.byteLength(text5)}\r
\r
${text5}`
    );
  }
  socket.destroySoon();
}
var PHRASES = {
  400: "Bad Request",
  408: "Request Timeout",
  431: "Request Header Fields Too Large"
};
function failureFor(code) {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return TOO_SLOW;
  return code === "HPE_HEADER_OVERFLOW" ? HEAD_TOO_LARGE : NOT_HTTP;
}

// server/src/rest/send-error.ts
function sendError(ctx, error, request, reply) {
  const expected = failureOfFramework(error, ctx.config.limits.bodyBytes) ?? failureOf(error);
  if (!(error instanceof Refusal) && expected?.status !== 400 && expected?.status !== 413)
    logBug(ctx, error, request);
  if (reply.sent) return;
  if (expected) {
    sendFailure(reply, expected);
    return;
  }
  reply.header("x-request-id", request.id);
  const stack = ctx.config.testMode && error instanceof Error ? { stack: error.stack } : {};
  sendFailure(reply, { status: INTERNAL_ERROR.status, body: { ...INTERNAL_ERROR.body, ...stack } });
}
function failureOfFramework(error, bodyLimit) {
  if (!(error instanceof Error)) return void 0;
  const { code, statusCode } = error;
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return bodyTooLarge(bodyLimit);
  const isAboutTheRequest = typeof code === "string" && (code.startsWith("FST_ERR_") || code === "ECONNRESET");
  return isAboutTheRequest && typeof statusCode === "number" && statusCode < 500 ? failure(400, error.message) : void 0;
}
function logBug(ctx, error, request) {
  const endpoint2 = `${request.method} ${request.restCall?.prepared.route ?? request.routeOptions?.url ?? ""}`;
  const uid = request.restCall?.caller?.uid;
  ctx.log.error({ error: describeError(error), requestId: request.id, endpoint: endpoint2, uid }, "request failed");
}

// server/src/rest/validation.ts
import { Ajv as Ajv2 } from "ajv";
var THOROUGH_BELOW_BYTES = 16384;
var MAX_MESSAGES = 20;
var OPTIONS = {
  // A misspelt keyword or format of a declaration must not pass silently.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  strictRequired: false,
  allowUnionTypes: true,
  // Our own declarations; TypeBox made them, and checking them against the meta schema triples the time to compile.
  meta: false,
  validateSchema: false,
  formats: {
    basic_email: /^[^@]+@[^@]+$/,
    isNotEmpty: (text5) => text5.trim() !== "",
    // "Any string Date can parse" (spec 00 §1).
    "date-time": (text5) => !Number.isNaN(Date.parse(text5))
  }
};
var Validation = class {
  #query = new AjvPair("array");
  #body = new AjvPair(true);
  /** For query strings: also a scalar becomes a one-element array and the reverse (spec 00 §5.2). */
  query(schema) {
    return this.#query.check(schema);
  }
  body(schema) {
    return this.#body.check(schema);
  }
};
var AjvPair = class {
  #coerceTypes;
  #first;
  #all;
  constructor(coerceTypes) {
    this.#coerceTypes = coerceTypes;
  }
  check(schema) {
    let first;
    let all;
    return (data, bytes2) => {
      if (!first) {
        this.#first ??= new Ajv2({ ...OPTIONS, coerceTypes: this.#coerceTypes });
        first = this.#first.compile(schema);
      }
      if (first(data)) return void 0;
      if (bytes2 > THOROUGH_BELOW_BYTES) return errorText(first.errors);
      if (!all) {
        this.#all ??= new Ajv2({ ...OPTIONS, coerceTypes: this.#coerceTypes, allErrors: true });
        all = this.#all.compile(schema);
      }
      return errorText(all(data) ? first.errors : all.errors);
    };
  }
};
function errorText(errors) {
  const messages2 = (errors ?? []).slice(0, MAX_MESSAGES).map((error) => error.message ?? error.keyword);
  return messages2.join("\n ");
}

// server/src/rest/server.ts
var REQUEST_TIMEOUT_MS = 3e5;
function createRestServer(deps) {
  const { ctx } = deps;
  const app = Fastify({
    logger: false,
    bodyLimit: ctx.config.limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    exposeHeadRoutes: false,
    routerOptions: { querystringParser: parseQuery },
    // An undecodable URL and the like: no route, so no handler of ours sees it.
    frameworkErrors: (error, request, reply) => sendError(ctx, error, request, reply),
    clientErrorHandler: refuseGarbage
  });
  app.decorateRequest("restCall", null);
  app.decorateRequest("bodyBytes", 0);
  app.setErrorHandler((error, request, reply) => sendError(ctx, error, request, reply));
  app.setNotFoundHandler((_, reply) => sendFailure(reply, NOT_FOUND));
  const gate = {
    ctx,
    table: tableOf(deps.endpoints),
    limiter: new RateLimiter(),
    authenticate: deps.authenticate,
    anonymousAllowed: deps.anonymousAllowed
  };
  void app.register((scope, _, registered) => {
    addApiRoute(scope, gate, deps.checkSecondFactor);
    registered();
  });
  return app;
}
function tableOf(endpoints) {
  const validation = new Validation();
  const table = new EndpointTable();
  for (const endpoint2 of endpoints) {
    const prepared2 = prepareEndpoint(endpoint2, validation);
    table.add(endpoint2.method, prepared2.route, prepared2);
  }
  return table;
}
function addApiRoute(scope, gate, checkSecondFactor2) {
  const { ctx } = gate;
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "buffer" }, (request, bytes2, done) => {
    request.bodyBytes = bytes2.length;
    try {
      done(null, parseBody(bodyKindOf(request.headers["content-type"]), bytes2));
    } catch (error) {
      done(error);
    }
  });
  scope.all("/api/*", {
    onRequest(request, reply, next) {
      if (bodyKindOf(request.headers["content-type"]) === "none") delete request.headers["content-type"];
      admit(gate, request, reply).then(
        (call) => {
          if (!call) return;
          request.restCall = call;
          next();
        },
        (error) => sendError(ctx, error, request, reply)
      );
    },
    // Not async: what Fastify does with a handler's promise costs more than catching its error here.
    handler(request, reply) {
      if (!request.restCall) throw new Error("A request reached its handler without being admitted.");
      answer(ctx, checkSecondFactor2, request.restCall, request, reply).catch(
        (error) => sendError(ctx, error, request, reply)
      );
    }
  });
}

// server/src/rooms/account-hooks.ts
import { isDeepStrictEqual as isDeepStrictEqual2 } from "node:util";

// server/src/messages/messages-of-user.store.ts
async function countByRoom(db, uid) {
  const rows = await db.selectFrom("messages").select((eb) => ["rid", eb.fn.countAll().filterWhere("hidden", "=", 0).as("visible")]).where("uid", "=", uid).groupBy("rid").execute();
  return rows.map((row) => ({ rid: row.rid, visible: Number(row.visible) }));
}
async function deleteMessagesBy(tx, uid, at) {
  const own2 = tx.selectFrom("messages").where("uid", "=", uid);
  await tx.insertInto("tombstones").columns(["kind", "id", "scope", "deleted_at", "doc"]).expression(
    own2.where("hidden", "=", 0).select((eb) => [
      eb.val("message").as("kind"),
      "id",
      "rid as scope",
      eb.val(at).as("deleted_at"),
      eb.val("{}").as("doc")
    ])
  ).execute();
  await tx.deleteFrom("message_mentions").where("mid", "in", own2.select("id")).execute();
  await tx.deleteFrom("message_stars").where("mid", "in", own2.select("id")).execute();
  await tx.deleteFrom("messages").where("uid", "=", uid).execute();
}
async function pageOfAuthor(db, uid, limit) {
  const rows = await db.selectFrom("messages").select("doc").where("uid", "=", uid).limit(limit).execute();
  return rows.map((row) => reviveMessage(row.doc));
}
async function moveToAuthor(tx, message) {
  await tx.updateTable("messages").set({ uid: message.u._id, updated_at: message._updatedAt.getTime(), doc: messageDoc(message) }).where("id", "=", message._id).execute();
}

// server/src/messages/erase-messages-of-user.ts
var PAGE = 500;
async function eraseMessagesOfUser(ctx, tx, uid, erasure) {
  if (erasure === "Keep") return [];
  if (erasure === "Delete") {
    const lost = await countByRoom(tx, uid);
    await deleteMessagesBy(tx, uid, ctx.clock.stamp());
    return lost;
  }
  const u = { _id: "rocket.cat", username: "rocket.cat", name: "Rocket.Cat" };
  for (; ; ) {
    const page3 = await pageOfAuthor(tx, uid, PAGE);
    for (const message of page3) {
      await moveToAuthor(tx, {
        ...message,
        u,
        alias: "Removed User",
        _updatedAt: new Date(ctx.clock.stamp())
      });
    }
    if (page3.length < PAGE) return [];
  }
}

// server/src/rooms/room-limits.ts
var MAX_ROOM_NAME = 255;
var MAX_TEXT2 = 1e4;
var MAX_CUSTOM_FIELDS = 2e4;
var MAX_JOIN_CODE = 255;
function refuseLongName(displayName) {
  if (displayName.length <= MAX_ROOM_NAME) return;
  const reason = `A room name has at most ${MAX_ROOM_NAME} characters.`;
  fail("error-invalid-room-name", reason, { function: "RocketChat.getValidRoomName" });
}
function refuseHugeDetails({ customFields: customFields2, joinCode, ...details }) {
  const { topic = "", description = "", announcement = "" } = details;
  if ([topic, description, announcement].some((text5) => text5.length > MAX_TEXT2))
    fail("error-invalid-params", `Topic, description and announcement have at most ${MAX_TEXT2} characters`);
  if (customFields2 && JSON.stringify(customFields2).length > MAX_CUSTOM_FIELDS)
    fail("error-invalid-params", `Custom fields have at most ${MAX_CUSTOM_FIELDS} characters`);
  if (joinCode && joinCode.length > MAX_JOIN_CODE)
    fail("error-invalid-params", `A join code has at most ${MAX_JOIN_CODE} characters`);
}

// server/src/rooms/room-name.ts
async function validRoomName(ctx, db, displayName, except) {
  refuseLongName(displayName);
  const free = ctx.settings.bool("UI_Allow_room_names_with_special_chars");
  const slug2 = free ? slugify(displayName) : displayName;
  const details = { function: "RocketChat.getValidRoomName", channel_name: escapeHtml(slug2) };
  if (free) {
    const same = await roomByDisplayName(db, displayName);
    if (same && same.id !== except) duplicate(slug2, same.archived, details);
  }
  if (!matchesRoomNames(ctx, slug2) || isSystemBlocked(ctx, slug2)) {
    fail("error-invalid-room-name", `${escapeHtml(slug2)} is not a valid room name.`, details);
  }
  const taken = await roomByName(db, slug2);
  if (!taken || taken.id === except) return slug2;
  if (!free) duplicate(slug2, taken.archived, details);
  for (let n = 1; ; n++) {
    const candidate = `${slug2}-${n}`;
    if (!await roomByName(db, candidate)) return candidate;
  }
}
var refuseTakenName2 = (slug2) => duplicate(slug2, false, { function: "RocketChat.getValidRoomName", channel_name: escapeHtml(slug2) });
function duplicate(slug2, archived, details) {
  if (archived)
    fail("error-archived-duplicate-name", `There's an archived channel with name ${slug2}`, details);
  fail("error-duplicate-channel-name", `A channel with name '${slug2}' exists`, details);
}
async function refuseTakenHandle(ctx, db, slug2, { isUsername, ownTeamId }) {
  const team = await teamByName(db, slug2);
  if (await isUsername(slug2) || team && team.id !== ownTeamId) {
    fail("error-duplicate-handle", `A room, team or user with name '${slug2}' already exists`);
  }
  const blocked = ["all", "here", ...words2(ctx.settings.text("Accounts_BlockedUsernameList"))];
  if (blocked.includes(slug2.toLowerCase())) {
    const details = { method: "checkUsernameAvailability", field: slug2 };
    fail("error-blocked-username", `${slug2} is blocked and can't be used!`, details);
  }
}
function matchesRoomNames(ctx, slug2) {
  const pattern = ctx.settings.text("UTF8_Channel_Names_Validation") || DEFAULT_PATTERN2;
  return compile(pattern).test(slug2);
}
var DEFAULT_PATTERN2 = "[0-9a-zA-Z-_.]+";
function compile(pattern) {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return new RegExp(`^(?:${DEFAULT_PATTERN2})$`);
  }
}
var isSystemBlocked = (ctx, slug2) => words2(ctx.settings.text("Accounts_SystemBlockedUsernameList")).includes(slug2.toLowerCase());
var words2 = (list) => list.split(",").map((word) => word.trim().toLowerCase()).filter(Boolean);
function slugify(displayName) {
  const plain = displayName.normalize("NFKD").replace(/\p{M}+/gu, "");
  return plain.replace(/[^0-9a-zA-Z]+/g, "-").replace(/^-+|-+$/g, "");
}
var ENTITIES = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;"
};
var escapeHtml = (text5) => text5.replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);

// server/src/rooms/create-room.ts
async function createRoom(ctx, caller2, input) {
  const team = await teamOf(ctx, input);
  if (!await mayCreate(ctx, caller2, input.type, team)) {
    if (input.type === "c") forbid();
    fail("error-not-allowed", "Not allowed", { method: "createPrivateGroup" });
  }
  if (input.name === "" && input.emptyNameText) refuse(input.emptyNameText);
  const displayName = input.name.trim();
  if (!displayName) fail("error-invalid-name", "Invalid name", { function: "RocketChat.createRoom" });
  if (!caller2.username) fail("error-invalid-user", "Invalid user", { function: "RocketChat.createRoom" });
  const members2 = await membersOf2(ctx, caller2, input);
  const draft = roomDraft(ctx, caller2, input, team);
  refuseHugeDetails(draft.details);
  try {
    return await ctx.write(async (tx, emit) => {
      const slug2 = await validRoomName(ctx, tx, displayName);
      return storeRoom(ctx, tx, emit, caller2, {
        ...draft,
        slug: slug2,
        displayName,
        members: members2,
        owned: !input.excludeSelf
      });
    });
  } catch (error) {
    if (isUniqueViolation(error)) refuseTakenName2(displayName);
    throw error;
  }
}
async function teamOf(ctx, input) {
  const teamId = input.extraData?.teamId;
  return typeof teamId === "string" && teamId ? teamById(ctx.db, teamId) : void 0;
}
async function mayCreate(ctx, caller2, type, team) {
  if (!team) return ctx.permissions.has(caller2, `create-${type}`);
  return hasInRoom(ctx, caller2, type === "c" ? "create-team-channel" : "create-team-group", team.room_id);
}
async function membersOf2(ctx, caller2, input) {
  const usernames = [...new Set(input.members ?? [])];
  const byName = usernames.length > 0 ? inOrder(usernames, await findUsers(ctx, { usernames })) : [];
  const ids = await teamsMemberIds(ctx, caller2, input.teams ?? []);
  if (!input.excludeSelf) ids.unshift(caller2.uid);
  const byId = ids.length > 0 ? await findUsers(ctx, { ids: [...new Set(ids)] }) : [];
  const self = byId.filter((user2) => user2._id === caller2.uid);
  const all = /* @__PURE__ */ new Map();
  for (const user2 of [...self, ...byName, ...byId]) {
    const skipped = input.excludeSelf && user2._id === caller2.uid;
    if (!skipped && user2.username) all.set(user2._id, user2);
  }
  return [...all.values()];
}
function inOrder(usernames, users) {
  const byKey = new Map(users.map((user2) => [user2.username?.toLowerCase(), user2]));
  return usernames.flatMap((name) => byKey.get(name.toLowerCase()) ?? []);
}
async function teamsMemberIds(ctx, caller2, names) {
  const ids = [];
  for (const name of names.slice(0, 100)) {
    const team = await teamByName(ctx.db, name);
    if (!team) continue;
    const visible2 = team.type === 0 || ctx.permissions.has(caller2, "view-all-teams") || await isTeamMember(ctx.db, team.id, caller2.uid);
    if (visible2) ids.push(...await teamMemberIds(ctx.db, team.id));
  }
  return ids;
}
function roomDraft(ctx, caller2, input, team) {
  const extra = input.extraData ?? {};
  const broadcast = extra.broadcast === true;
  const details = {
    u: callerRef(caller2),
    sysMes: true,
    customFields: input.customFields ?? {},
    ...typeof extra.topic === "string" ? { topic: extra.topic } : {},
    ...typeof extra.broadcast === "boolean" ? { broadcast } : {},
    ...typeof extra.encrypted === "boolean" ? { encrypted: extra.encrypted } : encryptedByDefault(ctx, input.type)
  };
  return { type: input.type, readOnly: broadcast || input.readOnly === true, details, team };
}
var encryptedByDefault = (ctx, type) => type === "p" && ctx.settings.bool("E2E_Enable") && ctx.settings.bool("E2E_Enabled_Default_PrivateRooms") ? { encrypted: true } : {};
async function storeRoom(ctx, tx, emit, creator, room2) {
  const at = ctx.clock.stamp();
  const id = room2.id ?? newId();
  await insertRoom(tx, {
    id,
    t: room2.type,
    name: room2.slug,
    fname: room2.displayName,
    creator_id: creator.uid,
    ts: at,
    updated_at: at,
    msgs: 0,
    users_count: room2.members.length,
    lm: null,
    last_message: null,
    archived: 0,
    ro: Number(room2.readOnly),
    is_default: Number(room2.isDefault ?? false),
    team_id: room2.team?.id ?? null,
    team_main: 0,
    prid: null,
    join_code: null,
    doc: JSON.stringify(room2.details)
  });
  const stored = await roomById(tx, id);
  if (!stored) throw new Error(`room ${id} vanished in its own transaction`);
  const isCreator = (user2) => user2._id === creator.uid && room2.owned;
  const memberships2 = await insertMemberships(
    tx,
    stored,
    room2.members.map((user2, position) => ({
      uid: user2._id,
      joinedAt: at,
      position,
      open: true,
      alert: false,
      unread: 0,
      userMentions: 0,
      lastSeenAt: isCreator(user2) ? at : null,
      roles: isCreator(user2) ? ["owner"] : [],
      favorite: false,
      details: membershipDetails(user2)
    }))
  );
  const wire2 = presentRoom(stored);
  memberships2.forEach((membership, index2) => {
    const user2 = room2.members[index2];
    if (!user2) return;
    const subscription = presentSubscription(membership, stored, userRef(user2));
    emit("membership.changed", { action: "inserted", rid: id, uid: user2._id, subscription, room: wire2 });
  });
  if (room2.team && room2.type === "c") await announceInTeam(ctx, tx, emit, room2.team, stored);
  return stored;
}
async function announceInTeam(ctx, tx, emit, team, room2) {
  const main = await recordActivity(tx, team.room_id, ctx.clock.stamp(), { messages: 1, members: 0 });
  if (!main) return;
  const message = { t: "user-added-room-to-team", msg: room2.name ?? "", user: room2.details.u };
  await postSystemMessage(ctx, tx, emit, main, message);
  emit("room.changed", { action: "updated", rid: main.id, room: presentRoom(main) });
}

// server/src/rooms/default-rooms.ts
async function joinDefaultRooms(ctx, tx, emit, user2, { silent }) {
  if (!user2.username) return;
  for (const room2 of await defaultRooms(tx)) {
    await addToRoom(ctx, tx, emit, room2.id, user2, { silent, skipBanned: true });
  }
}
async function ensureGeneralChannel(ctx) {
  if (ctx.settings.bool("Initial_Channel_Created")) return;
  await ctx.write(async (tx, emit) => {
    await storeSetting(ctx, tx, emit, "Initial_Channel_Created", true);
    if (await roomById(tx, "GENERAL")) return;
    await storeRoom(
      ctx,
      tx,
      emit,
      { uid: "rocket.cat" },
      {
        id: "GENERAL",
        type: "c",
        slug: "general",
        displayName: "general",
        readOnly: false,
        isDefault: true,
        details: {
          u: { _id: "rocket.cat", username: "rocket.cat", name: "Rocket.Cat" },
          sysMes: true,
          customFields: {}
        },
        team: void 0,
        members: [],
        owned: false
      }
    );
  });
}

// server/src/messages/delete-messages-of-room.ts
var deleteMessagesOfRoom = (tx, rid) => deleteAllOfRoom(tx, rid);

// server/src/rooms/delete-room.ts
var DETAILS9 = { method: "eraseRoom" };
async function eraseRoom(ctx, caller2, rid) {
  const room2 = await roomById(ctx.db, rid);
  if (!room2) fail("error-invalid-room", "Invalid room", DETAILS9);
  if (room2.teamMain) fail("error-cannot-delete-team-channel", "Cannot delete a team channel", DETAILS9);
  if (!await hasInRoom(ctx, caller2, `delete-${room2.type}`, rid))
    fail("error-not-allowed", "Not allowed", DETAILS9);
  const team = room2.teamId === null ? void 0 : await teamById(ctx.db, room2.teamId);
  const permission = room2.type === "c" ? "delete-team-channel" : "delete-team-group";
  if (team && !await hasInRoom(ctx, caller2, permission, team.room_id))
    fail("error-not-allowed", "Not allowed", DETAILS9);
  await ctx.write(async (tx, emit) => {
    const current = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 0, members: 0 });
    if (!current) fail("error-invalid-room", "Invalid room", DETAILS9);
    await removeRoom(ctx, tx, emit, current);
    if (team) await announceInTeam2(ctx, tx, emit, team.room_id, room2, callerRef(caller2));
  });
}
async function removeRoom(ctx, tx, emit, room2) {
  const at = ctx.clock.stamp();
  await deleteMessagesOfRoom(tx, room2.id);
  const members2 = await deleteMembershipsOfRoom(tx, room2.id, at);
  if (room2.teamMain && room2.teamId !== null) await dissolveTeam(ctx, tx, emit, room2.teamId, room2.id);
  await deleteRoom(tx, room2.id);
  await insertRoomTombstones(
    tx,
    room2.id,
    members2.map(({ membership }) => membership.uid),
    at
  );
  const wire2 = presentRoom(room2);
  emit("room.changed", { action: "removed", rid: room2.id, room: wire2 });
  for (const { membership, user: user2 } of members2) {
    const subscription = presentSubscription(membership, room2, user2);
    emit("membership.changed", { action: "removed", rid: room2.id, uid: membership.uid, subscription });
  }
}
async function dissolveTeam(ctx, tx, emit, teamId, mainRoomId) {
  await deleteTeam(tx, teamId);
  for (const room2 of await roomsOfTeam(tx, teamId)) {
    if (room2.id === mainRoomId) continue;
    const at = ctx.clock.stamp();
    const { teamDefault: _gone, ...details } = room2.details;
    await updateRoom(tx, room2.id, at, { teamId: null, details });
    await updateAllMemberships(tx, room2, at, {});
    const left = { ...room2, teamId: null, details, updatedAt: at };
    emit("memberships.touched", { rid: room2.id, who: "all", except: [], also: [] });
    emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(left) });
  }
}
async function announceInTeam2(ctx, tx, emit, mainRoomId, room2, user2) {
  const main = await recordActivity(tx, mainRoomId, ctx.clock.stamp(), { messages: 1, members: 0 });
  if (!main) return;
  await postSystemMessage(ctx, tx, emit, main, {
    t: "user-deleted-room-from-team",
    msg: room2.name ?? "",
    user: user2
  });
  emit("room.changed", { action: "updated", rid: main.id, room: presentRoom(main) });
}

// server/src/rooms/member-lists.store.ts
async function memberIds(db, rid) {
  const rows = await db.selectFrom("subscriptions").select("uid").where("rid", "=", rid).where("status", "is", null).orderBy("ts").orderBy("position").execute();
  return rows.map((row) => row.uid);
}
async function activeMemberships(db, rid) {
  const rows = await db.selectFrom("subscriptions").select(["uid", "roles"]).where("rid", "=", rid).where("status", "is", null).orderBy("ts").orderBy("position").execute();
  return rows.map(({ uid, roles }) => ({ uid, roles: parseDoc(roles) }));
}
async function memberUsernames(db, rid) {
  const rows = await db.selectFrom("subscriptions as s").innerJoin("users as u", "u.id", "s.uid").select("u.username").where("s.rid", "=", rid).where("s.status", "is", null).orderBy("s.ts").orderBy("s.position").execute();
  return rows.flatMap((row) => row.username ?? []);
}
var activeMembers = (db, rid) => db.selectFrom("subscriptions as s").innerJoin("users as u", "u.id", "s.uid").where("s.rid", "=", rid).where("s.status", "is", null).where("u.active", "=", 1);
function membersNotOffline(db, rid) {
  return activeMembers(db, rid).select(["u.id", "u.username"]).where("u.status", "!=", "offline").orderBy("u.username_key").limit(1e4).execute();
}
async function listMembers2(db, rid, options) {
  let matching = activeMembers(db, rid);
  const { text: text5, fields, statuses: statuses2 } = options;
  if (text5) {
    const pattern = containsPattern(text5);
    matching = matching.where(
      (eb) => eb.or([
        ...fields.includes("username") ? [isLike(eb.ref("u.username"), pattern)] : [],
        ...fields.includes("name") ? [isLike(eb.ref("u.name"), pattern)] : [],
        ...fields.includes("nickname") ? [isLike(jsonText(eb.ref("u.doc"), "nickname"), pattern)] : [],
        ...fields.includes("bio") ? [isLike(jsonText(eb.ref("u.doc"), "bio"), pattern)] : []
      ])
    );
  }
  if (statuses2 && statuses2.length > 0) matching = matching.where("u.status", "in", statuses2);
  let ordered = matching.select(["u.id", "u.username", "u.name", "u.status", "u.updated_at", "u.doc"]).orderBy("u.status_connection", "desc");
  if (options.byName && !options.order) ordered = ordered.orderBy("u.name");
  ordered = ordered.orderBy("u.username", options.order ?? "asc");
  const [rows, counted2] = await Promise.all([
    ordered.limit(options.count).offset(options.offset).execute(),
    matching.select((eb) => eb.fn.countAll().as("n")).executeTakeFirstOrThrow()
  ]);
  return { rows, total: Number(counted2.n) };
}
async function longestActiveMember(db, rid, except) {
  const row = await activeMembers(db, rid).selectAll("s").where("s.uid", "!=", except).orderBy("s.ts").orderBy("s.position").limit(1).executeTakeFirst();
  return row && membershipFromRow(row);
}

// server/src/rooms/account-hooks.ts
var roomHooks = {
  joinDefaultChannels: joinDefaultRooms,
  relinquishRooms,
  userRemoved,
  userRenamed,
  preferencesChanged,
  userDeactivated: (ctx, tx, emit, user2) => setDirectRoomsWritable(ctx, tx, emit, user2, false),
  userActivated: (ctx, tx, emit, user2) => setDirectRoomsWritable(ctx, tx, emit, user2, true),
  isTeamName: async (_ctx, db, name) => await teamByName(db, name) !== void 0,
  roomsOf
};
async function ownRooms(tx, uid) {
  const memberships2 = await membershipsOfUser(tx, uid);
  const rooms2 = new Map(
    (await roomsByIds(
      tx,
      memberships2.map((own2) => own2.rid)
    )).map((room2) => [room2.id, room2])
  );
  return memberships2.flatMap((membership) => {
    const room2 = rooms2.get(membership.rid);
    return room2 ? [{ membership, room: room2 }] : [];
  });
}
async function relinquishRooms(ctx, tx, emit, uid, { confirmRelinquish }) {
  const toRemove = [];
  const toHandOver = [];
  for (const { membership, room: room2 } of await ownRooms(tx, uid)) {
    if (room2.type === "d" || !isActiveMember(membership)) continue;
    const isSoleOwner = membership.roles.includes("owner") && await countRoomRole(tx, room2.id, "owner") === 1;
    const heir = await longestActiveMember(tx, room2.id, uid);
    if (isSoleOwner && heir) toHandOver.push({ room: room2, heir });
    else if (!heir && room2.type !== "c") toRemove.push(room2);
  }
  if (!confirmRelinquish && toRemove.length + toHandOver.length > 0) {
    fail("user-last-owner", "", {
      shouldBeRemoved: toRemove.map(roomLabel),
      shouldChangeOwner: toHandOver.map(({ room: room2 }) => roomLabel(room2))
    });
  }
  for (const { room: room2, heir } of toHandOver) await makeOwner(ctx, tx, emit, room2, heir);
  for (const room2 of toRemove) await removeRoom(ctx, tx, emit, room2);
}
async function makeOwner(ctx, tx, emit, room2, heir) {
  const at = ctx.clock.stamp();
  const roles = [.../* @__PURE__ */ new Set([...heir.roles, "owner"])];
  await setRoomRoles(tx, room2.id, heir.uid, roles, at);
  await keepTeamRolesInStep(tx, room2, heir.uid, "owner", true, at);
  const user2 = await loadUser(tx, heir.uid);
  if (!user2) return;
  const subscription = presentSubscription({ ...heir, roles, updatedAt: at }, room2, userRef(user2));
  emit("membership.changed", { action: "updated", rid: room2.id, uid: heir.uid, subscription });
  emit("roomRole.changed", {
    type: "added",
    role: "owner",
    rid: room2.id,
    isPublic: room2.type === "c",
    user: userRef(user2)
  });
}
async function userRemoved(ctx, tx, emit, user2, erasure) {
  for (const { rid, visible: visible2 } of await eraseMessagesOfUser(ctx, tx, user2._id, erasure)) {
    await recordActivity(tx, rid, ctx.clock.stamp(), { messages: -visible2, members: 0 });
    await showNewestMessage(ctx, tx, rid);
  }
  for (const { membership, room: room2 } of await ownRooms(tx, user2._id)) {
    if (room2.type === "d" && (room2.details.uids?.length ?? 0) <= 2) {
      await removeRoom(ctx, tx, emit, room2);
      continue;
    }
    const members2 = isActiveMember(membership) ? -1 : 0;
    const changed = await recordActivity(tx, room2.id, ctx.clock.stamp(), { messages: 0, members: members2 });
    await removeMembership(tx, membership, ctx.clock.stamp());
    if (changed && room2.type === "d") await forgetDirectMember(ctx, tx, changed, user2);
    if (room2.teamMain && room2.teamId !== null) await removeTeamMember(tx, room2.teamId, user2._id);
    const subscription = presentSubscription(membership, room2, userRef(user2));
    emit("membership.changed", { action: "removed", rid: room2.id, uid: user2._id, subscription });
    if (changed) emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(changed) });
  }
}
async function forgetDirectMember(ctx, tx, room2, gone) {
  room2.details = {
    ...room2.details,
    uids: room2.details.uids?.filter((uid) => uid !== gone._id),
    usernames: room2.details.usernames?.filter((username) => username !== gone.username)
  };
  await updateRoom(tx, room2.id, ctx.clock.stamp(), { details: room2.details });
}
async function showNewestMessage(ctx, tx, rid) {
  const newest = await lastUserMessage(tx, rid);
  await updateRoom(tx, rid, ctx.clock.stamp(), {
    lastMessage: newest && ctx.settings.bool("Store_Last_Message") ? messageDoc(newest) : null,
    lastMessageAt: newest?.ts.getTime() ?? null
  });
}
async function userRenamed(ctx, tx, emit, user2, old) {
  for (const { membership, room: room2 } of await ownRooms(tx, user2._id)) {
    await touchMembership(ctx, tx, emit, room2, membership, user2);
    const { muted, unmuted, usernames } = room2.details;
    const swap = (names) => names?.map((name) => name === old.username ? user2.username ?? name : name);
    const at = ctx.clock.stamp();
    if (usernames || muted || unmuted) {
      const details = { ...room2.details };
      if (usernames) details.usernames = swap(usernames);
      if (muted) details.muted = swap(muted);
      if (unmuted) details.unmuted = swap(unmuted);
      await updateRoom(tx, room2.id, at, { details });
      emit("room.changed", {
        action: "updated",
        rid: room2.id,
        room: presentRoom({ ...room2, details, updatedAt: at })
      });
    }
    if (room2.type === "d") await renameInDirectRoom(ctx, tx, emit, room2, user2);
  }
}
async function touchMembership(ctx, tx, emit, room2, membership, user2, details = membership.details) {
  const at = ctx.clock.stamp();
  await updateMembership(tx, membership.id, at, { details });
  if (membership.status === "BANNED") return;
  const subscription = presentSubscription({ ...membership, details, updatedAt: at }, room2, userRef(user2));
  emit("membership.changed", { action: "updated", rid: room2.id, uid: user2._id, subscription });
}
async function renameInDirectRoom(ctx, tx, emit, room2, renamed) {
  const members2 = [];
  for (const uid of await memberIds(tx, room2.id)) {
    const member3 = uid === renamed._id ? renamed : await loadUser(tx, uid);
    if (member3) members2.push(member3);
  }
  for (const member3 of members2) {
    if (member3._id === renamed._id && members2.length > 1) continue;
    const membership = await membershipOf(tx, room2.id, member3._id);
    if (!membership) continue;
    const names = directNames(member3, members2);
    const name = members2.length > 2 ? names.name?.replaceAll(", ", ",") : names.name;
    const details = { ...membership.details, ...names, name };
    await touchMembership(ctx, tx, emit, room2, membership, member3, details);
  }
}
async function preferencesChanged(ctx, tx, emit, user2) {
  for (const { membership, room: room2 } of await ownRooms(tx, user2._id)) {
    const details = withPreferences(membership.details, user2);
    if (isDeepStrictEqual2(details, membership.details)) continue;
    const at = ctx.clock.stamp();
    await updateMembership(tx, membership.id, at, { details });
    if (!isActiveMember(membership)) continue;
    const subscription = presentSubscription({ ...membership, details, updatedAt: at }, room2, userRef(user2));
    emit("membership.changed", { action: "updated", rid: room2.id, uid: user2._id, subscription });
  }
}
async function setDirectRoomsWritable(ctx, tx, emit, user2, writable) {
  for (const { room: room2 } of await ownRooms(tx, user2._id)) {
    if (room2.type !== "d" || room2.details.uids?.length !== 2 || room2.readOnly === !writable) continue;
    const otherId = room2.details.uids.find((uid) => uid !== user2._id);
    const other = otherId === void 0 ? void 0 : await loadUser(tx, otherId);
    if (writable && !other?.active) continue;
    await updateRoom(tx, room2.id, ctx.clock.stamp(), { readOnly: !writable });
    const changed = await roomById(tx, room2.id);
    const membership = other && await membershipOf(tx, room2.id, other._id);
    if (changed && membership) {
      const { archived: _before, ...details } = membership.details;
      const shown = writable ? details : { ...details, archived: true };
      await touchMembership(ctx, tx, emit, changed, membership, other, shown);
    }
    if (changed) emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(changed) });
  }
}
async function roomsOf(ctx, uid) {
  const own2 = (await ownRooms(ctx.db, uid)).filter(({ membership }) => isActiveMember(membership));
  const shown = own2.map(({ membership, room: room2 }) => ({
    rid: room2.id,
    name: membership.details.name ?? room2.name ?? void 0,
    t: room2.type,
    ...membership.roles.length > 0 ? { roles: membership.roles } : {},
    unread: unreadState(membership, room2).unread
  }));
  return shown.sort((a, b) => a.t.localeCompare(b.t) || (a.name ?? "").localeCompare(b.name ?? ""));
}

// server/src/rooms/online-members.ts
var OnlineMembers = class {
  #db;
  #byRoom = /* @__PURE__ */ new Map();
  #byUser = /* @__PURE__ */ new Map();
  constructor(db) {
    this.#db = db;
  }
  /** Call for each login; the returned promise resolves when the user's rooms are known. */
  connected(uid) {
    const known2 = this.#byUser.get(uid);
    if (known2) {
      known2.connections++;
      return known2.loaded;
    }
    const user2 = {
      connections: 1,
      rooms: /* @__PURE__ */ new Set(),
      loaded: Promise.resolve(),
      changesWhileLoading: []
    };
    this.#byUser.set(uid, user2);
    user2.loaded = this.#load(uid, user2);
    user2.loaded.catch(() => {
    });
    return user2.loaded;
  }
  /** Resolves when the rooms of a connected user are known: from then on no event of theirs is missed. */
  ready(uid) {
    return this.#byUser.get(uid)?.loaded ?? Promise.resolve();
  }
  /** Call for each logout or closed connection. */
  disconnected(uid) {
    const user2 = this.#byUser.get(uid);
    if (!user2 || --user2.connections > 0) return;
    this.#byUser.delete(uid);
    for (const rid of user2.rooms) this.#forget(rid, uid);
  }
  apply(event) {
    const user2 = this.#byUser.get(event.uid);
    if (!user2) return;
    user2.changesWhileLoading?.push(event);
    if (event.action === "removed" || event.subscription.status) {
      user2.rooms.delete(event.rid);
      this.#forget(event.rid, event.uid);
      return;
    }
    this.#remember(
      event.rid,
      event.uid,
      user2,
      event.subscription.alert,
      event.subscription._updatedAt.getTime()
    );
  }
  /** Connected users who are active members of the room. */
  of(rid) {
    return this.#byRoom.get(rid)?.keys() ?? [];
  }
  isMember(rid, uid) {
    return this.#byRoom.get(rid)?.has(uid) ?? false;
  }
  /**
   * Whether a document read from the database may still be sent: false when the member has left or has been sent a newer
   * one while it was read.
   */
  maySend(rid, uid, updatedAt) {
    const state = this.#byRoom.get(rid)?.get(uid);
    if (!state || updatedAt < state.sentAt) return false;
    state.sentAt = updatedAt;
    return true;
  }
  /** Connected members who have not been told of anything unread since they last read; they count as told afterwards. */
  takeUnalerted(rid, except) {
    const taken = [];
    for (const [uid, state] of this.#byRoom.get(rid) ?? []) {
      if (state.alerted || except.has(uid)) continue;
      state.alerted = true;
      taken.push(uid);
    }
    return taken;
  }
  async #load(uid, user2) {
    const memberships2 = (await membershipsOfUser(this.#db, uid)).filter(isActiveMember);
    const rooms2 = new Map(
      (await roomsByIds(
        this.#db,
        memberships2.map((m) => m.rid)
      )).map((room2) => [room2.id, room2])
    );
    if (this.#byUser.get(uid) !== user2) return;
    for (const membership of memberships2) {
      const room2 = rooms2.get(membership.rid);
      if (room2) this.#remember(room2.id, uid, user2, unreadState(membership, room2).alert, 0);
    }
    const changes2 = user2.changesWhileLoading ?? [];
    user2.changesWhileLoading = void 0;
    for (const change2 of changes2) this.apply(change2);
  }
  #remember(rid, uid, user2, alerted, sentAt) {
    user2.rooms.add(rid);
    const members2 = this.#byRoom.get(rid);
    if (members2) members2.set(uid, { alerted, sentAt });
    else this.#byRoom.set(rid, /* @__PURE__ */ new Map([[uid, { alerted, sentAt }]]));
  }
  #forget(rid, uid) {
    const members2 = this.#byRoom.get(rid);
    members2?.delete(uid);
    if (members2?.size === 0) this.#byRoom.delete(rid);
  }
};

// server/src/rooms/leave.rest.ts
import { Type as Type15 } from "typebox";

// server/src/rooms/remove-from-room.ts
async function removeFromRoom(ctx, tx, emit, {
  room: room2,
  membership,
  user: user2,
  message
}) {
  await postSystemMessage(ctx, tx, emit, room2, message);
  await removeMembership(tx, membership, ctx.clock.stamp());
  if (room2.teamMain && room2.teamId !== null) await removeTeamMember(tx, room2.teamId, membership.uid);
  await stopWaitingForKey(ctx, tx, room2, membership.uid);
  emit("membership.changed", {
    action: "removed",
    rid: room2.id,
    uid: membership.uid,
    subscription: presentSubscription(membership, room2, user2)
  });
  for (const role2 of membership.roles)
    emit("roomRole.changed", { type: "removed", role: role2, rid: room2.id, isPublic: room2.type === "c", user: user2 });
  if (room2.teamMain) emit("room.accessChanged", { rid: room2.id, wholeTeam: true });
  emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(room2) });
}
async function stopWaitingForKey(ctx, tx, room2, uid) {
  const waiting = room2.details.usersWaitingForE2EKeys;
  if (!waiting?.some((entry) => entry.userId === uid)) return;
  room2.details.usersWaitingForE2EKeys = waiting.filter((entry) => entry.userId !== uid);
  await updateRoom(tx, room2.id, ctx.clock.stamp(), { details: room2.details });
}

// server/src/rooms/leave.ts
var DETAILS10 = { method: "leaveRoom" };
async function leaveRoom(ctx, caller2, rid) {
  const known2 = await roomById(ctx.db, rid);
  if (!known2) fail("error-invalid-room", "Invalid room", DETAILS10);
  if (known2.type === "d") fail("error-not-allowed", "Not allowed", DETAILS10);
  if (!ctx.permissions.has(caller2, `leave-${known2.type}`)) fail("error-not-allowed", "Not allowed", DETAILS10);
  return ctx.write(async (tx, emit) => {
    const room2 = await recordActivity(tx, rid, ctx.clock.stamp(), { messages: 1, members: -1 });
    if (!room2) fail("error-invalid-room", "Invalid room", DETAILS10);
    const membership = await membershipOf(tx, rid, caller2.uid);
    if (!isActiveMember(membership)) fail("error-user-not-in-room", "You are not in this room", DETAILS10);
    if (membership.roles.includes("owner") && await countRoomRole(tx, rid, "owner") === 1) {
      fail(
        "error-you-are-last-owner",
        "You are the last owner. Please set new owner before leaving the room.",
        DETAILS10
      );
    }
    const leaver = callerRef(caller2);
    const t = room2.teamMain ? "ult" : "ul";
    await removeFromRoom(ctx, tx, emit, {
      room: room2,
      membership,
      user: leaver,
      message: { t, msg: leaver.username, user: leaver }
    });
    return room2;
  });
}

// server/src/rooms/members.ts
async function findMembership(ctx, rid, uid) {
  const membership = await membershipOf(ctx.db, rid, uid);
  return membership?.status === "BANNED" ? void 0 : membership;
}
var roomMemberUsernames = (ctx, rid) => memberUsernames(ctx.db, rid);
async function mayListMembers(ctx, caller2, room2) {
  return !room2.details.broadcast || hasInRoom(ctx, caller2, "view-broadcast-member-list", room2.id);
}
async function pageOfMembers(ctx, room2, filter, page3) {
  const fields = ctx.settings.text("Accounts_SearchFields").split(",").map((field) => field.trim());
  const { rows, total } = await listMembers2(ctx.db, room2.id, {
    ...filter,
    fields,
    byName: ctx.settings.bool("UI_Use_Real_Name"),
    ...page3
  });
  return { members: rows.map(presentMember), total };
}
function presentMember(row) {
  const doc = JSON.parse(row.doc);
  return {
    _id: row.id,
    ...row.username ? { username: row.username } : {},
    ...row.name ? { name: row.name } : {},
    ...doc.nickname ? { nickname: doc.nickname } : {},
    status: row.status,
    ...doc.avatarETag ? { avatarETag: doc.avatarETag } : {},
    _updatedAt: new Date(row.updated_at)
  };
}
async function onlineMembersOf(ctx, room2) {
  const rows = await membersNotOffline(ctx.db, room2.id);
  return rows.map((row) => ({ _id: row.id, username: row.username ?? "" }));
}

// server/src/rooms/leave.rest.ts
var leaveChannel = endpoint({
  method: "POST",
  path: "channels.leave",
  summary: "Leaves a public channel. The answer carries the channel as it is afterwards.",
  auth: "user",
  body: roomIdOrName(),
  response: strict({ channel: Type15.Object({}, { description: "Room, with the usernames of who is left" }) }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { id } = await findChannel(ctx, body2);
    const left = await leaveRoom(ctx, caller2, id);
    return { channel: { ...presentRoom(left, caller2.uid), usernames: await roomMemberUsernames(ctx, id) } };
  }
});
var leaveGroup = endpoint({
  method: "POST",
  path: "groups.leave",
  summary: "Leaves a private group.",
  auth: "user",
  body: roomIdOrName(),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { id } = await findGroup(ctx, caller2, body2);
    await leaveRoom(ctx, caller2, id);
    return {};
  }
});
var leaveEndpoints = [leaveChannel, leaveGroup];

// server/src/rooms/lifecycle.rest.ts
import { Type as Type16 } from "typebox";

// server/src/rooms/archive.ts
async function archiveRoom(ctx, caller2, room2) {
  const details = { method: "archiveRoom" };
  if (room2.type === "d") fail("error-direct-message-room", "rooms type: d can not be archived", details);
  if (!await hasInRoom(ctx, caller2, "archive-room", room2.id))
    fail("error-not-authorized", "Not authorized", details);
  await setArchived(ctx, caller2, room2, true);
}
async function unarchiveRoom(ctx, caller2, room2) {
  if (!await hasInRoom(ctx, caller2, "unarchive-room", room2.id)) {
    fail("error-not-authorized", "Not authorized", { method: "unarchiveRoom" });
  }
  await setArchived(ctx, caller2, room2, false);
}
async function setArchived(ctx, caller2, known2, archived) {
  await ctx.write(async (tx, emit) => {
    const locked = await recordActivity(tx, known2.id, ctx.clock.stamp(), { messages: 0, members: 0 });
    if (!locked) fail("error-invalid-room", "Invalid room");
    if (locked.archived === archived) return;
    const at = ctx.clock.stamp();
    await updateRoom(tx, known2.id, at, { archived });
    const room2 = await recordActivity(tx, known2.id, at, { messages: 1, members: 0 });
    if (!room2) fail("error-invalid-room", "Invalid room");
    await updateAllMemberships(tx, room2, at, { open: !archived, alert: false, takeSeen: true });
    const t = archived ? "room-archived" : "room-unarchived";
    await postSystemMessage(ctx, tx, emit, room2, { t, msg: "", user: callerRef(caller2) });
    emit("memberships.touched", { rid: room2.id, who: "all", except: [], also: [] });
    emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(room2) });
  });
}

// server/src/rooms/convert-to-team.ts
async function convertToTeam(ctx, caller2, room2) {
  if (!ctx.permissions.has(caller2, "create-team")) forbid();
  if (!await hasInRoom(ctx, caller2, "edit-room", room2.id)) forbid();
  const name = room2.name ?? "";
  const taken = await findUserByUsername(ctx, name) !== void 0 || await teamByName(ctx.db, name) !== void 0;
  if (taken || room2.teamMain) refuse("team-name-already-exists");
  const user2 = await findUserById(ctx, caller2.uid);
  try {
    return await ctx.write(async (tx, emit) => {
      const main = await recordActivity(tx, room2.id, ctx.clock.stamp(), { messages: 1, members: 0 });
      if (!main) fail("error-invalid-room", "Invalid room");
      if (user2) await addToRoom(ctx, tx, emit, room2.id, user2, { silent: true, skipBanned: true });
      const membership = await membershipOf(tx, room2.id, caller2.uid);
      if (user2 && membership?.status === null && !membership.roles.includes("owner")) {
        await addRoomRole(ctx, tx, emit, room2.id, user2, "owner");
      }
      return foundTeam(ctx, tx, emit, caller2, room2.id, main);
    });
  } catch (error) {
    if (isUniqueViolation(error)) refuse("team-name-already-exists");
    throw error;
  }
}
async function foundTeam(ctx, tx, emit, caller2, rid, room2) {
  const at = ctx.clock.stamp();
  const actor = callerRef(caller2);
  const createdBy = { _id: actor._id, username: actor.username };
  const name = room2.name ?? "";
  const team = {
    id: newId(),
    name,
    name_key: name.toLowerCase(),
    type: room2.type === "c" ? 0 : 1,
    room_id: rid,
    created_at: at,
    updated_at: at,
    created_by: JSON.stringify(createdBy)
  };
  await insertTeam(tx, team);
  await addTeamMembers(tx, team.id, await activeMemberships(tx, rid), createdBy, at);
  await updateRoom(tx, rid, at, { teamId: team.id, teamMain: true });
  const main = await recordActivity(tx, rid, at, { messages: 0, members: 0 });
  if (!main) fail("error-invalid-room", "Invalid room");
  await postSystemMessage(ctx, tx, emit, main, { t: "user-converted-to-team", msg: name, user: actor });
  await updateAllMemberships(tx, main, at, {});
  emit("memberships.touched", { rid, who: "all", except: [], also: [] });
  emit("room.changed", { action: "updated", rid, room: presentRoom(main) });
  return team;
}
function presentTeam(team) {
  return {
    _id: team.id,
    name: team.name,
    type: team.type,
    roomId: team.room_id,
    createdAt: new Date(team.created_at),
    createdBy: JSON.parse(team.created_by),
    _updatedAt: new Date(team.updated_at)
  };
}

// server/src/rooms/visibility.ts
function openRoom(ctx, caller2, rid) {
  return changeOwn(ctx, caller2, rid, () => ({ open: true }));
}
function hideRoom(ctx, caller2, rid) {
  return changeOwn(ctx, caller2, rid, (membership, room2) => ({
    open: false,
    alert: false,
    // The activity so far is taken as seen (only a later message re-opens the room), the unread counters are not.
    seen: {
      activitySeq: room2.activitySeq,
      unreadSeq: membership.seenUnreadSeq,
      groupSeq: membership.seenGroupSeq
    }
  }));
}
function setFavorite(ctx, caller2, rid, favorite2) {
  return changeOwn(ctx, caller2, rid, () => ({ favorite: favorite2 }));
}
function changeOwn(ctx, caller2, rid, changeFor) {
  return ctx.write(async (tx, emit) => {
    const room2 = await roomById(tx, rid);
    const membership = await membershipOf(tx, rid, caller2.uid);
    if (!room2 || !membership || membership.status === "BANNED") return;
    await updateMembership(tx, membership.id, ctx.clock.stamp(), changeFor(membership, room2));
    const current = await membershipOf(tx, rid, caller2.uid);
    if (!current) return;
    const subscription = presentSubscription(current, room2, callerRef(caller2));
    emit("membership.changed", { action: "updated", rid, uid: caller2.uid, subscription });
  });
}

// server/src/rooms/lifecycle.rest.ts
function create(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.create`,
    summary: `Creates a ${family.noun}.`,
    auth: "user",
    body: strict({
      name: Type16.String(),
      members: Type16.Optional(Type16.Array(Type16.String(), { maxItems: 1e4 })),
      ...family.type === "c" ? { teams: Type16.Optional(Type16.Array(Type16.String(), { maxItems: 100 })) } : {},
      readOnly: Type16.Optional(Type16.Boolean()),
      excludeSelf: Type16.Optional(Type16.Boolean()),
      customFields: Type16.Optional(freeObject),
      extraData: Type16.Optional(freeObject)
    }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const { teams: teams2 } = body2;
      const emptyNameText = family.type === "c" ? 'Param "name" is required' : 'Body param "name" is required';
      const input = { type: family.type, ...body2, teams: teams2, emptyNameText };
      return roomAnswer(family, caller2, await createRoom(ctx, caller2, input));
    }
  });
}
var where = (room2) => room2.parentId !== null ? roomLabel(room2) : room2.name;
function open(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.open`,
    summary: "Shows the room in the own sidebar.",
    auth: "user",
    body: roomIdOrName({ query: Type16.Optional(Type16.String()), sort: Type16.Optional(Type16.String()) }),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2, "allowed");
      const membership = await findMembership(ctx, room2.id, caller2.uid);
      if (!membership) {
        if (family.type === "c") refuse(`The user/callee is not in the channel "${where(room2)}".`);
        refuse(`The user/callee is not in the private group "${where(room2)}".`);
      }
      if (unreadState(membership, room2).open) {
        if (family.type === "c") refuse(`The channel, ${where(room2)}, is already open to the sender`);
        refuse(`The private group, ${where(room2)}, is already open for the sender`);
      }
      await openRoom(ctx, caller2, room2.id);
      return {};
    }
  });
}
function close(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.close`,
    summary: "Hides the room from the own sidebar until the next message.",
    auth: "user",
    body: roomIdOrName(),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2, "allowed");
      const membership = await findMembership(ctx, room2.id, caller2.uid);
      if (!membership && family.type === "c")
        refuse(`The user/callee is not in the channel "${where(room2)}.`);
      if (!membership || !unreadState(membership, room2).open) {
        refuse(`The ${family.noun}, ${where(room2)}, is already closed to the sender`);
      }
      await hideRoom(ctx, caller2, room2.id);
      return {};
    }
  });
}
function archive(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.archive`,
    summary: "Archives the room: nobody can post any more.",
    auth: "user",
    body: roomIdOrName(),
    async handler(ctx, { caller: caller2, body: body2 }) {
      await archiveRoom(ctx, caller2, await family.find(ctx, caller2, body2));
      return {};
    }
  });
}
function unarchive(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.unarchive`,
    summary: "Brings an archived room back.",
    auth: "user",
    body: roomIdOrName(),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2, "allowed");
      if (family.type === "c" && !room2.archived) refuse(`The channel, ${room2.name}, is not archived`);
      await unarchiveRoom(ctx, caller2, room2);
      return {};
    }
  });
}
function erase2(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.delete`,
    summary: "Deletes the room with everything in it.",
    auth: "user",
    body: roomIdOrName(),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2, "allowed");
      await eraseRoom(ctx, caller2, room2.id);
      return {};
    }
  });
}
var convertChannel = endpoint({
  method: "POST",
  path: "channels.convertToTeam",
  summary: "Makes a channel the main room of a new team.",
  auth: "user",
  permissions: { all: ["create-team"] },
  body: oneOf(strict({ channelId: Type16.String() }), strict({ channelName: Type16.String() })),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { channelId, channelName } = body2;
    const selector = channelId === void 0 ? { roomName: channelName } : { roomId: channelId };
    const room2 = await CHANNELS.find(ctx, caller2, selector);
    return { team: presentTeam(await convertToTeam(ctx, caller2, room2)) };
  }
});
var convertGroup = endpoint({
  method: "POST",
  path: "groups.convertToTeam",
  summary: "Makes a group the main room of a new private team.",
  auth: "user",
  body: roomIdOrName(),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await GROUPS.find(ctx, caller2, body2);
    return { team: presentTeam(await convertToTeam(ctx, caller2, room2)) };
  }
});
var lifecycleEndpoints = [
  ...[CHANNELS, GROUPS].flatMap((family) => [
    create(family),
    open(family),
    close(family),
    archive(family),
    unarchive(family),
    erase2(family)
  ]),
  convertChannel,
  convertGroup
];

// server/src/rooms/lists.rest.ts
import { Type as Type17 } from "typebox";

// server/src/rooms/list-rooms.ts
var ROOM_SORT = ROOM_SORT_COLUMNS;
function findRoomsPage(ctx, filter, order, page3) {
  return listRooms(ctx.db, filter, order, page3);
}

// server/src/rooms/lists.rest.ts
function info(family) {
  return endpoint({
    method: "GET",
    path: `${family.prefix}.info`,
    summary: `One ${family.noun}.`,
    auth: "user",
    query: roomIdOrName({ fields: Type17.Optional(Type17.String()) }),
    response: freeObject,
    async handler(ctx, { caller: caller2, query }) {
      const room2 = await family.find(ctx, caller2, query, "allowed");
      if (family.type === "c" && !await canAccessRoom(ctx, caller2, room2)) forbid();
      const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
      return { [family.key]: applyFields(presentRoom(room2, caller2.uid), fields) };
    }
  });
}
var roomListQuery = strict({
  ...listMembers,
  _id: Type17.Optional(Type17.String()),
  roomId: Type17.Optional(Type17.String()),
  roomName: Type17.Optional(Type17.String())
});
async function listAnswer(ctx, caller2, family, query, filter) {
  const page3 = pageOf(ctx.settings, query);
  const order = orderBy(query.sort, ROOM_SORT, [{ column: ROOM_SORT.name, direction: "asc" }]);
  const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
  const { rooms: rooms2, total } = await findRoomsPage(ctx, filter, order, page3);
  const shown = rooms2.map((room2) => applyFields(presentRoom(room2, caller2.uid), fields));
  return { [`${family.key}s`]: shown, ...pageMembers(page3, shown, total) };
}
var QUERY_IGNORED = "The raw `query` parameter is accepted and ignored, also when raw queries are switched on.";
var listChannels = endpoint({
  method: "GET",
  path: "channels.list",
  summary: "Public channels that the caller can see.",
  auth: "user",
  permissions: { any: ["view-c-room", "view-joined-room"] },
  query: roomListQuery,
  response: freeObject,
  partly: QUERY_IGNORED,
  handler(ctx, { caller: caller2, query }) {
    const scope = ctx.permissions.has(caller2, "view-c-room") ? "outsideTeamsOrJoinedBy" : "joinedBy";
    return listAnswer(ctx, caller2, CHANNELS, query, { type: "c", id: query._id, [scope]: caller2.uid });
  }
});
function listJoined(family, path) {
  return endpoint({
    method: "GET",
    path,
    summary: `Every ${family.noun} the caller is in.`,
    auth: "user",
    query: roomListQuery,
    response: freeObject,
    partly: QUERY_IGNORED,
    handler(ctx, { caller: caller2, query }) {
      return listAnswer(ctx, caller2, family, query, { type: family.type, joinedBy: caller2.uid });
    }
  });
}
var listAllGroups = endpoint({
  method: "GET",
  path: "groups.listAll",
  summary: "Every private group of the workspace, for administrators.",
  auth: "user",
  permissions: { all: ["view-room-administration"] },
  query: roomListQuery,
  response: freeObject,
  partly: QUERY_IGNORED,
  handler(ctx, { caller: caller2, query }) {
    return listAnswer(ctx, caller2, GROUPS, query, { type: "p" });
  }
});
var statuses = Type17.Optional(
  Type17.Array(Type17.Union(["online", "away", "busy", "offline"].map((status) => Type17.Literal(status))))
);
function members(family) {
  return endpoint({
    method: "GET",
    path: `${family.prefix}.members`,
    summary: `The members of a ${family.noun}; only active accounts.`,
    auth: "user",
    query: roomIdOrName({ ...listMembers, filter: Type17.Optional(Type17.String()), status: statuses }),
    response: freeObject,
    async handler(ctx, { caller: caller2, query }) {
      const room2 = await family.find(ctx, caller2, query, family.type === "c" ? "allowed" : "refused");
      if (!await canAccessRoom(ctx, caller2, room2) || !await mayListMembers(ctx, caller2, room2)) forbid();
      const page3 = pageOf(ctx.settings, query);
      const direction = parseSort(query.sort)?.find(([path]) => path === "username")?.[1];
      const filter = {
        text: query.filter,
        statuses: query.status,
        ...direction === void 0 ? {} : { order: direction === 1 ? "asc" : "desc" }
      };
      const found = await pageOfMembers(ctx, room2, filter, page3);
      return { members: found.members, ...pageMembers(page3, found.members, found.total) };
    }
  });
}
function online(family) {
  return endpoint({
    method: "GET",
    path: `${family.prefix}.online`,
    summary: "The members who are not offline.",
    auth: "user",
    query: strict({ _id: Type17.Optional(Type17.String()), query: Type17.Optional(Type17.String()) }),
    response: freeObject,
    async handler(ctx, { caller: caller2, query }) {
      const id = query._id ?? idInRawQuery(ctx, query.query);
      if (!id) refuse("Invalid query");
      const room2 = await findAnyRoom(ctx, { roomId: id }, "allowed").catch(() => void 0);
      if (room2?.type !== family.type)
        refuse(family.type === "c" ? "Channel does not exists" : "Group does not exists");
      if (!await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not Allowed");
      return { online: await onlineMembersOf(ctx, room2) };
    }
  });
}
function idInRawQuery(ctx, raw) {
  if (!raw || !ctx.config.allowUnsafeQueryAndFields) return void 0;
  try {
    const parsed = JSON.parse(raw);
    const id = typeof parsed === "object" && parsed !== null ? parsed._id : void 0;
    return typeof id === "string" ? id : void 0;
  } catch {
    fail("error-invalid-query", `Invalid query parameter provided: "${raw}"`, {
      helperMethod: "parseJsonQuery"
    });
  }
}
var NO_UPLOADS = "Uploads are not built yet, so there is nothing to list.";
function files(family) {
  return endpoint({
    method: "GET",
    path: `${family.prefix}.files`,
    summary: "Files that were uploaded to the room.",
    auth: "user",
    query: roomIdOrName({
      ...listMembers,
      name: Type17.Optional(Type17.String()),
      typeGroup: Type17.Optional(Type17.String()),
      onlyConfirmed: Type17.Optional(Type17.Boolean())
    }),
    response: freeObject,
    partly: NO_UPLOADS,
    async handler(ctx, { caller: caller2, query }) {
      const room2 = await family.find(ctx, caller2, query, "allowed");
      if (!await canAccessRoom(ctx, caller2, room2)) forbid();
      return { files: [], ...pageMembers(pageOf(ctx.settings, query), [], 0) };
    }
  });
}
var images = endpoint({
  method: "GET",
  path: "channels.images",
  summary: "Images that were uploaded to the room.",
  auth: "user",
  query: strict({
    roomId: Type17.String(),
    startingFromId: Type17.Optional(Type17.String()),
    offset: Type17.Optional(Type17.Number()),
    count: Type17.Optional(Type17.Number())
  }),
  response: freeObject,
  partly: NO_UPLOADS,
  deprecated: { version: "7.0.0", info: "rooms.images" },
  async handler(ctx, { caller: caller2, query }) {
    const room2 = await findAnyRoom(ctx, query, "allowed").catch(() => forbid());
    if (!await canAccessRoom(ctx, caller2, room2)) forbid();
    return { files: [], ...pageMembers(pageOf(ctx.settings, query), [], 0) };
  }
});
var WEBHOOK_PERMISSIONS = [
  "manage-incoming-integrations",
  "manage-own-incoming-integrations",
  "manage-outgoing-integrations",
  "manage-own-outgoing-integrations"
];
function integrations(family) {
  const flag4 = family.type === "c" ? "includeAllPublicChannels" : "includeAllPrivateGroups";
  return endpoint({
    method: "GET",
    path: `${family.prefix}.getIntegrations`,
    summary: "Webhooks that are bound to the room.",
    auth: "user",
    permissions: { any: WEBHOOK_PERMISSIONS },
    query: roomIdOrName({ ...listMembers, [flag4]: Type17.Optional(Type17.Boolean()) }),
    response: freeObject,
    partly: "Webhooks are not built yet, so there is nothing to list.",
    async handler(ctx, { caller: caller2, query }) {
      const room2 = await family.find(ctx, caller2, query, "allowed");
      if (!await canAccessRoom(ctx, caller2, room2)) forbid();
      return { integrations: [], ...pageMembers(pageOf(ctx.settings, query), [], 0) };
    }
  });
}
var listEndpoints = [
  listChannels,
  listJoined(CHANNELS, "channels.list.joined"),
  listJoined(GROUPS, "groups.list"),
  listAllGroups,
  images,
  ...[CHANNELS, GROUPS].flatMap((family) => [
    info(family),
    members(family),
    online(family),
    files(family),
    integrations(family)
  ])
];

// server/src/rooms/membership.rest.ts
import { Type as Type18 } from "typebox";

// server/src/rooms/add-all.ts
var DETAILS11 = { method: "addAllToRoom" };
async function addAllToRoom(ctx, caller2, room2, activeOnly) {
  if (!ctx.permissions.has(caller2, "add-all-to-room")) fail(403, "Access to Method Forbidden", DETAILS11);
  const limit = ctx.settings.int("API_User_Limit");
  const users = await findAllUsers(ctx, { activeOnly, limit: limit + 1 });
  if (users.length > limit) fail("error-user-limit-exceeded", "User Limit Exceeded", DETAILS11);
  await ctx.write(async (tx, emit) => {
    for (const user2 of users) {
      if (user2.username) await addToRoom(ctx, tx, emit, room2.id, user2, { skipBanned: true });
    }
  });
  return await roomById(ctx.db, room2.id) ?? room2;
}

// server/src/rooms/invite.ts
var DETAILS12 = { method: "addUsersToRoom" };
async function inviteToRoom(ctx, caller2, room2, users) {
  await requireMayInvite(ctx, caller2, room2);
  const refusals = [];
  for (const user2 of users) {
    await addInvited(ctx, caller2, room2.id, user2).catch((error) => refusals.push(error));
  }
  if (refusals.length > 0) throw refusals[0];
  return await roomById(ctx.db, room2.id) ?? room2;
}
function addInvited(ctx, caller2, rid, user2) {
  return ctx.write(async (tx, emit) => {
    const added = await addToRoom(ctx, tx, emit, rid, user2, { addedBy: callerRef(caller2) });
    if (added) return;
    const now = new Date(ctx.clock.stamp());
    emit("message.ephemeral", {
      uid: caller2.uid,
      message: {
        _id: newId(),
        rid,
        msg: `${user2.username} is already in here.`,
        ts: now,
        u: { _id: "rocket.cat", username: "rocket.cat" },
        _updatedAt: now,
        private: true,
        groupable: false
      }
    });
  });
}
async function requireMayInvite(ctx, caller2, room2) {
  if (room2.type === "d")
    fail("error-cant-invite-for-direct-room", "Can't invite user to direct rooms", DETAILS12);
  if (ctx.permissions.has(caller2, `add-user-to-any-${room2.type}-room`)) return;
  const membership = await membershipOf(ctx.db, room2.id, caller2.uid);
  const joined = isActiveMember(membership) && ctx.permissions.has(caller2, "add-user-to-joined-room", membership.roles);
  if (!joined) fail("error-not-allowed", "Not allowed", DETAILS12);
}
async function inviteByUsername(ctx, caller2, rid, usernames) {
  const room2 = await roomById(ctx.db, rid);
  if (!room2) fail("error-invalid-room", "Invalid room", DETAILS12);
  await requireMayInvite(ctx, caller2, room2);
  const users = await findUsers(ctx, { usernames });
  if (users.length < new Set(usernames.map((name) => name.toLowerCase())).size) {
    fail("error-user-not-found", "User not found", DETAILS12);
  }
  await inviteToRoom(ctx, caller2, room2, users);
}

// server/src/rooms/kick.ts
var DETAILS13 = { method: "removeUserFromRoom" };
var NOT_FOUND2 = 'The required "roomId" or "roomName" param provided does not match any group';
async function kickFromRoom(ctx, caller2, known2, target) {
  if (!target.username) refuse("Invalid user");
  if (!await hasInRoom(ctx, caller2, "remove-user", known2.id))
    fail("error-not-allowed", "Not allowed", DETAILS13);
  if (known2.type === "d") fail("error-not-allowed", "Not allowed", DETAILS13);
  const anyRoom = ctx.permissions.has(caller2, `kick-user-from-any-${known2.type}-room`);
  if (!anyRoom && !await canAccessRoom(ctx, caller2, known2)) fail("error-room-not-found", NOT_FOUND2);
  return ctx.write(async (tx, emit) => {
    const room2 = await recordActivity(tx, known2.id, ctx.clock.stamp(), { messages: 1, members: -1 });
    if (!room2) fail("error-invalid-room", "Invalid room", DETAILS13);
    const membership = await membershipOf(tx, room2.id, target._id);
    if (!isActiveMember(membership)) fail("error-user-not-in-room", "User is not in this room", DETAILS13);
    if (membership.roles.includes("owner") && await countRoomRole(tx, room2.id, "owner") === 1) {
      const reason = "You are the last owner. Please set new owner before leaving the room.";
      fail("error-you-are-last-owner", reason, DETAILS13);
    }
    const user2 = userRef(target);
    const t = room2.teamMain ? "removed-user-from-team" : "ru";
    await removeFromRoom(ctx, tx, emit, {
      room: room2,
      membership,
      user: user2,
      message: { t, msg: user2.username, user: callerRef(caller2) }
    });
    return room2;
  });
}

// server/src/rooms/membership.rest.ts
var room = Type18.Object({}, { description: "Room" });
var joinChannel = endpoint({
  method: "POST",
  path: "channels.join",
  summary: "Joins a public channel. Joining again changes nothing.",
  auth: "user",
  body: roomIdOrName({ joinCode: Type18.Optional(Type18.String()) }),
  response: strict({ channel: room }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { id } = await findChannel(ctx, body2);
    const joined = await joinRoom(ctx, caller2, await accountOf(ctx, caller2), id, body2.joinCode);
    return { channel: presentRoom(joined, caller2.uid) };
  }
});
async function accountOf(ctx, caller2) {
  return await findUserById(ctx, caller2.uid) ?? refuse("Invalid user");
}
var inviteToChannel = endpoint({
  method: "POST",
  path: "channels.invite",
  summary: "Adds users to a public channel.",
  auth: "user",
  body: roomIdOrName(usersMembers),
  response: strict({ channel: room }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const found = await findChannel(ctx, body2);
    const users = await resolveUsers(ctx, body2);
    if (users.length === 0) refuse("invalid-user-invite-list", "Cannot invite if no users are provided");
    return roomAnswer(CHANNELS, caller2, await inviteToRoom(ctx, caller2, found, users));
  }
});
var inviteToGroup = endpoint({
  method: "POST",
  path: "groups.invite",
  summary: "Adds users to a private group.",
  auth: "user",
  body: strict({
    roomId: Type18.Optional(Type18.String()),
    roomName: Type18.Optional(Type18.String()),
    ...usersMembers
  }),
  response: strict({ group: room }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const found = await findGroupUnchecked(ctx, body2);
    const users = await resolveUsers(ctx, body2);
    if (users.length === 0) fail("error-empty-invite-list", "Cannot invite if no valid users are provided");
    return roomAnswer(GROUPS, caller2, await inviteToRoom(ctx, caller2, found, users));
  }
});
var kickFromChannel = endpoint({
  method: "POST",
  path: "channels.kick",
  summary: "Removes a user from a public channel.",
  auth: "user",
  body: roomIdOrName(userMembers),
  response: strict({ channel: room }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const found = await findChannel(ctx, body2);
    const kicked = await kickFromRoom(ctx, caller2, found, await resolveUser(ctx, body2));
    return roomAnswer(CHANNELS, caller2, kicked);
  }
});
var kickFromGroup = endpoint({
  method: "POST",
  path: "groups.kick",
  summary: "Removes a user from a private group.",
  auth: "user",
  body: strict({
    roomId: Type18.Optional(Type18.String()),
    roomName: Type18.Optional(Type18.String()),
    ...userMembers
  }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const found = await findGroupUnchecked(ctx, body2);
    await kickFromRoom(ctx, caller2, found, await resolveUser(ctx, body2));
    return {};
  }
});
function addAll(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.addAll`,
    summary: `Adds every user of the workspace to a ${family.noun}.`,
    auth: "user",
    body: roomIdOrName({
      activeUsersOnly: Type18.Optional(Type18.Union([Type18.Boolean(), Type18.String(), Type18.Number()]))
    }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const found = await family.find(ctx, caller2, body2);
      const activeOnly = ["true", "1"].includes(String(body2.activeUsersOnly ?? ""));
      return roomAnswer(family, caller2, await addAllToRoom(ctx, caller2, found, activeOnly));
    }
  });
}
var membershipEndpoints = [
  joinChannel,
  inviteToChannel,
  inviteToGroup,
  kickFromChannel,
  kickFromGroup,
  addAll(CHANNELS),
  addAll(GROUPS)
];

// server/src/rooms/room-roles.rest.ts
import { Type as Type19 } from "typebox";
var ROLES = ["owner", "moderator", "leader"];
var LABEL2 = { owner: "Owner", moderator: "Moderator", leader: "Leader" };
function changeRole(family, role2, verb) {
  const change2 = verb === "add" ? giveRoomRole : takeRoomRole;
  return endpoint({
    method: "POST",
    path: `${family.prefix}.${verb}${LABEL2[role2]}`,
    summary: verb === "add" ? `Makes a member ${role2} of the room.` : `Takes the role ${role2} from a member.`,
    auth: "user",
    body: roomIdOrName(userMembers),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      await change2(ctx, caller2, room2, await resolveUser(ctx, body2), role2);
      return {};
    }
  });
}
function readRoles(family) {
  return [
    endpoint({
      method: "GET",
      path: `${family.prefix}.roles`,
      summary: "Who holds which role in the room.",
      auth: "user",
      query: roomIdOrName(),
      response: strict({ roles: Type19.Array(Type19.Object({})) }),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await family.find(ctx, caller2, query);
        return { roles: await roomRoleHolders2(ctx, caller2, room2) };
      }
    }),
    endpoint({
      method: "GET",
      path: `${family.prefix}.moderators`,
      summary: "The moderators of the room.",
      auth: "user",
      query: roomIdOrName(),
      response: strict({ moderators: Type19.Array(Type19.Object({})) }),
      async handler(ctx, { caller: caller2, query }) {
        const room2 = await family.find(ctx, caller2, query);
        if (!await canAccessRoom(ctx, caller2, room2)) forbid();
        return { moderators: await roomModerators(ctx, room2) };
      }
    })
  ];
}
var roomRoleEndpoints = [CHANNELS, GROUPS].flatMap((family) => [
  ...ROLES.flatMap((role2) => [changeRole(family, role2, "add"), changeRole(family, role2, "remove")]),
  ...readRoles(family)
]);

// server/src/rooms/room-settings.rest.ts
import { Type as Type20 } from "typebox";

// server/src/rooms/save-room-settings.ts
var METHOD3 = "saveRoomSettings";
async function saveRoomSettings(ctx, caller2, rid, given2) {
  let wanted = given2;
  const room2 = await roomById(ctx.db, rid);
  if (!room2) fail("error-invalid-room", "Invalid room", { method: METHOD3 });
  if (!await hasInRoom(ctx, caller2, "edit-room", rid)) {
    const isOwnDirectRoom = room2.type === "d" && await canAccessRoom(ctx, caller2, room2);
    if (!isOwnDirectRoom || given2.encrypted === void 0)
      notAllowed("Editing room is not allowed", "Editing_room");
    wanted = { encrypted: given2.encrypted };
  }
  if (room2.details.broadcast && (wanted.readOnly || wanted.reactWhenReadOnly)) {
    notAllowed("Editing readOnly/reactWhenReadOnly are not allowed for broadcast rooms", "Editing_room");
  }
  await checkEach(ctx, caller2, room2, wanted);
  try {
    return await ctx.write((tx, emit) => apply(ctx, tx, emit, caller2, rid, wanted));
  } catch (error) {
    if (isUniqueViolation(error)) refuseTakenName2(wanted.roomName?.trim() ?? "");
    throw error;
  }
}
function notAllowed(reason, action) {
  fail("error-action-not-allowed", reason, { method: METHOD3, action });
}
async function checkEach(ctx, caller2, room2, wanted) {
  const administers = wanted.default !== void 0 || wanted.featured !== void 0;
  if (administers && !ctx.permissions.has(caller2, "view-room-administration")) {
    notAllowed("Viewing room administration is not allowed", "Viewing_room_administration");
  }
  const isShut = room2.type === "d" || room2.parentId !== null;
  if (wanted.default === true && (isShut || await isInPrivateTeam(ctx, room2))) {
    notAllowed("Viewing room administration is not allowed", "Viewing_room_administration");
  }
  refuseHugeDetails({
    topic: wanted.roomTopic,
    description: wanted.roomDescription,
    announcement: wanted.roomAnnouncement,
    customFields: wanted.roomCustomFields,
    joinCode: wanted.joinCode
  });
  if (wanted.systemMessages?.some((type) => !HIDEABLE.has(type)))
    fail("invalid-room", "Invalid option", { method: METHOD3 });
  if (wanted.roomType !== void 0 && wanted.roomType !== room2.type)
    await checkType(ctx, caller2, room2, wanted.roomType);
  if (wanted.encrypted !== void 0 && wanted.encrypted !== (room2.details.encrypted ?? false)) {
    if (room2.type === "c" || !ctx.settings.bool("E2E_Enable")) {
      notAllowed("Only groups or direct channels can enable encryption", "Change_Room_Encrypted");
    }
    if (room2.type === "p" && !await hasInRoom(ctx, caller2, "toggle-room-e2e-encryption", room2.id)) {
      notAllowed("You do not have permission to toggle E2E encryption", "Change_Room_Encrypted");
    }
  }
}
async function isInPrivateTeam(ctx, room2) {
  return room2.teamId !== null && (await teamById(ctx.db, room2.teamId))?.type === 1;
}
async function checkType(ctx, caller2, room2, type) {
  if (type !== "c" && type !== "p")
    fail("error-invalid-room-type", "error-invalid-room-type", { method: METHOD3, type });
  if (room2.type === "d") notAllowed("Changing the type of a direct room is not allowed", "Change_Room_Type");
  const words3 = type === "c" ? "private group to a public channel" : "public channel to a private room";
  const team = room2.teamId !== null && !room2.teamMain ? await teamById(ctx.db, room2.teamId) : void 0;
  const permission = type === "c" ? "create-team-channel" : "create-team-group";
  if (team && !await hasInRoom(ctx, caller2, permission, team.room_id)) {
    notAllowed(`Changing a team's ${words3} is not allowed`, "Change_Room_Type");
  }
  if (!team && !ctx.permissions.has(caller2, `create-${type}`)) {
    notAllowed(`Changing a ${words3} is not allowed`, "Change_Room_Type");
  }
}
async function apply(ctx, tx, emit, caller2, rid, wanted) {
  const room2 = await roomById(tx, rid);
  if (!room2) fail("error-invalid-room", "Invalid room", { method: METHOD3 });
  const details = { ...room2.details };
  const messages2 = [];
  const change2 = plainChanges(room2, details, wanted);
  await renameIfWanted(ctx, tx, room2, wanted, change2, messages2);
  for (const [field, type] of TEXTS2) {
    const text5 = wanted[SETTING_OF[field]];
    if (text5 === void 0 || text5 === (details[field] ?? "")) continue;
    details[field] = text5;
    if (field === "announcement") delete details.announcementDetails;
    messages2.push({ t: type, msg: text5 });
  }
  if (wanted.roomType !== void 0 && wanted.roomType !== room2.type) {
    change2.type = wanted.roomType;
    if (wanted.roomType === "p") change2.isDefault = false;
    if (room2.teamMain && room2.teamId !== null) {
      await setTeamType(tx, room2.teamId, wanted.roomType === "p" ? 1 : 0, ctx.clock.stamp());
    }
    messages2.push({ t: "room_changed_privacy", msg: wanted.roomType === "p" ? "private" : "public" });
  }
  if (wanted.readOnly !== void 0 && wanted.readOnly !== room2.readOnly) {
    change2.readOnly = wanted.readOnly;
    messages2.push({ t: wanted.readOnly ? "room-set-read-only" : "room-removed-read-only", msg: "" });
  }
  if (wanted.reactWhenReadOnly !== void 0 && wanted.reactWhenReadOnly !== (details.reactWhenReadOnly ?? false)) {
    details.reactWhenReadOnly = wanted.reactWhenReadOnly;
    messages2.push({
      t: wanted.reactWhenReadOnly ? "room-allowed-reacting" : "room-disallowed-reacting",
      msg: ""
    });
  }
  if (wanted.encrypted !== void 0 && wanted.encrypted !== (details.encrypted ?? false)) {
    details.encrypted = wanted.encrypted;
    messages2.push({
      t: wanted.encrypted ? "room_e2e_enabled" : "room_e2e_disabled",
      msg: caller2.username ?? ""
    });
  }
  return store(ctx, tx, emit, caller2, room2, { ...change2, details }, messages2);
}
var TEXTS2 = [
  ["topic", "room_changed_topic"],
  ["announcement", "room_changed_announcement"],
  ["description", "room_changed_description"]
];
var SETTING_OF = {
  topic: "roomTopic",
  announcement: "roomAnnouncement",
  description: "roomDescription"
};
function plainChanges(room2, details, wanted) {
  const change2 = {};
  if (wanted.roomCustomFields !== void 0) details.customFields = wanted.roomCustomFields;
  const joinCode = wanted.joinCode === "" ? null : wanted.joinCode;
  if (joinCode !== void 0 && joinCode !== room2.joinCode) change2.joinCode = joinCode;
  if (wanted.default !== void 0 && wanted.default !== room2.isDefault) change2.isDefault = wanted.default;
  if (wanted.featured === true) details.featured = true;
  if (wanted.featured === false) delete details.featured;
  if (wanted.favorite?.favorite && wanted.favorite.defaultValue) details.favorite = true;
  else if (wanted.favorite) delete details.favorite;
  if (wanted.systemMessages && wanted.systemMessages.length > 0) details.sysMes = wanted.systemMessages;
  else if (wanted.systemMessages) delete details.sysMes;
  return change2;
}
async function renameIfWanted(ctx, tx, room2, wanted, change2, messages2) {
  const displayName = wanted.roomName?.trim();
  if (!displayName || displayName === roomLabel(room2)) return;
  refuseLongName(displayName);
  if (room2.parentId === null) {
    const slug2 = await validRoomName(ctx, tx, displayName, room2.id);
    if (slug2 !== room2.name) {
      await refuseTakenHandle(ctx, tx, slug2, {
        isUsername: async (name) => await loadUserByUsername(tx, name) !== void 0,
        ownTeamId: room2.teamMain ? room2.teamId : null
      });
    }
    change2.name = slug2;
    if (room2.teamMain && room2.teamId !== null) await renameTeam(tx, room2.teamId, slug2, ctx.clock.stamp());
  }
  change2.displayName = displayName;
  messages2.push({ t: "r", msg: displayName });
}
async function store(ctx, tx, emit, caller2, before, change2, messages2) {
  if (messages2.length === 0 && changesNothing(before, change2)) return before;
  const at = ctx.clock.stamp();
  await updateRoom(tx, before.id, at, change2);
  const room2 = await recordActivity(tx, before.id, at, { messages: messages2.length, members: 0 });
  if (!room2) fail("error-invalid-room", "Invalid room", { method: METHOD3 });
  const retyped = change2.type !== void 0;
  if (retyped) emit("room.accessChanged", { rid: room2.id, wholeTeam: room2.teamMain });
  for (const message of messages2)
    await postSystemMessage(ctx, tx, emit, room2, { ...message, user: callerRef(caller2) });
  const renamed = change2.displayName !== void 0;
  const recopied = room2.details.encrypted !== before.details.encrypted || !sameJson(room2.details.customFields, before.details.customFields);
  if (renamed || retyped || recopied) {
    await updateAllMemberships(tx, room2, at, {
      ...renamed ? { alert: true } : {},
      ...retyped ? { type: room2.type } : {}
    });
    emit("memberships.touched", { rid: room2.id, who: "all", except: [], also: [] });
  }
  emit("room.changed", { action: "updated", rid: room2.id, room: presentRoom(room2) });
  return room2;
}
function changesNothing(before, { details, ...columns }) {
  return Object.keys(columns).length === 0 && sameJson(details, before.details);
}
var sameJson = (left, right) => JSON.stringify(left) === JSON.stringify(right);
var HIDEABLE = new Set(
  "uj ujt ul ult ru removed-user-from-team au added-user-to-team mute_unmute r ut wm rm subscription-role-added subscription-role-removed room-archived room-unarchived room_changed_privacy room_changed_avatar room_changed_topic room_e2e_enabled room_e2e_disabled room-removed-read-only room-set-read-only room-disallowed-reacting room-allowed-reacting user-added-room-to-team user-converted-to-channel user-converted-to-team user-deleted-room-from-team user-removed-room-from-team room_changed_announcement room_changed_description user-banned user-unbanned".split(" ")
);

// server/src/rooms/room-settings.rest.ts
function rename(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.rename`,
    summary: `Renames a ${family.noun}.`,
    auth: "user",
    body: roomIdOrName({ name: Type20.String() }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      if (!body2.name.trim()) refuse('The bodyParam "name" is required');
      if (family.type === "c" && (body2.name === room2.name || body2.name === roomLabel(room2))) {
        refuse("The channel name is the same as what it would be renamed to.");
      }
      return roomAnswer(
        family,
        caller2,
        await saveRoomSettings(ctx, caller2, room2.id, { roomName: body2.name })
      );
    }
  });
}
var TEXTS3 = [
  { path: "setTopic", param: "topic", setting: "roomTopic", field: "topic", same: "topic" },
  {
    path: "setDescription",
    param: "description",
    setting: "roomDescription",
    field: "description",
    same: "description"
  },
  {
    path: "setPurpose",
    param: "purpose",
    setting: "roomDescription",
    field: "description",
    same: "purpose (description)"
  },
  {
    path: "setAnnouncement",
    param: "announcement",
    setting: "roomAnnouncement",
    field: "announcement",
    same: void 0
  }
];
function setText(family, { path, param, setting, field, same }) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.${path}`,
    summary: `Sets the ${param} of a ${family.noun}.`,
    auth: "user",
    body: roomIdOrName({ [param]: Type20.String() }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      const text5 = String(body2[param] ?? "");
      if (family.type === "c" && same && room2.details[field] === text5) {
        refuse(`The channel ${same} is the same as what it would be changed to.`);
      }
      await saveRoomSettings(ctx, caller2, room2.id, { [setting]: text5 });
      return { [param]: text5 };
    }
  });
}
function setReadOnly(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.setReadOnly`,
    summary: "Allows or forbids ordinary members to post.",
    auth: "user",
    body: roomIdOrName({ readOnly: Type20.Boolean() }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      if (room2.readOnly === body2.readOnly) {
        refuse(`The ${family.noun} read only setting is the same as what it would be changed to.`);
      }
      return roomAnswer(
        family,
        caller2,
        await saveRoomSettings(ctx, caller2, room2.id, { readOnly: body2.readOnly })
      );
    }
  });
}
function setType(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.setType`,
    summary: "Makes a room public or private.",
    auth: "user",
    body: roomIdOrName({ type: Type20.String() }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      if (!body2.type.trim()) refuse('The bodyParam "type" is required');
      if (room2.type === body2.type)
        refuse(`The ${family.noun} type is the same as what it would be changed to.`);
      return roomAnswer(
        family,
        caller2,
        await saveRoomSettings(ctx, caller2, room2.id, { roomType: body2.type })
      );
    }
  });
}
function setCustomFields(family) {
  return endpoint({
    method: "POST",
    path: `${family.prefix}.setCustomFields`,
    summary: "Replaces the custom fields of a room.",
    auth: "user",
    body: roomIdOrName({ customFields: freeObject }),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const room2 = await family.find(ctx, caller2, body2);
      const saved = await saveRoomSettings(ctx, caller2, room2.id, { roomCustomFields: body2.customFields });
      return roomAnswer(family, caller2, saved);
    }
  });
}
var setJoinCode = endpoint({
  method: "POST",
  path: "channels.setJoinCode",
  summary: "Sets the code that is asked of those who join.",
  auth: "user",
  body: roomIdOrName({ joinCode: Type20.String() }),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await CHANNELS.find(ctx, caller2, body2);
    if (!body2.joinCode.trim()) refuse('The bodyParam "joinCode" is required');
    return roomAnswer(
      CHANNELS,
      caller2,
      await saveRoomSettings(ctx, caller2, room2.id, { joinCode: body2.joinCode })
    );
  }
});
var setDefault = endpoint({
  method: "POST",
  path: "channels.setDefault",
  summary: "Makes new users join the channel automatically, or no longer.",
  auth: "user",
  body: roomIdOrName({ default: Type20.Union([Type20.Boolean(), Type20.String(), Type20.Number()]) }),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await CHANNELS.find(ctx, caller2, body2);
    const wanted = ["true", "1"].includes(String(body2.default).toLowerCase());
    if (room2.isDefault === wanted) {
      refuse(
        "The channel default setting is the same as what it would be changed to.",
        "error-channels-setdefault-missing-default-param"
      );
    }
    return roomAnswer(CHANNELS, caller2, await saveRoomSettings(ctx, caller2, room2.id, { default: wanted }));
  }
});
var setEncrypted = endpoint({
  method: "POST",
  path: "groups.setEncrypted",
  summary: "Switches end-to-end encryption of a group on or off.",
  auth: "user",
  body: roomIdOrName({ encrypted: Type20.Boolean() }),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await GROUPS.find(ctx, caller2, body2);
    return roomAnswer(
      GROUPS,
      caller2,
      await saveRoomSettings(ctx, caller2, room2.id, { encrypted: body2.encrypted })
    );
  }
});
var roomSettingsEndpoints = [
  ...[CHANNELS, GROUPS].flatMap((family) => [
    rename(family),
    ...TEXTS3.map((text5) => setText(family, text5)),
    setReadOnly(family),
    setType(family),
    setCustomFields(family)
  ]),
  setJoinCode,
  setDefault,
  setEncrypted
];

// server/src/rooms/rooms.rest.ts
import { Type as Type22 } from "typebox";

// server/src/rooms/room-surroundings.ts
async function roomSurroundings(ctx, room2) {
  const team = room2.teamId === null ? void 0 : await teamById(ctx.db, room2.teamId);
  const parentId = room2.parentId ?? (team && !room2.teamMain ? team.room_id : void 0);
  const parent = parentId === void 0 ? void 0 : await roomById(ctx.db, parentId);
  return {
    ...team ? { team: { _id: team.id, name: team.name, roomId: team.room_id, type: team.type } } : {},
    ...parent ? { parent: presentParent(parent, room2.parentId !== null) } : {}
  };
}
function presentParent(parent, ofDiscussion) {
  return {
    _id: parent.id,
    ...parent.name === null ? {} : { name: parent.name },
    ...parent.displayName === null ? {} : { fname: parent.displayName },
    t: parent.type,
    ...parent.parentId === null ? {} : { prid: parent.parentId },
    ...ofDiscussion ? { u: parent.details.u } : {}
  };
}

// server/src/rooms/spotlight.ts
var MAX_ROOMS = 5;
async function spotlight(ctx, caller2, query) {
  const text5 = query.text.trim();
  const term = text5.replace(/^[#@]/, "");
  const wantsUsers = query.users && !text5.startsWith("#") && caller2 !== null;
  const wantsRooms = query.rooms && !text5.startsWith("@");
  return {
    users: wantsUsers ? await people(ctx, caller2, term, query) : [],
    rooms: wantsRooms ? await channels(ctx, caller2, term) : []
  };
}
async function channels(ctx, caller2, term) {
  if (!maySeePublicChannels(ctx, caller2)) return [];
  if (caller2 && !ctx.permissions.has(caller2, "view-outside-room")) return [];
  const mayPreview2 = caller2 !== null && ctx.permissions.has(caller2, "preview-c-room");
  const found = await unjoinedChannelsLike(ctx.db, term, caller2?.uid, MAX_ROOMS);
  return found.map((room2) => {
    const { _id, t, name, fname, teamMain, joinCodeRequired, lastMessage, prid } = presentRoom(
      room2,
      caller2?.uid
    );
    return { _id, t, name, fname, teamMain, joinCodeRequired, prid, ...mayPreview2 ? { lastMessage } : {} };
  });
}
async function people(ctx, caller2, term, { except, rid }) {
  const limit = ctx.settings.int("Number_of_users_autocomplete_suggestions") || 5;
  const found = await suggestPeople(ctx, caller2, { term, exceptions: except });
  const inside = rid === void 0 ? void 0 : await membersAmong(ctx, caller2, rid, found);
  if (rid !== void 0 && !inside) return [];
  const exact = term.toLowerCase();
  const isExact = (user2) => Number(user2.username?.toLowerCase() === exact);
  return found.sort((a, b) => isExact(b) - isExact(a)).slice(0, limit).map(({ _id, username, name, nickname, status, statusText, avatarETag }) => ({
    _id,
    username,
    name,
    nickname,
    status,
    statusText,
    avatarETag,
    ...inside?.has(_id) ? {} : { outside: true }
  }));
}
async function membersAmong(ctx, caller2, rid, users) {
  const room2 = await roomById(ctx.db, rid);
  if (!room2 || !await canAccessRoom(ctx, caller2, room2)) return void 0;
  const memberships2 = await membershipsIn(
    ctx.db,
    rid,
    users.map((user2) => user2._id)
  );
  return new Set(memberships2.filter((own2) => own2.status === null).map((own2) => own2.uid));
}

// server/src/rooms/subscriptions.rest.ts
import { Type as Type21 } from "typebox";

// server/src/rooms/read.ts
async function readRoom(ctx, caller2, rid, readThreads = false) {
  await ctx.write(async (tx, emit) => {
    const room2 = await roomById(tx, rid);
    const membership = await membershipOf(tx, rid, caller2.uid);
    if (!room2 || !membership || membership.status === "BANNED") refuse("error-invalid-subscription");
    const at = ctx.clock.stamp();
    const { tunread, tunreadUser, tunreadGroup, ...withoutThreads } = membership.details;
    const details = readThreads ? withoutThreads : membership.details;
    const change2 = {
      open: true,
      alert: unreadState(membership, room2).alert && !readThreads && (tunread?.length ?? 0) > 0,
      unread: 0,
      userMentions: 0,
      groupMentions: 0,
      lastSeenAt: at,
      details
    };
    const { activitySeq, unreadSeq, groupSeq } = room2;
    await updateMembership(tx, membership.id, at, { ...change2, seen: { activitySeq, unreadSeq, groupSeq } });
    const now = {
      ...membership,
      ...change2,
      updatedAt: at,
      seenActivitySeq: activitySeq,
      seenUnreadSeq: unreadSeq,
      seenGroupSeq: groupSeq
    };
    emitOwn(emit, room2, now, caller2);
  });
}
var UNREAD = { method: "unreadMessages", action: "Unread_messages" };
async function unreadFrom(ctx, caller2, from) {
  const message = "rid" in from ? await lastOfOwnRoom(ctx, caller2, from.rid) : await findMessage(ctx, from.messageId);
  if (!message && "rid" in from)
    fail("error-no-message-for-unread", "There are no messages to mark unread", UNREAD);
  if (!message || !("rid" in from) && message.u._id === caller2.uid) {
    fail("error-action-not-allowed", "Not allowed", UNREAD);
  }
  await ctx.write(async (tx, emit) => {
    const room2 = await roomById(tx, message.rid);
    const membership = await membershipOf(tx, message.rid, caller2.uid);
    if (!room2 || !membership || membership.status === "BANNED" || !("rid" in from) && membership.lastSeenAt === null) {
      fail("error-subscription-not-found", "Subscription not found", UNREAD);
    }
    const at = ctx.clock.stamp();
    const change2 = { open: true, alert: true, unread: 1, lastSeenAt: message.ts.getTime() - 1 };
    const seen = {
      activitySeq: room2.activitySeq,
      unreadSeq: room2.unreadSeq,
      groupSeq: membership.seenGroupSeq
    };
    await updateMembership(tx, membership.id, at, { ...change2, seen });
    const now = {
      ...membership,
      ...change2,
      updatedAt: at,
      seenActivitySeq: room2.activitySeq,
      seenUnreadSeq: room2.unreadSeq
    };
    emitOwn(emit, room2, now, caller2);
  });
}
async function lastOfOwnRoom(ctx, caller2, rid) {
  const membership = await membershipOf(ctx.db, rid, caller2.uid);
  return membership && membership.status !== "BANNED" ? lastVisibleMessage(ctx, rid) : void 0;
}
function emitOwn(emit, room2, membership, caller2) {
  const subscription = presentSubscription(membership, room2, callerRef(caller2));
  emit("membership.changed", { action: "updated", rid: room2.id, uid: caller2.uid, subscription });
}

// server/src/rooms/sync.ts
async function ownRooms2(ctx, caller2) {
  const memberships2 = (await membershipsOfUser(ctx.db, caller2.uid)).filter((own2) => own2.status !== "BANNED");
  const rooms2 = await roomsByIds(
    ctx.db,
    memberships2.map((own2) => own2.rid)
  );
  const byId = new Map(rooms2.map((room2) => [room2.id, room2]));
  return memberships2.flatMap((membership) => {
    const room2 = byId.get(membership.rid);
    return room2 ? { membership, room: room2 } : [];
  });
}
async function syncSubscriptions(ctx, caller2, since) {
  const own2 = await ownRooms2(ctx, caller2);
  const changed = since === void 0 ? own2 : own2.filter(({ membership, room: room2 }) => unreadState(membership, room2).updatedAt > since);
  return {
    update: changed.map(({ membership, room: room2 }) => presentSubscription(membership, room2, callerRef(caller2))),
    remove: since === void 0 ? [] : tombstones(await deletedMemberships(ctx.db, caller2.uid, since))
  };
}
async function syncRooms(ctx, caller2, since) {
  const own2 = await ownRooms2(ctx, caller2);
  const changed = since === void 0 ? own2 : own2.filter(({ room: room2 }) => room2.updatedAt > since);
  return {
    update: changed.map(
      ({ membership, room: room2 }) => publishedRoom(presentRoom(shownTo(membership, room2), caller2.uid))
    ),
    remove: since === void 0 ? [] : tombstones(await deletedRooms(ctx.db, caller2.uid, since))
  };
}
var shownTo = (membership, room2) => isActiveMember(membership) ? room2 : { ...room2, lastMessage: null };
var tombstones = (rows) => rows.map((row) => ({ _id: row.id, _deletedAt: new Date(row.deleted_at) }));
async function ownSubscription(ctx, caller2, rid) {
  const [membership, room2] = await Promise.all([
    membershipOf(ctx.db, rid, caller2.uid),
    roomById(ctx.db, rid)
  ]);
  if (!membership || membership.status === "BANNED" || !room2) return null;
  return presentSubscription(membership, room2, callerRef(caller2));
}

// server/src/rooms/subscriptions.rest.ts
function sinceOf(text5, invalid2) {
  if (text5 === void 0) return void 0;
  const at = new Date(text5).getTime();
  return Number.isNaN(at) ? invalid2() : at;
}
var subscriptionEndpoints = [
  endpoint({
    method: "GET",
    path: "subscriptions.get",
    summary: "Own subscriptions, all or those changed since a date.",
    auth: "user",
    query: strict({ updatedSince: Type21.Optional(Type21.String()) }),
    response: freeObject,
    handler(ctx, { caller: caller2, query }) {
      const invalid2 = () => fail("error-roomId-param-invalid", 'The "lastUpdate" query parameter must be a valid date.');
      return syncSubscriptions(ctx, caller2, sinceOf(query.updatedSince, invalid2));
    }
  }),
  endpoint({
    method: "GET",
    path: "subscriptions.getOne",
    summary: "The own subscription in one room, or null.",
    auth: "user",
    query: strict({ roomId: Type21.Optional(Type21.String()) }),
    response: freeObject,
    async handler(ctx, { caller: caller2, query }) {
      if (!query.roomId) refuse("The 'roomId' param is required");
      return { subscription: await ownSubscription(ctx, caller2, query.roomId) };
    }
  }),
  endpoint({
    method: "POST",
    path: "subscriptions.read",
    summary: "Marks a room as read.",
    auth: "user",
    body: oneOf(
      strict({ rid: Type21.String(), readThreads: Type21.Optional(Type21.Boolean()) }),
      strict({ roomId: Type21.String(), readThreads: Type21.Optional(Type21.Boolean()) })
    ),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const { rid, roomId, readThreads } = body2;
      await readRoom(ctx, caller2, rid ?? roomId ?? "", readThreads);
      return {};
    }
  }),
  endpoint({
    method: "POST",
    path: "subscriptions.unread",
    summary: "Marks a room as unread, from a message on or from its last one.",
    auth: "user",
    body: oneOf(
      strict({ roomId: Type21.String() }),
      strict({ firstUnreadMessage: Type21.Object({ _id: Type21.String() }) })
    ),
    async handler(ctx, { caller: caller2, body: body2 }) {
      const { roomId, firstUnreadMessage } = body2;
      const from = firstUnreadMessage ? { messageId: firstUnreadMessage._id } : { rid: roomId ?? "" };
      await unreadFrom(ctx, caller2, from);
      return {};
    }
  })
];

// server/src/rooms/rooms.rest.ts
var roomsGet = endpoint({
  method: "GET",
  path: "rooms.get",
  summary: "Own rooms, all or those changed since a date.",
  auth: "user",
  query: strict({ updatedSince: Type22.Optional(Type22.String()) }),
  response: freeObject,
  handler(ctx, { caller: caller2, query }) {
    const invalid2 = () => fail("error-updatedSince-param-invalid", 'The "updatedSince" query parameter must be a valid date.');
    return syncRooms(ctx, caller2, sinceOf(query.updatedSince, invalid2));
  }
});
var roomsInfo = endpoint({
  method: "GET",
  path: "rooms.info",
  summary: "One room of any type, with its team and parent.",
  auth: "user",
  query: roomIdOrName({ fields: Type22.Optional(Type22.String()) }),
  response: freeObject,
  async handler(ctx, { caller: caller2, query }) {
    const room2 = await findAnyRoom(ctx, query, "allowed");
    if (!await canAccessRoom(ctx, caller2, room2)) refuse("not-allowed", "Not Allowed");
    const fields = parseFields(ctx.config, query.fields, ALWAYS_EXCLUDED);
    return {
      room: applyFields(presentRoom(room2, caller2.uid), fields),
      ...await roomSurroundings(ctx, room2)
    };
  }
});
var roomsJoin = endpoint({
  method: "POST",
  path: "rooms.join",
  summary: "Joins a room.",
  auth: "user",
  body: roomIdOrName({ joinCode: Type22.Optional(Type22.String()) }),
  response: freeObject,
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { id } = await findAnyRoom(ctx, body2);
    const joined = await joinRoom(ctx, caller2, await accountOf(ctx, caller2), id, body2.joinCode);
    return { room: presentRoom(joined, caller2.uid) };
  }
});
var roomsLeave = endpoint({
  method: "POST",
  path: "rooms.leave",
  summary: "Leaves a room.",
  auth: "user",
  body: roomIdOrName(),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { id } = await findAnyRoom(ctx, body2);
    await leaveRoom(ctx, caller2, id);
    return {};
  }
});
var roomsDelete = endpoint({
  method: "POST",
  path: "rooms.delete",
  summary: "Deletes a room with everything in it.",
  auth: "user",
  body: strict({ roomId: Type22.String() }),
  partly: "Discussions of the room stay; discussions are not built yet.",
  async handler(ctx, { caller: caller2, body: body2 }) {
    await eraseRoom(ctx, caller2, body2.roomId);
    return {};
  }
});
var nameExists = endpoint({
  method: "GET",
  path: "rooms.nameExists",
  summary: "Whether a room has this name.",
  auth: "user",
  query: strict({ roomName: Type22.String() }),
  response: strict({ exists: Type22.Boolean() }),
  async handler(ctx, { query }) {
    return { exists: await isRoomNameTaken(ctx, query.roomName) };
  }
});
var favorite = endpoint({
  method: "POST",
  path: "rooms.favorite",
  summary: "Makes a room a favourite, or no longer.",
  auth: "user",
  body: roomIdOrName({ favorite: Type22.Boolean() }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await findAnyRoom(ctx, body2);
    const membership = await findMembership(ctx, room2.id, caller2.uid);
    if (!membership) {
      fail("error-invalid-subscription", "You must be part of a room to favorite it", {
        method: "toggleFavorite"
      });
    }
    await setFavorite(ctx, caller2, room2.id, body2.favorite);
    return {};
  }
});
var roomsOpen = endpoint({
  method: "POST",
  path: "rooms.open",
  summary: "Shows a room in the own sidebar.",
  auth: "user",
  body: strict({ roomId: Type22.String() }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await getRoom(ctx, body2.roomId);
    const membership = room2 && await findMembership(ctx, room2.id, caller2.uid);
    if (membership) await openRoom(ctx, caller2, body2.roomId);
    return {};
  }
});
var roomsHide = endpoint({
  method: "POST",
  path: "rooms.hide",
  summary: "Hides a room from the own sidebar until the next message.",
  auth: "user",
  body: strict({ roomId: Type22.String() }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await getRoom(ctx, body2.roomId);
    if (!room2 || !await canAccessRoom(ctx, caller2, room2)) unauthorized();
    const membership = await findMembership(ctx, room2.id, caller2.uid);
    if (!membership || !unreadState(membership, room2).open) refuse("error-room-already-hidden");
    await hideRoom(ctx, caller2, room2.id);
    return {};
  }
});
var isMember = endpoint({
  method: "GET",
  path: "rooms.isMember",
  summary: "Whether a user is in a room.",
  auth: "user",
  query: Type22.Unsafe(
    oneOf(
      ...["roomId", "roomName"].flatMap(
        (room2) => ["userId", "username"].map((user2) => strict({ [room2]: Type22.String(), [user2]: Type22.String() }))
      )
    )
  ),
  response: strict({ isMember: Type22.Boolean() }),
  async handler(ctx, { caller: caller2, query }) {
    const room2 = await findAnyRoom(ctx, query, "allowed");
    const user2 = await resolveUser(ctx, query).catch(() => refuse("error-user-not-found"));
    if (!await canAccessRoom(ctx, caller2, room2)) forbid();
    return { isMember: isActiveMember(await findMembership(ctx, room2.id, user2._id)) };
  }
});
var changeArchivationState = endpoint({
  method: "POST",
  path: "rooms.changeArchivationState",
  summary: "Archives a room or brings it back.",
  auth: "user",
  body: strict({ rid: Type22.String(), action: Type22.Optional(Type22.String()) }),
  async handler(ctx, { caller: caller2, body: body2 }) {
    const room2 = await getRoom(ctx, body2.rid);
    const details = { method: body2.action === "archive" ? "archiveRoom" : "unarchiveRoom" };
    if (!room2) fail("error-invalid-room", "Invalid room", details);
    await (body2.action === "archive" ? archiveRoom : unarchiveRoom)(ctx, caller2, room2);
    return {};
  }
});
var saveSettings = endpoint({
  method: "POST",
  path: "rooms.saveRoomSettings",
  summary: "Changes several things of a room at once.",
  auth: "user",
  body: strict({
    rid: Type22.String(),
    roomName: Type22.Optional(Type22.String()),
    roomTopic: Type22.Optional(Type22.String()),
    roomDescription: Type22.Optional(Type22.String()),
    roomAnnouncement: Type22.Optional(Type22.String()),
    roomCustomFields: Type22.Optional(freeObject),
    roomType: Type22.Optional(Type22.String()),
    readOnly: Type22.Optional(Type22.Boolean()),
    reactWhenReadOnly: Type22.Optional(Type22.Boolean()),
    systemMessages: Type22.Optional(Type22.Array(Type22.String(), { maxItems: 100 })),
    joinCode: Type22.Optional(Type22.String()),
    default: Type22.Optional(Type22.Boolean()),
    featured: Type22.Optional(Type22.Boolean()),
    favorite: Type22.Optional(strict({ favorite: Type22.Boolean(), defaultValue: Type22.Boolean() })),
    encrypted: Type22.Optional(Type22.Boolean())
  }),
  response: freeObject,
  partly: "Room avatars and retention are not built yet and refused as unknown members.",
  async handler(ctx, { caller: caller2, body: body2 }) {
    const { rid, ...settings } = body2;
    await saveRoomSettings(ctx, caller2, rid, settings);
    return { rid };
  }
});
function createDirect(prefix) {
  return endpoint({
    method: "POST",
    path: `${prefix}.create`,
    summary: "Opens the direct room with one or several people.",
    auth: "user",
    body: oneOf(
      strict({ username: Type22.String(), excludeSelf: Type22.Optional(Type22.Boolean()) }),
      strict({ usernames: Type22.String(), excludeSelf: Type22.Optional(Type22.Boolean()) })
    ),
    response: freeObject,
    async handler(ctx, { caller: caller2, body: body2 }) {
      const { username, usernames, excludeSelf } = body2;
      const names = username === void 0 ? (usernames ?? "").split(",").map((name) => name.trim()) : [username];
      const room2 = await createDirectRoom(ctx, caller2, { usernames: names.filter(Boolean), excludeSelf });
      return { room: { _id: room2.id, rid: room2.id, t: "d", usernames: room2.details.usernames } };
    }
  });
}
var spotlightSearch = endpoint({
  method: "GET",
  path: "spotlight",
  summary: "Quick search for people and channels.",
  auth: "none",
  rateLimit: { calls: 100, windowMs: 1e5 },
  query: strict({
    query: Type22.String(),
    usernames: Type22.Optional(Type22.String()),
    type: Type22.Optional(Type22.String()),
    rid: Type22.Optional(Type22.String())
  }),
  response: freeObject,
  partly: "Teams are not suggested as mentions.",
  handler(ctx, { caller: caller2, query }) {
    const wanted = query.type === void 0 ? void 0 : parseObject(query.type);
    return spotlight(ctx, caller2, {
      text: query.query,
      except: (query.usernames ?? "").split(",").filter(Boolean),
      users: wanted ? wanted.users === true : true,
      rooms: wanted ? wanted.rooms === true : true,
      rid: query.rid
    });
  }
});
var roomEndpoints = [
  spotlightSearch,
  roomsGet,
  roomsInfo,
  roomsJoin,
  roomsLeave,
  roomsDelete,
  nameExists,
  favorite,
  roomsOpen,
  roomsHide,
  isMember,
  changeArchivationState,
  saveSettings,
  createDirect("im"),
  createDirect("dm")
];

// server/src/rooms/room-endpoints.rest.ts
var allRoomEndpoints = [
  ...leaveEndpoints,
  ...membershipEndpoints,
  ...lifecycleEndpoints,
  ...listEndpoints,
  ...roomRoleEndpoints,
  ...roomSettingsEndpoints,
  ...roomEndpoints,
  ...subscriptionEndpoints
];

// server/src/rooms/find-rooms.ddp.ts
var listing = [
  {
    name: "subscriptions/get",
    auth: "none",
    async run(ctx, { caller: caller2, params }) {
      if (!caller2) return [];
      const since = optionalTime(params[0]);
      const delta = await syncSubscriptions(ctx, caller2, since);
      return since === void 0 ? delta.update : delta;
    }
  },
  {
    name: "rooms/get",
    auth: "none",
    async run(ctx, { caller: caller2, params }) {
      if (!caller2) return [];
      const since = optionalTime(params[0]);
      const delta = await syncRooms(ctx, caller2, since);
      return since === void 0 ? delta.update : delta;
    },
    partly: "Anonymous callers get no default channels."
  }
];
var finding = [
  userMethod("getRoomIdByNameOrId", async (ctx, { caller: caller2, params }) => {
    const room2 = await getRoomByIdOrName(ctx, textParam(params[0]));
    if (!room2 || !await canAccessRoom(ctx, caller2, room2)) {
      fail("error-not-allowed", "Not allowed", { method: "getRoomIdByNameOrId" });
    }
    return room2.id;
  }),
  userMethod("getRoomNameById", async (ctx, { caller: caller2, params }) => {
    const room2 = await getRoom(ctx, textParam(params[0]));
    const details = { method: "getRoomNameById" };
    if (!room2) fail("error-room-does-not-exist", "Room does not exist", details);
    const isMember2 = isActiveMember(await findMembership(ctx, room2.id, caller2.uid));
    const isVisible = room2.type === "c" && ctx.permissions.has(caller2, "view-c-room");
    if (!isMember2 && !isVisible) fail("error-not-allowed", "Not allowed", details);
    return room2.name ?? void 0;
  }),
  userMethod(
    "getRoomByTypeAndName",
    (ctx, { caller: caller2, params }) => roomByTypeAndName(ctx, caller2, textParam(params[0]), textParam(params[1]))
  ),
  userMethod(
    "getRoomById",
    async (ctx, { caller: caller2, params }) => {
      const room2 = await getRoom(ctx, textParam(params[0]));
      if (!room2 || !await canAccessRoom(ctx, caller2, room2)) {
        fail("error-not-allowed", "Not allowed", { method: "getRoomById" });
      }
      return presentRoom(room2, caller2.uid);
    },
    { rateLimit: { calls: 10, windowMs: 6e4 } }
  ),
  userMethod(
    "getRoomRoles",
    async (ctx, { caller: caller2, params }) => roomRoleHolders2(ctx, caller2, await requiredRoom(ctx, textParam(params[0]), "getRoomRoles"))
  ),
  userMethod("getUsersOfRoom", (ctx, { caller: caller2, params }) => usersOfRoom(ctx, caller2, params))
];
async function roomByTypeAndName(ctx, caller2, type, nameOrId) {
  const details = { method: "getRoomByTypeAndName" };
  const room2 = type === "d" ? await directRoom(ctx, caller2, nameOrId) : await getRoomByIdOrName(ctx, nameOrId);
  if (room2?.type !== type) fail("error-invalid-room", "Invalid room", details);
  if (!await canAccessRoom(ctx, caller2, room2)) fail("error-no-permission", "No permission", details);
  const { lastMessage, ...rest } = presentRoom(room2, caller2.uid);
  const mayReadLast = mayPreview(ctx, caller2) || isActiveMember(await findMembership(ctx, room2.id, caller2.uid));
  return mayReadLast && lastMessage ? { ...rest, lastMessage } : rest;
}
async function directRoom(ctx, caller2, nameOrId) {
  return await getRoom(ctx, nameOrId) ?? findDirectRoom(ctx, caller2, nameOrId);
}
async function usersOfRoom(ctx, caller2, params) {
  const details = { method: "getUsersOfRoom" };
  const room2 = await getRoom(ctx, textParam(params[0]));
  if (!room2) fail("error-invalid-room", "Invalid room", details);
  if (!await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not allowed", details);
  if (!await mayListMembers(ctx, caller2, room2)) fail("not-authorized", "Not Authorized", details);
  const page3 = optionalObject(params[2]) ?? {};
  const limit = optionalNumber(page3.limit) ?? 100;
  const found = await pageOfMembers(
    ctx,
    room2,
    {
      text: optionalText(params[3]),
      statuses: optionalBoolean(params[1]) ? void 0 : ["online", "away", "busy"]
    },
    { offset: optionalNumber(page3.skip) ?? 0, count: Math.min(limit > 0 ? limit : 1e3, 1e3) }
  );
  return { total: found.total, records: found.members };
}
var searching = [
  {
    name: "spotlight",
    auth: "none",
    rateLimit: { calls: 100, windowMs: 1e5 },
    partly: "Teams are not suggested as mentions.",
    run(ctx, { caller: caller2, params }) {
      const [text5, except, type, rid] = params;
      const wanted = optionalObject(type) ?? {};
      return spotlight(ctx, caller2, {
        text: textParam(text5),
        except: except === void 0 || except === null ? [] : textListParam(except),
        users: optionalBoolean(wanted.users) ?? type == null,
        rooms: optionalBoolean(wanted.rooms) ?? type == null,
        rid: optionalText(rid)
      });
    }
  }
];
var roomFindingMethods = [...listing, ...finding, ...searching];

// server/src/rooms/room-settings-params.ts
var TYPES = {
  roomName: "string",
  roomTopic: "string",
  roomDescription: "string",
  roomAnnouncement: "string",
  roomCustomFields: "object",
  roomType: "string",
  readOnly: "boolean",
  reactWhenReadOnly: "boolean",
  systemMessages: "list",
  joinCode: "string",
  default: "boolean",
  featured: "boolean",
  favorite: "object",
  encrypted: "boolean"
};
function parseRoomSettings(given2) {
  const settings = {};
  for (const [key2, value] of Object.entries(given2)) {
    if (!Object.hasOwn(TYPES, key2)) {
      fail("error-invalid-settings", "Invalid settings provided", { method: "saveRoomSettings" });
    }
    if (value === null || value === void 0) continue;
    if (!hasType(value, TYPES[key2])) fail(400, "Match failed");
    settings[key2] = value;
  }
  return settings;
}
function hasType(value, type) {
  if (type === "list") return Array.isArray(value) && value.every((item) => typeof item === "string");
  if (type === "object") return typeof value === "object" && value !== null && !Array.isArray(value);
  return typeof value === type;
}

// server/src/rooms/rooms.ddp.ts
var coming = [
  userMethod("joinRoom", async (ctx, { caller: caller2, params }) => {
    const user2 = await ownAccount(ctx, caller2, "joinRoom");
    await joinRoom(ctx, caller2, user2, textParam(params[0]), optionalText(params[1]));
    return true;
  }),
  userMethod("leaveRoom", async (ctx, { caller: caller2, params }) => {
    await leaveRoom(ctx, caller2, textParam(params[0]));
  }),
  userMethod("createDirectMessage", async (ctx, { caller: caller2, params }) => {
    const room2 = await createDirectRoom(ctx, caller2, {
      usernames: textListParam(params.filter((name) => name !== null))
    });
    return { rid: room2.id, _id: room2.id, t: "d", usernames: room2.details.usernames, inserted: true };
  }),
  userMethod("createChannel", (ctx, { caller: caller2, params }) => create2(ctx, caller2, "c", params)),
  userMethod("createPrivateGroup", (ctx, { caller: caller2, params }) => create2(ctx, caller2, "p", params)),
  userMethod("addUsersToRoom", async (ctx, { caller: caller2, params }) => {
    const { rid, users } = optionalObject(params[0]) ?? {};
    await inviteByUsername(ctx, caller2, textParam(rid), textListParam(users));
    return true;
  }),
  userMethod("addUserToRoom", async (ctx, { caller: caller2, params }) => {
    const { rid, username } = optionalObject(params[0]) ?? {};
    await inviteByUsername(ctx, caller2, textParam(rid), [textParam(username)]);
    return true;
  }),
  userMethod("removeUserFromRoom", async (ctx, { caller: caller2, params }) => {
    const { rid, username } = optionalObject(params[0]) ?? {};
    const room2 = await requiredRoom(ctx, textParam(rid), "removeUserFromRoom");
    const user2 = await findUserByUsername(ctx, textParam(username));
    if (!user2) fail("error-user-not-in-room", "User is not in this room", { method: "removeUserFromRoom" });
    await kickFromRoom(ctx, caller2, room2, user2);
    return true;
  })
];
async function ownAccount(ctx, caller2, method) {
  return await findUserById(ctx, caller2.uid) ?? fail("error-invalid-user", "Invalid user", { method });
}
async function create2(ctx, caller2, type, params) {
  const [name, members2, readOnly, customFields2, extraData] = params;
  const room2 = await createRoom(ctx, caller2, {
    type,
    name: textParam(name),
    members: members2 === void 0 || members2 === null ? [] : textListParam(members2),
    readOnly: optionalBoolean(readOnly),
    customFields: optionalObject(customFields2),
    extraData: optionalObject(extraData)
  });
  return { ...presentRoom(room2, caller2.uid), rid: room2.id, inserted: true };
}
var own = [
  userMethod("readMessages", async (ctx, { caller: caller2, params }) => {
    const room2 = await getRoom(ctx, textParam(params[0]));
    const details = { method: "readMessages" };
    if (!room2) fail("error-room-does-not-exist", "This room does not exist", details);
    if (!await canAccessRoom(ctx, caller2, room2)) fail("error-not-allowed", "Not allowed", details);
    if (!await findMembership(ctx, room2.id, caller2.uid)) return;
    await readRoom(ctx, caller2, room2.id, optionalBoolean(params[1]));
  }),
  userMethod("unreadMessages", async (ctx, { caller: caller2, params }) => {
    const message = optionalObject(params[0]);
    const rid = optionalText(params[1]);
    await unreadFrom(ctx, caller2, message ? { messageId: textParam(message._id) } : { rid: textParam(rid) });
  }),
  userMethod("openRoom", async (ctx, { caller: caller2, params }) => {
    const room2 = await getRoom(ctx, textParam(params[0]));
    const membership = room2 && await findMembership(ctx, room2.id, caller2.uid);
    if (!membership) return 0;
    await openRoom(ctx, caller2, room2.id);
    return 1;
  }),
  userMethod("hideRoom", async (ctx, { caller: caller2, params }) => {
    const room2 = await getRoom(ctx, textParam(params[0]));
    const membership = room2 && await findMembership(ctx, room2.id, caller2.uid);
    if (!membership) return 0;
    await hideRoom(ctx, caller2, room2.id);
    return 1;
  }),
  userMethod("toggleFavorite", async (ctx, { caller: caller2, params }) => {
    const room2 = await requiredRoom(ctx, textParam(params[0]), "toggleFavorite");
    const membership = await findMembership(ctx, room2.id, caller2.uid);
    if (!membership) {
      fail("error-invalid-subscription", "You must be part of a room to favorite it", {
        method: "toggleFavorite"
      });
    }
    const favorite2 = optionalBoolean(params[1]) ?? !membership.favorite;
    await setFavorite(ctx, caller2, room2.id, favorite2);
    return 1;
  })
];
var changing = [
  userMethod("saveRoomSettings", async (ctx, { caller: caller2, params }) => {
    const rid = textParam(params[0]);
    const wanted = typeof params[1] === "string" ? { [params[1]]: params[2] } : optionalObject(params[1]) ?? {};
    await saveRoomSettings(ctx, caller2, rid, parseRoomSettings(wanted));
    return { result: true, rid };
  }),
  userMethod("archiveRoom", async (ctx, { caller: caller2, params }) => {
    await archiveRoom(ctx, caller2, await requiredRoom(ctx, textParam(params[0]), "archiveRoom"));
  }),
  userMethod("unarchiveRoom", async (ctx, { caller: caller2, params }) => {
    await unarchiveRoom(ctx, caller2, await requiredRoom(ctx, textParam(params[0]), "unarchiveRoom"));
  }),
  userMethod("eraseRoom", async (ctx, { caller: caller2, params }) => {
    await eraseRoom(ctx, caller2, textParam(params[0]));
  }),
  ...["owner", "moderator", "leader"].flatMap((role2) => [
    roleMethod("add", role2, giveRoomRole),
    roleMethod("remove", role2, takeRoomRole)
  ])
];
function roleMethod(verb, role2, change2) {
  const name = `${verb}Room${role2[0]?.toUpperCase()}${role2.slice(1)}`;
  return userMethod(name, async (ctx, { caller: caller2, params }) => {
    const room2 = await requiredRoom(ctx, textParam(params[0]), name);
    const user2 = await findUserById(ctx, textParam(params[1]));
    if (!user2) fail("error-invalid-user", "Invalid user", { method: name });
    await change2(ctx, caller2, room2, user2, role2);
    return true;
  });
}
var roomMethods = [...roomFindingMethods, ...coming, ...own, ...changing];

// server/src/rooms/rooms-streams.ddp.ts
var roomStreams = [
  {
    name: "room-data",
    async mayRead(ctx, { caller: caller2, eventName }) {
      const room2 = caller2 && await roomById(ctx.db, eventName);
      return room2 ? canAccessRoom(ctx, caller2, room2) : false;
    }
  }
];
var STREAMS_OF_ROOMS = ["room-messages", "notify-room", "room-data"];
function wireRoomEvents(ctx, streams, online2) {
  ctx.events.on(
    "room.changed",
    newestOfEachRoom((event) => sendRoom(streams, online2, event))
  );
  ctx.events.on("membership.changed", (event) => sendMembership(streams, online2, event));
  ctx.events.on("memberships.touched", (event) => sendTouched(ctx, streams, online2, event));
  ctx.events.on("roomRole.changed", ({ type, role: role2, rid, isPublic: isPublic2, user: user2 }) => {
    if (!ctx.settings.bool("UI_DisplayRoles")) return;
    const args = [{ type, _id: role2, u: user2, scope: rid }];
    const mayKnow = (uid) => isPublic2 || uid === user2._id || online2.isMember(rid, uid);
    streams.emitPerCaller("notify-logged", "roles-change", ({ uid }) => mayKnow(uid) ? args : void 0);
  });
}
function newestOfEachRoom(send) {
  const waiting = /* @__PURE__ */ new Map();
  const sendAll = () => {
    const events = [...waiting.values()];
    waiting.clear();
    for (const event of events) send(event);
  };
  return (event) => {
    if (event.action === "removed") {
      waiting.delete(event.rid);
      send(event);
      return;
    }
    if (waiting.size === 0) queueMicrotask(sendAll);
    waiting.set(event.rid, event);
  };
}
function sendRoom(streams, online2, { action, rid, room: room2 }) {
  const document = action === "removed" ? { _id: rid } : publishedRoom(room2);
  streams.emitToUsers(online2.of(rid), "rooms-changed", [action, document]);
  if (action === "updated") streams.emit("room-data", rid, [document]);
}
function sendMembership(streams, online2, event) {
  online2.apply(event);
  const { action, rid, uid, subscription, room: room2 } = event;
  streams.emitToUsers([uid], "subscriptions-changed", [action, subscription]);
  if (room2) streams.emitToUsers([uid], "rooms-changed", ["inserted", publishedRoom(room2)]);
  if (action !== "removed") return;
  const ofRoom = (eventName) => eventName === rid || eventName.startsWith(`${rid}/`);
  for (const stream of STREAMS_OF_ROOMS) streams.dropSubscriptions(uid, stream, ofRoom);
}
function sendTouched(ctx, streams, online2, event) {
  const except = new Set(event.except);
  const uids = event.who === "all" ? [...online2.of(event.rid)].filter((uid) => !except.has(uid)) : event.who === "alert" ? online2.takeUnalerted(event.rid, except) : [];
  for (const uid of event.also) {
    if (online2.isMember(event.rid, uid) && !except.has(uid) && !uids.includes(uid)) uids.push(uid);
  }
  if (uids.length === 0) return;
  sendDocuments(ctx, streams, online2, event.rid, uids).catch((error) => {
    ctx.log.error({ err: error, rid: event.rid }, "memberships could not be sent to their owners");
  });
}
async function sendDocuments(ctx, streams, online2, rid, uids) {
  const [room2, memberships2, users] = await Promise.all([
    roomById(ctx.db, rid),
    membershipsIn(ctx.db, rid, uids),
    findUsers(ctx, { ids: uids })
  ]);
  if (!room2) return;
  const byId = new Map(users.map((user2) => [user2._id, user2]));
  for (const membership of memberships2) {
    const user2 = byId.get(membership.uid);
    if (!user2) continue;
    const subscription = presentSubscription(membership, room2, userRef(user2));
    if (!online2.maySend(rid, membership.uid, subscription._updatedAt.getTime())) continue;
    streams.emitToUsers([membership.uid], "subscriptions-changed", ["updated", subscription]);
  }
}

// server/src/storage/migrations/0001-foundation.ts
import { sql as sql4 } from "kysely";
var key = (column) => column.primaryKey().notNull();
var required = (column) => column.notNull();
var zero = (column) => column.notNull().defaultTo(0);
var foundation = {
  id: "0001-foundation",
  async up(tx) {
    await accounts(tx);
    await rooms(tx);
    await memberships(tx);
    await teams(tx);
    await messages(tx);
    await workspace(tx);
  }
};
async function accounts(tx) {
  await tx.schema.createTable("users").addColumn("id", "text", key).addColumn("username", "text").addColumn("username_key", "text").addColumn("name", "text").addColumn("type", "text", required).addColumn("active", "integer", required).addColumn("roles", "text", required).addColumn("password_hash", "text").addColumn("status", "text", required).addColumn("status_connection", "text", required).addColumn("status_default", "text", required).addColumn("status_text", "text").addColumn("created_at", "bigint", required).addColumn("updated_at", "bigint", required).addColumn("last_login", "bigint").addColumn("doc", "text", required).execute();
  await uniqueIndex(tx, "users", ["username_key"]);
  await index(tx, "users", ["name"]);
  await tx.schema.createTable("user_roles").addColumn("uid", "text", required).addColumn("role", "text", required).addPrimaryKeyConstraint("user_roles_pk", ["uid", "role"]).execute();
  await index(tx, "user_roles", ["role", "uid"]);
  await tx.schema.createTable("user_emails").addColumn("address_key", "text", key).addColumn("uid", "text", required).addColumn("address", "text", required).addColumn("verified", "integer", required).addColumn("position", "integer", required).execute();
  await index(tx, "user_emails", ["uid"]);
  await tx.schema.createTable("login_tokens").addColumn("hash", "text", key).addColumn("uid", "text", required).addColumn("kind", "text", required).addColumn("created_at", "bigint", required).addColumn("name", "text").addColumn("last_part", "text").addColumn("bypass_two_factor", "integer", required).addColumn("two_factor_until", "bigint").addColumn("two_factor_client", "text").execute();
  await uniqueIndex(tx, "login_tokens", ["uid", "name"]);
  await tx.schema.createTable("login_attempts").addColumn("id", "text", key).addColumn("at", "bigint", required).addColumn("ip", "text", required).addColumn("username", "text", required).addColumn("succeeded", "integer", required).execute();
  await index(tx, "login_attempts", ["ip", "at"]);
  await index(tx, "login_attempts", ["username", "at"]);
}
async function rooms(tx) {
  await tx.schema.createTable("rooms").addColumn("id", "text", key).addColumn("t", "text", required).addColumn("name", "text").addColumn("fname", "text").addColumn("creator_id", "text", required).addColumn("ts", "bigint", required).addColumn("updated_at", "bigint", required).addColumn("msgs", "integer", required).addColumn("users_count", "integer", required).addColumn("lm", "bigint").addColumn("last_message", "text").addColumn("archived", "integer", required).addColumn("ro", "integer", required).addColumn("is_default", "integer", required).addColumn("team_id", "text").addColumn("team_main", "integer", required).addColumn("prid", "text").addColumn("join_code", "text").addColumn("activity_seq", "bigint", zero).addColumn("unread_seq", "bigint", zero).addColumn("group_seq", "bigint", zero).addColumn("activity_at", "bigint", zero).addColumn("doc", "text", required).execute();
  await uniqueIndex(tx, "rooms", ["name"]);
  await index(tx, "rooms", ["fname"]);
  await index(tx, "rooms", ["team_id"]);
  await index(tx, "rooms", ["prid"]);
  await index(tx, "rooms", ["t", "name"]);
  await index(tx, "rooms", ["is_default"]);
  await index(tx, "rooms", ["updated_at"]);
}
async function memberships(tx) {
  await tx.schema.createTable("subscriptions").addColumn("id", "text", key).addColumn("rid", "text", required).addColumn("uid", "text", required).addColumn("t", "text", required).addColumn("ts", "bigint", required).addColumn("position", "integer", required).addColumn("updated_at", "bigint", required).addColumn("ls", "bigint").addColumn("lr", "bigint").addColumn("open", "integer", required).addColumn("alert", "integer", required).addColumn("unread", "integer", required).addColumn("user_mentions", "integer", required).addColumn("group_mentions", "integer", required).addColumn("seen_activity_seq", "bigint", required).addColumn("seen_unread_seq", "bigint", required).addColumn("seen_group_seq", "bigint", required).addColumn("favorite", "integer", required).addColumn("roles", "text", required).addColumn("status", "text").addColumn("doc", "text", required).execute();
  await uniqueIndex(tx, "subscriptions", ["rid", "uid"]);
  await index(tx, "subscriptions", ["uid", "t"]);
  await index(tx, "subscriptions", ["uid", "updated_at"]);
  await index(tx, "subscriptions", ["rid", "ts", "position"]);
  await tx.schema.createTable("room_roles").addColumn("rid", "text", required).addColumn("uid", "text", required).addColumn("role", "text", required).addPrimaryKeyConstraint("room_roles_pk", ["rid", "uid", "role"]).execute();
  await index(tx, "room_roles", ["uid"]);
  await index(tx, "room_roles", ["rid", "role"]);
}
async function teams(tx) {
  await tx.schema.createTable("teams").addColumn("id", "text", key).addColumn("name", "text", required).addColumn("name_key", "text", required).addColumn("type", "integer", required).addColumn("room_id", "text", required).addColumn("created_at", "bigint", required).addColumn("updated_at", "bigint", required).addColumn("created_by", "text", required).execute();
  await uniqueIndex(tx, "teams", ["name_key"]);
  await uniqueIndex(tx, "teams", ["room_id"]);
  await tx.schema.createTable("team_members").addColumn("team_id", "text", required).addColumn("uid", "text", required).addColumn("id", "text", required).addColumn("created_at", "bigint", required).addColumn("updated_at", "bigint", required).addColumn("created_by", "text", required).addColumn("roles", "text", required).addPrimaryKeyConstraint("team_members_pk", ["team_id", "uid"]).execute();
  await index(tx, "team_members", ["uid"]);
}
async function messages(tx) {
  await tx.schema.createTable("messages").addColumn("id", "text", key).addColumn("rid", "text", required).addColumn("ts", "bigint", required).addColumn("uid", "text", required).addColumn("t", "text").addColumn("tmid", "text").addColumn("tshow", "integer", required).addColumn("pinned", "integer", required).addColumn("hidden", "integer", required).addColumn("tcount", "integer").addColumn("tlm", "bigint").addColumn("updated_at", "bigint", required).addColumn("doc", "text", required).execute();
  await index(tx, "messages", ["rid", "ts"]);
  await index(tx, "messages", ["rid", "updated_at"]);
  await index(tx, "messages", ["uid"]);
  await tx.schema.createIndex("messages_tmid_ts").on("messages").columns(["tmid", "ts"]).where(sql4.ref("tmid"), "is not", null).execute();
  await tx.schema.createIndex("messages_pinned").on("messages").columns(["rid", "ts"]).where(sql4.ref("pinned"), "=", sql4.lit(1)).execute();
  await tx.schema.createTable("message_mentions").addColumn("uid", "text", required).addColumn("rid", "text", required).addColumn("ts", "bigint", required).addColumn("mid", "text", required).addPrimaryKeyConstraint("message_mentions_pk", ["uid", "rid", "ts", "mid"]).execute();
  await index(tx, "message_mentions", ["mid"]);
  await tx.schema.createTable("message_stars").addColumn("uid", "text", required).addColumn("rid", "text", required).addColumn("mid", "text", required).addPrimaryKeyConstraint("message_stars_pk", ["uid", "rid", "mid"]).execute();
  await index(tx, "message_stars", ["mid"]);
}
async function workspace(tx) {
  await tx.schema.createTable("tombstones").addColumn("kind", "text", required).addColumn("id", "text", required).addColumn("scope", "text", required).addColumn("deleted_at", "bigint", required).addColumn("doc", "text", required).addPrimaryKeyConstraint("tombstones_pk", ["kind", "id", "scope"]).execute();
  await index(tx, "tombstones", ["kind", "scope", "deleted_at"]);
  await tx.schema.createTable("settings").addColumn("id", "text", key).addColumn("value", "text", required).addColumn("updated_at", "bigint", required).execute();
  await tx.schema.createTable("permissions").addColumn("id", "text", key).addColumn("roles", "text", required).addColumn("updated_at", "bigint", required).execute();
  await tx.schema.createTable("roles").addColumn("id", "text", key).addColumn("name", "text", required).addColumn("scope", "text", required).addColumn("description", "text", required).addColumn("protected", "integer", required).addColumn("mandatory2fa", "integer", required).addColumn("updated_at", "bigint", required).execute();
}
async function index(tx, table, columns) {
  await tx.schema.createIndex(`${table}_${columns.join("_")}`).on(table).columns(columns).execute();
}
async function uniqueIndex(tx, table, columns) {
  await tx.schema.createIndex(`${table}_${columns.join("_")}_key`).on(table).columns(columns).unique().execute();
}

// server/src/storage/migrations/0002-people-search.ts
import { sql as sql5 } from "kysely";
var peopleSearch = {
  id: "0002-people-search",
  async up(tx) {
    await tx.schema.alterTable("users").addColumn("search_key", "text").execute();
    await sql5`update users set search_key = lower(coalesce(username, '') || ' ' || coalesce(name, ''))`.execute(
      tx
    );
  }
};

// server/src/storage/migrations/0003-highlights.ts
import { sql as sql6 } from "kysely";
var highlights = {
  id: "0003-highlights",
  async up(tx) {
    await tx.schema.alterTable("subscriptions").addColumn("highlights", "text").execute();
    await tx.schema.createIndex("subscriptions_highlights").on("subscriptions").column("rid").where(sql6.ref("highlights"), "is not", null).execute();
  }
};

// server/src/storage/migrations/0004-thread-list.ts
import { sql as sql7 } from "kysely";
var threadList = {
  id: "0004-thread-list",
  async up(tx) {
    await tx.schema.createIndex("messages_threads").on("messages").columns(["rid", "tlm"]).where(sql7.ref("tcount"), "is not", null).execute();
  }
};

// server/src/storage/migrations/0005-presence-lists.ts
var presenceLists = {
  id: "0005-presence-lists",
  async up(tx) {
    await tx.schema.createIndex("users_status").on("users").column("status").execute();
    await tx.schema.createIndex("users_updated_at").on("users").column("updated_at").execute();
  }
};

// server/src/storage/migrations/index.ts
var MIGRATIONS = [
  foundation,
  peopleSearch,
  highlights,
  threadList,
  presenceLists
];
async function migrate(storage, log, migrations = MIGRATIONS) {
  await storage.transaction(async (schemaTx) => {
    const tx = schemaTx;
    await tx.schema.createTable("schema_migrations").ifNotExists().addColumn("id", "text", (column) => column.primaryKey()).addColumn("applied_at", "bigint", (column) => column.notNull()).execute();
    const rows = await tx.selectFrom("schema_migrations").select("id").orderBy("id").execute();
    const applied = new Set(rows.map((row) => row.id));
    const unknown = rows.filter((row) => !migrations.some((migration) => migration.id === row.id));
    if (unknown.length > 0) {
      const ids = unknown.map((row) => row.id).join(", ");
      throw new Error(
        `The database was written by a newer version of Gantry (it has ${ids}). Start that version, or restore a backup.`
      );
    }
    for (const migration of migrations) {
      if (applied.has(migration.id)) continue;
      await migration.up(tx);
      await tx.insertInto("schema_migrations").values({ id: migration.id, applied_at: Date.now() }).execute();
      log.debug({ migration: migration.id }, "migration applied");
    }
  });
  await storage.durable();
}

// server/src/storage/sqlite/sqlite-storage.ts
import { existsSync } from "node:fs";
import { open as open4, rename as rename2, rm as rm2 } from "node:fs/promises";
import { join as join2 } from "node:path";
import { CompiledQuery } from "kysely";

// server/src/storage/durability.ts
var Durability = class {
  #sync;
  #onFailure;
  /** Number of commits so far, and how many of them a finished sync has covered. */
  #committed = 0;
  #durable = 0;
  /** How many commits the running sync covers; 0 when none runs. */
  #syncing = 0;
  #running;
  #next;
  #failure;
  constructor(sync, onFailure = () => {
  }) {
    this.#sync = sync;
    this.#onFailure = onFailure;
  }
  /** Set after a failed sync: nothing may be written any more. */
  get failure() {
    return this.#failure;
  }
  /** To be called right after every COMMIT that changed something. */
  noteCommit() {
    this.#committed += 1;
  }
  /** Resolves when everything that is committed by now is on the disk. */
  wait() {
    if (this.#failure) return Promise.reject(this.#failure);
    if (this.#durable >= this.#committed) return Promise.resolve();
    if (this.#running && this.#syncing >= this.#committed) return this.#running.promise;
    this.#next ??= newBatch();
    const { promise } = this.#next;
    if (!this.#running) void this.#start();
    return promise;
  }
  async #start() {
    const batch = this.#next;
    if (!batch) return;
    this.#next = void 0;
    this.#running = batch;
    this.#syncing = this.#committed;
    try {
      await this.#sync();
    } catch (cause) {
      this.#fail(batch, cause);
      return;
    }
    this.#durable = this.#syncing;
    this.#syncing = 0;
    this.#running = void 0;
    batch.resolve();
    if (this.#next) void this.#start();
  }
  #fail(batch, cause) {
    const failure2 = new StorageFailed("the disk refused to make a commit durable", { cause });
    this.#failure = failure2;
    this.#running = void 0;
    this.#onFailure(failure2);
    batch.reject(failure2);
    this.#next?.reject(failure2);
    this.#next = void 0;
  }
};
function newBatch() {
  let resolve2 = () => {
  };
  let reject2 = () => {
  };
  const promise = new Promise((onDurable, onFailure) => {
    resolve2 = onDurable;
    reject2 = onFailure;
  });
  return { promise, resolve: resolve2, reject: reject2 };
}

// server/src/storage/sqlite/driver.ts
import { createRequire } from "node:module";
var BUILT_IN = "node:sqlite";
var FALLBACK = "@photostructure/sqlite";
function sqliteModuleName() {
  const require2 = createRequire(import.meta.url);
  try {
    quietly(() => require2(BUILT_IN));
    return BUILT_IN;
  } catch {
    return require2.resolve(FALLBACK);
  }
}
function openSqlite(path, options = {}) {
  const require2 = createRequire(import.meta.url);
  const { DatabaseSync } = quietly(() => require2(sqliteModuleName()));
  return new DatabaseSync(path, options);
}
function quietly(load) {
  const emitWarning = process.emitWarning;
  process.emitWarning = ((warning, ...rest) => {
    if (String(warning).startsWith("SQLite is an experimental feature")) return;
    emitWarning.call(process, warning, ...rest);
  });
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
var CODES_BY_TEXT = [
  ["database is locked", 5],
  ["database table is locked", 6],
  ["out of memory", 7],
  ["interrupted", 9],
  ["disk I/O error", 10],
  ["database or disk is full", 13],
  ["UNIQUE constraint failed", 2067]
];
function withErrorCode(error) {
  if (!(error instanceof Error) || "errcode" in error) return error;
  const known2 = CODES_BY_TEXT.find(([start2]) => error.message.startsWith(start2));
  return known2 ? Object.assign(error, { errcode: known2[1] }) : error;
}

// server/src/storage/sqlite/connection.ts
var CACHED_STATEMENTS = 500;
var SqliteConnection = class {
  database;
  /** By SQL text, the least recently used first. */
  #statements = /* @__PURE__ */ new Map();
  constructor(database) {
    this.database = database;
  }
  /** Runs the query at once; SQLite never waits here but for another process. */
  execute(compiled) {
    const parameters = bindable(compiled.parameters);
    const hasRows = returnsRows(compiled);
    const prepared2 = this.#prepare(compiled.sql, hasRows);
    try {
      if (!hasRows)
        return { rows: [], numAffectedRows: BigInt(prepared2.statement.run(...parameters).changes) };
      const rows = allRows(prepared2, parameters);
      return isRead(compiled) ? { rows } : { rows, numAffectedRows: BigInt(rows.length) };
    } catch (error) {
      this.#statements.delete(compiled.sql);
      throw withErrorCode(error);
    }
  }
  /** Runs a statement without parameters and rows, such as BEGIN. */
  run(sql8) {
    this.#prepare(sql8, false).statement.run();
  }
  close() {
    this.#statements.clear();
    this.database.close();
  }
  #prepare(sql8, hasRows) {
    let prepared2 = this.#statements.get(sql8);
    if (prepared2) {
      this.#statements.delete(sql8);
    } else {
      prepared2 = prepare(this.database, sql8, hasRows);
      const oldest = this.#statements.size < CACHED_STATEMENTS ? void 0 : this.#statements.keys().next().value;
      if (oldest !== void 0) this.#statements.delete(oldest);
    }
    this.#statements.set(sql8, prepared2);
    return prepared2;
  }
};
function prepare(database, sql8, hasRows) {
  const statement = database.prepare(sql8);
  if (!hasRows || !statement.setReturnArrays || !statement.columns) return { statement, columns: void 0 };
  statement.setReturnArrays(true);
  return { statement, columns: statement.columns().map((column) => column.name) };
}
function allRows({ statement, columns }, parameters) {
  const rows = statement.all(...parameters);
  if (!columns) return rows;
  for (const [index2, values] of rows.entries()) {
    const row = {};
    for (let column = 0; column < columns.length; column += 1)
      row[columns[column]] = values[column];
    rows[index2] = row;
  }
  return rows;
}
function isRead({ query, sql: sql8 }) {
  if (query.kind === "SelectQueryNode") return true;
  return query.kind === "RawNode" && /^\s*(select|values|explain|pragma)\b/i.test(sql8);
}
function returnsRows(compiled) {
  const { query, sql: sql8 } = compiled;
  switch (query.kind) {
    case "InsertQueryNode":
    case "UpdateQueryNode":
    case "DeleteQueryNode":
    case "MergeQueryNode":
      return query.returning !== void 0;
    case "RawNode":
      return isRead(compiled) || /^\s*with\b|\breturning\b/i.test(sql8);
    default:
      return isRead(compiled);
  }
}
function bindable(parameters) {
  for (const value of parameters) {
    if (value === null || typeof value === "string" || typeof value === "bigint") continue;
    if (typeof value === "number") {
      if (Number.isFinite(value)) continue;
      throw new TypeError(`cannot store the number ${value}`);
    }
    if (value instanceof Uint8Array) continue;
    const kind = value instanceof Date ? "Date (store its milliseconds)" : typeof value;
    throw new TypeError(
      `cannot bind a value of type ${kind === "boolean" ? "boolean (store 0 or 1)" : kind}`
    );
  }
  return parameters;
}

// server/src/storage/sqlite/database-files.ts
import { open as open3 } from "node:fs/promises";
import { dirname as dirname2 } from "node:path";

// server/src/storage/sqlite/directory-lock.ts
import { mkdir, open as open2, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
async function lockDirectory(dataDir2) {
  const created = await mkdir(dataDir2, { recursive: true, mode: 448 });
  if (created) await syncDirectory(dirname(created));
  const pidFile = join(dataDir2, "gantry.pid");
  const database = openSqlite(join(dataDir2, "gantry.lock"), { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if (!isStorageBusy(error)) throw error;
    const pid = await readFile(pidFile, "utf8").catch(() => "");
    const owner = pid.trim() ? `the process ${pid.trim()}` : "another process";
    throw new Error(
      `The data directory ${dataDir2} is in use by ${owner}. Only one server may use it at a time.`
    );
  }
  await writeFile(pidFile, `${process.pid}
`);
  return {
    async release() {
      await rm(pidFile, { force: true });
      database.close();
    }
  };
}
async function syncDirectory(path) {
  if (process.platform === "win32") return;
  const directory = await open2(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

// server/src/storage/sqlite/database-files.ts
var BUSY_TIMEOUT_MS = 2e3;
var LARGEST_LOG_PAGES = 16384;
var SHRUNK_LOG_BYTES = 32 * 1024 * 1024;
function openWriter(path) {
  const database = openSqlite(path, { timeout: BUSY_TIMEOUT_MS });
  const [mode] = database.prepare("PRAGMA journal_mode = WAL").all();
  if (mode?.journal_mode !== "wal") {
    database.close();
    throw new Error(`${path} cannot use a write-ahead log; is it on a network file system?`);
  }
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec(`PRAGMA wal_autocheckpoint = ${LARGEST_LOG_PAGES}`);
  database.exec(`PRAGMA journal_size_limit = ${SHRUNK_LOG_BYTES}`);
  return new SqliteConnection(configure(database));
}
function openReader(path) {
  return new SqliteConnection(configure(openSqlite(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS })));
}
function openInMemory() {
  return new SqliteConnection(configure(openSqlite(":memory:")));
}
function configure(database) {
  database.exec("PRAGMA cache_size = -16000");
  database.exec("PRAGMA mmap_size = 0");
  database.exec("PRAGMA temp_store = MEMORY");
  database.function(
    "lower",
    { deterministic: true },
    (value) => typeof value === "string" ? value.toLowerCase() : value
  );
  return database;
}
var WalFile = class {
  #path;
  #file;
  constructor(databasePath) {
    this.#path = `${databasePath}-wal`;
  }
  /** Makes durable what was written before the call. The log exists once there was a commit. */
  async sync() {
    if (!this.#file) {
      this.#file = await open3(this.#path, "r+");
      await syncDirectory(dirname2(this.#path));
    }
    await this.#file.datasync();
  }
  async close() {
    await this.#file?.close();
  }
};

// server/src/storage/sqlite/dialect.ts
import {
  DefaultQueryExecutor,
  Kysely,
  SqliteAdapter as SqliteAdapter2,
  SqliteIntrospector,
  SqliteQueryCompiler,
  Transaction
} from "kysely";
var readerOver = (execute) => new Kysely(props(execute));
var transactionOver = (execute) => new Transaction(props(execute));
function props(execute) {
  const executor = new DirectExecutor(execute);
  return { config: { dialect: DIALECT }, dialect: DIALECT, driver: DRIVER, executor };
}
var DirectExecutor = class extends DefaultQueryExecutor {
  #execute;
  constructor(execute) {
    super(COMPILER, ADAPTER, connectionProvider(execute));
    this.#execute = execute;
  }
  executeQuery(compiled) {
    return this.#execute(compiled);
  }
};
function connectionProvider(executeQuery) {
  const connection = {
    executeQuery,
    streamQuery() {
      throw new Error("streaming is not supported; read page by page");
    }
  };
  return { provideConnection: (consumer) => consumer(connection) };
}
var ADAPTER = new SqliteAdapter2();
var COMPILER = new SqliteQueryCompiler();
var useStorage = () => {
  throw new Error("transactions are begun with storage.transaction or ctx.write");
};
var DRIVER = {
  init: async () => {
  },
  acquireConnection: async () => useStorage(),
  beginTransaction: async () => useStorage(),
  commitTransaction: async () => useStorage(),
  rollbackTransaction: async () => useStorage(),
  releaseConnection: async () => {
  },
  destroy: async () => {
  }
};
var DIALECT = {
  createAdapter: () => ADAPTER,
  createDriver: () => DRIVER,
  createQueryCompiler: () => COMPILER,
  createIntrospector: (db) => new SqliteIntrospector(db)
};

// server/src/storage/sqlite/maintenance.ts
import { Worker } from "node:worker_threads";
var THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
process.emitWarning = () => {};
const { DatabaseSync } = require(workerData.module);
const database = new DatabaseSync(workerData.path, { timeout: 5000 });
database.exec('PRAGMA synchronous = NORMAL');
const work = {
  checkpoint: () => ({ ...database.prepare('PRAGMA wal_checkpoint(PASSIVE)').all()[0] }),
  backup: (path) => { database.prepare('VACUUM INTO ?').run(path); },
  close: () => { database.close(); },
};
parentPort.on('message', ({ id, task, argument }) => {
  try {
    parentPort.postMessage({ id, result: work[task](argument) });
  } catch (error) {
    parentPort.postMessage({ id, error: String(error && error.message || error) });
  }
  if (task === 'close') parentPort.close();
});
`;
var Maintenance = class {
  #path;
  #worker;
  #lastId = 0;
  #waiting = /* @__PURE__ */ new Map();
  #backups = 0;
  constructor(path) {
    this.#path = path;
  }
  /** A backup keeps its snapshot, and the thread, for its whole time: checkpoints are pointless meanwhile. */
  get backingUp() {
    return this.#backups > 0;
  }
  async checkpoint() {
    return await this.#ask("checkpoint");
  }
  /** Writes a consistent copy into an empty file. */
  async backup(path) {
    this.#backups += 1;
    try {
      await this.#ask("backup", path);
    } finally {
      this.#backups -= 1;
    }
  }
  /** Finishes what was asked for. The thread is never terminated: some SQLite builds abort the process then. */
  async close() {
    if (this.#worker) await this.#ask("close");
  }
  #ask(task, argument) {
    this.#worker ??= this.#start();
    this.#worker.ref();
    this.#lastId += 1;
    const message = { id: this.#lastId, task, argument };
    const answer2 = new Promise(
      (resolve2, reject2) => this.#waiting.set(message.id, { resolve: resolve2, reject: reject2 })
    );
    this.#worker.postMessage(message);
    return answer2;
  }
  #start() {
    const workerData = { module: sqliteModuleName(), path: this.#path };
    const worker = new Worker(THREAD, { eval: true, execArgv: [], workerData });
    worker.on("message", (answer2) => this.#settle(answer2));
    worker.on("error", (error) => this.#lose(worker, error));
    worker.on("exit", () => this.#lose(worker, new Error("the maintenance thread ended")));
    return worker;
  }
  #settle({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === void 0) waiting?.resolve(result);
    else waiting?.reject(new Error(error));
    if (this.#waiting.size === 0) this.#worker?.unref();
  }
  /** The next task starts a new thread. */
  #lose(worker, error) {
    if (this.#worker !== worker) return;
    this.#worker = void 0;
    const lost = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject: reject2 } of lost) reject2(error instanceof Error ? error : new Error(String(error)));
  }
};

// server/src/storage/sqlite/transactions.ts
import { AsyncLocalStorage } from "node:async_hooks";
import { setImmediate as setImmediate2 } from "node:timers";

// server/src/storage/fifo-lock.ts
var HOLDERS_PER_TURN = 32;
var FifoLock = class {
  #held = false;
  #handovers = 0;
  #waiting = [];
  get held() {
    return this.#held;
  }
  /** Takes the lock if it is free. */
  tryAcquire() {
    if (this.#held) return false;
    this.#held = true;
    return true;
  }
  acquire() {
    if (this.tryAcquire()) return Promise.resolve();
    return new Promise((resolve2) => this.#waiting.push(resolve2));
  }
  release() {
    const next = this.#waiting.shift();
    if (!next) {
      this.#held = false;
      return;
    }
    this.#handovers += 1;
    if (this.#handovers % HOLDERS_PER_TURN === 0) setImmediate(next);
    else next();
  }
};

// server/src/storage/sqlite/transactions.ts
var MAX_GROUP = 128;
var Transactions = class {
  #lock = new FifoLock();
  #connection;
  #options;
  /** Tells from inside which transaction a call comes; only with `trace`. */
  #inside;
  #current;
  #group;
  constructor(connection, options) {
    this.#connection = connection;
    this.#options = options;
    this.#inside = options.trace ? new AsyncLocalStorage() : void 0;
  }
  /** For how long the current transaction is open, in ms; 0 without one. */
  get openFor() {
    return this.#current ? performance.now() - this.#current.since : 0;
  }
  /** Throws when the caller is inside a transaction that is still open (only with `trace`). */
  refuseInside(advice) {
    if (this.#inside?.getStore()?.open) throw new Error(advice);
  }
  /** Resolves after the commit. */
  async run(work, onCommit) {
    this.refuseInside("a transaction inside a transaction would wait for itself: pass the `tx` on");
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    let group;
    let result;
    try {
      group = this.#joinGroup();
      result = await this.#runMember(group, work);
      group.members += 1;
      if (onCommit) group.onCommit.push(onCommit);
    } finally {
      this.#lock.release();
    }
    await group.committed;
    return result;
  }
  /** Runs something between transactions: when it runs, everything before is committed and nothing is open. */
  async between(run2) {
    if (!this.#lock.tryAcquire()) await this.#lock.acquire();
    try {
      this.#commit();
      return await run2();
    } finally {
      this.#lock.release();
    }
  }
  /** As `between`, and nothing runs ever after. */
  async stop() {
    await this.#lock.acquire();
    this.#commit();
  }
  async #runMember(group, work) {
    const transaction = {
      open: true,
      wrote: false,
      broken: void 0,
      since: performance.now()
    };
    this.#current = transaction;
    try {
      this.#connection.run("SAVEPOINT member");
      const tx = transactionOver((compiled) => this.#execute(transaction, compiled));
      const result = await (this.#inside ? this.#inside.run(transaction, work, tx) : work(tx));
      if (transaction.broken) throw transaction.broken;
      this.#connection.run("RELEASE member");
      group.wrote ||= transaction.wrote;
      return result;
    } catch (error) {
      this.#takeBack(group, transaction, error);
      throw error;
    } finally {
      transaction.open = false;
      this.#current = void 0;
    }
  }
  #joinGroup() {
    if (this.#group && this.#group.members >= MAX_GROUP) this.#commit();
    this.#options.admit();
    if (!this.#group) {
      this.#connection.run("BEGIN IMMEDIATE");
      this.#group = newGroup();
      setImmediate2(() => void this.#commitInTurn());
    }
    return this.#group;
  }
  async #commitInTurn() {
    if (!this.#group) return;
    await this.between(() => {
    });
  }
  /** Never throws: whether it went well is told to the members. */
  #commit() {
    const group = this.#group;
    if (!group) return;
    this.#group = void 0;
    try {
      this.#options.admit();
      this.#connection.run("COMMIT");
    } catch (error) {
      this.#rollback();
      group.reject(error);
      return;
    }
    if (group.wrote) this.#options.committed();
    for (const onCommit of group.onCommit) onCommit();
    group.resolve();
  }
  /** Undoes one member, or the whole group when SQLite may have ended the transaction of all by itself. */
  #takeBack(group, { broken }, error) {
    if (!broken && !mayHaveEndedTransaction(error)) {
      this.#connection.run("ROLLBACK TO member");
      this.#connection.run("RELEASE member");
      return;
    }
    this.#group = void 0;
    this.#rollback();
    group.reject(error);
  }
  async #execute(transaction, compiled) {
    if (!transaction.open) throw new Error("the transaction is over; is an `await` missing?");
    if (transaction.broken) throw transaction.broken;
    if (!isRead(compiled)) transaction.wrote = true;
    try {
      return this.#connection.execute(compiled);
    } catch (error) {
      if (mayHaveEndedTransaction(error)) transaction.broken = error;
      throw error;
    }
  }
  #rollback() {
    const { database } = this.#connection;
    if (database.isTransaction === false) return;
    try {
      this.#connection.run("ROLLBACK");
    } catch (error) {
      if (!(error instanceof Error && error.message.includes("no transaction is active"))) throw error;
    }
  }
};
function newGroup() {
  let resolve2 = () => {
  };
  let reject2 = () => {
  };
  const committed = new Promise((onCommitted, onFailure) => {
    resolve2 = onCommitted;
    reject2 = onFailure;
  });
  committed.catch(() => {
  });
  return { members: 0, wrote: false, onCommit: [], committed, resolve: resolve2, reject: reject2 };
}

// server/src/storage/sqlite/sqlite-storage.ts
var SLOW_TRANSACTION_MS = 1e4;
var CHECKPOINT_AFTER_MS = 1e3;
var LONG_LOG_PAGES = 4e3;
async function openSqliteStorage(options, overrides = {}) {
  if (options.memory) {
    const connection = openInMemory();
    const sync = overrides.sync ?? (() => Promise.resolve());
    return new SqliteStorage({
      log: options.log,
      writer: connection,
      reader: connection,
      maintenance: void 0,
      sync,
      release: async () => {
      }
    });
  }
  const lock = await lockDirectory(options.dataDir);
  try {
    return await openFiles(options, overrides, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}
async function openFiles(options, overrides, lock) {
  const path = join2(options.dataDir, "gantry.db");
  await createPrivately(path);
  const writer = openWriter(path);
  try {
    const reader = openReader(path);
    const wal = new WalFile(path);
    const release2 = async () => {
      await wal.close();
      await lock.release();
    };
    return new SqliteStorage({
      log: options.log,
      writer,
      reader,
      maintenance: new Maintenance(path),
      sync: overrides.sync ?? (() => wal.sync()),
      release: release2
    });
  } catch (error) {
    writer.close();
    throw error;
  }
}
async function createPrivately(path) {
  const file = await open4(path, "a", 384);
  await file.close();
}
var SqliteStorage = class {
  db;
  #parts;
  #durability;
  #transactions;
  #watchdog;
  #checkpointTimer;
  #checkpointFails = false;
  #closed;
  constructor(parts) {
    const { log, writer, maintenance } = parts;
    this.#parts = parts;
    this.#durability = new Durability(parts.sync, (error) => {
      log.fatal({ err: error.cause }, "a disk sync failed: nothing is written any more until a restart");
    });
    this.#transactions = new Transactions(writer, {
      trace: !maintenance,
      admit: () => {
        if (this.#durability.failure) throw this.#durability.failure;
      },
      committed: () => {
        this.#durability.noteCommit();
        if (maintenance) this.#checkpointSoon(maintenance);
      }
    });
    this.db = readerOver(
      maintenance ? (compiled) => this.#read(compiled) : (compiled) => this.#readInTurn(compiled)
    );
    this.#watchdog = setInterval(() => this.#reportSlowTransaction(), SLOW_TRANSACTION_MS).unref();
  }
  get failure() {
    return this.#durability.failure;
  }
  async transaction(work, onCommit) {
    this.#refuseWhenClosed();
    return this.#transactions.run(work, onCommit);
  }
  durable() {
    return this.#durability.wait();
  }
  async backup(path) {
    this.#refuseWhenClosed();
    if (existsSync(path)) throw new Error(`${path} exists already`);
    const partial = `${path}.partial`;
    const file = await open4(partial, "wx", 384);
    try {
      await this.#copyInto(partial);
      await file.sync();
      await rename2(partial, path);
    } catch (error) {
      await rm2(partial, { force: true });
      throw error;
    } finally {
      await file.close();
    }
  }
  async checkpoint() {
    this.#refuseWhenClosed();
    await this.#parts.maintenance?.checkpoint();
  }
  close() {
    this.#closed ??= this.#close();
    return this.#closed;
  }
  async #close() {
    clearInterval(this.#watchdog);
    clearTimeout(this.#checkpointTimer);
    const { log, writer, reader, maintenance, release: release2 } = this.#parts;
    await this.#transactions.stop();
    await this.durable().catch((error) => log.error({ err: error }, "closed without a last sync"));
    await maintenance?.close();
    if (reader !== writer) reader.close();
    if (maintenance) this.#emptyLog();
    writer.close();
    await release2();
  }
  /**
   * Moves everything into the database file, so that a copy of that file alone is whole. The drivers do not do it when
   * they close: statements that were never finalized keep their connection half open.
   */
  #emptyLog() {
    try {
      this.#parts.writer.execute(CompiledQuery.raw("PRAGMA wal_checkpoint(TRUNCATE)"));
    } catch (error) {
      this.#parts.log.error({ err: error }, "closed without emptying the write-ahead log");
    }
  }
  async #copyInto(path) {
    const { maintenance, writer } = this.#parts;
    if (maintenance) return maintenance.backup(path);
    await this.#transactions.between(() => writer.execute(CompiledQuery.raw("VACUUM INTO ?", [path])));
  }
  async #read(compiled) {
    refuseWrite(compiled);
    return this.#parts.reader.execute(compiled);
  }
  /** With a single connection a read has to wait until the open transaction has ended, or it would see its rows. */
  async #readInTurn(compiled) {
    refuseWrite(compiled);
    this.#transactions.refuseInside(
      "a read through `db` inside a transaction would miss what it wrote: use the `tx`"
    );
    return this.#transactions.between(() => this.#parts.reader.execute(compiled));
  }
  #checkpointSoon(maintenance) {
    this.#checkpointTimer ??= setTimeout(async () => {
      try {
        await this.#shortenLog(maintenance);
        this.#checkpointFails = false;
      } catch (error) {
        if (!this.#checkpointFails)
          this.#parts.log.error({ err: error }, "the write-ahead log cannot be checkpointed");
        this.#checkpointFails = true;
      } finally {
        this.#checkpointTimer = void 0;
      }
    }, CHECKPOINT_AFTER_MS).unref();
  }
  async #shortenLog(maintenance) {
    if (this.#closed || maintenance.backingUp) return;
    const { log, checkpointed } = await maintenance.checkpoint();
    if (log < LONG_LOG_PAGES || checkpointed === log || this.#closed || maintenance.backingUp) return;
    await this.#transactions.between(() => maintenance.checkpoint());
  }
  #refuseWhenClosed() {
    if (this.#closed) throw new StorageFailed("the storage is closed");
  }
  #reportSlowTransaction() {
    const ms = Math.round(this.#transactions.openFor);
    if (ms > SLOW_TRANSACTION_MS)
      this.#parts.log.error({ ms }, "a transaction is open for very long; all writes wait");
  }
};
function refuseWrite(compiled) {
  if (!isRead(compiled)) throw new Error("`db` is for reads only; write in a transaction (ctx.write)");
}

// server/src/storage/database.ts
async function openStorage(options) {
  const storage = await openSqliteStorage(options);
  try {
    await migrate(storage, options.log);
    return storage;
  } catch (error) {
    await storage.close();
    throw error;
  }
}

// server/src/storage/tombstones.store.ts
async function deleteTombstonesBefore(tx, before) {
  await tx.deleteFrom("tombstones").where("deleted_at", "<", before).execute();
}

// server/src/storage/write.ts
function createWriter(storage, events) {
  const waiting = [];
  function publishUpTo(batch) {
    while (batch.state !== "published") {
      const first = waiting.shift();
      if (!first) return;
      first.state = "published";
      for (const publish of first.publish) publish();
    }
  }
  return async (work) => {
    const batch = { publish: [], state: "open" };
    const emit = (name, payload) => {
      if (batch.state !== "open") throw new Error(`event ${name} was emitted after its transaction`);
      batch.publish.push(() => events.publish(name, payload));
    };
    const result = await storage.transaction(
      (tx) => work(tx, emit),
      () => {
        batch.state = "committed";
        if (batch.publish.length > 0) waiting.push(batch);
      }
    );
    try {
      await storage.durable();
    } catch (error) {
      waiting.length = 0;
      throw error;
    }
    if (batch.publish.length > 0) publishUpTo(batch);
    return result;
  };
}

// server/src/app.ts
async function createServer(config2) {
  const log = createLog(config2);
  const storage = await openStorage({ memory: config2.memory, dataDir: config2.dataDir, log });
  try {
    return await wire(config2, log, storage);
  } catch (error) {
    await storage.close();
    throw error;
  }
}
async function wire(config2, log, storage) {
  const ctx = await createContext(config2, log, storage);
  const presence = new Presence(ctx);
  const online2 = new OnlineMembers(storage.db);
  await ensureGeneralChannel(ctx);
  const { firstAdmin } = await bootstrapAccounts(ctx, roomHooks);
  await presence.start();
  const methods = [
    ...accountMethods({ rooms: roomHooks, presence }),
    ...adminMethods,
    ...unbuiltMethods,
    ...roomMethods,
    ...messageMethods
  ];
  const streams = heardInFull(online2, [
    ...accountStreams,
    ...adminStreams,
    ...roomStreams,
    ...messageStreams
  ]);
  const realtime = createRealtime({
    ctx,
    methods,
    streams,
    checkSecondFactor: (_ctx, call) => checkSecondFactor(ctx, call.caller, call.twoFactor, "remembered"),
    loginServices: () => loginServiceDocuments(ctx)
  });
  const endpoints = [
    ...infoEndpoints,
    ...accountEndpoints({ rooms: roomHooks, presence }),
    ...settingsEndpoints,
    ...permissionsEndpoints,
    ...rolesEndpoints,
    ...allRoomEndpoints,
    ...messageEndpoints,
    ...methodCallEndpoints(realtime.dispatcher)
  ];
  wireEvents(ctx, realtime, presence, online2);
  const authenticator = createAuthenticator(ctx);
  const app = createRestServer({
    ctx,
    endpoints,
    authenticate: (uid, token, client) => authenticator.authenticate(uid, token, client),
    checkSecondFactor: (caller2, { headers, mode }) => checkSecondFactor(ctx, caller2, secondFactorFromHeaders(headers), mode),
    anonymousAllowed: () => ctx.settings.bool("Accounts_AllowAnonymousRead")
  });
  realtimeHttpRoutes(app, ctx);
  healthRoutes(app, storage);
  const requests = new OpenRequests(app.server);
  const chores = startChores(ctx, presence);
  return {
    ctx,
    storage,
    doors: { endpoints, methods, streams },
    realtime,
    app,
    firstAdmin,
    async listen() {
      realtime.attach(app.server);
      await app.listen({ port: config2.port, host: config2.bindIp, backlog: LISTEN_BACKLOG });
      const { port } = app.server.address();
      return { port, url: config2.rootUrl.replace(/:0$/, `:${port}`) };
    },
    async close() {
      for (const chore of chores) clearInterval(chore);
      const patience = config2.limits.shutdownMs / 2;
      await Promise.all([realtime.close(patience), closeHttp(app, requests, patience)]);
      await presence.settled();
      await storage.close();
    }
  };
}
async function closeHttp(app, requests, ms) {
  const closed = app.close();
  await requests.finished(ms);
  app.server.closeAllConnections();
  await closed;
}
async function createContext(config2, log, storage) {
  const clock = systemClock();
  const events = createEventBus(
    (error, event) => log.error({ err: error, event }, "an event listener failed")
  );
  const base = { config: config2, log, clock, events, db: storage.db, write: createWriter(storage, events) };
  const { settings, permissions, warnings } = await loadAdminState(base);
  for (const warning of warnings) log.warn(warning);
  return { ...base, settings, permissions };
}
function createLog(config2) {
  return pino({ level: config2.logLevel, base: null }, pino.destination({ dest: 2, sync: false }));
}
function heardInFull(online2, streams) {
  return streams.map((stream) => {
    if (stream.name !== "notify-user") return stream;
    return {
      ...stream,
      async mayRead(ctx, request) {
        const allowed = await stream.mayRead(ctx, request);
        if (allowed && request.caller) await online2.ready(request.caller.uid);
        return allowed;
      }
    };
  });
}
function healthRoutes(app, storage) {
  app.get("/livez", (_request, reply) => reply.send({ status: "ok" }));
  app.get("/readyz", (_request, reply) => {
    if (storage.failure) return reply.code(503).send({ status: "failing", reason: "storage" });
    return reply.send({ status: "ok" });
  });
}
function wireEvents(ctx, realtime, presence, online2) {
  const { streams } = realtime;
  realtime.onConnectionChange(({ caller: caller2, kind }) => {
    if (!caller2) return;
    if (kind === "login")
      online2.connected(caller2.uid).catch((err) => ctx.log.error({ err }, "rooms of a user were not loaded"));
    else online2.disconnected(caller2.uid);
  });
  wireMessageEvents(ctx, streams, online2);
  wireRoomEvents(ctx, streams, online2);
  wireAccountEvents(ctx, streams);
  wireAccountConnections(ctx, realtime, presence);
  wireAdminEvents(ctx, streams);
  wireAccessChanges(ctx, streams);
}
function wireAccessChanges(ctx, streams) {
  const recheckRooms = (matches2) => Promise.all(
    ["room-messages", "notify-room", "room-data", "notify-logged"].map(
      (stream) => streams.recheck(stream, matches2).catch((err) => ctx.log.error({ err, stream }, "access to a stream was not checked again"))
    )
  );
  let running = false;
  let again = false;
  const recheckAll = async () => {
    again = true;
    if (running) return;
    running = true;
    while (again) {
      again = false;
      await recheckRooms();
    }
    running = false;
  };
  const recheck = (matches2) => {
    void (matches2 ? recheckRooms(matches2) : recheckAll());
  };
  ctx.events.on("permission.changed", () => recheck());
  ctx.events.on(
    "room.accessChanged",
    ({ rid, wholeTeam }) => recheck(wholeTeam ? void 0 : (eventName) => eventName === rid || eventName.startsWith(`${rid}/`))
  );
  ctx.events.on("setting.changed", ({ id }) => {
    if (id === "Accounts_AllowAnonymousRead") recheck();
  });
  ctx.events.on("user.changed", ({ diff }) => {
    if ("roles" in diff) recheck();
  });
}
var LISTEN_BACKLOG = 4096;
var EXPIRED_SESSIONS_MS = 10 * 6e4;
var TIMED_STATUS_MS = 5e3;
var TOMBSTONES_MS = 6 * 60 * 6e4;
var TOMBSTONES_KEPT_MS = 35 * 24 * 60 * 6e4;
function startChores(ctx, presence) {
  const every = (ms, name, work) => setInterval(() => {
    work().catch((err) => ctx.log.error({ err, chore: name }, "periodic work failed"));
  }, ms).unref();
  return [
    every(EXPIRED_SESSIONS_MS, "expired sessions", () => removeExpiredSessions(ctx)),
    every(EXPIRED_SESSIONS_MS, "old login attempts", () => removeOldLoginAttempts(ctx)),
    every(
      TOMBSTONES_MS,
      "old tombstones",
      () => ctx.write((tx) => deleteTombstonesBefore(tx, ctx.clock.now() - TOMBSTONES_KEPT_MS))
    ),
    every(TIMED_STATUS_MS, "timed statuses", () => presence.endTimedStatuses())
  ];
}

// server/src/config/load.ts
import { existsSync as existsSync2, readFileSync } from "node:fs";
import { dirname as dirname3, resolve } from "node:path";

// server/src/config/parse.ts
var text4 = (value) => value;
var flag3 = (value) => {
  const word = value.trim().toLowerCase();
  if (["true", "yes", "on", "1"].includes(word)) return true;
  if (["false", "no", "off", "0"].includes(word)) return false;
  throw new Error("true or false");
};
function whole(from, to) {
  return (value) => {
    const number = /^\d+$/.test(value.trim()) ? Number(value) : Number.NaN;
    if (!(number >= from && number <= to)) throw new Error(`a whole number from ${from} to ${to}`);
    return number;
  };
}
var BYTES = {
  "": 1,
  b: 1,
  kb: 1024,
  kib: 1024,
  mb: 1024 ** 2,
  mib: 1024 ** 2,
  gb: 1024 ** 3,
  gib: 1024 ** 3
};
var MILLISECONDS = { "": 1, ms: 1, s: 1e3, m: 6e4, h: 36e5 };
function measure(units, range, wanted) {
  return (value) => {
    const [, digits, unit] = /^(\d+)\s*([a-z]*)$/i.exec(value.trim()) ?? [];
    const amount = Number(digits) * (units[unit?.toLowerCase() ?? ""] ?? Number.NaN);
    if (!(amount >= range[0] && amount <= range[1])) throw new Error(wanted);
    return amount;
  };
}
var bytes = (from, to) => measure(BYTES, [from, to], `a size such as 1048576 or 50MB, from ${from} to ${to} bytes`);
var duration = (from, to) => measure(MILLISECONDS, [from, to], `a time such as 500ms or 10s, from ${from} to ${to} ms`);
var webAddress = (value) => {
  const wanted = "an address such as https://chat.example.org, without a query";
  const url = URL.canParse(value) ? new URL(value) : void 0;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash || url.username || url.password) {
    throw new Error(wanted);
  }
  return value.trim().replace(/\/+$/, "");
};
var version = (value) => {
  if (!/^\d+\.\d+(\.\d+)?$/.test(value)) throw new Error("a version such as 8.5");
  return value;
};
var emailAddress = (value) => {
  if (!/^[^@\s]+@[^@\s]+$/.test(value)) throw new Error("an e-mail address");
  return value;
};
var json = (value) => {
  try {
    JSON.parse(value);
  } catch {
    throw new Error("JSON");
  }
  return value;
};
var LEVELS = ["fatal", "error", "warn", "info", "debug", "trace", "silent"];
var logLevel = (value) => {
  const level = LEVELS.find((name) => name === value.trim().toLowerCase());
  if (!level) throw new Error(`one of ${LEVELS.join(", ")}`);
  return level;
};

// server/src/config/options.ts
var MiB = 1024 ** 2;
var HOUR = 36e5;
var OPTIONS2 = {
  port: {
    description: "Port to listen on; 0 takes a free one",
    default: 3e3,
    parse: whole(0, 65535),
    env: ["PORT"],
    flag: "port",
    short: "p"
  },
  bindIp: {
    description: "Address to listen on; 127.0.0.1 keeps the server to this machine",
    default: "0.0.0.0",
    parse: text4,
    env: ["BIND_IP"],
    flag: "host"
  },
  rootUrl: {
    description: "Public address of the server (default: http://localhost:<port>)",
    default: "http://localhost:3000",
    parse: webAddress,
    env: ["ROOT_URL"],
    flag: "root-url"
  },
  dataDir: {
    description: "Directory of the database and the files",
    default: "data",
    parse: text4,
    flag: "data",
    path: true
  },
  memory: {
    description: "Keep everything in memory and lose it at the end",
    default: false,
    parse: flag3,
    flag: "memory"
  },
  logLevel: {
    description: "fatal, error, warn, info, debug, trace or silent",
    default: "info",
    parse: logLevel,
    flag: "log-level"
  },
  testMode: {
    description: "For test suites only: no rate limits, no second factor, a known admin",
    default: false,
    parse: flag3,
    env: ["TEST_MODE"],
    flag: "test-mode"
  },
  reportedVersion: {
    description: "Rocket.Chat version that clients are told",
    default: "8.5",
    parse: version,
    flag: "reported-version"
  },
  forwardedCount: {
    description: "Number of trusted proxies in front of the server",
    default: 0,
    parse: whole(0, 100),
    env: ["HTTP_FORWARDED_COUNT"],
    flag: "forwarded-count"
  },
  "admin.username": {
    description: "Name of the first admin",
    default: "admin",
    parse: text4,
    env: ["ADMIN_USERNAME"],
    flag: "admin-username"
  },
  "admin.password": {
    // No flag: the command line of a process can be read by everybody on the machine.
    description: "Password of the first admin (default: a random one, shown once)",
    default: void 0,
    parse: text4,
    env: ["ADMIN_PASS"],
    secret: true
  },
  "admin.email": {
    description: "E-mail address of the first admin",
    default: void 0,
    parse: emailAddress,
    env: ["ADMIN_EMAIL"],
    flag: "admin-email"
  },
  "admin.name": {
    description: "Full name of the first admin",
    default: "Administrator",
    parse: text4,
    env: ["ADMIN_NAME"],
    flag: "admin-name"
  },
  "admin.emailVerified": {
    description: "The address of the first admin counts as verified",
    default: false,
    parse: flag3,
    env: ["ADMIN_EMAIL_VERIFIED"]
  },
  initialUser: {
    description: "A user to create at the start, as JSON with its _id",
    default: void 0,
    parse: json,
    env: ["INITIAL_USER"],
    // It may carry a password hash.
    secret: true
  },
  createTokensForUsers: {
    description: "Allow users.createToken (Rocket.Chat 6 and 7)",
    default: false,
    parse: flag3,
    env: ["CREATE_TOKENS_FOR_USERS"]
  },
  createTokensSecret: {
    description: "Secret that users.createToken asks for (Rocket.Chat 8)",
    default: void 0,
    parse: text4,
    env: ["CREATE_TOKENS_FOR_USERS_SECRET"],
    secret: true
  },
  allowUnsafeQueryAndFields: {
    description: "Honour the query and fields parameters of the REST API",
    default: false,
    parse: flag3,
    env: ["ALLOW_UNSAFE_QUERY_AND_FIELDS_API_PARAMS"]
  },
  maxLoginTokens: {
    description: "Login sessions kept per user; the oldest go first",
    default: 50,
    parse: whole(1, 1e4),
    env: ["MAX_RESUME_LOGIN_TOKENS"]
  },
  passwordCost: {
    // 4 is the least bcrypt knows; above 15 one login takes seconds.
    description: "bcrypt cost of new password hashes",
    default: 10,
    parse: whole(4, 15)
  },
  "limits.bodyBytes": {
    description: "Largest request body",
    default: 50 * MiB,
    parse: bytes(1024, 1024 * MiB)
  },
  "limits.frameBytes": {
    description: "Largest frame a client may send on a socket",
    default: MiB,
    parse: bytes(1024, 64 * MiB)
  },
  "limits.socketBufferBytes": {
    description: "Unsent bytes after which a slow socket is closed",
    default: 8 * MiB,
    parse: bytes(64 * 1024, 1024 * MiB)
  },
  "limits.subscriptionsPerSocket": {
    // A web client with many rooms open needs some hundred; a bot that watches a whole workspace needs thousands.
    description: "Stream subscriptions per socket",
    default: 1e4,
    parse: whole(10, 1e6)
  },
  "limits.methodsInFlightPerSocket": {
    description: "Method calls of one socket that may wait for their answer",
    default: 1e3,
    parse: whole(1, 1e5)
  },
  "limits.handshakeMs": {
    description: "Time a new socket has to send its connect message",
    default: 45e3,
    parse: duration(100, HOUR)
  },
  "limits.pingAfterMs": {
    description: "Silence after which the server pings a socket",
    default: 3e4,
    parse: duration(100, HOUR)
  },
  "limits.shutdownMs": {
    description: "Time an orderly shutdown may take",
    default: 1e4,
    parse: duration(0, HOUR)
  }
};
var optionEntries = Object.entries(OPTIONS2);
function gantryVariable(key2) {
  return `GANTRY_${key2.replace(/([a-z])([A-Z])/g, "$1_$2").replace(".", "_").toUpperCase()}`;
}
function variablesOf(key2) {
  return [gantryVariable(key2), ...OPTIONS2[key2].env ?? []];
}

// server/src/config/setting-variables.ts
var OVERWRITE = "OVERWRITE_SETTING_";
var LOOKS_LIKE_A_SETTING = /^(?=.*[a-z])[A-Z][A-Za-z0-9]*_[A-Za-z0-9_-]+$/;
var ODD_IDS = /* @__PURE__ */ new Set([
  "CDN_PREFIX",
  "CDN_PREFIX_ALL",
  "CDN_JSCSS_PREFIX",
  "Country",
  "Industry",
  "Language",
  "Size",
  "Website"
]);
function settingsFromEnvironment(env) {
  const texts4 = { settingOverrides: {}, settingDefaults: {} };
  for (const [name, text5] of Object.entries(env)) {
    if (text5 === void 0) continue;
    if (name.startsWith(OVERWRITE)) {
      const id = name.slice(OVERWRITE.length);
      if (id) texts4.settingOverrides[id] = text5;
    } else if (LOOKS_LIKE_A_SETTING.test(name) || ODD_IDS.has(name)) {
      texts4.settingDefaults[name] = text5;
    }
  }
  return texts4;
}
function settingsFromFile(members2, problem) {
  const read = (table) => {
    const value = members2[table] ?? {};
    if (typeof value !== "object" || Array.isArray(value)) throw problem(`"${table}" must be an object`);
    return Object.fromEntries(
      Object.entries(value).map(([id, member3]) => {
        if (member3 === null) throw problem(`"${table}.${id}" must have a value`);
        return [id, typeof member3 === "string" ? member3 : JSON.stringify(member3)];
      })
    );
  };
  return { settingOverrides: read("settingOverrides"), settingDefaults: read("settingDefaults") };
}

// server/src/config/load.ts
var ConfigError = class extends Error {
};
function loadConfig(input) {
  const file = readConfigFile(input);
  const values = /* @__PURE__ */ new Map();
  const sources = {};
  for (const [key2, option] of optionEntries) {
    const given2 = findGiven(key2, input, file);
    if (!given2) {
      values.set(key2, option.path ? resolve(input.cwd, String(option.default)) : option.default);
      sources[key2] = "default";
      continue;
    }
    let value;
    try {
      value = option.parse(given2.text);
    } catch (error) {
      const shown = option.secret ? "" : `, not ${JSON.stringify(given2.text)}`;
      throw new ConfigError(`${given2.name} must be ${error.message}${shown}`);
    }
    values.set(key2, option.path ? resolve(given2.folder, String(value)) : value);
    sources[key2] = given2.source;
  }
  if (sources.rootUrl === "default") values.set("rootUrl", `http://localhost:${values.get("port")}`);
  const fromFile = settingsFromFile(file?.members ?? {}, (message) => inFile(file?.path, message));
  const fromEnvironment = settingsFromEnvironment(input.env);
  for (const table of ["settingOverrides", "settingDefaults"]) {
    for (const id of Object.keys(fromFile[table])) sources[`${table}.${id}`] = "file";
    for (const id of Object.keys(fromEnvironment[table])) sources[`${table}.${id}`] = "env";
  }
  const config2 = {
    ...nest(values),
    settingOverrides: { ...fromFile.settingOverrides, ...fromEnvironment.settingOverrides },
    settingDefaults: { ...fromFile.settingDefaults, ...fromEnvironment.settingDefaults }
    // `OPTIONS` has an entry of the right type for every other member; the compiler checks that there.
  };
  return { config: config2, sources, file: file?.path, warnings: unknownVariables(input.env) };
}
function nest(values) {
  const result = {};
  for (const [key2, value] of values) {
    const [group = "", member3] = key2.split(".");
    if (member3 === void 0) result[group] = value;
    else result[group] = { ...result[group], [member3]: value };
  }
  return result;
}
function findGiven(key2, input, file) {
  const { flag: flag4 } = OPTIONS2[key2];
  const fromFlag = flag4 === void 0 ? void 0 : input.flags[flag4];
  if (fromFlag !== void 0) {
    return { text: String(fromFlag), source: "flag", name: `--${flag4}`, folder: input.cwd };
  }
  for (const name of variablesOf(key2)) {
    const text5 = input.env[name];
    if (!isSet(text5) || isServiceLink(name, text5)) continue;
    return { text: text5, source: "env", name, folder: input.cwd };
  }
  const fromFile = file?.values.get(key2);
  if (file && fromFile !== void 0) {
    return { text: fromFile, source: "file", name: `${key2} in ${file.path}`, folder: dirname3(file.path) };
  }
  return void 0;
}
var isSet = (text5) => text5 !== void 0 && text5 !== "";
var isServiceLink = (name, text5) => name === "GANTRY_PORT" && text5.startsWith("tcp://");
function unknownVariables(env) {
  const known2 = /* @__PURE__ */ new Set(["GANTRY_CONFIG", ...optionEntries.map(([key2]) => gantryVariable(key2))]);
  return Object.keys(env).filter((name) => name.startsWith("GANTRY_") && !known2.has(name) && !/^GANTRY_(SERVICE|PORT)_/.test(name)).map((name) => `unknown variable ${name}`);
}
function readConfigFile(input) {
  const wanted = input.flags.config ?? input.env.GANTRY_CONFIG;
  const path = resolve(input.cwd, wanted ? String(wanted) : "gantry.json");
  if (!existsSync2(path)) {
    if (wanted) throw new ConfigError(`The configuration file ${path} does not exist`);
    return void 0;
  }
  const members2 = parseObject2(path);
  return { path, members: members2, values: flatten(path, members2) };
}
function parseObject2(path) {
  let content;
  try {
    content = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    const reason = error instanceof SyntaxError ? "it is not valid JSON" : error.message;
    throw new ConfigError(`Cannot read ${path}: ${reason}`);
  }
  if (!isObject2(content)) throw inFile(path, "the content must be a JSON object");
  return content;
}
function flatten(path, members2) {
  const values = /* @__PURE__ */ new Map();
  for (const [key2, value] of Object.entries(members2).flatMap(
    ([name, member3]) => leaves(path, name, member3)
  )) {
    if (!Object.hasOwn(OPTIONS2, key2)) throw inFile(path, `unknown key "${key2}"`);
    if (value === null || typeof value === "object") {
      throw inFile(path, `"${key2}" must be a text, a number, true or false`);
    }
    values.set(key2, String(value));
  }
  return values;
}
function leaves(path, name, member3) {
  if (name === "settingOverrides" || name === "settingDefaults") return [];
  if (name !== "admin" && name !== "limits") return [[name, member3]];
  if (!isObject2(member3)) throw inFile(path, `"${name}" must be an object`);
  return Object.entries(member3).map(([key2, value]) => [`${name}.${key2}`, value]);
}
function inFile(path, message) {
  return new ConfigError(`${path}: ${message}`);
}
function isObject2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// server/inproc.tmp.ts
var dataDir = mkdtempSync("/tmp/inproc-");
var { config } = loadConfig({ env: { TEST_MODE: "true", ADMIN_USERNAME: "admin", ADMIN_PASS: "secret", ADMIN_EMAIL: "a@b.c", DATA_DIR: dataDir, PORT: "0" }, flags: {}, cwd: "/tmp" });
config.dataDir = dataDir;
config.memory = false;
config.logLevel = "error";
var s = await createServer(config);
var user = await findUserByUsername(s.ctx, "admin");
var caller = callerFor(user, { ip: "1", userAgent: "" });
var msg = "The quick brown fox jumps over the lazy dog and then it goes on for eighty chars";
async function run(n, conc) {
  let left = n;
  const t = process.hrtime.bigint();
  const c0 = process.cpuUsage();
  await Promise.all(Array.from({ length: conc }, async () => {
    while (left-- > 0) await sendMessage(s.ctx, caller, { rid: "GENERAL", msg });
  }));
  const us = Number(process.hrtime.bigint() - t) / 1e3;
  const c = process.cpuUsage(c0);
  console.log(conc, "conc", (n / us * 1e6).toFixed(0) + "/s", "cpu/msg", ((c.user + c.system) / n).toFixed(0) + "us");
}
for (const c of [1, 16, 16, 64, 64]) await run(c === 1 ? 1e3 : 8e3, c);
await s.close();
