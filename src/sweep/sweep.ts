/**
 * Sweeps edges: appends one change for each (edge, contact) whose row crossed between the edge's watermark and `to`,
 * and moves the watermark, in one transaction. Feeds the outbox and never looks at membership, nor at what is queued
 * already. Rule T of PROTOCOL.md: the instant is raised and committed before that transaction begins, so that no drain
 * evaluates at an earlier one what the sweep does not see; the locked watermark is read before the statement that reads
 * the team's rows; the watermark moves with the queueing or not at all.
 */
import { relationPath, type Catalogue, type Table } from '../catalogue/catalogue.ts';
import { crosses, edgeRows, offsetOf, waysOf, zoneOf } from '../compile/edge-crossing.ts';
import type { StoredEdge } from '../compile/edge-probe.ts';
import { integer, join, render, param, sql, value, type Fragment } from '../compile/fragment.ts';
import { all } from '../compile/leaf.ts';
import { raiseClock, withClockHeld } from '../postgres/clock.ts';
import { lockTables } from '../postgres/give-way.ts';
import { CROSSINGS } from '../postgres/lock.ts';
import type { Client } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { isDaily, type Edge } from '../temporal/edge.ts';

export interface SweepOptions {
  /** Changes that one sweep may append for edges that move by instants, about. */
  readonly batchSize: number;
  /** Called between steps; tests stop a sweep there. */
  readonly at?: (step: SweepStep) => Promise<void>;
}

export type SweepStep = 'raised' | 'locked' | 'measured' | 'queued' | 'moved';

export interface Swept {
  /** Changes appended. */
  readonly queued: number;
  /** Edges that have more to sweep up to the same instant, and how many. */
  readonly left: readonly number[];
  readonly more: number;
  /** Those that have not; one that another sweep holds is in neither. */
  readonly done: readonly number[];
  /** Segments that are rebuilt instead. */
  readonly rebuilds: number;
}

interface Locked extends StoredEdge {
  readonly from: string;
  readonly source: number;
  /** Some segment that is kept uses it. */
  readonly used: boolean;
}

interface Portion extends Locked {
  /** New watermark. */
  readonly upTo: string;
}

/** Milliseconds that one statement may take. */
export const SWEEP_TIMEOUT = 60_000;
const TIMEOUTS = { lockTimeout: 'short', statementTimeout: SWEEP_TIMEOUT, idleTimeout: 30_000 } as const;
/** More contacts than this crossing one edge that looks at whole days are cheaper to rebuild than to re-check. */
const MOST_IN_A_DAY = 20_000;
/** So long behind (or more contacts), and days are not swept any more. */
const LONGEST_CATCH_UP = sql`interval '744 hours'`;

const NOTHING: Swept = { queued: 0, left: [], more: 0, done: [], rebuilds: 0 };

/**
 * Sweeps edges of one field (`probeGroup`), or any that look at whole days, up to the present. `client` is not in a
 * transaction. Nothing is swept while a clock that went back is being accepted.
 */
export async function sweep(
  client: Client,
  catalogue: Catalogue,
  edges: readonly StoredEdge[],
  options: SweepOptions,
): Promise<Swept> {
  const swept = await withClockHeld(client, async () => {
    const to = await raiseClock(client);
    await options.at?.('raised');
    return sweepUpTo(client, catalogue, edges, to, options);
  });
  return swept ?? NOTHING;
}

async function sweepUpTo(
  client: Client,
  catalogue: Catalogue,
  edges: readonly StoredEdge[],
  to: string,
  options: SweepOptions,
): Promise<Swept> {
  const pause = options.at ?? (async () => {});
  return inTransaction(client, TIMEOUTS, async () => {
    const locked = await lockEdges(client, edges, to);
    await pause('locked');
    if (locked.length === 0) return NOTHING;
    // Measuring may take seconds, and what is queued afterwards reads more tables.
    await lockTables(
      client,
      locked.flatMap(({ edge }) => edgeTables(catalogue, edge)),
    );
    const { portions, tooMuch } = await measure(client, catalogue, locked, to, options.batchSize);
    await pause('measured');
    const rebuilds = await requestRebuilds(client, tooMuch);
    const queued = await queue(
      client,
      catalogue,
      portions.filter((one) => one.used && !tooMuch.includes(one)),
    );
    await pause('queued');
    await move(client, portions);
    await pause('moved');
    const done = portions.filter((one) => one.upTo === to).map(({ id }) => id);
    const left = portions.filter((one) => one.upTo !== to).map(({ id }) => id);
    return { queued, rebuilds, done, left, more: left.length };
  });
}

/** From the row with the time up to the contact, on every way. */
function edgeTables(catalogue: Catalogue, edge: Edge): readonly Table[] {
  if (edge.past !== undefined) return [];
  return waysOf(catalogue, edge).flatMap(({ relation }) =>
    relation === undefined ? [catalogue.contacts.table] : relationPath(catalogue, relation).map((hop) => hop.table),
  );
}

/** With FOR UPDATE a build's barrier would wait for the sweep while holding its slot. */
const LOCK = `
  select e.id, e.watermark::text as "from", e.source, exists (
    select from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
    where l.edge_id = e.id and segmentd_internal.is_followed(s.state)) as used
  from segmentd_internal.edge e where e.id = any ($1::int[]) and e.watermark < $2::timestamptz
  order by e.id
  for no key update of e skip locked`;

async function lockEdges(client: Client, edges: readonly StoredEdge[], to: string): Promise<Locked[]> {
  const byId = new Map(edges.map(({ id, edge }) => [id, edge]));
  const { rows } = await client.query<Omit<Locked, 'edge'>>(LOCK, [[...byId.keys()], to]);
  return rows.flatMap((row) => {
    const edge = byId.get(row.id);
    return edge ? [{ ...row, edge }] : [];
  });
}

/**
 * How far to go. Any instant up to `to` is a right one for the next watermark, because what is swept afterwards is
 * exactly what crosses up to it; so rows at the same instant are never split, however many they are.
 */
async function measure(
  client: Client,
  catalogue: Catalogue,
  locked: readonly Locked[],
  to: string,
  batchSize: number,
): Promise<{ portions: Portion[]; tooMuch: Portion[] }> {
  const each = Math.max(1, Math.ceil(batchSize / locked.length));
  const arms = locked.map((one) => (isDaily(one.edge) ? dayArm(catalogue, one, to) : cutArm(catalogue, one, to, each)));
  const { text, bind } = render(join(arms, sql` union all `));
  const { rows } = await client.query<{ id: number; up_to: string | null; too_much: boolean }>(text, bind());
  const found = new Map(rows.map((row) => [row.id, row]));
  const portions = locked.map((one): Portion => ({ ...one, upTo: found.get(one.id)?.up_to ?? to }));
  return { portions, tooMuch: portions.filter((one) => one.used && found.get(one.id)?.too_much === true) };
}

function spanOf(from: string, to: string): { from: Fragment; to: Fragment } {
  return { from: value(from, 'timestamptz'), to: value(to, 'timestamptz') };
}

/** (id, instant of the n-th crossing in order of time, false). */
function cutArm(catalogue: Catalogue, { id, edge, from }: Locked, to: string, each: number): Fragment {
  const where = edgeRows(catalogue, edge);
  const { scalar } = where;
  const span = spanOf(from, to);
  const away = offsetOf(edge);
  const wall = scalar.type === 'timestamp';
  // A wall clock's slack lies before the span: what crosses within it comes first.
  const begun = wall ? [sql`${scalar.value} > ((${span.from} + ${away}) at time zone ${zoneOf(edge)})`] : [];
  const last = wall ? sql`((cut.value at time zone ${zoneOf(edge)}) - ${away})` : sql`(cut.value - ${away})`;
  return sql`(select ${integer(id)} as id, ${last}::text as up_to, false as too_much
    from (select ${scalar.value} as value from ${where.rows} where ${all([...begun, crosses(edge, where, span)])}
      order by ${scalar.value} offset ${integer(each - 1)} limit 1) as cut
    where ${last} > ${span.from} and ${last} < ${span.to})`;
}

/** (id, null, whether a rebuild is the better way). */
function dayArm(catalogue: Catalogue, { id, edge, from }: Locked, to: string): Fragment {
  const where = edgeRows(catalogue, edge);
  const span = spanOf(from, to);
  const many = sql`select from ${where.rows} where ${crosses(edge, where, span)} limit ${integer(MOST_IN_A_DAY + 1)}`;
  return sql`(select ${integer(id)} as id, null as up_to, case
    when ${span.to} - ${LONGEST_CATCH_UP} > ${span.from} then true
    else (select count(*) from (${many}) as many) > ${integer(MOST_IN_A_DAY)} end as too_much)`;
}

async function queue(client: Client, catalogue: Catalogue, portions: readonly Portion[]): Promise<number> {
  if (portions.length === 0) return 0;
  const ways = portions.flatMap((portion) => waysOf(catalogue, portion.edge).map((edge) => ({ ...portion, edge })));
  const arms = ways.map(({ id, edge, source, from, upTo }) => {
    const where = edgeRows(catalogue, edge);
    return sql`select distinct ${integer(source)} as source, ${where.contact}::segmentd.contact_key as contact_id, ${integer(id)} as edge
      from ${where.from} where ${all([crosses(edge, where, spanOf(from, upTo)), where.leads])}`;
  });
  const { text, bind } = render(sql`insert into segmentd_internal.change (shard, source, contact_id, edge)
    select ${integer(CROSSINGS)} + segmentd_internal.shard(crossed.contact_id::text), crossed.source, crossed.contact_id, crossed.edge
    from (${join(arms, sql` union all `)}) as crossed`);
  return (await client.query(text, bind())).rowCount ?? 0;
}

const MOVE = `
  update segmentd_internal.edge e set watermark = moved.up_to
  from unnest($1::int[], $2::timestamptz[]) as moved(id, up_to)
  where e.id = moved.id`;

async function move(client: Client, portions: readonly Portion[]): Promise<void> {
  await client.query(MOVE, [portions.map((one) => one.id), portions.map((one) => one.upTo)]);
}

/** One that is asked for already and not yet begun will be begun after this transaction, at a later instant. */
const REQUEST = render(sql`
  insert into segmentd_internal.rebuild_request (segment_id, reason)
  select distinct l.segment_id, 'time'
  from segmentd_internal.segment_edge l join segmentd.segment s on s.id = l.segment_id
  where l.edge_id = any (${param('edges', 'int[]')}) and segmentd_internal.is_followed(s.state)
    and not exists (select from segmentd_internal.rebuild_request r where r.segment_id = s.id)`);

async function requestRebuilds(client: Client, tooMuch: readonly Portion[]): Promise<number> {
  if (tooMuch.length === 0) return 0;
  return (await client.query(REQUEST.text, REQUEST.bind({ edges: tooMuch.map((one) => one.id) }))).rowCount ?? 0;
}
