/** The builder's tree to JsonLogic: the exact opposite of builder-tree.ts, with a pointer for each row. Pure. */
import type { Argument, ArgumentKind, FieldArgument, Negation, Row, RowId, RowsArgument } from './builder-node.ts';

/** The condition that the tree says. */
export function builderJson(row: Row): unknown {
  switch (row.kind) {
    case 'raw':
      return row.json;
    case 'field':
      return negated(row.negation, fieldJson(row.value));
    case 'call':
      return negated(row.negation, called(row.name, row.arguments.map(argumentJson), row.bare));
  }
}

function negated(negation: Negation, json: unknown): unknown {
  if (negation === 'none') return json;
  return { '!': negation === 'bare' ? json : [json] };
}

function called(name: string, list: readonly unknown[], bare: boolean): unknown {
  return { [name]: bare ? list[0] : list };
}

function fieldJson({ name, bare }: FieldArgument): unknown {
  return called('var', [name], bare);
}

function rowsJson({ relation, where, limit }: RowsArgument): unknown {
  const limited = (rows: unknown): unknown => (limit ? { [limit.name]: [limit.count, rows] } : rows);
  const all = fieldJson(relation);
  if (where === undefined) return limited(all);
  return limit?.of === 'all'
    ? { filter: [limited(all), builderJson(where)] }
    : limited({ filter: [all, builderJson(where)] });
}

const writers = {
  row: ({ row }) => builderJson(row),
  field: fieldJson,
  rows: rowsJson,
  mapped: ({ rows, field }) => ({ map: [rowsJson(rows), argumentJson(field)] }),
  value: ({ name, bare, arguments: of }) => called(name, of.map(argumentJson), bare),
  constant: ({ json }) => json,
} satisfies { readonly [K in ArgumentKind]: (argument: Extract<Argument, { readonly kind: K }>) => unknown };

function argumentJson(argument: Argument): unknown {
  return (writers[argument.kind] as (argument: Argument) => unknown)(argument);
}

/** A row inside a tree, and the JSON pointer of its condition. */
export interface PlacedRow {
  readonly row: Row;
  readonly pointer: string;
}

/** Every row of a tree from the top, each with the pointer that the checker would name. A pointer names the row, not its `!`. */
export function placedRows(tree: Row): readonly PlacedRow[] {
  const found: PlacedRow[] = [];
  const visitRow = (row: Row, at: string): void => {
    found.push({ row, pointer: at });
    if (row.kind !== 'call') return;
    const inside = row.negation === 'none' ? at : row.negation === 'bare' ? `${at}/!` : `${at}/!/0`;
    visitArguments(row.name, row.arguments, row.bare, inside);
  };
  const visitArguments = (name: string, of: readonly Argument[], bare: boolean, at: string): void => {
    for (const [n, argument] of of.entries()) visitArgument(argument, bare ? `${at}/${name}` : `${at}/${name}/${n}`);
  };
  const visitRows = ({ where, limit }: RowsArgument, at: string): void => {
    const inside = limit?.of === 'matching' ? `${at}/${limit.name}/1` : at;
    if (where) visitRow(where, `${inside}/filter/1`);
  };
  const visitArgument = (argument: Argument, at: string): void => {
    if (argument.kind === 'row') visitRow(argument.row, at);
    else if (argument.kind === 'rows') visitRows(argument, at);
    else if (argument.kind === 'mapped') visitRows(argument.rows, `${at}/map/0`);
    else if (argument.kind === 'value') visitArguments(argument.name, argument.arguments, argument.bare, at);
  };
  visitRow(tree, '');
  return found;
}

/** The row to mark for an issue: the innermost one whose condition holds the pointer. */
export function rowAt(tree: Row, pointer: string): RowId {
  const holds = placedRows(tree).filter(({ pointer: at }) => pointer === at || pointer.startsWith(`${at}/`));
  return holds.reduce((inner, one) => (one.pointer.length >= inner.pointer.length ? one : inner), {
    row: tree,
    pointer: '',
  }).row.id;
}
