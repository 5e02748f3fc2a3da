/**
 * The value of a field of the one row that belongs to a row in scope: a subquery of at most one row, NULL where there is none. The unique
 * index that promises one row may be dropped later, and a statement that serves everybody may not fail: the subquery takes one row.
 */
import { CONTACT, type Field } from '../catalogue/catalogue.ts';
import { stepsFrom } from '../catalogue/to-one-relation.ts';
import { checkAdmissions } from '../condition/check/check-condition.ts';
import { ident, join, sql, tableName, type Fragment } from './fragment.ts';
import { TRUE } from './leaf.ts';
import { linked } from './link.ts';
import { predicate } from './predicate.ts';
import { rowAlone, type RowReader } from './row-alone.ts';

/** The columns of the rows in scope: of the relation of that name, or of `CONTACT`. */
export interface ColumnsInScope {
  has(owner: string): boolean;
  column(owner: string, column: string): Fragment;
}

/**
 * A row that does not count is no row. Days in what decides that are those of the reader's zone.
 * @throws {Error} when no row in scope leads to the field's
 */
export function toOneColumn(reader: RowReader, field: Field, scope: ColumnsInScope): Fragment {
  const { catalogue } = reader;
  const relation = catalogue.relations.get(field.owner);
  const steps = relation && stepsFrom(catalogue, relation, scope);
  if (!steps) throw new Error(`${field.owner}.${field.name} is not in scope`);
  const admissions = checkAdmissions(catalogue);
  const tables = steps.map(({ name, table, link }, index) => {
    const alias = ident(`q${index}`);
    const own = sql`${alias}.${ident(link.column)}`;
    const admitted = admissions.get(name);
    const counts = admitted?.ok ? predicate(rowAlone(reader, alias), admitted.condition) : TRUE;
    const [before, equals] =
      link.kind === 'through' ? [link.relation, link.target] : [CONTACT, catalogue.contacts.key.column];
    const target = scope.has(before) ? scope.column(before, equals) : sql`${ident(`q${index + 1}`)}.${ident(equals)}`;
    return {
      row: sql`${tableName(table)} as ${alias}`,
      on: [linked(link.kind === 'through' ? link : {}, target, own), ...(counts === TRUE ? [] : [counts])],
    };
  });
  return sql`(select q0.${ident(field.column)} from ${join(
    tables.map(({ row }) => row),
    sql`, `,
  )} where ${join(
    tables.flatMap(({ on }) => on),
    sql` and `,
  )} limit 1)`;
}

/** The column of a field of contacts under an alias, or of what a contact refers to. */
export function contactColumn(reader: RowReader, alias: Fragment, field: Field): Fragment {
  if (field.owner === CONTACT) return sql`${alias}.${ident(field.column)}`;
  return toOneColumn(reader, field, {
    has: (owner) => owner === CONTACT,
    column: (_, column) => sql`${alias}.${ident(column)}`,
  });
}

/** The value of a field of the contact where the contact's row is out of sight: NULL where there is none. @param key equals the contact's key */
export function columnOfContact(reader: RowReader, key: Fragment, field: Field): Fragment {
  const { table, key: of } = reader.catalogue.contacts;
  const alias = ident('own');
  return sql`(select ${contactColumn(reader, alias, field)} from ${tableName(table)} as ${alias} where ${alias}.${ident(of.column)} = ${key} limit 1)`;
}
