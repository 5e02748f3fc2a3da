/**
 * How results are printed: JSON for scripts (keys named as the columns of the tables), aligned text for people. Everything that
 * people read goes through here: values hold what others typed, so each line is made visible (base/visible.ts). What ends a line
 * is the end of an element of the list, never a character of a value.
 */
import { withoutSecrets } from '../base/secret.ts';
import { visible, visibleJson, visibleLines } from '../base/visible.ts';
import { write, type Io } from './io.ts';
import { rowsOfTable, type Line } from './table.ts';
import { wrapLine } from './wrap.ts';

type Row = object;

/** One line, or one an element; a table is one element. */
export type Lines = string | readonly Line[];

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
    const lines = (typeof found === 'string' ? [found] : found).flatMap((line) => this.#fit(line));
    if (lines.some((line) => line !== '')) return this.#out(lines);
    if (empty !== undefined) await this.note(empty);
  }

  /**
   * A list that may be long: printed as it arrives, one JSON array in all with `--json`. `empty` is said on stderr.
   * @param text the lines of one page
   */
  async stream<T extends Row>(
    pages: AsyncIterable<readonly T[]>,
    text: (rows: readonly T[]) => readonly Line[],
    empty: string,
  ): Promise<void> {
    let any = false;
    for await (const rows of pages) {
      if (this.#io.signal.aborted) return;
      if (rows.length === 0) continue;
      const before = any ? ',\n' : '[\n';
      any = true;
      const shown = this.json
        ? before + rows.map((row) => `  ${visibleJson(snakeKeys(row))}`).join(',\n')
        : text(rows)
            .flatMap((line) => this.#fit(line))
            .map((line) => `${line}\n`)
            .join('');
      await write(this.#io.stdout, shown);
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
    const line = visible(withoutSecrets(text));
    const { isTTY, columns = 80 } = this.#io.stderr;
    await write(this.#io.stderr, `${(isTTY ? wrapLine(line, columns) : [line]).join('\n')}\n`);
  }

  /** A question to the person; the answer is typed behind it. */
  async question(text: string): Promise<void> {
    await write(this.#io.stderr, `${visible(text)} `);
  }

  /** JSON for scripts whose data is on stdout. */
  async jsonNote(value: Row): Promise<void> {
    await write(this.#io.stderr, `${withoutSecrets(visibleJson(value))}\n`);
  }

  /** Where an error was thrown, a line a call. */
  async trace(text: string): Promise<void> {
    await write(this.#io.stderr, `${visibleLines(withoutSecrets(text))}\n`);
  }

  /** Whether a person reads it in a terminal; a pipe and a file get every value whole, each row in one line. */
  get isTerminal(): boolean {
    return this.#io.stdout.isTTY === true;
  }

  #fit(line: Line): readonly string[] {
    const width = this.isTerminal ? (this.#io.stdout.columns ?? 80) : undefined;
    if (typeof line === 'string') {
      const text = visible(line);
      return width === undefined ? [text] : wrapLine(text, width);
    }
    return line.kind === 'whole' ? [visible(line.text)] : rowsOfTable(line, width);
  }

  async #out(lines: readonly string[]): Promise<void> {
    const text = lines.join('\n');
    await write(this.#io.stdout, text.endsWith('\n') ? text : `${text}\n`);
  }
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : many}`;
}
