/**
 * What the columns of a file are: columns of the membership (`contact_id`, `entered_at`, in a delta `change`, `at`, …),
 * fields of the contacts by their names in conditions, and aggregates of relations (`orders.count`,
 * `orders.sum:total`). Invariant: the compiler of conditions makes the SQL, so a column means what a condition means by
 * its name.
 */
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import {
  CONTACT,
  relationPath,
  type Catalogue,
  type Field,
  type Relation,
  type Table,
} from '../catalogue/catalogue.ts';
import { arrayValue } from '../compile/array-leaf.ts';
import { fill, ident, sql, type Fragment } from '../compile/fragment.ts';
import { fieldScalar } from '../compile/scalar.ts';
import type { ScalarType } from '../compile/scalar-type.ts';
import { fieldsOfScope } from '../condition/scope-field.ts';
import { columnScope } from './column-scope.ts';
import type { OwnColumns } from './own-column.ts';
import {
  AGGREGATES,
  columnInstead,
  relationColumn,
  type RelationColumnName,
  type RelationJoin,
} from './relation-column.ts';

export interface OutputColumn {
  /** As the caller wrote it; the text of the header. */
  readonly name: string;
  readonly type: ScalarType;
  /** Of declared decimals, as `format_type` prints it. */
  readonly sqlType?: string;
  /** The field whose values it shows as they are; absent for counts, sums and averages. */
  readonly field?: Field;
  /** Where `r` (the members), `c` (the contact; all NULL when the contact was deleted) and the joins are in scope. */
  readonly value: Fragment;
}

export interface OutputColumns {
  readonly list: readonly OutputColumn[];
  /** Whether a column reads the team's tables. */
  readonly readsContacts: boolean;
  /** LATERAL joins, one a relation. */
  readonly joins: readonly Fragment[];
  /** The team's tables that the columns read. */
  readonly tables: readonly Table[];
}

const MOST_COLUMNS = 500;

/** @throws {Failure} `usage` naming the first column that does not exist or cannot be computed */
export function outputColumns(catalogue: Catalogue, own: OwnColumns, names: readonly string[]): OutputColumns {
  if (names.length === 0) throw new Failure('usage', 'An export needs at least one column.');
  if (names.length > MOST_COLUMNS) throw new Failure('usage', `An export has at most ${MOST_COLUMNS} columns.`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Failure('usage', `The column ${JSON.stringify(twice)} is named twice.`);
  const joins = new Map<string, RelationJoin>();
  const list = names.map((name): OutputColumn => {
    const type = Object.hasOwn(own, name) ? own[name] : undefined;
    if (type !== undefined) return { name, type, value: ident('r', name) };
    const field = contactField(catalogue, name);
    if (field) return { name, field, ...declaredType(field), ...fieldColumn(catalogue, field) };
    const parts = relationParts(catalogue, name);
    if (!parts) throw unknownColumn(catalogue, own, name);
    return { name, ...relationColumn(catalogue, parts, joins) };
  });
  const readsContacts = list.some((column) => !Object.hasOwn(own, column.name));
  const owners = list.flatMap(({ field }) => (field && field.owner !== CONTACT ? [field.owner] : []));
  const related = [...joins.keys(), ...owners].flatMap((relation) =>
    relationPath(catalogue, relation).map((hop) => hop.table),
  );
  return {
    list: list.map((column) => ({ ...column, value: atPresent(column.value) })),
    readsContacts,
    joins: [...joins.values()].map((relation) => atPresent(relation.join())),
    tables: readsContacts ? [catalogue.contacts.table, ...related] : [],
  };
}

/**
 * Which rows count may depend on time. Who may only read may not ask segmentd's clock, and `now()` is one instant in a statement: the same or
 * just ahead.
 */
function atPresent(part: Fragment): Fragment {
  return fill(part, 'now', sql`now()`);
}

/** `contacts.x` reaches a field that a column of the membership hides; `company.x` is one of the row that the contact refers to. */
function contactField(catalogue: Catalogue, name: string): Field | undefined {
  const fields = fieldsOfScope(catalogue);
  return fields.get(name) ?? (name.startsWith('contacts.') ? fields.get(name.slice('contacts.'.length)) : undefined);
}

/** A format that must know the precision beforehand can write only decimals of a declared precision exactly. */
function declaredType(field: Field): Pick<OutputColumn, 'sqlType'> {
  return field.path === undefined && !field.array ? { sqlType: field.sqlType } : {};
}

function fieldColumn(catalogue: Catalogue, field: Field): { readonly type: ScalarType; readonly value: Fragment } {
  const scope = columnScope(catalogue);
  if (!field.array) return fieldScalar(scope, field);
  if (field.split !== undefined)
    return { type: 'jsonb', value: sql`to_jsonb(${arrayValue(scope, field).scalar.value})` };
  if (field.path === undefined) return { type: 'jsonb', value: sql`to_jsonb(${scope.column(field)})` };
  return fieldScalar(scope, { ...field, family: 'json', array: false });
}

/** `orders.sum:total` in its parts; undefined when the name has another form or no relation has this name. */
function relationParts(catalogue: Catalogue, name: string): RelationColumnName | undefined {
  const match = /^(.+)\.(count|(sum|avg|min|max|first|last):(.+))$/.exec(name);
  const relation = match ? catalogue.relations.get(match[1] ?? '') : undefined;
  if (!match || !relation || relation.valuesOnly) return undefined;
  const [, , , aggregate, of = ''] = match;
  const known = AGGREGATES.find((one) => one === aggregate);
  return { name, relation, aggregate: known ?? 'count', of };
}

/** What to write in place of `orders.status`, or of any other name that begins with a relation's. */
function instead(relation: Relation, of: string): string {
  const column = columnInstead(relation, of);
  if (column !== undefined)
    return `: a column of a relation is an aggregate of its rows, also where a contact has one row; ${column}.`;
  const others = AGGREGATES.map((one) => `${relation.name}.${one}:FIELD`).join(', ');
  return `; of the relation take ${relation.name}.count, ${others}.`;
}

function unknownColumn(catalogue: Catalogue, own: OwnColumns, name: string): Failure {
  const [head = '', of = ''] = name.split(/\.(?=[^.]*$)/);
  const relation = catalogue.relations.get(head) ?? catalogue.relations.get(name);
  if (relation && !relation.valuesOnly)
    return new Failure('usage', `${JSON.stringify(name)} is no column${instead(relation, of)}`);
  const hint = didYouMean(name, [
    ...Object.keys(own),
    ...catalogue.contacts.fields.keys(),
    ...[...catalogue.relations.values()].flatMap(({ name: relation, fields, valuesOnly }) =>
      valuesOnly ? [...fields.keys()].map((field) => `${relation}.${field}`) : [`${relation}.count`],
    ),
  ]);
  return new Failure('usage', `There is no column ${JSON.stringify(name)}${hint === undefined ? '.' : `: ${hint}`}`);
}
