/** The state of each rank, as callers read it, and the call for a computation now. */
import { setTimeout as delay } from 'node:timers/promises';
import { CALL_DEFAULTS, parseDuration } from '../base/option.ts';
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { rankDefinition } from '../catalogue/resolve-rank.ts';
import type { Condition } from '../condition/ast.ts';
import { fieldsOf } from '../condition/references.ts';
import type { Pool, Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface RankState {
  readonly name: string;
  /** `waiting`: not computed yet under its definition; `failed`: the last computation failed, and the values before stay. */
  readonly state: 'current' | 'waiting' | 'failed';
  /** The instant under which its values were computed; null: never. ISO 8601, UTC, as every instant here. */
  readonly asOf: string | null;
  /** Seconds since then. */
  readonly age: number | null;
  /** Duration of the last computation in milliseconds. */
  readonly ms: number | null;
  /** Number of contacts that have the rank. */
  readonly ranked: number | null;
  /** Number of contacts whose rank the last computation changed. */
  readonly moved: number | null;
  /** Milliseconds between two computations. */
  readonly every: number;
  readonly nextAt: string | null;
  /** Seconds by which the next computation is late; 0: it is not. */
  readonly late: number;
  /** Why the last computation failed. */
  readonly error: string | null;
  readonly failedAt: string | null;
}

interface Row {
  readonly name: string;
  readonly definition: string | null;
  readonly as_of: string | null;
  readonly ms: number | null;
  readonly ranked: number | null;
  readonly moved: number | null;
  readonly next_at: string | null;
  readonly asked: number;
  readonly answered: number;
  readonly error: string | null;
  readonly failed_at: string | null;
  readonly age: number | null;
  readonly late: number;
}

async function readRows(client: Queryable, names: readonly string[] | null): Promise<ReadonlyMap<string, Row>> {
  const { rows } = await client.query<Row>({ ...statement('rank-state'), values: [names] });
  return new Map(rows.map((row) => [row.name, row]));
}

/** The ranks of the catalogue, in its order. Reads only. */
export async function listRanks(client: Queryable, { ranks }: Catalogue): Promise<readonly RankState[]> {
  if (!ranks) return [];
  const rows = await readRows(client, [...ranks.keys()]);
  return [...ranks.values()].map((rank) => {
    const row = rows.get(rank.name);
    const isCurrent = row?.definition === rankDefinition(rank);
    return {
      name: rank.name,
      state: (row?.error ?? null) !== null ? 'failed' : isCurrent ? 'current' : 'waiting',
      asOf: iso(row?.as_of),
      age: row?.age ?? null,
      ms: row?.ms ?? null,
      ranked: row?.ranked ?? null,
      moved: row?.moved ?? null,
      every: rank.every,
      nextAt: iso(row?.next_at),
      late: row?.late ?? 0,
      error: row?.error ?? null,
      failedAt: iso(row?.failed_at),
    };
  });
}

function iso(instant: string | null = null): string | null {
  return instant === null ? null : new Date(instant).toISOString();
}

/** The ranks that a condition reads. Reads only. */
export async function ranksReadBy(
  client: Queryable,
  catalogue: Catalogue,
  condition: Condition,
): Promise<readonly RankState[]> {
  const names = new Set(
    [...fieldsOf(condition)].flatMap(({ owner, name }) =>
      catalogue.relations.get(owner)?.valuesOnly === true ? [name] : [],
    ),
  );
  return names.size === 0 ? [] : (await listRanks(client, catalogue)).filter(({ name }) => names.has(name));
}

/** As of when the values of a rank are, and what is the matter with it. */
export function rankSentence({
  name,
  asOf,
  state,
  error,
}: Pick<RankState, 'name' | 'asOf' | 'state' | 'error'>): string {
  const since = asOf === null ? `${name} is not computed yet` : `${name} as of ${asOf}`;
  if (state === 'failed') return `${since}; the last computation failed: ${error ?? ''}`;
  return state === 'waiting' && asOf !== null ? `${since}, by an earlier definition` : since;
}

/** A call for a computation, to wait for. */
export interface AskedRank {
  readonly name: string;
  readonly call: number;
}

/**
 * Asks for a computation now. @param name absent: all ranks
 * @throws {Failure} `not-found` when the catalogue has no such rank
 */
export async function askRanks(client: Queryable, { ranks }: Catalogue, name?: string): Promise<readonly AskedRank[]> {
  const known = [...(ranks?.keys() ?? [])];
  if (name !== undefined && !known.includes(name)) {
    const hint = didYouMean(name, known);
    throw new Failure(
      'not-found',
      `There is no rank ${JSON.stringify(name)}${hint === undefined ? '' : ` (${hint})`}.`,
    );
  }
  const names = name === undefined ? known : [name];
  const { rows } = await client.query<{ name: string; asked: number }>({ ...statement('rank-ask'), values: [names] });
  return rows.map((row) => ({ name: row.name, call: row.asked }));
}

const POLL_MS = 50;

/**
 * Returns when the calls are answered. `timeout` in milliseconds, by default ten minutes.
 * @throws {Failure} `failed` with the reason of the first rank that failed, or when the time is over
 */
export async function untilRanked(
  pool: Pool,
  asked: readonly AskedRank[],
  options: { readonly timeout?: number; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { timeout = parseDuration(CALL_DEFAULTS.runTimeout), signal } = options;
  const end = performance.now() + timeout;
  const names = asked.map(({ name }) => name);
  for (;;) {
    const rows = await readRows(pool, names);
    const waiting = asked.filter(({ name, call }) => (rows.get(name)?.answered ?? 0) < call);
    const failed = asked.find(
      ({ name }) => (rows.get(name)?.error ?? null) !== null && !waiting.some((one) => one.name === name),
    );
    if (failed)
      throw new Failure('failed', `The rank ${failed.name} was not computed: ${rows.get(failed.name)?.error ?? ''}`);
    if (waiting.length === 0) return;
    if (performance.now() > end)
      throw new Failure(
        'failed',
        `The rank ${waiting[0]?.name ?? ''} is not computed after ${timeout / 1000} s. Is a worker running (segmentd run)?`,
      );
    await delay(POLL_MS, undefined, signal ? { signal } : {});
  }
}
