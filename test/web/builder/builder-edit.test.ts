/** Edits change the rows that they name, and nothing else; undo brings every one of them back. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builderJson, placedRows } from '../../../src/web/builder/builder-json.ts';
import {
  denyRow,
  duplicateRow,
  findRow,
  insertRows,
  isGroup,
  moveRow,
  parentOf,
  removeRow,
  replaceRow,
  rowsOfGroup,
  unwrapGroup,
  wrapRow,
} from '../../../src/web/builder/builder-edit.ts';
import { begin, record, redo, undo } from '../../../src/web/builder/builder-history.ts';
import type { Row, RowId } from '../../../src/web/builder/builder-node.ts';
import { builderTree, rowIds } from '../../../src/web/builder/builder-tree.ts';
import { catalogueWith } from '../../oracle/oracle-world.ts';
import { contactScope, randomRule } from '../../oracle/random-condition.ts';
import { random, type Random } from '../../support/random.ts';

const catalogue = catalogueWith('Europe/Madrid');
const spain = { '==': [{ var: 'country' }, 'ES'] };
const vip = { var: 'vip' };
const paid = { '==': [{ var: 'status' }, 'paid'] };
const counted = { '>=': [{ count: [{ filter: [{ var: 'orders' }, paid] }] }, 3] };

/** The id of the row that says this JSON. */
function idOf(tree: Row, json: unknown): RowId {
  const text = JSON.stringify(json);
  const found = placedRows(tree).find(({ row }) => JSON.stringify(builderJson(row)) === text);
  if (!found) throw new Error(`no row says ${text}`);
  return found.row.id;
}

function edited(json: unknown, edit: (tree: Row, nextId: () => RowId) => Row): unknown {
  const nextId = rowIds();
  return builderJson(edit(builderTree(json, nextId), nextId));
}

describe('one edit', () => {
  test('a row leaves its group, and its siblings stay', () => {
    expect(edited({ and: [spain, vip, counted] }, (tree, next) => removeRow(tree, idOf(tree, vip), next))).toEqual({
      and: [spain, counted],
    });
  });

  test('a filter without its row counts all rows', () => {
    expect(edited({ and: [counted] }, (tree, next) => removeRow(tree, idOf(tree, paid), next))).toEqual({
      and: [{ '>=': [{ count: [{ var: 'orders' }] }, 3] }],
    });
    const sum = { '>': [{ sum: [{ map: [{ filter: [{ var: 'orders' }, paid] }, { var: 'total' }] }] }, 1] };
    expect(edited(sum, (tree, next) => removeRow(tree, idOf(tree, paid), next))).toEqual({
      '>': [{ sum: [{ map: [{ var: 'orders' }, { var: 'total' }] }] }, 1],
    });
    const last = { '==': [{ last: [{ var: 'orders' }, { var: 'status' }, paid] }, 'sent'] };
    expect(edited(last, (tree, next) => removeRow(tree, idOf(tree, paid), next))).toEqual({
      '==': [{ last: [{ var: 'orders' }, { var: 'status' }] }, 'sent'],
    });
  });

  test('where a condition must stand, a removed row leaves an empty group', () => {
    expect(edited(spain, (tree, next) => removeRow(tree, tree.id, next))).toEqual({ and: [] });
    expect(
      edited({ some: [{ var: 'orders' }, paid] }, (tree, next) => removeRow(tree, idOf(tree, paid), next)),
    ).toEqual({
      some: [{ var: 'orders' }, { and: [] }],
    });
  });

  test('a row moves between groups, and never into itself', () => {
    const json = { and: [spain, { or: [vip, counted] }] };
    expect(edited(json, (tree, next) => moveRow(tree, idOf(tree, spain), idOf(tree, json.and[1]), 1, next))).toEqual({
      and: [{ or: [vip, spain, counted] }],
    });
    expect(edited(json, (tree, next) => moveRow(tree, idOf(tree, json.and[1]), tree.id, 0, next))).toEqual({
      and: [{ or: [vip, counted] }, spain],
    });
    expect(edited(json, (tree, next) => moveRow(tree, tree.id, idOf(tree, json.and[1]), 0, next))).toEqual(json);
    expect(
      edited(json, (tree, next) => moveRow(tree, idOf(tree, json.and[1]), idOf(tree, json.and[1]), 0, next)),
    ).toEqual(json);
  });

  test('a row is wrapped and unwrapped', () => {
    const wrapped = { and: [{ or: [spain] }, vip] };
    expect(edited({ and: [spain, vip] }, (tree, next) => wrapRow(tree, idOf(tree, spain), 'or', next))).toEqual(
      wrapped,
    );
    expect(edited(wrapped, (tree) => unwrapGroup(tree, idOf(tree, { or: [spain] })))).toEqual({ and: [spain, vip] });
    const nested = { and: [spain, { and: [vip, counted] }] };
    expect(edited(nested, (tree) => unwrapGroup(tree, idOf(tree, nested.and[1])))).toEqual({
      and: [spain, vip, counted],
    });
    const other = { and: [spain, { or: [vip, counted] }] };
    expect(edited(other, (tree) => unwrapGroup(tree, idOf(tree, other.and[1])))).toEqual(other);
    const denied = { and: [{ '!': [{ and: [spain, vip] }] }] };
    expect(edited(denied, (tree) => unwrapGroup(tree, idOf(tree, denied.and[0])))).toEqual(denied);
  });

  test('a copy stands behind its row, with ids of its own', () => {
    expect(edited({ and: [counted, vip] }, (tree, next) => duplicateRow(tree, idOf(tree, counted), next))).toEqual({
      and: [counted, counted, vip],
    });
    expect(edited(vip, (tree, next) => duplicateRow(tree, tree.id, next))).toEqual({ and: [vip, vip] });
  });

  test('a denial is an edit of the row', () => {
    expect(edited({ and: [spain] }, (tree) => denyRow(tree, idOf(tree, spain)))).toEqual({ and: [{ '!': [spain] }] });
    expect(edited({ and: [{ '!': spain }] }, (tree) => denyRow(tree, idOf(tree, { '!': spain })))).toEqual({
      and: [spain],
    });
  });
});

/** A random edit of a random row. */
function randomEdit(r: Random, tree: Row, nextId: () => RowId): Row {
  const rows = placedRows(tree).map(({ row }) => row);
  const { id } = r.pick(rows);
  const groups = rows.filter(isGroup);
  const fresh = (): Row => builderTree(randomRule(contactScope(r, catalogue, ['a']), 1), nextId);
  switch (r.below(8)) {
    case 0:
      return removeRow(tree, id, nextId);
    case 1:
      return wrapRow(tree, id, r.pick(['and', 'or']), nextId);
    case 2:
      return unwrapGroup(tree, id);
    case 3:
      return duplicateRow(tree, id, nextId);
    case 4:
      return denyRow(tree, id);
    case 5:
      return replaceRow(tree, id, fresh);
    case 6:
      return groups.length === 0 ? tree : insertRows(tree, r.pick(groups).id, r.below(4), [fresh()]);
    default:
      return groups.length === 0 ? tree : moveRow(tree, id, r.pick(groups).id, r.below(4), nextId);
  }
}

test('after any edits the tree is what its JSON says, ids are given once, and undo goes all the way back', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 }), (seed) => {
      const r = random(seed);
      const nextId = rowIds();
      const first = builderTree(randomRule(contactScope(r, catalogue, ['a']), 2), nextId);
      let history = begin(first);
      const seen = [JSON.stringify(builderJson(first))];
      for (let n = 0; n < 25; n += 1) {
        const next = randomEdit(r, history.present, nextId);
        if (placedRows(next).length > 200) break;
        history = record(history, next);
        const json = builderJson(history.present);
        expect(builderJson(builderTree(json, rowIds()))).toEqual(json);
        const ids = placedRows(history.present).map(({ row }) => row.id);
        expect(new Set(ids).size).toBe(ids.length);
        for (const id of ids) expect(findRow(history.present, id)?.id).toBe(id);
        const holds = (id: RowId): boolean => parentOf(history.present, id) !== undefined;
        expect(ids.filter((id) => !holds(id))).toEqual([history.present.id]);
        if (JSON.stringify(json) !== seen.at(-1)) seen.push(JSON.stringify(json));
      }
      const last = JSON.stringify(builderJson(history.present));
      let back = history;
      while (back.past.length > 0) back = undo(back);
      expect(back.present).toBe(first);
      while (back.future.length > 0) back = redo(back);
      expect(JSON.stringify(builderJson(back.present))).toBe(last);
    }),
    { numRuns: 150 },
  );
});

test('an edit leaves the rows that it does not name as they are', () => {
  const nextId = rowIds();
  const tree = builderTree({ and: [spain, { or: [vip, counted] }] }, nextId);
  const after = denyRow(tree, idOf(tree, vip));
  if (!isGroup(tree) || !isGroup(after)) throw new Error('both are groups');
  expect(rowsOfGroup(after)[0]).toBe(rowsOfGroup(tree)[0]);
  expect(denyRow(tree, 9_999)).toBe(tree);
});

test('edits of one kind in a row are one step', () => {
  let history = record(begin('a'), 'ab', 'type');
  history = record(history, 'abc', 'type');
  history = record(history, 'abcd');
  expect(undo(history).present).toBe('abc');
  expect(undo(undo(history)).present).toBe('a');
  expect(redo(undo(history)).present).toBe('abcd');
  // After an undo, typing begins a step of its own.
  expect(undo(record(undo(history), 'x', 'type')).present).toBe('abc');
});
