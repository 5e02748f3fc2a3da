/**
 * Parquet, through hyparquet-writer. Rows are gathered into groups, and each group is written as a whole, so memory
 * stays at one group. Which Parquet type a column gets is in parquet-type.ts.
 */
import { ByteWriter, ParquetWriter, type ColumnSource } from 'hyparquet-writer';
import { join, sql, type Fragment } from '../../compile/fragment.ts';
import type { OutputColumn } from '../output-column.ts';
import type { Format } from './format.ts';
import { columnTypeOf, TEXT, type Cell, type Schema } from './parquet-type.ts';

/** Most values of a group, and most bytes of their text. In memory a value costs about 100 bytes more than its text. */
const GROUP_VALUES = 24_000;
const GROUP_BYTES = 8 * 1024 * 1024;
const LF = 0x0a;
const NOTHING = new Uint8Array();

export function parquet(columns: readonly OutputColumn[]): Format {
  const types = columns.map(columnTypeOf);
  const schema: Schema = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name }, index) => ({ name, ...(types[index] ?? TEXT).element })),
  ];
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'segmentd' });
  let cells: Cell[][] = columns.map(() => []);
  let gathered = 0;
  let size = 0;
  let count = 0;
  let rest: Buffer = Buffer.alloc(0);

  const flush = (): void => {
    if (gathered === 0) return;
    const columnData = columns.map(({ name }, index): ColumnSource => ({ name, data: cells[index] ?? [] }));
    void writer.write({ columnData, rowGroupSize: gathered });
    cells = columns.map(() => []);
    gathered = 0;
    size = 0;
  };
  /**
   * Takes the bytes that the writer has made. The writer's own count of bytes goes on: offsets in the file are made of
   * it.
   */
  const taken = (): Uint8Array => {
    if (bytes.index === 0) return NOTHING;
    const part = new Uint8Array(bytes.buffer, 0, bytes.index).slice();
    bytes.index = 0;
    return part;
  };
  const add = (line: string): void => {
    const values = line.split('\t');
    for (const [index, type] of types.entries()) {
      const text = values[index] ?? '\\N';
      cells[index]?.push(text === '\\N' ? null : type.parse(text.includes('\\') ? unescape(text) : text));
    }
    count += 1;
    gathered += 1;
    size += line.length;
    if (gathered * columns.length >= GROUP_VALUES || size >= GROUP_BYTES) flush();
  };

  return {
    extension: 'parquet',
    copy: (from: Fragment) =>
      sql`copy (select ${join(
        columns.map(({ value }, index) => (types[index] ?? TEXT).value(value)),
        sql`, `,
      )} from ${from}) to stdout`,
    header: taken,
    rows(chunk) {
      const input = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = input.lastIndexOf(LF) + 1;
      rest = Buffer.from(input.subarray(end));
      // In COPY's text form a line end is always the end of a row.
      if (end > 0) for (const line of input.toString('utf8', 0, end - 1).split('\n')) add(line);
      return taken();
    },
    footer() {
      flush();
      void writer.finish();
      return taken();
    },
    get count() {
      return count;
    },
  };
}

const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Undoes what COPY's text form escapes. */
function unescape(text: string): string {
  return text.replaceAll(/\\(.)/gs, (_, letter: string) => ESCAPES[letter] ?? letter);
}
