/** Rows of a condition as it is written: pointers lead to what they name, and rows hold as json-logic-js says. */
import fc from 'fast-check';
import jsonLogic from 'json-logic-js';
import { expect, test } from 'vitest';
import { rowHolds, writtenLeaves, writtenRows, type WrittenRow } from '../../src/condition/written-row.ts';

const flag = fc.constantFrom('a', 'b', 'c').map((name): unknown => ({ var: name }));
const { node } = fc.letrec<{ node: unknown }>((tie) => ({
  node: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    flag,
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((list) => ({ and: list })),
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((list) => ({ or: list })),
    tie('node').map((one) => ({ '!': [one] })),
    tie('node').map((one) => ({ '!': one })),
    tie('node').map((one) => ({ '!!': [one] })),
    fc.array(tie('node'), { minLength: 2, maxLength: 5 }).map((list) => ({ if: list })),
  ),
}));

/** What a JSON pointer names. */
function at(json: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], json);
}

function rowsOf(row: WrittenRow): readonly WrittenRow[] {
  return [row, ...row.children.flatMap(rowsOf)];
}

test('the pointer of each row leads to it, and each row holds as json-logic-js says', () => {
  fc.assert(
    fc.property(node, fc.record({ a: fc.boolean(), b: fc.boolean(), c: fc.boolean() }), (json, document) => {
      const truth = (one: unknown): boolean => jsonLogic.apply(one as never, document) === true;
      for (const row of rowsOf(writtenRows(json))) {
        expect(at(json, row.pointer)).toBe(row.json);
        expect(rowHolds(row, (leaf) => truth(leaf.json))).toBe(truth(row.json));
      }
    }),
  );
});

test('a negated leaf is one row, and a filter of related rows is none', () => {
  const buyers = {
    some: [{ var: 'orders' }, { and: [{ '==': [{ var: 'status' }, 'paid'] }, { '!': [{ var: 'gift' }] }] }],
  };
  const json = { and: [{ '!': [buyers] }, { '!': { or: [buyers, { var: 'a/b~c' }] } }] };
  const rows = writtenRows(json);
  expect(rowsOf(rows).map(({ kind, pointer }) => [kind, pointer])).toEqual([
    ['all', ''],
    ['leaf', '/and/0'],
    ['not', '/and/1'],
    ['any', '/and/1/!'],
    ['leaf', '/and/1/!/or/0'],
    ['leaf', '/and/1/!/or/1'],
  ]);
  expect(writtenLeaves(rows)[0]?.json).toBe(json.and[0]);
});
