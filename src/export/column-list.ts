/** Every column that an export or a list of members can have, in words for people. Pure. */
import type { Catalogue, Field, Relation } from '../catalogue/catalogue.ts';
import { isMasked } from '../catalogue/resolve-display.ts';
import { toOneRelations } from '../catalogue/to-one-relation.ts';
import { deltaColumns, memberColumns } from './own-column.ts';
import { AGGREGATES, canAggregate } from './relation-column.ts';

export interface ExportColumn {
  /** What a request names: `email`, `orders.count`, `orders.sum:total`. */
  readonly name: string;
  readonly label: string;
  readonly description: string | null;
  /** Of its values: `text`, `number`, `instant`, … */
  readonly type: string;
  /** `member`: of the membership. `delta`: of a delta only. `contact`: a field. `relation`: an aggregate of rows. */
  readonly group: 'member' | 'delta' | 'contact' | 'relation';
  /** Name of the relation. */
  readonly relation: string | null;
  /** Pages show its values only to persons who may reveal them. */
  readonly masked: boolean;
}

const OWN_LABELS: Readonly<Record<string, string>> = {
  contact_id: 'Contact',
  entered_at: 'Member since',
  change: 'Change',
  at: 'Changed at',
  reason: 'Reason',
  version: 'Version of the segment',
};

/** What a column says of its rows, as a person would: `total, added up`, `earliest placed at`. */
const AGGREGATE_LABELS = {
  sum: (field) => `${field}, added up`,
  avg: (field) => `average ${field}`,
  min: (field, { family }) => `${family === 'number' ? 'smallest' : 'earliest'} ${field}`,
  max: (field, { family }) => `${family === 'number' ? 'largest' : 'latest'} ${field}`,
  first: (field) => `${field} of the first`,
  last: (field) => `${field} of the last`,
} as const satisfies Record<(typeof AGGREGATES)[number], (field: string, of: Field) => string>;

export function exportColumns(catalogue: Catalogue): readonly ExportColumn[] {
  const { contacts, relations } = catalogue;
  const members = memberColumns(contacts.key.type);
  const own = { ...members, ...deltaColumns(contacts.key.type) };
  return [
    ...Object.entries(own).map(([name, type]): ExportColumn => {
      const group = Object.hasOwn(members, name) ? 'member' : 'delta';
      const isInstant = type === 'timestamptz';
      return {
        name,
        label: OWN_LABELS[name] ?? name,
        description: null,
        type: isInstant ? 'instant' : type === 'integer' ? 'number' : type,
        group,
        relation: null,
        masked: false,
      };
    }),
    ...[...contacts.fields.values()].map((field): ExportColumn => {
      const name = Object.hasOwn(own, field.name) ? `contacts.${field.name}` : field.name;
      return { ...wordsOf(catalogue, field), name, group: 'contact', relation: null };
    }),
    ...[...toOneRelations(catalogue).values()].flatMap((relation) =>
      [...relation.fields.values()].map((field): ExportColumn => {
        const words = wordsOf(catalogue, field);
        const label = relation.valuesOnly
          ? words.label
          : `${upperFirst(relation.about?.label ?? relation.name)}: ${lowerFirst(words.label)}`;
        return { ...words, name: `${relation.name}.${field.name}`, label, group: 'relation', relation: relation.name };
      }),
    ),
    ...[...relations.values()]
      .filter(({ valuesOnly }) => valuesOnly !== true)
      .flatMap((relation) => relationColumns(catalogue, relation)),
  ];
}

function relationColumns(catalogue: Catalogue, relation: Relation): readonly ExportColumn[] {
  const label = relation.about?.label ?? relation.name;
  const group = 'relation';
  const count: ExportColumn = {
    name: `${relation.name}.count`,
    label: `Number of ${lowerFirst(label)}`,
    description: relation.about?.description ?? null,
    type: 'number',
    group,
    relation: relation.name,
    masked: false,
  };
  const others = [...relation.fields.values()].flatMap((field) =>
    AGGREGATES.filter((aggregate) => canAggregate(relation, aggregate, field)).map((aggregate): ExportColumn => {
      const words = wordsOf(catalogue, field);
      return {
        ...words,
        name: `${relation.name}.${aggregate}:${field.name}`,
        label: `${upperFirst(label)}: ${AGGREGATE_LABELS[aggregate](lowerFirst(words.label), field)}`,
        group,
        relation: relation.name,
      };
    }),
  );
  return [count, ...others];
}

function wordsOf(catalogue: Catalogue, field: Field): Pick<ExportColumn, 'label' | 'description' | 'type' | 'masked'> {
  return {
    label: field.about?.label ?? field.name,
    description: field.about?.description ?? null,
    type: field.array ? `${field.family} list` : field.family,
    masked: isMasked(catalogue.contacts.display ?? [], field),
  };
}

/** A word in capitals stays: `ID`. */
function lowerFirst(label: string): string {
  return /^\p{Lu}\p{Ll}/u.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

function upperFirst(label: string): string {
  return label.slice(0, 1).toUpperCase() + label.slice(1);
}
