/**
 * The typed condition: what `check` makes of a user's JsonLogic and all that the compiler, the evaluator, the edges and
 * the English description read. Every leaf is two-valued: a missing value makes it false, `not` is the exact complement.
 * Sugar is gone: between is two compares, `all` is `some` and not `some` not, `none` is not `some`, `!!` and `if` are groups.
 */
import type { Field } from '../catalogue/catalogue.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type OverrideKind = 'member' | 'include' | 'exclude';
export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';

/** A checked value in canonical text. Numbers are exact decimals, dates `YYYY-MM-DD`, instants ISO 8601 with µs and `Z`. */
export interface Literal {
  readonly kind: 'literal';
  readonly family: 'text' | 'number' | 'boolean' | 'date' | 'instant' | 'uuid';
  readonly value: string;
}

export interface FieldOperand {
  readonly kind: 'field';
  readonly field: Field;
}

/**
 * `count`, `sum`, `avg`, `min_of`, `max_of` over the matching rows of a relation, each once however many ways lead to it. A
 * row matches when `where` holds by one of its ways. `field` is absent for count only.
 */
export interface AggregateOperand {
  readonly kind: 'aggregate';
  readonly function: 'count' | 'sum' | 'avg' | 'min' | 'max';
  readonly relation: string;
  readonly field?: Field;
  readonly where: Condition;
}

/**
 * `first` / `last`: value of `field` on the earliest / latest matching row by `time`, missing when that row has none. Rows
 * without a time come last. Rows at the same time: the least value for `first`, the greatest for `last` (text by code
 * point), a missing value last.
 */
export interface PickOperand {
  readonly kind: 'pick';
  readonly which: 'first' | 'last';
  readonly relation: string;
  readonly field: Field;
  readonly time: Field;
  readonly where: Condition;
}

/** Whole years lived today / ISO weekday 1–7 of the value's local day / month 1–12 of the value. */
export interface DerivedOperand {
  readonly kind: 'age' | 'weekday' | 'anniversary_month';
  readonly field: Field;
}

export type Operand = FieldOperand | AggregateOperand | PickOperand | DerivedOperand;

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'and' | 'or'; readonly children: readonly Condition[] }
  | { readonly kind: 'not'; readonly child: Condition }
  | {
      readonly kind: 'compare';
      readonly operator: Comparison;
      readonly left: Operand;
      readonly right: Literal | Operand;
    }
  /** An instant operand against a date literal: the local day of the value in the segment's zone. */
  | { readonly kind: 'compare_day'; readonly operator: Comparison; readonly left: Operand; readonly day: string }
  /** True when the operand has no value (`== null`). */
  | { readonly kind: 'missing'; readonly operand: Operand }
  /** `is_empty`: NULL, '', empty array, absent path, jsonb null, [], {}. */
  | { readonly kind: 'empty'; readonly field: Field }
  /** Dates among the values for an instant are local days in the segment's zone. */
  | { readonly kind: 'in'; readonly operand: Operand; readonly values: readonly Literal[] }
  | {
      readonly kind: 'text';
      readonly operator: 'contains' | 'starts_with' | 'ends_with' | 'equals';
      /** Case-insensitive by Unicode folding (`ieq`, `icontains` …). */
      readonly fold: boolean;
      readonly operand: FieldOperand | PickOperand;
      /** Any of them. More than one only for `equals` (`iin`). */
      readonly needles: readonly string[];
    }
  | {
      readonly kind: 'array';
      readonly operator: 'has_any' | 'has_all';
      readonly field: Field;
      readonly values: readonly Literal[];
    }
  /** Rolling windows on a date or instant field; `seconds` is the whole window (day = 86,400 s). */
  | {
      readonly kind: 'window';
      readonly operator: 'in_last' | 'before_last' | 'in_next';
      readonly operand: FieldOperand | AggregateOperand | PickOperand;
      readonly amount: number;
      readonly unit: 'minute' | 'hour' | 'day' | 'week';
      readonly seconds: number;
    }
  | {
      readonly kind: 'period';
      readonly operand: FieldOperand | AggregateOperand | PickOperand;
      readonly unit: Unit;
      readonly offset: number;
    }
  /** An anniversary of the date falls in today … today + days (days 0: `anniversary_today`). */
  | { readonly kind: 'anniversary'; readonly field: Field; readonly days: number }
  /** At least one row of the relation matches. */
  | { readonly kind: 'some'; readonly relation: string; readonly where: Condition }
  | { readonly kind: 'segment'; readonly key: string }
  /** Somebody decided so by hand (table `override`). Not part of the language: plans of segments add it. */
  | { readonly kind: 'override'; readonly override: OverrideKind; readonly segment: number };

/** A checked condition with all that its meaning depends on. */
export interface CheckedCondition {
  readonly condition: Condition;
  /** IANA zone in which calendar operators and date literals are read. */
  readonly timezone: string;
}
