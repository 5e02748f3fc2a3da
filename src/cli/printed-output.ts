/**
 * How results are printed: JSON for scripts (keys named as the columns of the tables), aligned text for people. Everything that
 * people read goes through here: values hold what others typed, so each line is made visible (base/visible.ts). What ends a line
 * is the end of an element of the list, never a character of a value.
 */
import { withoutSecrets } from '../base/secret.ts';
import { visible, visibleJson, visibleLines } from '../base/visible.ts';
import { write, type Io } from './io.ts';

type Row = object;

/** One line, or one an element. */
export type Lines = string | readonly string[];

/** `enteredAt` → `entered_at`. The values are left alone: a condition's keys are the user's. */
export function snakeKeys(row: Row): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([key, value]) => [key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]),
  );
}

export class Output {
  readonly #io: Io;
  readonly json: boolean;

  constructor(io: Io, json: boolean) {
    this.#io = io;
    this.json = json;
  }

  /** One JSON document, with `--json`; else the lines. Without lines stdout stays empty, and `empty` says so on stderr. */
  async print(value: Row | readonly Row[], text: () => Lines, empty?: string): Promise<void> {
    if (this.json) {
      const plain = Array.isArray(value) ? value.map((row: Row) => snakeKeys(row)) : snakeKeys(value);
      return this.#out([visibleJson(plain, 2)]);
    }
    const found = text();
    const lines = (typeof found === 'string' ? [found] : found).map(visible);
    if (lines.some((line) => line !== '')) return this.#out(lines);
    if (empty !== undefined) await this.note(empty);
  }

  /** A list that may be long, one line a row: printed as it arrives, one JSON array in all with `--json`. `empty` is said on stderr. */
  async stream<T extends Row>(
    pages: AsyncIterable<readonly T[]>,
    text: (row: T) => string,
    empty: string,
  ): Promise<void> {
    let any = false;
    for await (const rows of pages) {
      if (this.#io.signal.aborted) return;
      const lines = rows.map((row) => {
        const before = any ? ',\n' : '[\n';
        any = true;
        return this.json ? `${before}  ${visibleJson(snakeKeys(row))}` : `${visible(text(row))}\n`;
      });
      await write(this.#io.stdout, lines.join(''));
    }
    if (this.json) await this.#out([any ? '\n]' : '[]']);
    else if (!any) await this.note(empty);
  }

  /** A script or a file of ours. A redirect gets the text as it is; a terminal shows its hidden characters. */
  async document(text: string): Promise<void> {
    if (text !== '') await this.#out([this.#io.stdout.isTTY ? visibleLines(text) : text]);
  }

  /** For the person, beside the data: one line. */
  async note(text: string): Promise<void> {
    await write(this.#io.stderr, `${visible(withoutSecrets(text))}\n`);
  }

  /** JSON for scripts whose data is on stdout. */
  async jsonNote(value: Row): Promise<void> {
    await write(this.#io.stderr, `${withoutSecrets(visibleJson(value))}\n`);
  }

  /** Where an error was thrown, a line a call. */
  async trace(text: string): Promise<void> {
    await write(this.#io.stderr, `${visibleLines(withoutSecrets(text))}\n`);
  }

  async #out(lines: readonly string[]): Promise<void> {
    const text = lines.join('\n');
    await write(this.#io.stdout, text.endsWith('\n') ? text : `${text}\n`);
  }
}

export interface Column<T> {
  readonly title: string;
  readonly value: (row: T) => string | number | null | undefined;
  readonly right?: boolean;
}

/** A line a row under one of titles. Columns are aligned by two spaces; the last one is left ragged. */
export function table<T>(rows: readonly T[], columns: readonly Column<T>[]): readonly string[] {
  const lines = [
    columns.map((column) => column.title.toUpperCase()),
    ...rows.map((row) => columns.map((column) => visible(String(column.value(row) ?? '')))),
  ];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => [...(line[index] ?? '')].length)));
  return lines.map((line) =>
    line
      .map((cell, index) => {
        const padding = ' '.repeat(Math.max(0, (widths[index] ?? 0) - [...cell].length));
        return columns[index]?.right ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
