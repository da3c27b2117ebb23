import type { Context, WriteScope } from '../context.ts';
import type { Caller } from '../kernel/caller.ts';
import { fail, refuse } from '../kernel/errors.ts';
import { newId } from '../kernel/ids.ts';
import type { HistoryEntry } from './history-entry.ts';
import type { Outgoing } from './integration.ts';
import {
  deleteHistory,
  deleteHistoryAbove,
  historyById,
  historyPage,
  insertHistory,
  replaceHistory,
} from './integration-history.store.ts';
import { managesAll } from './integration-rights.ts';
import { getIntegration, managedOutgoing } from './manage-integrations.ts';
import type { Delivery } from './webhook-job.ts';

/** The reference server keeps them for ever. */
const KEPT_PER_WEBHOOK = 1000;
const MAX_TEXT = 50_000;

export function newHistoryEntry(ctx: Context, integration: Outgoing, delivery: Delivery): HistoryEntry {
  const now = new Date(ctx.clock.stamp());
  return {
    _id: newId(),
    type: 'outgoing-webhook',
    step: 'mapped-args-to-data',
    integration,
    event: delivery.event,
    _createdAt: now,
    _updatedAt: now,
    data: delivery.data,
    ...(delivery.triggerWord === undefined ? {} : { triggerWord: delivery.triggerWord }),
    url: delivery.url,
    deliveryId: delivery.id,
    ...(delivery.rid === undefined ? {} : { rid: delivery.rid }),
    ranPrepareScript: false,
    finished: false,
  };
}

/** Texts of others are kept as far as they help to find a mistake. */
export const historyText = (text: string): string => text.slice(0, MAX_TEXT);

export async function storeHistory({ tx, emit }: WriteScope, entry: HistoryEntry): Promise<void> {
  await insertHistory(tx, entry);
  await deleteHistoryAbove(tx, entry.integration._id, KEPT_PER_WEBHOOK);
  emit('integrationHistory.changed', {
    integrationId: entry.integration._id,
    change: { type: 'inserted', data: entry },
  });
}

/** `changes` must be stored in `entry` already. */
export async function storeHistoryChanges(
  ctx: Context,
  { tx, emit }: WriteScope,
  entry: HistoryEntry,
  changes: Partial<HistoryEntry>,
): Promise<void> {
  entry._updatedAt = new Date(ctx.clock.stamp());
  if (!(await replaceHistory(tx, entry))) return;
  emit('integrationHistory.changed', {
    integrationId: entry.integration._id,
    change: { type: 'updated', id: entry._id, diff: { ...changes, _updatedAt: entry._updatedAt } },
  });
}

/** `integrations.history` (spec 31 §2). Others' history is empty for those who manage only their own webhooks. */
export async function listHistory(
  ctx: Context,
  caller: Caller,
  id: string,
  order: 'asc' | 'desc',
  page: { offset: number; count: number },
): Promise<{ history: HistoryEntry[]; total: number }> {
  if (!id.trim()) refuse('Invalid integration id.');
  const isVisible =
    managesAll(ctx, caller, 'outgoing') ||
    (await getIntegration(ctx, caller, id, caller.uid).catch(() => undefined)) !== undefined;
  return isVisible ? historyPage(ctx.db, id, order, page) : { history: [], total: 0 };
}

/** @throws not_authorized, error-invalid-integration */
export async function clearHistory(ctx: Context, caller: Caller, integrationId: string): Promise<void> {
  await managedOutgoing(ctx, caller, integrationId, { method: 'clearIntegrationHistory' });
  await ctx.write(async (tx, emit) => {
    await deleteHistory(tx, integrationId);
    emit('integrationHistory.changed', { integrationId, change: { type: 'removed', id: integrationId } });
  });
}

/** @throws not_authorized, error-invalid-integration, error-invalid-integration-history */
export async function historyForReplay(
  ctx: Context,
  caller: Caller,
  { integrationId, historyId }: { integrationId: string; historyId: string },
): Promise<HistoryEntry> {
  const details = { method: 'replayOutgoingIntegration' };
  await managedOutgoing(ctx, caller, integrationId, details);
  const entry = await historyById(ctx.db, historyId);
  if (entry?.integration._id !== integrationId) {
    fail('error-invalid-integration-history', 'Invalid Integration History', details);
  }
  return entry;
}

/** One frame of `stream-integrationHistory` (spec 40 §8.10). */
export type HistoryChange =
  | { type: 'inserted'; data: HistoryEntry }
  | { type: 'updated'; id: string; diff: Partial<HistoryEntry> }
  | { type: 'removed'; id: string };

declare module '../kernel/events.ts' {
  interface Events {
    'integrationHistory.changed': { integrationId: string; change: HistoryChange };
  }
}
