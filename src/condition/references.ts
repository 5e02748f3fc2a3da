/**
 * What a condition reads: the dependency index that routes a change to the segments it can matter to. Invariant: if a
 * change alters the truth of a condition, its source and column (or its row's existence) are listed here. Too much costs
 * time, too little is a wrong member.
 */
import { unreachable } from '../base/unreachable.ts';
import { type Catalogue, contactSource, type Field, relationPath, relationSource } from '../catalogue/catalogue.ts';
import type { Condition, Operand } from './ast.ts';
import { childrenOf, operandsOf } from './normalise.ts';

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
  const seen = new Set<Condition>();
  const visit = (node: Condition): void => {
    // Lowered `if`s share subtrees.
    if (seen.has(node)) return;
    seen.add(node);
    readLeaf(node, catalogue, found);
    for (const operand of operandsOf(node)) readOperand(operand, catalogue, found);
    for (const child of childrenOf(node)) visit(child);
  };
  visit(condition);
  return found;
}

function readLeaf(node: Condition, catalogue: Catalogue, found: Collected): void {
  switch (node.kind) {
    case 'some':
      readRelation(node.relation, catalogue, found);
      break;
    case 'segment':
      found.segments.add(node.key);
      break;
    case 'anniversary':
      found.usesTime = true;
      readField(node.field, catalogue, found);
      break;
    case 'empty':
    case 'array':
      readField(node.field, catalogue, found);
      break;
    case 'window':
    case 'period':
      found.usesTime = true;
      break;
    case 'constant':
    case 'and':
    case 'or':
    case 'not':
    case 'compare':
    case 'compare_day':
    case 'missing':
    case 'in':
    case 'text':
    case 'override':
      break;
    default:
      unreachable(node);
  }
}

function readOperand(operand: Operand, catalogue: Catalogue, found: Collected): void {
  switch (operand.kind) {
    case 'aggregate':
      readRelation(operand.relation, catalogue, found);
      if (operand.field) readField(operand.field, catalogue, found);
      break;
    case 'pick':
      readRelation(operand.relation, catalogue, found);
      readField(operand.field, catalogue, found);
      readField(operand.time, catalogue, found);
      break;
    case 'age':
      found.usesTime = true;
      readField(operand.field, catalogue, found);
      break;
    case 'field':
    case 'weekday':
    case 'anniversary_month':
      readField(operand.field, catalogue, found);
      break;
    default:
      unreachable(operand);
  }
}

/** The fields that a condition reads, those of related rows included. */
export function fieldsOf(condition: Condition): ReadonlySet<Field> {
  const fields = new Set<Field>();
  const seen = new Set<Condition>();
  const visit = (node: Condition): void => {
    if (seen.has(node)) return;
    seen.add(node);
    if (node.kind === 'empty' || node.kind === 'array' || node.kind === 'anniversary') fields.add(node.field);
    for (const operand of operandsOf(node)) {
      if (operand.field) fields.add(operand.field);
      if (operand.kind === 'pick') fields.add(operand.time);
    }
    for (const child of childrenOf(node)) visit(child);
  };
  visit(condition);
  return fields;
}

/** Every hop matters by its rows, by the column that leads on, and by the column that it is led to by. */
function readRelation(name: string, catalogue: Catalogue, found: Collected): void {
  for (const hop of relationPath(catalogue, name)) {
    const source = relationSource(hop);
    found.rows.add(source);
    addColumn(found, source, hop.link.column);
    if (hop.link.kind !== 'through') continue;
    const middle = catalogue.relations.get(hop.link.relation);
    if (middle) addColumn(found, relationSource(middle), hop.link.target);
  }
}

function readField(field: Field, catalogue: Catalogue, found: Collected): void {
  const relation = catalogue.relations.get(field.owner);
  // `contact` cannot be the name of a relation's owner; a relation called so is looked up by its field object.
  const own = relation !== undefined && relation.fields.get(field.name)?.column === field.column;
  addColumn(found, own ? relationSource(relation) : contactSource(catalogue), field.column);
}

function addColumn(found: Collected, source: string, column: string): void {
  const columns = found.columns.get(source);
  if (columns) columns.add(column);
  else found.columns.set(source, new Set([column]));
}
