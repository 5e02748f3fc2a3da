/**
 * Edits of the builder's tree. Each returns a new tree and shares what it leaves alone, so that undo keeps trees and nothing is
 * copied. Invariant: an edit changes the rows that it names, and every other row keeps its JSON and its id.
 */
import type { Argument, CallRow, Row, RowId, RowsArgument } from './builder-node.ts';
import { isGroupName, type NextId, builderTree } from './builder-tree.ts';
import { builderJson } from './builder-json.ts';

/** A call whose arguments are conditions, any number of them. */
export interface GroupRow extends CallRow {
  readonly name: 'and' | 'or';
}

export function isGroup(row: Row): row is GroupRow {
  return row.kind === 'call' && isGroupName(row.name) && !row.bare;
}

/** The rows of a group, in order. */
export function rowsOfGroup(group: GroupRow): readonly Row[] {
  return group.arguments.flatMap((argument) => (argument.kind === 'row' ? [argument.row] : []));
}

export function groupWith(group: GroupRow, rows: readonly Row[]): GroupRow {
  return { ...group, arguments: rows.map((row) => ({ kind: 'row', row })) };
}

export function newGroup(name: 'and' | 'or', rows: readonly Row[], nextId: NextId): GroupRow {
  const group = { kind: 'call', id: nextId(), name, negation: 'none', bare: false, arguments: [] } as const;
  return groupWith(group, rows);
}

/** The row with that id, anywhere in the tree. */
export function findRow(tree: Row, id: RowId): Row | undefined {
  if (tree.id === id) return tree;
  let found: Row | undefined;
  eachRowInside(tree, (row) => (found ??= findRow(row, id)));
  return found;
}

/** The row that holds a row. */
export function parentOf(tree: Row, id: RowId): Row | undefined {
  let found: Row | undefined;
  eachRowInside(tree, (row) => (found ??= row.id === id ? tree : parentOf(row, id)));
  return found;
}

/** Puts another row in the place of a row. An id that is not in the tree changes nothing. */
export function replaceRow(tree: Row, id: RowId, change: (row: Row) => Row): Row {
  if (tree.id === id) return change(tree);
  return changeInside(tree, (row) => replaceRow(row, id, change));
}

/**
 * Takes a row away. In a group its siblings stay. A filter without its row keeps all rows of the relation. Where a condition
 * must stand (the root, `some`, `if`), an empty group takes the place, which the checker reports.
 */
export function removeRow(tree: Row, id: RowId, nextId: NextId): Row {
  if (tree.id === id) return newGroup('and', [], nextId);
  const parent = parentOf(tree, id);
  if (!parent) return tree;
  return replaceRow(tree, parent.id, (row) => {
    if (isGroup(row))
      return groupWith(
        row,
        rowsOfGroup(row).filter((one) => one.id !== id),
      );
    return withoutFilter(row, id) ?? changeInside(row, (one) => (one.id === id ? newGroup('and', [], nextId) : one));
  });
}

/** Puts rows into a group before the row at `index`; an index past the end appends. */
export function insertRows(tree: Row, group: RowId, index: number, rows: readonly Row[]): Row {
  return replaceRow(tree, group, (row) => {
    if (!isGroup(row)) return row;
    return groupWith(row, rowsOfGroup(row).toSpliced(Math.max(0, index), 0, ...rows));
  });
}

/**
 * Moves a row into a group, before the row that stands at `index` without it. A row does not move into itself or into what it
 * holds: the tree comes back as it was.
 */
export function moveRow(tree: Row, id: RowId, group: RowId, index: number, nextId: NextId): Row {
  const row = findRow(tree, id);
  if (!row || row === tree || findRow(row, group)) return tree;
  const target = findRow(tree, group);
  if (!target || !isGroup(target)) return tree;
  return insertRows(removeRow(tree, id, nextId), group, index, [row]);
}

/** Wraps a row in a new group. */
export function wrapRow(tree: Row, id: RowId, name: 'and' | 'or', nextId: NextId): Row {
  return replaceRow(tree, id, (row) => newGroup(name, [row], nextId));
}

/** Puts the rows of a group into the group around it; a group around one row becomes that row anywhere. A denied group stays. */
export function unwrapGroup(tree: Row, id: RowId): Row {
  const group = findRow(tree, id);
  if (!group || !isGroup(group) || group.negation !== 'none') return tree;
  const rows = rowsOfGroup(group);
  const [only, ...others] = rows;
  if (only && others.length === 0) return replaceRow(tree, id, () => only);
  const parent = parentOf(tree, id);
  if (!parent || !isGroup(parent) || parent.name !== group.name) return tree;
  return replaceRow(tree, parent.id, (row) =>
    isGroup(row)
      ? groupWith(
          row,
          rowsOfGroup(row).flatMap((one) => (one.id === id ? rows : [one])),
        )
      : row,
  );
}

/** Puts a copy of a row behind it; a row outside of a group is wrapped with its copy. */
export function duplicateRow(tree: Row, id: RowId, nextId: NextId): Row {
  const row = findRow(tree, id);
  if (!row) return tree;
  const copy = builderTree(builderJson(row), nextId);
  const parent = parentOf(tree, id);
  if (!parent || !isGroup(parent)) return replaceRow(tree, id, () => newGroup('and', [row, copy], nextId));
  return insertRows(tree, parent.id, rowsOfGroup(parent).findIndex((one) => one.id === id) + 1, [copy]);
}

/** Denies a row, or ends its denial. */
export function denyRow(tree: Row, id: RowId): Row {
  return replaceRow(tree, id, (row) =>
    row.kind === 'raw' ? row : { ...row, negation: row.negation === 'none' ? 'list' : 'none' },
  );
}

function eachRowInside(row: Row, visit: (row: Row) => void): void {
  changeInside(row, (inner) => {
    visit(inner);
    return inner;
  });
}

/** The same row over changed rows right inside it; the row itself when none changed. */
function changeInside(row: Row, change: (row: Row) => Row): Row {
  if (row.kind !== 'call') return row;
  const changed = changeArguments(row.arguments, change);
  return changed === row.arguments ? row : { ...row, arguments: changed };
}

function changeArguments(of: readonly Argument[], change: (row: Row) => Row): readonly Argument[] {
  const changed = of.map((argument) => changeArgument(argument, change));
  return changed.some((argument, n) => argument !== of[n]) ? changed : of;
}

function changeArgument(argument: Argument, change: (row: Row) => Row): Argument {
  switch (argument.kind) {
    case 'row': {
      const row = change(argument.row);
      return row === argument.row ? argument : { ...argument, row };
    }
    case 'rows':
      return changeRows(argument, change);
    case 'mapped': {
      const rows = changeRows(argument.rows, change);
      return rows === argument.rows ? argument : { ...argument, rows };
    }
    case 'value': {
      const changed = changeArguments(argument.arguments, change);
      return changed === argument.arguments ? argument : { ...argument, arguments: changed };
    }
    case 'field':
    case 'constant':
      return argument;
  }
}

function changeRows(rows: RowsArgument, change: (row: Row) => Row): RowsArgument {
  if (!rows.where) return rows;
  const where = change(rows.where);
  return where === rows.where ? rows : { ...rows, where };
}

/** The row without the filter that the row `id` is; undefined when the row `id` is no filter of it. */
function withoutFilter(row: Row, id: RowId): Row | undefined {
  if (row.kind !== 'call') return undefined;
  const changed = withoutFilterIn(row.arguments, id);
  return changed && { ...row, arguments: changed };
}

function withoutFilterIn(of: readonly Argument[], id: RowId): readonly Argument[] | undefined {
  for (const [n, argument] of of.entries()) {
    const changed = withoutFilterOf(argument, id);
    if (changed) return of.with(n, changed);
  }
  return undefined;
}

function withoutFilterOf(argument: Argument, id: RowId): Argument | undefined {
  if (argument.kind === 'rows') return argument.where?.id === id ? { ...argument, where: undefined } : undefined;
  if (argument.kind === 'mapped')
    return argument.rows.where?.id === id ? { ...argument, rows: { ...argument.rows, where: undefined } } : undefined;
  if (argument.kind !== 'value') return undefined;
  // The optional condition of `first` and `last` stands last.
  const last = argument.arguments.at(-1);
  if (last?.kind === 'row' && last.row.id === id) return { ...argument, arguments: argument.arguments.slice(0, -1) };
  const inner = withoutFilterIn(argument.arguments, id);
  return inner && { ...argument, arguments: inner };
}
