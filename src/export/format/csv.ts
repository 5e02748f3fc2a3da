/**
 * CSV as RFC 4180 has it: CRLF, quotes where needed, a header. Postgres quotes; here line ends are mended, rows counted, and
 * texts that a spreadsheet would run as a formula get a `'` in front (OWASP "CSV injection"), full-width forms included:
 * spreadsheets fold those. Numbers, dates and booleans are known by their type and never touched.
 * Invariant: parsing the output gives what parsing the input gives, but for those prefixes.
 */
import { join, sql, type Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import type { Format, FormatOptions } from './format.ts';

const QUOTE = 0x22;
const COMMA = 0x2c;
const LF = 0x0a;
const CR = 0x0d;
const PREFIX = 0x27;
const NOTHING = new Uint8Array();

/** Types whose text a contact may have chosen. */
const FREE: ReadonlySet<OutputColumn['type']> = new Set(['text', 'json', 'jsonb', 'opaque']);

export function csv(columns: readonly OutputColumn[], options: FormatOptions): Format {
  const guarded = columns.map((column) => options.formulas !== true && FREE.has(column.type));
  const header = columns.map(({ name }) => headerCell(name, options.formulas !== true)).join(',');
  const values = columns.map(({ type, value }) => {
    // `true`, not COPY's `t`.
    const printed = type === 'boolean' ? sql`(${value})::text` : value;
    // A row of one empty value would be an empty line, which readers skip; an empty text is written as "".
    return columns.length === 1 ? sql`coalesce((${printed})::text, '')` : printed;
  });
  let rest: Buffer = Buffer.alloc(0);
  /** Written anew for each chunk; what is handed on is a copy of the size that it has. */
  let scratch: Buffer = Buffer.alloc(0);
  let count = 0;
  return {
    extension: 'csv',
    copy: (from: Fragment) => sql`copy (select ${join(values, sql`, `)} from ${from}) to stdout with (format csv)`,
    header: () => Buffer.from(`${header}\r\n`),
    rows(chunk) {
      const input = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      // Each byte that is read adds at most one.
      if (scratch.length < input.length * 2) scratch = Buffer.allocUnsafeSlow(input.length * 2);
      const done = records(input, guarded, scratch);
      rest = Buffer.from(input.subarray(done.read));
      count += done.count;
      return Buffer.from(scratch.subarray(0, done.written));
    },
    footer: () => NOTHING,
    get count() {
      return count;
    },
  };
}

/** Rewrites the records that are whole into `output`; `read` is where the first that is not begins. */
function records(
  input: Buffer,
  guarded: readonly boolean[],
  output: Buffer,
): { readonly written: number; readonly read: number; readonly count: number } {
  let written = 0;
  let whole = 0;
  let read = 0;
  let count = 0;
  let column = 0;
  for (let at = 0; at < input.length;) {
    const quoted = input[at] === QUOTE;
    if (quoted) output[written++] = input[at++] ?? 0;
    if (guarded[column] === true && isFormula(input, at, quoted)) output[written++] = PREFIX;
    if (quoted) {
      // Up to the quote that is not one of a pair.
      for (;;) {
        const quote = input.indexOf(QUOTE, at);
        if (quote < 0) return { written: whole, read, count };
        const pair = input[quote + 1] === QUOTE;
        const end = quote + (pair ? 2 : 1);
        written += input.copy(output, written, at, end);
        at = end;
        if (!pair) break;
      }
    }
    for (; at < input.length && input[at] !== COMMA && input[at] !== LF; at += 1) output[written++] = input[at] ?? 0;
    if (at === input.length) break;
    if (input[at] === COMMA) {
      column += 1;
    } else {
      output[written++] = CR;
      column = 0;
    }
    output[written++] = input[at++] ?? 0;
    if (column === 0) {
      count += 1;
      read = at;
      whole = written;
    }
  }
  return { written: whole, read, count };
}

/** UTF-8 of what begins a formula: = + - @, their full-width and small forms, the minus sign. */
const FORMULA = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'].map((sign) =>
  Buffer.from(sign),
);
/** What a spreadsheet may trim before it looks: spaces of several kinds, and marks that show nothing. */
const BLANK = [' ', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u2007', '\u202f'].map((blank) => Buffer.from(blank));
const TAB = 0x09;
/** Bytes with which any of those, or a control character, begins: most values end the question there. */
const SUSPECT = new Uint8Array(256);
for (const byte of [TAB, CR, LF, ...[...FORMULA, ...BLANK].map((text) => text[0] ?? 0)]) SUSPECT[byte] = 1;

/** Only a value in quotes can hold a line end. */
function isFormula(input: Buffer, start: number, quoted: boolean): boolean {
  if (SUSPECT[input[start] ?? 0] === 0) return false;
  const isControl = (byte: number | undefined): boolean => byte === TAB || (quoted && (byte === CR || byte === LF));
  if (isControl(input[start])) return true;
  for (let at = start; at < input.length;) {
    if (FORMULA.some((sign) => startsWith(input, at, sign))) return true;
    const blank = BLANK.find((one) => startsWith(input, at, one));
    if (!blank && !isControl(input[at])) return false;
    at += blank?.length ?? 1;
  }
  return false;
}

function startsWith(input: Buffer, at: number, sign: Buffer): boolean {
  if (input[at] !== sign[0]) return false;
  for (let index = 1; index < sign.length; index += 1) if (input[at + index] !== sign[index]) return false;
  return true;
}

function headerCell(name: string, guard: boolean): string {
  const text = guard && isFormula(Buffer.from(name), 0, true) ? `'${name}` : name;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
