/**
 * The counters of a worker: what its events add up to, since the process began. Invariant: labels are causes and kinds, never a
 * contact, a segment or a value. What the database knows is asked for at a scrape instead (metrics.ts).
 */
import { Counter, Histogram, type Registry as PromRegistry } from 'prom-client';
import { subscribe, WORKER_TASKS, type WorkerEmitter } from './event.ts';

const DRAIN_BUCKETS = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const REBUILD_BUCKETS = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3_600];

/** Returns how to end the counting. */
export function countEvents(to: PromRegistry, events: WorkerEmitter): () => void {
  const registers = [to];
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  const counters = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> =>
    new Counter({ name, help, labelNames, registers });
  const drains = new Histogram({
    name: 'segmentd_drain_seconds',
    help: 'Batches drained: how many, and for how long the transaction.',
    buckets: DRAIN_BUCKETS,
    registers,
  });
  const changes = counter('segmentd_drained_changes_total', 'Changes consumed.');
  const contacts = counter('segmentd_drained_contacts_total', 'Contacts evaluated by drains.');
  const moved = counters(
    'segmentd_membership_changes_total',
    'Contacts that entered or left, by drains and rebuilds.',
    'kind',
  );
  const rebuilds = counter('segmentd_rebuilds_total', 'Segments that went live by a rebuild.');
  const rebuildRuns = new Histogram({
    name: 'segmentd_rebuild_seconds',
    help: 'Runs that rebuilt one segment or several together.',
    buckets: REBUILD_BUCKETS,
    registers,
  });
  const rebuildFailures = counter('segmentd_rebuild_failures_total', 'Rebuilds that failed with an error.');
  const held = counter('segmentd_edits_held_total', 'Edits held because they move many members.');
  const sweeps = counter('segmentd_sweeps_total', 'Sweeps that found something to cross.');
  const swept = counter('segmentd_swept_contacts_total', 'Crossings queued by sweeps.');
  const audited = counter('segmentd_audited_contacts_total', 'Contacts compared by the rolling audit.');
  const frozen = counter(
    'segmentd_segments_frozen_total',
    'Segments frozen because their condition could not be evaluated.',
  );
  const exports = counters('segmentd_exports_total', 'Scheduled exports.', 'outcome');
  const exported = counter('segmentd_exported_rows_total', 'Rows written by scheduled exports.');
  const exportedBytes = counter('segmentd_exported_bytes_total', 'Bytes written by scheduled exports.');
  const ranks = counters('segmentd_ranks_computed_total', 'Computations of ranks.', 'outcome');
  const rankRuns = new Histogram({
    name: 'segmentd_rank_seconds',
    help: 'Computations of ranks that succeeded.',
    buckets: REBUILD_BUCKETS,
    registers,
  });
  const rankMoves = counter('segmentd_rank_moves_total', 'Contacts whose rank moved.');
  const errors = counters(
    'segmentd_errors_total',
    'Errors of work that is tried again, by what was being done.',
    'during',
  );
  // A rate needs the zero before the first of a kind.
  for (const kind of ['entered', 'left']) moved.inc({ kind }, 0);
  for (const outcome of ['done', 'failed', 'again']) exports.inc({ outcome }, 0);
  for (const outcome of ['done', 'failed']) ranks.inc({ outcome }, 0);
  for (const during of WORKER_TASKS) errors.inc({ during }, 0);

  return subscribe(events, {
    drained: (drained) => {
      drains.observe(drained.ms / 1_000);
      changes.inc(drained.changes);
      contacts.inc(drained.contacts);
      for (const { entered, left } of drained.written) {
        moved.inc({ kind: 'entered' }, entered);
        moved.inc({ kind: 'left' }, left);
      }
    },
    rebuilt: ({ entered, left }) => {
      rebuilds.inc();
      moved.inc({ kind: 'entered' }, entered);
      moved.inc({ kind: 'left' }, left);
    },
    built: ({ ms }) => rebuildRuns.observe(ms / 1_000),
    held: () => held.inc(),
    swept: ({ queued }) => {
      sweeps.inc();
      swept.inc(queued);
    },
    audited: (one) => audited.inc(one.contacts),
    frozen: ({ segments }) => frozen.inc(segments.length),
    exported: ({ count: rows, bytes }) => {
      exports.inc({ outcome: 'done' });
      exported.inc(rows);
      exportedBytes.inc(bytes);
    },
    ranked: ({ ms, moved: contactsMoved }) => {
      ranks.inc({ outcome: 'done' });
      rankRuns.observe(ms / 1_000);
      rankMoves.inc(contactsMoved);
    },
    rankFailed: () => ranks.inc({ outcome: 'failed' }),
    exportFailed: ({ again }) => exports.inc({ outcome: again ? 'again' : 'failed' }),
    error: ({ during }) => {
      errors.inc({ during });
      if (during === 'rebuild') rebuildFailures.inc();
    },
  });
}
