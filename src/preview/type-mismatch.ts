/**
 * Values under jsonb paths, and texts, that cannot be read as the config declares, and so count as missing: their number for each
 * field, from a sample of the rows where the table is large. Pure.
 */
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { ident, join, render, sql, tableName, type Fragment, type Statement } from '../compile/fragment.ts';
import { where } from '../compile/leaf.ts';
import { canMismatch, mismatch } from '../compile/mismatch.ts';
import { NESTED } from '../compile/row-alone.ts';
import type { SqlScope } from '../compile/scope.ts';
import { exactAmount, extrapolatedAmount, type Amount } from './amount.ts';
import { tableSample, type TableSample } from './table-sample.ts';

export interface Mismatch {
  /** As conditions name it from outside: `attributes.plan`, `orders.meta.kind`. */
  readonly field: string;
  /** The declared type. */
  readonly type: string;
  /** Values of another type. Of contacts, those that the base filter admits. */
  readonly values: Amount;
}

/** Fields of one table. */
export interface TableFields {
  /** Absent for the contacts. */
  readonly relation?: string;
  readonly fields: readonly Field[];
}

/** By table, the fields whose values can have another type than declared. */
export function mismatchableFields(
  catalogue: Catalogue,
  isRead: (field: Field) => boolean = () => true,
): readonly TableFields[] {
  const of = (relation: string | undefined, fields: ReadonlyMap<string, Field>): TableFields => ({
    ...(relation === undefined ? {} : { relation }),
    fields: [...fields.values()].filter((field) => canMismatch(field) && isRead(field)),
  });
  return [
    of(undefined, catalogue.contacts.fields),
    ...[...catalogue.relations.values()]
      .filter(({ valuesOnly }) => valuesOnly !== true)
      .map((relation) => of(relation.name, relation.fields)),
  ].filter(({ fields }) => fields.length > 0);
}

/** A table with more rows is sampled by pages, because reading jsonb is slow. */
const ROWS_READ_WHOLE = 200_000;

export function tableWithAlias(catalogue: Catalogue, { relation }: TableFields): Fragment {
  return sql`${tableName((relation === undefined ? undefined : catalogue.relations.get(relation)?.table) ?? catalogue.contacts.table)} as c`;
}

export interface MismatchQuery {
  readonly statement: Statement;
  /** Of the statement's row. */
  readonly read: (row: { readonly found: readonly number[] }) => readonly Mismatch[];
}

/**
 * One row (found): for each field, how many rows of the sample mismatch.
 * @param admitted conditions on contacts as `c`; related rows have none
 */
export function mismatchQuery(
  catalogue: Catalogue,
  own: TableFields,
  rows: number,
  admitted: readonly Fragment[] = [],
): MismatchQuery {
  const sample = tableSample(rows, ROWS_READ_WHOLE);
  const here = rowScope(catalogue);
  const filter = [...(own.relation === undefined ? admitted : []), ...sample.filter];
  const counts = own.fields.map((field) => sql`count(*) filter (where ${mismatch(here, field)})::int`);
  return {
    statement: render(
      sql`select array[${join(counts, sql`, `)}] as found from ${tableWithAlias(catalogue, own)}${sample.clause}${where(filter)}`,
    ),
    read: ({ found }) =>
      own.fields
        .map((field, index) => ({
          field: outerName(own, field),
          type: declaredType(field),
          values: mismatchAmount(found[index] ?? 0, sample),
        }))
        .filter(({ values }) => values.value > 0),
  };
}

/** A row `c`, by itself. */
function rowScope(catalogue: Catalogue): SqlScope {
  const alone = (): never => {
    throw new Error('the type of a value depends on its row alone');
  };
  return {
    catalogue,
    timezone: catalogue.timezone,
    column: (field) => sql`c.${ident(field.column)}`,
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: NESTED,
    member: alone,
    past: alone,
    override: alone,
  };
}

function mismatchAmount(found: number, sample: TableSample): Amount {
  return sample.complete ? exactAmount(found) : extrapolatedAmount(found, sample);
}

function outerName({ relation }: TableFields, { name }: Field): string {
  return relation === undefined ? name : `${relation}.${name}`;
}

function declaredType({ family, integer: whole, array }: Field): string {
  return `${family === 'number' && whole ? 'integer' : family}${array ? '[]' : ''}`;
}
