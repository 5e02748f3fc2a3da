/**
 * The value of a field of the one row that belongs to a row in scope: a subquery of at most one row, NULL where there is none. The unique
 * index that promises one row may be dropped later, and a statement that serves everybody may not fail: the subquery takes one row.
 */
import { CONTACT, type Catalogue, type Field } from '../catalogue/catalogue.ts';
import { stepsFrom } from '../catalogue/to-one-relation.ts';
import { ident, join, sql, tableName, type Fragment } from './fragment.ts';
import { linked } from './link.ts';

/** The columns of the rows in scope: of the relation of that name, or of `CONTACT`. */
export interface ColumnsInScope {
  has(owner: string): boolean;
  column(owner: string, column: string): Fragment;
}

/** @throws {Error} when no row in scope leads to the field's */
export function toOneColumn(catalogue: Catalogue, field: Field, scope: ColumnsInScope): Fragment {
  const relation = catalogue.relations.get(field.owner);
  const steps = relation && stepsFrom(catalogue, relation, scope);
  if (!steps) throw new Error(`${field.owner}.${field.name} is not in scope`);
  const tables = steps.map(({ table, link }, index) => {
    const own = sql`${ident(`q${index}`)}.${ident(link.column)}`;
    const [before, equals] =
      link.kind === 'through' ? [link.relation, link.target] : [CONTACT, catalogue.contacts.key.column];
    const target = scope.has(before) ? scope.column(before, equals) : sql`${ident(`q${index + 1}`)}.${ident(equals)}`;
    return {
      row: sql`${tableName(table)} as ${ident(`q${index}`)}`,
      on: linked(link.kind === 'through' ? link : {}, target, own),
    };
  });
  return sql`(select q0.${ident(field.column)} from ${join(
    tables.map(({ row }) => row),
    sql`, `,
  )} where ${join(
    tables.map(({ on }) => on),
    sql` and `,
  )} limit 1)`;
}

/** The column of a field of contacts under an alias, or of what a contact refers to. */
export function contactColumn(catalogue: Catalogue, alias: Fragment, field: Field): Fragment {
  if (field.owner === CONTACT) return sql`${alias}.${ident(field.column)}`;
  return toOneColumn(catalogue, field, {
    has: (owner) => owner === CONTACT,
    column: (_, column) => sql`${alias}.${ident(column)}`,
  });
}

/** The value of a field of the contact where the contact's row is out of sight: NULL where there is none. @param key equals the contact's key */
export function columnOfContact(catalogue: Catalogue, key: Fragment, field: Field): Fragment {
  const { table, key: of } = catalogue.contacts;
  const alias = ident('own');
  return sql`(select ${contactColumn(catalogue, alias, field)} from ${tableName(table)} as ${alias} where ${alias}.${ident(of.column)} = ${key} limit 1)`;
}
