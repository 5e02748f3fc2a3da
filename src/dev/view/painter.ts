/**
 * Turns frames into what is written to the terminal. It writes only the rows that changed, so that nothing flickers and
 * marked text stays marked. Only a command may wrap; any other row that a terminal draws wider than we count is cut there.
 */
import type { FrameRow } from './view-frame.ts';

const WRAP = { on: '\u001b[?7h', off: '\u001b[?7l' } as const;
const CURSOR = { on: '\u001b[?25h', off: '\u001b[?25l' } as const;
const OTHER_SCREEN = { on: '\u001b[?1049h', off: '\u001b[?1049l' } as const;
const CLEAR = '\u001b[H\u001b[2J';
const CLEAR_ROW = '\u001b[2K';
const CLEAR_BELOW = '\u001b[J';

/** Before the first frame. */
export const ENTER = OTHER_SCREEN.on + CURSOR.off + WRAP.off + CLEAR;
/** Gives the terminal back as it was. */
export const LEAVE = WRAP.on + CURSOR.on + OTHER_SCREEN.off;

export class Painter {
  /** Text by the row where it begins. */
  #shown = new Map<number, FrameRow>();
  #end = 1;

  /** The next frame is drawn whole, as after a change of the terminal's size. */
  forget(): string {
    this.#shown.clear();
    this.#end = 1;
    return CLEAR;
  }

  paint(rows: readonly FrameRow[]): string {
    const shown = new Map<number, FrameRow>();
    let text = '';
    let y = 1;
    for (const row of rows) {
      shown.set(y, row);
      const before = this.#shown.get(y);
      if (before?.text !== row.text || before.height !== row.height) text += drawn(row, y);
      y += row.height;
    }
    if (y < this.#end) text += at(y) + CLEAR_BELOW;
    this.#shown = shown;
    this.#end = y;
    return text;
  }
}

function at(y: number): string {
  return `\u001b[${y};1H`;
}

function drawn({ text, height }: FrameRow, y: number): string {
  const cleared = Array.from({ length: height }, (_, below) => at(y + below) + CLEAR_ROW).join('');
  return `${cleared}${at(y)}${height === 1 ? text : WRAP.on + text + WRAP.off}`;
}
