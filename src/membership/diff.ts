/**
 * The only writer of membership. A difference (who is wanted, who is not) becomes deletes and inserts; what was really
 * deleted and inserted becomes events, counts and rechecks of the segments that refer to the moved ones, in one
 * statement. An event therefore exists for a real change only, and entered and left alternate.
 * The caller holds the segment's slot, and for a recheck the contact's shard; it must not write these tables itself.
 */
import { empty, param, sql, type Fragment } from '../compile/fragment.ts';

/** First in the list wins when a contact moved for several causes. */
export const REASONS = ['delete', 'manual', 'contact', 'related', 'segment', 'time', 'repair', 'edit'] as const;
export type Reason = (typeof REASONS)[number];

export function firstReason(a: Reason, b: Reason): Reason {
  return REASONS.indexOf(a) <= REASONS.indexOf(b) ? a : b;
}

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
  /** Constant reason and version of every row: spares a join where one build moves half a million members. */
  readonly label?: { readonly reason: Fragment; readonly version: Fragment };
  /** Whether a wanted row may be stored already. Looking out for that costs each row as much as writing it. Default yes. */
  readonly perhapsStored?: boolean;
  /** Put before the statement's own CTEs, ending in a comma. */
  readonly prelude?: Fragment;
}

/**
 * The statement that writes a difference. Slots: `at` (timestamptz, the instant of evaluation), `dependent_of` and
 * `dependent_reader` (int[], pairs of a referenced segment and one that reads it). Returns `Written` rows.
 */
export function writeDifference(source: DifferenceSource): Fragment {
  const at = param('at', 'timestamptz');
  const { label } = source;
  const left = label
    ? sql`d.segment_id, d.contact_id, ${label.reason} as reason, ${label.version} as version`
    : sql`d.segment_id, d.contact_id, d.reason, d.version`;
  // A full join can only hash or merge; on the estimate of a difference a nested loop was quadratic (*m* 25 ms a contact).
  const entered = label
    ? sql`select come.segment_id, come.contact_id, 'entered', ${label.reason}, ${label.version} from come`
    : sql`select come.segment_id, come.contact_id, 'entered', d.reason, d.version
          from come full join difference d on d.segment_id = come.segment_id and d.contact_id = come.contact_id
          where coalesce(come.segment_id, 0) > 0`;
  return sql`with ${source.prelude ?? empty}
difference as materialized (${source.rows}),
gone as (
  delete from segmentd.membership m using difference d
  where not d.wanted and m.segment_id = d.segment_id and m.contact_id = d.contact_id
  returning ${left}
),
come as (
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select d.segment_id, d.contact_id, ${at} from difference d where d.wanted
  order by d.segment_id, d.contact_id
  ${
    source.perhapsStored === false
      ? empty
      : sql`on conflict do nothing
  `
  }returning segment_id, contact_id
),
moved (segment_id, contact_id, kind, reason, version) as materialized (
  select gone.segment_id, gone.contact_id, 'left', gone.reason, gone.version from gone
  union all
  ${entered}
),
logged as (
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
  select moved.segment_id, moved.contact_id, moved.kind, moved.reason, moved.version, ${at} from moved
),
counted as (
  insert into segmentd.member_count as c (segment_id, shard, members)
  select moved.segment_id, segmentd.shard(moved.contact_id::text),
         count(*) filter (where moved.kind = 'entered') - count(*) filter (where moved.kind = 'left')
  from moved group by 1, 2
  on conflict (segment_id, shard) do update set members = c.members + excluded.members
),
informed as (
  insert into segmentd.recheck (shard, segment_id, contact_id, reason)
  select segmentd.shard(moved.contact_id::text), dependent.reader, moved.contact_id, 'segment'
  from moved
  join unnest(${param('dependent_of', 'int[]')}, ${param('dependent_reader', 'int[]')}) as dependent(of_segment, reader)
    on dependent.of_segment = moved.segment_id
)
select moved.segment_id, (count(*) filter (where moved.kind = 'entered'))::int as entered,
       (count(*) filter (where moved.kind = 'left'))::int as left
from moved group by 1`;
}

/**
 * The same for members who are wanted and known not to be stored, when no segment reads theirs: nothing has to be asked of
 * what was written, so nothing is kept between the parts (*m* 6.6 us of CPU a member instead of 8.5). A row that is stored
 * after all fails the statement. `rows` as of `writeDifference`, all wanted, with one label, best in order of the contacts: the
 * indexes are then written from end to end. Slot: `at`. Returns no rows.
 */
export function writeEntered(
  rows: Fragment,
  label: { readonly reason: Fragment; readonly version: Fragment },
): Fragment {
  const at = param('at', 'timestamptz');
  return sql`with come as (
  insert into segmentd.membership (segment_id, contact_id, entered_at)
  select d.segment_id, d.contact_id, ${at} from (${rows}) as d
),
logged as (
  insert into segmentd.membership_event (segment_id, contact_id, kind, reason, version, at)
  select d.segment_id, d.contact_id, 'entered', ${label.reason}, ${label.version}, ${at} from (${rows}) as d
)
insert into segmentd.member_count as c (segment_id, shard, members)
select d.segment_id, segmentd.shard(d.contact_id::text), count(*) from (${rows}) as d group by 1, 2
on conflict (segment_id, shard) do update set members = c.members + excluded.members`;
}

export interface Dependents {
  readonly dependent_of: readonly number[];
  readonly dependent_reader: readonly number[];
}

/** The pairs that concern these segments, as the slots of `writeDifference`. */
export function dependentParams(
  dependents: ReadonlyMap<number, readonly number[]>,
  segments: Iterable<number>,
): Dependents {
  const pairs = [...segments].flatMap((id) => (dependents.get(id) ?? []).map((reader) => [id, reader] as const));
  return { dependent_of: pairs.map(([of]) => of), dependent_reader: pairs.map(([, reader]) => reader) };
}
