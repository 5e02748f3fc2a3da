/**
 * Carries out schedules: notes what is due, and exports what was noted. Runs stand in Postgres with a lease, so any
 * number of workers may try, a run is done by one, and one whose worker died is taken over. Whatever was missed while no
 * worker ran is caught up by one run. It does not decide when to look.
 */
import { Failure, readingOf, sqlState } from '../base/error.ts';
import { Lease } from '../base/lease.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { nextTime } from './cron.ts';
import { folderBelow } from './destination.ts';
import { exportSegment } from './export.ts';
import type { FormatName } from './format/format.ts';
import type { Manifest } from './manifest.ts';
import { sentenceOf } from './write-rows.ts';

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 10_000, idleTimeout: 30_000 } as const;
const LEASE_SECONDS = 15;
const MOST_ATTEMPTS = 5;
/** Before the second attempt; doubles each time. */
const FIRST_PAUSE_SECONDS = 5;

interface Due {
  readonly id: number;
  readonly segment_id: number;
  readonly cron: string;
  readonly timezone: string;
  readonly due_at: string | null;
  readonly now: string;
}

/** Notes a run for each schedule that is due and moves it on. Returns how many were looked at. */
export async function noteDue(pool: Pool): Promise<number> {
  return inTransaction(pool, TIMEOUTS, async (client) => {
    const { rows } = await client.query<Due>({ ...statement('schedule-due') });
    for (const { id, segment_id, cron, timezone, due_at, now } of rows) {
      const { next, error } = timeAfter(cron, timezone, now);
      await client.query('savepoint moved');
      try {
        await client.query({ ...statement('schedule-move'), values: [id, segment_id, due_at, next, error] });
      } catch (failure) {
        const code = sqlState(failure);
        if (code === undefined || readingOf(code) !== 'poison') throw failure;
        // A row written by plain SQL that cannot be moved on: it stops, and no other with it.
        await client.query('rollback to savepoint moved');
        await client.query({
          ...statement('schedule-move'),
          values: [id, segment_id, null, null, `Postgres refused to move it on (SQLSTATE ${code}).`],
        });
      }
    }
    return rows.length;
  });
}

/** A row written by plain SQL may hold anything. */
function timeAfter(cron: string, timezone: string, now: string): { next: string | null; error: string | null } {
  try {
    const next = nextTime(cron, timezone, new Date(now));
    return { next, error: next === null ? `${JSON.stringify(cron)} never comes again.` : null };
  } catch (error) {
    return { next: null, error: sentenceOf(error) };
  }
}

export interface ReadyRun {
  readonly id: string;
  /** For so long nobody has taken it. */
  readonly seconds: number;
}

export async function readyRuns(pool: Pool): Promise<readonly ReadyRun[]> {
  return (await pool.query<ReadyRun>({ ...statement('run-ready') })).rows;
}

export interface RunContext {
  readonly pool: Pool;
  readonly catalogue: () => Catalogue;
  /** Everything is written below. */
  readonly root: string;
  /** Names this process among all that ever run. */
  readonly owner: string;
  /** Waits until everything committed before the call is in. */
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
  /** Another process has it, or it is over. */
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
      values: [run, owner, over ? 'failed' : 'waiting', stopped ? null : sentenceOf(error), pause, !stopped],
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
  const folder = await folderBelow(root, claimed.folder);
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

/** What was asked for is wrong: trying again would not help. */
function isFinal(error: unknown): boolean {
  return error instanceof Failure && (error.code === 'usage' || error.code === 'not-found');
}
