/**
 * What a verb prints for people beside plain lines: tables, and lines that are not to be broken. A table is laid out when
 * it is printed: in a terminal it fits the width, in a pipe or a file no value is cut. Pure.
 */
import { fitText, textWidth } from '../base/text-width.ts';
import { visible } from '../base/visible.ts';
import { wrapLine } from './wrap.ts';

export interface Table {
  readonly kind: 'table';
  readonly titles: readonly string[];
  /** Each made visible. */
  readonly rows: readonly (readonly string[])[];
  /** By column: numbers stand at the right, and are not cut. */
  readonly right: readonly boolean[];
  /** Goes on below a table that has the titles. */
  readonly isContinued?: boolean;
}

/** A command or a statement: one that is copied stays in one piece. */
export interface Whole {
  readonly kind: 'whole';
  readonly text: string;
}

export type Line = string | Table | Whole;

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null | undefined;
  readonly right?: boolean;
}

/** A row each under titles. Columns are aligned by two spaces; the last one is left ragged. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): readonly [Table] {
  return [
    {
      kind: 'table',
      titles: columns.map(({ title }) => visible(title.toUpperCase())),
      rows: rows.map((row) => columns.map(({ value }) => visible(String(value(row) ?? '')))),
      right: columns.map(({ right }) => right === true),
    },
  ];
}

export function whole(text: string): Whole {
  return { kind: 'whole', text };
}

const GAP = 2;
/** No column is cut to less. */
const LEAST = 8;

/**
 * The rows as lines. Where they do not fit, columns without a value are left out and long texts are cut; a table that is
 * still too wide becomes a block of lines for each row.
 * @param width of the terminal; without, nothing is cut or left out
 */
export function rowsOfTable(made: Table, width = Infinity): readonly string[] {
  const fitting = sumOf(widestOf(made)) > width ? withoutEmpty(made) : made;
  const widths = narrowed(widestOf(fitting), fitting.right, width);
  if (sumOf(widths) > width && fitting.titles.length > 1) return blocksOf(fitting, width);
  return [...(made.isContinued ? [] : [fitting.titles]), ...fitting.rows].map((row) =>
    row
      .map((cell, index) => fitText(cell, widths[index] ?? 0, fitting.right[index] ? 'right' : 'left'))
      .join(' '.repeat(GAP))
      .trimEnd(),
  );
}

function widestOf({ titles, rows }: Table): readonly number[] {
  return titles.map((title, index) => Math.max(textWidth(title), ...rows.map((row) => textWidth(row[index] ?? ''))));
}

function sumOf(widths: readonly number[]): number {
  return widths.reduce((sum, one) => sum + one + GAP, -GAP);
}

/** A column without a value says nothing. */
function withoutEmpty({ titles, rows, right, ...same }: Table): Table {
  const has = titles.map((_, index) => rows.some((row) => row[index] !== ''));
  const kept = <T>(all: readonly T[]): readonly T[] => all.filter((_, index) => has[index]);
  return { ...same, titles: kept(titles), rows: rows.map(kept), right: kept(right) };
}

/** Takes what is too much from the widest text, from the first column last: it has what one types next. */
function narrowed(widest: readonly number[], right: readonly boolean[], width: number): readonly number[] {
  const widths = [...widest];
  let excess = sumOf(widths) - width;
  for (; excess > 0; excess -= 1) {
    const texts = [...widths.keys()].filter((index) => !right[index] && (widths[index] ?? 0) > LEAST);
    const others = texts.filter((index) => index > 0);
    const most = Math.max(...(others.length > 0 ? others : texts).map((index) => widths[index] ?? 0));
    const index = (others.length > 0 ? others : texts).find((one) => widths[one] === most);
    if (index === undefined) break;
    widths[index] = most - 1;
  }
  return widths;
}

/** A line for each value, an empty line between two rows. */
function blocksOf({ titles, rows }: Table, width: number): readonly string[] {
  const column = Math.max(...titles.map(textWidth)) + GAP;
  return rows.flatMap((row, at) => [
    ...(at === 0 ? [] : ['']),
    ...row.flatMap((cell, index) =>
      cell === '' ? [] : wrapLine(`${fitText(titles[index] ?? '', column)}${cell}`, width),
    ),
  ]);
}
