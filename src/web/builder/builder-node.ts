/**
 * The builder's tree: what a person edits. A row is a call of an operator of the language, with the arguments that the operator
 * table lists, or raw JSON that has no form. Types only. Invariant: `builderJson(builderTree(json))` equals `json` for every JSON.
 */
import type { LimitName } from '../../condition/ast.ts';
import type { ConditionName, ValueName } from '../../condition/operator.ts';

/** Names a row for as long as the tree is edited; it is no part of the JSON. */
export type RowId = number;

/** `{"!": [C]}` around a row, or `{"!": C}` as JsonLogic also allows. */
export type Negation = 'none' | 'list' | 'bare';

/** A row with a form. `bare`: its single argument stands without a list, as in `{"!!": C}`. */
export interface CallRow {
  readonly kind: 'call';
  readonly id: RowId;
  readonly name: ConditionName;
  readonly negation: Negation;
  readonly bare: boolean;
  readonly arguments: readonly Argument[];
}

/** A field that stands alone as a condition: `{"var": "vip"}`. */
export interface FieldRow {
  readonly kind: 'field';
  readonly id: RowId;
  readonly negation: Negation;
  readonly value: FieldArgument;
}

/** What has no form: kept as it is, shown in words and JSON, movable and deletable. */
export interface RawRow {
  readonly kind: 'raw';
  readonly id: RowId;
  readonly json: unknown;
}

export type Row = CallRow | FieldRow | RawRow;

export interface RowArgument {
  readonly kind: 'row';
  readonly row: Row;
}

/** `{"var": "name"}`; `bare` is false for `{"var": ["name"]}`. Names a field, or a relation. */
export interface FieldArgument {
  readonly kind: 'field';
  readonly name: string;
  readonly bare: boolean;
}

/** So many rows by time. `of`: of the rows that satisfy the condition, or of all, which are then asked for it. */
export interface RowLimit {
  readonly name: LimitName;
  readonly count: unknown;
  readonly of: 'matching' | 'all';
}

/** A relation's rows: all of them, or those that satisfy `where`. */
export interface RowsArgument {
  readonly kind: 'rows';
  readonly relation: FieldArgument;
  readonly where: Row | undefined;
  readonly limit?: RowLimit | undefined;
}

/** A field of a relation's rows, or what is computed of their fields. */
export interface MappedArgument {
  readonly kind: 'mapped';
  readonly rows: RowsArgument;
  readonly field: FieldArgument | ValueArgument;
}

/** A value that an operator makes: `{"age": [{"var": "birth_date"}]}`. */
export interface ValueArgument {
  readonly kind: 'value';
  readonly name: ValueName;
  readonly bare: boolean;
  readonly arguments: readonly Argument[];
}

/** Fixed JSON: a literal, a list of literals, a number, a unit, the key of a segment. */
export interface ConstantArgument {
  readonly kind: 'constant';
  readonly json: unknown;
}

export type Argument = RowArgument | FieldArgument | RowsArgument | MappedArgument | ValueArgument | ConstantArgument;
export type ArgumentKind = Argument['kind'];
