/** Random documents for properties that need no database: the text that Postgres would print. */
import { type Catalogue, type Field, relationPath } from '../../src/catalogue/catalogue.ts';
import { toOneRelations } from '../../src/catalogue/to-one-relation.ts';
import type {
  ContactDocument,
  DocumentRow,
  DocumentValue,
  MembershipPast,
} from '../../src/condition/evaluate/document.ts';
import { dates, instant, jsons, labels, leapDates, numbers, printedInstant, texts, uuids } from './pool.ts';
import type { Random } from '../support/random.ts';

/** `complete`: no value is missing and every jsonb value has its declared type. */
export function randomDocument(r: Random, catalogue: Catalogue, complete = false): ContactDocument {
  const ones = (place?: string) =>
    Object.fromEntries(
      [...toOneRelations(catalogue, place)].map(([name, { fields }]) => [name, fieldsOf(r, fields.values(), complete)]),
    );
  const row = (relation: string): DocumentRow => {
    const [own, ...middle] = relationPath(catalogue, relation);
    return {
      fields: fieldsOf(r, own?.fields.values() ?? [], complete),
      middle: Object.fromEntries(middle.map((hop) => [hop.name, fieldsOf(r, hop.fields.values(), complete)])),
      one: ones(relation),
    };
  };
  return {
    key: r.pick(uuids),
    one: ones(),
    fields: fieldsOf(r, catalogue.contacts.fields.values(), complete),
    relations: Object.fromEntries(
      [...catalogue.relations.keys()].map((name) => [name, Array.from({ length: r.below(4) }, () => row(name))]),
    ),
    segments: r.chance(0.5) ? ['a'] : [],
    pasts: { a: randomPast(r) },
  };
}

function fieldsOf(r: Random, list: Iterable<Field>, complete: boolean): Record<string, DocumentValue> {
  return Object.fromEntries([...list].map((field) => [field.name, valueOf(r, field, complete)]));
}

function valueOf(r: Random, field: Field, complete: boolean): DocumentValue {
  if (!complete && r.chance(0.15)) return null;
  if (field.path !== undefined || field.family === 'json') {
    if (!complete || field.family === 'json') return r.pick(jsons);
    return field.array ? `[${jsonScalar(r, field)}, ${jsonScalar(r, field)}]` : jsonScalar(r, field);
  }
  if (!field.array) return scalar(r, field);
  return Array.from({ length: r.below(4) + (complete ? 1 : 0) }, () =>
    !complete && r.chance(0.1) ? null : scalar(r, field),
  );
}

function jsonScalar(r: Random, field: Field): string {
  const text = scalar(r, field).replace(' ', field.family === 'instant' ? 'T' : ' ');
  return field.family === 'number' || field.family === 'boolean' ? text : JSON.stringify(text);
}

function scalar(r: Random, field: Field): string {
  switch (field.family) {
    case 'text':
      return field.labels ? r.pick(labels) : r.pick(texts);
    case 'number':
      return r.pick(field.integer ? numbers.filter((text) => !text.includes('.')) : numbers);
    case 'boolean':
      return r.pick(['true', 'false']);
    case 'date':
      return r.pick(r.chance(0.2) ? leapDates : dates);
    case 'instant':
      return instant(r)
        .replace('T', ' ')
        .replace('Z', field.sqlType.startsWith('timestamp without') ? '' : '+00');
    case 'uuid':
      return r.pick(uuids);
    default:
      return '(1,2)';
  }
}

/** Times on the ends of windows, to the microsecond; the log need not agree with the membership. */
export function randomPast(r: Random): MembershipPast {
  const events = (): string[] => Array.from({ length: r.below(3) }, () => printedInstant(r));
  return { since: r.chance(0.4) ? printedInstant(r) : null, entered: events(), left: events() };
}
