/** Distances on the Earth: over the date line, at the poles, of every type of number, near the limit, and of what is no place. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { render, sql } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import { boxAround } from '../../src/compile/within-leaf.ts';
import { EARTH_RADIUS_KM } from '../../src/condition/great-circle.ts';
import type { TestDatabase } from '../support/database.ts';
import { compareAll, conditionOf, matching, odd, oddDatabase } from './compile-world.ts';

const v = (name: string): { var: string } => ({ var: name });
const near = (center: readonly unknown[], km: unknown, lat = 'f8', lon = 'num') => ({
  within_km: [v(lat), v(lon), center, km],
});

/** Latitude (float8), longitude (numeric), as texts. */
const places: readonly (readonly [string, string])[] = [
  ['40.42', '-3.70'], // 1: Madrid
  ['41.3874', '2.1686'], // 2: Barcelona, 505 km from there
  ['-17.7', '179.9'], // 3 and 4: both sides of the date line, 21 km from each other
  ['-17.7', '-179.9'],
  ['90', '0'], // 5 to 7: at the north pole, and 11 km from it on either side
  ['89.9', '90'],
  ['89.9', '-90'],
  ['-90', '180'], // 8: the south pole
  ['0', '180'], // 9 and 10: one place
  ['0', '-180'],
  ['91', '0'], // 11 to 18: no place
  ['0', '180.0000001'],
  ['NaN', '0'],
  ['0', 'NaN'],
  ['Infinity', '0'],
  ['0', '-Infinity'],
  ['1e300', '0'],
  ['0', '1'.padEnd(5_000, '0')],
  ['1e-320', `0.${'0'.repeat(16_000)}1`], // 19: doubles and decimals that are all but 0
  ['0.0000000000001', '-0.0000000000001'],
];

let database: TestDatabase;

beforeAll(async () => {
  database = await oddDatabase();
  for (const [index, [lat, lon]] of places.entries())
    await database.query(
      `insert into public.contact (id, f8, f4, num, i2, i8, j)
       values ($1, $2::float8, case when abs($2::float8) < 1e30 and abs($2::float8) > 1e-30 then $2::text::real end, $3::numeric,
         case when abs($2::float8) < 1000 then $2::float8 end, case when abs($3::numeric) < 1000 then $3::numeric end,
         case when $2 not in ('NaN', 'Infinity') then jsonb_build_object('deep', jsonb_build_object('number', $2::text::numeric)) end)`,
      [index + 1, lat, lon],
    );
  await database.query(
    'insert into public.contact (id, f8) values (21, 0); insert into public.contact (id, num) values (22, 0)',
  );
});

afterAll(() => database.drop());

test('what a person worked out', async () => {
  expect(await matching(database, near([40.42, -3.7], 1))).toEqual([1]);
  expect(await matching(database, near([40.42, -3.7], 504))).toEqual([1]);
  expect(await matching(database, near([40.42, -3.7], 507))).toEqual([1, 2]);
  // Over the date line.
  expect(await matching(database, near([-17.7, 179.9], 22))).toEqual([3, 4]);
  expect(await matching(database, near([-17.7, -179.9], 22))).toEqual([3, 4]);
  expect(await matching(database, near([-17.7, 179.9], 21))).toEqual([3]);
  expect(await matching(database, near([0, 180], 1))).toEqual([9, 10]);
  // Over the pole.
  expect(await matching(database, near([89.9, 90], 12))).toEqual([5, 6]);
  expect(await matching(database, near([89.9, 90], 23))).toEqual([5, 6, 7]);
  expect(await matching(database, near([90, -30], 12))).toEqual([5, 6, 7]);
  expect(await matching(database, near([-90, 0], '0.001'))).toEqual([8]);
  // Every place, and nothing else.
  expect(await matching(database, near([12, 34], 20_015))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 19, 20]);
});

test('every type of number in all statements, against the evaluator', async () => {
  const centers = [
    [0, 0],
    [90, 0],
    [-90, 12],
    [-17.7, 180],
    [40, '-179.99'],
    ['89.95', 100],
    [41, -1],
  ];
  const leaves = centers.flatMap((center) =>
    [1, 30, 600, 5_000, 10_007.5, 20_000].flatMap((km) =>
      [
        ['f8', 'num'],
        ['f4', 'i8'],
        ['i2', 'num'],
        ['j.number', 'i8'],
      ].map(([lat, lon]) => near(center, km, lat, lon)),
    ),
  );
  expect(await compareAll(database, leaves)).toBe(22 * leaves.length);
});

test('a row near the limit has the verdict of the formula, inside of the box', async () => {
  // Along a meridian the distance is the angle times the radius.
  const degree = (EARTH_RADIUS_KM * Math.PI) / 180;
  for (const [inside, outside] of [[1 + 1e-9, 1 - 1e-9]] as const) {
    const km = (of: number): string => (0.9674 * degree * of).toFixed(12);
    expect(await matching(database, { and: [near([39.4526, -3.7], km(inside)), { '==': [v('id'), 1] }] })).toEqual([1]);
    expect(await matching(database, { and: [near([39.4526, -3.7], km(outside)), { '==': [v('id'), 1] }] })).toEqual([]);
  }
});

test('the box holds every place within the distance', () => {
  for (let n = 0; n < 4_000; n += 1) {
    const [latitude, longitude] = [((n * 37) % 1_801) / 10 - 90, ((n * 101) % 3_601) / 10 - 180];
    const km = 10 ** ((n % 43) / 10);
    const bearing = n * 0.7;
    // A place at that distance in that direction.
    const [angle, phi] = [(km * 0.999_999_9) / EARTH_RADIUS_KM, (latitude * Math.PI) / 180];
    const sine = Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(bearing);
    const north = (Math.asin(Math.max(-1, Math.min(1, sine))) * 180) / Math.PI;
    const turn = Math.atan2(
      Math.sin(bearing) * Math.sin(angle) * Math.cos(phi),
      Math.cos(angle) - Math.sin(phi) * sine,
    );
    const east = ((longitude + (turn * 180) / Math.PI + 540) % 360) - 180;
    const box = boxAround({ center: [String(latitude), String(longitude)], km: String(Math.min(km, 20_015)) });
    const [south, most] = box.latitude;
    expect(north >= south && north <= most, `${latitude} ${longitude} ${km} ${bearing}`).toBe(true);
    expect(
      box.longitudes.some(([low, high]) => east >= low && east <= high),
      `${latitude} ${longitude} ${km} ${bearing}`,
    ).toBe(true);
  }
});

test('an index on the latitude serves', async () => {
  await database.query('create index by_latitude on public.contact (f8, num)');
  const segment = { id: 1, condition: conditionOf(near([40.42, -3.7], 25)), timezone: 'UTC' };
  const { text, bind } = render(
    sql`explain (costs off) ${memberQuery(odd, segment, { low: false, high: false }, { segmentId: () => 1 })}`,
  );
  const client = await database.pool.connect();
  try {
    await client.query('set enable_seqscan = off');
    const { rows } = await client.query<{ 'QUERY PLAN': string }>(text, bind({}));
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(
      /by_latitude\b[^]*Index Cond: .*f8 >= [^]*f8 <= [^]*num >= /,
    );
  } finally {
    client.release();
  }
});
