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
import { bumpGeneration, type Registry } from '../segment/registry.ts';
import { appendRechecks, consumeChanges, consumeRechecks, lanesWithWork, listRechecks, lockShards, originsOf, type Change, type Consumed, type Pending, type Recheck } from './consume.ts';
import { recheckBatches, type Batch } from './evaluate.ts';
import { purgeGone } from './gone.ts';
import { grantSegments, type Granted } from './grant.ts';
import type { DrainSession } from './session.ts';
import { segmentsOf } from './touch.ts';

export interface DrainOptions {
  /** Changes and rechecks a batch, about. */
  readonly batchSize: number;
  /** Evaluates nothing: queues every pair, so that a batch that fails can be looked at segment by segment. */
  readonly defer?: boolean;
  /** Takes rechecks of this segment only, and no changes. */
  readonly only?: number;
  /** Milliseconds of one statement, 5,000 by default. */
  readonly statementTimeout?: number;
  /** Lanes of the outbox (shards, where only rechecks are) that were just seen to have work; absent: looked for. */
  readonly lanes?: readonly number[];
  /** False: no recheck was seen just now, so none is looked for. */
  readonly rechecks?: boolean;
  /** Called between steps; tests stop a drain there. */
  readonly at?: (step: DrainStep) => Promise<void>;
}

export type DrainStep = 'locked' | 'consumed' | 'granted' | 'parked' | 'timed' | 'rechecked' | 'written';

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
/** The session's `lock_timeout` stands: see `prepare`. */
const TIMEOUTS = { statementTimeout: 5_000, idleTimeout: 30_000 } as const;
const NOTHING: Consumed = { changes: [], committed: () => {} };
const IDLE: Drained = { idle: true, changes: 0, contacts: 0, written: [], refused: 0, segments: [] };

export async function drain(session: DrainSession, registry: Registry, options: DrainOptions): Promise<Drained> {
  const pause = options.at ?? (async () => {});
  let committed = () => {};
  const drained = await inTransaction(session.client, { ...TIMEOUTS, statementTimeout: options.statementTimeout ?? TIMEOUTS.statementTimeout }, async () => {
    const lanes = options.lanes ?? (await lanesWithWork(session));
    const shards = await lockShards(session, lanes);
    if (shards.length === 0) return IDLE;
    await pause('locked');

    const { only = null, batchSize } = options;
    const consumed = only === null ? await consumeChanges(session, shards, batchSize, lanes.filter((lane) => shards.includes(shardOf(lane))).length) : NOTHING;
    committed = consumed.committed;
    const { changes } = consumed;
    const rechecks = options.rechecks === false ? [] : await listRechecks(session, shards, Math.max(batchSize - changes.length, Math.floor(batchSize / RECHECK_SHARE)), only);
    await pause('consumed');

    const open = await grantSegments(session, registry, changes, rechecks);
    const granted: Granted = options.defer === true ? { ...open, has: () => false } : open;
    await pause('granted');

    const refused = await park(session, granted, changes, rechecks, options.defer === true);
    await consumeRechecks(session, rechecks.filter((row) => granted.has(row.segment_id)));
    await pause('parked');

    const at = await readInstant(session);
    await pause('timed');

    const batches = grantedBatches(granted);
    const written = await recheckBatches(session, registry.catalogue, granted.snapshot, batches, at, only !== null || session.isCareful);
    await pause('rechecked');
    written.push(...(await purgeGone(session, registry.catalogue, granted, changes, rechecks, at)));
    if (granted.found) await bumpGeneration(session.client);
    await pause('written');
    const contacts = granted.groups.reduce((sum, group) => sum + group.contacts.length, 0);
    return { idle: false, changes: changes.length, contacts, written, refused, segments: [...segmentsOf(granted.groups)] };
  });
  committed();
  return drained;
}

/**
 * Work of segments that are not granted goes back to the queue; every contact touched for a segment that is being built
 * is also parked with the build's epoch, because the build may have read it before this change.
 */
async function park(session: DrainSession, granted: Granted, changes: readonly Change[], rechecks: readonly Recheck[], deferred: boolean): Promise<number> {
  const pending: Pending[] = [];
  const refused = new Set<number>();
  // Of the changes alone: what was queued already stays, with its own. Everybody's oldest would never end: whoever waits would wait for it.
  const origins = originsOf(changes);
  const queued = new Set(rechecks.map((row) => `${row.segment_id} ${row.contact_id}`));
  for (const { contacts, reasons } of granted.groups) {
    for (const [segmentId, reason] of reasons) {
      const epoch = granted.snapshot.segments.get(segmentId)?.building?.epoch;
      if (granted.has(segmentId)) {
        if (epoch !== undefined) for (const contact of contacts) pending.push({ segmentId, contact, reason, epoch, origin: origins.get(contact) ?? null });
        continue;
      }
      refused.add(segmentId);
      for (const contact of contacts) {
        if (!queued.has(`${segmentId} ${contact}`)) pending.push({ segmentId, contact, reason, epoch: null, origin: origins.get(contact) ?? null });
      }
    }
  }
  if (!deferred) session.postpone(refused, RETRY_AFTER_MS);
  await appendRechecks(session, pending);
  return refused.size;
}

function grantedBatches(granted: Granted): Batch[] {
  const batches: Batch[] = [];
  for (const group of granted.groups) {
    const reasons = new Map<number, Reason>();
    for (const [id, reason] of group.reasons) {
      if (granted.has(id) && granted.snapshot.segments.get(id)?.live) reasons.set(id, reason);
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
