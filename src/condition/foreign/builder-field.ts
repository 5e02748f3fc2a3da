/**
 * The fields of a catalogue as query builders take them: react-querybuilder's list of fields, react-awesome-query-builder's record.
 * Each field has the operators whose export is accepted here, and no other. Pure data; a test feeds both to the real packages.
 */
import type { Catalogue, Family, Field } from '../../catalogue/catalogue.ts';
import { fieldsOfScope } from '../scope-field.ts';

export const BUILDERS = ['react-querybuilder', 'raqb'] as const;
export type Builder = (typeof BUILDERS)[number];

/** What decides how a builder shows a field. */
type FieldKind = Family | 'array' | 'choice';

function kindOf(field: Field): FieldKind {
  const opaque = field.family === 'json' || field.family === 'other';
  if (opaque) return field.family;
  if (field.array) return 'array';
  return valuesOf(field).length > 0 && (field.family === 'text' || field.family === 'number') ? 'choice' : field.family;
}

/** The values that a field can have, each with its word for people: labels of an enum, and values that have a word. */
function valuesOf({ labels, about }: Field): readonly { readonly value: string; readonly word: string }[] {
  const words = about?.values ?? {};
  return [...new Set([...(labels ?? []), ...Object.keys(words)])].map((value) => ({
    value,
    word: words[value] ?? value,
  }));
}

function labelOf({ name, about }: { readonly name: string; readonly about?: { readonly label: string } }): string {
  return about?.label ?? name;
}

const ORDERED = ['=', '!=', '<', '>', '<=', '>=', 'between', 'notBetween', 'null', 'notNull'] as const;
const LISTED = ['=', '!=', 'in', 'notIn', 'null', 'notNull'] as const;

/** Of react-querybuilder. */
const NAMED_OPERATORS: Readonly<Record<FieldKind, readonly string[]>> = {
  text: [...LISTED, 'contains', 'doesNotContain', 'beginsWith', 'doesNotBeginWith', 'endsWith', 'doesNotEndWith'],
  choice: LISTED,
  number: [...ORDERED, 'in', 'notIn'],
  boolean: ['=', '!=', 'null', 'notNull'],
  date: [...ORDERED, 'in', 'notIn'],
  instant: [...ORDERED, 'in', 'notIn'],
  uuid: LISTED,
  array: ['contains', 'doesNotContain', 'null', 'notNull'],
  json: ['null', 'notNull'],
  other: ['null', 'notNull'],
};

const OPERATOR_LABELS: Readonly<Record<string, string>> = {
  '=': 'is',
  '!=': 'is not',
  '<': 'is less than',
  '>': 'is greater than',
  '<=': 'is at most',
  '>=': 'is at least',
  between: 'is between',
  notBetween: 'is not between',
  null: 'has no value',
  notNull: 'has a value',
  in: 'is one of',
  notIn: 'is none of',
  contains: 'contains',
  doesNotContain: 'does not contain',
  beginsWith: 'begins with',
  doesNotBeginWith: 'does not begin with',
  endsWith: 'ends with',
  doesNotEndWith: 'does not end with',
};

/** What react-querybuilder's `inputType` says of a value; text where none is named. */
const INPUT_TYPES: Partial<Readonly<Record<FieldKind, string>>> = {
  number: 'number',
  date: 'date',
  instant: 'datetime-local',
};

export interface QueryBuilderField {
  readonly name: string;
  readonly label: string;
  readonly operators?: readonly { readonly name: string; readonly label: string }[];
  readonly inputType?: string;
  readonly valueEditorType?: string;
  readonly values?: readonly { readonly name: string; readonly label: string }[];
  readonly defaultValue?: unknown;
  readonly matchModes?: true;
  readonly subproperties?: { readonly fields: readonly QueryBuilderField[] };
}

/** The `fields` of react-querybuilder 8. A relation has the match modes, and its columns as subproperties. */
export function queryBuilderFields(catalogue: Catalogue): readonly QueryBuilderField[] {
  return [
    ...namedFields(catalogue),
    ...[...catalogue.relations.values()].map((relation) => ({
      name: relation.name,
      label: labelOf(relation),
      matchModes: true as const,
      subproperties: { fields: namedFields(catalogue, relation.name) },
    })),
  ];
}

function namedFields(catalogue: Catalogue, relation?: string): readonly QueryBuilderField[] {
  return [...fieldsOfScope(catalogue, relation)].map(([name, field]) => {
    const kind = kindOf(field);
    const values = valuesOf(field);
    const inputType = INPUT_TYPES[kind];
    const editor = kind === 'choice' ? 'select' : kind === 'boolean' ? 'checkbox' : undefined;
    return {
      name,
      label: labelIn(name, field),
      operators: NAMED_OPERATORS[kind].map((operator) => ({
        name: operator,
        label: OPERATOR_LABELS[operator] ?? operator,
      })),
      ...(inputType === undefined ? {} : { inputType }),
      ...(editor === undefined ? {} : { valueEditorType: editor }),
      ...(kind === 'boolean' ? { defaultValue: true } : {}),
      ...(kind === 'choice' || (kind === 'array' && values.length > 0)
        ? { values: values.map(({ value, word }) => ({ name: value, label: word })) }
        : {}),
    };
  });
}

/** A field of another row says which: `company.name`. */
function labelIn(name: string, field: Field): string {
  return name === field.name ? labelOf(field) : `${name.slice(0, -field.name.length)}${labelOf(field)}`;
}

const COMPARED = ['equal', 'not_equal', 'is_null', 'is_not_null'] as const;
const COMPARED_IN_ORDER = [
  ...COMPARED,
  'less',
  'less_or_equal',
  'greater',
  'greater_or_equal',
  'between',
  'not_between',
] as const;
const CHOSEN = [
  'select_equals',
  'select_not_equals',
  'select_any_in',
  'select_not_any_in',
  'is_null',
  'is_not_null',
] as const;

/** Of react-awesome-query-builder: its type of field, and its operators. */
const TYPED_OPERATORS: Readonly<Record<FieldKind, { readonly type: string; readonly operators: readonly string[] }>> = {
  text: {
    type: 'text',
    // It exports neither `starts_with` nor `ends_with` to JsonLogic, and leaves such a rule out.
    operators: [...COMPARED, 'like', 'not_like', 'is_empty', 'is_not_empty'],
  },
  choice: { type: 'select', operators: CHOSEN },
  number: { type: 'number', operators: COMPARED_IN_ORDER },
  boolean: { type: 'boolean', operators: COMPARED },
  date: { type: 'date', operators: COMPARED_IN_ORDER },
  instant: { type: 'datetime', operators: COMPARED_IN_ORDER },
  uuid: { type: 'text', operators: COMPARED },
  array: {
    type: 'multiselect',
    operators: [
      'multiselect_contains',
      'multiselect_not_contains',
      'multiselect_equals',
      'multiselect_not_equals',
      'is_null',
      'is_not_null',
    ],
  },
  json: { type: 'text', operators: ['is_null', 'is_not_null'] },
  other: { type: 'text', operators: ['is_null', 'is_not_null'] },
};

export interface AwesomeField {
  readonly label: string;
  readonly type: string;
  /** The name in conditions where the key differs: this builder takes a key apart at its dots. */
  readonly fieldName?: string;
  readonly operators?: readonly string[];
  readonly fieldSettings?: { readonly listValues: readonly object[]; readonly allowCustomValues?: true };
  readonly mode?: 'array';
  readonly subfields?: Readonly<Record<string, AwesomeField>>;
}

/** The `fields` of react-awesome-query-builder 6. A relation is a group of mode `array`. */
export function awesomeFields(catalogue: Catalogue): Readonly<Record<string, AwesomeField>> {
  const relations = [...catalogue.relations.values()].map((relation): [string, AwesomeField] => [
    relation.name,
    {
      label: labelOf(relation),
      type: '!group',
      mode: 'array',
      subfields: typedFields(catalogue, relation.name),
    },
  ]);
  return { ...typedFields(catalogue), ...Object.fromEntries(relations) };
}

function typedFields(catalogue: Catalogue, relation?: string): Readonly<Record<string, AwesomeField>> {
  const used = new Set(relation === undefined ? catalogue.relations.keys() : []);
  const entries = [...fieldsOfScope(catalogue, relation)].map(([name, field]): [string, AwesomeField] => {
    const kind = kindOf(field);
    const key = keyOf(name, used);
    const listValues = valuesOf(field).map(({ value, word }) => ({ value, title: word }));
    return [
      key,
      {
        label: labelIn(name, field),
        ...TYPED_OPERATORS[kind],
        ...(key === name ? {} : { fieldName: name }),
        ...(kind === 'choice' || kind === 'array'
          ? { fieldSettings: { listValues, ...(listValues.length === 0 ? { allowCustomValues: true as const } : {}) } }
          : {}),
      },
    ];
  });
  return Object.fromEntries(entries);
}

function keyOf(name: string, used: Set<string>): string {
  let key = name.replaceAll('.', '_');
  while (used.has(key)) key += '_';
  used.add(key);
  return key;
}
