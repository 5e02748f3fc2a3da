/**
 * What a condition reads of the row that it is asked of, and what of the rows around that row. Related rows inside it have fields of their
 * own, which are none of this row's; their `outer.` fields are. Pure.
 */
import type { Field } from '../catalogue/catalogue.ts';
import { plainField } from './around-field.ts';
import type { Condition, Operand } from './ast.ts';
import { fieldsOfOperand, operandsInside, rowsOfOperand } from './operand.ts';
import { shapeOf } from './shape.ts';

export interface RowRead {
  /** Of the row itself. */
  readonly own: ReadonlySet<Field>;
  /** Of the row of the enclosing relation. */
  readonly outer: ReadonlySet<Field>;
  /** Of the contact, by `contact.` */
  readonly contact: ReadonlySet<Field>;
  /** The relations whose rows it asks for: rows of the same contact. */
  readonly relations: ReadonlySet<string>;
}

/** Collects what is read at a level: 0 for the row, 1 for the related rows inside it. */
class Reading implements RowRead {
  readonly own = new Set<Field>();
  readonly outer = new Set<Field>();
  readonly contact = new Set<Field>();
  readonly relations = new Set<string>();
  readonly #seen = new Map<number, Set<Condition>>();

  field(field: Field, level: number): void {
    const plain = plainField(field);
    if (field.around === 'contact') this.contact.add(plain);
    // The row around is a level further out.
    const at = field.around === 'outer' ? level - 1 : level;
    if (field.around !== 'contact' && at === 0) this.own.add(plain);
    if (field.around !== 'contact' && at < 0) this.outer.add(plain);
  }

  /** @param inside the level of the rows that the operand is computed over */
  operand(operand: Operand, level: number): void {
    const rows = rowsOfOperand(operand);
    if (rows && level === 0) this.relations.add(rows.relation);
    this.rows(operand, rows ? level + 1 : level);
  }

  /** What is read of the rows that an operand is computed over. */
  rows(operand: Operand, level: number): void {
    for (const field of fieldsOfOperand(operand)) this.field(field, level);
    for (const inside of operandsInside(operand)) this.operand(inside, level);
    const rows = rowsOfOperand(operand);
    if (rows) this.condition(rows.where, level);
  }

  condition(node: Condition, level: number): void {
    const done = this.#seen.get(level) ?? new Set();
    this.#seen.set(level, done);
    if (done.has(node)) return;
    done.add(node);
    const shape = shapeOf(node);
    for (const field of shape.fields(node)) this.field(field, level);
    for (const operand of shape.operands(node)) this.operand(operand, level);
    const relation = shape.relation(node);
    if (relation !== undefined && level === 0) this.relations.add(relation);
    for (const child of shape.conditions(node)) this.condition(child, relation === undefined ? level : level + 1);
  }
}

/** What a condition reads, asked of a row. */
export function readOfRow(condition: Condition): RowRead {
  const reading = new Reading();
  reading.condition(condition, 0);
  return reading;
}

/** What an operand reads, where it is a value of a row. */
export function readOfOperand(operand: Operand): RowRead {
  const reading = new Reading();
  reading.operand(operand, 0);
  return reading;
}

/** What an operand over rows reads of each of these rows: its filter, its value, its order. */
export function readOfRows(operand: Operand): RowRead {
  const reading = new Reading();
  reading.rows(operand, 0);
  return reading;
}
