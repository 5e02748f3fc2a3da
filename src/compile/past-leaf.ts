/**
 * The past of a membership: since when a contact is a member, and the events of the log. These are rows of segmentd's own.
 * Each leaf asks whether one of them exists, with the bare time between bounds that parameters decide, so an index serves.
 */
import type { ConditionOf } from '../condition/ast.ts';
import { pasts, type PastShape } from '../condition/time-unit.ts';
import { join, literal, sql, value, type Fragment } from './fragment.ts';
import type { LeafSql } from './leaf.ts';
import { instantInWindow } from './window-leaf.ts';

interface PastRows {
  /** The table, as `m`. */
  readonly from: Fragment;
  readonly time: Fragment;
  /** Leaves out the table's rows of another kind. */
  readonly only: readonly Fragment[];
}

const eventsOf = (kind: 'entered' | 'left'): PastRows => ({
  from: sql`segmentd.membership_event as m`,
  time: sql`m.at`,
  only: [sql`m.kind = ${literal(kind)}`],
});

const tables: Readonly<Record<PastShape['of'], PastRows>> = {
  members: { from: sql`segmentd.membership as m`, time: sql`m.entered_at`, only: [] },
  entered: eventsOf('entered'),
  left: eventsOf('left'),
};

/** Rows (contact_id, time) about the members of one segment. @param segment its id */
export function pastRows(of: PastShape['of'], segment: Fragment): Fragment {
  const { from, time, only } = tables[of];
  return sql`(select m.contact_id, ${time} as time from ${from} where ${join([sql`m.segment_id = ${segment}`, ...only], sql` and `)})`;
}

export interface PastPlace {
  /** Id of the segment that the leaf names. */
  readonly segment: Fragment;
  /** The key of the contact in scope. */
  readonly contact: Fragment;
  /** What else is known of a column that equals the contact's key. */
  readonly filter?: (contact: Fragment) => readonly Fragment[];
}

export function pastLeaf(
  { operator, seconds }: ConditionOf<'past'>,
  { segment, contact, filter = () => [] }: PastPlace,
): LeafSql {
  const { of, window } = pasts[operator];
  const { from, time, only } = tables[of];
  const own = sql`m.contact_id`;
  const filters = [
    sql`m.segment_id = ${segment}`,
    sql`${own} = ${contact}`,
    ...filter(own),
    ...only,
    instantInWindow(time, window, seconds),
  ];
  const row = sql`exists (select from ${from} where ${join(filters, sql` and `)})`;
  return { positive: row, negative: sql`not ${row}` };
}

/** The id of a segment by its key, where ids are not known: the key never changes while other segments read it. */
export function segmentNamed(key: string): Fragment {
  return sql`(select s.id from segmentd.segment s where s.key = ${value(key, 'text')})`;
}
