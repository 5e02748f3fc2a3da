/** Properties over random rules: the complement, normalising, describing, and the rule's own dependency set. */
import { hopNamed } from '../../src/catalogue/catalogue.ts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Condition } from '../../src/condition/ast.ts';
import { checkCondition } from '../../src/condition/check/check-condition.ts';
import { describe } from '../../src/condition/describe/describe.ts';
import type { ContactDocument, DocumentRow, DocumentValue } from '../../src/condition/evaluate/document.ts';
import { evaluate } from '../../src/condition/evaluate/evaluator.ts';
import { normalise } from '../../src/condition/normalise.ts';
import { readsKey, references } from '../../src/condition/references.ts';
import { random } from '../support/random.ts';
import { contactScope, randomRule } from './random-condition.ts';
import { catalogueWith } from './oracle-world.ts';
import { randomDocument } from './random-document.ts';

const catalogue = catalogueWith('UTC');
const now = '2024-05-15T12:00:00.000000Z';
const seeds = fc.integer({ min: 0, max: 2 ** 31 });

function ruleOf(seed: number): { json: unknown; condition: Condition; documents: ContactDocument[] } {
  const r = random(seed);
  for (;;) {
    const json = randomRule(contactScope(r, catalogue, ['a']), 3);
    const checked = checkCondition(json, { catalogue });
    if (checked.ok)
      return {
        json,
        condition: checked.condition,
        documents: Array.from({ length: 6 }, () => randomDocument(r, catalogue)),
      };
  }
}

const holds = (condition: Condition, document: ContactDocument): boolean =>
  evaluate({ condition, timezone: 'Europe/Madrid' }, document, now);

test('`!` is the exact complement of its condition', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { json, condition, documents } = ruleOf(seed);
      const negated = checkCondition({ '!': [json] }, { catalogue, limits: { depth: 30, nodes: 1000 } });
      if (!negated.ok) expect.fail(JSON.stringify(negated.issues));
      for (const document of documents) expect(holds(negated.condition, document)).toBe(!holds(condition, document));
    }),
    { numRuns: 400 },
  );
});

/** The same meaning with everything that normalising takes away. */
function bloated(condition: Condition): Condition {
  const yes: Condition = { kind: 'constant', value: true };
  const inner: Condition =
    condition.kind === 'and' || condition.kind === 'or'
      ? { ...condition, children: condition.children.map(bloated) }
      : condition.kind === 'not'
        ? { ...condition, child: bloated(condition.child) }
        : condition;
  return {
    kind: 'and',
    children: [
      yes,
      {
        kind: 'or',
        children: [
          { kind: 'not', child: { kind: 'not', child: inner } },
          { kind: 'not', child: yes },
        ],
      },
    ],
  };
}

test('normalising keeps the meaning, and removes all that has none', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { condition, documents } = ruleOf(seed);
      const large = bloated(condition);
      for (const document of documents) expect(holds(large, document)).toBe(holds(condition, document));
      expect(normalise(large)).toEqual(condition);
      expect(normalise(condition)).toEqual(condition);
    }),
    { numRuns: 300 },
  );
});

test('every rule can be said in English, with its brackets in pairs', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const english = describe(ruleOf(seed).condition, catalogue).replaceAll(/"(?:[^"\\]|\\.)*"/g, '');
      expect(english.length).toBeGreaterThan(3);
      let open = 0;
      for (const character of english) {
        if (character === '(') open += 1;
        if (character === ')') open -= 1;
        expect(open).toBeGreaterThanOrEqual(0);
      }
      expect(open).toBe(0);
    }),
    { numRuns: 300 },
  );
});

test('a column that a condition does not reference does not change its verdict', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const { condition, documents } = ruleOf(seed);
      const { columns } = references(condition, catalogue);
      const read = new Set([...columns.values()].flatMap((names) => [...names]));
      const blank = (
        fields: Readonly<Record<string, DocumentValue>>,
        known: ReadonlyMap<string, { column: string }>,
      ): Record<string, DocumentValue> =>
        Object.fromEntries(
          Object.entries(fields).map(([name, value]) => [name, read.has(known.get(name)?.column ?? '') ? value : null]),
        );
      const blankRelated = (rows: DocumentRow['middle'] = {}) =>
        Object.fromEntries(
          Object.entries(rows).map(([name, fields]) => [
            name,
            blank(fields, hopNamed(catalogue, name)?.fields ?? new Map()),
          ]),
        );
      const blankRow = (relation: string, row: DocumentRow): DocumentRow => ({
        fields: blank(row.fields, catalogue.relations.get(relation)?.fields ?? new Map()),
        middle: blankRelated(row.middle),
        one: blankRelated(row.one),
      });
      for (const document of documents) {
        const less: ContactDocument = {
          ...(readsKey(condition) && document.key !== undefined ? { key: document.key } : {}),
          fields: blank(document.fields, catalogue.contacts.fields),
          one: blankRelated(document.one),
          relations: Object.fromEntries(
            Object.entries(document.relations).map(([name, rows]) => [name, rows.map((row) => blankRow(name, row))]),
          ),
          segments: document.segments,
          pasts: document.pasts ?? {},
        };
        expect(holds(condition, less)).toBe(holds(condition, document));
      }
    }),
    { numRuns: 300 },
  );
});
