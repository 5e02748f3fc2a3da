/**
 * The only writer of membership; it keeps I3 of src/PROTOCOL.md. A difference (pairs that should be members, and pairs
 * that should not) becomes deletes and inserts. What was really deleted and inserted becomes events, counts, and
 * rechecks of the segments that read the moved ones, all in one statement. So an event exists only for a real change,
 * and `entered` and `left` of a pair alternate. Contract for callers: hold the segment's slot, and for a recheck the
 * contact's shard; give each pair at most once; never write `membership`, `membership_event` or `member_count` in
 * another way.
 */
import { empty, param, sql, type Fragment } from '../compile/fragment.ts';

/** How many contacts entered and left a segment. */
export interface Written {
  readonly segment_id: number;
  readonly entered: number;
  readonly left: number;
}

export interface DifferenceSource {
  /**
   * A query with rows (segment_id int, contact_id segmentd.contact_key, wanted boolean), at most one a pair. With
   * `label` absent it has reason text and version int too.
   */
  readonly rows: Fragment;
  /** One reason and version for every row. It saves a join in a build that moves half a million members. */
  readonly label?: { readonly reason: Fragment; readonly version: Fragment };
  /** The rows have source smallint and mask bigint too: what changed, for the event. Without `label` only. */
  readonly caused?: boolean;
  /**
   * Whether a row to insert may be stored already. The check for a conflict costs each row as much as its insert.
   * Default true.
   */
  readonly maybeStored?: boolean;
  /** CTEs that come before the statement's own, ending in a comma. */
  readonly prelude?: Fragment;
}

/**
 * The statement that writes a difference. Params: `at` (timestamptz, the instant of evaluation), `dependent_of` and
 * `dependent_reader` (int[], pairs of a segment and one that reads it). Returns `Written` rows.
 */
export function writeDifference(source: DifferenceSource): Fragment {
  const at = param('at', 'timestamptz');
  const { label } = source;
  const causes = source.caused === true ? sql`, source, mask` : empty;
  const ofMoved = source.caused === true ? sql`, moved.source, moved.mask` : empty;
  const ofDeleted = source.caused === true ? sql`, deleted.source, deleted.mask` : empty;
  const ofRow = source.caused === true ? sql`, d.source, d.mask` : empty;
  const left = label
    ? sql`d.segment_id, d.contact_id, ${label.reason} as reason, ${label.version} as version`
    : sql`d.segment_id, d.contact_id, d.reason, d.version${ofRow}`;
  // A full join can only hash or merge. With the estimate of a difference a nested loop was quadratic (*m* 25 ms a
  // contact).
  const entered = label
    ? sql`select inserted.segment_id, inserted.contact_id, 'entered', ${label.reason}, ${label.version} from inserted`
    : sql`select inserted.segment_id, inserted.contact_id, 'entered', d.reason, d.version${ofRow}
          from inserted full join difference d on d.segment_id = inserted.segment_id and d.contact_id = inserted.contact_id
          where coalesce(inserted.segment_id, 0) > 0`;
  return sql`with ${source.prelude ?? empty}
difference as materialized (${source.rows}),
deleted as (
  delete from segmentd.membership m using difference d
  where not d.wanted and m.segment_id = d.segment_id and m.contact_id = d.contact_id
  returning ${left}
),
inserted as (
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select d.segment_id, d.contact_id, ${at} from difference d where d.wanted
  order by d.segment_id, d.contact_id
  ${
    source.maybeStored === false
      ? empty
      : sql`on conflict do nothing
  `
  }returning segment_id, contact_id
),
moved (segment_id, contact_id, kind, reason, version${causes}) as materialized (
  select deleted.segment_id, deleted.contact_id, 'left', deleted.reason, deleted.version${ofDeleted} from deleted
  union all
  ${entered}
),
logged as (
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at${causes})
  select moved.segment_id, moved.contact_id, moved.kind, moved.reason, moved.version, ${at}${ofMoved} from moved
),
counted as (
  ${addCounts(
    at,
    sql`select moved.segment_id, segmentd_internal.shard(moved.contact_id::text) as shard,
      count(*) filter (where moved.kind = 'entered') as entries, count(*) filter (where moved.kind = 'left') as exits
    from moved group by 1, 2`,
  )}
),
queued as (
  insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason)
  select segmentd_internal.shard(moved.contact_id::text), dependent.reader, moved.contact_id, 'segment'
  from moved
  join unnest(${param('dependent_of', 'int[]')}, ${param('dependent_reader', 'int[]')}) as dependent(of_segment, reader)
    on dependent.of_segment = moved.segment_id
)
select moved.segment_id, (count(*) filter (where moved.kind = 'entered'))::int as entered,
       (count(*) filter (where moved.kind = 'left'))::int as left
from moved group by 1`;
}

/**
 * The statement for pairs that only enter, that are certainly not stored, and whose segment no other segment reads. It
 * needs nothing of what it wrote, so it keeps nothing between its parts (*m* 6.6 us of CPU a member instead of 8.5). A
 * row that is stored after all fails the statement.
 * @param rows as for `writeDifference`, all to be inserted, with one label. In the order of the contacts the indexes
 *   are written from end to end, which is fastest. Param of the statement: `at`. Returns no rows.
 */
export function writeEntered(
  rows: Fragment,
  label: { readonly reason: Fragment; readonly version: Fragment },
): Fragment {
  const at = param('at', 'timestamptz');
  return sql`with inserted as (
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select d.segment_id, d.contact_id, ${at} from (${rows}) as d
),
logged as (
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
  select d.segment_id, d.contact_id, 'entered', ${label.reason}, ${label.version}, ${at} from (${rows}) as d
)
${addCounts(
  at,
  sql`select d.segment_id, segmentd_internal.shard(d.contact_id::text) as shard, count(*) as entries, 0 as exits from (${rows}) as d group by 1, 2`,
)}`;
}

/**
 * Adds to the counts, and to the numbers of the day. When a row still has an earlier day, a trigger keeps that day first
 * (sql/object/size-day.sql).
 * @param rows a query with rows (segment_id, shard, entries, exits)
 */
function addCounts(at: Fragment, rows: Fragment): Fragment {
  return sql`insert into segmentd_internal.member_count as c (segment_id, shard, members, day, entries, exits)
  select n.segment_id, n.shard, n.entries - n.exits, (${at} at time zone 'UTC')::date, n.entries, n.exits from (${rows}) as n
  on conflict (segment_id, shard) do update set members = c.members + excluded.members, day = excluded.day,
    entries = excluded.entries + case when c.day = excluded.day then c.entries else 0 end,
    exits = excluded.exits + case when c.day = excluded.day then c.exits else 0 end`;
}

export interface Dependents {
  readonly dependent_of: readonly number[];
  readonly dependent_reader: readonly number[];
}

/** The readers of these segments, as the params of `writeDifference`. */
export function dependentParams(
  dependents: ReadonlyMap<number, readonly number[]>,
  segments: Iterable<number>,
): Dependents {
  const pairs = [...segments].flatMap((id) => (dependents.get(id) ?? []).map((reader) => [id, reader] as const));
  return { dependent_of: pairs.map(([of]) => of), dependent_reader: pairs.map(([, reader]) => reader) };
}
