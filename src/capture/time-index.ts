/**
 * Indexes that sweeps need: on the time columns of windows. Without one every probe for crossings scans the table, so
 * the probes become rare and contacts enter and leave late. Nothing is refused for a missing one.
 */
import type { Table } from '../catalogue/catalogue.ts';
import type { Reading } from '../catalogue/text-reading.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { indexCommand, indexExpression, type MissingIndex } from './link-index.ts';

/** Columns that segments use in rolling windows now. */
const USED_COLUMNS = `
  select distinct so.schema_name as schema, so.table_name as name, e.definition ->> 'column' as column_name, e.definition ->> 'reading' as reading
  from segmentd_internal.edge e join segmentd_internal.source so on so.id = e.source
  where not e.definition ? 'past' and not e.definition ? 'path' and e.definition ->> 'type' <> 'date' and e.definition #>> '{boundary,kind}' = 'rolling'`;

interface TimeColumn {
  readonly table: Table;
  readonly column: string;
  readonly reading?: Reading;
}

/** Missing indexes on the columns that segments use in windows. */
export async function missingTimeIndexes(database: Queryable): Promise<readonly MissingIndex[]> {
  const { rows } = await database.query<{ schema: string; name: string; column_name: string; reading: Reading | null }>(
    USED_COLUMNS,
  );
  return missingOn(
    database,
    rows.map(({ schema, name, column_name, reading }) => ({
      table: { schema, name },
      column: column_name,
      ...(reading === null ? {} : { reading }),
    })),
  );
}

async function missingOn(database: Queryable, columns: readonly TimeColumn[]): Promise<MissingIndex[]> {
  const { rows } = await database.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('time-index'),
    values: [
      columns.map((one) => one.table.schema),
      columns.map((one) => one.table.name),
      columns.map((one) => one.column),
      columns.map((one) => indexExpression(one.column, one.reading)),
    ],
  });
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = columns[position - 1];
    return indexed || !one ? [] : [{ ...one, kind, command: indexCommand(one.table, one.column, kind, one.reading) }];
  });
}
