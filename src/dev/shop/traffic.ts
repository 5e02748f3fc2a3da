/**
 * Live traffic on the sample shop: what customers, shop assistants and clean-up jobs do all day, one small transaction
 * after another. Bounded in both ways: at most `perSecond` changes (a slow database gets fewer, never a queue of them),
 * and what it adds it takes away again, so that the shop keeps its size for days.
 */
import type pg from 'pg';

export interface TrafficOptions {
  /** Changes a second, at most. Default 20. */
  readonly perSecond?: number;
  /** Gets the error of a change that failed; the traffic goes on. */
  readonly onError?: (error: unknown) => void;
  /** Numbers in [0, 1); replaced in tests. */
  readonly random?: () => number;
}

export interface Traffic {
  /** Changes committed so far. */
  readonly done: number;
  /** Resolves when the change under way is committed; nothing is written afterwards. */
  stop(): Promise<void>;
}

/** A contact by a skewed draw ($1 in [0, 1)): some are far busier than others. */
const A_CONTACT = `(select c.id from public.contacts c
   where c.id >= (select floor(power($1::double precision, 2) * (select max(m.id) from public.contacts m)))::bigint order by c.id limit 1)`;

/** Weight, and one statement with the draw $1 and a second draw $2. */
const CHANGES: readonly (readonly [weight: number, statement: string])[] = [
  [
    30,
    `insert into public.page_views (contact_id, path, campaign, seconds, viewed_at)
        select ${A_CONTACT}, (array['/', '/pricing', '/blog', '/cart', '/checkout', '/café'])[1 + floor($2::double precision * 6)::integer],
               case when $2 > 0.6 then 'spring' end, floor($2 * 300)::integer, pg_catalog.clock_timestamp()`,
  ],
  [
    12,
    `with placed as (
          insert into public.orders (contact_id, status, channel, total, placed_at)
          select ${A_CONTACT}, case when $2::double precision < 0.2 then 'pending' else 'paid' end, (array['web', 'app', 'store', 'phone'])[1 + floor($2 * 4)::integer]::public.order_channel,
                 round((5 + $2 * $2 * 300)::numeric, 2), pg_catalog.clock_timestamp()
          returning id, total, placed_at)
        insert into public.order_items (order_id, sku, category, quantity, price, created_at)
        select placed.id, 'SKU-' || item, (array['shoes', 'books', 'café', 'toys'])[1 + floor($2 * 4)::integer], item, round(placed.total / 2, 2), placed.placed_at
          from placed, generate_series(1, 2) as item`,
  ],
  [
    10,
    `update public.contacts set last_seen_at = pg_catalog.clock_timestamp(), points = coalesce(points, 0) + floor($2::double precision * 50)::integer
         where id = ${A_CONTACT}`,
  ],
  [
    6,
    `update public.contacts set attributes = jsonb_set(coalesce(attributes, '{}'), '{plan}', to_jsonb((array['free', 'pro', 'team'])[1 + floor($2::double precision * 3)::integer]))
        where id = ${A_CONTACT}`,
  ],
  [
    5,
    `update public.contacts set tags = case when 'press' = any (tags) then array_remove(tags, 'press') else coalesce(tags, '{}') || 'press'::text end
        where id = ${A_CONTACT} and $2::double precision >= 0`,
  ],
  [
    5,
    `update public.contacts set vip = ($2::double precision < 0.3), country = case when $2 < 0.5 then 'ES' when $2 < 0.9 then 'FR' end where id = ${A_CONTACT}`,
  ],
  [
    4,
    `update public.contacts set birth_date = (current_date - 9000) + floor($2::double precision * 12)::integer where id = ${A_CONTACT}`,
  ],
  [
    5,
    `update public.orders set status = case when $2::double precision < 0.5 then 'refunded' else 'paid' end
        where id = (select o.id from public.orders o where o.contact_id = ${A_CONTACT} order by o.placed_at desc limit 1)`,
  ],
  [
    4,
    `insert into public.contacts (email, first_name, country, city, newsletter, tags, attributes, last_seen_at)
       select 'new.' || floor($1::double precision * 1e9)::bigint || '@example.com', 'Zoë', (array['ES', 'PT', 'FR', null])[1 + floor($2::double precision * 4)::integer],
              'Málaga', $2 < 0.5, '{beta}', '{"plan": "free"}', pg_catalog.clock_timestamp()`,
  ],
  // As many as come in: the oldest of those that the traffic made, or any contact when there are none.
  [
    4,
    `delete from public.contacts where $2::double precision >= 0 and id = coalesce(
         (select c.id from public.contacts c where c.email like 'new.%' order by c.id limit 1), ${A_CONTACT})`,
  ],
  // A clean-up job in one statement, as teams run them: as many rows as 30 views and 12 orders add between two of its runs.
  [
    1,
    `with old_view as (
         delete from public.page_views where id in (select v.id from public.page_views v order by v.viewed_at limit 30) and $2::double precision >= 0)
       delete from public.orders where $1::double precision >= 0 and id in (select o.id from public.orders o order by o.placed_at limit 12)`,
  ],
];

const ALL = CHANGES.reduce((sum, [weight]) => sum + weight, 0);

function choose(at: number): string {
  let left = at * ALL;
  for (const [weight, statement] of CHANGES) {
    left -= weight;
    if (left < 0) return statement;
  }
  return CHANGES[0]?.[1] ?? '';
}

const TICK = 50;

export function startTraffic(pool: pg.Pool, options: TrafficOptions = {}): Traffic {
  const { perSecond = 20, onError = () => {}, random = Math.random } = options;
  let done = 0;
  let stopped = false;
  let owed = 0;
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (; owed >= 1; owed -= 1) {
      if (stopped) return;
      try {
        await pool.query(choose(random()), [random(), random()]);
        done += 1;
      } catch (error) {
        onError(error);
      }
    }
  }

  const timer = setInterval(() => {
    // At most a second's worth is owed: after a pause of the database the traffic does not make up for it.
    owed = Math.min(owed + (perSecond * TICK) / 1000, Math.max(1, perSecond));
    working ??= work().finally(() => (working = undefined));
  }, TICK);

  return {
    get done() {
      return done;
    },
    async stop() {
      stopped = true;
      clearInterval(timer);
      await working;
    },
  };
}

/** Every change once, in order: for tests and for filling a short history. */
export async function everyChange(pool: pg.Pool, random: () => number = Math.random): Promise<void> {
  for (const [, statement] of CHANGES) await pool.query(statement, [random(), random()]);
}
