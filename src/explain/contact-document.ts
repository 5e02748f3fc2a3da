/**
 * One contact as the document that the evaluator of a page reads (condition/evaluate/document.ts): the columns that some conditions
 * read, and no others. What is hidden, and a relation of too many rows, is left out. Values are printed by Postgres, so the session
 * must print as PREPARE of explain-session.ts says. Nothing of a document may be logged.
 */
import { CONTACT, relationPath, type Field, type Relation } from '../catalogue/catalogue.ts';
import { originOf, toOneRelations } from '../catalogue/to-one-relation.ts';
import {
  ident,
  integer,
  join,
  list,
  param,
  render,
  sql,
  tableName,
  value,
  type Fragment,
} from '../compile/fragment.ts';
import { linked } from '../compile/link.ts';
import { pastRows, segmentNamed } from '../compile/past-leaf.ts';
import type { RowReader } from '../compile/row-alone.ts';
import type { SqlScope } from '../compile/scope.ts';
import { toOneColumn } from '../compile/to-one-column.ts';
import type { Condition } from '../condition/ast.ts';
import type { ContactDocument, DocumentRow, DocumentValue, MembershipPast } from '../condition/evaluate/document.ts';
import { fieldsOf, pastsOf, relationsOf, segmentsOf } from '../condition/references.ts';
import type { Queryable } from '../postgres/pool.ts';
import { contactKey, contactTable } from './contact-scope.ts';

/** Rows of one relation that a document holds at most: beyond that Postgres alone answers. */
export const MOST_DOCUMENT_ROWS = 1_000;

export interface ReadDocument {
  readonly document: ContactDocument;
  /** Names of what was left out: `email`, `orders.note`, `orders`. */
  readonly hidden: readonly string[];
}

type Columns = Readonly<Record<string, DocumentValue>>;

interface PrintedRow {
  readonly fields: Columns;
  readonly middle: Readonly<Record<string, Columns>> | null;
  readonly one: Readonly<Record<string, Columns>>;
  readonly identity: DocumentRow['identity'];
}

interface Printed {
  readonly key: string;
  readonly fields: Columns;
  readonly one: Readonly<Record<string, Columns>>;
  readonly segments: readonly string[];
  /** In the order of the segments whose past is read; null for too many events. */
  readonly pasts: readonly (MembershipPast | null)[];
  /** In the order of the relations; null for too many rows. */
  readonly relations: readonly (readonly PrintedRow[] | null)[];
}

/**
 * The contact's document for these conditions. Undefined when there is no such contact.
 * @param isHidden whether values of the field may not be sent @param at which rows count may depend on the instant
 */
export async function readContactDocument(
  client: Queryable,
  scope: SqlScope,
  conditions: readonly Condition[],
  contact: string,
  isHidden: (field: Field) => boolean,
  at: string,
): Promise<ReadDocument | undefined> {
  const { catalogue } = scope;
  const all = new Set(conditions.flatMap((condition) => [...fieldsOf(condition)]));
  const shown = [...all].filter((field) => !isHidden(field));
  const own = shown.filter(({ owner }) => owner === CONTACT);
  const toOne = shown.filter(({ owner }) => toOneRelations(catalogue).has(owner));
  const relations = [...new Set(conditions.flatMap((condition) => [...relationsOf(condition)]))];
  const segments = [...new Set(conditions.flatMap((condition) => [...segmentsOf(condition)]))];
  const pasts = [...new Set(conditions.flatMap((condition) => [...pastsOf(condition)]))];
  const key = param('contact', 'segmentd.contact_key');
  const columns = [
    sql`${contactKey(catalogue)}::text as key`,
    sql`${record(own, (field) => printed(scope.column(field), field))} as fields`,
    sql`${recordOfOnes(toOne, (field) => printed(scope.column(field), field))} as one`,
    sql`array_remove(array[${join(
      segments.map((one) => sql`case when ${scope.member(one).positive} then ${value(one, 'text')} end`),
      sql`, `,
    )}]::text[], null) as segments`,
    sql`jsonb_build_array(${join(
      pasts.map((segment) => pastOf(segment, key)),
      sql`, `,
    )}) as pasts`,
    sql`jsonb_build_array(${join(
      relations.map((name) => rowsOfRelation(scope, name, shown, key)),
      sql`,
  `,
    )}) as relations`,
  ];
  const { text, bind } = render(sql`select ${join(
    columns,
    sql`,
  `,
  )}
from ${contactTable(catalogue)} where ${contactKey(catalogue)} = ${key}`);
  const { rows } = await client.query<Printed>(text, bind({ contact, now: at }));
  const [row] = rows;
  if (!row) return undefined;
  const read = relations.map((name, index) => [name, row.relations[index] ?? null] as const);
  return {
    document: {
      key: row.key,
      fields: row.fields,
      one: row.one,
      relations: Object.fromEntries(
        read.flatMap(([name, found]) => (found === null ? [] : [[name, found.map(documentRow)] as const])),
      ),
      segments: row.segments,
      segmentsRead: segments,
      pasts: Object.fromEntries(
        pasts.flatMap((segment, index) => {
          const past = row.pasts[index] ?? null;
          return past === null ? [] : [[segment, past] as const];
        }),
      ),
    },
    hidden: [
      ...[...all]
        .filter(isHidden)
        .map((field) => (catalogue.relations.has(field.owner) ? `${field.owner}.${field.name}` : field.name)),
      ...read.flatMap(([name, found]) => (found === null ? [name] : [])),
    ],
  };
}

/** Since when a contact is a member, and its events, as JSON; null where there are too many. */
function pastOf(segment: string, key: Fragment): Fragment {
  const id = segmentNamed(segment);
  const rows = (of: 'members' | 'entered' | 'left'): Fragment =>
    sql`from ${pastRows(of, id)} as past where past.contact_id = ${key}`;
  const times = (of: 'entered' | 'left'): Fragment =>
    sql`array(select past.time::text ${rows(of)} order by past.time limit ${integer(MOST_DOCUMENT_ROWS + 1)})`;
  return sql`(select case when greatest(cardinality(e.entered), cardinality(e.left)) <= ${integer(MOST_DOCUMENT_ROWS)} then
      jsonb_build_object('since', (select past.time::text ${rows('members')}), 'entered', e.entered, 'left', e.left) end
    from (select ${times('entered')} as entered, ${times('left')} as left) as e)`;
}

function documentRow({ fields, middle, one, identity }: PrintedRow): DocumentRow {
  return { fields, one, ...(middle === null ? {} : { middle }), ...(identity === undefined ? {} : { identity }) };
}

/**
 * The rows of a relation as JSON, or null where there are too many. Each table on the way is read once and its rows are numbered, so
 * that a row to which several ways lead is known again: a role that may read some columns only may not read `ctid`.
 */
function rowsOfRelation(reader: RowReader, name: string, shown: readonly Field[], key: Fragment): Fragment {
  const { catalogue } = reader;
  const path = relationPath(catalogue, name);
  const alias = (index: number): Fragment => ident(`r${index}`);
  const columnsOf = (hop: Relation): readonly Field[] => shown.filter(({ owner }) => owner === hop.name);
  const toOne = toOneRelations(catalogue, name);
  const onesOf = (hop: Relation): readonly Field[] =>
    shown.filter((field) => toOne.has(field.owner) && originOf(catalogue, name, field) === hop.name);
  const oneOf = (field: Field): Fragment =>
    toOneColumn(reader, field, {
      has: (owner) => path.some((hop) => hop.name === owner),
      column: (_, column) => sql`t.${ident(column)}`,
    });
  const tables = path
    .map((hop, index) => {
      const before = path[index - 1]?.link;
      const beyond = hop.link;
      const led =
        beyond.kind === 'contact'
          ? sql`t.${ident(beyond.column)} = ${key}`
          : sql`exists (select from ${alias(index + 1)} as m where ${linked(beyond, sql`m.target`, sql`t.${ident(beyond.column)}`)})`;
      // The column that the row before equals.
      const target = before?.kind === 'through' ? sql`t.${ident(before.target)}` : sql`null::boolean`;
      const link = beyond.kind === 'through' ? sql`t.${ident(beyond.column)}` : sql`null::boolean`;
      return sql`${alias(index)} as materialized (
    select row_number() over () as number, ${target} as target, ${link} as link, ${record(columnsOf(hop), (field) => printed(sql`t.${ident(field.column)}`, field))} as fields, ${recordOfOnes(onesOf(hop), (field) => printed(oneOf(field), field))} as one
    from ${tableName(hop.table)} as t where ${led} limit ${integer(MOST_DOCUMENT_ROWS + 1)})`;
    })
    .toReversed();
  const joins = path.slice(1).map((_, position) => {
    const link = path[position]?.link;
    const [near, far] = [alias(position), alias(position + 1)];
    if (link?.kind !== 'through') throw new Error(`${name} goes through nothing`);
    return sql` join ${far} on ${linked(link, sql`${far}.target`, sql`${near}.link`)}`;
  });
  const middle = path.slice(1).map((hop, position) => sql`${value(hop.name, 'text')}, ${alias(position + 1)}.fields`);
  const identity = path.map(
    (hop, index) =>
      sql`jsonb_build_object('relation', ${value(hop.name, 'text')}, 'row', ${alias(index)}.number::text)`,
  );
  const full = path.map((_, index) => sql`(select count(*) from ${alias(index)}) > ${integer(MOST_DOCUMENT_ROWS)}`);
  const ones = path.map((_, index) => sql`${alias(index)}.one`);
  const row = sql`jsonb_build_object('fields', r0.fields, 'one', ${join(ones, sql` || `)}${
    path.length === 1
      ? sql``
      : sql`, 'middle', jsonb_build_object(${join(middle, sql`, `)}), 'identity', jsonb_build_array(${join(identity, sql`, `)})`
  })`;
  return sql`(with ${join(tables, sql`, `)}
  select case when ${join(full, sql` or `)} or count(*) > ${integer(MOST_DOCUMENT_ROWS)} then null else coalesce(jsonb_agg(w.row), '[]') end
  from (select ${row} as row from r0${join(joins, sql``)} limit ${integer(MOST_DOCUMENT_ROWS + 1)}) as w)`;
}

/** The fields of to-one relations, by relation. */
function recordOfOnes(fields: readonly Field[], text: (field: Field) => Fragment): Fragment {
  const owners = [...new Set(fields.map(({ owner }) => owner))];
  return join(
    [
      sql`'{}'::jsonb`,
      ...owners.map((owner) => {
        const own = fields.filter((field) => field.owner === owner);
        return sql`jsonb_build_object(${value(owner, 'text')}, ${record(own, text)})`;
      }),
    ],
    sql` || `,
  );
}

/** A function takes at most 100 arguments. */
function record(fields: readonly Field[], text: (field: Field) => Fragment): Fragment {
  if (fields.length === 0) return sql`'{}'::jsonb`;
  return sql`(${join(
    fields.map((field) => sql`jsonb_build_object(${value(field.name, 'text')}, ${text(field)})`),
    sql` || `,
  )})`;
}

/** As `DocumentValue` says. Of a type without comparisons only its presence counts. */
function printed(column: Fragment, field: Field): Fragment {
  if (field.path !== undefined) return sql`(${column} #> ${list(field.path, 'text')})::text`;
  if (field.array && field.split === undefined)
    return sql`case when ${column} is not null then array(select e::text from unnest(${column}) with ordinality as u(e, n) order by n) end`;
  if (field.family === 'other') return sql`case when ${column} is not null then 'present' end`;
  return sql`${column}::text`;
}
