/**
 * Which contacts an export is about, as queries over a range of keys: the members in a snapshot that may be long past, or
 * the contacts of a pending delta. A snapshot is only numbers, so nothing of Postgres is held open between two ranges.
 * Invariant: the ranges together give each contact of the snapshot once, whatever commits meanwhile.
 */
import type { KeyType } from '../catalogue/catalogue.ts';
import { integer, list, render, sql, value, type Fragment } from '../compile/fragment.ts';
import type { ScalarType } from '../compile/scalar.ts';
import type { KeyRange } from '../membership/difference.ts';
import type { Client } from '../postgres/pool.ts';
import type { OwnColumns } from './output-column.ts';
import { seenBy, unseenBy } from '../membership/snapshot-cursor.ts';

export interface Selection {
  /** Columns of `rows` beside those of the contacts. */
  readonly own: OwnColumns;
  /** Rows with `contact_id` and the own columns named. `client` is in a transaction that sees one snapshot. */
  rows(client: Client, range: KeyRange, columns: ReadonlySet<string>): Promise<Fragment>;
  /** FROM and WHERE of a table `m` whose `contact_id`s cut the work into pieces. */
  readonly keys: Fragment;
  /** About how many rows. */
  readonly size: number;
}

const KEY_TYPE: Readonly<Record<KeyType, ScalarType>> = {
  integer: 'integer',
  bigint: 'integer',
  uuid: 'uuid',
  text: 'text',
};

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
  const stored = (range: KeyRange): Fragment =>
    sql`select m.contact_id, m.entered_at from segmentd.membership m where m.segment_id = ${segment}${inRange(sql`m.contact_id`, range)}`;
  return {
    own: memberColumns(keyType),
    size,
    keys: sql`from segmentd.membership m where m.segment_id = ${segment}`,
    async rows(client, range, columns) {
      const moved = await movedSince(client, segment, snapshot, range);
      if (moved.length === 0) return stored(range);
      const were = moved.filter(({ was_member }) => was_member).map(({ contact_id }) => contact_id);
      const since = columns.has('entered_at')
        ? await enteredBefore(client, segment, snapshot, were)
        : new Map<string, string>();
      const keys = (contacts: readonly string[]): Fragment => list(contacts, 'segmentd.contact_key');
      return sql`${stored(range)} and not exists (select from unnest(${keys(moved.map(({ contact_id }) => contact_id))}) as moved(contact_id) where moved.contact_id = m.contact_id)
        union all
        select were.contact_id, nullif(were.entered_at, '')::timestamptz
        from unnest(${keys(were)}, ${list(
          were.map((contact) => since.get(contact) ?? ''),
          'text',
        )}) as were(contact_id, entered_at)`;
    },
  };
}

interface Moved {
  readonly contact_id: string;
  readonly was_member: boolean;
}

async function movedSince(
  client: Client,
  segment: Fragment,
  snapshot: string,
  range: KeyRange,
): Promise<readonly Moved[]> {
  const { text, bind } =
    render(sql`select distinct on (e.contact_id) e.contact_id::text as contact_id, e.kind = 'left' as was_member
    from segmentd.membership_event e where e.segment_id = ${segment} and ${unseenBy(snapshot, sql`e.xid`)}${inRange(sql`e.contact_id`, range)}
    order by e.contact_id, e.id`);
  return (await client.query<Moved>(text, bind())).rows;
}

/** Only the log knows since when somebody was in who has left, or come back. */
async function enteredBefore(
  client: Client,
  segment: Fragment,
  snapshot: string,
  contacts: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (contacts.length === 0) return new Map();
  const { text, bind } =
    render(sql`select e.contact_id::text as contact_id, max(e.at)::text as entered_at from segmentd.membership_event e
    where e.segment_id = ${segment} and e.kind = 'entered' and e.contact_id = any (${list(contacts, 'segmentd.contact_key')}) and ${seenBy(snapshot, sql`e.xid`)}
    group by e.contact_id`);
  const { rows } = await client.query<{ contact_id: string; entered_at: string }>(text, bind());
  return new Map(rows.map((row) => [row.contact_id, row.entered_at]));
}

export function memberColumns(keyType: KeyType): OwnColumns {
  return { contact_id: KEY_TYPE[keyType], entered_at: 'timestamptz' };
}

export function deltaColumns(keyType: KeyType): OwnColumns {
  return { contact_id: KEY_TYPE[keyType], change: 'text', at: 'timestamptz', reason: 'text', version: 'integer' };
}

/** A whole membership as the first delta of its name: everybody has entered. */
export function firstDelta(
  keyType: KeyType,
  segmentId: number,
  snapshot: string,
  version: number,
  size: number,
): Selection {
  const members = membersIn(keyType, segmentId, snapshot, size);
  return {
    ...members,
    own: deltaColumns(keyType),
    async rows(client, range, columns) {
      const rows = await members.rows(client, range, new Set(columns.has('at') ? ['entered_at'] : []));
      return sql`select w.contact_id, 'entered' as change, w.entered_at as at, null::text as reason, ${integer(version)} as version from (${rows}) w`;
    },
  };
}

/** What `export_change` holds of a delta. With `passing` also those who both entered and left. */
export function pendingDelta(keyType: KeyType, deltaId: number, passing: boolean, size: number): Selection {
  const id = integer(deltaId);
  const kinds = passing ? sql`` : sql` and m.change in ('entered', 'left')`;
  return {
    own: deltaColumns(keyType),
    size,
    keys: sql`from segmentd.export_change m where m.delta_id = ${id}`,
    rows: async (_, range) => sql`select m.contact_id, m.change, m.at, m.reason, m.version from segmentd.export_change m
      where m.delta_id = ${id}${inRange(sql`m.contact_id`, range)}${kinds}`,
  };
}
