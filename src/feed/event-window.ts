/**
 * Windows over the event log: the events between two snapshots, in order of their numbers. Numbers alone would skip
 * events that commit late; a window is complete when it opens. Reads only.
 */
import { noSegment } from '../base/error.ts';
import { integer, list, render, sql, value } from '../compile/fragment.ts';
import { seenBy, unseenBy } from '../membership/snapshot-cursor.ts';
import type { Client } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Cursor } from './feed-cursor.ts';

export interface FeedEvent {
  /** Rises for one contact and segment; a consumer that has seen an id has seen its event. */
  readonly id: string;
  /** Key of the segment; null when the segment was removed for good. */
  readonly segment: string | null;
  readonly segmentId: number;
  readonly contactId: string;
  readonly kind: 'entered' | 'left';
  readonly reason: string;
  readonly version: number;
  /** ISO 8601 with microseconds, UTC: the instant of the evaluation. */
  readonly at: string;
}

/** Ids of segments by their keys. @throws {Failure} `not-found` */
export async function segmentIds(client: Client, keys: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const key of keys) {
    const { rows } = await client.query<{ id: number }>({ ...statement('segment-id'), values: [key] });
    if (!rows[0]) throw noSegment(key);
    ids.push(rows[0].id);
  }
  return ids;
}

/** The cursor with a window up to now; `position` is null when there is no new event. */
export async function openWindow(client: Client, cursor: Cursor): Promise<Cursor> {
  // `+ 0`, or Postgres would search the whole log for the least number.
  const { text, bind } = render(sql`select pg_current_snapshot()::text as window_snapshot,
      to_char(segmentd.instant() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as window_as_of,
      (min(e.id + 0) - 1)::text as position, max(e.id + 0)::text as last_position
    from segmentd.membership_event e where ${unseenBy(cursor.snapshot, sql`e.xid`)}`);
  const { rows } = await client.query<Omit<Cursor, 'snapshot' | 'as_of'>>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('an aggregate has a row');
  return { ...cursor, ...row };
}

/** The cursor behind its window: the next window begins where this one ends. */
export function closeWindow(cursor: Cursor): Cursor {
  return {
    snapshot: cursor.window_snapshot ?? cursor.snapshot,
    as_of: cursor.window_as_of ?? cursor.as_of,
    window_snapshot: null,
    window_as_of: null,
    position: null,
    last_position: null,
  };
}

/** The next events of the window behind the cursor's position, at most `size`. */
export async function readPage(
  client: Client,
  cursor: Cursor,
  segments: readonly number[] | undefined,
  size: number,
): Promise<readonly FeedEvent[]> {
  const { snapshot, window_snapshot, position, last_position } = cursor;
  const only = segments ? sql` and e.segment_id = any (${list(segments.map(String), 'int')})` : sql``;
  const { text, bind } =
    render(sql`select e.id::text as id, s.key as segment, e.segment_id, e.contact_id::text as contact_id, e.kind, e.reason, e.version,
      to_char(e.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at
    from segmentd.membership_event e left join segmentd.segment s on s.id = e.segment_id
    where e.id > ${value(position, 'bigint')} and e.id <= ${value(last_position, 'bigint')}
      and ${unseenBy(snapshot, sql`e.xid`)} and ${seenBy(window_snapshot ?? '', sql`e.xid`)}${only}
    order by e.id limit ${integer(size)}`);
  const { rows } = await client.query<{
    id: string;
    segment: string | null;
    segment_id: number;
    contact_id: string;
    kind: FeedEvent['kind'];
    reason: string;
    version: number;
    at: string;
  }>(text, bind());
  return rows.map(({ segment_id, contact_id, ...same }) => ({ ...same, segmentId: segment_id, contactId: contact_id }));
}
