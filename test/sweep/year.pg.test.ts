/**
 * A year of simulated time: random time rules over random rows, kept by sweeps alone, compared with all computed anew at
 * instants around what flips. SEGMENTD_TEST_SCALE raises rows, rules and instants.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { SCALE } from '../race/schedule.ts';
import { calendarWindows, shifted, windows } from '../oracle/pool.ts';
import { random, seed, type Random } from '../support/random.ts';
import { sweepWorld, type SweepWorld } from './sweep-world.ts';
import { yearRule } from './year-rule.ts';

vi.setConfig({ testTimeout: 1_200_000 });

const CONTACTS = Math.round(200 * SCALE);
const RULES = Math.round(50 * SCALE);
const INSTANTS = Math.round(30 * SCALE);
const BEGIN = '2024-02-10T10:00:00.000000Z';
const ZONES = [
  'Europe/Madrid',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;
const DAY = 86_400_000_000n;

let world: SweepWorld;
beforeAll(async () => {
  world = await sweepWorld();
});
afterAll(() => world?.end());

/** An instant of the year, often one at which a window of a minute to a year begins or ends. */
function instantOf(r: Random): string {
  return shifted(
    BEGIN,
    BigInt(r.below(420) - 30) * DAY + BigInt(r.below(86_400)) * 1_000_000n + BigInt(r.pick([0, 0, 1, 999_999])),
  );
}

function dayOf(r: Random, years = 0): string {
  if (r.chance(0.1))
    return r.pick(['2004-02-29', '2000-02-29', '2004-12-31', '2005-03-01', 'infinity', '-infinity', '5874897-12-31']);
  const at = shifted(instantOf(r), -365n * DAY * BigInt(years));
  return at.slice(0, 10);
}

async function fill(r: Random): Promise<void> {
  const or = (text: string): string => (r.chance(0.1) ? 'null' : `'${text}'`);
  const wall = (): string => instantOf(r).slice(0, 26).replace('T', ' ');
  for (let id = 0; id < CONTACTS; id += 1) {
    const attributes = `{"since": "${dayOf(r)}", "seen": "${instantOf(r)}"}`;
    await world.query(
      `insert into public.contacts (id, born, seen_at, local_at, renews_on, attributes, created_at)
       values (${id}, ${or(dayOf(r, 19))}, ${or(instantOf(r))}, ${or(wall())}, ${or(dayOf(r))}, ${or(attributes)}, ${or(instantOf(r))})`,
    );
  }
  for (let n = 0; n < 2 * CONTACTS; n += 1) {
    await world.query(
      `insert into public.orders (contact_id, status, total, placed_at, due_on) values (${r.below(CONTACTS)}, 'paid', ${r.below(12)}, ${or(instantOf(r))}, ${or(dayOf(r))})`,
    );
    await world.query(
      `insert into public.order_items (order_id, sent_at, made_at) values (${r.below(2 * CONTACTS)}, ${or(instantOf(r))}, ${or(wall())})`,
    );
  }
}

test('in a simulated year no flip is late, early or missed', async () => {
  console.log(`FUZZ_SEED=${seed()}`);
  const r = random(seed() + 365);
  await world.at(BEGIN);
  await fill(r);
  for (let n = 0; n < RULES; n += 1)
    await world.create(`rule-${n}`, yearRule(r, [...windows, ...calendarWindows]), r.pick(ZONES));
  await world.settle();
  await world.exact();
  expect(
    await world.query(`select key, state, condition::text, error from segmentd.segment where state <> 'live'`),
  ).toEqual([]);

  // Half of the instants a microsecond before a midnight of some zone or a window's end, and then at it.
  const flips = await world.query<{ at: string }>(
    `select to_char(x.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at from (
       select (d.d::timestamp at time zone z.z) as at from generate_series(timestamptz '2024-02-11', '2025-02-10', '1 day') d(d), unnest($1::text[]) z(z)
       union all select c.seen_at + w.w * interval '1 second' from public.contacts c, unnest($2::int[]) w(w)
       union all select o.placed_at + w.w * interval '1 second' from public.orders o, unnest($2::int[]) w(w)) x
     where x.at > $3 and x.at < '2025-02-10' order by md5(x.at::text || $4) limit $5`,
    [ZONES, windows.map(([, , seconds]) => seconds), BEGIN, String(seed()), INSTANTS],
  );
  const instants = [...new Set(flips.flatMap(({ at }) => [shifted(at, -1n), at]))].toSorted();
  expect(instants.length).toBeGreaterThan(INSTANTS);
  for (const at of instants) {
    await world.at(at);
    await world.settle();
    await world.exact();
  }
  const [events] = await world.query<{ n: number }>(
    `select count(*)::int as n from segmentd.membership_event where reason = 'time'`,
  );
  expect(events?.n).toBeGreaterThan(RULES * 15);
});
