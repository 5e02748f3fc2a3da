/**
 * The rows of segmentd_internal.source and segmentd_internal.source_column: numbers of sources, and mask bits of their columns. An id
 * belongs to its source, and a bit to its (source, column), for ever: the outbox still holds rows that older triggers
 * wrote.
 */
import type { Client, Queryable } from '../postgres/pool.ts';
import type { Catalogue, Table } from '../catalogue/catalogue.ts';
import { planSources, type CapturedColumn, type SourcePlan, type SourceTable } from './source.ts';

/** The bit that all columns past the 62nd share; bit 63 would be the sign. */
const SHARED_BIT = 62;

/**
 * Gives each plan its id and its bits, and inserts rows for what is new. The caller holds the setup lock. A source that
 * gains a column, or that reaches the contact another way, counts as not installed until its triggers are.
 */
export async function registerSources(client: Client, plans: readonly SourcePlan[]): Promise<readonly SourceTable[]> {
  const sources: SourceTable[] = [];
  for (const plan of plans) {
    const { rows } = await client.query<{ id: number }>(
      `with wanted (key, schema_name, table_name, link_column, link_type, kind, via_source, via_column) as (
         values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text)
       ), known as (
         update segmentd_internal.source s
         set link_type = w.link_type, kind = w.kind, via_source = w.via_source, via_column = w.via_column,
           installed_at = case when (s.link_type, s.kind, s.via_source, s.via_column)
             is not distinct from (w.link_type, w.kind, w.via_source, w.via_column) then s.installed_at end
         from wanted w where s.key = w.key
         returning s.id
       ), added as (
         insert into segmentd_internal.source (key, schema_name, table_name, link_column, link_type, kind, via_source, via_column)
         select w.* from wanted w where not exists (select from segmentd_internal.source s where s.key = w.key)
         returning id
       )
       select id from known union all select id from added`,
      [
        plan.key,
        plan.table.schema,
        plan.table.name,
        plan.link.column,
        plan.link.sqlType,
        plan.kind,
        plan.via?.source ?? null,
        plan.via?.column ?? null,
      ],
    );
    const id = rows[0]?.id;
    if (id === undefined) throw new Error('no source id');
    sources.push({ ...plan, id, bits: await registerBits(client, id, plan.columns) });
  }
  return sources;
}

async function registerBits(
  client: Client,
  id: number,
  columns: readonly CapturedColumn[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await client.query<{ column_name: string; bit: number }>(
    'select column_name, bit from segmentd_internal.source_column where source_id = $1',
    [id],
  );
  const bits = new Map(rows.map((row) => [row.column_name, row.bit]));
  let next = Math.max(-1, ...bits.values()) + 1;
  const added: [string, number][] = [];
  for (const { name } of columns) {
    if (bits.has(name)) continue;
    added.push([name, Math.min(next, SHARED_BIT)]);
    next += 1;
  }
  if (added.length === 0) return bits;
  await client.query(
    `with added as (
       insert into segmentd_internal.source_column (source_id, column_name, bit)
       select $1, c.name, c.bit from unnest($2::text[], $3::smallint[]) as c(name, bit)
     )
     update segmentd_internal.source set installed_at = null where id = $1`,
    [id, added.map(([name]) => name), added.map(([, bit]) => bit)],
  );
  for (const [name, bit] of added) bits.set(name, bit);
  return bits;
}

/** The tables of a catalogue that lack triggers for a source, each once. Only reads. */
export async function uncapturedTables(database: Queryable, catalogue: Catalogue): Promise<readonly Table[]> {
  const plans = planSources(catalogue);
  const registered = new Set((await registeredSources(database, plans)).map(({ key }) => key));
  const { rows } = await database.query<{ key: string }>(
    'select s.key from segmentd_internal.source s where s.installed_at is not null',
  );
  const captured = new Set(rows.map(({ key }) => key).filter((key) => registered.has(key)));
  const tables = plans.filter(({ key }) => !captured.has(key)).map(({ table }) => table);
  return [...new Map(tables.map((table) => [JSON.stringify([table.schema, table.name]), table])).values()];
}

/** The plans that have an id and all their bits already. Only reads. */
export async function registeredSources(
  database: Queryable,
  plans: readonly SourcePlan[],
): Promise<readonly SourceTable[]> {
  const { rows } = await database.query<{ id: number; key: string; bits: [string, number][] | null }>(
    `select s.id, s.key, (
       select json_agg(json_build_array(c.column_name, c.bit)) from segmentd_internal.source_column c where c.source_id = s.id
     ) as bits
     from segmentd_internal.source s where s.key = any ($1::text[])`,
    [plans.map((plan) => plan.key)],
  );
  const known = new Map(rows.map((row) => [row.key, row]));
  return plans.flatMap((plan) => {
    const row = known.get(plan.key);
    const bits = new Map(row?.bits ?? []);
    return row && plan.columns.every((column) => bits.has(column.name)) ? [{ ...plan, id: row.id, bits }] : [];
  });
}
