/**
 * Generated cases of the calendar: days on which clocks change, leap days, ends of months, quarters and years, in six
 * zones. Around each of these midnights every rule of the zone is evaluated before and after over rows that lie on them;
 * a contact that changes sides must cross an edge, and the days on which nothing happens cost no sweep.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { probeQuery } from '../../src/compile/edge-probe.ts';
import { render } from '../../src/compile/fragment.ts';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import type { Rule } from '../oracle/compare.ts';
import { createFuzzDatabase, type FuzzDatabase } from '../oracle/fuzz-database.ts';
import { catalogueWith } from '../oracle/oracle-world.ts';
import { crossersOf, timelineOf } from './crosser.ts';
import { changes } from './observation.ts';

const ZONES = [
  'Europe/Madrid',
  'America/Havana',
  'Africa/Cairo',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Pacific/Apia',
] as const;
const TIMESTAMPS = 'America/Havana';
const catalogue = catalogueWith(TIMESTAMPS);

/** Local midnights of the days that calendars are about, and the instants at which the zone's clock jumps; 2011 is Apia's lost day. */
const MOMENTS = `
  with day as (
    select d::timestamp from unnest(array['2024-02-28', '2024-02-29', '2024-03-01', '2025-02-28', '2025-03-01', '2023-12-31', '2024-01-01', '2024-12-30',
      '2024-12-31', '2025-01-01', '2024-04-01', '2024-05-01', '2024-06-30', '2024-07-01', '2024-10-01', '2011-12-30', '2011-12-31']::timestamp[]) as day(d)),
  hour as (select h as at from generate_series(timestamptz '2023-01-01 UTC', timestamptz '2025-12-31 UTC', interval '30 minutes') h
    union all select h from generate_series(timestamptz '2011-12-29 UTC', timestamptz '2012-01-01 UTC', interval '30 minutes') h),
  jump as (select h.at from hour h where (h.at at time zone $1) - (h.at at time zone 'UTC') <> ((h.at - interval '1 microsecond') at time zone $1) - ((h.at - interval '1 microsecond') at time zone 'UTC'))
  select distinct at as at, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as text from (
    select day.d at time zone $1 as at from day
    union all select j.at from jump j
    union all select ((j.at at time zone $1)::date + n)::timestamp at time zone $1 from jump j, generate_series(0, 1) n) moment
  order by 1`;

const MICRO = `interval '1 microsecond'`;

let fuzz: FuzzDatabase;
const moments = new Map<string, string[]>();

beforeAll(async () => {
  fuzz = await createFuzzDatabase({ contacts: 240, orders: 10, items: 10, parts: 1 });
  const { database } = fuzz;
  for (const zone of ZONES)
    moments.set(
      zone,
      (await database.query<{ text: string }>(MOMENTS, [zone])).map((row) => row.text),
    );
  // Rows on, just before and just after those moments, and birth dates 18 to 20 years before their days.
  await database.query(`create table fuzz.moment (at timestamptz, zone text)`);
  for (const [zone, texts] of moments)
    await database.query('insert into fuzz.moment select unnest($1::timestamptz[]), $2', [texts, zone]);
  await database.query(`
    with picked as (select row_number() over (order by md5(m.at::text || m.zone)) - 1 as n, m.at, m.zone from fuzz.moment m),
    own as (select p."ID" as id, k.at, k.zone from fuzz."Per son" p join picked k on k.n = p."ID" % (select count(*) from picked))
    update fuzz."Per son" p set created_at = own.at + (p."ID" % 3 - 1) * ${MICRO}, "select" = own.at - interval '1 day' * (p."ID" % 4),
      local_at = (own.at at time zone '${TIMESTAMPS}') + (p."ID" % 3 - 1) * ${MICRO}, renews_on = (own.at at time zone own.zone)::date + (p."ID" % 5 - 2)::int,
      small = 17 + p."ID" % 4, birth_date = ((own.at at time zone own.zone)::date + (p."ID" % 3 - 1)::int - interval '1 year' * (18 + p."ID" % 3))::date
    from own where own.id = p."ID"`);
}, 120_000);
afterAll(() => fuzz?.database.drop());

const v = (name: string): unknown => ({ var: name });

function rulesOf(zone: string): Rule[] {
  const found: unknown[] = [];
  for (const name of ['created_at', 'local_at', 'renews_on']) {
    for (const unit of ['day', 'week', 'month', 'quarter', 'year'])
      for (const k of [-1, 0, 1]) found.push({ in_period: [v(name), unit, k] });
  }
  for (const [n, unit] of [
    [24, 'hour'],
    [1, 'week'],
    [30, 'day'],
  ] as const) {
    for (const name of ['renews_on', 'local_at'])
      found.push({ in_last: [v(name), n, unit] }, { '!': [{ in_next: [v(name), n, unit] }] });
  }
  for (const age of [18, 19, 20])
    found.push({ '>=': [{ age: [v('birth_date')] }, age] }, { '==': [{ age: [v('birth_date')] }, age] });
  for (const days of [0, 1, 7, 30, 364]) found.push({ anniversary_in_next: [v('birth_date'), days] });
  const rules = found.map((json, id) => {
    const checked = checkCondition(json, { catalogue });
    if (!checked.ok) throw new Error(JSON.stringify(checked.issues));
    return { id, json, condition: checked.condition, timezone: zone };
  });
  // The language refuses an age beside another value today; the typed condition can hold it.
  const [birth, rank] = ['birth_date', 'small'].map((name) => catalogue.contacts.fields.get(name));
  if (!birth || !rank) throw new Error('no such fields');
  const condition: Condition = {
    kind: 'compare',
    operator: '<',
    left: { kind: 'age', field: birth },
    right: { kind: 'field', field: rank },
  };
  return [...rules, { id: rules.length, json: 'age < small', condition, timezone: zone }];
}

async function moved(text: string, by: string): Promise<string> {
  const [row] = await fuzz.database.query<{ at: string }>(
    `select to_char(($1::timestamptz + $2::interval) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as at`,
    [text, by],
  );
  return row?.at ?? text;
}

test.each(ZONES)('days of the zone %s begin when its clock says so', { timeout: 240_000 }, async (zone) => {
  const rules = rulesOf(zone);
  const timeline = timelineOf(catalogue, rules);
  const at = moments.get(zone) ?? [];
  expect(rules.length * at.length).toBeGreaterThan(1_000);
  const missed: unknown[] = [];
  let changed = 0;
  for (const [n, moment] of at.entries()) {
    const exact = [await moved(moment, '-1 microsecond'), moment] as const;
    const around = [await moved(moment, '-40 minutes'), await moved(moment, '40 minutes')] as const;
    for (const [from, to] of n % 4 === 0 ? [exact, around] : [exact]) {
      const sides = await changes(fuzz, TIMESTAMPS, rules, from, to);
      changed += sides.length;
      if (sides.length === 0) continue;
      const asked = new Set(sides.flatMap(([rule]) => timeline.edgesOfRule.get(rule.id) ?? []));
      const edges = new Map([...timeline.edges].filter(([key]) => asked.has(key)));
      const crossing = await crossersOf(fuzz.database, catalogue, { ...timeline, edges }, from, to);
      for (const [rule, contact] of sides) {
        if (!(timeline.edgesOfRule.get(rule.id) ?? []).some((key) => crossing.get(key)?.has(contact) === true))
          missed.push({ rule: rule.json, contact, from, to });
      }
    }
  }
  expect(missed.slice(0, 3)).toEqual([]);
  expect(changed).toBeGreaterThan(200);
});

test('the probe finds edges of days at a midnight and at no other moment', async () => {
  const { database } = fuzz;
  await database.query('create schema if not exists segmentd_internal');
  await database.query('create table segmentd_internal.edge (id int, watermark timestamptz)');
  await database.query('insert into segmentd_internal.edge values (1, null)');
  await database.query(
    'create table segmentd_internal.installation (generation bigint); insert into segmentd_internal.installation values (1); create table segmentd.override (expires_at timestamptz)',
  );
  await database.query(`create function segmentd_internal.clock() returns timestamptz language sql as 'select now()'`);
  await database.query(`create function segmentd.instant() returns timestamptz language sql as 'select now()'`);
  for (const zone of ZONES) {
    const [edge] = [...timelineOf(catalogue, rulesOf(zone)).edges.values()].filter(
      (one) => one.boundary.kind === 'period',
    );
    if (!edge) throw new Error('no edge');
    const { text, bind } = render(probeQuery(catalogue, [{ id: 1, edge }]));
    const crosses = async (from: string, to: string): Promise<boolean> => {
      await database.query('update segmentd_internal.edge set watermark = $1', [from]);
      return (
        (await database.query<{ crossing: number[] }>(text, bind({ until: to, ahead: 0 })))[0]?.crossing.length === 1
      );
    };
    const midnight = await database.query<{ at: string }>(
      `select (timestamp '2024-06-12' at time zone $1)::text as at`,
      [zone],
    );
    const start = midnight[0]?.at ?? '';
    expect(await crosses(await moved(start, '-1 microsecond'), start), zone).toBe(true);
    expect(await crosses(start, await moved(start, '5 hours')), zone).toBe(false);
    expect(await crosses(await moved(start, '5 hours'), await moved(start, '10 hours')), zone).toBe(false);
    expect(await crosses(start, start), zone).toBe(false);
  }
});
