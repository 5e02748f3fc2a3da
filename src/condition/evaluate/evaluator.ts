/**
 * Evaluates a checked condition over one contact's document, in any JavaScript: for a page that tries a draft on a contact,
 * and as the oracle that the compiler is tested against. Postgres alone decides membership. Reads no clock.
 */
import type { CheckedCondition } from '../ast.ts';
import { parseInstant } from '../literal.ts';
import type { ContactDocument } from './document.ts';
import { applyRule } from './json-logic.ts';
import { ruleOfCondition } from './json-logic-rule.ts';

export interface EvaluateOptions {
  /** Zone of `timestamp` columns without one: the catalogue's `timestamps`. Default UTC. */
  readonly timestamps?: string;
}

/**
 * Whether the contact matches.
 * @param now the instant of the verdict: ISO 8601 with an offset or `Z`, microseconds kept
 * @throws {Error} when `now` is no instant, or the document holds a text that Postgres would not print
 */
export function evaluate(
  checked: CheckedCondition,
  document: ContactDocument,
  now: string,
  options: EvaluateOptions = {},
): boolean {
  return evaluator(checked, now, options)(document);
}

/** The same for many documents at one instant. @throws {Error} as `evaluate` */
export function evaluator(
  { condition, timezone }: CheckedCondition,
  now: string,
  { timestamps = 'UTC' }: EvaluateOptions = {},
): (document: ContactDocument) => boolean {
  const micros = parseInstant(now);
  if (micros === undefined) throw new Error(`not an instant: ${now}`);
  const rule = ruleOfCondition(condition, { now: micros, zone: timezone, timestamps });
  return (document) => applyRule(rule, document);
}
