/**
 * Waits for windows: for every crossing before the call to be queued. Fields that are looked at with every poll are
 * asked here, or a worker's heartbeat speaks for them. A field without a usable index is looked at rarely, by workers
 * alone, which note as of when it is in membership. A `wait` for such a field may take long, so its lateness can also
 * be accepted and returned.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { Registry } from '../followed/registry.ts';
import { probeAll } from '../sweep/probe.ts';
import { followedView, type WaitScope } from './wait-scope.ts';

/** The moment of the call: by the server's clock, and by that of segmentd, which evaluates windows. */
export interface Called {
  readonly at: string;
  readonly instant: string;
}

/** A field whose windows are as of an earlier instant than was asked for. */
export interface LateWindow {
  /** `schema.table`, as written in SQL without quotes. */
  readonly table: string;
  readonly column: string;
  readonly path: readonly string[] | null;
  /** ISO 8601; null when no worker has looked at it yet. */
  readonly asOf: string | null;
  /** Milliseconds between looks; null while no worker has noted it. */
  readonly every: number | null;
}

export async function callTime(pool: Queryable): Promise<Called> {
  const { rows } = await pool.query<Called>(
    'select statement_timestamp()::text as at, segmentd.instant()::text as instant',
  );
  const [row] = rows;
  if (!row) throw new Error('the clock returned nothing');
  return row;
}

/** Waits until every crossing before the call is queued. */
export async function untilCrossed(scope: WaitScope, called: Called): Promise<void> {
  const { pool, keys, patience, catalogue } = scope;
  const registry = catalogue && new Registry(catalogue);
  patience.again();
  while (await overridesWait(scope, called)) await patience.pause();
  for (;;) {
    const { rows } = await pool.query<{ edges: readonly number[]; passed: boolean; sure: boolean }>({
      ...statement('prompt-edge'),
      values: [keys, called.at],
    });
    const [row] = rows;
    if (row?.passed === true && (row.sure || row.edges.length === 0 || !registry)) return;
    if (row && registry && (await hasCrossed(scope, registry, row.edges, called))) return;
    await patience.pause();
  }
}

/** Whether nothing waits to be swept that crossed before the call. */
async function hasCrossed(
  scope: WaitScope,
  registry: Registry,
  ids: readonly number[],
  { instant }: Called,
): Promise<boolean> {
  const current = await followedView(scope, registry);
  if (!current) return false;
  const edges = new Map([...current.edges.byId].filter(([id]) => ids.includes(id)));
  if (edges.size === 0) return true;
  return (await probeAll(scope.pool, registry.catalogue, edges, instant)).crossing.length === 0;
}

/** Whether an override has come to its end and still stands. */
async function overridesWait({ pool, keys }: WaitScope, { instant }: Called): Promise<boolean> {
  const { rows } = await pool.query<{ waits: boolean }>(
    `select exists (
       select from segmentd.override w where w.expires_at <= $2::timestamptz
         and ($1::text[] is null or exists (select from segmentd.segment s where s.id = w.segment_id and s.key = any ($1)))) as waits`,
    [keys, instant],
  );
  return rows[0]?.waits === true;
}

/** Milliseconds that are spent at most on what may be late. */
const ACCEPTED_MS = 30_000;

/**
 * Waits for the fields that are looked at rarely; what comes from it is in membership then. Returns those that are not
 * there.
 * @param accept waits for half a minute at most, and not at all where the next look is further away than that
 */
export async function untilLateSeen(
  { pool, keys, patience }: WaitScope,
  { at }: Called,
  accept: boolean,
): Promise<readonly LateWindow[]> {
  patience.again();
  const end = performance.now() + Math.min(patience.left, accept ? ACCEPTED_MS : Infinity);
  for (;;) {
    const { rows } = await pool.query<{
      schema_name: string;
      table_name: string;
      column_name: string;
      path: string[] | null;
      as_of: string | null;
      every: number | null;
      due: number | null;
    }>({
      ...statement('late-window'),
      values: [keys, at],
    });
    const late = rows.map((row): LateWindow => ({
      table: `${row.schema_name}.${row.table_name}`,
      column: row.column_name,
      path: row.path,
      asOf: row.as_of,
      every: row.every,
    }));
    if (late.length === 0) return [];
    const left = end - performance.now();
    if (left <= 0 || (accept && rows.some(({ due }) => (due ?? 0) > left))) return late;
    await patience.pause();
  }
}

/** One sentence a field. */
export function lateSentence({ table, column, path, asOf, every }: LateWindow): string {
  const field = [`${table}.${column}`, ...(path ?? [])].join('.');
  const often = every === null ? '' : `, and is looked at every ${Math.ceil(every / 1000)} s`;
  return `Windows on ${field} are as of ${asOf ?? 'no instant yet'}: it has no usable index${often}.`;
}
