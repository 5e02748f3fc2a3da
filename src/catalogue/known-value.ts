/**
 * Values that a field is known to have: labels of an enum, yes and no, the list of a check constraint, and values that are frequent as
 * the planner's statistics say. Postgres shows a role only the statistics of columns that the role may read. Never listed: values of
 * fields that look personal or are masked, of columns with many distinct values, and values that only few rows have. Reads only.
 */
import type { Catalogue, Field } from './catalogue.ts';
import { isMasked } from './resolve-display.ts';
import type { Database } from './table-info.ts';

export interface KnownValue {
  readonly value: string;
  /** Of the rows of the table, as the statistics estimate it; null where they do not know. */
  readonly share: number | null;
}

export interface KnownValues {
  readonly values: readonly KnownValue[];
  /** There can be no other value. */
  readonly complete: boolean;
}

/** More distinct values are a matter of search. */
const MOST_DISTINCT = 100;
/** A value that fewer rows have could lead to a person. */
const FEWEST_ROWS = 5;
const LONGEST = 100;

/** One row for each asked column. `pg_stats` shows the current role only what it may read. */
const STATISTICS = `
select w.position::int - 1 as position, greatest(c.reltuples, 0)::float8 as rows, s.n_distinct::float8 as "distinct",
  coalesce(s.most_common_elems, s.most_common_vals)::text::text[] as values,
  case when s.most_common_elems is null then s.most_common_freqs else s.most_common_elem_freqs end::float8[] as shares,
  (select pg_catalog.pg_get_constraintdef(k.oid) from pg_catalog.pg_constraint k
   join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = w.column_name
   where k.conrelid = c.oid and k.contype = 'c' and k.convalidated and k.conkey = array[a.attnum] limit 1) as constraint
from unnest($1::text[], $2::text[], $3::text[]) with ordinality as w(schema_name, table_name, column_name, position)
join pg_catalog.pg_namespace n on n.nspname = w.schema_name
join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = w.table_name
left join lateral (
  select s.* from pg_catalog.pg_stats s
  where s.schemaname = w.schema_name and s.tablename = w.table_name and s.attname = w.column_name
  order by s.inherited desc limit 1) s on true`;

interface Statistics {
  readonly position: number;
  readonly rows: number;
  readonly distinct: number | null;
  readonly values: readonly string[] | null;
  readonly shares: readonly number[] | null;
  readonly constraint: string | null;
}

/** By field. A field without an entry has no known values. */
export async function readKnownValues(
  database: Database,
  catalogue: Catalogue,
): Promise<ReadonlyMap<Field, KnownValues>> {
  const { contacts, relations } = catalogue;
  const all = [
    ...[...contacts.fields.values()].map((field) => ({ field, table: contacts.table })),
    ...[...relations.values()].flatMap(({ fields, table }) => [...fields.values()].map((field) => ({ field, table }))),
  ].filter(({ field }) => canBeListed(field, catalogue));
  const asked = all.filter(
    ({ field }) => field.path === undefined && field.reading === undefined && field.split === undefined,
  );
  const { rows } = await database.query<Statistics>(STATISTICS, [
    asked.map(({ table }) => table.schema),
    asked.map(({ table }) => table.name),
    asked.map(({ field }) => field.column),
  ]);
  const statistics = new Map(rows.map((row) => [asked[row.position]?.field, row]));
  const found = new Map<Field, KnownValues>();
  for (const { field } of all) {
    const known = knownOf(field, statistics.get(field));
    if (known.values.length > 0) found.set(field, known);
  }
  return found;
}

function canBeListed(field: Field, { contacts }: Catalogue): boolean {
  if (!LISTED.has(field.family) || field.about?.personal === true || isMasked(contacts.display, field)) return false;
  return !(field.owner === 'contact' && field.column === contacts.key.column);
}

const LISTED: ReadonlySet<string> = new Set(['text', 'number', 'boolean']);

function knownOf(field: Field, statistics: Statistics | undefined): KnownValues {
  const frequent = statistics ? frequentValues(statistics) : [];
  const shares = new Map(frequent.map(({ value, share }) => [value, share]));
  const complete = completeList(field, frequent, statistics);
  if (complete)
    return { values: complete.map((value) => ({ value, share: shares.get(value) ?? null })), complete: true };
  return { values: frequent, complete: false };
}

/** Values besides which none is possible. Elements of an array may be NULL or repeat, and still are one of these. */
function completeList(
  field: Field,
  frequent: readonly KnownValue[],
  statistics: Statistics | undefined,
): readonly string[] | undefined {
  if (field.labels !== undefined) return field.labels;
  if (field.family === 'boolean') return ['true', 'false'];
  // Who gave words to values wants to choose among these; a frequent one without words is offered too.
  if (field.about?.values !== undefined)
    return [...new Set([...Object.keys(field.about.values), ...frequent.map(({ value }) => value)])];
  return statistics?.constraint === null || statistics === undefined || field.array
    ? undefined
    : listOfConstraint(statistics.constraint);
}

/** `CHECK ((status = ANY (ARRAY['new'::text, 'paid'::text])))`, as Postgres writes `status in ('new', 'paid')`. */
const IN_LIST = /^CHECK \(\(+(?:\w+|"(?:[^"]|"")+")\)?(?:::[\w ]+)? = ANY \(+ARRAY\[(.*?)\](?:\)?::[\w ]+\[\])?\)+$/;
const ITEM =
  /(?:\(?'((?:[^']|'')*)'(?:::[\w ]+)?\)?(?:::[\w ]+)?|(?:'(-?\d+)'::\w+|\(?(-?\d+(?:\.\d+)?)\)?(?:::\w+)?))(?:, |$)/y;

export function listOfConstraint(definition: string): readonly string[] | undefined {
  const [, list] = IN_LIST.exec(definition) ?? [];
  if (list === undefined) return undefined;
  const found: string[] = [];
  ITEM.lastIndex = 0;
  while (ITEM.lastIndex < list.length) {
    const match = ITEM.exec(list);
    if (!match) return undefined;
    found.push(match[2] ?? match[3] ?? (match[1] ?? '').replaceAll("''", "'"));
  }
  return found.length > MOST_DISTINCT ? undefined : found;
}

function frequentValues({ rows, distinct, values, shares }: Statistics): readonly KnownValue[] {
  if (values === null || shares === null || distinct === null) return [];
  if ((distinct < 0 ? -distinct * rows : distinct) > MOST_DISTINCT) return [];
  return values
    .map((value, index) => ({ value, share: shares[index] ?? 0 }))
    .filter(({ value, share }) => share * rows >= FEWEST_ROWS && value.length <= LONGEST && value !== '')
    .toSorted((a, b) => b.share - a.share)
    .slice(0, MOST_DISTINCT);
}
