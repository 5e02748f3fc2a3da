/**
 * What a person may name in a condition, with the words for it: the catalogue of the API in the shape that the forms look up. Pure.
 */
import type { Catalogue, Family } from '../../catalogue/catalogue.ts';
import { catalogueFromJson, type CatalogueJson } from '../../catalogue/catalogue-json.ts';
import { derived, measures } from '../../condition/operand.ts';
import { CONTACT, fieldsOfScope } from '../../condition/scope-field.ts';
import { aggregates, picks } from '../../condition/aggregate.ts';
import { isArithmetic, isMoved } from '../../condition/operator.ts';
import type { Argument, FieldArgument, RowsArgument, ValueArgument } from './builder-node.ts';

export interface KnownValue {
  readonly value: string;
  readonly label: string | null;
  readonly share: number | null;
}

/** A field as the API lists it. */
export interface FieldBody {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly description: string | null;
  readonly values: readonly KnownValue[] | null;
  readonly values_complete: boolean;
}

export interface RelationBody {
  readonly name: string;
  readonly label: string;
  readonly through: string | null;
  readonly only: string | null;
  readonly fields: readonly FieldBody[];
}

/** `GET /catalogue`, as far as the builder reads it. */
export interface CatalogueBody {
  readonly contacts: { readonly label: string };
  readonly timezone: string;
  readonly fields: readonly FieldBody[];
  readonly relations: readonly RelationBody[];
  readonly checker: unknown;
}

export interface FieldWords {
  readonly name: string;
  readonly label: string;
  readonly family: Family;
  readonly array: boolean;
  readonly integer: boolean;
  readonly description: string | null;
  readonly values: readonly KnownValue[];
  /** There is no value but `values`. */
  readonly complete: boolean;
}

/** The names that mean something where a row stands: those of the contact, or those of a relation's row. */
export interface ScopeWords {
  /** Null for the contact. */
  readonly relation: string | null;
  readonly label: string;
  /** Which rows of the relation count, in words; null and absent: all. */
  readonly only?: string | null;
  readonly fields: ReadonlyMap<string, FieldWords>;
  /** Where the relation stands; absent for the contact, and where only the names of the rows themselves matter. */
  readonly around?: ScopeWords;
}

export interface Vocabulary {
  readonly catalogue: Catalogue;
  readonly timezone: string;
  readonly contact: ScopeWords;
  readonly relations: ReadonlyMap<string, ScopeWords>;
}

export function vocabularyOf(body: CatalogueBody): Vocabulary {
  const catalogue = catalogueFromJson(body.checker as CatalogueJson);
  const owners: Owners = new Map([
    [CONTACT, { label: body.contacts.label, fields: fieldsOf(body.fields) }],
    ...body.relations.map(({ name, label, fields }) => [name, { label, fields: fieldsOf(fields) }] as const),
  ]);
  return {
    catalogue,
    timezone: body.timezone,
    contact: { relation: null, label: body.contacts.label, fields: fieldsInScope(catalogue, owners) },
    relations: new Map(
      body.relations.map(({ name, label, only }) => [
        name,
        { relation: name, label, only, fields: fieldsInScope(catalogue, owners, name) },
      ]),
    ),
  };
}

/** The scope of a relation's rows. Of a relation that does not exist no name is known. */
export function scopeOfRelation(vocabulary: Vocabulary, name: string): ScopeWords {
  return vocabulary.relations.get(name) ?? { relation: name, label: name, fields: new Map() };
}

/** The scope of a relation's rows where the relation stands: with the fields of the rows around. */
export function scopeInside(vocabulary: Vocabulary, name: string, around: ScopeWords): ScopeWords {
  const scope = scopeOfRelation(vocabulary, name);
  const { contact } = vocabulary;
  const outer =
    around.relation === null
      ? []
      : named('outer', scopeOfRelation(vocabulary, around.relation), `${around.label}, around`);
  const rowsAround = [...named('contact', contact, contact.label), ...outer];
  const further = rowsAround.filter(([one]) => !scope.fields.has(one));
  return { ...scope, around, fields: new Map([...scope.fields, ...further]) };
}

function named(word: string, { fields }: ScopeWords, whose: string): readonly (readonly [string, FieldWords])[] {
  return [...fields.values()].map((field) => {
    const name = `${word}.${field.name}`;
    return [name, { ...field, name, label: `${whose}: ${field.label}` }];
  });
}

/** Whether a row may ask for related rows: of the contact, and inside one relation. */
export function offersRelations({ relation, around }: ScopeWords): boolean {
  return relation === null || around === undefined || around.relation === null;
}

/** What a value may be compared with. */
export interface ValueWords {
  readonly family: Family;
  readonly array: boolean;
  readonly integer: boolean;
  readonly values: readonly KnownValue[];
  readonly complete: boolean;
  /** It can be missing, so a person may ask for that. */
  readonly missing: boolean;
}

/** A number of no field. */
export const NUMBER_WORDS: ValueWords = {
  family: 'number',
  array: false,
  integer: false,
  values: [],
  complete: false,
  missing: false,
};
const whole: ValueWords = { ...NUMBER_WORDS, integer: true };

/** Values that are whole numbers and never missing. */
const WHOLE: ReadonlySet<string> = new Set(['count', 'count_distinct', 'reduce', 'bucket']);

/** The type of a value; undefined when it is of no known field. */
export function valueWords(argument: Argument, scope: ScopeWords, vocabulary: Vocabulary): ValueWords | undefined {
  if (argument.kind === 'field') {
    const field = scope.fields.get(argument.name);
    return field && { ...field, missing: true };
  }
  if (argument.kind !== 'value') return undefined;
  const { name } = argument;
  if (isArithmetic(name)) return { ...NUMBER_WORDS, missing: true };
  if (name in derived || name in measures) return { ...whole, missing: true };
  if (WHOLE.has(name)) return whole;
  if (isMoved(name)) return { ...NUMBER_WORDS, family: 'instant', missing: true };
  const column = columnOf(argument.arguments);
  if (column?.field?.kind === 'value') return { ...NUMBER_WORDS, missing: name !== 'sum' };
  const field = column && scopeOfRelation(vocabulary, column.rows.relation.name).fields.get(column.field?.name ?? '');
  const aggregate = Object.values(aggregates).find(({ word }) => word === name);
  if (aggregate?.value === 'number') return { ...NUMBER_WORDS, missing: aggregate.onNoRows === 'missing' };
  if (aggregate ?? name in picks) return field && { ...field, missing: true };
  return undefined;
}

/** The rows that a value is made of, and the field of them that it reads. */
export function columnOf(
  list: readonly Argument[],
): { readonly rows: RowsArgument; readonly field: FieldArgument | ValueArgument | undefined } | undefined {
  const [first, second] = list;
  if (first?.kind === 'mapped') return first;
  if (first?.kind === 'rows') return { rows: first, field: second?.kind === 'field' ? second : undefined };
  return undefined;
}

function fieldsOf(list: readonly FieldBody[]): ReadonlyMap<string, FieldWords> {
  return new Map(list.map((field) => [field.name, fieldWords(field)]));
}

function fieldWords({ name, label, type, description, values, values_complete: complete }: FieldBody): FieldWords {
  const array = type.endsWith('[]');
  const of = array ? type.slice(0, -2) : type;
  const integer = of === 'integer';
  return {
    name,
    label,
    family: integer ? 'number' : (of as Family),
    array,
    integer,
    description,
    values: values ?? [],
    complete: complete && values !== null,
  };
}

/** The words of the contact's fields and of each relation's. */
type Owners = ReadonlyMap<string, { readonly label: string; readonly fields: ReadonlyMap<string, FieldWords> }>;

/** The fields of the rows themselves, then those of other rows that names reach, by the name of their relation. */
function fieldsInScope(catalogue: Catalogue, owners: Owners, relation?: string): ReadonlyMap<string, FieldWords> {
  const place = relation ?? CONTACT;
  return new Map(
    [...fieldsOfScope(catalogue, relation)].flatMap(([name, field]) => {
      const owner = owners.get(field.owner);
      const words = owner?.fields.get(field.name);
      if (!words || !owner) return [];
      const isOwn = field.owner === place || catalogue.relations.get(field.owner)?.valuesOnly === true;
      const label = isOwn ? words.label : `${owner.label}: ${words.label}`;
      return [[name, { ...words, name, label }] as const];
    }),
  );
}
