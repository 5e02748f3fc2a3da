/**
 * Columns that are aggregates of the rows of one relation. All columns of a relation share one LATERAL join, so the
 * rows of a contact are read once.
 */
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Catalogue, Field, Relation } from '../catalogue/catalogue.ts';
import { ident, join, sql, type Fragment } from '../compile/fragment.ts';
import { aggregateCalls, aggregateScalar, countCall, filtered, pickParts } from '../compile/relation.ts';
import { rowsOf, rowScope, type Rows, type RowScope } from '../compile/relation-rows.ts';
import type { Scalar } from '../compile/scalar-type.ts';
import type { AggregateOperand, PickOperand } from '../condition/ast.ts';
import { admittedRowsOf } from '../condition/check/check-condition.ts';
import { columnScope } from './column-scope.ts';

/** Aggregates that need a field; `count` needs none. */
export const AGGREGATES = ['sum', 'avg', 'min', 'max', 'first', 'last'] as const;

/** `orders.sum:total` in its parts. */
export interface RelationColumnName {
  readonly name: string;
  readonly relation: Relation;
  readonly aggregate: 'count' | (typeof AGGREGATES)[number];
  /** Name of the field; empty for `count`. */
  readonly of: string;
}

const ORDERED: ReadonlySet<string> = new Set(['number', 'date', 'instant']);
const PICKED: ReadonlySet<string> = new Set([...ORDERED, 'text', 'boolean', 'uuid']);

/**
 * @param joins of the relations so far; the column adds its own
 * @throws {Failure} `usage`
 */
export function relationColumn(
  catalogue: Catalogue,
  column: RelationColumnName,
  joins: Map<string, RelationJoin>,
): Pick<Scalar, 'type' | 'value'> & { readonly field?: Field } {
  const { relation, aggregate } = column;
  const join = joins.get(relation.name) ?? new RelationJoin(catalogue, relation.name, joins.size);
  joins.set(relation.name, join);
  const where = admittedRowsOf(catalogue, relation.name);
  if (aggregate === 'count')
    return join.aggregate({ kind: 'aggregate', function: 'count', relation: relation.name, where });
  const field = fieldFor(column);
  if (aggregate === 'first' || aggregate === 'last')
    return { field, ...join.pick({ which: aggregate, field, time: timeOf(column), where }) };
  const operand = { kind: 'aggregate', function: aggregate, relation: relation.name, field, where } as const;
  return aggregate === 'sum' || aggregate === 'avg' ? join.aggregate(operand) : { field, ...join.aggregate(operand) };
}

/** The families of fields that an aggregate can be computed of. */
const COMPUTED_OF = {
  sum: new Set(['number']),
  avg: new Set(['number']),
  min: ORDERED,
  max: ORDERED,
  first: PICKED,
  last: PICKED,
} as const satisfies Record<(typeof AGGREGATES)[number], ReadonlySet<string>>;

/** Whether `orders.AGGREGATE:FIELD` can be a column. */
export function canAggregate(relation: Relation, aggregate: (typeof AGGREGATES)[number], field: Field): boolean {
  if (field.array || !COMPUTED_OF[aggregate].has(field.family)) return false;
  const isPick = aggregate === 'first' || aggregate === 'last';
  return !isPick || (relation.time !== undefined && relation.fields.has(relation.time));
}

function fieldFor({ name, relation, aggregate, of }: RelationColumnName): Field {
  const field = relation.fields.get(of);
  if (!field) {
    const hint = didYouMean(of, relation.fields.keys());
    throw new Failure(
      'usage',
      `The relation ${relation.name} has no field ${JSON.stringify(of)}${hint === undefined ? '.' : `: ${hint}`}`,
    );
  }
  if (field.array || (aggregate !== 'count' && !COMPUTED_OF[aggregate].has(field.family)))
    throw new Failure(
      'usage',
      `${name} cannot be computed: ${of} is ${field.array ? 'an array' : `of type ${field.family}`}.`,
    );
  return field;
}

/** What to write in place of `orders.status`, as the end of a sentence; nothing where no aggregate gives one value of the field. */
export function columnInstead({ name, time, fields }: Relation, of: string): string | undefined {
  const field = fields.get(of);
  if (!field || field.array || !PICKED.has(field.family)) return undefined;
  if (time !== undefined && fields.has(time)) return `write ${name}.first:${of}`;
  return ORDERED.has(field.family)
    ? `write ${name}.max:${of}`
    : `set \`time\` under \`relations.${name}\` in the config, and write ${name}.first:${of}`;
}

/** The field by which the rows of a relation have a first and a last. */
function timeOf({ name, relation }: RelationColumnName): Field {
  const time = relation.time === undefined ? undefined : relation.fields.get(relation.time);
  if (!time)
    throw new Failure(
      'usage',
      `${name} needs an order, but the relation ${relation.name} has no time column; set \`time\` under \`relations.${relation.name}\` in the config.`,
    );
  return time;
}

/** The aggregates of one relation over the rows of one contact, as one LATERAL join. */
export class RelationJoin {
  readonly #relation: string;
  readonly #alias: string;
  readonly #scope: RowScope;
  readonly #rows: Rows;
  readonly #calls: Fragment[] = [];

  constructor(catalogue: Catalogue, relation: string, index: number) {
    this.#relation = relation;
    this.#alias = `a${index}`;
    this.#rows = rowsOf(catalogue, relation, 0);
    this.#scope = rowScope(columnScope(catalogue), this.#rows);
  }

  aggregate(operand: AggregateOperand): Pick<Scalar, 'type' | 'value'> {
    const calls =
      operand.function === 'count'
        ? { type: 'integer' as const, value: countCall(this.#scope, operand.where) }
        : aggregateCalls(this.#scope, operand);
    const { type, value, over } = aggregateScalar(operand, calls, (call) => this.#column(filtered(call)));
    return over === undefined ? { type, value } : { type: 'numeric', value: sql`(${value} / nullif(${over}, 0))` };
  }

  pick(of: Omit<PickOperand, 'kind' | 'relation'>): Pick<Scalar, 'type' | 'value'> {
    const { type, value, filter, order } = pickParts(this.#scope, { kind: 'pick', relation: this.#relation, ...of });
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
