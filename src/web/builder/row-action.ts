/** What a person does with a row as a whole, and where the keyboard is afterwards. Pure over the tree. */
import type { Row, RowId } from './builder-node.ts';
import {
  duplicateRow,
  findRow,
  insertRows,
  isGroup,
  moveRow,
  newGroup,
  parentOf,
  removeRow,
  replaceRow,
  rowsOfGroup,
  unwrapGroup,
  wrapRow,
  type GroupRow,
} from './builder-edit.ts';
import { builderJson } from './builder-json.ts';
import { builderTree, type NextId } from './builder-tree.ts';
import type { DraftStore, FocusRequest } from './draft-store.ts';
import { besideOf, constant, everyRow, field, isTest, withArgument, withOtherNeedles } from './row-change.ts';

/** A comparison in which nothing is chosen yet. */
export function emptyRow(nextId: NextId): Row {
  return {
    kind: 'call',
    id: nextId(),
    name: '==',
    negation: 'none',
    bare: false,
    arguments: [field(''), constant('')],
  };
}

export function isEveryRow(row: Row): boolean {
  return row.kind === 'raw' && row.json === true;
}

/** Takes a row away. The condition on a relation's rows goes with its last row: then every row counts. */
export function removeNeatly(tree: Row, id: RowId, nextId: NextId): Row {
  const parent = parentOf(tree, id);
  const removed = removeRow(tree, id, nextId);
  if (!parent) return removed;
  const emptied = findRow(removed, parent.id);
  const around = parentOf(removed, parent.id);
  if (emptied && isGroup(emptied) && rowsOfGroup(emptied).length === 0 && around && takesEveryRow(around))
    return takeFilterAway(removed, emptied.id, nextId);
  return takesEveryRow(parent) && !isGroup(parent) ? takeFilterAwayOf(removed, parent.id, nextId) : removed;
}

/** Where `true` in the place of a condition means every row. */
function takesEveryRow(row: Row): boolean {
  return row.kind === 'call' && !isGroup(row) && row.name !== '!' && row.name !== '!!' && row.name !== 'if';
}

function takeFilterAway(tree: Row, id: RowId, nextId: NextId): Row {
  const around = parentOf(tree, id);
  const without = removeRow(tree, id, nextId);
  return around ? takeFilterAwayOf(without, around.id, nextId) : without;
}

/** An empty group that was left right inside a row becomes every row. */
function takeFilterAwayOf(tree: Row, around: RowId, nextId: NextId): Row {
  return replaceRow(tree, around, (row) => {
    if (row.kind !== 'call' || isGroup(row)) return row;
    return {
      ...row,
      arguments: row.arguments.map((argument) =>
        argument.kind === 'row' && isGroup(argument.row) && rowsOfGroup(argument.row).length === 0
          ? { ...argument, row: everyRow(nextId) }
          : argument,
      ),
    };
  });
}

export type Direction = 'up' | 'down' | 'out' | 'in';

/**
 * Moves a row by one place: past its neighbour, into a group that stands there, or out of its group. The tree comes back as it was
 * where there is no such place.
 */
export function moveBy(tree: Row, id: RowId, direction: Direction, nextId: NextId): Row {
  const parent = parentOf(tree, id);
  if (!parent || !isGroup(parent)) return tree;
  const rows = rowsOfGroup(parent);
  const at = rows.findIndex((row) => row.id === id);
  const around = groupAround(tree, parent);
  const outAt = around ? rowsOfGroup(around).findIndex((row) => row.id === parent.id) : -1;
  switch (direction) {
    case 'up':
    case 'down': {
      const step = direction === 'up' ? -1 : 1;
      const next = rows[at + step];
      if (next && isGroup(next))
        return moveRow(tree, id, next.id, direction === 'up' ? rowsOfGroup(next).length : 0, nextId);
      if (next) return moveRow(tree, id, parent.id, at + step, nextId);
      return around ? moveRow(tree, id, around.id, direction === 'up' ? outAt : outAt + 1, nextId) : tree;
    }
    case 'out':
      return around ? moveRow(tree, id, around.id, outAt + 1, nextId) : tree;
    case 'in': {
      const above = rows[at - 1];
      const below = rows[at + 1];
      if (above && isGroup(above)) return moveRow(tree, id, above.id, rowsOfGroup(above).length, nextId);
      return below && isGroup(below) ? moveRow(tree, id, below.id, 0, nextId) : tree;
    }
  }
}

function groupAround(tree: Row, group: GroupRow): GroupRow | undefined {
  const around = parentOf(tree, group.id);
  return around && isGroup(around) ? around : undefined;
}

/** The row that gets the keyboard when a row is deleted: the next one, the one before, or the group's first button. */
export function focusAfter(tree: Row, id: RowId): FocusRequest {
  const parent = parentOf(tree, id);
  if (!parent || !isGroup(parent)) return { row: parent?.id ?? tree.id, part: 'first' };
  const rows = rowsOfGroup(parent);
  const at = rows.findIndex((row) => row.id === id);
  const near = rows[at + 1] ?? rows[at - 1];
  return near ? { row: near.id, part: 'first' } : { row: parent.id, part: 'add' };
}

/** The JSON of pasted text, when it is a condition: an object. */
export function pastedCondition(text: string): unknown {
  try {
    const json: unknown = JSON.parse(text);
    return typeof json === 'object' && json !== null && !Array.isArray(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Puts rows behind a row; a group that is named takes them at its end. */
export function pasteAt(
  tree: Row,
  id: RowId,
  json: unknown,
  nextId: NextId,
): { readonly tree: Row; readonly id: RowId } {
  const fresh = builderTree(json, nextId);
  const row = findRow(tree, id);
  const parent = parentOf(tree, id);
  if (row && isGroup(row) && (row === tree || !parent || !isGroup(parent)))
    return { tree: insertRows(tree, id, rowsOfGroup(row).length, [fresh]), id: fresh.id };
  if (parent && isGroup(parent)) {
    const at = rowsOfGroup(parent).findIndex((one) => one.id === id);
    return { tree: insertRows(tree, parent.id, at + 1, [fresh]), id: fresh.id };
  }
  return { tree: replaceRow(tree, id, (one) => newGroup('and', [one, fresh], nextId)), id: fresh.id };
}

/** The actions on a row, with their words and keys. */
export function rowActions(store: DraftStore, row: Row, announce: (text: string) => void) {
  const { id } = row;
  const parent = parentOf(store.draft.tree, id);
  const inGroup = parent !== undefined && isGroup(parent);
  const first = { row: id, part: 'menu' } as const;
  const move = (name: string, keys: string, direction: Direction) => ({
    name,
    keys,
    disabled: moveBy(store.draft.tree, id, direction, store.nextId) === store.draft.tree,
    act: () => store.editTree((tree, next) => moveBy(tree, id, direction, next), { focus: first }),
  });
  return [
    { name: 'Duplicate', act: () => duplicate(store, id) },
    { name: 'Copy', keys: 'Ctrl C', act: () => void copyRow(row, announce) },
    { name: 'Paste below', keys: 'Ctrl V', act: () => void pasteBelow(store, id, announce) },
    ...(inGroup
      ? [
          move('Move up', 'Alt ↑', 'up'),
          move('Move down', 'Alt ↓', 'down'),
          move('Move out of its group', 'Alt ←', 'out'),
          move('Move into the group beside it', 'Alt →', 'in'),
        ]
      : []),
    ...otherSide(store, row),
    ...otherNeedles(store, row),
    { name: 'Wrap in “all of”', act: () => wrap(store, id, 'and') },
    { name: 'Wrap in “any of”', act: () => wrap(store, id, 'or') },
    ...(isGroup(row) && unwrapGroup(store.draft.tree, id) !== store.draft.tree
      ? [
          {
            name: 'Take the rows out of this group',
            act: () =>
              store.editTree((tree) => unwrapGroup(tree, id), {
                focus: { row: rowsOfGroup(row)[0]?.id ?? id, part: 'menu' },
              }),
          },
        ]
      : []),
    { name: 'Delete', keys: 'Ctrl Delete', act: () => deleteRow(store, id, announce) },
  ];
}

/** Compares with a field in place of a fixed value, or the other way. */
function otherSide(store: DraftStore, row: Row) {
  const beside = row.kind !== 'raw' && isTest(row) ? besideOf(row) : [];
  const [only] = beside;
  if (!only || beside.length !== 1 || only.form.type !== 'literal') return [];
  const isFixed = only.argument.kind === 'constant';
  return [
    {
      name: isFixed ? 'Compare with a field' : 'Compare with a value',
      act: () =>
        store.editTree(
          (tree) =>
            replaceRow(tree, row.id, (one) => withArgument(one, only.index, isFixed ? field('') : constant(''))),
          { focus: { row: row.id, part: 'value' } },
        ),
    },
  ];
}

/** Looks for any of several texts in place of one, or the other way. */
function otherNeedles(store: DraftStore, row: Row) {
  const other = row.kind !== 'raw' && isTest(row) ? withOtherNeedles(row) : undefined;
  if (!other) return [];
  const focus = { row: row.id, part: 'value' } as const;
  const name = other.many ? 'Look for any of several texts' : 'Look for one text';
  return [{ name, act: () => store.editTree((tree) => replaceRow(tree, row.id, () => other.row), { focus }) }];
}

export function deleteRow(store: DraftStore, id: RowId, announce: (text: string) => void): void {
  const focus = focusAfter(store.draft.tree, id);
  store.editTree((tree, next) => removeNeatly(tree, id, next), { focus });
  announce('Deleted. Ctrl Z brings it back.');
}

function duplicate(store: DraftStore, id: RowId): void {
  let copy = id;
  store.editTree((tree, next) => {
    const parent = parentOf(tree, id);
    const after = duplicateRow(tree, id, next);
    const group = parent && isGroup(parent) ? findRow(after, parent.id) : undefined;
    const rows = group && isGroup(group) ? rowsOfGroup(group) : [];
    copy = rows[rows.findIndex((row) => row.id === id) + 1]?.id ?? id;
    return after;
  }, {});
  store.focusOn({ row: copy, part: 'first' });
}

function wrap(store: DraftStore, id: RowId, name: 'and' | 'or'): void {
  store.editTree((tree, next) => wrapRow(tree, id, name, next), { focus: { row: id, part: 'menu' } });
}

export function rowText(row: Row): string {
  return JSON.stringify(builderJson(row));
}

async function copyRow(row: Row, announce: (text: string) => void): Promise<void> {
  try {
    await navigator.clipboard.writeText(rowText(row));
    announce('Copied as JSON.');
  } catch {
    announce('The browser keeps the clipboard closed: press Ctrl C in the row.');
  }
}

async function pasteBelow(store: DraftStore, id: RowId, announce: (text: string) => void): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    announce('The browser keeps the clipboard closed: press Ctrl V in the row.');
    return;
  }
  pasteText(store, id, text, announce);
}

/** Pastes a condition below a row. @returns whether the text was one */
export function pasteText(store: DraftStore, id: RowId, text: string, announce: (text: string) => void): boolean {
  const json = pastedCondition(text);
  if (json === undefined) {
    announce('The clipboard holds no condition.');
    return false;
  }
  let pasted = id;
  store.editTree((tree, next) => {
    const after = pasteAt(tree, id, json, next);
    pasted = after.id;
    return after.tree;
  });
  store.focusOn({ row: pasted, part: 'first' });
  announce('Pasted.');
  return true;
}
