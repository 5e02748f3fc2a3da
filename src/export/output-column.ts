/**
 * What a file's columns are: of the membership itself (`contact_id`, `entered_at`, in a delta `change`, `at`, …), fields of
 * the contacts by their names in conditions, and aggregates of relations (`orders.count`, `orders.sum:total`). Each
 * becomes SQL by the compiler that conditions use, so that a column means what the condition means by it.
 */
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import { relationPath, type Catalogue, type Field, type Table } from '../catalogue/catalogue.ts';
import { ident, join, sql, type Fragment } from '../compile/fragment.ts';
import { aggregateCalls, aggregateScalar, countCall, filtered, pickParts } from '../compile/relation.ts';
import { NESTED, rowsOf, rowScope, type Rows, type RowScope } from '../compile/rows.ts';
import { fieldScalar, type Scalar, type ScalarType } from '../compile/scalar.ts';
import type { SqlScope } from '../compile/scope.ts';
import type { AggregateOperand, FieldAggregateOperand, Condition } from '../condition/ast.ts';

export interface OutputColumn {
  /** As it was asked for; the header's text. */
  readonly name: string;
  readonly type: ScalarType;
  /** Of declared decimals, as `format_type` prints it. */
  readonly sqlType?: string;
  /** In sight of `r` (the members), `c` (the contact, all NULL when there is none any more) and the joins. */
  readonly value: Fragment;
}

export interface OutputColumns {
  readonly list: readonly OutputColumn[];
  /** Needs the team's tables at all. */
  readonly contacts: boolean;
  /** LATERAL joins, one a relation. */
  readonly joins: readonly Fragment[];
}

/** A column that the rows themselves carry, as `r.name`. */
export type OwnColumns = Readonly<Record<string, ScalarType>>;

const MOST_COLUMNS = 500;
const EVERY_ROW: Condition = { kind: 'constant', value: true };
const AGGREGATES = ['sum', 'avg', 'min', 'max', 'first', 'last'] as const;

/** @throws {Failure} `usage` naming the first column that cannot be had */
export function outputColumns(catalogue: Catalogue, own: OwnColumns, names: readonly string[]): OutputColumns {
  if (names.length === 0) throw new Failure('usage', 'An export needs at least one column.');
  if (names.length > MOST_COLUMNS) throw new Failure('usage', `An export has at most ${MOST_COLUMNS} columns.`);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Failure('usage', `The column ${JSON.stringify(twice)} is named twice.`);
  const relations = new Map<string, RelationJoin>();
  const list = names.map((name): OutputColumn => {
    const type = Object.hasOwn(own, name) ? own[name] : undefined;
    if (type !== undefined) return { name, type, value: ident('r', name) };
    const field = fieldOf(catalogue, name);
    if (field) return { name, ...typed(field), ...ofField(catalogue, field) };
    return relationColumn(catalogue, own, name, relations);
  });
  const contacts = list.some((column) => !Object.hasOwn(own, column.name));
  return { list, contacts, joins: [...relations.values()].map((relation) => relation.join()) };
}

/** The team's tables that columns may read. */
export function tablesOf(catalogue: Catalogue, names: readonly string[]): readonly Table[] {
  const relations = [...catalogue.relations.keys()].filter((relation) =>
    names.some((name) => name.startsWith(`${relation}.`)),
  );
  return [
    catalogue.contacts.table,
    ...relations.flatMap((relation) => relationPath(catalogue, relation).map((hop) => hop.table)),
  ];
}

/** `contacts.x` reaches a field that a column of the membership hides. */
function fieldOf(catalogue: Catalogue, name: string): Field | undefined {
  const { fields } = catalogue.contacts;
  return fields.get(name) ?? (name.startsWith('contacts.') ? fields.get(name.slice('contacts.'.length)) : undefined);
}

/** Only decimals of a declared precision can be written exactly by a format that wants to know it beforehand. */
function typed(field: Field): Pick<OutputColumn, 'sqlType'> {
  return field.path === undefined && !field.array ? { sqlType: field.sqlType } : {};
}

function scopeOf(catalogue: Catalogue): SqlScope {
  return {
    catalogue,
    timezone: catalogue.timezone,
    column: (field) => ident('c', field.column),
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: NESTED,
    member: () => {
      throw new Error('no column asks for a segment');
    },
    override: () => {
      throw new Error('no column asks what was decided by hand');
    },
  };
}

function ofField(catalogue: Catalogue, field: Field): { readonly type: ScalarType; readonly value: Fragment } {
  const scope = scopeOf(catalogue);
  if (!field.array) return fieldScalar(scope, field);
  const column = scope.column(field);
  const { path } = field;
  if (path === undefined) return { type: 'jsonb', value: sql`to_jsonb(${column})` };
  return fieldScalar(scope, { ...field, family: 'json', array: false });
}

function relationColumn(
  catalogue: Catalogue,
  own: OwnColumns,
  name: string,
  relations: Map<string, RelationJoin>,
): OutputColumn {
  const match = /^(.+)\.(count|(sum|avg|min|max|first|last):(.+))$/.exec(name);
  const relation = match ? catalogue.relations.get(match[1] ?? '') : undefined;
  if (!match || !relation) throw unknownColumn(catalogue, own, name);
  const join = relations.get(relation.name) ?? new RelationJoin(catalogue, relation.name, relations.size);
  relations.set(relation.name, join);
  const [, , , what, of = ''] = match;
  if (what === undefined)
    return {
      name,
      ...join.aggregate({ kind: 'aggregate', function: 'count', relation: relation.name, where: EVERY_ROW }),
    };
  const field = relation.fields.get(of);
  if (!field) {
    const hint = didYouMean(of, relation.fields.keys());
    throw new Failure(
      'usage',
      `The relation ${relation.name} has no field ${JSON.stringify(of)}${hint === undefined ? '.' : `: ${hint}`}`,
    );
  }
  const numbers = what === 'sum' || what === 'avg';
  if (
    field.array ||
    (numbers ? field.family !== 'number' : !ORDERED.has(field.family) && !(isPick(what) && PICKED.has(field.family)))
  ) {
    throw new Failure(
      'usage',
      `${name} cannot be computed: ${of} is ${field.array ? 'an array' : `of type ${field.family}`}.`,
    );
  }
  if (!isPick(what))
    return {
      name,
      ...join.aggregate({
        kind: 'aggregate',
        function: what as FieldAggregateOperand['function'],
        relation: relation.name,
        field,
        where: EVERY_ROW,
      }),
    };
  const time = relation.time === undefined ? undefined : relation.fields.get(relation.time);
  if (!time)
    throw new Failure(
      'usage',
      `${name} needs an order, but the relation ${relation.name} has no time column; set \`time\` under \`relations.${relation.name}\` in the config.`,
    );
  return { name, ...join.pick(what, field, time) };
}

const ORDERED: ReadonlySet<string> = new Set(['number', 'date', 'instant']);
const PICKED: ReadonlySet<string> = new Set(['text', 'boolean', 'uuid']);

function isPick(what: string): what is 'first' | 'last' {
  return what === 'first' || what === 'last';
}

/** The aggregates of one relation over the rows of one contact: one LATERAL for all of them. */
class RelationJoin {
  readonly #relation: string;
  readonly #alias: string;
  readonly #scope: RowScope;
  readonly #rows: Rows;
  readonly #calls: Fragment[] = [];

  constructor(catalogue: Catalogue, relation: string, index: number) {
    this.#relation = relation;
    this.#alias = `a${index}`;
    this.#rows = rowsOf(catalogue, relation, 0);
    this.#scope = rowScope(scopeOf(catalogue), this.#rows);
  }

  aggregate(operand: AggregateOperand): Pick<Scalar, 'type' | 'value'> {
    const calls =
      operand.function === 'count'
        ? { type: 'integer' as const, value: countCall(this.#scope, operand.where) }
        : aggregateCalls(this.#scope, operand);
    const { type, value, over } = aggregateScalar(operand, calls, (call) => this.#column(filtered(call)));
    return over === undefined ? { type, value } : { type: 'numeric', value: sql`(${value} / nullif(${over}, 0))` };
  }

  pick(which: 'first' | 'last', field: Field, time: Field): Pick<Scalar, 'type' | 'value'> {
    const { type, value, filter, order } = pickParts(this.#scope, {
      kind: 'pick',
      which,
      relation: this.#relation,
      field,
      time,
      where: EVERY_ROW,
    });
    return {
      type,
      value: this.#column(sql`(${filtered({ call: sql`array_agg(${value} order by ${order})`, filter })})[1]`),
    };
  }

  #column(call: Fragment): Fragment {
    return ident(this.#alias, `v${this.#calls.push(call) - 1}`);
  }

  join(): Fragment {
    const definitions = this.#calls.map((call, index) => sql`${call} as ${ident(`v${index}`)}`);
    return sql` cross join lateral (select ${join(definitions, sql`, `)} ${this.#rows.of({ filter: (contact) => [sql`${contact} = r.contact_id`] })}) as ${ident(this.#alias)}`;
  }
}

function unknownColumn(catalogue: Catalogue, own: OwnColumns, name: string): Failure {
  const names = [
    ...Object.keys(own),
    ...catalogue.contacts.fields.keys(),
    ...[...catalogue.relations.keys()].map((relation) => `${relation}.count`),
  ];
  const relation = catalogue.relations.get(name.split(/\.(?=[^.]*$)/)[0] ?? '') ?? catalogue.relations.get(name);
  if (relation) {
    const others = AGGREGATES.map((one) => `${relation.name}.${one}:FIELD`).join(', ');
    return new Failure(
      'usage',
      `${JSON.stringify(name)} is no column; of the relation take ${relation.name}.count, ${others}.`,
    );
  }
  const hint = didYouMean(name, names);
  return new Failure('usage', `There is no column ${JSON.stringify(name)}${hint === undefined ? '.' : `: ${hint}`}`);
}
