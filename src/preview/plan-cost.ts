/**
 * What a condition costs by the planner's estimate, and the indexes that would make it cheaper. Advice only: every
 * condition is evaluated, whatever it costs. Reads only.
 */
import { missingIndexes } from '../capture/link-index.ts';
import { planSources } from '../capture/source.ts';
import { branchName } from '../capture/table-tree.ts';
import { relationPath, type Catalogue, type Field, type Table } from '../catalogue/catalogue.ts';
import { ident, render, sql, tableName, type Fragment } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { sourcesRead, type VersionPlan } from '../followed/plan.ts';
import { isDaily } from '../temporal/edge.ts';

export interface Cost {
  /** `low`: like reading the contacts once or twice; `high`: more than twenty times that. */
  readonly class: 'low' | 'medium' | 'high';
  /** In the planner's units; `contacts` is that of reading all contacts once. */
  readonly total: number;
  readonly contacts: number;
}

export interface Advice {
  readonly sentence: string;
  /** SQL to run. */
  readonly command: string;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Total Cost': number;
  readonly 'Plan Rows': number;
  readonly Plans?: readonly PlanNode[];
}

export interface PlanEstimate {
  readonly cost: number;
  readonly rows: number;
  /** It reads a whole table to begin with. */
  readonly scansTable: boolean;
}

/** What the planner expects. */
export async function readPlanEstimate(client: Queryable, of: Fragment, now: string): Promise<PlanEstimate> {
  const { text, bind } = render(sql`explain (format json) ${of}`);
  const { rows } = await client.query<{ 'QUERY PLAN': readonly { readonly Plan: PlanNode }[] }>(text, bind({ now }));
  const plan = rows[0]?.['QUERY PLAN'][0]?.Plan;
  let first = plan;
  while (first?.Plans?.[0]) [first] = first.Plans;
  return {
    cost: plan?.['Total Cost'] ?? 0,
    rows: plan?.['Plan Rows'] ?? 0,
    scansTable: first?.['Node Type'] === 'Seq Scan',
  };
}

/** In the planner's units: below this cost, every condition counts as cheap. */
const CHEAP = 20_000;

/** @param total the planner's cost of the condition @param contacts the planner's cost of reading all contacts once */
export function costClass(total: number, contacts: number): Cost {
  const low = Math.max(2 * contacts, CHEAP);
  const medium = Math.max(20 * contacts, 10 * CHEAP);
  return {
    class: total <= low ? 'low' : total <= medium ? 'medium' : 'high',
    total: Math.round(total),
    contacts: Math.round(contacts),
  };
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
      .filter((edge) => edge.path === undefined && !isDaily(edge))
      .map(({ field, relation }) => {
        const table =
          relation === undefined
            ? catalogue.contacts.table
            : (relationPath(catalogue, relation)[0]?.table ?? catalogue.contacts.table);
        return { table, column: field.column, why: 'the worker scans it to see what time alone has changed' };
      }),
    ...(contacts < SMALL
      ? []
      : selective.map(({ field, text }) => ({
          table: catalogue.contacts.table,
          column: field.column,
          why: `few contacts satisfy "${text}", and all are read to find them`,
        }))),
  ];
  const distinct = [...new Map(wanted.map((one) => [`${branchName(one.table)} ${one.column}`, one])).values()];
  return [...advice, ...(await missingIndexAdvice(client, distinct))];
}

async function missingIndexAdvice(
  client: Queryable,
  wanted: readonly { readonly table: Table; readonly column: string; readonly why: string }[],
): Promise<Advice[]> {
  if (wanted.length === 0) return [];
  const { rows } = await client.query<{ position: number; kind: string; indexed: boolean }>({
    ...statement('capture-index'),
    values: [
      wanted.map((one) => one.table.schema),
      wanted.map((one) => one.table.name),
      wanted.map((one) => one.column),
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
    const concurrently = kind === 'p' ? sql`` : sql` concurrently`;
    return [
      {
        sentence: `${branchName(one.table)} has no index on ${one.column}: ${one.why}.`,
        command: `${render(sql`create index${concurrently} on ${tableName(one.table)} (${ident(one.column)})`).text};`,
      },
    ];
  });
}
