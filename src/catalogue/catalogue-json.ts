/**
 * A catalogue as plain JSON, as far as conditions go: what a page needs to check, describe and evaluate a draft. Names of
 * tables, types of columns and collations stay on the server. A catalogue that is read from JSON has no such facts, so no
 * SQL may be compiled from it. Pure.
 */
import type { Catalogue, Family, Field, Relation } from './catalogue.ts';
import type { Reading } from './text-reading.ts';

/** A field: its family alone, or its family with what else a condition depends on. */
export type FieldJson =
  | Family
  | {
      readonly family: Family;
      /** The value is a list, and `family` is that of its elements. */
      readonly array?: true;
      /** Whole numbers only. */
      readonly integer?: true;
      /** The labels of an enum. */
      readonly labels?: readonly string[];
      /** Case does not count, as in citext. */
      readonly caseless?: true;
      /** The value stands inside jsonb: a document holds it as JSON text. */
      readonly json?: true;
      /** A document holds text that is read in this way. */
      readonly reading?: Reading;
      /** A document holds text, with the elements between these separators. */
      readonly split?: string;
      /** What people read in place of the name. */
      readonly label?: string;
      /** What people read in place of a value. */
      readonly words?: Readonly<Record<string, string>>;
    };

export interface RelationJson {
  readonly fields: Readonly<Record<string, FieldJson>>;
  /** What people read in place of the name. */
  readonly label?: string;
  /** The field by which rows are the first and the last. */
  readonly time?: string;
  /** The fields that identify a row. */
  readonly identity?: readonly string[];
  /** The relation through which it leads to the contact; `contact` where the contact refers to its rows. */
  readonly through?: string;
  /** At most one row leads to each row that it goes through, or to each contact. */
  readonly unique?: true;
  /** Its fields are values of the contact, and conditions ask for no rows of it. */
  readonly valuesOnly?: true;
  /** Which rows count: a condition on the row's own fields. */
  readonly where?: unknown;
}

/** Fields and relations by the names that conditions use. Holds no value that JSON cannot carry. */
export interface CatalogueJson {
  readonly fields: Readonly<Record<string, FieldJson>>;
  /** The field since when a contact exists (`known_for`). */
  readonly created?: string;
  readonly relations?: Readonly<Record<string, RelationJson>>;
  /** Why a relation of the config cannot be used now, by name. */
  readonly withheld?: Readonly<Record<string, string>>;
  /** Default zone of segments, an IANA name; default `UTC`. */
  readonly timezone?: string;
  /** Zone of timestamps without one, an IANA name; default `UTC`. */
  readonly timestamps?: string;
}

/** The part of a catalogue that a page needs. */
export function catalogueToJson({ contacts, relations, withheld, timezone, timestamps }: Catalogue): CatalogueJson {
  return {
    fields: fieldsToJson(contacts.fields),
    ...(contacts.created === undefined ? {} : { created: contacts.created }),
    relations: Object.fromEntries([...relations].map(([name, relation]) => [name, relationToJson(relation)])),
    ...(withheld === undefined ? {} : { withheld: Object.fromEntries(withheld) }),
    timezone,
    timestamps,
  };
}

/** The catalogue that the JSON describes; for conditions only, not for SQL. */
export function catalogueFromJson(json: CatalogueJson): Catalogue {
  const { created, relations = {}, withheld, timezone = 'UTC', timestamps = 'UTC' } = json;
  return {
    contacts: {
      table: NO_TABLE,
      key: { column: '', type: 'text', sqlType: '' },
      ...(created === undefined ? {} : { created }),
      fields: fieldsFromJson('contact', json.fields),
    },
    relations: new Map(Object.entries(relations).map(([name, given]) => [name, relationFromJson(name, given)])),
    ...(withheld === undefined ? {} : { withheld: new Map(Object.entries(withheld)) }),
    timezone,
    timestamps,
  };
}

const NO_TABLE = { schema: '', name: '' } as const;

function relationToJson({ fields, time, key, link, unique, valuesOnly, where, about }: Relation): RelationJson {
  return {
    fields: fieldsToJson(fields),
    ...(about === undefined ? {} : { label: about.label }),
    ...(time === undefined ? {} : { time }),
    ...(key === undefined ? {} : { identity: key }),
    ...(link.kind === 'through' ? { through: link.relation } : {}),
    ...(unique === undefined ? {} : { unique }),
    ...(valuesOnly === undefined ? {} : { valuesOnly }),
    ...(where === undefined ? {} : { where }),
  };
}

function relationFromJson(
  name: string,
  { fields, time, identity, through, unique, valuesOnly, where, label }: RelationJson,
): Relation {
  const column = { column: '', sqlType: '' } as const;
  return {
    name,
    table: NO_TABLE,
    link:
      through === undefined
        ? { kind: 'contact', ...column }
        : { kind: 'through', relation: through, target: '', ...column },
    ...(unique === undefined ? {} : { unique }),
    ...(valuesOnly === undefined ? {} : { valuesOnly }),
    ...(where === undefined ? {} : { where }),
    ...(time === undefined ? {} : { time }),
    ...(identity === undefined ? {} : { key: identity }),
    fields: fieldsFromJson(name, fields),
    ...(label === undefined ? {} : { about: { label } }),
  };
}

function fieldsToJson(fields: ReadonlyMap<string, Field>): Record<string, FieldJson> {
  return Object.fromEntries([...fields].map(([name, field]) => [name, fieldToJson(field)]));
}

function fieldToJson({ family, array, integer, labels, citext, path, reading, split, about }: Field): FieldJson {
  const more = {
    ...(array ? { array } : {}),
    ...(integer ? { integer } : {}),
    ...(labels === undefined ? {} : { labels }),
    ...(citext === undefined ? {} : { caseless: true as const }),
    ...(path === undefined ? {} : { json: true as const }),
    ...(reading === undefined ? {} : { reading }),
    ...(split === undefined ? {} : { split }),
    ...(about === undefined ? {} : { label: about.label }),
    ...(about?.values === undefined ? {} : { words: about.values }),
  };
  return Object.keys(more).length === 0 ? family : { family, ...more };
}

function fieldsFromJson(owner: string, fields: Readonly<Record<string, FieldJson>>): ReadonlyMap<string, Field> {
  return new Map(Object.entries(fields).map(([name, field]) => [name, fieldFromJson(owner, name, field)]));
}

function fieldFromJson(owner: string, name: string, given: FieldJson): Field {
  const { family, array, integer, labels, caseless, json, reading, split, label, words } =
    typeof given === 'string' ? { family: given } : given;
  return {
    name,
    owner,
    column: name,
    family,
    array: array === true,
    integer: integer === true,
    ...(labels === undefined ? {} : { labels }),
    ...(caseless === undefined ? {} : { citext: '' }),
    ...(json === undefined ? {} : { path: [] }),
    ...(reading === undefined ? {} : { reading }),
    ...(split === undefined ? {} : { split }),
    ...(label === undefined && words === undefined
      ? {}
      : {
          about: {
            label: label ?? name,
            nullable: true,
            personal: false,
            ...(words === undefined ? {} : { values: words }),
          },
        }),
    sqlType: '',
    castText: false,
    collate: false,
  };
}
