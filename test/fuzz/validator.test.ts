/** Arbitrary JSON never makes the checker throw, and every answer is a whole one. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { describe } from '../../src/condition/describe/describe.ts';
import { operators } from '../../src/condition/operator.ts';
import { otherWords } from '../../src/condition/other-word.ts';
import { references } from '../../src/condition/references.ts';
import { shop } from '../condition/catalogue.ts';

function survives(json: unknown): boolean {
  const checked = checkCondition(json, { catalogue: shop });
  if (!checked.ok) {
    expect(checked.issues.length).toBeGreaterThan(0);
    for (const issue of checked.issues) {
      expect(issue.code).toMatch(/^[a-z0-9-]+$/);
      expect(issue.message.length).toBeGreaterThan(0);
      expect(pointsInto(json, issue.pointer), `${issue.pointer} in ${JSON.stringify(json)}`).toBe(true);
    }
    return false;
  }
  describe(checked.condition, shop);
  references(checked.condition, shop);
  return true;
}

function pointsInto(json: unknown, pointer: string): boolean {
  let value: unknown = json;
  for (const step of pointer.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = (value as Record<string, unknown>)[key];
  }
  return true;
}

test('the checker accepts or rejects any JSON without throwing', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 8 }), (json) => void survives(json)),
    { numRuns: 5_000 },
  );
});

const names = [
  ...Object.keys(operators),
  ...otherWords.keys(),
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'toString',
  '',
  'AND',
];
const fieldNames = [
  ...shop.contacts.fields.keys(),
  ...shop.relations.keys(),
  'orders.status',
  'status',
  'total',
  'placed_at',
  'nothing',
  '',
  '__proto__',
  'constructor',
  'a.b',
];

/** Trees of real operators over real and wrong names: nearly conditions. */
const nearly = fc.letrec((tie) => ({
  node: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    fc.constantFrom(...fieldNames).map((name) => ({ var: name })),
    fc.constantFrom<unknown>(
      null,
      true,
      false,
      0,
      1,
      -1,
      1.5,
      Number.POSITIVE_INFINITY,
      2 ** 60,
      '',
      'ES',
      'paid',
      '2024-05-01',
      '2024-05-01T10:00:00Z',
      'day',
      'month',
      '12.5',
      'a\u0000',
      '\ud800',
    ),
    fc
      .tuple(fc.constantFrom(...names), fc.array(tie('node'), { maxLength: 4 }))
      .map(([name, args]) => ({ [name]: args })),
    fc.tuple(fc.constantFrom(...names), tie('node')).map(([name, arg]) => ({ [name]: arg })),
    fc.array(tie('node'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom(...names), tie('node'), { maxKeys: 3 }),
  ),
})).node;

test('the checker accepts or rejects damaged conditions without throwing', () => {
  fc.assert(
    fc.property(nearly, (json) => void survives(json)),
    { numRuns: 20_000 },
  );
});

test('the checker rejects values that JSON cannot hold', () => {
  const failing = {
    toJSON: () => {
      throw new Error('no');
    },
  };
  for (const odd of [
    undefined,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    10n,
    Symbol('x'),
    () => true,
    new Date(0),
    new Map(),
    failing,
    Object.create(null),
    /x/,
  ]) {
    survivesOdd(odd);
    survivesOdd({ '==': [{ var: 'points' }, odd] });
    survivesOdd({ and: [odd] });
    survivesOdd({ in: [{ var: 'points' }, [odd]] });
  }
});

function survivesOdd(json: unknown): void {
  expect(checkCondition(json, { catalogue: shop }).ok).toBe(false);
}

test('the checker rejects a graph that contains itself', () => {
  const loop: Record<string, unknown> = {};
  loop['!'] = [loop];
  expect(checkCondition(loop, { catalogue: shop }).ok).toBe(false);
  const list: unknown[] = [];
  list.push(list);
  expect(checkCondition({ and: list }, { catalogue: shop }).ok).toBe(false);
});
