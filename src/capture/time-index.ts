/**
 * Indexes that sweeps need: on the columns whose values windows are about. Without one every look at the clock scans the
 * table, so the looks become rare and people enter and leave late; nothing is refused for it.
 */
import type { Catalogue, Field, Table } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { indexCommand, type MissingIndex } from './link-index.ts';

/** Windows on these columns by segments of today. */
const USED = `
  select distinct so.schema_name as schema, so.table_name as name, e.definition ->> 'column' as column_name
  from segmentd.edge e join segmentd.source so on so.id = e.source
  where not e.definition ? 'path' and e.definition ->> 'type' <> 'date' and e.definition #>> '{boundary,kind}' = 'rolling'`;

interface Wanted {
  readonly table: Table;
  readonly column: string;
}

/** Of the columns that segments use in windows. */
export async function missingTimeIndexes(database: Queryable): Promise<readonly MissingIndex[]> {
  const { rows } = await database.query<{ schema: string; name: string; column_name: string }>(USED);
  return missing(
    database,
    rows.map(({ schema, name, column_name }) => ({ table: { schema, name }, column: column_name })),
  );
}

/** Of those, and of the time columns that the config names: the ones that windows will be about. */
export async function expectedTimeIndexes(database: Queryable, catalogue: Catalogue): Promise<readonly MissingIndex[]> {
  const named = [...catalogue.relations.values()].flatMap(({ table, time, fields }) => {
    const field = time === undefined ? undefined : fields.get(time);
    return isInstant(field) ? [{ table, column: field.column }] : [];
  });
  const used = await missingTimeIndexes(database);
  const others = (await missing(database, named)).filter((one) => !used.some((known) => isSame(known, one)));
  return [...used, ...others];
}

function isInstant(field: Field | undefined): field is Field {
  return field !== undefined && field.family === 'instant' && field.path === undefined;
}

function isSame(a: MissingIndex, b: MissingIndex): boolean {
  return a.table.schema === b.table.schema && a.table.name === b.table.name && a.column === b.column;
}

async function missing(database: Queryable, wanted: readonly Wanted[]): Promise<MissingIndex[]> {
  const { rows } = await database.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('time-index'),
    values: [
      wanted.map((one) => one.table.schema),
      wanted.map((one) => one.table.name),
      wanted.map((one) => one.column),
    ],
  });
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = wanted[position - 1];
    return indexed || !one ? [] : [{ ...one, kind, command: indexCommand(one.table, one.column, kind) }];
  });
}
