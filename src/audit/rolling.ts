/**
 * The rolling audit: compares stored with recomputed membership all the time, one range of contacts a step, at 2 % of
 * the time at most (pace.ts). It finds drift of causes that no trigger sees, and queues rechecks with reason `repair`.
 * Postgres keeps position and pace: several workers take turns, and a pass goes on after a restart. It writes no
 * membership.
 */
import { isPoison, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, render, sql, tableName, value } from '../compile/fragment.ts';
import type { StatementOptions } from '../compile/statement.ts';
import { differenceInRange, type KeyRange } from '../membership/stored-difference.ts';
import { lockClass, single } from '../postgres/advisory-lock.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import type { VersionPlan } from '../followed/plan.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import type { Registry } from '../followed/registry.ts';
import { pace } from './pace.ts';
import { compare, settle, type Remaining, type Suspect } from './settle.ts';

export interface AuditOptions {
  /** Milliseconds in which all contacts are to be compared. */
  readonly period: number;
  /** A condition that Postgres refused to evaluate; the others are compared without it. */
  readonly onError?: (error: unknown) => void;
  /** Ends the wait for what is queued. */
  readonly signal?: AbortSignal;
}

export interface Audited {
  readonly contacts: number;
  /** Ids of the segments that differed, and how many of their members did. */
  readonly segments: readonly number[];
  readonly differences: number;
  /** All contacts have been compared. */
  readonly finished: boolean;
  /** Of work; not of waiting for what was queued. */
  readonly ms: number;
}

export interface AuditStep {
  /**
   * Absent when the step is not due, another worker does it, or it was too expensive and is retried with fewer
   * contacts.
   */
  readonly done?: Audited;
  /** Milliseconds after which to ask again. */
  readonly wait: number;
}

interface State {
  readonly position: string | null;
  readonly checked: number;
  readonly chunk: number;
  /** When this step began, as text. */
  readonly began: string;
  readonly total: number;
  readonly wait: number;
  readonly age: number | null;
}

interface Found {
  readonly suspects: readonly Suspect[];
  /** Beyond MOST_DIFFERENCES there are more. */
  readonly more: boolean;
}

const TIMEOUTS = { lockTimeout: 'short', statementTimeout: 5_000, idleTimeout: 30_000 } as const;
/** The audit has time: where the team has locked a table it comes again. */
const AT_ONCE = { patience: 0 } as const;
const PATIENCE = { longest: 5_000, pause: 250, timeouts: TIMEOUTS, retry: AT_ONCE } as const;
/** Looked at in one step; where there are more, the range is compared again afterwards. */
const MOST_DIFFERENCES = 2_000;
/** A segment with more in one step is rebuilt. */
const MOST_RECHECKS = 500;
/** Milliseconds until another worker's step may be over, or a segment may have become live. */
const ELSEWHERE = 5_000;
/** Milliseconds until the first pass begins: what has just been installed is being built. */
const FIRST = 60_000;
const KEY = [lockClass.single, single.audit];

/** Does one step when it is due. `client` is not in a transaction, and the step alone uses it. */
export async function auditStep(client: Client, registry: Registry, options: AuditOptions): Promise<AuditStep> {
  const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, $2) as got', KEY);
  if (rows[0]?.got !== true) return { wait: ELSEWHERE };
  try {
    return await step(client, registry, options);
  } catch (error) {
    // A drain reads the catalogue anew, and a migration of the team ends.
    if (error instanceof CatalogueBehind || sqlState(error) === LOCK_NOT_AVAILABLE) return { wait: ELSEWHERE };
    throw error;
  } finally {
    await client.query('select pg_advisory_unlock($1, $2)', KEY).catch(() => undefined);
  }
}

async function step(client: Client, registry: Registry, options: AuditOptions): Promise<AuditStep> {
  const { catalogue } = registry;
  const state = await readState(client, catalogue, options.period);
  if (state.wait > 0) return { wait: state.wait };
  const { segments, idOfKey } = await registry.current(client);
  const plans = [...segments.values()].flatMap((segment) => segment.live ?? []);
  if (plans.length === 0) return { wait: ELSEWHERE };
  const references: StatementOptions = { segmentId: (key) => idOfKey.get(key) ?? 0 };
  const stopwatch = new Stopwatch();
  try {
    const range = await stopwatch.time(() => nextRange(client, catalogue, state));
    const found = await stopwatch.time(() => differences(client, catalogue, plans, range, references, options));
    const remaining = await settle(client, catalogue, plans, found.suspects, references, {
      ...PATIENCE,
      onLook: (ms) => stopwatch.add(ms),
      ...(options.signal ? { signal: options.signal } : {}),
    });
    const drift = remaining.filter((row) => !row.queued);
    return await repair(client, state, range, found, drift, stopwatch.ms, options);
  } catch (error) {
    if (sqlState(error) !== QUERY_CANCELED) throw error;
    options.onError?.(error);
    // Too many contacts for one statement.
    const { chunk, wait } = pace({
      ...state,
      period: options.period,
      contacts: 0,
      finished: false,
      ms: TIMEOUTS.statementTimeout,
    });
    await client.query({
      ...statement('audit-move'),
      values: [state.position, 0, false, 0, chunk, wait, options.period, '{}', state.began],
    });
    return { wait };
  }
}

async function readState(client: Client, catalogue: Catalogue, period: number): Promise<State> {
  const { schema, name } = catalogue.contacts.table;
  const read = async (): Promise<State | undefined> =>
    (await client.query<State>({ ...statement('audit-state'), values: [schema, name] })).rows[0];
  const known = await read();
  if (known) return known;
  await client.query(
    `insert into segmentd_internal.audit (next_at) values (clock_timestamp() + $1::float8 * interval '1 millisecond') on conflict (one) do nothing`,
    [Math.min(FIRST, period)],
  );
  const made = await read();
  if (!made) throw new Error('segmentd_internal.audit has no row');
  return made;
}

interface Range extends KeyRange {
  readonly contacts: number;
}

async function nextRange(client: Client, catalogue: Catalogue, { position, chunk }: State): Promise<Range> {
  const { table, key } = catalogue.contacts;
  const column = ident(key.column);
  const above = position === null ? sql`` : sql` where c.${column} > ${value(position, key.sqlType)}`;
  const { text, bind } = render(
    sql`select count(*)::int as contacts, (array_agg(k.key order by k.key desc))[1]::text as last
      from (select c.${column} as key from ${tableName(table)} c${above} order by c.${column} limit ${integer(chunk)}) as k`,
  );
  const { rows } = await inTransaction(client, TIMEOUTS, () =>
    client.query<{ contacts: number; last: string | null }>(text, bind()),
  );
  const { contacts = 0, last = null } = rows[0] ?? {};
  // The last range is open, and takes in members whose contacts are no longer there.
  return { contacts, low: position ?? undefined, high: contacts < chunk ? undefined : (last ?? undefined) };
}

/** A condition that cannot be evaluated must not keep the others from being compared. */
async function differences(
  client: Client,
  catalogue: Catalogue,
  plans: readonly VersionPlan[],
  range: Range,
  references: StatementOptions,
  options: AuditOptions,
): Promise<Found> {
  try {
    const query = sql`select d.segment_id, d.contact_id::text as contact_id, d.wanted
      from (${differenceInRange(catalogue, plans, range, references)}) as d limit ${integer(MOST_DIFFERENCES + 1)}`;
    const rows = await compare<Suspect>(client, TIMEOUTS, query, { low: range.low, high: range.high }, AT_ONCE);
    return { suspects: rows.slice(0, MOST_DIFFERENCES), more: rows.length > MOST_DIFFERENCES };
  } catch (error) {
    const code = sqlState(error);
    if (code === undefined || !isPoison(code) || code === QUERY_CANCELED) throw error;
    if (plans.length === 1) {
      options.onError?.(error);
      return { suspects: [], more: false };
    }
    const half = Math.ceil(plans.length / 2);
    const [first, second] = [plans.slice(0, half), plans.slice(half)];
    const a = await differences(client, catalogue, first, range, references, options);
    const b = await differences(client, catalogue, second, range, references, options);
    return { suspects: [...a.suspects, ...b.suspects], more: a.more || b.more };
  }
}

const REBUILD = `
  insert into segmentd_internal.rebuild_request (segment_id, reason)
  select s.id, 'repair' from segmentd.segment s
  where s.id = any ($1::int[]) and segmentd_internal.is_followed(s.state) and s.wanted_state = 'live'
    and not exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id)`;

/** Queues the repair and moves on, in one transaction. */
async function repair(
  client: Client,
  state: State,
  range: Range,
  { more }: Found,
  drift: readonly Remaining[],
  ms: number,
  { period }: AuditOptions,
): Promise<AuditStep> {
  const counts = new Map<number, number>();
  for (const { segment_id: id } of drift) counts.set(id, (counts.get(id) ?? 0) + 1);
  const many = [...counts].filter(([, count]) => count > MOST_RECHECKS).map(([id]) => id);
  const few = drift.filter((row) => !many.includes(row.segment_id));
  // What was cut off is looked at again once this is repaired.
  const again = more && drift.length > 0;
  const finished = range.high === undefined && !again;
  const contacts = again ? 0 : range.contacts;
  const { chunk, wait } = pace({ ...state, period, contacts, finished, ms });
  const position = again ? state.position : (range.high ?? null);
  await inTransaction(client, TIMEOUTS, async () => {
    if (few.length > 0) {
      const values = [
        few.map((row) => row.segment_id),
        few.map((row) => row.contact_id),
        few.map(() => 'repair'),
        few.map(() => null),
        null,
      ];
      await client.query({ ...statement('append-recheck'), values });
    }
    if (many.length > 0) await client.query(REBUILD, [many]);
    await client.query({
      ...statement('audit-move'),
      values: [
        position,
        contacts,
        finished,
        drift.length,
        chunk,
        wait,
        period,
        JSON.stringify(Object.fromEntries(counts)),
        state.began,
      ],
    });
  });
  return { wait, done: { contacts, segments: [...counts.keys()], differences: drift.length, finished, ms } };
}

class Stopwatch {
  ms = 0;

  add(ms: number): void {
    this.ms += ms;
  }

  async time<T>(fn: () => Promise<T>): Promise<T> {
    const started = performance.now();
    try {
      return await fn();
    } finally {
      this.add(performance.now() - started);
    }
  }
}
