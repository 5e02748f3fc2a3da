/** A picture of a terminal's screen: text in SVG, on a dark ground of its own, so that light and dark pages both show it. */
import type { ScreenCell } from './screen.ts';

const CELL = { width: 8.4, height: 18 } as const;
const MARGIN = { x: 16, top: 40, bottom: 14 } as const;
const GROUND = '#16181d';
/** Of the palette, on that ground. */
const COLORS: Readonly<Record<number, string>> = { 1: '#ff7b72', 2: '#7ee787', 3: '#e3b341' };
const FONT = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace';

interface Run {
  readonly x: number;
  readonly columns: number;
  readonly text: string;
  readonly style: string;
}

/** @param about what a reader who cannot see it hears */
export function screenSvg(rows: readonly (readonly ScreenCell[])[], about: string): string {
  const columns = Math.max(...rows.map((row) => row.length));
  const width = Math.ceil(columns * CELL.width + MARGIN.x * 2);
  const height = rows.length * CELL.height + MARGIN.top + MARGIN.bottom;
  const texts = rows.flatMap((row, y) =>
    runsOf(row).map(
      ({ x, columns: length, text, style }) =>
        `<text x="${number(MARGIN.x + x * CELL.width)}" y="${number(MARGIN.top + (y + 0.75) * CELL.height)}" textLength="${number(length * CELL.width)}"${style === '' ? '' : ` class="${style}"`}>${escaped(text)}</text>`,
    ),
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(about)}">`,
    '<style>',
    `text { font: 14px ${FONT}; fill: #e6e8ec; white-space: pre; }`,
    '.dim { fill: #9aa3b2; }',
    '.bold { font-weight: 700; }',
    ...Object.entries(COLORS).map(([code, color]) => `.c${code} { fill: ${color}; }`),
    '</style>',
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8" fill="${GROUND}" stroke="#3b404a"/>`,
    ...['#ff5f57', '#febc2e', '#28c840'].map(
      (fill, at) => `<circle cx="${20 + at * 18}" cy="20" r="5.5" fill="${fill}"/>`,
    ),
    ...texts,
    '</svg>',
    '',
  ].join('\n');
}

/** Neighbours of one look are one text. Spaces look like their neighbours. */
function runsOf(row: readonly ScreenCell[]): readonly Run[] {
  const runs: Run[] = [];
  let open: { x: number; columns: number; text: string; style: string } | undefined;
  row.forEach((cell, x) => {
    if (cell.width === 0) return; // the second half of a wide character
    const text = cell.text === '' ? ' ' : cell.text;
    const style = styleOf(cell);
    if (open && (open.style === style || text === ' ')) {
      open.text += text;
      open.columns += cell.width;
    } else {
      open = { x, columns: cell.width, text, style };
      runs.push(open);
    }
  });
  return runs.flatMap((run) => {
    const text = run.text.trimEnd();
    const spaces = text.length - text.trimStart().length;
    if (text.trim() === '') return [];
    const columns = run.columns - (run.text.length - text.length) - spaces;
    return [{ ...run, x: run.x + spaces, columns, text: text.trimStart() }];
  });
}

function styleOf({ bold, dim, color }: ScreenCell): string {
  return [bold ? 'bold' : '', dim ? 'dim' : '', color === undefined ? '' : `c${color}`]
    .filter((name) => name !== '')
    .join(' ');
}

function number(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
