import type { Generated } from 'kysely';

/**
 * The tables as TypeScript sees them. Columns are what is searched, sorted or joined; `doc` holds the rest of a document
 * as JSON text. Times are integer milliseconds, booleans are 0 or 1, ids are text.
 * The columns are created in `migrations/`; change both together.
 */
export interface Schema {
  users: UserRow;
  user_roles: { uid: string; role: string };
  user_emails: { address_key: string; uid: string; address: string; verified: number; position: number };
  login_tokens: LoginTokenRow;
  /** Token and secret are known to one client; `doc` is what its service said. */
  pending_credentials: { token_hash: string; secret_hash: string; expires_at: number; doc: string };
  /** The server sent a browser that knows state and secret to the service. */
  begun_logins: {
    state_hash: string;
    secret_hash: string;
    service: string;
    redirect_url: string;
    expires_at: number;
  };
  /**
   * Somebody came back from there, and a client may log them in. `uid`: null for a newcomer. `factor`: what is asked for before,
   * null when nothing is; `doc` is what the service said.
   */
  pending_logins: {
    hash: string;
    uid: string | null;
    factor: string | null;
    expires_at: number;
    doc: string;
  };
  /** The index of `identities` in the documents of users. */
  external_identities: { service: string; service_uid: string; uid: string };
  second_factors: SecondFactorsRow;
  /** `purpose`: `reset` (a password) or `verify` (an address). */
  mail_tokens: { hash: string; uid: string; purpose: string; address: string; created_at: number };
  /** bcrypt, as in `users.password_hash`. */
  old_passwords: { id: string; uid: string; hash: string; created_at: number };
  known_devices: { uid: string; device: string; first_seen: number };
  /** What a node holds of a user: how many connections, and the best of their states (`online` or `away`). */
  node_presence: { node: string; uid: string; connections: number; status: string };
  /** What a node said of itself when it started; it may be gone. */
  node_records: { node: string; started_at: number; doc: string };
  audit_events: AuditEventRow;
  login_attempts: { id: string; at: number; ip: string; username: string; succeeded: number };
  rooms: RoomRow;
  subscriptions: SubscriptionRow;
  room_roles: { rid: string; uid: string; role: string };
  teams: TeamRow;
  team_members: {
    team_id: string;
    uid: string;
    id: string;
    created_at: number;
    updated_at: number;
    created_by: string;
    roles: string;
  };
  invites: {
    id: string;
    rid: string;
    /** Who made it. */
    uid: string;
    days: number;
    /** 0 for any number. */
    max_uses: number;
    uses: number;
    created_at: number;
    /** null for ever. */
    expires_at: number | null;
    updated_at: number;
  };
  /** Who used an invite before they had a username. */
  pending_invites: { uid: string; invite_id: string };
  read_receipts: { message_id: string; uid: string; rid: string; ts: number };
  /** `until`: up to where receipts are worked out, for one member, or for all of them where `uid` is empty. */
  read_marks: { rid: string; uid: string; until: number };
  /**
   * Up to where somebody has read a thread, and up to where their receipts are stored; of all its followers where `uid` is
   * empty.
   */
  thread_reads: { tmid: string; uid: string; rid: string; seen: number; stored: number };
  reports: ReportRow;
  conferences: ConferenceRow;
  calendar_events: CalendarEventRow;
  webdav_accounts: WebdavAccountRow;
  messages: MessageRow;
  /** One row: the `seq` up to which messages are in the index of words (`word-index.ts`). */
  indexed_messages: { up_to: number };
  message_mentions: { uid: string; rid: string; ts: number; mid: string };
  message_stars: { uid: string; rid: string; mid: string };
  /** The index of `replies`: whose followers a message names. */
  thread_followers: { uid: string; rid: string; mid: string };
  push_tokens: {
    id: string;
    uid: string;
    /** `apn` or `gcm`. */
    service: string;
    value: string;
    app_name: string;
    /** Hash of the login token it was registered by; it goes with that. */
    login_hash: string | null;
    created_at: number;
    updated_at: number;
  };
  integrations: {
    id: string;
    type: string;
    /** What causes an outgoing one; null for incoming ones. */
    event: string | null;
    name: string;
    enabled: number;
    creator_id: string;
    /** Whom it posts as. */
    user_id: string;
    created_at: number;
    updated_at: number;
    doc: string;
  };
  /** The index of `channel` in the documents. */
  integration_channels: { channel: string; integration_id: string };
  integration_history: {
    id: string;
    integration_id: string;
    created_at: number;
    updated_at: number;
    doc: string;
  };
  custom_user_statuses: { id: string; name: string; status_type: string; updated_at: number };
  custom_emoji: {
    id: string;
    name: string;
    /** JSON array. */
    aliases: string;
    extension: string;
    file_id: string;
    etag: string;
    updated_at: number;
  };
  custom_assets: { name: string; file_id: string };
  /** Names and aliases of custom emoji. */
  custom_emoji_names: { name: string; emoji_id: string };
  custom_sounds: { id: string; name: string; extension: string; file_id: string; updated_at: number };
  jobs: {
    id: string;
    kind: string;
    /** At most one job of a kind has it. */
    job_key: string | null;
    payload: string;
    /** When it is due; while it is claimed, when the claim runs out. */
    run_at: number;
    attempts: number;
    claim: string | null;
    last_error: string | null;
    created_at: number;
  };
  /** `root_message_id`: the message a discussion was started from; null when it was started from none. */
  discussions: {
    rid: string;
    parent_rid: string;
    announcement_id: string;
    root_message_id: string | null;
  };
  /** One row: the last pass over old messages, and the policy (JSON) that it followed. */
  retention_passes: { id: string; policy: string; passed_at: number };
  /** What somebody wants as an archive; its file, once there is one, has the same id. */
  exports: {
    id: string;
    uid: string;
    /** `user` (the own data) or `room`. */
    kind: string;
    /** `pending`, `exporting`, `completed` or `failed`. */
    status: string;
    created_at: number;
    updated_at: number;
    /** JSON: what is wanted. */
    wish: string;
  };
  import_operations: {
    id: string;
    /** Where what is imported comes from: `api`, `csv`, ... */
    importer_key: string;
    /** Who began it. */
    uid: string;
    /** The step (`importer_new`, ...). */
    status: string;
    /** 0: another operation, a restart or somebody has ended it. */
    valid: number;
    created_at: number;
    updated_at: number;
    /** JSON: how much there is and how much is done. */
    counts: string;
    /** The name and the media type of the file, as its sender gave them. */
    file: string | null;
    content_type: string | null;
  };
  /** What waits to be imported, and what could not be. */
  import_records: {
    operation_id: string;
    position: number;
    /** JSON. */
    doc: string;
    /** Why it could not be imported. */
    error: string | null;
    /** `user`, `room` or `message`. */
    kind: string;
  };
  /** Files of imported messages that are yet to be fetched. */
  pending_message_files: {
    message_id: string;
    rid: string;
    /** JSON: from where, and as what. */
    doc: string;
  };
  files: FileRow;
  /** Bytes to remove when their time has come. */
  doomed_blobs: {
    blob_key: string;
    store: string;
    due_at: number;
    /** When a node first did not find the bytes. */
    missing_since: number | null;
  };
  /** What is known of pages that messages link to, by exact address. */
  link_previews: { url: string; fetched_at: number; doc: string };
  tombstones: {
    kind: 'subscription' | 'room' | 'message' | 'role' | 'setting' | 'permission' | 'emoji';
    id: string;
    scope: string;
    deleted_at: number;
    doc: string;
  };
  oauth_apps: {
    id: string;
    name: string;
    active: number;
    client_id: string;
    client_secret: string;
    /** Addresses, separated by commas. */
    redirect_uri: string;
    created_at: number;
    updated_at: number;
    /** JSON: `UserRef`. */
    created_by: string;
    updated_by: string | null;
  };
  /** `kind`: `code`, `access` or `refresh`; `redirect_uri` only of a code. */
  oauth_tokens: {
    hash: string;
    kind: string;
    client_id: string;
    uid: string;
    redirect_uri: string | null;
    expires_at: number;
  };
  /** The private key is encrypted by a password that only its user knows. */
  e2e_keys: { uid: string; public_key: string; private_key: string };
  /** Figures of the workspace as JSON. */
  statistics: { id: string; created_at: number; doc: string };
  settings: { id: string; value: string; updated_at: number };
  permissions: { id: string; roles: string; updated_at: number };
  roles: {
    id: string;
    name: string;
    scope: string;
    description: string;
    protected: number;
    mandatory2fa: number;
    updated_at: number;
  };
}

export interface UserRow {
  id: string;
  username: string | null;
  /** Lower case of `username`; unique. */
  username_key: string | null;
  name: string | null;
  /** Lower case of `name`, for sorting. */
  name_key: string | null;
  type: string;
  active: number;
  /** JSON array of global role ids; `user_roles` is its index. */
  roles: string;
  password_hash: string | null;
  status: string;
  status_connection: string;
  status_default: string;
  status_text: string | null;
  created_at: number;
  updated_at: number;
  last_login: number | null;
  /** Lower case of username, name, nickname and bio: what a search for people looks at. */
  search_key: string | null;
  /** The address of an imported picture that is yet to be fetched. */
  pending_avatar: string | null;
  /** JSON: nickname, bio, utcOffset, language, customFields, settings.preferences, requirePasswordChange, services flags, ... */
  doc: string;
}

export interface LoginTokenRow {
  hash: string;
  uid: string;
  /** `session` or `personal`. */
  kind: string;
  created_at: number;
  /** Name of a personal access token, unique per user. */
  name: string | null;
  last_part: string | null;
  bypass_two_factor: number;
  two_factor_until: number | null;
  two_factor_client: string | null;
  /** What device management calls a session; null for personal tokens. */
  session_id: string | null;
  ip: string | null;
  device_name: string | null;
  os_name: string | null;
  /** JSON: `Device` of `accounts/device.ts`. */
  device: string | null;
  /** Of a login by an identity provider that may end it: a hash of whom it names there. */
  sign_on_key: string | null;
  /** JSON: `ServiceSession` of `accounts/login-services`. */
  sign_on: string | null;
}

/** An action of an administrator; see `audit/record.ts` for `kind` and `subject`. */
export interface AuditEventRow {
  id: string;
  at: number;
  kind: string;
  /** Id of what was changed. */
  subject: string;
  /** Null for the operator of the server, from its command line. */
  actor_id: string | null;
  actor_name: string | null;
  /** JSON: ip, userAgent, data. */
  doc: string;
}

/** Which factors are in force is said in the user's document. */
export interface SecondFactorsRow {
  uid: string;
  /** Base32. */
  totp_secret: string | null;
  /** Handed out and not confirmed yet. */
  totp_new_secret: string | null;
  /** The time step of the last accepted code: none up to it is accepted again. */
  totp_last_step: number;
  /** JSON array of SHA-256 in hex, one for each backup code that is left. */
  backup_hashes: string;
  /** bcrypt of the code that was mailed. */
  email_code: string | null;
  email_code_attempts: number;
  email_code_made: number;
  email_code_expires: number;
  /** Codes of any kind tried since `attempts_since`; 0 after a right one. */
  attempts: number;
  attempts_since: number;
}

export interface RoomRow {
  id: string;
  t: string;
  /** The slug; unique over all rooms, null for direct rooms. */
  name: string | null;
  fname: string | null;
  /** Lower case of both names, a line each: what a search for rooms looks at. */
  search_key: string | null;
  creator_id: string;
  ts: number;
  updated_at: number;
  msgs: number;
  users_count: number;
  /** Time of the last user message of the main flow. */
  lm: number | null;
  /** The last message as REST JSON text, or null. */
  last_message: string | null;
  archived: number;
  ro: number;
  is_default: number;
  /** 1: comes first in the directory; follows from `doc`. */
  featured: number;
  /** 1: `doc` names somebody in `muted` or `unmuted`. */
  lists_speakers: number;
  team_id: string | null;
  team_main: number;
  /** 1: members of the team join by themselves; null: nobody decided. */
  team_default: number | null;
  /** Parent room of a discussion. */
  prid: string | null;
  join_code: string | null;
  /**
   * Unread state is derived (docs/decisions/0001): each main-flow user message raises `activity_seq`; it raises
   * `unread_seq` too when it counts as unread for every member, and `group_seq` when it is an @all/@here mention.
   * A member's unread figures are these minus the marks in the subscription.
   */
  activity_seq: number;
  unread_seq: number;
  group_seq: number;
  /** Server time of the last change of `activity_seq`; dates the derived changes of subscriptions. */
  activity_at: number;
  /** When something in the room may be too old; 0 while nobody has looked, null where nothing ever is. */
  retention_at: number | null;
  /** What was said up to then has been dealt with as the rule of the room says. */
  retention_up_to: number;
  /** JSON: u, topic, description, announcement, customFields, muted, unmuted, sysMes, broadcast, encrypted, uids, usernames, ... */
  doc: string;
}

export interface SubscriptionRow {
  id: string;
  rid: string;
  uid: string;
  t: string;
  ts: number;
  /** Position among members who joined at the same `ts`; (ts, position) is the join order. */
  position: number;
  updated_at: number;
  ls: number | null;
  lr: number | null;
  /** Explicit flags and counts; the derived part is added on reading. See RoomRow.activity_seq. */
  open: number;
  alert: number;
  unread: number;
  user_mentions: number;
  group_mentions: number;
  seen_activity_seq: number;
  seen_unread_seq: number;
  seen_group_seq: number;
  favorite: number;
  /** JSON array of room roles; `room_roles` is its index. */
  roles: string;
  /** `INVITED`, `BANNED` or null for an ordinary member. */
  status: string | null;
  /** JSON array of the member's highlight words, or null. */
  highlights: string | null;
  /** The language into which messages are translated for the member, or null; follows from `doc`. */
  translate_to: string | null;
  /** 1 for who said that they want pushes or mails of all messages; follows from `doc`. */
  told_of_all: number;
  /** JSON: tunread, tunreadUser, tunreadGroup, notification preferences, ignored, inviter, blocked, ... */
  doc: string;
}

export interface TeamRow {
  id: string;
  name: string;
  name_key: string;
  type: number;
  room_id: string;
  created_at: number;
  updated_at: number;
  created_by: string;
}

/** A call of a room. */
export interface ConferenceRow {
  id: string;
  rid: string;
  /** `direct` or `videoconference`. */
  type: string;
  /** 0 calling, 1 started, 2 expired, 3 ended, 4 declined. */
  status: number;
  provider: string;
  created_at: number;
  ended_at: number | null;
  updated_at: number;
  /** JSON: title, createdBy, users, anonymousUsers, messages, ringing, url. */
  doc: string;
}

/** An event of somebody's own calendar. */
export interface CalendarEventRow {
  id: string;
  uid: string;
  start_at: number;
  end_at: number | null;
  reminder_at: number | null;
  reminded: number;
  /** Id in the calendar that it was imported from; unique per user. */
  external_id: string | null;
  busy: number;
  updated_at: number;
  /** JSON: subject, description, meetingUrl, reminderMinutes. */
  doc: string;
}

/** What somebody logs in with at a WebDAV server; once per person, server and name there. */
export interface WebdavAccountRow {
  id: string;
  uid: string;
  server_url: string;
  username: string;
  /** As it is: the server sends it again with every request. */
  password: string;
  name: string;
  created_at: number;
}

/** What somebody reported to the moderators. */
export interface ReportRow {
  id: string;
  /** `message` or `user`. */
  kind: string;
  /** Who is reported, or wrote the message. */
  uid: string;
  message_id: string | null;
  ts: number;
  /** 1 once it is dismissed. */
  hidden: number;
  /** Lower case: names of the reported person, what the message says. */
  search_key: string;
  updated_at: number;
  /** JSON: who dismissed it, when, how and why. */
  moderation: string | null;
  /** JSON: message, room, reportedUser, description, reportedBy. */
  doc: string;
}

export interface MessageRow {
  /** In the order in which messages were stored; never given twice. */
  seq: Generated<number>;
  id: string;
  rid: string;
  ts: number;
  uid: string;
  /** System message type; null for a user message. */
  t: string | null;
  tmid: string | null;
  tshow: number;
  pinned: number;
  /** 1 for history copies and hidden deletions; never shown. */
  hidden: number;
  /** Number of thread replies; null when the message never had one. */
  tcount: number | null;
  tlm: number | null;
  updated_at: number;
  /** The whole message as REST JSON text (dates as ISO text), `starred` included; prepared once, passed on as it is. */
  doc: string;
}

/** What is known of a file; its bytes are in the place `store` under `blob_key`. */
export interface FileRow {
  id: string;
  /** `upload`, `avatar`, `emoji`, `sound`, `asset` or `export`. */
  kind: string;
  rid: string | null;
  uid: string | null;
  /** The message that shows an upload; null until it is sent. */
  message_id: string | null;
  /** Of a thumbnail: the file that it shows. */
  original_id: string | null;
  name: string;
  type: string;
  /** The part of `type` before the slash, or `thumb`. */
  type_group: string;
  size: number;
  /** 1 when its message was deleted but kept; never shown. */
  hidden: number;
  uploaded_at: number;
  updated_at: number;
  /** An upload that is not sent by then is removed; null once it is. */
  expires_at: number | null;
  store: string;
  blob_key: string;
  /** JSON: etag, token, identify, description, content, preview. */
  doc: string;
}
