/**
 * Work shared by all segments of one statement: each relation is read once a contact, with filtered aggregates; equal
 * aggregates, equal expressions of a row (jsonb paths, folded text) and, where it pays, equal leaves are computed once.
 * The statement puts the levels of rows (layer.ts) together.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import { insideRows } from './correlated.ts';
import { ident, identity, sql, type Fragment } from './fragment.ts';
import { Columns, Layer } from './layer.ts';
import { layerScope } from './layer-scope.ts';
import type { LeafSql } from './leaf.ts';
import { aggregateCalls, aggregateScalar, countCall, filtered, pickParts, type Call } from './relation.ts';
import { keptDepth, operandDepth, rowsOf, someDepth, type Rows, type RowScope } from './relation-rows.ts';
import { NESTED } from './row-alone.ts';
import type { Related, SqlScope } from './scope.ts';

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

/** An aggregate over the rows that pass `filter`; `wrap` is what is made of it. */
export interface Aggregate extends Call {
  readonly wrap?: (of: Fragment) => Fragment;
}

function aggregateText({ wrap, ...call }: Aggregate): Fragment {
  const of = filtered(call);
  return wrap ? wrap(of) : of;
}

/** What rows use that are read apart from the contact's row, all contacts at once. */
export interface Apart {
  /** An expression over parameters only, where those that the contacts compute are out of sight. */
  readonly constant: SqlScope['constant'];
}

/** The aggregates of one relation, and the level of rows under them. */
export class RelationLayer {
  readonly rows: Rows;
  readonly layer: Layer;
  readonly leaves: Leaves;
  readonly #index: number;
  readonly #chunks: Columns[] = [];
  readonly #aggregates = new Map<string, Aggregate>();
  readonly #apart: Apart | undefined;

  /** @param apart of rows that are read out of sight of the contact's row */
  constructor(rows: Rows, index: number, sharing: Sharing, apart?: Apart) {
    this.rows = rows;
    this.#apart = apart;
    this.#index = index;
    this.layer = new Layer(`t${index}`, sharing.shares);
    this.leaves = new Leaves(`t${index}`, sharing);
  }

  /** Scope of its rows. */
  scope(outer: SqlScope): RowScope {
    const constant = this.#apart?.constant ?? outer.constant;
    const apart = this.#apart !== undefined;
    const scope = layerScope({ ...outer, constant }, this.rows, this.layer, { apart });
    return { ...scope, leaf: (leaf) => this.leaves.share(leaf) };
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
    inside: insideRows,
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
