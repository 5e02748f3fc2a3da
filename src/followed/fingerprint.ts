/**
 * What I6 of PROTOCOL.md compares.
 * What the verdicts of a version depend on beside rows: its checked condition, the base filter, each field that it reads, each relation on
 * the way, zones, collations. Each part has its own hash, so that a difference has a name. A live version whose stored fingerprint
 * differs from that of the published catalogue is owed a rebuild. Pure.
 */
import { createHash } from 'node:crypto';
import type { Catalogue, Field } from '../catalogue/catalogue.ts';
import { CONTACT, relationPath } from '../catalogue/catalogue.ts';
import { canonical } from '../catalogue/published-config.ts';
import type { Condition } from '../condition/ast.ts';
import { checkAdmissions } from '../condition/check/check-condition.ts';
import { rowsOfOperand } from '../condition/operand.ts';
import { fieldsOf } from '../condition/references.ts';
import { operandsOf, shapeOf, walk } from '../condition/shape.ts';

/** Raised when an operator's meaning changes without its typed condition: each segment is then rebuilt once. */
const MEANING = 1;

/** Part → hash. Parts have the names of the config: `contacts.where`, `fields.total`, `relations.orders`. */
export type Fingerprint = Readonly<Record<string, string>>;

export interface Fingerprinted {
  readonly base: Condition;
  readonly own: Condition;
  /** The zone of its calendar operators. */
  readonly timezone: string;
}

export function fingerprintOf(catalogue: Catalogue, { base, own, timezone }: Fingerprinted): Fingerprint {
  const read = readOf([base, own]);
  const admissions = checkAdmissions(catalogue);
  const { table, key } = catalogue.contacts;
  const parts: Record<string, string> = {
    meaning: hash(MEANING),
    contacts: hash({ table, key }),
    condition: conditionHash(own),
    timezone: hash(timezone),
  };
  if (catalogue.contacts.where !== undefined) parts['contacts.where'] = conditionHash(base);
  for (const field of read.fields) parts[fieldPart(catalogue, field)] = hash(withoutAbout(field));
  for (const name of read.relations) {
    for (const { name: hop, table: of, link } of relationPath(catalogue, name)) {
      const counts = admissions.get(hop);
      parts[`relations.${hop}`] = hash(
        counts?.ok ? { of, link, where: conditionHash(counts.condition) } : { of, link },
      );
    }
  }
  if ([...read.fields].some(readsWithoutZone)) parts['timestamps'] = hash(catalogue.timestamps);
  if (read.folds) parts['collation'] = hash([catalogue.foldCollation, catalogue.foldFacts]);
  return parts;
}

/** Names of the parts that differ; empty when both mean the same. `stored` is null when segmentd does not know. */
export function differingParts(stored: Fingerprint | null, now: Fingerprint): readonly string[] {
  if (stored === null) return ['unknown'];
  const parts = new Set([...Object.keys(stored), ...Object.keys(now)]);
  return [...parts].filter((part) => stored[part] !== now[part]).toSorted();
}

/** "its catalogue changed: fields.total, timezone". */
export function changedSentence(parts: readonly string[]): string {
  return parts.includes('unknown')
    ? 'segmentd does not know under which catalogue it was built'
    : `its catalogue changed: ${parts.join(', ')}`;
}

const prints = new WeakMap<Catalogue, string>();

/** One hash of a whole catalogue with the version of Postgres: under it a version was rejected, or a segment failed. */
export function cataloguePrint(catalogue: Catalogue): string {
  const known = prints.get(catalogue);
  if (known !== undefined) return known;
  const made = hash(factsOf(catalogue));
  prints.set(catalogue, made);
  return made;
}

/** A catalogue without what only people read. Words for values stay: a condition may name a value by its word. */
function factsOf(catalogue: Catalogue): unknown {
  const { fields, ...contacts } = without(catalogue.contacts, 'about', 'display');
  return {
    ...without(catalogue, 'publication'),
    contacts: { ...contacts, fields: mapValues(fields, checkedFacts) },
    relations: mapValues(catalogue.relations, (relation) => ({
      ...without(relation, 'about'),
      fields: mapValues(relation.fields, checkedFacts),
    })),
  };
}

function checkedFacts(field: Field): unknown {
  const words = field.about?.values;
  return words === undefined ? withoutAbout(field) : [withoutAbout(field), words];
}

function withoutAbout(field: Field): unknown {
  return without(field, 'about');
}

function without<T extends object, K extends keyof T>(value: T, ...names: readonly K[]): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.some((one) => one === name))) as Omit<T, K>;
}

function mapValues<A, B>(map: ReadonlyMap<string, A>, change: (value: A) => B): ReadonlyMap<string, B> {
  return new Map([...map].map(([name, value]) => [name, change(value)]));
}

interface Read {
  readonly fields: Set<Field>;
  readonly relations: Set<string>;
  folds: boolean;
}

function readOf(conditions: readonly Condition[]): Read {
  const read: Read = { fields: new Set(), relations: new Set(), folds: false };
  for (const condition of conditions) {
    for (const field of fieldsOf(condition)) {
      read.fields.add(field);
      if (field.owner !== CONTACT) read.relations.add(field.owner);
    }
    walk(condition, (node) => {
      const shape = shapeOf(node);
      const relations = [shape.relation(node), ...operandsOf(node).map((operand) => rowsOfOperand(operand)?.relation)];
      for (const relation of relations) if (relation !== undefined) read.relations.add(relation);
      if (shape.ignoresCase(node)) read.folds = true;
    });
  }
  return read;
}

function fieldPart(catalogue: Catalogue, field: Field): string {
  // The config forbids a relation named `contact`, so the owner decides.
  if (catalogue.relations.get(field.owner)?.valuesOnly) return `${field.owner}.${field.name}`;
  return catalogue.relations.has(field.owner)
    ? `relations.${field.owner}.fields.${field.name}`
    : `fields.${field.name}`;
}

/** A timestamp without zone, or an instant inside jsonb that may be written without one. */
function readsWithoutZone({ family, sqlType }: Field): boolean {
  return family === 'instant' && !sqlType.endsWith('with time zone');
}

/** Hash of the condition alone: a field counts by its name, because its facts are parts of their own. */
function conditionHash(condition: Condition): string {
  const numbers = new Map<object, number>();
  const plain = (value: unknown, key = ''): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    // Which rows count is a part of the relation.
    if ('kind' in value && value.kind === 'admitted' && 'relation' in value) return [value.kind, value.relation];
    if (isField(value)) return [value.owner, value.name, ...(value.around === undefined ? [] : [value.around])];
    // A shared subtree is written once: as a tree there would be exponentially many.
    const number = numbers.get(value);
    if (number !== undefined) return `${key}#${number}`;
    numbers.set(value, numbers.size);
    if (Array.isArray(value)) return value.map((part) => plain(part, key));
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plain(part, name)]));
  };
  return hash(plain(condition));
}

function isField(value: object): value is Field {
  return 'sqlType' in value && 'owner' in value && 'column' in value;
}

function hash(value: unknown): string {
  return createHash('sha256')
    .update(canonical(plainMaps(value)))
    .digest('hex')
    .slice(0, 16);
}

/** Turns each Map into an object, for JSON. */
function plainMaps(value: unknown): unknown {
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, part]) => [String(name), plainMaps(part)]));
  if (Array.isArray(value)) return value.map(plainMaps);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, plainMaps(part)]));
}
