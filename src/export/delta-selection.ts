/**
 * The contacts of a delta: all members in its first file, and the stored changes (`export_change`) in every later one.
 * Pure.
 */
import { integer, sql } from '../compile/fragment.ts';
import { membersIn } from './member-selection.ts';
import type { SegmentSnapshot } from './segment-snapshot.ts';
import { andInRange, type Selection } from './selection.ts';

/** The first file: each member has entered. */
export function firstDelta(segment: SegmentSnapshot): Selection {
  const members = membersIn(segment);
  return {
    ...members,
    async rows(client, range, columns) {
      const rows = await members.rows(client, range, new Set(columns.has('at') ? ['entered_at'] : []));
      return sql`select w.contact_id, 'entered' as change, w.entered_at as at, null::text as reason, ${integer(segment.version)} as version from (${rows}) w`;
    },
  };
}

/** A later file. With `passing` it also lists contacts that both entered and left. */
export function storedChanges(deltaId: number, passing: boolean, size: number): Selection {
  const id = integer(deltaId);
  const kinds = passing ? sql`` : sql` and m.change in ('entered', 'left')`;
  return {
    size,
    keys: sql`from segmentd_internal.export_change m where m.delta_id = ${id}`,
    rows: async (
      _,
      range,
    ) => sql`select m.contact_id, m.change, m.at, m.reason, m.version from segmentd_internal.export_change m
      where m.delta_id = ${id}${andInRange(sql`m.contact_id`, range)}${kinds}`,
  };
}
