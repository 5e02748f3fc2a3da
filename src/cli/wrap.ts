/** Lines that fit a width. Breaks at spaces alone: a word that is longer than a line stays whole. Pure. */
import { fitText, textWidth } from '../base/text-width.ts';

/** The text in lines of at most `width`; the later ones begin with `hang` spaces. Its own spaces stay as they are. */
export function wrap(text: string, width: number, hang = 0): readonly string[] {
  if (textWidth(text) <= width) return [text];
  const indent = ' '.repeat(hang);
  const lines: string[] = [];
  let line = '';
  for (const [part] of text.matchAll(/ *[^ ]+| +$/g)) {
    const isFirst = lines.length === 0 && line.trim() === '';
    if (isFirst || line === indent || textWidth(line + part) <= width) {
      line += line === indent ? part.trimStart() : part;
      continue;
    }
    lines.push(line);
    line = indent + part.trimStart();
  }
  return [...lines, line];
}

/** A line of columns or a sentence: what does not fit goes on under the second column, or two spaces further in. */
export function wrapLine(line: string, width: number): readonly string[] {
  const [, margin = '', first = ''] = /^( *)(\S+(?: \S+)* {2,})?/.exec(line) ?? [];
  const column = textWidth(margin + first);
  return wrap(line, width, first !== '' && column <= width / 2 ? column : Math.min(margin.length + 2, width >> 1));
}

/** Terms on the left, what they mean on the right; a term that is too long for its column has a line of its own. */
export function glossary(rows: readonly (readonly [term: string, text: string])[], width: number): readonly string[] {
  const most = Math.min(30, Math.floor(width * 0.42));
  const column = Math.min(most, Math.max(0, ...rows.map(([term]) => textWidth(term)))) + 4;
  return rows.flatMap(([term, text]) => {
    const head = `  ${term}`;
    const room = Math.max(16, width - column);
    const [first = '', ...rest] = wrap(text, room).map((line) => ' '.repeat(column) + line);
    if (text === '') return [head];
    return textWidth(head) + 2 > column ? [head, first, ...rest] : [fitText(head, column) + first.trimStart(), ...rest];
  });
}
