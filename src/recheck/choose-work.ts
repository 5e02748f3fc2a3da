/**
 * How much a drain takes, and from where: which lanes of the outbox, and how much of a batch is for changes and how
 * much for rechecks. Invariant: neither kind of work keeps the other waiting for ever. It must not look at segments.
 */
import { shardOf } from '../postgres/lock.ts';
import {
  consumeChanges,
  lanesWithWork,
  listRechecks,
  shardsOfContact,
  type Consumed,
  type Recheck,
} from './consume.ts';
import type { DrainOptions } from './drain-option.ts';
import type { DrainSession } from './drain-session.ts';

/**
 * Rechecks get this part of a batch however many changes wait. Otherwise what the slot of a build refused a moment ago
 * would stand behind the whole backlog.
 */
const RECHECK_SHARE = 4;
const NOTHING: Consumed = { changes: [], committed: () => {} };

/** Lanes with work. An exact batch takes no more lanes than rows, and other lanes at each turn. */
export async function chooseLanes(
  session: DrainSession,
  { only, lanes: seen, exact = false, batchSize }: DrainOptions,
): Promise<readonly number[]> {
  if (only !== undefined) return shardsOfContact(session, only.contact);
  const lanes = seen ?? (await lanesWithWork(session));
  if (!exact || lanes.length <= batchSize) return lanes;
  const first = Math.floor(Math.random() * lanes.length);
  return [...lanes.slice(first), ...lanes.slice(0, first)].slice(0, batchSize);
}

/** Consumes changes of the locked shards, as many as the batch has room for. */
export async function takeChanges(
  session: DrainSession,
  shards: readonly number[],
  lanes: readonly number[],
  { only, batchSize, exact = false, rechecks }: DrainOptions,
): Promise<Consumed> {
  const kept = exact && rechecks !== false ? keptForRechecks(batchSize) : 0;
  if (only !== undefined || kept >= batchSize) return NOTHING;
  const seen = lanes.filter((lane) => shards.includes(shardOf(lane))).length;
  return consumeChanges(session, shards, batchSize - kept, seen, exact);
}

/**
 * Lists rechecks of the locked shards beside so many changes. They are consumed once the slots of their segments are
 * held.
 */
export async function chooseRechecks(
  session: DrainSession,
  shards: readonly number[],
  changes: number,
  { only, batchSize, exact = false, rechecks }: DrainOptions,
): Promise<readonly Recheck[]> {
  if (rechecks === false) return [];
  const share = exact ? 0 : Math.floor(batchSize / RECHECK_SHARE);
  return listRechecks(session, shards, Math.max(batchSize - changes, share), only);
}

/** Where a batch has room for one kind of work only, rechecks have their turn now and then. */
function keptForRechecks(batchSize: number): number {
  if (batchSize >= RECHECK_SHARE) return Math.floor(batchSize / RECHECK_SHARE);
  return Math.random() * RECHECK_SHARE < 1 ? batchSize : 0;
}
