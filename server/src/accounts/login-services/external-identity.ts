import type { ServiceSession } from './service-session.ts';

/** Somebody as another service describes them, once it has proven who they are. Every way to log in elsewhere ends here. */
export interface ExternalIdentity {
  /** `github`, `ldap`, or the name of a service that the workspace added. */
  service: string;
  /** Never changes at the service, unlike everything below. */
  id: string;
  username?: string | undefined;
  name?: string | undefined;
  /** The address of a picture. */
  picture?: string | undefined;
  email?: string | undefined;
  /** What the service says about the address; undefined when it says nothing. */
  emailVerified?: boolean | undefined;
  /**
   * Roles of the workspace, by id or name, that the service gives and takes. Those that do not exist are left out. `all`: what it
   * gives is all that the person has, unless that would be nothing.
   */
  roles?: { give: readonly string[]; take: readonly string[] | 'all' } | undefined;
  rooms?: RoomsOfService | undefined;
  /** Where the service may end what it has let in. */
  session?: ServiceSession | undefined;
}

/** Rooms that groups of the service lead into. */
export interface RoomsOfService {
  names: readonly string[];
  /** Username of whoever makes those that are missing. */
  creator: string;
}

/** What the administrator lets a service decide. */
export interface AccountRules {
  /**
   * Whose account an unknown identity may have on the service's mere word: that of this username, or of this address though
   * the service has not proven it. Without it only a proven address finds an account.
   */
  mergeBy?: 'username' | 'email' | undefined;
  /** That account may also be linked to another identity already, of this service or of others. */
  mergeLinked?: boolean | undefined;
  /** Roles of newcomers, by id or name, in place of those of the workspace. */
  newcomerRoles?: readonly string[] | undefined;
  /** A newcomer has the service's username. Otherwise they choose one. */
  givesUsername: boolean;
}

/** An identity with what its service may decide. */
export interface Described {
  identity: ExternalIdentity;
  rules: AccountRules;
}
