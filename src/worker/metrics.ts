/**
 * What a worker measures, in the text format of Prometheus. Counters come from its events and are this process's own
 * (metric-counters.ts); gauges of the database are asked for at a scrape, all in one statement, and are the same from every
 * worker. Invariant: labels are states, causes, versions and names of queues, never a contact, a segment or a value; every
 * label value that is known stands there from the first scrape on. The names follow Prometheus' conventions, and a test holds
 * the exposition against its own checker.
 */
import { collectDefaultMetrics, Counter, Gauge, Registry as PromRegistry } from 'prom-client';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { RebuildQueueHealth } from '../queue/rebuild-queue.ts';
import type { Clean } from '../sweep/clean.ts';
import { SEGMENT_STATES } from '../lifecycle/state.ts';
import { TransactionAge } from './transaction-age.ts';
import type { WorkerEmitter } from './event.ts';
import { countEvents } from './metric-counters.ts';
import { UNREADY, type Unready } from './readiness.ts';

export const CONTENT_TYPE = PromRegistry.PROMETHEUS_CONTENT_TYPE;

export interface MetricsSource {
  /** Of segmentd. */
  readonly version: string;
  readonly pool: Pool;
  readonly events: WorkerEmitter;
  /** Up to when crossings had been queued when it was last looked. */
  readonly swept: () => Clean;
  readonly queue?: (() => Promise<RebuildQueueHealth>) | undefined;
}

interface Row {
  readonly lag: number | null;
  readonly rows_lag: number | null;
  readonly time_lag: number | null;
  readonly late_lag: number | null;
  readonly sweep_lateness: number | null;
  readonly clock_behind: number;
  readonly changes: number;
  readonly rechecks: number;
  readonly parked: number;
  readonly next_xid: string;
  readonly oldest_change: string | null;
  readonly oldest_recheck: string | null;
  readonly owed: number;
  readonly building: number;
  readonly workers: number;
  readonly segments: Readonly<Record<string, number>>;
  readonly export_runs: Readonly<Record<string, number>>;
  readonly audit_differences: number | null;
  readonly verify_differences: number | null;
  readonly verify_age: number | null;
  readonly audit_age: number | null;
  readonly ranks: Readonly<Record<string, number>>;
  readonly rank_late: number;
}

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 2_000, idleTimeout: 5_000 } as const;

/** Gauges of the whole that prom-client names as counters are named; the same by type stay, and add up to them. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

let processRegistry: PromRegistry | undefined;

/** Memory, CPU and garbage of the process. What observes it cannot be ended, so there is one for all workers. */
function ofProcess(): PromRegistry {
  if (!processRegistry) {
    processRegistry = new PromRegistry();
    collectDefaultMetrics({ register: processRegistry });
    for (const name of MISNAMED) processRegistry.removeSingleMetric(name);
  }
  return processRegistry;
}

export class Metrics {
  readonly #source: MetricsSource;
  readonly #own = new PromRegistry();
  readonly #unsubscribe: () => void;
  readonly #age = new TransactionAge();

  constructor(source: MetricsSource) {
    this.#source = source;
    this.#unsubscribe = countEvents(this.#own, source.events);
    labelled(this.#own, 'segmentd_build_info', 'The version of segmentd; always 1.', 'version', {
      [source.version]: 1,
    });
  }

  /** Counts nothing from now on. */
  stop(): void {
    this.#unsubscribe();
  }

  /** Dates the transactions of now, for the age of what waits later. */
  async note(): Promise<void> {
    await this.#ask();
  }

  /**
   * Never fails because the database or the queue does: what they would say is missing then. @param unready what
   * `/readyz` says
   */
  async text(unready: Promise<Unready | undefined>): Promise<string> {
    const [row, queue, reason] = await Promise.all([
      this.#ask().catch(() => undefined),
      this.#source.queue?.(),
      unready,
    ]);
    const asked = new PromRegistry();
    labelled(
      asked,
      'segmentd_readiness',
      'What /readyz of this worker says: 1 for that state, 0 for the others.',
      'state',
      {
        ready: reason === undefined ? 1 : 0,
        ...Object.fromEntries(UNREADY.map((state) => [state, state === reason ? 1 : 0])),
      },
    );
    gauge(asked, 'segmentd_database_up', 'Whether Postgres answered this scrape.', row ? 1 : 0);
    if (row) this.#state(asked, row);
    if (queue) queueState(asked, queue);
    return (await Promise.all([this.#own, ofProcess(), asked].map((registry) => registry.metrics()))).join('\n');
  }

  async #ask(): Promise<Row | undefined> {
    const { pool, swept } = this.#source;
    const { rows } = await inTransaction(pool, TIMEOUTS, (client) =>
      client.query<Row>({ ...statement('metric'), values: [swept().prompt ?? null] }),
    );
    const [row] = rows;
    if (row) this.#age.note(row.next_xid, performance.now());
    return row;
  }

  #state(to: PromRegistry, row: Row): void {
    gauge(
      to,
      'segmentd_lag_seconds',
      'Database clock minus fresh_as_of: everything committed before that, and every window that ran out before it, is in membership.',
      row.lag,
    );
    gauge(
      to,
      'segmentd_rows_lag_seconds',
      'Database clock minus rows_as_of: every change committed before that is in membership.',
      row.rows_lag,
    );
    gauge(
      to,
      'segmentd_time_lag_seconds',
      'Database clock minus time_as_of: every window that ran out before that is in membership, but for fields without a usable index.',
      row.time_lag,
    );
    gauge(
      to,
      'segmentd_late_window_seconds',
      'The same of the field without a usable index that is furthest behind; absent where there is none.',
      row.late_lag,
    );
    labelled(
      to,
      'segmentd_backlog_rows',
      'Rows that wait, counted up to 100,000: changes of the outbox, rechecks, rechecks parked for a build.',
      'kind',
      { change: row.changes, recheck: row.rechecks, parked: row.parked },
    );
    gauge(
      to,
      'segmentd_oldest_work_seconds',
      'At most so old is the oldest change or recheck that waits; 0 when none does.',
      this.#oldest(row),
    );
    gauge(
      to,
      'segmentd_sweep_lateness_seconds',
      'Since when a crossing of time may wait unseen, but for fields without a usable index.',
      row.sweep_lateness,
    );
    gauge(
      to,
      'segmentd_clock_behind_seconds',
      'How far the clock is behind an instant that was used already.',
      row.clock_behind,
    );
    gauge(to, 'segmentd_rebuilds_owed', 'Segments that wait for a rebuild or are in one.', row.owed);
    gauge(to, 'segmentd_rebuilds_running', 'Rebuilds under way, of all workers.', row.building);
    gauge(to, 'segmentd_workers', 'Workers that the database has seen in the last 30 seconds.', row.workers);
    labelled(to, 'segmentd_segments', 'Segments by state.', 'state', {
      ...Object.fromEntries(SEGMENT_STATES.map((state) => [state, 0])),
      ...row.segments,
    });
    labelled(to, 'segmentd_export_runs', 'Runs of exports that are not over.', 'state', {
      waiting: 0,
      running: 0,
      ...row.export_runs,
    });
    labelled(to, 'segmentd_ranks', 'Ranks by the state of their last computation.', 'state', {
      current: 0,
      waiting: 0,
      failed: 0,
      ...row.ranks,
    });
    gauge(
      to,
      'segmentd_rank_late_seconds',
      'By how much the computation of a rank is late, of the latest one; 0 when none is.',
      row.rank_late,
    );
    new Counter({
      name: 'segmentd_audit_differences_total',
      help: 'Members that differed from their conditions, found by the rolling audits of all workers since the installation.',
      registers: [to],
    }).inc(row.audit_differences ?? 0);
    gauge(
      to,
      'segmentd_verify_differences',
      'Members that differed from their conditions when all segments were verified last.',
      row.verify_differences,
    );
    gauge(to, 'segmentd_verify_age_seconds', 'Since all segments were verified last.', row.verify_age);
    gauge(to, 'segmentd_audit_age_seconds', 'Since the rolling audit last came to its end.', row.audit_age);
  }

  /** What was committed before `rows_as_of` is done, so the lag is a bound as well. */
  #oldest({ oldest_change, oldest_recheck, rows_lag }: Row): number | null {
    const waiting = [oldest_change, oldest_recheck].filter((xid) => xid !== null);
    if (waiting.length === 0) return 0;
    const now = performance.now();
    const ages = waiting.map((xid) => Math.min((this.#age.atMost(xid, now) ?? Infinity) / 1_000, rows_lag ?? Infinity));
    const oldest = Math.max(...ages);
    return Number.isFinite(oldest) ? oldest : null;
  }
}

function queueState(to: PromRegistry, { backend, ok, waiting, active, failed }: RebuildQueueHealth): void {
  labelled(to, 'segmentd_queue_up', 'Whether the queue of rebuilds answered this scrape.', 'backend', {
    [backend]: ok ? 1 : 0,
  });
  if (ok) labelled(to, 'segmentd_queue_jobs', 'Jobs of the queue of rebuilds.', 'state', { waiting, active, failed });
}

/** What has no value yet is described, and has no sample. */
function gauge(to: PromRegistry, name: string, help: string, value: number | null): void {
  const one = new Gauge({ name, help, registers: [to] });
  if (value === null) one.remove();
  else one.set(value);
}

function labelled(
  to: PromRegistry,
  name: string,
  help: string,
  label: string,
  values: Readonly<Record<string, number>>,
): void {
  const one = new Gauge({ name, help, labelNames: [label], registers: [to] });
  for (const [key, value] of Object.entries(values)) one.set({ [label]: key }, value);
}
