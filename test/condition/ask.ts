/** Shorthands of these suites: check a condition against the shop, or evaluate it over one document. */
import { expect } from 'vitest';
import type { Condition } from '../../src/condition/ast.ts';
import { type CheckContext, checkCondition } from '../../src/condition/check/check.ts';
import type { ContactDocument, DocumentRow, DocumentValue } from '../../src/condition/evaluate/document.ts';
import { evaluate } from '../../src/condition/evaluate/evaluator.ts';
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

export interface Given {
  readonly fields?: Readonly<Record<string, DocumentValue>>;
  readonly orders?: readonly Readonly<Record<string, DocumentValue>>[];
  readonly items?: readonly DocumentRow[];
  readonly segments?: readonly string[];
  readonly now?: string;
  readonly zone?: string;
  readonly timestamps?: string;
}

export function holds(json: unknown, given: Given = {}): boolean {
  const document: ContactDocument = {
    fields: given.fields ?? {},
    relations: { orders: (given.orders ?? []).map((fields) => ({ fields })), items: given.items ?? [], notes: [] },
    segments: given.segments ?? [],
  };
  const checked = { condition: accepted(json), timezone: given.zone ?? 'Europe/Madrid' };
  return evaluate(
    checked,
    document,
    given.now ?? '2024-05-15T12:00:00Z',
    given.timestamps === undefined ? {} : { timestamps: given.timestamps },
  );
}

/** The verdicts of one condition over several values of one field. */
export function verdicts(json: unknown, name: string, values: readonly DocumentValue[], given: Given = {}): boolean[] {
  return values.map((value) => holds(json, { ...given, fields: { ...given.fields, [name]: value } }));
}

export const v = (name: string): { var: string } => ({ var: name });
