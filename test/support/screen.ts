/**
 * A terminal's screen without a window: takes what a program writes and says what a person sees. A well-kept emulator
 * (xterm.js, the one of many editors) interprets the escape sequences, so that no test reads them.
 */
import { Unicode11Addon } from '@xterm/addon-unicode11';
import xterm, { type IBufferCell } from '@xterm/headless';

export interface ScreenCell {
  /** Empty behind a character of two columns. */
  readonly text: string;
  /** Columns: 0, 1 or 2. */
  readonly width: number;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly inverse: boolean;
  /** 0 to 15 of the terminal's palette; absent: its usual colour. */
  readonly color?: number;
}

export class TestScreen {
  readonly #terminal: xterm.Terminal;
  #cursorShown = true;
  #drawn: Promise<void> = Promise.resolve();

  /** `onAnswer` hears what a terminal answers to questions of the program. */
  constructor(size: { readonly columns: number; readonly rows: number }, onAnswer?: (text: string) => void) {
    this.#terminal = new xterm.Terminal({
      cols: size.columns,
      rows: size.rows,
      allowProposedApi: true,
      scrollback: 5_000,
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = '11';
    if (onAnswer) this.#terminal.onData(onAnswer);
    for (const final of ['h', 'l']) {
      this.#terminal.parser.registerCsiHandler({ prefix: '?', final }, (params) => {
        if (params.includes(25)) this.#cursorShown = final === 'h';
        return false; // the emulator goes on with it
      });
    }
  }

  write(text: string | Uint8Array): void {
    this.#drawn = new Promise((done) => this.#terminal.write(text, done));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  get columns(): number {
    return this.#terminal.cols;
  }

  get rows(): number {
    return this.#terminal.rows;
  }

  /** The visible rows from the top, without spaces at their ends, without empty rows at the end. */
  async lines(): Promise<string[]> {
    await this.#drawn;
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: this.rows }, (_, y) =>
      (active.getLine(active.baseY + y)?.translateToString() ?? '').trimEnd(),
    );
    while (rows.at(-1) === '') rows.pop();
    return rows;
  }

  /** What a person can scroll up to and what is visible; lines that the terminal wrapped are one line. */
  async history(): Promise<string[]> {
    await this.#drawn;
    const { active } = this.#terminal.buffer;
    const lines: string[] = [];
    for (let y = 0; y < active.length; y += 1) {
      const line = active.getLine(y);
      const text = line?.translateToString() ?? '';
      if (line?.isWrapped === true) lines.push((lines.pop() ?? '') + text);
      else lines.push(text);
    }
    const shown = lines.map((line) => line.trimEnd());
    while (shown.at(-1) === '') shown.pop();
    return shown;
  }

  /** The visible rows with their colours. */
  async cells(): Promise<ScreenCell[][]> {
    await this.#drawn;
    const { active } = this.#terminal.buffer;
    return Array.from({ length: this.rows }, (_, y) => {
      const line = active.getLine(active.baseY + y);
      return Array.from({ length: this.columns }, (_, x) => cellOf(line?.getCell(x)));
    });
  }

  async state(): Promise<{ readonly cursorShown: boolean; readonly alternate: boolean; readonly wraps: boolean }> {
    await this.#drawn;
    return {
      cursorShown: this.#cursorShown,
      alternate: this.#terminal.buffer.active.type === 'alternate',
      wraps: this.#terminal.modes.wraparoundMode,
    };
  }

  dispose(): void {
    this.#terminal.dispose();
  }
}

function cellOf(cell: IBufferCell | undefined): ScreenCell {
  return {
    text: cell?.getChars() ?? '',
    width: cell?.getWidth() ?? 1,
    bold: cell?.isBold() !== 0,
    dim: cell?.isDim() !== 0,
    inverse: cell?.isInverse() !== 0,
    ...(cell?.isFgPalette() === true ? { color: cell.getFgColor() } : {}),
  };
}
