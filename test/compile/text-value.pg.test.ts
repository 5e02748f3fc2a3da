/** Text that is read as a number, a date or an instant: by Postgres and by the evaluator alike, and never with an error. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Catalogue } from '../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../src/catalogue/resolve-catalogue.ts';
import { DATE_FORMATS, TIME_FORMATS, type Reading } from '../../src/catalogue/text-reading.ts';
import { render, sql, value } from '../../src/compile/fragment.ts';
import { memberQuery } from '../../src/compile/statement.ts';
import { readText } from '../../src/compile/text-value.ts';
import { mismatchableFields, mismatchQuery } from '../../src/preview/type-mismatch.ts';
import { formatDay } from '../../src/condition/civil.ts';
import { readWritten } from '../../src/condition/evaluate/read-text.ts';
import { formatInstant } from '../../src/condition/literal.ts';
import { almostNumbers, almostTimes, numbers, written } from '../oracle/pool.ts';
import type { TestDatabase } from '../support/database.ts';
import { random, seed } from '../support/random.ts';
import { conditionOf, oddDatabase } from './compile-world.ts';

const READINGS: readonly Reading[] = [
  'number',
  'ISO 8601',
  ...DATE_FORMATS,
  ...DATE_FORMATS.flatMap((day) => TIME_FORMATS.map((time) => `${day} ${time}` as const)),
];

let database: TestDatabase;
beforeAll(async () => {
  database = await oddDatabase();
  console.log(`FUZZ_SEED=${seed()}`);
});
afterAll(() => database.drop());

/** What Postgres reads, as text: a decimal, a day, or a clock. */
async function inPostgres(reading: Reading, texts: readonly string[]): Promise<(string | null)[]> {
  const { text, bind } = render(readText(reading, sql`t.t`));
  const rows = await database.query<{ read: string | null }>(
    `select (${text})::text as read from unnest($1::text[]) with ordinality as t(t, n) order by n`,
    [texts, ...bind()],
  );
  return rows.map(({ read }) => read);
}

function inEvaluator(reading: Reading, text: string): string | null {
  const read = readWritten(reading, text);
  if (read === undefined) return null;
  if (read.family === 'date') return formatDay(read.value);
  if (read.family === 'instant') return formatInstant(read.value.micros);
  if (read.family !== 'number' || typeof read.value === 'string') throw new Error('no such family');
  const { units, scale } = read.value;
  const digits = String(units < 0n ? -units : units).padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  return `${units < 0n ? '-' : ''}${whole}${scale === 0 ? '' : `.${digits.slice(-scale)}`}`;
}

/** `2024-05-01 10:00:00.5` and `2024-05-01 10:00:00.5+00` as the evaluator's form. */
function canonical(read: string | null): string | null {
  const match = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d+))?(?:\+00)?$/.exec(read ?? '');
  return match ? `${match[1]}T${match[2]}.${(match[3] ?? '').padEnd(6, '0')}Z` : read;
}

test.each([
  ['number', ' 12.50 ', '12.50'],
  ['number', '+7', '7'],
  ['number', '-0.5', '-0.5'],
  ['number', '007', '7'],
  ['number', '1e3', null],
  ['number', '1,000', null],
  ['number', 'NaN', null],
  ['number', '', null],
  ['number', '5.', null],
  ['number', '9'.repeat(1_000), '9'.repeat(1_000)],
  ['number', '9'.repeat(1_001), null],
  ['number', '9'.repeat(200_000), null],
  ['YYYY-MM-DD', '2024-2-9', '2024-02-09'],
  ['YYYY-MM-DD', '2023-02-29', null],
  ['YYYY-MM-DD', '0000-01-01', null],
  ['YYYY-MM-DD', '24-02-09', null],
  ['YYYYMMDD', '20240229', '2024-02-29'],
  ['YYYYMMDD', '2024229', null],
  ['DD/MM/YYYY', '1/12/2024', '2024-12-01'],
  ['MM/DD/YYYY', '1/12/2024', '2024-01-12'],
  ['DD/MM/YYYY', '31/02/2024', null],
  ['DD/MM/YYYY', '1/13/2024', null],
  ['DD.MM.YYYY', '1.12.2024', '2024-12-01'],
  ['DD.MM.YYYY', '1x12x2024', null],
  ['DD/MM/YYYY', ' 1/12/2024', null],
  ['DD/MM/YYYY HH:MI', '1/12/2024 9:05', '2024-12-01T09:05:00.000000Z'],
  ['DD/MM/YYYY HH:MI', '1/12/2024 24:00', null],
  ['DD/MM/YYYY HH:MI', '1/12/2024', null],
  ['YYYY-MM-DD HH:MI:SS', '9999-12-31T23:59:59.999999', '9999-12-31T23:59:59.999999Z'],
  ['YYYY-MM-DD HH:MI:SS', '2024-05-01 10:00:60', null],
  ['ISO 8601', '2024-05-01T12:00:00+02:00', '2024-05-01T10:00:00.000000Z'],
  ['ISO 8601', '2024-05-01T12:00:00', null],
] as const)('as %s, %s is %s', async (reading, text, read) => {
  await database.query(`set time zone 'UTC'`);
  expect(inEvaluator(reading, text)).toBe(read);
  expect((await inPostgres(reading, [text])).map(canonical)).toEqual([read]);
});

test.each(READINGS.map((reading) => [reading] as const))('both read the same as %s', async (reading) => {
  const r = random(seed() + reading.length);
  const texts = [
    ...almostNumbers,
    ...almostTimes,
    ...numbers,
    ...READINGS.flatMap((other) => Array.from({ length: 12 }, () => written(r, other))),
    ...Array.from({ length: 120 }, () =>
      broken(r.pick([...almostTimes, ...numbers, written(r, reading)]), (bound) => r.below(bound)),
    ),
  ];
  const found = await inPostgres(reading, texts);
  expect(found.map(canonical)).toEqual(texts.map((text) => inEvaluator(reading, text)));
  expect(found.some((one) => one !== null)).toBe(true);
});

/** The text with one character of it taken out, doubled or replaced. */
function broken(text: string, below: (bound: number) => number): string {
  const characters = Array.from(text);
  const at = below(characters.length + 1);
  const instead = [[], ['0'], ['9'], [' '], ['\n'], ['-'], ['٣'], [characters[at] ?? '', characters[at] ?? '']][
    below(8)
  ];
  characters.splice(at, 1, ...(instead ?? []));
  return characters.join('');
}

describe('columns of every kind of text', () => {
  let catalogue: Catalogue;
  beforeAll(async () => {
    await database.query(`
      create extension if not exists citext schema public;
      create domain public.code as text;
      create table public.member (id bigint primary key, plain text, short varchar(20), fixed char(20), loose text collate public.nd, free public.citext, own public.code);
      insert into public.member select n, t, t, t, t, t, t from unnest(array['31/1/2024', '01/02/2024', '31/02/2024', null, '', 'É']) with ordinality as u(t, n)`);
    const columns = ['plain', 'short', 'fixed', 'loose', 'free', 'own'];
    const lines = columns.map((name) => `  ${name} day: { column: ${name}, type: date, format: DD/MM/YYYY }`);
    catalogue = await resolveCatalogue(
      database.pool,
      parseConfig(`contacts: { table: public.member }\nfields:\n${lines.join('\n')}`, 'c'),
    );
  });

  test.each(['plain', 'short', 'fixed', 'loose', 'free', 'own'])('%s', async (name) => {
    const ask = async (json: unknown): Promise<string[]> => {
      const segment = { id: 1, condition: conditionOf(json, catalogue), timezone: 'UTC' };
      const query = memberQuery(catalogue, segment, { low: false, high: false }, { segmentId: () => 1 });
      const { text, bind } = render(sql`${query} order by ${value(1, 'int')}, 1`);
      const rows = await database.query<{ contact_id: string }>(text, bind({ now: '2024-05-15T12:00:00Z' }));
      return rows.map((row) => row.contact_id).toSorted();
    };
    const day = { var: `${name} day` };
    expect(await ask({ '==': [day, '2024-01-31'] })).toEqual(['1']);
    expect(await ask({ '>=': [day, '2024-02-01'] })).toEqual(['2']);
    expect(await ask({ '!=': [day, '2024-01-31'] })).toEqual(['2', '3', '4', '5', '6']);
    expect(await ask({ is_empty: [day] })).toEqual(['3', '4', '5', '6']);
    expect(await ask({ in_last: [day, 105, 'day'] })).toEqual(['2']);
  });

  test('what cannot be read is counted, and blank text is not', async () => {
    const [own] = mismatchableFields(catalogue);
    if (!own) throw new Error('there are such fields');
    const { statement, read } = mismatchQuery(catalogue, own, 1);
    const [row] = await database.query<{ found: number[] }>(statement.text, statement.bind({ now: null }));
    expect(read({ found: row?.found ?? [] }).map(({ field, type, values }) => [field, type, values.value])).toEqual(
      ['plain', 'short', 'fixed', 'loose', 'free', 'own'].map((name) => [`${name} day`, 'date', 2]),
    );
  });
});
