/**
 * Separates drift from lag. A difference between stored and recomputed membership is drift when one snapshot sees the
 * difference, no queued or owed work that could fix it, and the version that it was compared with still live.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { list, render, param, sql, type Fragment } from '../compile/fragment.ts';
import { recheckQuery, type StatementOptions } from '../compile/statement.ts';
import { retryLocked, type RetryOptions } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction, type TransactionOptions } from '../postgres/transaction.ts';
import { withOverrides, type VersionPlan } from '../followed/plan.ts';
import { owedByTime, PRESENT } from './owed-by-time.ts';

export interface Suspect {
  readonly segment_id: number;
  readonly contact_id: string;
  readonly wanted: boolean;
}

export interface Remaining extends Suspect {
  /** Whether queued or owed work may fix it. */
  readonly queued: boolean;
}

export interface Patience {
  /** Milliseconds to wait for what is queued, and between two looks. */
  readonly longest: number;
  readonly pause: number;
  readonly timeouts: TransactionOptions;
  /** How long each look waits for a locked table; by default as `compare` does. */
  readonly retry?: RetryOptions;
  /** Called with the milliseconds that each look took. */
  readonly onLook?: (milliseconds: number) => void;
  /** Ends the wait. */
  readonly signal?: AbortSignal;
}

/** How long a comparison waits for a table that the team has locked. */
export const PATIENCE = { patience: 60_000, what: 'the comparison' } as const;

/** Runs a comparison at an instant of its own: param `now`. */
export async function compare<Row extends Suspect>(
  source: Pool | Client,
  timeouts: TransactionOptions,
  query: Fragment,
  slots: Readonly<Record<string, unknown>>,
  patience: RetryOptions = PATIENCE,
): Promise<Row[]> {
  const once = () =>
    inTransaction(source, timeouts, async (client: Client) => {
      const at = await client.query<{ instant: string }>({ ...statement('instant') });
      const { text, bind } = render(query);
      return (await client.query<Row>(text, bind({ now: at.rows[0]?.instant, ...slots }))).rows;
    });
  return retryLocked(once, patience);
}

/** Returns the differences that remain when the work of their contacts is done, or the time is over. */
export async function settle(
  source: Pool | Client,
  catalogue: Catalogue,
  plans: readonly VersionPlan[],
  suspects: readonly Suspect[],
  options: StatementOptions,
  { longest, pause, timeouts, onLook, signal, retry: patience }: Patience,
): Promise<Remaining[]> {
  const end = performance.now() + longest;
  for (let left: readonly Suspect[] = suspects; ;) {
    if (left.length === 0) return [];
    const started = performance.now();
    const ids = new Set(left.map((row) => row.segment_id));
    const query = againQuery(
      catalogue,
      plans.filter((plan) => ids.has(plan.id)),
      options,
    );
    const remaining = await compare<Remaining>(
      source,
      timeouts,
      query,
      {
        segments: left.map((row) => row.segment_id),
        pairs: left.map((row) => row.contact_id),
        contacts: [...new Set(left.map((row) => row.contact_id))],
      },
      patience,
    );
    onLook?.(performance.now() - started);
    if (remaining.every((row) => !row.queued) || performance.now() > end || signal?.aborted === true) return remaining;
    left = remaining;
    await delay(pause, undefined, signal ? { signal } : {}).catch(() => {});
  }
}

/** Compares the pairs again, and reads in the same snapshot whether work for them is queued. */
function againQuery(catalogue: Catalogue, plans: readonly VersionPlan[], options: StatementOptions): Fragment {
  const ids = list(
    plans.map((plan) => String(plan.id)),
    'int',
  );
  const versions = list(
    plans.map((plan) => String(plan.version)),
    'int',
  );
  return sql`with ${PRESENT}, verdict as (${recheckQuery(catalogue, plans.map(withOverrides), options)}),
    pair as (
      select p.segment_id, p.contact_id, coalesce(p.segment_id = any (verdict.segments), false) as wanted, m.contact_id is not null as stored
      from unnest(${param('segments', 'int[]')}, ${param('pairs', 'segmentd.contact_key[]')}) as p(segment_id, contact_id)
      left join verdict on verdict.contact_id = p.contact_id
      left join segmentd.membership m on m.segment_id = p.segment_id and m.contact_id = p.contact_id
    ),
    compared as (
      select s.id from segmentd.segment s join unnest(${ids}, ${versions}) as u(id, version) on u.id = s.id
      where s.live_version = u.version and segmentd_internal.is_followed(s.state) and s.frozen_at is null
    )
    select pair.segment_id, pair.contact_id::text as contact_id, pair.wanted,
      exists (select from segmentd_internal.change c where c.shard between 64 and 127)
        or exists (select from segmentd_internal.change c where c.contact_id = pair.contact_id and c.shard in (segmentd_internal.shard(pair.contact_id::text), 128 + segmentd_internal.shard(pair.contact_id::text)))
        or exists (
          select from segmentd_internal.recheck r
          where r.epoch is null and r.shard = segmentd_internal.shard(pair.contact_id::text) and r.contact_id = pair.contact_id)
        or exists (select from segmentd_internal.rebuild_request q where q.segment_id = pair.segment_id)
        or pair.segment_id not in (select compared.id from compared)
        or ${owedByTime(catalogue, plans)} as queued
    from pair where pair.wanted <> pair.stored`;
}
