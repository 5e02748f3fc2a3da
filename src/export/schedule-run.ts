/**
 * Carries out the runs of schedules. A run has a lease in Postgres: any number of workers may claim it, one gets it,
 * and another takes it over when that worker died. It decides neither what is due (schedule-due.ts) nor when to look.
 */
import { Failure } from '../base/error.ts';
import { Lease } from '../base/lease.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { exportSegment } from './export.ts';
import type { FormatName } from './format/format.ts';
import type { Manifest } from './manifest.ts';
import { failureSentence } from './run.ts';
import { makeFolderBelow } from './schedule-folder.ts';

const LEASE_SECONDS = 15;
const MOST_ATTEMPTS = 5;
/** Pause before the second attempt; it doubles each time. */
const FIRST_PAUSE_SECONDS = 5;

export interface ReadyRun {
  readonly id: string;
  /** How long it has been ready. */
  readonly seconds: number;
}

export async function readyRuns(pool: Pool): Promise<readonly ReadyRun[]> {
  return (await pool.query<ReadyRun>({ ...statement('run-ready') })).rows;
}

export interface RunContext {
  readonly pool: Pool;
  readonly catalogue: () => Catalogue;
  /** The export folder: every file is written below it. */
  readonly root: string;
  /** Name of this process; no other process has it, now or later. */
  readonly owner: string;
  /** Waits until the members reflect everything that was committed before the call. */
  readonly fresh: (key: string) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Claimed {
  readonly attempt: number;
  readonly schedule_id: number;
  readonly key: string | null;
  readonly scheduled: boolean;
  readonly format: FormatName;
  readonly columns: string[] | null;
  readonly gzip: boolean;
  readonly folder: string;
  readonly delta: string | null;
  readonly passing: boolean;
  readonly formulas: boolean;
  readonly consistent: boolean;
  readonly fresh: boolean;
}

export type RunResult =
  /** Another process has the run, or the run is over. */
  | { readonly outcome: 'none' }
  | { readonly outcome: 'done'; readonly schedule: number; readonly manifest: Manifest }
  | { readonly outcome: 'again' | 'failed'; readonly schedule: number; readonly error: unknown };

export async function carryOutRun(context: RunContext, run: string): Promise<RunResult> {
  const { pool, owner } = context;
  const { rows } = await pool.query<Claimed>({ ...statement('run-claim'), values: [run, owner, LEASE_SECONDS] });
  const claimed = rows[0];
  if (!claimed) return { outcome: 'none' };
  const schedule = claimed.schedule_id;
  const lease = new Lease({
    held: [run],
    seconds: LEASE_SECONDS,
    async renew(runs, seconds) {
      const { rowCount } = await pool.query({ ...statement('run-renew'), values: [run, owner, seconds] });
      return rowCount === 0 ? [] : runs;
    },
  });
  const letGo = lease.keep();
  try {
    const manifest = await exportClaimed(context, run, claimed, AbortSignal.any([context.signal, lease.lost]));
    return { outcome: 'done', schedule, manifest };
  } catch (error) {
    const stopped = context.signal.aborted;
    const over = !stopped && (isFinal(error) || claimed.attempt >= MOST_ATTEMPTS);
    const pause = stopped || over ? 0 : FIRST_PAUSE_SECONDS * 2 ** (claimed.attempt - 1);
    await pool.query({
      ...statement('run-return'),
      values: [run, owner, over ? 'failed' : 'waiting', stopped ? null : failureSentence(error), pause, !stopped],
    });
    return { outcome: over ? 'failed' : 'again', schedule, error };
  } finally {
    letGo();
  }
}

async function exportClaimed(
  { pool, catalogue, root, fresh }: RunContext,
  run: string,
  claimed: Claimed,
  signal: AbortSignal,
): Promise<Manifest> {
  if (!claimed.scheduled) throw new Failure('not-found', 'The schedule was removed.');
  const { key, format, columns, gzip, delta, passing, formulas, consistent } = claimed;
  if (key === null) throw new Failure('not-found', 'The segment was deleted.');
  const folder = await makeFolderBelow(root, claimed.folder);
  if (claimed.fresh) await fresh(key);
  return exportSegment(pool, catalogue(), key, {
    to: { folder },
    format,
    gzip,
    formulas,
    consistent,
    ...(columns === null ? {} : { columns }),
    ...(delta === null ? {} : { delta, passing }),
    signal,
    runId: run,
  });
}

/** The schedule asks for what cannot be: a retry would not help. */
function isFinal(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'usage' || error.code === 'not-found');
}
