/**
 * The first walk over arbitrary JSON: size, depth and text, without recursion. After it no other walk can overflow the stack
 * or run for ever. Knows no operator and no field.
 */
import type { Issues } from './check-context.ts';
import { isObject, quote, under } from './check-context.ts';
import { defaultLimits, type Limits } from '../limit.ts';

/** The walk stops after so many values: an object graph of a caller may share subtrees without end. */
const maximumVisits = 200_000;

const forbiddenNames: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

export function isForbidden(name: string): boolean {
  return name.split('.').some((part) => forbiddenNames.has(part));
}

/** Whether JSON is nested deeper than any condition may be. A recursive walk over such JSON may overflow the stack. */
export function isTooDeep(json: unknown, limits: Limits = defaultLimits): boolean {
  const stack: { readonly value: unknown; readonly level: number }[] = [{ value: json, level: 0 }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { value, level } = visit;
    if (typeof value !== 'object' || value === null) continue;
    if (level > 3 * limits.depth) return true;
    for (const child of Object.values(value)) stack.push({ value: child, level: level + 1 });
  }
  return false;
}

interface Visit {
  readonly value: unknown;
  readonly at: string;
  /** Objects around it. */
  readonly depth: number;
  /** Objects and arrays around it. */
  readonly level: number;
}

/** Reports every broken limit. False when the JSON is too deep or too large for the other checks. */
export function checkShape(json: unknown, limits: Limits, issues: Issues): boolean {
  const stack: Visit[] = [{ value: json, at: '', depth: 0, level: 0 }];
  let nodes = 0;
  let visits = 0;
  let deep = false;
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { value, at, depth, level } = visit;
    visits += 1;
    if (visits > maximumVisits) {
      issues.report('too-large', '', `The condition has more than ${maximumVisits} values.`);
      return false;
    }
    if (typeof value === 'string') checkText(value, at, limits, issues);
    if (typeof value !== 'object' || value === null) continue;
    if (isObject(value)) nodes += 1;
    const inner = isObject(value) ? depth + 1 : depth;
    if (inner > limits.depth || level > 3 * limits.depth) {
      if (!deep)
        issues.report(
          'too-deep',
          at,
          `Operators are nested more than ${limits.depth} deep.`,
          'flatten groups, or move a part into a segment of its own and use `in_segment`',
        );
      deep = true;
      continue;
    }
    for (const child of childrenOf(value, at, limits, issues)) stack.push({ ...child, depth: inner, level: level + 1 });
  }
  if (nodes > limits.nodes) {
    issues.report(
      'too-many-nodes',
      '',
      `The condition has ${nodes} operators; at most ${limits.nodes} are allowed.`,
      'use one `in` with a list instead of many comparisons',
    );
  }
  if (deep) return false;
  return checkBytes(json, limits, issues) && nodes <= 40 * limits.nodes;
}

function childrenOf(value: object, at: string, limits: Limits, issues: Issues): { value: unknown; at: string }[] {
  if (Array.isArray(value)) {
    if (value.length > limits.values) {
      issues.report(
        'too-many-values',
        at,
        `The list has ${value.length} entries; at most ${limits.values} are allowed.`,
        'load them into a static segment and use `in_segment`',
      );
      return [];
    }
    return value.map((item: unknown, index) => ({ value: item, at: under(at, index) })).reverse();
  }
  return Object.entries(value)
    .map(([key, item]: [string, unknown]) => {
      checkText(key, at, limits, issues);
      if (isForbidden(key)) issues.report('forbidden-name', at, `The name ${quote(key)} is not allowed.`);
      return { value: item, at: under(at, key) };
    })
    .reverse();
}

function checkText(text: string, at: string, limits: Limits, issues: Issues): void {
  if (text.includes('\u0000'))
    issues.report('nul', at, 'Text must not contain the NUL character; Postgres cannot store it.');
  if (/\p{Surrogate}/u.test(text))
    issues.report('lone-surrogate', at, 'Text contains half of a surrogate pair, which is not a character.');
  if (text.length > limits.text && [...text].length > limits.text) {
    issues.report('text-too-long', at, `Text is longer than ${limits.text} characters.`);
  }
}

function checkBytes(json: unknown, limits: Limits, issues: Issues): boolean {
  let bytes: number;
  try {
    bytes = new TextEncoder().encode(JSON.stringify(json) ?? '').length;
  } catch {
    // A caller's object that is not JSON (a BigInt, a failing toJSON): the checks by type report where it stands.
    return true;
  }
  if (bytes <= limits.bytes) return true;
  issues.report('too-large', '', `The condition is ${bytes} bytes as JSON; at most ${limits.bytes} are allowed.`);
  return false;
}
