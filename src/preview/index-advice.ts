/**
 * The indexes that would make a condition cheaper, each with the command that creates it. Advice only: every condition is
 * evaluated, whatever it costs. Reads only.
 */
import { indexCommand, indexExpression, missingIndexes } from '../capture/link-index.ts';
import { planSources } from '../capture/source.ts';
import { branchName } from '../capture/table-tree.ts';
import { relationPath, type Catalogue, type Field, type Table } from '../catalogue/catalogue.ts';
import type { Reading } from '../catalogue/text-reading.ts';
import { render, tableName } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { sourcesRead, type VersionPlan } from '../followed/plan.ts';
import { isDaily } from '../temporal/edge.ts';

export interface Advice {
  readonly sentence: string;
  /** SQL to run. */
  readonly command: string;
}

/** A field whose leaf so few contacts satisfy that an index would find them. */
export interface SelectiveField {
  readonly field: Field;
  readonly text: string;
}

/** Tables with fewer rows (of a hundred bytes) need no index. */
const SMALL = 10_000;

/** The indexes that are missing for the links, edges and selective leaves of a plan. @param contacts rows of the table */
export async function readIndexAdvice(
  client: Queryable,
  catalogue: Catalogue,
  plan: VersionPlan,
  contacts: number,
  selective: readonly SelectiveField[],
): Promise<readonly Advice[]> {
  const read = sourcesRead(catalogue, plan);
  const links = await missingIndexes(
    client,
    planSources(catalogue).filter((source) => read.has(source.key)),
  );
  const advice: Advice[] = links.map((one) => ({
    sentence: `${branchName(one.table)} has no index on ${one.column}: every changed contact costs a scan of it.`,
    command: one.command,
  }));
  const wanted = [
    ...plan.edges
      .filter((edge) => edge.past === undefined && edge.path === undefined && !isDaily(edge))
      .map(({ field, relation }) => {
        const table =
          relation === undefined
            ? catalogue.contacts.table
            : (relationPath(catalogue, relation)[0]?.table ?? catalogue.contacts.table);
        return { table, ...keyOf(field), why: 'the worker scans it to see what time alone has changed' };
      }),
    ...(contacts < SMALL
      ? []
      : selective.map(({ field, text }) => ({
          table: catalogue.contacts.table,
          ...keyOf(field),
          why: `few contacts satisfy "${text}", and all are read to find them`,
        }))),
  ];
  const distinct = [
    ...new Map(wanted.map((one) => [`${branchName(one.table)} ${one.column} ${one.reading ?? ''}`, one])).values(),
  ];
  return [...advice, ...(await missingIndexAdvice(client, distinct))];
}

interface Wanted extends Pick<Field, 'column' | 'reading'> {
  readonly table: Table;
  readonly why: string;
}

function keyOf({ column, reading }: Field): { readonly column: string; readonly reading?: Reading } {
  return { column, ...(reading === undefined ? {} : { reading }) };
}

async function missingIndexAdvice(client: Queryable, wanted: readonly Wanted[]): Promise<Advice[]> {
  if (wanted.length === 0) return [];
  const { rows } = await client.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('capture-index'),
    values: [
      wanted.map((one) => one.table.schema),
      wanted.map((one) => one.table.name),
      wanted.map((one) => one.column),
      wanted.map((one) => indexExpression(one.column, one.reading)),
    ],
  });
  const sizes = await client.query<{ rows: number }>(
    `select coalesce((select sum(pg_catalog.pg_relation_size(p.relid)) from pg_catalog.pg_partition_tree(t.name::regclass) p), pg_catalog.pg_relation_size(t.name::regclass))::float8 / 100 as rows
     from unnest($1::text[]) with ordinality as t(name, position) order by t.position`,
    [wanted.map((one) => render(tableName(one.table)).text)],
  );
  return rows.flatMap(({ position, kind, indexed }) => {
    const one = wanted[position - 1];
    if (indexed || !one || (sizes.rows[position - 1]?.rows ?? 0) < SMALL) return [];
    return [
      {
        sentence: `${branchName(one.table)} has no index on ${one.column}: ${one.why}.`,
        command: indexCommand(one.table, one.column, kind, one.reading),
      },
    ];
  });
}
