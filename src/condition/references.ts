/**
 * What a condition reads: the dependency index that routes a change to the segments that the change can matter to.
 * Invariant: when a change alters the truth of a condition, the change's source and column (or the existence of its row)
 * are listed here. One too many costs time; one too few leaves a wrong member.
 */
import {
  type Catalogue,
  contactSource,
  type Field,
  hopNamed,
  hopSource,
  type Relation,
  relationPath,
  relationSource,
} from '../catalogue/catalogue.ts';
import { plainField } from './around-field.ts';
import type { Condition } from './ast.ts';
import { edgesOfOperand, fieldsOfOperand, rowsOfOperand } from './operand.ts';
import { operandsOf, shapeOf, walk } from './shape.ts';

export interface References {
  /** Columns read, link columns of every hop included, by source (`sourceKey` of the catalogue). */
  readonly columns: ReadonlyMap<string, ReadonlySet<string>>;
  /** Sources whose rows count by existing: the contact's own, and every hop of every relation used. */
  readonly rows: ReadonlySet<string>;
  /** Keys of other segments. */
  readonly segments: ReadonlySet<string>;
  /** True when the answer can change though no row does. */
  readonly usesTime: boolean;
}

interface Collected {
  readonly columns: Map<string, Set<string>>;
  readonly rows: Set<string>;
  readonly segments: Set<string>;
  usesTime: boolean;
}

export function references(condition: Condition, catalogue: Catalogue): References {
  const found: Collected = {
    columns: new Map(),
    rows: new Set([contactSource(catalogue)]),
    segments: new Set(),
    usesTime: false,
  };
  walk(condition, (node) => {
    const shape = shapeOf(node);
    const relation = shape.relation(node);
    if (relation !== undefined) readRelation(relation, catalogue, found);
    for (const key of shape.segments(node)) found.segments.add(key);
    for (const field of shape.fields(node)) readField(field, catalogue, found);
    if (shape.readsClock) found.usesTime = true;
    for (const operand of operandsOf(node)) {
      const rows = rowsOfOperand(operand);
      if (rows) readRelation(rows.relation, catalogue, found);
      for (const field of fieldsOfOperand(operand)) readField(field, catalogue, found);
      if (edgesOfOperand(operand)) found.usesTime = true;
    }
  });
  return found;
}

/** The fields that a condition reads, those of related rows included, as the catalogue has them. */
export function fieldsOf(condition: Condition): ReadonlySet<Field> {
  const fields = new Set<Field>();
  walk(condition, (node) => {
    const shape = shapeOf(node);
    for (const field of shape.fields(node)) fields.add(plainField(field));
    for (const operand of operandsOf(node)) for (const field of fieldsOfOperand(operand)) fields.add(plainField(field));
  });
  return fields;
}

/** Whether it reads the contact's key without naming a field. Its column needs no entry: a contact with a new key is a new contact. */
export function readsKey(condition: Condition): boolean {
  let found = false;
  walk(condition, (node) => {
    found ||= operandsOf(node).some(({ kind }) => kind === 'bucket');
  });
  return found;
}

/** What people call what a condition reads: fields (`country`), relations (`orders`) and their fields (`orders.total`), in order. */
export function namesRead(condition: Condition, catalogue: Catalogue): readonly string[] {
  const names = new Set<string>();
  const readRows = (relation: string): void => {
    for (const hop of relationPath(catalogue, relation)) names.add(hop.name);
  };
  walk(condition, (node) => {
    const shape = shapeOf(node);
    const relation = shape.relation(node);
    if (relation !== undefined) readRows(relation);
    for (const operand of operandsOf(node)) {
      const rows = rowsOfOperand(operand);
      if (rows) readRows(rows.relation);
    }
  });
  for (const field of fieldsOf(condition)) {
    const relation = relationOf(field, catalogue);
    names.add(relation ? `${relation.name}.${field.name}` : field.name);
  }
  return [...names].toSorted();
}

/** The relations whose rows a condition reads, without those that they go through. */
export function relationsOf(condition: Condition): ReadonlySet<string> {
  const relations = new Set<string>();
  walk(condition, (node) => {
    const shape = shapeOf(node);
    const read = [shape.relation(node), ...operandsOf(node).map((operand) => rowsOfOperand(operand)?.relation)];
    for (const relation of read) if (relation !== undefined) relations.add(relation);
  });
  return relations;
}

/** The segments whose members a condition reads. */
export function segmentsOf(condition: Condition): ReadonlySet<string> {
  const segments = new Set<string>();
  walk(condition, (node) => {
    for (const key of shapeOf(node).segments(node)) segments.add(key);
  });
  return segments;
}

/** The segments of whose members a condition reads the past. */
export function pastsOf(condition: Condition): ReadonlySet<string> {
  const keys = new Set<string>();
  walk(condition, (node) => {
    if (node.kind === 'past') keys.add(node.key);
  });
  return keys;
}

/** Every hop matters by its rows, by the column that leads on, and by the column that the link before it leads to. */
function readRelation(name: string, catalogue: Catalogue, found: Collected): void {
  for (const hop of relationPath(catalogue, name)) {
    const source = hopSource(catalogue, hop);
    found.rows.add(source);
    addColumn(found, source, hop.link.column);
    if (hop.link.kind !== 'through') continue;
    const middle = hopNamed(catalogue, hop.link.relation);
    if (middle) addColumn(found, hopSource(catalogue, middle), hop.link.target);
  }
}

/** The field of a related row may be read without a word about its relation: `company.name`. */
function readField(field: Field, catalogue: Catalogue, found: Collected): void {
  const relation = relationOf(field, catalogue);
  if (relation) readRelation(relation.name, catalogue, found);
  addColumn(found, relation ? relationSource(relation) : contactSource(catalogue), field.column);
}

/** The relation whose field it is; undefined for a field of contacts. A relation may be called `contact` too, so the field itself decides. */
function relationOf(field: Field, catalogue: Catalogue): Relation | undefined {
  const relation = catalogue.relations.get(field.owner);
  return relation?.fields.get(field.name)?.column === field.column ? relation : undefined;
}

function addColumn(found: Collected, source: string, column: string): void {
  const columns = found.columns.get(source);
  if (columns) columns.add(column);
  else found.columns.set(source, new Set([column]));
}
