/**
 * How results are printed: JSON for scripts (keys named as the columns of the tables), aligned text for people.
 */
import { write, type Io } from './io.ts';

type Row = object;

/** `enteredAt` → `entered_at`. The values are left alone: a condition's keys are the user's. */
export function snakeKeys(row: Row): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]));
}

export class Output {
  readonly #io: Io;
  readonly json: boolean;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** One JSON document, with `--json`; else the text. */
  async print(value: Row | readonly Row[], text: () => string): Promise<void> {
    if (!this.json) return this.line(text());
    const plain = Array.isArray(value) ? value.map((row: Row) => snakeKeys(row)) : snakeKeys(value);
    return this.line(JSON.stringify(plain, null, 2));
  }

  /** A list that may be long: printed as it arrives, one JSON array in all with `--json`. */
  async stream<T extends Row>(pages: AsyncIterable<readonly T[]>, text: (row: T) => string): Promise<void> {
    let separator = '[\n';
    for await (const rows of pages) {
      if (this.#io.signal.aborted) return;
      const lines = this.json
        ? rows.map((row) => {
            const before = separator;
            separator = ',\n';
            return `${before}  ${JSON.stringify(snakeKeys(row))}`;
          })
        : rows.map((row) => `${text(row)}\n`);
      await write(this.#io.stdout, lines.join(''));
    }
    if (this.json) await this.line(separator === '[\n' ? '[]' : '\n]');
  }

  async line(text: string): Promise<void> {
    if (text !== '') await write(this.#io.stdout, text.endsWith('\n') ? text : `${text}\n`);
  }

  /** For the person, beside the data. */
  async note(text: string): Promise<void> {
    await write(this.#io.stderr, `${text}\n`);
  }
}

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null | undefined;
  readonly right?: boolean;
}

/** Columns aligned by two spaces; the last one is left ragged. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [columns.map((column) => column.title.toUpperCase()), ...rows.map((row) => columns.map((column) => String(column.value(row) ?? '')))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => [...(line[index] ?? '')].length)));
  return lines
    .map((line) =>
      line
        .map((cell, index) => {
          const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...cell].length));
          return columns[index]?.right ? padding + cell : cell + padding;
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
