/**
 * Conditions as TypeScript sees them, over the row types that a team has already (`typeof contacts.$inferSelect`). A field,
 * relation or operator that does not exist is an error in the editor. These types help the author and decide nothing: the
 * check at save knows the tables and accepts or refuses. Types only.
 */

/** Row types: each property a field by its name in conditions (`'attributes.plan'` included), its type that of its values. */
export interface Tables {
  readonly contacts: object;
  readonly relations?: object;
}

type Name<Row> = Extract<keyof Row, string>;
type Relations<T extends Tables> = NonNullable<T['relations']>;
type Unit = 'minute' | 'hour' | 'day' | 'week' | 'month' | 'quarter' | 'year';
type Period = 'day' | 'week' | 'month' | 'quarter' | 'year';

interface Var<Field extends string> {
  readonly var: Field;
}

/** What a value may be compared with. Decimals, instants and dates are text, or numbers where they fit. */
type Literal<Value> = Value extends boolean
  ? boolean
  : Value extends number | bigint
    ? number | string
    : Value extends string
      ? string | number
      : Value extends Date
        ? string
        : Value extends readonly (infer Item)[]
          ? Literal<Item>
          : string | number | boolean;

type Each<Operator extends string, Arguments> = {
  readonly [One in Operator]: { readonly [Same in One]: Arguments };
}[Operator];
type Equality = '==' | '===' | '!=' | '!==';
type Order = '<' | '<=' | '>' | '>=';

type Compared<Value, Against> =
  | Each<Equality, readonly [Value, Against | null] | readonly [Against | null, Value]>
  | Each<Order, readonly [Value, Against] | readonly [Against, Value]>
  | Each<'<' | '<=', readonly [Against, Value, Against]>
  | Each<'in', readonly [Value, readonly Against[]]>;

type Timed<Value> =
  | Each<'in_last' | 'before_last' | 'in_next', readonly [Value, number, Unit]>
  | Each<'in_period', readonly [Value, Period, number]>
  | Each<'is_past' | 'is_future', readonly [Value] | Value>;
type OnDate<Field> = Each<'age' | 'weekday' | 'anniversary_month', readonly [Field] | Field>;
type Measured<Field> = Each<'length' | 'size', readonly [Field] | Field>;

/** An instant moved by a fixed duration. */
type Moved<Instant> = Each<'plus' | 'minus', readonly [Instant, number, 'minute' | 'hour' | 'day' | 'week']>;

/** A number in a calculation, and a calculation. */
type Amount<Term> = number | string | Term | Calculated<Term>;
type Calculated<Term> =
  | Each<'+' | '*', readonly [Amount<Term>, Amount<Term>, ...Amount<Term>[]]>
  | Each<'-', readonly [Amount<Term>, Amount<Term>]>;
/** Numbers of one row. */
type RowNumber<Row> = Var<Name<Row>> | OnDate<Var<Name<Row>>> | Measured<Var<Name<Row>>>;
/** Two values of which one at least is no plain field. */
type Between<Value, Other> = Each<Equality | Order, readonly [Value, Other] | readonly [Other, Value]>;

/** Leaves over the fields of one row. */
type Leaf<Row> =
  | { readonly [Field in Name<Row>]: Compared<Var<Field>, Literal<NonNullable<Row[Field]>>> }[Name<Row>]
  | Each<Equality | Order, readonly [Var<Name<Row>>, Var<Name<Row>>]>
  | Compared<OnDate<Var<Name<Row>>>, number>
  | Compared<Measured<Var<Name<Row>>>, number>
  | Compared<Calculated<RowNumber<Row>>, number | string>
  | Between<Calculated<RowNumber<Row>> | OnDate<Var<Name<Row>>> | Measured<Var<Name<Row>>>, Amount<RowNumber<Row>>>
  | Compared<Moved<Var<Name<Row>>>, string>
  | Between<Moved<Var<Name<Row>>>, Var<Name<Row>> | Moved<Var<Name<Row>>>>
  | Timed<Var<Name<Row>>>
  | Each<
      'starts_with' | 'ends_with' | 'icontains' | 'istarts_with' | 'iends_with',
      readonly [Var<Name<Row>>, string | readonly string[]]
    >
  | Each<'ieq', readonly [Var<Name<Row>>, string]>
  | Each<'iin', readonly [Var<Name<Row>>, readonly string[]]>
  | Each<'in', readonly [string | number | readonly string[], Var<Name<Row>>]>
  | Each<'has_any' | 'has_all', readonly [Var<Name<Row>>, readonly (string | number | boolean)[]]>
  | Each<'anniversary_in_next' | 'anniversary_in_last', readonly [Var<Name<Row>>, number]>
  | Each<'anniversary_in_period', readonly [Var<Name<Row>>, 'week' | 'month', number]>
  | Each<
      'within_km',
      readonly [Var<Name<Row>>, Var<Name<Row>>, readonly [number | string, number | string], number | string]
    >
  | Each<'is_empty' | 'anniversary_today', readonly [Var<Name<Row>>] | Var<Name<Row>>>
  | Var<Name<Row>>;

/** Of a related row. */
type RowCondition<Row> =
  | boolean
  | Leaf<Row>
  | { readonly and: readonly RowCondition<Row>[] }
  | { readonly or: readonly RowCondition<Row>[] }
  | { readonly if: readonly RowCondition<Row>[] }
  | { readonly '!': readonly [RowCondition<Row>] | RowCondition<Row> }
  | { readonly '!!': readonly [RowCondition<Row>] | RowCondition<Row> };

type RowsOf<Relation extends string, Row> =
  | Var<Relation>
  | { readonly filter: readonly [Var<Relation> | Limited<Relation, Row>, RowCondition<Row>] }
  | Limited<Relation, Row>;
/** So many rows by time. */
type Limited<Relation extends string, Row> =
  | { readonly newest: readonly [number, RowsOf<Relation, Row>] }
  | { readonly oldest: readonly [number, RowsOf<Relation, Row>] };

type Aggregate<Relation extends string, Row> =
  | Each<'count', readonly [RowsOf<Relation, Row>]>
  | Each<
      'count_distinct' | 'sum' | 'avg' | 'min_of' | 'max_of',
      readonly [{ readonly map: readonly [RowsOf<Relation, Row>, Var<Name<Row>> | Calculated<RowNumber<Row>>] }]
    >
  | Each<
      'first' | 'last',
      readonly [RowsOf<Relation, Row>, Var<Name<Row>>] | readonly [Var<Relation>, Var<Name<Row>>, RowCondition<Row>]
    >;

type Related<Relation extends string, Row> =
  | Each<'some' | 'none' | 'all', readonly [Var<Relation> | Limited<Relation, Row>, RowCondition<Row>]>
  | Compared<Aggregate<Relation, Row>, string | number | boolean>
  | Timed<Aggregate<Relation, Row>>;

/** An aggregate over any relation. */
type AnyAggregate<T extends Tables> = {
  readonly [Relation in Name<Relations<T>>]: Aggregate<Relation, Relations<T>[Relation]>;
}[Name<Relations<T>>];
type AnyInstant<T extends Tables> = Var<Name<T['contacts']>> | AnyAggregate<T>;
type Bucket = Each<'bucket', readonly [string, number]>;
type ContactNumber<T extends Tables> = RowNumber<T['contacts']> | AnyAggregate<T> | Bucket;

/**
 * A condition over a team's own row types:
 * ```ts
 * interface Shop { contacts: Contact; relations: { orders: Order } }
 * const condition = { '==': [{ var: 'country' }, 'ES'] } as const satisfies ConditionOver<Shop>;
 * ```
 */
export type ConditionOver<T extends Tables> =
  | boolean
  | Leaf<T['contacts']>
  | { readonly [Relation in Name<Relations<T>>]: Related<Relation, Relations<T>[Relation]> }[Name<Relations<T>>]
  | Compared<Calculated<ContactNumber<T>>, number | string>
  | Between<Moved<AnyInstant<T>>, AnyInstant<T> | Moved<AnyInstant<T>>>
  | Compared<Bucket, number>
  | Between<AnyAggregate<T> | Bucket | Calculated<ContactNumber<T>>, Amount<ContactNumber<T>>>
  | Each<'in_segment', readonly [string]>
  | Each<'known_for', readonly [number, Unit]>
  | { readonly and: readonly ConditionOver<T>[] }
  | { readonly or: readonly ConditionOver<T>[] }
  | { readonly if: readonly ConditionOver<T>[] }
  | { readonly '!': readonly [ConditionOver<T>] | ConditionOver<T> }
  | { readonly '!!': readonly [ConditionOver<T>] | ConditionOver<T> };
