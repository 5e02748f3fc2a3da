/** Changes that concern every segment: all columns that conditions read, and an order each. */
import type pg from 'pg';

/**
 * Changes `count` contacts from number `first` on in one transaction, `each` in a statement (more than 1,000 rows would
 * be captured without a mask), into the probe segment when `into`, else out of it.
 */
export async function changeEverything(client: pg.ClientBase, first: number, count: number, into: boolean, each = 500): Promise<void> {
  await client.query('begin');
  for (let low = first; low < first + count; low += each) {
    const high = Math.min(first + count, low + each) - 1;
    await client.query(
      `update public.contacts set points = $3, balance = coalesce(balance, 0) + 1, country = case when country = 'ES' then 'PT' else 'ES' end,
         newsletter = not coalesce(newsletter, false), last_seen_at = clock_timestamp(), email = 'new.' || id || '@example.com',
         birth_date = coalesce(birth_date, date '1990-01-01') + 1, tags = array['blog'],
         attributes = jsonb_build_object('plan', case when $3::integer > 100 then 'pro' else 'free' end, 'score', id % 100)
       where id between $1 and $2`,
      [low, high, into ? 1_000_001 : 7],
    );
    await client.query(`insert into public.orders (contact_id, status, total, placed_at) select n, 'paid', 10, clock_timestamp() from generate_series($1::bigint, $2::bigint) n`, [low, high]);
  }
  await client.query('commit');
}
