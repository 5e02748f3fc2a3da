/** What must hold when nothing is pending, each as a query whose rows are what is wrong. */
import type pg from 'pg';
import { WRONG_DAY } from './count-log.ts';
import type { Meaning } from './world-meaning.ts';

interface Followed {
  readonly id: number;
  readonly key: string;
  readonly condition: unknown;
  readonly kind: string;
}

/** Segments that promise to be exact, with the condition their members come from. */
const FOLLOWED = `
  select s.id, s.key, v.condition, v.kind from segmentd.segment s
  join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
  where segmentd_internal.is_followed(s.state) and s.frozen_at is null order by s.id`;

/** Events, counts, sizes by day and the existence of contacts, for every segment in every state. */
const LOG = `
  with ordered as (
    select e.segment_id, e.contact_id, e.kind, e.xid,
      lag(e.kind) over pair as before, lead(e.kind) over pair as after, lag(e.xid) over pair as xid_before
    from segmentd.membership_event e window pair as (partition by e.segment_id, e.contact_id order by e.id)
  ), replayed as (select segment_id, contact_id from ordered where after is null and kind = 'entered')
  select 'event does not alternate' as wrong, segment_id, contact_id::text as contact from ordered where kind = coalesce(before, 'left')
  union all
  select 'two events of one transaction', segment_id, contact_id::text from ordered where xid = xid_before
  union all
  select 'replayed but not stored', r.segment_id, r.contact_id::text from replayed r
  where not exists (select from segmentd.membership m where m.segment_id = r.segment_id and m.contact_id = r.contact_id)
  union all
  select 'stored but not replayed', m.segment_id, m.contact_id::text from segmentd.membership m
  where not exists (select from replayed r where m.segment_id = r.segment_id and m.contact_id = r.contact_id)
  union all
  select 'member that does not exist', m.segment_id, m.contact_id::text from segmentd.membership m
  where not exists (select from public.contacts c where c.id = m.contact_id)
  union all
  select 'override for a contact that does not exist', w.segment_id, w.contact_id::text from segmentd.override w
  where not exists (select from public.contacts c where c.id = w.contact_id)
  union all
  select 'member of a deleted segment', m.segment_id, m.contact_id::text from segmentd.membership m
  join segmentd.segment s on s.id = m.segment_id where s.state = 'deleted'
  union all
  select 'count is wrong', coalesce(n.segment_id, c.segment_id), 'shard ' || coalesce(n.shard, c.shard)
  from (select m.segment_id, segmentd_internal.shard(m.contact_id::text) as shard, count(*) as members from segmentd.membership m group by 1, 2) n
  full join (select * from segmentd_internal.member_count where members <> 0) c using (segment_id, shard)
  where n.members is distinct from c.members
  union all
  select 'size by day is wrong', w.segment_id, 'on ' || w.day from (${WRONG_DAY}) w`;

const CONTACT = `select c.id from public.contacts c where `;

/** Empty when all is right. */
export async function findWrong(client: pg.Pool, meanings: readonly Meaning[]): Promise<string[]> {
  const known = new Map(meanings.map((meaning) => [canonical(meaning.condition), meaning.sql]));
  const { rows: followed } = await client.query<Followed>(FOLLOWED);
  const parts = followed.map(({ id, key, condition, kind }) => {
    const override = (of: string): string =>
      `exists (select from segmentd.override w where w.segment_id = ${id} and w.contact_id = c.id and w.kind = '${of}')`;
    const own = kind === 'dynamic' ? known.get(canonical(condition)) : override('member');
    const meaning =
      kind === 'dynamic' && own !== undefined
        ? `(${own}) and not ${override('exclude')} or ${override('include')}`
        : own;
    if (meaning === undefined)
      throw new Error(`the world does not know what ${JSON.stringify(condition)} of ${key} means`);
    const stored = `select m.contact_id::bigint from segmentd.membership m where m.segment_id = ${id}`;
    return `select 'stored but not wanted', ${id}, x.id::text from (${stored} except ${CONTACT}${meaning}) as x(id)
      union all select 'wanted but not stored', ${id}, x.id::text from (${CONTACT}${meaning} except ${stored}) as x(id)`;
  });
  const { rows } = await client.query<{ wrong: string; segment_id: number; contact: string }>(
    [LOG, ...parts].join('\nunion all\n'),
  );
  const keys = new Map(followed.map(({ id, key }) => [id, key]));
  return rows.map((row) => `${keys.get(row.segment_id) ?? `#${row.segment_id}`}: contact ${row.contact}: ${row.wrong}`);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
