import type { Context } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import type { SmallSet } from '../kernel/small-set.ts';
import type { Connection, StreamDeclaration } from './declarations.ts';
import type { Hub } from './hub.ts';
import type { Dispatcher } from './methods.ts';
import type { Publication } from './publications.ts';
import type { RateLimits } from './rate-limits.ts';
import type { PendingCheck, Subscriber } from './subscription.ts';

export type ConnectionChange = 'login' | 'logout' | 'close';

/** What all sessions of a server share. */
export interface SessionHost {
  ctx: Context;
  hub: Hub;
  dispatcher: Dispatcher;
  limits: RateLimits;
  declarations: ReadonlyMap<string, StreamDeclaration>;
  publications: ReadonlyMap<string, Publication>;
  connectionChanged(connection: Connection, caller: Caller | null, kind: ConnectionChange): void;
}

/** A session as the serving of its subscriptions sees it. */
export interface SubscribingSession extends Subscriber {
  readonly host: SessionHost;
  /** The connection has ended: nothing may be attached to it any more. */
  readonly released: boolean;
  checking: PendingCheck | undefined;
  watched: SmallSet<string> | undefined;
  /** Id of the main `stream-user-presence` subscription. */
  presenceSubscription: string | undefined;
  /** Ends it. */
  forgetPresence(): void;
  send(text: string): void;
}
