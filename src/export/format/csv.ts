/**
 * CSV by RFC 4180: CRLF, quotes where needed, a header. Postgres quotes. This file makes the line ends CRLF, counts the
 * rows, and puts a `'` in front of texts that a spreadsheet would run as a formula (spreadsheet-formula.ts). Numbers,
 * dates and booleans are known by their type and stay as they are. Invariant: parsing the output gives what parsing the
 * input gives, except for these prefixes.
 */
import { join, sql, type Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import type { Format, FormatOptions } from './format.ts';
import { isFormula } from './spreadsheet-formula.ts';

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
  /** Reused for each chunk: `rows` returns a copy of what is written in it. */
  let scratch: Buffer = Buffer.alloc(0);
  let count = 0;
  return {
    extension: 'csv',
    copy: (from: Fragment) => sql`copy (select ${join(values, sql`, `)} from ${from}) to stdout with (format csv)`,
    header: () => Buffer.from(`${header}\r\n`),
    rows(chunk) {
      const input = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      // A byte of the input adds at most one byte.
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

/** Rewrites the complete records into `output`; `read` is where the first incomplete one begins. */
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
      // Copies up to the quote that is not one of a pair.
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

function headerCell(name: string, guard: boolean): string {
  const text = guard && isFormula(Buffer.from(name), 0, true) ? `'${name}` : name;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
