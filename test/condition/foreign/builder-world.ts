/**
 * Three hundred contacts with orders and companies, and two answers to an export of a query builder: what SQL says in Postgres, and what
 * json-logic-js says of the export as the builder means it. There a comparison with a missing value is false.
 */
import { createRequire } from 'node:module';
import type { Catalogue } from '../../../src/catalogue/catalogue.ts';
import { parseConfig } from '../../../src/catalogue/load-config.ts';
import { resolveCatalogue } from '../../../src/catalogue/resolve-catalogue.ts';
import { render } from '../../../src/compile/fragment.ts';
import { memberQuery } from '../../../src/compile/statement.ts';
import { checkCondition } from '../../../src/condition/check/check-condition.ts';
import { readCondition } from '../../../src/condition/foreign/foreign-condition.ts';
import type { Issue } from '../../../src/condition/issue.ts';
import { createDatabase } from '../../support/database.ts';

/** No row is exactly so far from now as a test asks. Madrid is two hours east of UTC in all of the rows' times. */
const NOW = Date.parse('2024-07-10T10:30:00.500Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LOCAL = 2 * HOUR;

const TABLES = `
  create schema segmentd;
  create domain segmentd.contact_key as int;
  create type public.stage as enum ('new', 'won', 'lost');
  create table public.company (id int primary key, name text, size int);
  create table public.person (id int primary key, name text, stage public.stage, level int, points int, balance numeric, vip boolean, born date,
    seen timestamptz, token uuid, tags text[], sizes int[], attributes jsonb, company_id int references public.company);
  create table public.orders (id int primary key, contact_id int references public.person, status text, total numeric, placed_at timestamptz);
  insert into public.company select n, (array['Acme', 'acme gmbh', null])[n], n * 10 from generate_series(1, 3) as n;
  insert into public.person select n, (array['Ana', 'ana maría', '', null, 'José', '50%_', 'Bea'])[1 + n % 7],
    (array['new', 'won', 'lost', null]::public.stage[])[1 + n % 4], (array[0, 1, 2, null])[1 + n / 3 % 4], (array[0, 1, 5, 10, -3, null])[1 + n % 6],
    (array[0, 0.5, 5, 99.99, null])[1 + n % 5], (array[true, false, null])[1 + n % 3],
    case when n % 9 > 0 then date '2024-07-10' + (n % 41 - 20) end,
    case when n % 8 > 0 then timestamptz '2024-07-10 10:30:00Z' + make_interval(hours => (n * 7) % 240 - 120, mins => n % 2) end,
    (array['11111111-1111-4111-8111-111111111111', '22222222-2222-4222-8222-222222222222', null]::uuid[])[1 + n % 3],
    case n % 6 when 0 then null when 1 then '{}' when 2 then '{vip}' when 3 then '{vip,press}' when 4 then '{press,beta}' else '{beta,vip,vip}' end::text[],
    case n % 5 when 0 then null when 1 then '{}' when 2 then '{1}' when 3 then '{1,5}' else '{5,7}' end::int[],
    case n % 4 when 0 then null when 1 then '{}' when 2 then '{"plan": "pro"}' else '{"plan": "free"}' end::jsonb, nullif(n % 4, 0)
  from generate_series(1, 300) as n;
  insert into public.orders select n, 1 + n * 7 % 300, (array['paid', 'open', null])[1 + n % 3], (array[0, 10, 20.5, null])[1 + n % 4],
    case when n % 5 > 0 then timestamptz '2024-07-10 10:30:00Z' + make_interval(hours => n % 100 - 50) end from generate_series(1, 400) as n`;

const CONFIG = `
contacts: { table: public.person, key: id }
timezone: Europe/Madrid
fields:
  level: { column: level, labels: { 0: low, 1: middle, 2: high } }
  attributes.plan: { column: attributes, path: [plan], type: text }
relations:
  company: { table: public.company, on: { id: company_id } }
  orders: { table: public.orders, contact: contact_id, time: placed_at }`;

export interface BuilderWorld {
  readonly catalogue: Catalogue;
  /** Contacts that match, or why the export is refused. */
  ask(given: unknown): Promise<{ readonly found: readonly number[] } | { readonly issues: readonly Issue[] }>;
  /** What json-logic-js says. */
  means(given: unknown): readonly number[];
  end(): Promise<void>;
}

type Rule = Readonly<Record<string, unknown>>;

interface JsonLogic {
  apply(rule: unknown, data: unknown): unknown;
  truthy(value: unknown): boolean;
  add_operation(name: string, run: (...args: never[]) => unknown): void;
}

/** An instance of its own: operators are global to the module. */
function ownJsonLogic(): JsonLogic {
  const require = createRequire(import.meta.url);
  const path = require.resolve('json-logic-js');
  const before = require.cache[path];
  delete require.cache[path];
  const own = require('json-logic-js') as JsonLogic;
  if (before) require.cache[path] = before;
  else delete require.cache[path];
  for (const [name, run] of Object.entries(operations)) own.add_operation(name, run);
  own.add_operation('xor', (...args: never[]) => args.filter((arg) => own.truthy(arg)).length === 1);
  return own;
}

const isThere = (...values: readonly unknown[]): boolean =>
  values.every((value) => value !== null && value !== undefined);
const ordered = (test: (a: number, b: number) => boolean) => (a: unknown, b: unknown, c?: unknown) =>
  isThere(a, b, ...(c === undefined ? [] : [c])) &&
  test(Number(a), Number(b)) &&
  (c === undefined || test(Number(b), Number(c)));
// A builder that does not parse numbers writes them as text.
const isEqual = (a: unknown, b: unknown): boolean =>
  isThere(a, b) ? String(a) === String(b) : !isThere(a) && !isThere(b);
const onText = (test: (text: string, needle: string) => boolean) => (text: string | null, needle: string) =>
  isThere(text) && test(String(text), needle);
const UNITS: Readonly<Record<string, number>> = { minute: 60_000, hour: HOUR, day: DAY, week: 7 * DAY };
const today = Math.floor((NOW + LOCAL) / DAY) * DAY;
const add = (from: number, amount: number, unit: string): number => from + amount * (UNITS[unit] ?? Number.NaN);

const operations = {
  '==': isEqual,
  '!=': (a: unknown, b: unknown) => !isEqual(a, b),
  'date==': (a: unknown, b: unknown) => isThere(a) && isEqual(a, b),
  'date!=': (a: unknown, b: unknown) => !(isThere(a) && isEqual(a, b)),
  'datetime==': (a: unknown, b: unknown) => isThere(a) && isEqual(a, b),
  'datetime!=': (a: unknown, b: unknown) => !(isThere(a) && isEqual(a, b)),
  '<': ordered((a, b) => a < b),
  '<=': ordered((a, b) => a <= b),
  '>': ordered((a, b) => a > b),
  '>=': ordered((a, b) => a >= b),
  in: (needle: unknown, hay: unknown) =>
    Array.isArray(hay)
      ? isThere(needle) && hay.some((item) => isEqual(item, needle))
      : typeof hay === 'string' && hay.includes(String(needle)),
  startsWith: onText((text, needle) => text.startsWith(needle)),
  endsWith: onText((text, needle) => text.endsWith(needle)),
  toLowerCase: (text: string | null) => (isThere(text) ? String(text).toLowerCase() : null),
  now: () => NOW,
  today: () => today,
  start_of_today: () => today - LOCAL,
  datetime_add: add,
  date_add: add,
};

/** Times as numbers: a day is the midnight of UTC that the builders mean, a time without an offset is Madrid's. */
function timesAsNumbers(json: unknown): unknown {
  if (typeof json === 'string' && /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}.*)?$/.test(json))
    return Date.parse(/[T ]\d{2}:\d{2}(:\d{2})?$/.test(json) ? `${json.replace(' ', 'T')}+02:00` : json);
  if (Array.isArray(json)) return json.map(timesAsNumbers);
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json as Rule).map(([key, value]) => [key, timesAsNumbers(value)]));
}

export async function createBuilderWorld(): Promise<BuilderWorld> {
  const database = await createDatabase();
  await database.pool.query(TABLES);
  const catalogue = await resolveCatalogue(database.pool, parseConfig(CONFIG, 'c'));
  const { rows } = await database.pool.query<{ id: number; document: unknown }>(`
    select p.id, to_jsonb(p) || jsonb_build_object('seen', to_char(p.seen at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), 'company', to_jsonb(c),
      'orders', (select coalesce(jsonb_agg(to_jsonb(o) || jsonb_build_object('placed_at', to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))), '[]')
        from public.orders o where o.contact_id = p.id)) as document
    from public.person p left join public.company c on c.id = p.company_id order by p.id`);
  const documents = rows.map(({ id, document }) => ({ id, document: timesAsNumbers(document) }));
  const jsonLogic = ownJsonLogic();
  return {
    catalogue,
    async ask(given) {
      const read = readCondition(given, { catalogue });
      if (read.issues.length > 0) return { issues: read.issues };
      const checked = checkCondition(read.condition, { catalogue });
      if (!checked.ok) return { issues: read.placed(checked.issues) };
      const segment = { id: 1, condition: checked.condition, timezone: catalogue.timezone };
      const query = memberQuery(catalogue, segment, { low: false, high: false }, { segmentId: () => 1 });
      const { text, bind } = render(query);
      const members = await database.query<{ contact_id: string }>(text, bind({ now: new Date(NOW).toISOString() }));
      return { found: members.map(({ contact_id }) => Number(contact_id)).toSorted((a, b) => a - b) };
    },
    means(given) {
      const rule = timesAsNumbers(given);
      return documents.filter(({ document }) => jsonLogic.truthy(jsonLogic.apply(rule, document))).map(({ id }) => id);
    },
    end: () => database.drop(),
  };
}
