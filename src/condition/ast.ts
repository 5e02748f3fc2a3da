/**
 * The typed condition: what `check` makes of a user's JsonLogic, and what the compiler, the evaluator, the edges and the
 * English description read. Every leaf is true or false: a missing value makes a leaf false, `not` is the exact
 * complement. Sugar is removed: between is two compares, `all` is `some` and not `some` not, `none` is not `some`, `!!` and
 * `if` are groups. Types only; what is true of each kind stands in shape.ts, operand.ts and aggregate.ts.
 */
import type { Field } from '../catalogue/catalogue.ts';

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type OverrideKind = 'member' | 'include' | 'exclude';
/** Units of calendar periods. */
export type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';
/** Units of rolling windows of a fixed length. */
export type WindowUnit = 'minute' | 'hour' | 'day' | 'week';
/** Units of rolling windows by the calendar, whose length depends on today. */
export type MonthUnit = 'month' | 'quarter' | 'year';
export type Tense = 'past' | 'future';
export type WindowOperator = 'in_last' | 'before_last' | 'in_next';
/** What `past` asks of the membership of another segment. */
export type PastOperator = 'member_for' | 'entered_in_last' | 'left_in_last';
export type AnniversaryDirection = 'next' | 'last';
/** Units of the periods in which an anniversary may fall. */
export type AnniversaryUnit = 'week' | 'month';
export type TextOperator = 'contains' | 'starts_with' | 'ends_with' | 'equals';
export type ArrayOperator = 'has_any' | 'has_all' | 'has_only';
export type AggregateName = 'count' | 'count_distinct' | 'sum' | 'avg' | 'min' | 'max';
export type PickName = 'first' | 'last';
export type DerivedName = 'age' | 'weekday' | 'anniversary_month';
export type MeasureName = 'length' | 'size';
export type ArithmeticName = '+' | '-' | '*';
export type LimitName = 'newest' | 'oldest';
export type MovedName = 'plus' | 'minus';

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

/** How many rows of the relation match. Each row counts once, however many ways lead to it. */
export interface CountOperand {
  readonly kind: 'aggregate';
  readonly function: 'count';
  readonly relation: string;
  readonly field?: undefined;
  readonly of?: undefined;
  readonly where: Condition;
}

/**
 * Of fields of to-one relations: by their relation, the relation of the row that they belong to. Each of those rows counts once, as for a
 * field of its own.
 */
export type Origins = Readonly<Record<string, string>>;

/** An aggregate over the values of a field of the matching rows. A row matches when `where` holds by one of its ways. */
export interface FieldAggregateOperand {
  readonly kind: 'aggregate';
  readonly function: Exclude<AggregateName, 'count'>;
  readonly relation: string;
  readonly field: Field;
  readonly of?: undefined;
  readonly origins?: Origins;
  readonly where: Condition;
}

/** The same over what is computed of each matching row: `quantity * price`. */
export interface ComputedAggregateOperand {
  readonly kind: 'aggregate';
  readonly function: FieldAggregateOperand['function'];
  readonly relation: string;
  readonly field?: undefined;
  readonly of: ArithmeticOperand;
  readonly origins?: Origins;
  readonly where: Condition;
}

export type AggregateOperand = CountOperand | FieldAggregateOperand | ComputedAggregateOperand;

/**
 * `first` / `last`: value of `field` on the earliest / latest matching row by `time`, missing when that row has none. Rows
 * without a time come last. Of rows at the same time, `first` takes the least value and `last` the greatest (text by
 * code point); a missing value comes last.
 */
export interface PickOperand {
  readonly kind: 'pick';
  readonly which: PickName;
  readonly relation: string;
  readonly field: Field;
  readonly time: Field;
  readonly where: Condition;
}

interface Derived<K extends DerivedName> {
  readonly kind: K;
  readonly field: Field;
}

/** Whole years lived today / ISO weekday 1–7 of the value's local day / month 1–12 of the value. */
export type DerivedOperand = Derived<'age'> | Derived<'weekday'> | Derived<'anniversary_month'>;

interface Measured<K extends MeasureName> {
  readonly kind: K;
  readonly field: Field;
}

/** Characters (code points) of a text / elements of an array, missing ones included. */
export type MeasureOperand = Measured<'length'> | Measured<'size'>;

/**
 * Exact arithmetic over numbers, two terms or more (of `-` two). A missing term makes the result missing, and so does a
 * result that is no number: infinity less infinity, infinity times 0.
 */
export interface ArithmeticOperand {
  readonly kind: 'arithmetic';
  readonly operator: ArithmeticName;
  readonly terms: readonly (Literal | Operand)[];
}

/**
 * The contact's bucket, 0 … of - 1: the first eight hex digits of md5(seed || ':' || key) as an unsigned number, modulo `of`. The key's
 * text is as Postgres writes it. A contact with a new key is a new contact.
 */
export interface BucketOperand {
  readonly kind: 'bucket';
  readonly seed: string;
  readonly of: number;
}

/**
 * An instant moved by a fixed duration. Beyond the range of Postgres' instants (4714 BC to 294276) it is infinite. A `timestamp` without
 * zone is moved as the instant that it is in the catalogue's zone.
 */
export interface MovedOperand {
  readonly kind: 'moved';
  readonly direction: MovedName;
  readonly operand: FieldOperand | AggregateOperand | PickOperand;
  readonly amount: number;
  readonly unit: WindowUnit;
  readonly seconds: number;
}

export type Operand =
  | FieldOperand
  | AggregateOperand
  | PickOperand
  | DerivedOperand
  | MeasureOperand
  | ArithmeticOperand
  | BucketOperand
  | MovedOperand;
export type OperandKind = Operand['kind'];
export type OperandOf<K extends OperandKind> = Extract<Operand, { readonly kind: K }>;

/** Operands whose value can be an instant. */
export type TimeOperand = FieldOperand | AggregateOperand | PickOperand;

interface Group<K extends 'and' | 'or'> {
  readonly kind: K;
  readonly children: readonly Condition[];
}

export type Condition =
  | { readonly kind: 'constant'; readonly value: boolean }
  | Group<'and'>
  | Group<'or'>
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
      readonly operator: TextOperator;
      /** Case-insensitive by Unicode folding (`ieq`, `icontains` …). */
      readonly fold: boolean;
      readonly operand: FieldOperand | PickOperand;
      /** Any of them. */
      readonly needles: readonly string[];
    }
  | {
      readonly kind: 'array';
      readonly operator: ArrayOperator;
      readonly field: Field;
      readonly values: readonly Literal[];
    }
  /** `is_past`: the value is not after now. `is_future`: it is. Infinite values have a tense. */
  | { readonly kind: 'tense'; readonly tense: Tense; readonly operand: TimeOperand }
  /** Rolling windows on a date or instant; `seconds` is the whole window (day = 86,400 s). */
  | {
      readonly kind: 'window';
      readonly operator: WindowOperator;
      readonly operand: TimeOperand;
      readonly amount: number;
      readonly unit: WindowUnit;
      readonly seconds: number;
    }
  /** Rolling windows by the calendar: the value's local day against today moved by `months`, clamped at the month's end. */
  | {
      readonly kind: 'calendar_window';
      readonly operator: WindowOperator;
      readonly operand: TimeOperand;
      readonly amount: number;
      readonly unit: MonthUnit;
      readonly months: number;
    }
  | { readonly kind: 'period'; readonly operand: TimeOperand; readonly unit: Unit; readonly offset: number }
  /** An anniversary of the local date falls in today … today + days, or today - days … today. Today alone is `next` with 0. */
  | {
      readonly kind: 'anniversary';
      readonly field: Field;
      readonly direction: AnniversaryDirection;
      readonly days: number;
    }
  /** An anniversary of the local date falls in the period. */
  | {
      readonly kind: 'anniversary_period';
      readonly field: Field;
      readonly unit: AnniversaryUnit;
      readonly offset: number;
    }
  /**
   * The great-circle distance (haversine, radius 6371.0088 km) from a place to the field's is at most so many kilometres. A missing
   * coordinate, and one that is no place on Earth, makes it false. `center` is its latitude and longitude, in degrees.
   */
  | {
      readonly kind: 'within_km';
      readonly latitude: Field;
      readonly longitude: Field;
      readonly center: readonly [latitude: string, longitude: string];
      readonly km: string;
    }
  /** At least one row of the relation matches. */
  | { readonly kind: 'some'; readonly relation: string; readonly where: Condition }
  /**
   * Of the rows in scope: the row satisfies `where`, and it is among so many newest or oldest of the contact's rows that do, by time, then by
   * key. Rows without a time come last in both. A row counts once, however many ways lead to it. It stands as a conjunct of the filter of
   * the relation's rows and nowhere else.
   */
  | {
      readonly kind: 'among';
      readonly which: LimitName;
      readonly count: number;
      /** The relation whose row it is. */
      readonly owner: string;
      readonly where: Condition;
      readonly time: Field;
      readonly rowKey: readonly Field[];
    }
  /**
   * Of the rows in scope: the row of that relation, in scope itself, is one of those that count (`where` of the relation in the catalogue). The
   * check adds it to the filter of the rows; the language has no word for it.
   */
  | { readonly kind: 'admitted'; readonly relation: string; readonly where: Condition }
  | { readonly kind: 'segment'; readonly key: string }
  /**
   * The past of the membership of another segment: a member without a break for at least `seconds`, or an event of the log
   * in the last `seconds`.
   */
  | {
      readonly kind: 'past';
      readonly operator: PastOperator;
      readonly key: string;
      readonly amount: number;
      readonly unit: WindowUnit;
      readonly seconds: number;
    }
  /** An override of that kind stands for the contact (table `override`). Plans of segments add it; the language has no word. */
  | { readonly kind: 'override'; readonly override: OverrideKind; readonly segment: number };

export type ConditionKind = Condition['kind'];
export type ConditionOf<K extends ConditionKind> = Extract<Condition, { readonly kind: K }>;

/** What stands between groups: everything with an answer of its own. */
export type LeafCondition = Exclude<Condition, { readonly kind: 'and' | 'or' | 'not' | 'admitted' }>;

/** A checked condition with all that its meaning depends on. */
export interface CheckedCondition {
  readonly condition: Condition;
  /** IANA zone in which calendar operators and date literals are read. */
  readonly timezone: string;
}
