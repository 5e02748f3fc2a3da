/**
 * Lines of the live view out of cells. What others typed passes through `visible` here. A terminal may draw a character
 * in more or fewer columns than we count, so the cell behind one that is not plain is placed by its column.
 */
import { fitText } from '../../base/text-width.ts';
import { visible } from '../../base/visible.ts';

export type Paint = (text: string) => string;

export interface Paints {
  readonly dim: Paint;
  readonly bold: Paint;
  readonly green: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
}

export function paints(color: boolean): Paints {
  const paint = (code: number): Paint => (color ? (text) => `\u001b[${code}m${text}\u001b[0m` : (text) => text);
  return { dim: paint(2), bold: paint(1), green: paint(32), red: paint(31), yellow: paint(33) };
}

export interface Cell {
  readonly text: string;
  /** Its width; absent: what is left of the line. */
  readonly columns?: number;
  readonly side?: 'left' | 'right';
  readonly paint?: Paint;
}

const unpainted: Paint = (text) => text;
const PLAIN = /^[\x20-\x7e]*$/;

/** Cells beside each other, in `columns` at most. */
export function lineOf(cells: readonly Cell[], columns: number): string {
  let line = '';
  let at = 0;
  for (const { text, columns: width = columns - at, side, paint = unpainted } of cells) {
    const room = Math.min(width, columns - at);
    if (room <= 0) break;
    const fitted = fitText(visible(text), room, side);
    line += paint(fitted);
    at += room;
    if (!PLAIN.test(fitted) && at < columns) line += `\u001b[${at + 1}G`;
  }
  return line;
}

const NUMBER = new Intl.NumberFormat('en-US');

export function numberText(value: number): string {
  return NUMBER.format(value);
}

const ROUNDED = new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 0 });

/** Whole where it fits into `columns`, else rounded: `12K`. */
export function shortNumber(value: number, columns: number): string {
  const whole = numberText(value);
  return whole.length <= columns ? whole : ROUNDED.format(value);
}

export function lagText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`;
}

export function percentText(progress: number): string {
  return `${Math.floor(Math.min(1, Math.max(0, progress)) * 100)} %`;
}

/** `[██████░░░░] 60 %` */
export function barText(progress: number, columns: number): string {
  const full = Math.round(Math.min(1, Math.max(0, progress)) * columns);
  return `[${'█'.repeat(full)}${'░'.repeat(columns - full)}] ${percentText(progress).padStart(5)}`;
}
