/**
 * Where a predicate is read: which row aliases are in scope, whose key the contact has, and how the statement around it
 * wants related rows and repeated work (a subquery each, or aggregates shared by all segments). A predicate asks its
 * scope and never writes an alias of its own.
 */
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import type { AggregateOperand, Condition, ConditionOf, PickOperand, OverrideKind } from '../condition/ast.ts';
import type { Fragment } from './fragment.ts';
import type { LeafSql } from './leaf.ts';
import type { Scalar } from './scalar-type.ts';

/** How a statement reads the rows of a relation. */
export interface Related {
  some(scope: SqlScope, relation: string, where: Condition): LeafSql;
  aggregate(scope: SqlScope, operand: AggregateOperand): Scalar;
  pick(scope: SqlScope, operand: PickOperand): Scalar;
  /** How rows of another relation are read inside these rows. @param key the key of the contact, as a column of these rows; asked when it is read */
  inside(key: () => Fragment): Related;
  /** Of a row: it is among the newest or the oldest of its contact's rows. */
  among(leaf: ConditionOf<'among'>): LeafSql;
}

export interface SqlScope {
  readonly catalogue: Catalogue;
  /** IANA zone of the segment. */
  readonly timezone: string;
  /** The bare column of a field, through the alias of its owner; of a field of a row around, through the scope around. */
  column(field: Field): Fragment;
  /** An expression over one plain column that several leaves may need: the statement may compute it once a row. */
  once(expression: Fragment): Fragment;
  /** An expression over parameters only: the statement may compute it once. */
  readonly constant: (expression: Fragment) => Fragment;
  /** A finished leaf: the statement may compute equal ones once. */
  leaf(predicate: Fragment): Fragment;
  readonly related: Related;
  /** The contact is a member of the segment with that key. */
  member(key: string): LeafSql;
  /** The past of the contact's membership of a segment is as the leaf says. */
  past(leaf: ConditionOf<'past'>): LeafSql;
  /** The contact has an override of that kind in the segment with that id. */
  override(segment: number, kind: OverrideKind): LeafSql;
}
