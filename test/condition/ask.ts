/** Shorthands of these suites: check a condition against the shop. */
import { expect } from 'vitest';
import type { Condition } from '../../src/condition/ast.ts';
import { type CheckContext, checkCondition } from '../../src/condition/check/check-condition.ts';
import type { Issue } from '../../src/condition/issue.ts';
import { shop } from './catalogue.ts';

export function accepted(json: unknown, context: Partial<CheckContext> = {}): Condition {
  const checked = checkCondition(json, { catalogue: shop, ...context });
  if (!checked.ok) expect.fail(`refused: ${JSON.stringify(checked.issues)}`);
  return checked.condition;
}

export function issuesOf(json: unknown, context: Partial<CheckContext> = {}): readonly Issue[] {
  const checked = checkCondition(json, { catalogue: shop, ...context });
  return checked.ok ? [] : checked.issues;
}

export const v = (name: string): { var: string } => ({ var: name });
