/**
 * The members that a Postgres snapshot saw, which may be long past: the members of now, corrected by the events that
 * the snapshot did not see. A snapshot is only numbers, so nothing in Postgres is held open for it.
 */
import { integer, list, render, sql, type Fragment } from '../compile/fragment.ts';
import type { KeyRange } from '../membership/stored-difference.ts';
import { seenBy, unseenBy } from '../membership/snapshot-cursor.ts';
import type { Client } from '../postgres/pool.ts';
import type { SegmentSnapshot } from './segment-snapshot.ts';
import { andInRange, type Selection } from './selection.ts';

/**
 * The first unseen event of a contact says what the contact was: one that left was a member, one that entered was not.
 */
export function membersIn({ id, snapshot, members }: SegmentSnapshot): Selection {
  const segment = integer(id);
  const stored = (range: KeyRange): Fragment =>
    sql`select m.contact_id, m.entered_at from segmentd.membership m where m.segment_id = ${segment}${andInRange(sql`m.contact_id`, range)}`;
  return {
    size: members,
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

/** Contacts that entered or left after the snapshot. */
async function movedSince(
  client: Client,
  segment: Fragment,
  snapshot: string,
  range: KeyRange,
): Promise<readonly Moved[]> {
  const { text, bind } =
    render(sql`select distinct on (e.contact_id) e.contact_id::text as contact_id, e.kind = 'left' as was_member
    from segmentd.membership_event e where e.segment_id = ${segment} and ${unseenBy(snapshot, sql`e.xid`)}${andInRange(sql`e.contact_id`, range)}
    order by e.contact_id, e.id`);
  return (await client.query<Moved>(text, bind())).rows;
}

/** When contacts had entered that have left or come back since: only the event log still knows. */
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
