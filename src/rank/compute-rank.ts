/**
 * Computes a rank: one statement values all contacts at one instant, ranks them, and stores the ranks that moved. The capture trigger
 * of `segmentd.contact_rank` reports exactly these contacts, so the drain rechecks them as after a write of the team. Invariant: the
 * values of a rank come from one computation. It is one transaction, and a killed one leaves the values before. The transaction holds a
 * lock that only one worker has. It writes no membership.
 */
import { Failure, isPoison, readingOf, sqlState } from '../base/error.ts';
import type { Catalogue, Rank, Table } from '../catalogue/catalogue.ts';
import { rankDefinition } from '../catalogue/resolve-rank.ts';
import { render } from '../compile/fragment.ts';
import { rankWrite } from '../compile/rank-query.ts';
import type { Condition } from '../condition/ast.ts';
import { checkRank, type CheckedRank } from '../condition/check/check-rank.ts';
import { references, segmentsOf } from '../condition/references.ts';
import { tablesOf } from '../followed/plan.ts';
import { lockClass, single } from '../postgres/advisory-lock.ts';
import { lockTables } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';

export interface RankContext {
  readonly pool: Pool;
  readonly catalogue: () => Catalogue;
  readonly signal?: AbortSignal;
  /** Runs before the commit, for tests. */
  readonly at?: (step: RankStep) => Promise<void>;
}

/** A point at which tests stop a computation. */
export type RankStep = 'locked' | 'written';

export interface ComputedRank {
  readonly name: string;
  /** Number of contacts that have the rank. */
  readonly ranked: number;
  /** Number of contacts whose rank moved: only these are rechecked. */
  readonly moved: number;
  /** Of the computation, in milliseconds. */
  readonly ms: number;
}

export type RankResult =
  /** Another worker computes, or the rank is not due, or this worker has not read the newest catalogue yet. */
  | { readonly outcome: 'none' }
  | ({ readonly outcome: 'done' } & ComputedRank)
  | { readonly outcome: 'failed'; readonly name: string; readonly error: unknown };

const TIMEOUTS = { lockTimeout: 'short', statementTimeout: 600_000, idleTimeout: 30_000 } as const;
/** Milliseconds that a computation waits for a table of the team, and the first pause after a failure. */
const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 600_000;

/** Computes the rank when it is due; a rank that the catalogue no longer has loses its values. A failure is noted. */
export async function computeRank(context: RankContext, name: string): Promise<RankResult> {
  const { pool, catalogue, signal } = context;
  try {
    return await retryLocked(() => inTransaction(pool, TIMEOUTS, (client) => attempt(context, client, name)), {
      patience: PATIENCE_MS,
      what: `the rank ${name}`,
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    const code = sqlState(error);
    const isOver = error instanceof Failure || (code !== undefined && (isPoison(code) || readingOf(code) === 'caller'));
    // A cut connection, a stop, a restart of Postgres: the next look tries again.
    if (signal?.aborted === true || !isOver) throw error;
    const longest = Math.min(LONGEST_PAUSE_MS, catalogue().ranks?.get(name)?.every ?? LONGEST_PAUSE_MS);
    await pool.query({
      ...statement('rank-failed'),
      values: [name, reasonOf(error), FIRST_PAUSE_MS, longest],
    });
    return { outcome: 'failed', name, error };
  }
}

async function attempt(context: RankContext, client: Client, name: string): Promise<RankResult> {
  const { at = async () => {} } = context;
  const { rows: lock } = await client.query<{ got: boolean }>('select pg_try_advisory_xact_lock($1, $2) as got', [
    lockClass.single,
    single.rank,
  ]);
  if (lock[0]?.got !== true) return { outcome: 'none' };
  const catalogue = context.catalogue();
  const { rows: claim } = await client.query<{ asked: number; due: boolean }>({
    ...statement('rank-claim'),
    values: [name, catalogue.publication ?? null],
  });
  const rank = catalogue.ranks?.get(name);
  if (claim[0]?.due !== true && rank) return { outcome: 'none' };
  await at('locked');
  if (!rank) return remove(client, catalogue, name);
  const started = performance.now();
  const moved = await store(client, catalogue, rank);
  const ms = performance.now() - started;
  const { rows } = await client.query<{ ranked: number }>({
    ...statement('rank-done'),
    values: [name, rankDefinition(rank), moved.at, ms, moved.count, rank.every, claim[0]?.asked ?? 0],
  });
  await at('written');
  return { outcome: 'done', name, ranked: rows[0]?.ranked ?? 0, moved: moved.count, ms };
}

async function store(
  client: Client,
  catalogue: Catalogue,
  rank: Rank,
): Promise<{ readonly at: string; readonly count: number }> {
  const checked = checkRank(catalogue, rank);
  if (!checked.ok) {
    const [issue] = checked.issues;
    throw new Failure('failed', `It no longer fits the catalogue: ${issue?.message ?? ''}`, { data: checked.issues });
  }
  const read = readBy(checked);
  const ids = await segmentIds(client, rank.name, segmentsOf(read));
  await lockTables(client, tablesRead(catalogue, read));
  const { rows } = await client.query<{ instant: string }>({ ...statement('instant') });
  const at = rows[0]?.instant ?? '';
  const { text, bind } = render(
    rankWrite({
      catalogue,
      name: rank.name,
      by: checked.by,
      among: checked.among,
      into: rank.into,
      segmentId: (key) => ids.get(key) ?? 0,
    }),
  );
  const written = await client.query<{ moved: string }>(text, bind({ now: at }));
  return { at, count: Number(written.rows[0]?.moved ?? 0) };
}

/** Condition and value as one condition, for what both read. */
function readBy({ among, by }: Extract<CheckedRank, { ok: true }>): Condition {
  return { kind: 'and', children: [among, { kind: 'missing', operand: by }] };
}

function tablesRead(catalogue: Catalogue, condition: Condition): readonly Table[] {
  const { columns, rows } = references(condition, catalogue);
  return tablesOf(catalogue, new Set([...columns.keys(), ...rows]));
}

/** Ids of the segments that `among` reads. @throws {Failure} for a segment without members of its own yet */
async function segmentIds(
  client: Client,
  name: string,
  keys: ReadonlySet<string>,
): Promise<ReadonlyMap<string, number>> {
  if (keys.size === 0) return new Map();
  const { rows } = await client.query<{ id: number; key: string }>(
    `select s.id, s.key from segmentd.segment s where s.key = any ($1::text[]) and s.live_version is not null and s.wanted_state <> 'deleted'`,
    [[...keys]],
  );
  const found = new Map(rows.map(({ key, id }) => [key, id]));
  const missing = [...keys].find((key) => !found.has(key));
  if (missing !== undefined)
    throw new Failure('failed', `\`ranks.${name}\` reads the segment ${JSON.stringify(missing)}, which is not live.`);
  return found;
}

/** A worker that has not read the newest catalogue may not know the rank yet, so the publication is compared first. */
async function remove(client: Client, catalogue: Catalogue, name: string): Promise<RankResult> {
  const { rows } = await client.query<{ id: number }>(
    'select coalesce(max(c.id), 0) as id from segmentd_internal.catalogue c',
  );
  if (catalogue.publication !== undefined && rows[0]?.id !== catalogue.publication) return { outcome: 'none' };
  await client.query('update segmentd.contact_rank set rank = rank - $1 where rank ? $1', [name]);
  await client.query('delete from segmentd_internal.rank where name = $1', [name]);
  return { outcome: 'none' };
}

/** Ids and codes only: Postgres may name values of rows in its messages. */
function reasonOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  const code = sqlState(error);
  return code === '57014'
    ? 'It did not end within its time limit.'
    : `Postgres refused to compute it (SQLSTATE ${code ?? 'unknown'}).`;
}
