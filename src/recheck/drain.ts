/**
 * Drains one batch: the heart of segmentd, one transaction, in the order that PROTOCOL.md's rule D needs. READ COMMITTED:
 * each statement sees what was committed before it, so the order of the statements below is the order of the snapshots.
 * Nothing here waits for a lock, and membership is written by `writeDifference` alone. A table that the team has locked
 * is waited for only for a moment: the drain rolls back (55P03), and the next one leaves out the segments that read it.
 */
import { shardOf } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { Reason, Written } from '../membership/diff.ts';
import { bumpGeneration, type Registry } from '../followed/registry.ts';
import {
  appendRechecks,
  consumeChanges,
  consumeRechecks,
  lanesWithWork,
  listRechecks,
  lockShards,
  originsOf,
  shardsOfContact,
  type Change,
  type Consumed,
  type Pending,
  type Recheck,
} from './consume.ts';
import { recheckBatches, type Batch } from './evaluate.ts';
import { purgeDeleted } from './purge-deleted.ts';
import { lockSegments, type LockedSegments } from './lock-segments.ts';
import type { DrainSession } from './session.ts';
import { segmentsOf } from './group.ts';

export interface DrainOptions {
  /** Changes and rechecks a batch, about. */
  readonly batchSize: number;
  /** Evaluates nothing: queues every pair, so that a batch that fails can be looked at segment by segment. */
  readonly defer?: boolean;
  /** Takes the rechecks of one contact in these segments, and no changes. */
  readonly only?: Only;
  /** Takes no more than `batchSize`, however many lanes have work: a batch that failed is tried again with less. */
  readonly exact?: boolean;
  /** Hears what the batch is about, before anything is evaluated. */
  readonly onTaken?: (taken: Taken) => void;
  /** Milliseconds of one statement, 5,000 by default. */
  readonly statementTimeout?: number;
  /** Lanes of the outbox (shards, where only rechecks are) that were just seen to have work; absent: looked for. */
  readonly lanes?: readonly number[];
  /** False: no recheck was seen just now, so none is looked for. */
  readonly rechecks?: boolean;
  /** Called between steps; tests stop a drain there. */
  readonly at?: (step: DrainStep) => Promise<void>;
}

export interface Only {
  readonly segments: readonly number[];
  readonly contact: string;
}

export interface Taken {
  readonly contacts: readonly string[];
  readonly segments: readonly number[];
}

export type DrainStep = 'locked' | 'consumed' | 'segments-locked' | 'parked' | 'timed' | 'rechecked' | 'written';

export interface Drained {
  /** Nothing was found to do. */
  readonly idle: boolean;
  readonly changes: number;
  readonly contacts: number;
  readonly written: readonly Written[];
  /** Segments whose slot was taken by somebody else; their work was queued again. */
  readonly refused: number;
  /** Segments that this batch concerned. */
  readonly segments: readonly number[];
}

/** How long the work of a segment waits whose slot was taken. */
const RETRY_AFTER_MS = 50;
/** Rechecks get this part of a batch however many changes wait: what a build's slot refused a moment ago would stand behind the whole backlog. */
const RECHECK_SHARE = 4;
/** Milliseconds that one statement of a drain may take. */
export const STATEMENT_TIMEOUT = 5_000;
/** The session's `lock_timeout` stands: see `prepare`. */
const TIMEOUTS = { statementTimeout: STATEMENT_TIMEOUT, idleTimeout: 30_000 } as const;
const NOTHING: Consumed = { changes: [], committed: () => {} };
const IDLE: Drained = { idle: true, changes: 0, contacts: 0, written: [], refused: 0, segments: [] };

export async function drain(session: DrainSession, registry: Registry, options: DrainOptions): Promise<Drained> {
  const pause = options.at ?? (async () => {});
  let committed = () => {};
  const drained = await inTransaction(
    session.client,
    { ...TIMEOUTS, statementTimeout: options.statementTimeout ?? TIMEOUTS.statementTimeout },
    async () => {
      const { only, batchSize, exact = false } = options;
      const lanes = await lanesOf(session, options);
      const shards = await lockShards(session, lanes);
      if (shards.length === 0) return IDLE;
      await pause('locked');

      const kept = exact && options.rechecks !== false ? keptForRechecks(batchSize) : 0;
      const consumed =
        only === undefined && kept < batchSize
          ? await consumeChanges(
              session,
              shards,
              batchSize - kept,
              lanes.filter((lane) => shards.includes(shardOf(lane))).length,
              exact,
            )
          : NOTHING;
      committed = consumed.committed;
      const { changes } = consumed;
      const rechecks =
        options.rechecks === false
          ? []
          : await listRechecks(
              session,
              shards,
              Math.max(batchSize - changes.length, exact ? 0 : Math.floor(batchSize / RECHECK_SHARE)),
              only,
            );
      await pause('consumed');

      const open = await lockSegments(session, registry, changes, rechecks);
      options.onTaken?.({
        contacts: open.groups.flatMap((group) => group.contacts),
        segments: [...segmentsOf(open.groups)],
      });
      const locked: LockedSegments = options.defer === true ? { ...open, has: () => false } : open;
      await pause('segments-locked');

      const refused = await park(session, locked, changes, rechecks, options.defer === true);
      await consumeRechecks(
        session,
        rechecks.filter((row) => locked.has(row.segment_id)),
      );
      await pause('parked');

      const at = await readInstant(session);
      await pause('timed');

      const batches = lockedBatches(locked);
      const written = await recheckBatches(
        session,
        locked.view.catalogue,
        locked.view,
        batches,
        at,
        only !== undefined || session.isCareful,
      );
      await pause('rechecked');
      written.push(...(await purgeDeleted(session, locked.view.catalogue, locked, changes, rechecks, at)));
      if (locked.found) await bumpGeneration(session.client);
      await pause('written');
      const contacts = locked.groups.reduce((sum, group) => sum + group.contacts.length, 0);
      return {
        idle: false,
        changes: changes.length,
        contacts,
        written,
        refused,
        segments: [...segmentsOf(locked.groups)],
      };
    },
  );
  committed();
  return drained;
}

/** Where a batch has room for one kind of work only, rechecks have their turn now and then. */
function keptForRechecks(batchSize: number): number {
  if (batchSize >= RECHECK_SHARE) return Math.floor(batchSize / RECHECK_SHARE);
  return Math.random() * RECHECK_SHARE < 1 ? batchSize : 0;
}

/** Of an exact batch no more lanes than rows, others at each turn. */
async function lanesOf(
  session: DrainSession,
  { only, lanes: seen, exact = false, batchSize }: DrainOptions,
): Promise<readonly number[]> {
  if (only !== undefined) return shardsOfContact(session, only.contact);
  const lanes = seen ?? (await lanesWithWork(session));
  if (!exact || lanes.length <= batchSize) return lanes;
  const first = Math.floor(Math.random() * lanes.length);
  return [...lanes.slice(first), ...lanes.slice(0, first)].slice(0, batchSize);
}

/**
 * Work of segments that are not locked goes back to the queue; every contact touched for a segment that is being built
 * is also parked with the build's epoch, because the build may have read it before this change.
 */
async function park(
  session: DrainSession,
  locked: LockedSegments,
  changes: readonly Change[],
  rechecks: readonly Recheck[],
  deferred: boolean,
): Promise<number> {
  const pending: Pending[] = [];
  const refused = new Set<number>();
  // Of the changes alone: what was queued already stays, with its own. Everybody's oldest would never end: whoever waits would wait for it.
  const origins = originsOf(changes);
  const queued = new Set(rechecks.map((row) => `${row.segment_id} ${row.contact_id}`));
  for (const { contacts, reasons } of locked.groups) {
    for (const [segmentId, reason] of reasons) {
      const epoch = locked.view.segments.get(segmentId)?.building?.epoch;
      if (locked.has(segmentId)) {
        if (epoch !== undefined)
          for (const contact of contacts)
            pending.push({ segmentId, contact, reason, epoch, origin: origins.get(contact) ?? null });
        continue;
      }
      refused.add(segmentId);
      for (const contact of contacts) {
        if (!queued.has(`${segmentId} ${contact}`))
          pending.push({ segmentId, contact, reason, epoch: null, origin: origins.get(contact) ?? null });
      }
    }
  }
  if (!deferred) session.postpone(refused, RETRY_AFTER_MS);
  await appendRechecks(session, pending);
  return refused.size;
}

function lockedBatches(locked: LockedSegments): Batch[] {
  const batches: Batch[] = [];
  for (const group of locked.groups) {
    const reasons = new Map<number, Reason>();
    for (const [id, reason] of group.reasons) {
      if (locked.has(id) && locked.view.segments.get(id)?.live) reasons.set(id, reason);
    }
    if (reasons.size > 0) batches.push({ contacts: group.contacts, reasons });
  }
  return batches;
}

async function readInstant(session: DrainSession): Promise<string> {
  const { rows } = await session.client.query<{ instant: string }>({ ...statement('instant') });
  const instant = rows[0]?.instant;
  if (instant === undefined) throw new Error('segmentd.instant() returned nothing');
  return instant;
}
