/**
 * Work shared by all segments of one statement: each relation is read once a contact, with filtered aggregates; equal
 * aggregates, equal expressions of a row (jsonb paths, folded text) and, where it pays, equal leaves are computed once.
 * `Layer` collects what one level of rows must provide and names it; the statement puts the levels together.
 */
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import type { Condition, ConditionOf } from '../condition/ast.ts';
import { limitOf } from '../condition/shape.ts';
import { ident, identity, integer, join, sql, type Fragment } from './fragment.ts';
import { all, type LeafSql } from './leaf.ts';
import { aggregateCalls, aggregateScalar, countCall, filtered, limitOrder, pickParts, type Call } from './relation.ts';
import {
  keptDepth,
  NESTED,
  operandDepth,
  rowScope,
  rowsOf,
  someDepth,
  whereOf,
  type Rows,
  type RowScope,
} from './relation-rows.ts';
import { typeOf } from './scalar.ts';
import type { Related, SqlScope } from './scope.ts';

/** A row of Postgres has at most 1,664 columns; leave room for what the statement adds. */
const MOST_COLUMNS = 1_500;

/** Equal leaves seen so often are worth a column. */
const WORTH_SHARING = 3;

/** How often each leaf of a level is asked for: the first of the two passes over all segments. */
export class Tally {
  readonly #seen = new Map<string, number>();

  /** Evaluations of leaves that sharing saves, if every leaf that is asked for is evaluated. */
  get spared(): number {
    return [...this.#seen.values()].reduce((sum, seen) => sum + (seen >= WORTH_SHARING ? seen - 1 : 0), 0);
  }

  add(leaf: Fragment): void {
    const key = identity(leaf);
    this.#seen.set(key, (this.#seen.get(key) ?? 0) + 1);
  }

  repeated(leaf: Fragment): boolean {
    return (this.#seen.get(identity(leaf)) ?? 0) >= WORTH_SHARING;
  }
}

/** One pass over the segments: whether work is shared at all, and whether this pass only counts. */
export interface Sharing {
  readonly shares: boolean;
  readonly tally: Tally;
  readonly counting: boolean;
}

export const nothingShared: Sharing = { shares: false, tally: new Tally(), counting: false };

/** Named expressions: equal ones share a name. */
export class Columns {
  readonly #prefix: string;
  readonly #alias: string;
  readonly #names = new Map<string, string>();
  readonly list: { readonly name: string; readonly expression: Fragment }[] = [];

  constructor(alias: string, prefix: string) {
    this.#alias = alias;
    this.#prefix = prefix;
  }

  /** A reference to the column, made if there is room; `undefined` when there is none. */
  reference(expression: Fragment): Fragment | undefined {
    const key = identity(expression);
    let name = this.#names.get(key);
    if (name === undefined) {
      if (this.list.length >= MOST_COLUMNS) return undefined;
      name = `${this.#prefix}${this.list.length}`;
      this.#names.set(key, name);
      this.list.push({ name, expression });
    }
    return ident(this.#alias, name);
  }

  get definitions(): Fragment[] {
    return this.list.map(({ name, expression }) => sql`${expression} as ${ident(name)}`);
  }

  get references(): Fragment[] {
    return this.list.map(({ name }) => ident(this.#alias, name));
  }
}

/** Leaves of one level of rows, computed once where they repeat. */
export class Leaves {
  readonly #columns: Columns;
  readonly #sharing: Sharing;

  constructor(alias: string, sharing: Sharing) {
    this.#columns = new Columns(alias, 'p');
    this.#sharing = sharing;
  }

  share(leaf: Fragment): Fragment {
    const { shares, tally, counting } = this.#sharing;
    if (!shares) return leaf;
    if (counting) {
      tally.add(leaf);
      return leaf;
    }
    return (tally.repeated(leaf) ? this.#columns.reference(leaf) : undefined) ?? leaf;
  }

  get columns(): Columns {
    return this.#columns;
  }
}

/**
 * One level of rows under an alias: raw columns `f`, then expressions computed once `o`, then leaves. Each is a select
 * over the one before; `offset 0` keeps Postgres from pulling it up and computing its expressions at every use.
 */
export class Layer {
  readonly alias: Fragment;
  readonly #raw: Columns;
  readonly #once: Columns;
  readonly #name: string;
  /** Windows over the rows; those of a level read the levels before. */
  readonly #windows: Columns[] = [];
  readonly #shares: boolean;

  /** Without `shares` nothing is computed once, and Postgres may merge the level into the statement around it. */
  constructor(alias: string, shares: boolean) {
    this.alias = ident(alias);
    this.#name = alias;
    this.#shares = shares;
    this.#raw = new Columns(alias, 'f');
    this.#once = new Columns(alias, 'o');
  }

  raw(expression: Fragment): Fragment {
    const reference = this.#raw.reference(expression);
    if (reference === undefined) throw new Error('more columns than a row of Postgres can have');
    return reference;
  }

  once(expression: Fragment): Fragment {
    return (this.#shares ? this.#once.reference(expression) : undefined) ?? expression;
  }

  /** A window function over the rows. @param level above those of the windows that it reads */
  window(level: number, expression: Fragment): Fragment {
    while (this.#windows.length <= level) this.#windows.push(new Columns(this.#name, `w${this.#windows.length}_`));
    const reference = this.#windows[level]?.reference(expression);
    if (reference === undefined) throw new Error('more columns than a row of Postgres can have');
    return reference;
  }

  /**
   * A field's column. A stored numeric has a short header, which every comparison would unpack anew into a copy: a third
   * of its cost. Unary plus unpacks it once.
   */
  field(field: Field, column: Fragment): Fragment {
    const raw = this.raw(column);
    return this.#shares &&
      typeOf(field) === 'numeric' &&
      !field.array &&
      field.path === undefined &&
      field.reading === undefined
      ? this.once(sql`+${raw}`)
      : raw;
  }

  /** The rows as a subquery under the alias. `source` is FROM and WHERE in terms of the raw expressions. */
  from(source: Fragment, leaves?: Leaves): Fragment {
    let columns: Fragment[] = this.#raw.references;
    let rows = sql`(select ${join(this.#raw.definitions, sql`, `)} ${source}) as ${this.alias}`;
    for (const level of [this.#once, ...this.#windows, ...(leaves ? [leaves.columns] : [])]) {
      if (level.list.length === 0) continue;
      rows = sql`(select ${join([...columns, ...level.definitions], sql`, `)} from ${rows} offset 0) as ${this.alias}`;
      columns = [...columns, ...level.references];
    }
    return rows;
  }
}

/** An aggregate over the rows that pass `filter`; `wrap` is what is made of it. */
export interface Aggregate extends Call {
  readonly wrap?: (of: Fragment) => Fragment;
}

function aggregateText({ wrap, ...call }: Aggregate): Fragment {
  const of = filtered(call);
  return wrap ? wrap(of) : of;
}

/** The aggregates of one relation, and the level of rows under them. */
export class RelationLayer {
  readonly rows: Rows;
  readonly layer: Layer;
  readonly leaves: Leaves;
  readonly #index: number;
  readonly #chunks: Columns[] = [];
  readonly #aggregates = new Map<string, Aggregate>();
  readonly #constant: SqlScope['constant'] | undefined;

  /** `constant` for rows from where the contacts' constants are out of sight. */
  constructor(rows: Rows, index: number, sharing: Sharing, constant?: SqlScope['constant']) {
    this.rows = rows;
    this.#constant = constant;
    this.#index = index;
    this.layer = new Layer(`t${index}`, sharing.shares);
    this.leaves = new Leaves(`t${index}`, sharing);
  }

  /** Scope of its rows. */
  scope(outer: SqlScope): RowScope {
    const constant = this.#constant ?? outer.constant;
    const plain = rowScope({ ...outer, constant }, this.rows, (column) => this.layer.raw(column));
    const scope: RowScope = {
      ...plain,
      column: (field: Field) => this.layer.field(field, plain.column(field)),
      once: (expression) => this.layer.once(expression),
      leaf: (leaf) => this.leaves.share(leaf),
      related: { ...plain.related, among: (limit) => this.#among(scope, limit) },
    };
    return scope;
  }

  /**
   * One pass over the contact's rows numbers those that match: equal numbers for the ways of one row, so that it counts once. Rows that do
   * not match are numbered apart.
   */
  #among(scope: RowScope, limit: ConditionOf<'among'>): LeafSql {
    // Leaves that are shared stand in a level above.
    const under: RowScope = { ...scope, leaf: (leaf) => leaf };
    const matches = whereOf(under, limit.where);
    const parts = [this.layer.raw(this.rows.contact), ...(matches.length === 0 ? [] : [sql`${all(matches)} is true`])];
    const order = limitOrder(under, limit);
    const number = sql`dense_rank() over (partition by ${join(parts, sql`, `)} order by ${order})`;
    const rank = this.layer.window(limitsWithin(limit.where), number);
    return { positive: sql`${rank} <= ${integer(limit.count)}`, negative: sql`${rank} > ${integer(limit.count)}` };
  }

  /** A reference to an aggregate over the contact's rows. */
  aggregate(aggregate: Aggregate): Fragment {
    const text = aggregateText(aggregate);
    this.#aggregates.set(identity(text), aggregate);
    for (const chunk of this.#chunks) {
      const reference = chunk.reference(text);
      if (reference !== undefined) return reference;
    }
    const chunk = new Columns(`a${this.#index}_${this.#chunks.length}`, 's');
    this.#chunks.push(chunk);
    return this.aggregate(aggregate);
  }

  /** What all aggregates ask of a row. */
  get common(): readonly Fragment[] {
    const [first, ...others] = [...this.#aggregates.values()].map(
      ({ filter }) => new Map(filter.map((part) => [identity(part), part])),
    );
    return [...(first ?? [])].filter(([key]) => others.every((other) => other.has(key))).map(([, part]) => part);
  }

  /** One select of aggregates a chunk, each with its alias; `common` is left to WHERE. */
  get chunks(): readonly { readonly alias: Fragment; readonly definitions: readonly Fragment[] }[] {
    const common = new Set(this.common.map(identity));
    return this.#chunks.map((chunk, index) => ({
      alias: ident(`a${this.#index}_${index}`),
      definitions: chunk.list.map(({ name, expression }) => {
        const aggregate = this.#aggregates.get(identity(expression));
        if (aggregate === undefined) throw new Error('an aggregate is registered with its column');
        const rest = aggregate.filter.filter((part) => !common.has(identity(part)));
        return sql`${aggregateText({ ...aggregate, filter: rest })} as ${ident(name)}`;
      }),
    }));
  }
}

/** How many limits stand inside one another. */
function limitsWithin(where: Condition): number {
  const { limit } = limitOf(where);
  return limit ? 1 + limitsWithin(limit.where) : 0;
}

/** The rows of a relation with at least so many of the rows in between. */
export type LayerOf = (relation: string, least: number) => RelationLayer;

/**
 * Related rows as shared aggregates. `zero` turns a count's reference into 0 where the statement's join finds no rows.
 * Positive and negative of `some` are both a comparison of the count.
 */
export function aggregated(layerOf: LayerOf, zero: (count: Fragment) => Fragment): Related {
  const count = (layer: RelationLayer, scope: SqlScope, where: Condition): Fragment =>
    zero(layer.aggregate(countCall(layer.scope(scope), where)));
  return {
    ...NESTED,
    some(scope, relation, where): LeafSql {
      const rows = count(layerOf(relation, someDepth(scope.catalogue, relation, where)), scope, where);
      return { positive: sql`${rows} > 0`, negative: sql`${rows} = 0` };
    },
    aggregate(scope, operand) {
      const layer = layerOf(operand.relation, operandDepth(scope.catalogue, operand));
      if (operand.function === 'count')
        return { type: 'integer', value: count(layer, scope, operand.where), nullable: false, computed: true };
      const calls = aggregateCalls(layer.scope(scope), operand);
      return aggregateScalar(operand, calls, (call) => layer.aggregate(call));
    },
    pick(scope, operand) {
      const layer = layerOf(operand.relation, operandDepth(scope.catalogue, operand));
      const { type, value, citext, filter, order } = pickParts(layer.scope(scope), operand);
      const first = layer.aggregate({
        call: sql`array_agg(${value} order by ${order})`,
        filter,
        wrap: (of) => sql`(${of})[1]`,
      });
      return { type, value: first, nullable: true, computed: true, ...(citext ? { citext } : {}) };
    },
  };
}

/** A relation's layers, made when they are first asked for. */
export class RelationLayers {
  readonly #catalogue: Catalogue;
  readonly #layers = new Map<string, RelationLayer>();
  readonly #make: (rows: Rows, index: number) => RelationLayer;

  constructor(catalogue: Catalogue, make: (rows: Rows, index: number) => RelationLayer) {
    this.#catalogue = catalogue;
    this.#make = make;
  }

  get(relation: string, least: number): RelationLayer {
    const depth = keptDepth(this.#catalogue, relation, least);
    const name = `${depth} ${relation}`;
    const layer = this.#layers.get(name) ?? this.#make(rowsOf(this.#catalogue, relation, depth), this.#layers.size);
    this.#layers.set(name, layer);
    return layer;
  }

  get all(): readonly RelationLayer[] {
    return [...this.#layers.values()];
  }
}
