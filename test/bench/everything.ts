/**
 * Changes that concern every segment: every contact in most columns that conditions read, and an order each. A tenth move
 * to another country, as much as a real change moves; the report says beside each figure how many memberships flip.
 */
import type pg from 'pg';

/**
 * Changes `count` contacts from number `first` on in one transaction, `each` in a statement (more than 1,000 rows would
 * be captured without a mask), into the probe segment when `into`, else out of it.
 */
export async function changeEverything(
  client: pg.ClientBase,
  first: number,
  count: number,
  into: boolean,
  each = 500,
): Promise<void> {
  await client.query('begin');
  for (let low = first; low < first + count; low += each) {
    const high = Math.min(first + count, low + each) - 1;
    await client.query(
      `update public.contacts set credit_limit = $3::numeric, points = coalesce(points, 0) + 1, balance = coalesce(balance, 0) + 1,
         country = case when id % 10 = 0 then case when country = 'ES' then 'PT' else 'ES' end else country end,
         newsletter = case when id % 10 = 1 then not coalesce(newsletter, false) else newsletter end,
         email = 'shop.' || id || case when $3::numeric > 100 then '@example.com' else '@example.org' end,
         birth_date = coalesce(birth_date, date '1990-01-01') + 1, last_seen_at = clock_timestamp(),
         tags = case when $3::numeric > 100 then array_append(tags, 'new') else array_remove(tags, 'new') end,
         attributes = coalesce(attributes, '{}') || jsonb_build_object('score', (id + $3::numeric) % 100)
       where id between $1 and $2`,
      [low, high, into ? 1_000_000 : 100],
    );
    await client.query(
      `insert into public.orders (contact_id, status, total, placed_at) select n, 'paid', 10, clock_timestamp() from generate_series($1::bigint, $2::bigint) n`,
      [low, high],
    );
  }
  await client.query('commit');
}

/** Membership events so far. */
export async function flips(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ n: number }>('select count(*)::int as n from segmentd.membership_event');
  return rows[0]?.n ?? 0;
}
