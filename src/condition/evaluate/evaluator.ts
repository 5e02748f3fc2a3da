/**
 * Evaluates a checked condition over one contact's document: for `explain`, and as the oracle that the compiler is
 * tested against. Postgres alone decides membership. Owns a private instance of json-logic-js, because the operator
 * table of that module is global and other code of the process may use it.
 */
import { createRequire } from 'node:module';
import type { CheckedCondition } from '../ast.ts';
import { type ContactDocument, type DocumentValue, readValue } from './document.ts';
import type { Field } from '../../catalogue/catalogue.ts';
import { parseInstant } from '../literal.ts';
import { dataOf, ruleOf } from './json-logic-rule.ts';
import { verdict } from './typed-operator.ts';

interface JsonLogic {
  apply(rule: unknown, data: unknown): unknown;
  add_operation(name: string, code: (...args: never[]) => unknown): void;
}

const logic = privateLogic();

function privateLogic(): JsonLogic {
  const require = createRequire(import.meta.url);
  const path = require.resolve('json-logic-js');
  const shared = require.cache[path];
  delete require.cache[path];
  const own = require('json-logic-js') as JsonLogic;
  if (shared) require.cache[path] = shared;
  else delete require.cache[path];
  own.add_operation('read', (field: Field, raw: DocumentValue | undefined) => readValue(field, raw));
  for (const [name, code] of Object.entries(verdict)) own.add_operation(name, code);
  return own;
}

export interface EvaluateOptions {
  /** Zone of `timestamp` columns without one: the catalogue's `timestamps`. Default UTC. */
  readonly timestamps?: string;
}

/**
 * True when the contact matches. `now` is an ISO instant with an offset or Z, microseconds kept. Throws on a document
 * whose text Postgres would not print.
 */
export function evaluate(
  checked: CheckedCondition,
  document: ContactDocument,
  now: string,
  options: EvaluateOptions = {},
): boolean {
  return evaluator(checked, now, options)(document);
}

/** The same for many documents at one instant. */
export function evaluator(
  checked: CheckedCondition,
  now: string,
  options: EvaluateOptions = {},
): (document: ContactDocument) => boolean {
  const micros = parseInstant(now);
  if (micros === undefined) throw new Error(`not an instant: ${now}`);
  const rule = ruleOf(checked.condition, {
    now: micros,
    zone: checked.timezone,
    timestamps: options.timestamps ?? 'UTC',
  });
  return (document) => logic.apply(rule, dataFor(document)) === true;
}

const prepared = new WeakMap<ContactDocument, unknown>();

function dataFor(document: ContactDocument): unknown {
  let data = prepared.get(document);
  if (data === undefined) prepared.set(document, (data = dataOf(document)));
  return data;
}
