/**
 * What people may name in conditions, with the words for it: fields, relations and known values with their labels, and what pages show
 * of a contact. Names of columns and types of Postgres stay out. Pure.
 */
import { CONTACT, type Catalogue, type Field, type Relation } from './catalogue.ts';
import type { KnownValues } from './known-value.ts';
import { nameInWords, relationInWords } from './label.ts';
import { tableText } from './table-text.ts';

export interface VocabularyValue {
  /** As conditions write it. */
  readonly value: string;
  readonly label: string | null;
  /** Of the rows of the table, as Postgres estimates it; null when it does not know. */
  readonly share: number | null;
}

export interface VocabularyField {
  readonly name: string;
  readonly label: string;
  /** `text`, `number`, `integer`, `boolean`, `date`, `instant`, `uuid`, `json` or `other`; a list ends with `[]`. */
  readonly type: string;
  readonly nullable: boolean;
  readonly description: string | null;
  /** Its values are shown masked. */
  readonly masked: boolean;
  /** Null when none is known, or when they may not be listed. */
  readonly values: readonly VocabularyValue[] | null;
  /** There can be no other value. */
  readonly valuesComplete: boolean;
}

export interface VocabularyRelation {
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  /** The relation that it goes through. */
  readonly through: string | null;
  /** The field by which rows are the first and the last. */
  readonly eventsAt: string | null;
  /** Which rows count, in words; null: all of them. */
  readonly only: string | null;
  readonly fields: readonly VocabularyField[];
}

export interface Vocabulary {
  readonly contacts: {
    readonly table: string;
    /** Name of the key's column. */
    readonly key: string;
    readonly keyType: string;
    readonly label: string;
    readonly description: string | null;
    /** What pages show of a contact, in this order. */
    readonly display: readonly { readonly field: string; readonly label: string; readonly masked: boolean }[];
  };
  /** Default zone of segments. */
  readonly timezone: string;
  readonly fields: readonly VocabularyField[];
  readonly relations: readonly VocabularyRelation[];
}

/** @param masked whether pages mask the values of a field @param only which rows of a relation count, in words */
export function vocabularyOf(
  { contacts, relations, timezone }: Catalogue,
  known: ReadonlyMap<Field, KnownValues>,
  masked: (field: Field) => boolean,
  only: (relation: string) => string | undefined = () => undefined,
): Vocabulary {
  const fieldsOf = (fields: ReadonlyMap<string, Field>): readonly VocabularyField[] =>
    [...fields.values()].map((field) => fieldOf(field, known.get(field), masked(field)));
  const { table, key, about, display = [], fields } = contacts;
  return {
    contacts: {
      table: tableText(table),
      key: key.column,
      keyType: key.type,
      label: about?.label ?? nameInWords(table.name),
      description: about?.description ?? null,
      display: display.map((one) => ({ ...one, label: fields.get(one.field)?.about?.label ?? one.field })),
    },
    timezone,
    fields: fieldsOf(fields),
    relations: [...relations.values()].map((relation) =>
      relationOf(relation, only(relation.name), fieldsOf(relation.fields)),
    ),
  };
}

/** The type of a field in one word. */
export function typeOfField({ family, integer, array }: Field): string {
  const type = family === 'number' && integer ? 'integer' : family;
  return array ? `${type}[]` : type;
}

function relationOf(
  { name, about, link, time }: Relation,
  only: string | undefined,
  fields: readonly VocabularyField[],
): VocabularyRelation {
  return {
    name,
    label: about?.label ?? relationInWords(name),
    description: about?.description ?? null,
    through: link.kind === 'through' && link.relation !== CONTACT ? link.relation : null,
    eventsAt: time ?? null,
    only: only ?? null,
    fields,
  };
}

function fieldOf(field: Field, known: KnownValues | undefined, masked: boolean): VocabularyField {
  const { name, about } = field;
  const words = about?.values ?? {};
  return {
    name,
    label: about?.label ?? name,
    type: typeOfField(field),
    nullable: about?.nullable ?? true,
    description: about?.description ?? null,
    masked,
    values:
      known?.values.map(({ value, share }) => ({
        value,
        label: Object.hasOwn(words, value) ? (words[value] ?? null) : null,
        share,
      })) ?? null,
    valuesComplete: known?.complete ?? false,
  };
}
