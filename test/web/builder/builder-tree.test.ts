/** The tree holds everything that JSON says, and a checker's pointer finds its row. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { check } from '../../../src/condition/condition.ts';
import { builderJson, placedRows, rowAt } from '../../../src/web/builder/builder-json.ts';
import { replaceRow } from '../../../src/web/builder/builder-edit.ts';
import { builderTree, rowIds } from '../../../src/web/builder/builder-tree.ts';
import { catalogueWith } from '../../oracle/oracle-world.ts';
import { contactScope, randomRule } from '../../oracle/random-condition.ts';
import { random } from '../../support/random.ts';
import { samples } from '../../condition/sample.ts';

const catalogue = catalogueWith('Europe/Madrid');
const RULES = Array.from({ length: 600 }, (_, n) => randomRule(contactScope(random(n), catalogue, ['a']), 3));
const tree = (json: unknown) => builderTree(json, rowIds());

describe('nothing is lost', () => {
  test.each(Object.entries(samples))('%s has a form, and keeps its JSON', (_, { json }) => {
    const rows = placedRows(tree(json));
    expect(rows.filter(({ row }) => row.kind === 'raw')).toEqual([]);
    expect(builderJson(tree(json))).toEqual(json);
  });

  test('random conditions', () => {
    for (const json of RULES) expect(builderJson(tree(json))).toEqual(json);
  });

  test('a random condition is raw only where it says true or false, or limits rows in more ways than a form has', () => {
    const raw = RULES.flatMap((json) => placedRows(tree(json)).map(({ row }) => row)).filter(
      (row) => row.kind === 'raw',
    );
    expect(raw.length).toBeGreaterThan(0);
    const limits = /"(?:newest|oldest)":/;
    expect(raw.filter(({ json }) => typeof json !== 'boolean' && !limits.test(JSON.stringify(json)))).toEqual([]);
  });

  test.each([
    { newest: [5, { var: 'orders' }] },
    { oldest: [5, { filter: [{ var: 'orders' }, { var: 'gift' }] }] },
    { filter: [{ newest: [5, { var: 'orders' }] }, { var: 'gift' }] },
  ])('limited rows have a form: %j', (rows) => {
    const json = { '>': [{ sum: [{ map: [rows, { var: 'total' }] }] }, 3] };
    const placed = placedRows(tree(json));
    expect(placed.filter(({ row }) => row.kind === 'raw')).toEqual([]);
    expect(builderJson(tree(json))).toEqual(json);
    // The condition of the rows stands where the checker looks for it.
    for (const { row, pointer } of placed.slice(1))
      expect(builderJson(row)).toEqual(
        pointer
          .slice(1)
          .split('/')
          .reduce<unknown>((at, step) => (at as Readonly<Record<string, unknown>>)[step], json),
      );
  });

  test('any JSON at all', () => {
    const operator = fc.constantFrom(
      'and',
      '!',
      '!!',
      'var',
      'filter',
      'map',
      'count',
      '==',
      'in',
      'some',
      'if',
      '<',
      'first',
      '__proto__',
    );
    const { node } = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 5 },
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(operator, tie('node'), { minKeys: 1, maxKeys: 2 }),
        fc.tuple(operator, fc.array(tie('node'), { maxLength: 3 })).map(([name, list]) => ({ [name]: list })),
      ),
    }));
    fc.assert(
      fc.property(node, (json) => {
        expect(builderJson(tree(json))).toEqual(json);
      }),
      { numRuns: 3_000 },
    );
  });

  test.each([
    [{ '!': { var: 'vip' } }],
    [{ '!': [{ '!': [{ var: 'vip' }] }] }],
    [{ '!': [true] }],
    [{ '!': [{ nonsense: 1 }] }],
    [{ and: { var: 'vip' } }],
    [{ '==': [{ var: ['country'] }, 'ES'] }],
    [{ '==': [{ var: ['country', 'ES'] }, 'ES'] }],
    [{ count: { var: 'orders' } }],
    [{ '>': [{ count: { var: 'orders' } }, 2] }],
    [{ in: [{ var: 'country' }, ['ES', { var: 'city' }]] }],
    [{ some: [{ var: 'orders' }, { unknown: [] }] }],
    [{ '<': [1, { var: 'points' }, 3, 4] }],
  ])('%j', (json) => {
    expect(builderJson(tree(json))).toEqual(json);
  });
});

test('ids are given once', () => {
  for (const json of RULES.slice(0, 100)) {
    const ids = placedRows(tree(json)).map(({ row }) => row.id);
    expect(new Set(ids).size).toBe(ids.length);
  }
});

test("an issue's pointer finds the row at fault", () => {
  let tried = 0;
  for (const json of RULES.slice(0, 200)) {
    if (!check(json, catalogue, { isSegment: () => true }).ok) continue;
    const whole = tree(json);
    for (const { row, pointer } of placedRows(whole)) {
      const wrong = replaceRow(whole, row.id, ({ id }) => ({
        kind: 'raw',
        id,
        json: { '==': [{ var: 'no_such_field' }, 1] },
      }));
      const checked = check(builderJson(wrong), catalogue, { isSegment: () => true });
      if (checked.ok) throw new Error('an unknown field is accepted');
      const found = checked.issues.filter(({ code }) => code === 'unknown-field');
      expect(found.length, `${pointer} of ${JSON.stringify(json)}`).toBeGreaterThan(0);
      for (const issue of found) expect(rowAt(wrong, issue.pointer)).toBe(row.id);
      tried += 1;
    }
  }
  expect(tried).toBeGreaterThan(500);
});
