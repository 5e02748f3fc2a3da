/**
 * Conditions as TypeScript sees them, over the row types that a team has already (`typeof contacts.$inferSelect`). A field,
 * relation or operator that does not exist is an error in the editor. These types help the author and decide nothing: the
 * check at save knows the tables and accepts or refuses. Types only.
 */

/** Row types: each property a field by its name in conditions (`'attributes.plan'` included), its type that of its values. */
export interface Tables {
  readonly contacts: object;
  readonly relations?: object;
  /** Each property a rank of the config, by its name. */
  readonly ranks?: object;
}

type Name<Row> = Extract<keyof Row, string>;
type Relations<T extends Tables> = NonNullable<T['relations']>;
type FixedUnit = 'minute' | 'hour' | 'day' | 'week';
type Unit = FixedUnit | 'month' | 'quarter' | 'year';
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
  | Each<'has_any' | 'has_all' | 'has_only', readonly [Var<Name<Row>>, readonly (string | number | boolean)[]]>
  | Each<'anniversary_in_next' | 'anniversary_in_last', readonly [Var<Name<Row>>, number]>
  | Each<'anniversary_in_period', readonly [Var<Name<Row>>, 'week' | 'month', number]>
  | Each<
      'within_km',
      readonly [Var<Name<Row>>, Var<Name<Row>>, readonly [number | string, number | string], number | string]
    >
  | Each<'is_empty' | 'anniversary_today', readonly [Var<Name<Row>>] | Var<Name<Row>>>
  | Var<Name<Row>>;

/** A row with the fields of the rows around it, by `contact.` and `outer.` */
type Seen<T extends Tables, Row, Outer> = Row & {
  readonly [Field in Name<T['contacts']> as `contact.${Field}`]: T['contacts'][Field];
} & { readonly [Field in Name<Outer> as `outer.${Field}`]: Outer[Field] };

/** Of a row inside the rows of another relation. */
type InnerCondition<Row> =
  | boolean
  | Leaf<Row>
  | { readonly and: readonly InnerCondition<Row>[] }
  | { readonly or: readonly InnerCondition<Row>[] }
  | { readonly if: readonly InnerCondition<Row>[] }
  | { readonly '!': readonly [InnerCondition<Row>] | InnerCondition<Row> }
  | { readonly '!!': readonly [InnerCondition<Row>] | InnerCondition<Row> };

/** What rows of any relation say inside the rows of another. @template Own the row around, @template Row the same with the rows around it */
type InnerRelated<T extends Tables, Own, Row> = {
  readonly [Relation in Name<Relations<T>>]:
    | Related<Relation, Seen<T, Relations<T>[Relation], Own>, InnerCondition<Seen<T, Relations<T>[Relation], Own>>>
    | Between<
        Aggregate<Relation, Seen<T, Relations<T>[Relation], Own>, InnerCondition<Seen<T, Relations<T>[Relation], Own>>>,
        Var<Name<Row>>
      >;
}[Name<Relations<T>>];

/** Of a related row. */
type RowCondition<T extends Tables, Own> =
  | boolean
  | Leaf<Seen<T, Own, T['contacts']>>
  | InnerRelated<T, Own, Seen<T, Own, T['contacts']>>
  | { readonly and: readonly RowCondition<T, Own>[] }
  | { readonly or: readonly RowCondition<T, Own>[] }
  | { readonly if: readonly RowCondition<T, Own>[] }
  | { readonly '!': readonly [RowCondition<T, Own>] | RowCondition<T, Own> }
  | { readonly '!!': readonly [RowCondition<T, Own>] | RowCondition<T, Own> };

type RowsOf<Relation extends string, Where> =
  | Var<Relation>
  | { readonly filter: readonly [Var<Relation> | Limited<Relation, Where>, Where] }
  | Limited<Relation, Where>;
/** So many rows by time. */
type Limited<Relation extends string, Where> =
  | { readonly newest: readonly [number, RowsOf<Relation, Where>] }
  | { readonly oldest: readonly [number, RowsOf<Relation, Where>] };

type Aggregate<Relation extends string, Row, Where> =
  | Each<'count', readonly [RowsOf<Relation, Where>]>
  | Each<
      'count_distinct' | 'sum' | 'avg' | 'min_of' | 'max_of',
      readonly [{ readonly map: readonly [RowsOf<Relation, Where>, Var<Name<Row>> | Calculated<RowNumber<Row>>] }]
    >
  | Each<
      'first' | 'last',
      readonly [RowsOf<Relation, Where>, Var<Name<Row>>] | readonly [Var<Relation>, Var<Name<Row>>, Where]
    >;

type Related<Relation extends string, Row, Where> =
  | Each<'some' | 'none' | 'all', readonly [Var<Relation> | Limited<Relation, Where>, Where]>
  | Compared<Aggregate<Relation, Row, Where>, string | number | boolean>
  | Timed<Aggregate<Relation, Row, Where>>;

/** A relation's rows, asked of the contact. */
type ContactRelated<T extends Tables, Relation extends Name<Relations<T>>> = Related<
  Relation,
  Seen<T, Relations<T>[Relation], T['contacts']>,
  RowCondition<T, Relations<T>[Relation]>
>;

/** An aggregate over any relation. */
type AnyAggregate<T extends Tables> = {
  readonly [Relation in Name<Relations<T>>]: Aggregate<
    Relation,
    Seen<T, Relations<T>[Relation], T['contacts']>,
    RowCondition<T, Relations<T>[Relation]>
  >;
}[Name<Relations<T>>];
type AnyInstant<T extends Tables> = Var<Name<T['contacts']>> | AnyAggregate<T>;
type Bucket = Each<'bucket', readonly [string, number]>;
/** A rank of the contact: `{ var: 'ranks.monetary' }`. */
type RankOf<T extends Tables> = Var<`ranks.${Name<NonNullable<T['ranks']>>}`>;
type ContactNumber<T extends Tables> = RowNumber<T['contacts']> | AnyAggregate<T> | Bucket | RankOf<T>;

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
  | { readonly [Relation in Name<Relations<T>>]: ContactRelated<T, Relation> }[Name<Relations<T>>]
  | Compared<Calculated<ContactNumber<T>> | RankOf<T>, number | string>
  | Between<RankOf<T>, Amount<ContactNumber<T>>>
  | Between<Moved<AnyInstant<T>>, AnyInstant<T> | Moved<AnyInstant<T>>>
  | Compared<Bucket, number>
  | Between<AnyAggregate<T> | Bucket | Calculated<ContactNumber<T>>, Amount<ContactNumber<T>>>
  | Each<'in_segment', readonly [string]>
  | Each<'member_for' | 'entered_in_last' | 'left_in_last', readonly [string, number, FixedUnit]>
  | Each<'known_for', readonly [number, Unit]>
  | { readonly and: readonly ConditionOver<T>[] }
  | { readonly or: readonly ConditionOver<T>[] }
  | { readonly if: readonly ConditionOver<T>[] }
  | { readonly '!': readonly [ConditionOver<T>] | ConditionOver<T> }
  | { readonly '!!': readonly [ConditionOver<T>] | ConditionOver<T> };
