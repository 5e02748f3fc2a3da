/**
 * A typed condition as JsonLogic over one contact's document, with the operators of verdict.ts. Literals become typed
 * values here, once. Traps of json-logic-js that shape this file: an object with exactly one key is taken for logic
 * (typed values have two), a single array argument is spread (lists travel in an object), inside `filter`, `map` and
 * `some` only the row is in scope (the moment is an argument), `var` splits names at dots and walks the prototype chain
 * (names are encoded).
 */
import { unreachable } from '../../base/unreachable.ts';
import type { Field } from '../../catalogue/catalogue.ts';
import type { AggregateOperand, Condition, Literal, Operand, PickOperand } from '../ast.ts';
import { parseDay } from '../civil.ts';
import { parseDecimal } from '../decimal.ts';
import type { ContactDocument, DocumentRow, DocumentValue, Typed } from './document.ts';
import { parseInstant } from '../literal.ts';
import type { Moment } from './moment.ts';

export type Rule = unknown;

/** A name as one step of a `var` path: no dots, and never the name of a property that every object has. */
function encode(name: string): string {
  return `$${name.replaceAll('%', '%25').replaceAll('.', '%2E')}`;
}

/** Where a rule is read: over the contact, or over a row of `relation`. */
interface Place {
  readonly moment: Moment;
  readonly relation?: string;
}

export function ruleOf(condition: Condition, moment: Moment): Rule {
  return conditionRule(condition, { moment });
}

function conditionRule(condition: Condition, place: Place): Rule {
  const { moment } = place;
  const value = (operand: Operand): Rule => valueRule(operand, place);
  switch (condition.kind) {
    case 'constant':
      return condition.value;
    case 'and':
    case 'or':
      return { [condition.kind]: condition.children.map((child) => conditionRule(child, place)) };
    case 'not':
      return { '!': [conditionRule(condition.child, place)] };
    case 'compare': {
      const isLiteral = condition.right.kind === 'literal';
      const right = condition.right.kind === 'literal' ? typed(condition.right) : value(condition.right);
      return { compare: [condition.operator, value(condition.left), right, isLiteral, moment] };
    }
    case 'compare_day':
      return { compare_day: [condition.operator, value(condition.left), parseDay(condition.day), moment] };
    case 'missing':
      return { is_missing: [value(condition.operand)] };
    case 'empty':
      return { is_empty: [fieldRule(condition.field, place)] };
    case 'in':
      return { is_in: [value(condition.operand), literals(condition.values), moment] };
    case 'text':
      return {
        text: [
          condition.operator,
          condition.fold,
          value(condition.operand),
          { kind: 'needles', values: condition.needles },
        ],
      };
    case 'array':
      return { array: [condition.operator, fieldRule(condition.field, place), literals(condition.values), moment] };
    case 'window':
      return { window: [condition.operator, value(condition.operand), condition.seconds, moment] };
    case 'period':
      return { period: [value(condition.operand), condition.unit, condition.offset, moment] };
    case 'anniversary':
      return { anniversary: [fieldRule(condition.field, place), condition.days, moment] };
    case 'some':
      return { some: [rows(condition.relation), rowRule(condition.where, condition.relation, place)] };
    case 'segment':
      return { in: [condition.key, { var: 'segments' }] };
    case 'override':
      throw new Error('what was decided by hand is not part of a condition');
    default:
      return unreachable(condition);
  }
}

function valueRule(operand: Operand, place: Place): Rule {
  switch (operand.kind) {
    case 'field':
      return fieldRule(operand.field, place);
    case 'age':
    case 'weekday':
    case 'anniversary_month':
      return { derived: [operand.kind, fieldRule(operand.field, place), place.moment] };
    case 'aggregate': {
      const matching = matchingRows(operand, place);
      if (!operand.field) return { count: [{ once: [matching, operand.relation] }] };
      if (operand.function === 'sum' || operand.function === 'avg') {
        const inner: Place = { moment: place.moment, relation: operand.relation };
        return {
          aggregate: [
            operand.function,
            { map: [{ once: [matching, operand.field.owner] }, fieldRule(operand.field, inner)] },
            place.moment,
          ],
        };
      }
      const inner: Place = { moment: place.moment, relation: operand.relation };
      return { aggregate: [operand.function, { map: [matching, fieldRule(operand.field, inner)] }, place.moment] };
    }
    case 'pick': {
      const inner: Place = { moment: place.moment, relation: operand.relation };
      const pairs = {
        map: [
          matchingRows(operand, place),
          { pair: [fieldRule(operand.time, inner), fieldRule(operand.field, inner)] },
        ],
      };
      return { pick: [operand.which, pairs, place.moment] };
    }
    default:
      return unreachable(operand);
  }
}

function rows(relation: string): Rule {
  return { var: `relations.${encode(relation)}` };
}

function matchingRows(operand: AggregateOperand | PickOperand, place: Place): Rule {
  return { filter: [rows(operand.relation), rowRule(operand.where, operand.relation, place)] };
}

function rowRule(where: Condition, relation: string, place: Place): Rule {
  return conditionRule(where, { moment: place.moment, relation });
}

/** The field itself is an argument: an object with many keys, which json-logic-js takes for data. */
function fieldRule(field: Field, place: Place): Rule {
  const own = place.relation === undefined || place.relation === field.owner;
  const path = own ? `fields.${encode(field.name)}` : `middle.${encode(field.owner)}.${encode(field.name)}`;
  return { read: [field, { var: path }] };
}

function literals(values: readonly Literal[]): Rule {
  return { kind: 'literals', values: values.map(typed) };
}

function typed({ family, value }: Literal): Typed {
  switch (family) {
    case 'text':
    case 'uuid':
      return { family, value };
    case 'boolean':
      return { family, value: value === 'true' };
    case 'number':
      return { family, value: known(parseDecimal(value)) };
    case 'date':
      return { family, value: known(parseDay(value)) };
    case 'instant':
      return { family, value: { micros: known(parseInstant(value)), wall: false } };
    default:
      return unreachable(family);
  }
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a checked literal is canonical');
  return value;
}

/** A document with encoded names, the data that rules are applied to. */
export function dataOf(document: ContactDocument): unknown {
  return {
    fields: encodeFields(document.fields),
    relations: Object.fromEntries(
      Object.entries(document.relations).map(([name, list]) => [encode(name), list.map(rowData)]),
    ),
    segments: document.segments,
  };
}

function rowData(row: DocumentRow): unknown {
  const middle = Object.entries(row.middle ?? {}).map(
    ([name, columns]) => [encode(name), encodeFields(columns)] as const,
  );
  return { fields: encodeFields(row.fields), middle: Object.fromEntries(middle), identity: row.identity };
}

function encodeFields(fields: Readonly<Record<string, DocumentValue>>): unknown {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [encode(name), value]));
}
