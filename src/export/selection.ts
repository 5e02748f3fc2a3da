/**
 * Which contacts an export is about, as queries over a range of keys: the members in a snapshot that may be long past, or
 * the contacts of a pending delta. A snapshot is only numbers, so nothing of Postgres is held open between two ranges.
 * Invariant: the ranges together give each contact of the snapshot once, whatever commits meanwhile.
 */
import type { KeyType } from '../catalogue/catalogue.ts';
import { integer, sql, value, type Fragment } from '../compile/fragment.ts';
import type { ScalarType } from '../compile/scalar.ts';
import type { KeyRange } from '../membership/compare.ts';
import type { OwnColumns } from './column.ts';

export interface Selection {
  /** Columns of `rows` beside those of the contacts. */
  readonly own: OwnColumns;
  /** Rows with `contact_id` and the own columns named. */
  rows(range: KeyRange, columns: ReadonlySet<string>): Fragment;
  /** FROM and WHERE of a table `m` whose `contact_id`s cut the work into pieces. */
  readonly keys: Fragment;
  /** About how many rows. */
  readonly size: number;
}

function inRange(column: Fragment, { low, high }: KeyRange): Fragment {
  const above = low === undefined ? sql`` : sql` and ${column} > ${value(low, 'segmentd.contact_key')}`;
  return high === undefined ? above : sql`${above} and ${column} <= ${value(high, 'segmentd.contact_key')}`;
}

/**
 * The members that the snapshot saw: those of now, less what happened since. A contact's first event since then tells
 * what it was: who left was a member, who entered was not.
 */
export function membersIn(keyType: KeyType, segmentId: number, snapshot: string, size: number): Selection {
  const segment = integer(segmentId);
  const seen = value(snapshot, 'pg_snapshot');
  return {
    own: { contact_id: KEY_TYPE[keyType], entered_at: 'timestamptz' },
    size,
    keys: sql`from segmentd.membership m where m.segment_id = ${segment}`,
    rows(range, columns) {
      // Only the log knows since when somebody was in who has left, or come back. It is asked for those alone.
      const since = columns.has('entered_at')
        ? sql`(select max(b.at) as entered_at, b.contact_id from segmentd.membership_event b
            where b.segment_id = ${segment} and b.kind = 'entered' and pg_visible_in_snapshot(b.xid, ${seen})
              and b.contact_id in (select u.contact_id from undone u where u.kind = 'left') group by b.contact_id)`
        : sql`(select null::timestamptz as entered_at, null::segmentd.contact_key as contact_id)`;
      // NOT IN is a lookup in a hash and keeps the order of the index; contact_id is never NULL.
      return sql`with undone as materialized (
          select distinct on (e.contact_id) e.contact_id, e.kind from segmentd.membership_event e
          where e.segment_id = ${segment} and ${unseen(seen)}${inRange(sql`e.contact_id`, range)}
          order by e.contact_id, e.id)
        select m.contact_id, m.entered_at from segmentd.membership m
        where m.segment_id = ${segment}${inRange(sql`m.contact_id`, range)} and m.contact_id not in (select u.contact_id from undone u)
        union all
        select u.contact_id, b.entered_at from undone u left join ${since} b on b.contact_id = u.contact_id where u.kind = 'left'`;
    },
  };
}

/** Events that the snapshot does not see: of transactions begun after it, or under way in it. Reads no other event. */
function unseen(seen: Fragment): Fragment {
  return sql`(e.xid >= pg_snapshot_xmax(${seen}) or e.xid = any (array(select pg_snapshot_xip(${seen}))))`;
}

/** A whole membership as the first delta of its name: everybody has entered. */
export function firstDelta(keyType: KeyType, segmentId: number, snapshot: string, version: number, size: number): Selection {
  const members = membersIn(keyType, segmentId, snapshot, size);
  return {
    ...members,
    own: deltaColumns(keyType),
    rows: (range, columns) => sql`select w.contact_id, 'entered' as change, w.entered_at as at, null::text as reason, ${integer(version)} as version
      from (${members.rows(range, new Set(columns.has('at') ? ['entered_at'] : []))}) w`,
  };
}

/** What `export_change` holds of a delta. */
export function pendingDelta(keyType: KeyType, deltaId: number, passing: boolean, size: number): Selection {
  const id = integer(deltaId);
  const kinds = passing ? sql`` : sql` and m.change in ('entered', 'left')`;
  return {
    own: deltaColumns(keyType),
    size,
    keys: sql`from segmentd.export_change m where m.delta_id = ${id}`,
    rows: (range) => sql`select m.contact_id, m.change, m.at, m.reason, m.version from segmentd.export_change m
      where m.delta_id = ${id}${inRange(sql`m.contact_id`, range)}${kinds}`,
  };
}

function deltaColumns(keyType: KeyType): OwnColumns {
  return { contact_id: KEY_TYPE[keyType], change: 'text', at: 'timestamptz', reason: 'text', version: 'integer' };
}

const KEY_TYPE: Readonly<Record<KeyType, ScalarType>> = { integer: 'integer', bigint: 'integer', uuid: 'uuid', text: 'text' };
