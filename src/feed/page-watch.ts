/**
 * What changed since a reader last looked, as hints: keys of segments and kinds of change, never a value. One statement a look, which reads
 * what the snapshot of the look before did not see: hints of triggers (sql/object/page-hint.sql) and the event log. Reads only.
 */
import { createHash } from 'node:crypto';
import { integer, render, sql, type Fragment } from '../compile/fragment.ts';
import { unseenBy } from '../membership/snapshot-cursor.ts';
import type { Queryable } from '../postgres/pool.ts';

export const CHANGE_KINDS = ['members', 'definition', 'state', 'override', 'export', 'schedule', 'status'] as const;
export type ChangeKind = (typeof CHANGE_KINDS)[number];

export interface PageChange {
  /** Keys of segments; null: any may have changed. */
  readonly segments: readonly string[] | null;
  /** `members`: who is in. `state`: also the progress of a build. `status`: workers and what fails, of no segment. */
  readonly kinds: readonly ChangeKind[];
}

/** How far a reader has looked. Only this file reads its fields. */
export interface WatchCursor {
  readonly snapshot: string;
  /** Rows that each running build has done, by key. */
  readonly building: Readonly<Record<string, number>>;
  /** Print of the workers and of what fails. */
  readonly mark: string;
}

export interface Look {
  readonly cursor: WatchCursor;
  /** Empty for the first look. */
  readonly changes: readonly PageChange[];
  /** ISO 8601 with microseconds, UTC, as the next. Null before the first drain. */
  readonly freshAsOf: string | null;
  /** The clock of the look. */
  readonly at: string;
}

/** Events that one look reads at most. A large rebuild writes a million; then any segment may have changed. */
const MOST_EVENTS = 5_000;
/** Keys that a change names at most. */
const MOST_KEYS = 500;
const ISO = sql`'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

interface Row {
  snapshot: string;
  at: string;
  fresh_as_of: string | null;
  events: number;
  moved: readonly string[];
  /** `kind:key`; the key is empty when the segment was removed for good. */
  hints: readonly string[];
  building: Readonly<Record<string, number>> | null;
  standing: string | null;
}

/** @param cursor of the look before; absent: the look has no changes */
export async function lookAgain(client: Queryable, cursor?: WatchCursor): Promise<Look> {
  const { text, bind } = render(lookQuery(cursor?.snapshot));
  const { rows } = await client.query<Row>(text, bind());
  const [row] = rows;
  if (!row) throw new Error('a look has one row');
  const next: WatchCursor = {
    snapshot: row.snapshot,
    building: row.building ?? {},
    mark: createHash('sha256')
      .update(row.standing ?? '')
      .digest('base64url'),
  };
  return {
    cursor: next,
    changes: cursor ? changesOf(row, cursor, next) : [],
    freshAsOf: row.fresh_as_of,
    at: row.at,
  };
}

function lookQuery(snapshot: string | undefined): Fragment {
  const unseen = (xid: Fragment): Fragment => (snapshot === undefined ? sql`false` : unseenBy(snapshot, xid));
  return sql`with event as materialized (
      select e.segment_id from segmentd.membership_event e where ${unseen(sql`e.xid`)} limit ${integer(MOST_EVENTS + 1)}
    )
    select pg_catalog.pg_current_snapshot()::text as snapshot,
      to_char(clock_timestamp() at time zone 'UTC', ${ISO}) as at,
      to_char(i.fresh_as_of at time zone 'UTC', ${ISO}) as fresh_as_of,
      (select count(*)::int from event) as events,
      array(select s.key from segmentd.segment s where s.id in (select e.segment_id from event e)) as moved,
      array(select distinct h.kind || ':' || coalesce(s.key, '')
        from segmentd_internal.page_hint h left join segmentd.segment s on s.id = h.segment_id
        where ${unseen(sql`h.xid`)}) as hints,
      (select json_object_agg(s.key, b.done) from segmentd_internal.build b join segmentd.segment s on s.id = b.segment_id
        where b.phase = 'staging') as building,
      concat_ws(' ',
        (select string_agg(w.id || case when w.seen_at > clock_timestamp() - interval '30 seconds' then '' else '?' end, ' ' order by w.id)
          from segmentd_internal.worker w),
        (select string_agg(t.work || t.since || (t.last_at > clock_timestamp() - interval '1 minute'), ' ' order by t.work)
          from segmentd_internal.trouble t)) as standing
    from segmentd_internal.installation i`;
}

function changesOf(row: Row, before: WatchCursor, now: WatchCursor): readonly PageChange[] {
  const kindsOf = new Map<string | null, Set<ChangeKind>>();
  const note = (key: string | null, kind: ChangeKind): void => {
    kindsOf.set(key, (kindsOf.get(key) ?? new Set()).add(kind));
  };
  if (row.events > MOST_EVENTS) note(null, 'members');
  else for (const key of row.moved) note(key, 'members');
  for (const hint of row.hints) {
    const at = hint.indexOf(':');
    note(hint.slice(at + 1) || null, hint.slice(0, at) as ChangeKind);
  }
  for (const key of new Set([...Object.keys(before.building), ...Object.keys(now.building)]))
    if (before.building[key] !== now.building[key]) note(key, 'state');
  if (before.mark !== now.mark) note(null, 'status');
  return mergeChanges(
    [...kindsOf].map(([key, kinds]) => ({ segments: key === null ? null : [key], kinds: [...kinds] })),
  );
}

/** The same changes, as few as say as much: one for each set of kinds. */
export function mergeChanges(changes: readonly PageChange[]): readonly PageChange[] {
  const kindsOf = new Map<string | null, Set<ChangeKind>>();
  for (const { segments, kinds } of changes)
    for (const key of segments ?? [null]) {
      const known = kindsOf.get(key) ?? new Set();
      for (const kind of kinds) known.add(kind);
      kindsOf.set(key, known);
    }
  if (kindsOf.size > MOST_KEYS)
    return [{ segments: null, kinds: inOrder(new Set([...kindsOf.values()].flatMap((kinds) => [...kinds]))) }];
  const everywhere = kindsOf.get(null) ?? new Set();
  const groups = new Map<string, { readonly kinds: readonly ChangeKind[]; readonly keys: string[] }>();
  for (const [key, kinds] of kindsOf) {
    if (key === null) continue;
    const own = inOrder(new Set([...kinds].filter((kind) => !everywhere.has(kind))));
    if (own.length === 0) continue;
    const group = groups.get(own.join()) ?? { kinds: own, keys: [] };
    group.keys.push(key);
    groups.set(own.join(), group);
  }
  return [
    ...(everywhere.size > 0 ? [{ segments: null, kinds: inOrder(everywhere) }] : []),
    ...[...groups.values()].map(({ kinds, keys }) => ({ segments: keys.toSorted(), kinds })),
  ];
}

function inOrder(kinds: ReadonlySet<ChangeKind>): readonly ChangeKind[] {
  return CHANGE_KINDS.filter((kind) => kinds.has(kind));
}
