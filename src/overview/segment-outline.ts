/**
 * Segments as a list of people shows them: what each is, how it stands, how it changed, what it needs. A page is chosen by
 * one statement and described by another. Reads only.
 */
import { noSegment } from '../base/error.ts';
import type { SegmentKind, SegmentState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { segmentOfRow, type Segment, type SegmentRow } from '../segment/read-segment.ts';
import { KnownSizes } from './known-size.ts';
import { NEED_CODES, needOf, type NeedCode, type SegmentNeed } from './segment-need.ts';

/** All instants are ISO 8601 with microseconds, UTC. */
export interface SegmentOutline extends Segment {
  /** Members now less members at `changeSince`; null before the first build. */
  readonly changeDay: number | null;
  /** 24 hours ago. The beginning of yesterday (UTC) for a segment in which very many contacts moved yesterday. */
  readonly changeSince: string;
  /** Members at the end of each day (UTC), the oldest first; the last is now. Shorter for a younger segment. */
  readonly spark: readonly number[];
  /** Everything before it is in the membership; null before the first build. */
  readonly freshAsOf: string | null;
  /** When a complete audit last compared the members with the data; null before, and after a rebuild. */
  readonly provedAt: string | null;
  readonly proof: Proof | null;
  /** Of a running build, 0 to 1. */
  readonly progress: number | null;
  /** Segments that read it, and schedules that export it. */
  readonly usedBy: number;
  readonly needs: SegmentNeed | null;
  /** Who edited it last. */
  readonly editedBy: string;
  readonly editedAt: string;
  /** Whether `segmentd apply` wrote the wanted version from a file. */
  readonly applied: boolean;
}

/** What the last complete audit found of one segment. Differences that it found are repaired. */
export interface Proof {
  readonly at: string;
  /** Contacts that were compared. */
  readonly contacts: number;
  readonly differences: number;
}

export type SegmentOrder = 'key' | 'needs' | 'members' | 'edited';

/** The place of a segment in an order. */
export interface OutlinePlace {
  readonly rank: string;
  readonly key: string;
}

export interface OutlineOptions {
  /** Text looked for, in any case, in key, name, description, tags, the names of what it reads, and its sentence. */
  readonly search?: string;
  readonly state?: SegmentState;
  readonly kind?: SegmentKind;
  readonly tag?: string;
  /** Segments that read this field or relation: `country`, `orders`, `orders.total`. */
  readonly field?: string;
  /** `needs`: those that need a person first. Default `key`. */
  readonly order?: SegmentOrder;
  /** Default 50. */
  readonly limit?: number;
  /** `next` of the page before, in the same order. */
  readonly after?: OutlinePlace;
}

export interface OutlinePage {
  readonly segments: readonly SegmentOutline[];
  /** Null on the last page. */
  readonly next: OutlinePlace | null;
  /** Segments that fit, on all pages, and those of them that need a person. */
  readonly total: number;
  readonly needing: number;
}

const PAGE = 50;
const SPARK_DAYS = 30;
/** Events of yesterday evening that a page reads: an index-only scan of so many takes some 10 ms. */
const MOST_EVENTS = 50_000;

interface ChoiceRow {
  readonly id: number | null;
  readonly key: string;
  readonly rank: string;
  readonly need: string | null;
  readonly total: number;
  readonly needing: number;
}

interface OutlineRow extends SegmentRow {
  readonly id: number;
  readonly applied: boolean | null;
  readonly days_back: number;
  readonly change_ago: readonly number[];
  readonly change_net: readonly number[];
  readonly evening_net: string | null;
  readonly day_ago: string;
  readonly yesterday: string;
  readonly fresh_as_of: string | null;
  readonly progress: string | number | null;
  readonly stale: readonly string[] | null;
  readonly proved_at: string | null;
  readonly proved_contacts: string | null;
  readonly proved_differences: number;
  readonly late_by: number | null;
  readonly used_by: number;
}

/**
 * One page.
 * @param known sizes that a caller keeps from page to page
 */
export async function outlineSegments(
  client: Queryable,
  options: OutlineOptions = {},
  known: KnownSizes = new KnownSizes(),
): Promise<OutlinePage> {
  const { search, state, kind, tag, field, order = 'key', limit = PAGE, after } = options;
  const sizes = order === 'members' ? await known.read(client) : undefined;
  const ranked = sizes && [[...sizes.keys()], [...sizes.values()]];
  const values = [
    null,
    search,
    state,
    kind,
    tag,
    field,
    order,
    after?.rank,
    after?.key,
    limit + 1,
    ...(ranked ?? [null, null]),
  ];
  const found = await choose(client, values);
  const chosen = found.filter((row) => row.id !== null);
  const page = chosen.slice(0, limit);
  const last = page.at(-1);
  return {
    segments: await describeRows(client, page),
    next: last && chosen.length > limit ? { rank: last.rank, key: last.key } : null,
    total: found[0]?.total ?? 0,
    needing: found[0]?.needing ?? 0,
  };
}

/** One segment. @throws {Failure} `not-found` */
export async function outlineSegment(client: Queryable, key: string): Promise<SegmentOutline> {
  const found = await choose(client, [key, null, null, null, null, null, 'key', null, null, 1, null, null]);
  const [outline] = await describeRows(
    client,
    found.filter((row) => row.id !== null),
  );
  if (!outline) throw noSegment(key);
  return outline;
}

async function choose(client: Queryable, values: readonly unknown[]): Promise<readonly ChoiceRow[]> {
  const { rows } = await client.query<ChoiceRow>({
    ...statement('segment-choice'),
    values: values.map((value) => value ?? null),
  });
  return rows;
}

async function describeRows(client: Queryable, chosen: readonly ChoiceRow[]): Promise<readonly SegmentOutline[]> {
  if (chosen.length === 0) return [];
  const needs = new Map(chosen.map(({ id, need }) => [id, NEED_CODES.find((code) => code === need)]));
  const { rows } = await client.query<OutlineRow>({
    ...statement('segment-outline'),
    values: [chosen.map(({ id }) => id), SPARK_DAYS, MOST_EVENTS, chosen.map(({ key }) => key)],
  });
  return rows.map((row) => outlineOfRow(row, needs.get(row.id)));
}

function outlineOfRow(row: OutlineRow, need: NeedCode | undefined): SegmentOutline {
  const segment = segmentOfRow(row);
  const isBuilt = segment.liveVersion !== null;
  const { evening_net: evening, proved_at: provedAt } = row;
  const nets = netByDay(row);
  return {
    ...segment,
    changeDay: isBuilt ? (nets[0] ?? 0) + (evening === null ? (nets[1] ?? 0) : Number(evening)) : null,
    changeSince: evening === null ? row.yesterday : row.day_ago,
    spark: sparkOf(segment.members, row.days_back, nets),
    freshAsOf: row.fresh_as_of,
    provedAt,
    proof:
      provedAt === null
        ? null
        : { at: provedAt, contacts: Number(row.proved_contacts ?? 0), differences: row.proved_differences },
    progress: row.progress === null ? null : Number(row.progress),
    usedBy: row.used_by,
    needs: need === undefined ? null : needOf({ ...segment, code: need, stale: row.stale ?? [], lateBy: row.late_by }),
    editedBy: segment.updatedBy,
    editedAt: segment.updatedAt,
    applied: row.applied ?? false,
  };
}

/** How many more entered than left on each day, today first. A day may have several rows. */
function netByDay({ change_ago, change_net }: OutlineRow): readonly number[] {
  const nets = Array.from<number>({ length: SPARK_DAYS }).fill(0);
  for (const [at, ago] of change_ago.entries()) nets[ago] = (nets[ago] ?? 0) + (change_net[at] ?? 0);
  return nets;
}

/** Counts back from the members of now. */
function sparkOf(members: number, days: number, nets: readonly number[]): readonly number[] {
  const sizes = Array.from<number>({ length: days + 1 }).fill(members);
  for (let ago = 0; ago < days; ago++) sizes[days - ago - 1] = (sizes[days - ago] ?? 0) - (nets[ago] ?? 0);
  return sizes;
}
