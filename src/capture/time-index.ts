/**
 * Indexes that sweeps need: on the time columns of windows. Without one every probe for crossings scans the table, so
 * the probes become rare and contacts enter and leave late. Nothing is refused for a missing one.
 */
import type { Catalogue, Field, Table } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { indexCommand, type MissingIndex } from './link-index.ts';

/** Columns that segments use in rolling windows now. */
const USED_COLUMNS = `
  select distinct so.schema_name as schema, so.table_name as name, e.definition ->> 'column' as column_name
  from segmentd.edge e join segmentd.source so on so.id = e.source
  where not e.definition ? 'path' and e.definition ->> 'type' <> 'date' and e.definition #>> '{boundary,kind}' = 'rolling'`;

interface TimeColumn {
  readonly table: Table;
  readonly column: string;
}

/** Missing indexes on the columns that segments use in windows. */
export async function missingTimeIndexes(database: Queryable): Promise<readonly MissingIndex[]> {
  const { rows } = await database.query<{ schema: string; name: string; column_name: string }>(USED_COLUMNS);
  return missingOn(
    database,
    rows.map(({ schema, name, column_name }) => ({ table: { schema, name }, column: column_name })),
  );
}

/** Those, and missing indexes on the time columns of the config, which future windows will use. */
export async function expectedTimeIndexes(database: Queryable, catalogue: Catalogue): Promise<readonly MissingIndex[]> {
  const named = [...catalogue.relations.values()].flatMap(({ table, time, fields }) => {
    const field = time === undefined ? undefined : fields.get(time);
    return isInstant(field) ? [{ table, column: field.column }] : [];
  });
  const used = await missingTimeIndexes(database);
  const others = (await missingOn(database, named)).filter((one) => !used.some((known) => isSame(known, one)));
  return [...used, ...others];
}

function isInstant(field: Field | undefined): field is Field {
  return field !== undefined && field.family === 'instant' && field.path === undefined;
}

function isSame(a: MissingIndex, b: MissingIndex): boolean {
  return a.table.schema === b.table.schema && a.table.name === b.table.name && a.column === b.column;
}

async function missingOn(database: Queryable, columns: readonly TimeColumn[]): Promise<MissingIndex[]> {
  const { rows } = await database.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('time-index'),
    values: [
      columns.map((one) => one.table.schema),
      columns.map((one) => one.table.name),
      columns.map((one) => one.column),
    ],
  });
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = columns[position - 1];
    return indexed || !one ? [] : [{ ...one, kind, command: indexCommand(one.table, one.column, kind) }];
  });
}
