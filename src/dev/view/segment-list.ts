/**
 * The segments of the live view: key, members and flow in a line, name and sentence beside it where the terminal is wide,
 * else below. The selected one shows its sentence whole. When not all fit, the window follows the selection. Pure.
 */
import { cutText, textWidth, wrapText } from '../../base/text-width.ts';
import { visible } from '../../base/visible.ts';
import { barText, lineOf, numberText, percentText, shortNumber, type Cell, type Paints } from './view-line.ts';
import type { ViewSegment } from './view-model.ts';

export interface ListOptions {
  readonly columns: number;
  /** Lines for segments. */
  readonly room: number;
  /** Index of the selected segment. */
  readonly selected: number;
  /** Index of the first segment that was shown before. */
  readonly top: number;
  readonly paints: Paints;
}

export interface SegmentList {
  readonly lines: readonly string[];
  readonly top: number;
  /** How many segments are shown. */
  readonly shown: number;
}

const MARK = 2;
const MEMBERS = 9;
const FLOW = 8;
/** From here on the sentence stands beside the key. */
const WIDE = 120;
/** Below this, entered and left share a column. */
const NARROW = 64;
const INDENT = 4;

interface Layout {
  readonly columns: number;
  readonly key: number;
  readonly state: number;
  readonly narrow: boolean;
  readonly wide: boolean;
}

function layoutOf(segments: readonly ViewSegment[], columns: number): Layout {
  const narrow = columns < NARROW;
  const wide = columns >= WIDE;
  const longest = Math.max(7, ...segments.map((segment) => textWidth(visible(segment.key))));
  const flow = narrow ? FLOW + 1 : (FLOW + 1) * 2;
  const key = Math.max(6, Math.min(longest, 28, columns - MARK - MEMBERS - 1 - flow - 2 - (narrow ? 8 : 13)));
  const state = wide ? 16 : Math.max(1, columns - MARK - key - MEMBERS - 1 - flow - 2);
  return { columns, key, state, narrow, wide };
}

/** The titles over the list. */
export function listTitle(segments: readonly ViewSegment[], columns: number, { bold }: Paints): string {
  const layout = layoutOf(segments, columns);
  const titles: Cell[] = [
    { text: '', columns: MARK },
    { text: 'segment', columns: layout.key },
    { text: 'members', columns: MEMBERS + 1, side: 'right' },
    ...(layout.narrow
      ? [{ text: '+/− min', columns: FLOW + 1, side: 'right' } as const]
      : (['in/min', 'out/min'] as const).map((text) => ({ text, columns: FLOW + 1, side: 'right' }) as const)),
    { text: '  state', columns: layout.state + 2 },
    ...(layout.wide ? [{ text: '  what it means' }] : []),
  ];
  return lineOf(
    titles.map((cell) => ({ ...cell, paint: bold })),
    columns,
  );
}

export function segmentList(segments: readonly ViewSegment[], options: ListOptions): SegmentList {
  const { room, paints } = options;
  const layout = layoutOf(segments, options.columns);
  const selected = Math.min(Math.max(0, options.selected), segments.length - 1);
  const lines = (index: number): readonly string[] => {
    const segment = segments[index];
    return segment ? entryLines(segment, layout, index === selected, room, paints) : [];
  };
  // Only those that are shown are drawn; there may be thousands.
  const heights = segments.map((segment, index) =>
    index === selected ? lines(index).length : layout.wide || meaningOf(segment) === '' || room < 2 ? 1 : 2,
  );
  const { top, end } = windowOf(heights, { room, selected, top: options.top });
  const shown = Array.from({ length: end - top }, (_, at) => lines(top + at));
  return { lines: shown.flat(), top, shown: end - top };
}

/** The entries from `top` that fit into `room`, with the selected one among them, and no room left over above which one would fit. */
export function windowOf(
  heights: readonly number[],
  options: { readonly room: number; readonly selected: number; readonly top: number },
): { readonly top: number; readonly end: number } {
  const { room, selected } = options;
  if (heights.length === 0) return { top: 0, end: 0 };
  const height = (index: number): number => heights[index] ?? 0;
  const before = Math.max(0, Math.min(options.top, selected));
  let top = selected;
  let used = height(selected);
  for (; top > before && used + height(top - 1) <= room; top -= 1) used += height(top - 1);
  let end = selected + 1; // one that is higher than the room is cut, never left out
  for (; end < heights.length && used + height(end) <= room; end += 1) used += height(end);
  if (end === heights.length) for (; top > 0 && used + height(top - 1) <= room; top -= 1) used += height(top - 1);
  return { top, end };
}

function entryLines(
  segment: ViewSegment,
  layout: Layout,
  selected: boolean,
  room: number,
  paints: Paints,
): readonly string[] {
  const { dim, bold, yellow } = paints;
  const { columns } = layout;
  const cells: readonly Cell[] = [
    { text: selected ? '›' : '', columns: MARK, paint: bold },
    { text: segment.key, columns: layout.key, ...(selected ? { paint: bold } : {}) },
    { text: numberText(segment.members), columns: MEMBERS + 1, side: 'right' },
    ...flowCells(segment, layout, paints),
    { text: '', columns: 2 },
    { text: stateText(segment, layout), columns: layout.state, paint: segment.state === 'live' ? dim : yellow },
  ];
  const paint = segment.problem === undefined ? dim : yellow;
  const words = meaningOf(segment);
  if (layout.wide) {
    const used = cells.reduce((all, cell) => all + (cell.columns ?? 0), 0) + 2;
    const [first = '', ...rest] = selected ? wrapText(words, columns - used) : [words];
    return [
      lineOf([...cells, { text: '', columns: 2 }, { text: first, paint }], columns),
      ...rest.map((text) =>
        lineOf(
          [
            { text: '', columns: used },
            { text, paint },
          ],
          columns,
        ),
      ),
    ].slice(0, Math.max(1, room));
  }
  const lines = words === '' ? [] : selected ? wrapText(words, columns - INDENT) : [cutText(words, columns - INDENT)];
  return [
    lineOf(cells, columns),
    ...lines.map((text) =>
      lineOf(
        [
          { text: '', columns: INDENT },
          { text, paint },
        ],
        columns,
      ),
    ),
  ].slice(0, Math.max(1, room));
}

function flowCells(segment: ViewSegment, layout: Layout, { dim, green, red }: Paints): readonly Cell[] {
  const { entered, left } = segment;
  const columns = layout.narrow ? FLOW / 2 : FLOW + 1;
  const amount = (sign: string, count: number): string =>
    count === 0 ? '·' : sign + shortNumber(count, columns - sign.length);
  const into: Cell = { text: amount('+', entered), paint: entered > 0 ? green : dim };
  const out: Cell = { text: amount('−', left), paint: left > 0 ? red : dim };
  const cells = [into, out].map((cell) => ({ ...cell, columns, side: 'right' }) as const);
  return layout.narrow ? [{ text: '', columns: 1 }, ...cells] : cells;
}

function stateText({ state, progress }: ViewSegment, layout: Layout): string {
  if (progress === undefined) return state;
  if (layout.state < state.length + 6) return percentText(progress);
  const bar = layout.state - state.length - 9;
  return `${state} ${bar < 5 ? percentText(progress) : barText(progress, Math.min(bar, 10))}`;
}

/** Made visible, since it is measured and broken before it is placed. */
function meaningOf({ name, sentence, problem }: ViewSegment): string {
  const words = [name, sentence].filter((text) => text !== undefined && text !== '').join(': ');
  return visible([problem, words].filter((text) => text !== undefined && text !== '').join(' · '));
}
