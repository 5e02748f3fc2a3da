/**
 * Which (table, link column) pairs a catalogue captures from, and their numbers in the outbox. An id belongs to a source,
 * and a mask bit to a (source, column), for ever: rows written by an older trigger are still waiting to be read.
 */
import {
  contactSource,
  relationSource,
  type Catalogue,
  type Field,
  type KeyType,
  type Relation,
  type Table,
} from '../catalogue/catalogue.ts';
import type { Client, Queryable } from '../postgres/pool.ts';

export interface CapturedColumn {
  readonly name: string;
  readonly sqlType: string;
  /** Whether its collation is nondeterministic. */
  readonly collate: boolean;
}

/** What a catalogue wants captured from one (table, link column). */
export interface SourcePlan {
  readonly key: string;
  readonly table: Table;
  readonly link: { readonly column: string; readonly sqlType: string };
  /** Of the contacts. */
  readonly keyType: KeyType;
  /** `contact`: the link is the key of the contacts; `direct`: it refers to that key; `through`: to another source. */
  readonly kind: 'contact' | 'direct' | 'through';
  readonly via?: { readonly source: string; readonly column: string };
  /** Columns that conditions may read, by name. */
  readonly columns: readonly CapturedColumn[];
  /** Columns that rows of other sources lead to: a change of one is a change of everything. */
  readonly targets: readonly string[];
}

export interface SourceTable extends SourcePlan {
  readonly id: number;
  /** Column → mask bit. */
  readonly bits: ReadonlyMap<string, number>;
}

/** Bit of all columns past the 62nd; bit 63 would be the sign. */
const SHARED_BIT = 62;

export function planSources(catalogue: Catalogue): readonly SourcePlan[] {
  const { contacts } = catalogue;
  const plans = new Map<string, SourcePlan>();
  const targets = new Map<string, Set<string>>();
  const add = (plan: Omit<SourcePlan, 'columns' | 'targets' | 'keyType'>, fields: ReadonlyMap<string, Field>): void => {
    const columns = new Map(plans.get(plan.key)?.columns.map((column) => [column.name, column]));
    for (const { column, sqlType, collate } of fields.values()) columns.set(column, { name: column, sqlType, collate });
    columns.delete(plan.link.column);
    plans.set(plan.key, {
      ...plan,
      keyType: contacts.key.type,
      ...plans.get(plan.key),
      columns: [...columns.values()],
      targets: [],
    });
  };
  add({ key: contactSource(catalogue), table: contacts.table, link: contacts.key, kind: 'contact' }, contacts.fields);
  for (const relation of catalogue.relations.values()) {
    add(
      { key: relationSource(relation), table: relation.table, link: relation.link, ...reach(catalogue, relation) },
      relation.fields,
    );
    if (relation.link.kind !== 'through') continue;
    const middle = catalogue.relations.get(relation.link.relation);
    if (!middle) throw new Error(`relation ${relation.link.relation} is not in the catalogue`);
    const key = relationSource(middle);
    targets.set(key, (targets.get(key) ?? new Set()).add(relation.link.target));
  }
  return [...plans.values()].map((plan) => ({
    ...plan,
    link: { column: plan.link.column, sqlType: plan.link.sqlType },
    targets: [...(targets.get(plan.key) ?? [])].filter((column) => column !== plan.link.column),
  }));
}

/**
 * What both catalogues want, reached as the first says. The first itself where the second wants nothing more, so that whoever
 * installs it afterwards finds nothing to do.
 */
export function unionOfSources(first: readonly SourcePlan[], second: readonly SourcePlan[]): readonly SourcePlan[] {
  const known = new Map(first.map((plan) => [plan.key, plan]));
  let more = false;
  const joined = first.map((plan) => {
    const other = second.find(({ key }) => key === plan.key);
    const columns = (other?.columns ?? []).filter(
      ({ name }) => name !== plan.link.column && !plan.columns.some((column) => column.name === name),
    );
    const targets = (other?.targets ?? []).filter((target) => !plan.targets.includes(target));
    if (columns.length + targets.length === 0) return plan;
    more = true;
    return { ...plan, columns: [...plan.columns, ...columns], targets: [...plan.targets, ...targets] };
  });
  const others = second.filter(({ key }) => !known.has(key));
  return more || others.length > 0 ? [...joined, ...others] : first;
}

function reach(catalogue: Catalogue, relation: Relation): Pick<SourcePlan, 'kind' | 'via'> {
  if (relation.link.kind === 'contact') return { kind: 'direct' };
  const middle = catalogue.relations.get(relation.link.relation);
  if (!middle) throw new Error(`relation ${relation.link.relation} is not in the catalogue`);
  return { kind: 'through', via: { source: relationSource(middle), column: relation.link.target } };
}

/**
 * Gives each plan its id and bits, writing rows for what is new; under the setup lock. A source that gains a column or
 * reaches the contact another way counts as not installed until its triggers are.
 */
export async function registerSources(client: Client, plans: readonly SourcePlan[]): Promise<readonly SourceTable[]> {
  const sources: SourceTable[] = [];
  for (const plan of plans) {
    const { rows } = await client.query<{ id: number }>(
      `with wanted (key, schema_name, table_name, link_column, link_type, kind, via_source, via_column) as (
         values ($1::text, $2::text, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text)
       ), known as (
         update segmentd.source s
         set link_type = w.link_type, kind = w.kind, via_source = w.via_source, via_column = w.via_column,
           installed_at = case when (s.link_type, s.kind, s.via_source, s.via_column)
             is not distinct from (w.link_type, w.kind, w.via_source, w.via_column) then s.installed_at end
         from wanted w where s.key = w.key
         returning s.id
       ), added as (
         insert into segmentd.source (key, schema_name, table_name, link_column, link_type, kind, via_source, via_column)
         select w.* from wanted w where not exists (select from segmentd.source s where s.key = w.key)
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
    'select column_name, bit from segmentd.source_column where source_id = $1',
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
       insert into segmentd.source_column (source_id, column_name, bit)
       select $1, c.name, c.bit from unnest($2::text[], $3::smallint[]) as c(name, bit)
     )
     update segmentd.source set installed_at = null where id = $1`,
    [id, added.map(([name]) => name), added.map(([, bit]) => bit)],
  );
  for (const [name, bit] of added) bits.set(name, bit);
  return bits;
}

/** The plans that have their id and all their bits already. Only reads. */
export async function registeredSources(
  database: Queryable,
  plans: readonly SourcePlan[],
): Promise<readonly SourceTable[]> {
  const { rows } = await database.query<{ id: number; key: string; bits: [string, number][] | null }>(
    `select s.id, s.key, (
       select json_agg(json_build_array(c.column_name, c.bit)) from segmentd.source_column c where c.source_id = s.id
     ) as bits
     from segmentd.source s where s.key = any ($1::text[])`,
    [plans.map((plan) => plan.key)],
  );
  const known = new Map(rows.map((row) => [row.key, row]));
  return plans.flatMap((plan) => {
    const row = known.get(plan.key);
    const bits = new Map(row?.bits ?? []);
    return row && plan.columns.every((column) => bits.has(column.name)) ? [{ ...plan, id: row.id, bits }] : [];
  });
}
