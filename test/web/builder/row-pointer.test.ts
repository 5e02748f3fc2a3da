/** The builder's rows find the numbers of previews by JSON pointers. */
import { expect, test } from 'vitest';
import { writtenRows, type WrittenRow } from '../../../src/condition/written-row.ts';
import { placedRows } from '../../../src/web/builder/builder-json.ts';
import { builderTree, rowIds } from '../../../src/web/builder/builder-tree.ts';

const spain = { '==': [{ var: 'country' }, 'ES'] };
const paid = { '==': [{ var: 'status' }, 'paid'] };
const buyers = { some: [{ var: 'orders' }, { and: [paid, { '!': [paid] }] }] };
const often = { '>=': [{ count: [{ filter: [{ var: 'orders' }, paid] }] }, 3] };
const age = { '<=': [18, { age: [{ var: 'birth_date' }] }, 24] };

const rowsOf = (row: WrittenRow): readonly WrittenRow[] => [row, ...row.children.flatMap(rowsOf)];

test.each([
  { and: [spain, { '!': [buyers] }, { or: [often, { '!': { var: 'vip' } }] }] },
  { or: [{ '!': [{ and: [spain, age] }] }, { '!!': [spain] }, { in_segment: ['loyal'] }] },
  { if: [spain, buyers, age, often, true] },
  { '!': [{ '!': [spain] }] },
  { '!': { or: [spain, buyers] } },
])('%j', (json) => {
  const pointers = placedRows(builderTree(json, rowIds())).map(({ pointer }) => pointer);
  const rows = rowsOf(writtenRows(json));
  // A negated group is one row of the builder and two parts of a preview, of which the outer one counts what the row says.
  const inner = new Set(
    rows.filter(({ kind }) => kind === 'not').flatMap(({ children }) => children.map(({ pointer }) => pointer)),
  );
  const numbered = rows.map(({ pointer }) => pointer);
  expect(numbered.filter((pointer) => !inner.has(pointer) && !pointers.includes(pointer))).toEqual([]);
  // What is left has no number: rows inside a filter of related rows.
  const others = pointers.filter((pointer) => !numbered.includes(pointer));
  for (const pointer of others) expect(pointer).toMatch(/\/(?:filter|some)\/1/);
});
