import { fail, Refusal } from '../kernel/errors.ts';
import { SmallSet } from '../kernel/small-set.ts';
import { addedText, type DdpError, ddpError, nosubText, readyText } from './ddp-messages.ts';
import type { StreamDeclaration } from './declarations.ts';
import { encode } from './ejson.ts';
import type { Publication } from './publications.ts';
import { PUBLICATION_STREAM } from './publications.ts';
import { internalError, refusalToDdp } from './refusal-to-ddp.ts';
import type { SubscribingSession } from './session-host.ts';
import { Subscription } from './subscription.ts';

const PRESENCE = 'stream-user-presence';
const NO_ARGS: readonly unknown[] = [];
const MAX_EVENT_NAME = 512;
/** Of the arguments as text. They are kept as long as the subscription, and a connection may have thousands. */
const MAX_ARGS_LENGTH = 4096;
/** How often a check is repeated because access changed while it ran, before it counts as refused. */
const MAX_CHECKS = 3;

interface SubMessage {
  id: string;
  name: string;
  params: readonly unknown[];
}

/** Serves a `sub`: ends in `ready` or `nosub` (spec 40 §2.4). One at a time per session. */
export async function subscribe(session: SubscribingSession, message: SubMessage): Promise<void> {
  const { id } = message;
  // A repeated id is ignored; clients resend while they wait.
  if (session.subscriptions.has(id) || session.presenceSubscription === id) return;
  try {
    await start(session, message);
  } catch (thrown) {
    refuse(session, id, thrown);
  }
}

/** Serves an `unsub`, which is always answered, also for an id that was never there. */
export function unsubscribe(session: SubscribingSession, id: string): void {
  const subscription = session.subscriptions.get(id);
  if (subscription) drop(session, subscription);
  else if (session.presenceSubscription === id) session.forgetPresence();
  session.send(nosubText(id));
}

/**
 * After a login the user is another one: a subscription goes on where the new user may have it, and otherwise ends with
 * `not-allowed` (spec 40 §4.2).
 */
export async function reconsider(session: SubscribingSession, subscription: Subscription): Promise<void> {
  const { id, stream, eventName, args } = subscription;
  if (session.subscriptions.get(id) !== subscription) return;
  const declaration = session.host.declarations.get(stream);
  let allowed = true;
  if (declaration) {
    try {
      allowed = await isAllowed(session, declaration, eventName, args);
    } catch (error) {
      session.host.ctx.log.error({ err: error, stream }, 'the access check of a stream failed');
      allowed = false;
    }
  }
  if (session.released || session.subscriptions.get(id) !== subscription) return;
  if (allowed) {
    session.host.hub.attach(subscription);
    return;
  }
  drop(session, subscription);
  session.send(nosubText(id, ddpError('not-allowed')));
}

async function start(session: SubscribingSession, message: SubMessage): Promise<void> {
  const { name, params } = message;
  const { host, caller, ip } = session;
  const declaration = name.startsWith('stream-') ? host.declarations.get(name.slice(7)) : undefined;
  const publication = host.publications.get(name);
  const known = !!(declaration || publication || name === PRESENCE);
  host.limits.countSubscription(name, { caller, connection: session.id, ip }, known);
  if (!known) fail(404, `Subscription '${name}' not found`);
  if (session.subscriptions.size >= host.ctx.config.limits.subscriptionsPerSocket) {
    fail('too-many-subscriptions', 'Too many subscriptions');
  }
  if (name === PRESENCE) startPresence(session, message.id, params[1]);
  else if (declaration) await startStream(session, declaration, message);
  else if (publication) await startPublication(session, publication, message.id);
}

async function startStream(
  session: SubscribingSession,
  stream: StreamDeclaration,
  message: SubMessage,
): Promise<void> {
  const { id, name, params } = message;
  const eventName = params[0];
  if (typeof eventName !== 'string' || eventName === '' || eventName.length > MAX_EVENT_NAME) {
    fail('invalid-event-name');
  }
  const { useCollection, args } = streamOptions(params[1]);
  const allowed = await isAllowed(session, stream, eventName, args);
  if (session.released) return;
  if (!allowed) fail('not-allowed');
  keep(session, new Subscription(id, session, stream.name, eventName, args));
  if (useCollection) session.send(addedText(name, 'id', { eventName }));
  session.send(readyText(id));
}

async function startPublication(
  session: SubscribingSession,
  publication: Publication,
  id: string,
): Promise<void> {
  const documents = await publication.documents(session.host.ctx);
  if (session.released) return;
  keep(session, new Subscription(id, session, PUBLICATION_STREAM, publication.name, NO_ARGS));
  for (const document of documents)
    session.send(addedText(publication.collection, document.id, document.fields));
  session.send(readyText(id));
}

/** The first one stays open; later ones only edit its set and are stopped at once, without `ready` (spec 40 §8.6). */
function startPresence(session: SubscribingSession, id: string, options: unknown): void {
  if (!session.caller) fail('not-allowed');
  const isMain = session.presenceSubscription === undefined;
  if (isMain) session.presenceSubscription = id;
  session.watched ??= new SmallSet();
  const { added, removed } = isObject(options) ? options : {};
  session.host.hub.presence.edit(session, session.watched, added, removed);
  session.send(isMain ? readyText(id) : nosubText(id));
}

/** Asks again when access changed while the answer was on its way (see `Streams.dropSubscriptions`). */
async function isAllowed(
  session: SubscribingSession,
  stream: StreamDeclaration,
  eventName: string,
  args: readonly unknown[],
): Promise<boolean> {
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
    session.checking = undefined;
  }
}

function keep(session: SubscribingSession, subscription: Subscription): void {
  session.subscriptions.set(subscription);
  session.host.hub.attach(subscription);
}

function drop(session: SubscribingSession, subscription: Subscription): void {
  session.host.hub.detach(subscription);
  session.subscriptions.delete(subscription.id);
}

function refuse(session: SubscribingSession, id: string, thrown: unknown): void {
  let error: DdpError | undefined = refusalToDdp(thrown);
  if (!(thrown instanceof Refusal)) session.host.ctx.log.error({ err: thrown }, 'a subscription failed');
  error ??= internalError();
  session.send(nosubText(id, error));
}

/** The second parameter of a stream subscription, in all its historical forms (spec 40 §7.1). */
function streamOptions(options: unknown): { useCollection: boolean; args: readonly unknown[] } {
  if (!isObject(options)) return { useCollection: options === true, args: NO_ARGS };
  const { useCollection, args } = options;
  // Only objects are ever looked at; the rest (mobile sends the room id) need not be kept.
  const wanted = Array.isArray(args) && args.some(isObject) ? args : NO_ARGS;
  if (wanted.length > 0 && encode(wanted).length > MAX_ARGS_LENGTH) fail('invalid-arguments');
  return { useCollection: useCollection === true, args: wanted };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
