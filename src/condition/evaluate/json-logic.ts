/**
 * json-logic-js as the evaluator uses it: groups, `some`, `filter` and `map` are the library's own; everything typed is a
 * function of ours. The library's operator table is global to the process or page. So this file adds one operator and
 * uses none that other code may replace: the operator calls the function that a rule carries. Its meaning depends on
 * nothing of segmentd, so two versions of this package, and other users of the library, cannot disturb each other.
 */
import jsonLogic from 'json-logic-js';
import type { RuleScope } from './row-scope.ts';

const CALL = 'segmentd:call';

jsonLogic.add_operation(CALL, function (this: unknown, ours: (data: unknown, args: unknown[]) => unknown, ...args) {
  return ours(this, args);
});

declare const result: unique symbol;

/** A rule of json-logic-js that yields a `T`. */
export interface Rule<T> {
  readonly [result]?: T;
}

/** Calls `fn` with what the rules yield. */
export function call<A extends readonly unknown[], T>(
  fn: (...args: A) => T,
  ...args: { readonly [I in keyof A]: Rule<A[I]> }
): Rule<T> {
  return ruleOf(CALL, (_: unknown, given: unknown) => fn(...(given as A)), ...args);
}

/** Calls `fn` with what the rule is asked of: the contact, and inside `someOf`, `filterOf` and `mapOf` the row. */
export function readScope<T>(fn: (scope: RuleScope) => T): Rule<T> {
  return ruleOf(CALL, (data: RuleScope) => fn(data));
}

export function allOf(rules: readonly Rule<boolean>[]): Rule<boolean> {
  return ruleOf('and', ...rules);
}

export function anyOf(rules: readonly Rule<boolean>[]): Rule<boolean> {
  return ruleOf('or', ...rules);
}

export function someOf(rows: Rule<readonly unknown[]>, where: Rule<boolean>): Rule<boolean> {
  return ruleOf('some', rows, where);
}

export function filterOf<R>(rows: Rule<readonly R[]>, where: Rule<boolean>): Rule<readonly R[]> {
  return ruleOf('filter', rows, where);
}

export function mapOf<T>(rows: Rule<readonly unknown[]>, to: Rule<T>): Rule<readonly T[]> {
  return ruleOf('map', rows, to);
}

/** json-logic-js takes an object with one key for a rule, and leaves functions as they are. */
function ruleOf<T>(operator: string, ...args: readonly unknown[]): Rule<T> {
  const rule: unknown = { [operator]: args };
  return rule as Rule<T>;
}

/** What the rule yields over the contact, or over a row in scope. */
export function applyRule(rule: Rule<boolean>, scope: RuleScope): boolean {
  return jsonLogic.apply(rule, scope) === true;
}
