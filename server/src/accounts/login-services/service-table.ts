/** The services that can be switched on without describing them (spec 20, "OAuth / SAML / CAS / LDAP surface"). */
export interface ServiceDescription {
  /** On the wire, and the last part of the address that browsers come back to. */
  service: string;
  /** The middle of its setting ids. */
  setting: string;
  /** What the published configuration calls the id of this workspace at the service. */
  idKey: 'clientId' | 'appId';
  label: string;
  color: string;
  /** Where it is: fixed, or in the setting of this id for services that people run themselves. */
  server: { url: string } | { setting: string; otherwise?: ServerPaths & { url: string } };
  paths: ServerPaths;
  /** Which members of its answer say what. */
  fields: IdentityFields;
  /** What it is asked for. */
  scope: string;
  /** Clients know the service only from its configuration, which is published in full; others they know themselves. */
  published?: true;
  /** False for a service that refuses logins with a verifier (RFC 7636) where it should ignore what it does not know. */
  pkce?: false;
  /** Headers that its identity page insists on. */
  headers?: Readonly<Record<string, string>>;
  /** How it is found out for which program an access token was made. Without one, no client may bring a token. */
  audience?: TokenAudience;
}

/** Below the server, unless they are whole addresses. */
export interface ServerPaths {
  authorize: string;
  token: string;
  identity: string;
  /** A list of `{email, primary, verified}`. */
  emails?: string;
}

/** Paths into the answer, `a.b` for a member of a member; the first that is there counts. */
export interface IdentityFields {
  id: readonly string[];
  username: readonly string[];
  name: readonly string[];
  email: readonly string[];
  picture: readonly string[];
  /** True, or a date, when the address is proven. */
  emailVerified: readonly string[];
}

export type TokenAudience =
  /** An id token comes along, signed by the keys of this issuer. */
  | { kind: 'id-token'; issuers: readonly string[]; keys: string }
  /** `POST` with the credentials of the workspace, answered only for its own tokens. */
  | { kind: 'own-tokens'; url: string }
  /** Tells the client id that the token was made for. */
  | { kind: 'token-info'; path: string; client: string };

const OPENID: IdentityFields = {
  id: ['sub'],
  username: ['preferred_username'],
  name: ['name'],
  email: ['email'],
  picture: ['picture'],
  emailVerified: ['email_verified'],
};

const GITHUB: IdentityFields = {
  id: ['id'],
  username: ['login'],
  name: ['name'],
  email: ['email'],
  picture: ['avatar_url'],
  // The address of a profile may be any; the proven ones are in the list of addresses.
  emailVerified: [],
};

const WORDPRESS: IdentityFields = {
  id: ['ID', 'id'],
  username: ['user_login', 'username'],
  name: ['display_name'],
  email: ['user_email', 'email'],
  picture: ['avatar_URL'],
  emailVerified: ['email_verified'],
};

export const SERVICES: readonly ServiceDescription[] = [
  {
    service: 'facebook',
    setting: 'Facebook',
    idKey: 'appId',
    label: 'Facebook',
    color: '#325c99',
    server: { url: 'https://graph.facebook.com/v19.0' },
    paths: {
      authorize: 'https://www.facebook.com/v19.0/dialog/oauth',
      token: '/oauth/access_token',
      identity: '/me?fields=id,name,email,picture.type(large)',
    },
    fields: {
      id: ['id'],
      username: [],
      name: ['name'],
      email: ['email'],
      picture: ['picture.data.url'],
      emailVerified: [],
    },
    scope: 'email',
    audience: { kind: 'token-info', path: '/app', client: 'id' },
  },
  {
    service: 'github',
    setting: 'Github',
    idKey: 'clientId',
    label: 'GitHub',
    color: '#4c4c4c',
    server: { url: 'https://github.com' },
    paths: {
      authorize: '/login/oauth/authorize',
      token: '/login/oauth/access_token',
      identity: 'https://api.github.com/user',
      emails: 'https://api.github.com/user/emails',
    },
    fields: GITHUB,
    scope: 'user:email',
    audience: { kind: 'own-tokens', url: 'https://api.github.com/applications/{clientId}/token' },
  },
  {
    service: 'github_enterprise',
    setting: 'GitHub_Enterprise',
    idKey: 'clientId',
    label: 'GitHub',
    color: '#4c4c4c',
    server: { setting: 'API_GitHub_Enterprise_URL' },
    paths: {
      authorize: '/login/oauth/authorize',
      token: '/login/oauth/access_token',
      identity: '/api/v3/user',
      emails: '/api/v3/user/emails',
    },
    fields: GITHUB,
    scope: 'user:email',
    published: true,
  },
  {
    service: 'gitlab',
    setting: 'Gitlab',
    idKey: 'clientId',
    label: 'GitLab',
    color: '#373d47',
    server: { setting: 'API_Gitlab_URL' },
    paths: { authorize: '/oauth/authorize', token: '/oauth/token', identity: '/api/v4/user' },
    // `email` is the main address, which GitLab changes only when the new one is proven.
    fields: {
      id: ['id'],
      username: ['username'],
      name: ['name'],
      email: ['email'],
      picture: ['avatar_url'],
      emailVerified: ['confirmed_at'],
    },
    scope: 'read_user',
    published: true,
    audience: { kind: 'token-info', path: '/oauth/token/info', client: 'application.uid' },
  },
  {
    service: 'google',
    setting: 'Google',
    idKey: 'clientId',
    label: 'Google',
    color: '#dd4b39',
    server: { url: 'https://accounts.google.com' },
    paths: {
      authorize: '/o/oauth2/v2/auth',
      token: 'https://oauth2.googleapis.com/token',
      identity: 'https://openidconnect.googleapis.com/v1/userinfo',
    },
    fields: OPENID,
    scope: 'openid email profile',
    audience: {
      kind: 'id-token',
      issuers: ['https://accounts.google.com', 'accounts.google.com'],
      keys: 'https://www.googleapis.com/oauth2/v3/certs',
    },
  },
  {
    service: 'linkedin',
    setting: 'Linkedin',
    idKey: 'clientId',
    label: 'LinkedIn',
    color: '#1b86bc',
    server: { url: 'https://www.linkedin.com' },
    paths: {
      authorize: '/oauth/v2/authorization',
      token: '/oauth/v2/accessToken',
      identity: 'https://api.linkedin.com/v2/userinfo',
    },
    fields: OPENID,
    scope: 'openid profile email',
    pkce: false,
  },
  {
    service: 'meteor-developer',
    setting: 'Meteor',
    idKey: 'clientId',
    label: 'Meteor',
    color: '#de4f4f',
    server: { url: 'https://www.meteor.com' },
    paths: { authorize: '/oauth2/authorize', token: '/oauth2/token', identity: '/api/v1/identity' },
    fields: {
      id: ['id'],
      username: ['username'],
      name: [],
      email: ['emails.0.address'],
      picture: [],
      emailVerified: ['emails.0.verified'],
    },
    scope: 'email',
  },
  {
    service: 'wordpress',
    setting: 'Wordpress',
    idKey: 'clientId',
    label: 'WordPress',
    color: '#1e8cbe',
    server: {
      setting: 'API_Wordpress_URL',
      otherwise: {
        url: 'https://public-api.wordpress.com',
        authorize: '/oauth2/authorize',
        token: '/oauth2/token',
        identity: '/rest/v1/me',
      },
    },
    paths: { authorize: '/oauth/authorize', token: '/oauth/token', identity: '/oauth/me' },
    fields: WORDPRESS,
    scope: 'auth',
    published: true,
  },
  {
    service: 'drupal',
    setting: 'Drupal',
    idKey: 'clientId',
    label: 'Drupal',
    color: '#0073ba',
    server: { setting: 'API_Drupal_URL' },
    paths: { authorize: '/oauth2/authorize', token: '/oauth2/token', identity: '/oauth2/UserInfo' },
    fields: { ...OPENID, username: ['preferred_username', 'name'] },
    scope: 'openid email profile offline_access',
    published: true,
  },
  {
    service: 'nextcloud',
    setting: 'Nextcloud',
    idKey: 'clientId',
    label: 'Nextcloud',
    color: '#0082c9',
    server: { setting: 'API_Nextcloud_URL' },
    paths: {
      authorize: '/index.php/apps/oauth2/authorize',
      token: '/index.php/apps/oauth2/api/v1/token',
      identity: '/ocs/v2.php/cloud/user?format=json',
    },
    // People may enter any address there.
    fields: {
      id: ['ocs.data.id'],
      username: ['ocs.data.id'],
      name: ['ocs.data.display-name', 'ocs.data.displayname'],
      email: ['ocs.data.email'],
      picture: [],
      emailVerified: [],
    },
    headers: { 'ocs-apirequest': 'true' },
    scope: '',
    published: true,
  },
];
