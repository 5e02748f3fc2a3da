/**
 * How many columns a text takes in a terminal, and texts of an exact width. A column is what a Latin letter takes; Chinese,
 * Japanese and Korean characters and emoji take two, combining marks none. Text is cut between characters as a person
 * sees them (graphemes). Pure; control characters have been made visible before (visible.ts).
 */
import { eastAsianWidth } from 'get-east-asian-width';

const ASCII = /^[\x20-\x7e]*$/;
const EMOJI = /^(\p{Emoji_Presentation}|\p{Emoji}\ufe0f)/u;
/** A cluster of these alone, such as an accent at the beginning of a text, stands on its neighbour. */
const NO_WIDTH = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
/** Marks of half-width katakana are in the cluster of their letter and take a column of their own. */
const HALF_WIDTH_MARK = /[\uff9e\uff9f]/g;

let segmenter: Intl.Segmenter | undefined;

/** Made when the first text needs it: that takes 20 ms, and most texts are ASCII. */
function graphemesOf(text: string): Intl.Segments {
  segmenter ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
  return segmenter.segment(text);
}

/** Columns of the text. */
export function textWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemesOf(text)) columns += graphemeWidth(segment);
  return columns;
}

function graphemeWidth(grapheme: string): number {
  if (ASCII.test(grapheme)) return grapheme.length;
  if (NO_WIDTH.test(grapheme)) return 0;
  if (EMOJI.test(grapheme)) return 2;
  const marks = grapheme.slice(1).match(HALF_WIDTH_MARK)?.length ?? 0;
  return eastAsianWidth(grapheme.codePointAt(0) ?? 0) + marks;
}

/** The longest beginning of at most `columns`, and the rest. */
function splitAt(text: string, columns: number): readonly [string, string] {
  if (ASCII.test(text)) return [text.slice(0, columns), text.slice(columns)];
  let used = 0;
  for (const { segment, index } of graphemesOf(text)) {
    used += graphemeWidth(segment);
    if (used > columns) return [text.slice(0, index), text.slice(index)];
  }
  return [text, ''];
}

/** At most `columns` wide; what is cut ends in an ellipsis. */
export function cutText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  return columns < 1 ? '' : `${splitAt(text, columns - 1)[0]}…`;
}

/** Exactly `columns` wide: cut, or filled with spaces behind (`left`) or before (`right`). */
export function fitText(text: string, columns: number, side: 'left' | 'right' = 'left'): string {
  const cut = cutText(text, columns);
  const gap = ' '.repeat(Math.max(0, columns - textWidth(cut)));
  return side === 'left' ? cut + gap : gap + cut;
}

/** Lines of at most `columns` (two at least), broken between words where that is possible; words too long are broken within. */
export function wrapText(text: string, columns: number): string[] {
  const limit = Math.max(2, columns);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= limit) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    let [head, tail] = splitAt(word, limit);
    for (; tail !== ''; [head, tail] = splitAt(tail, limit)) lines.push(head);
    line = head;
  }
  return [...lines, line];
}
