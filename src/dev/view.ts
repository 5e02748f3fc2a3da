/**
 * The live view: redraws a frame in a terminal, prints plain lines anywhere else. Owns the terminal's state between
 * `startView` and `stop` (cursor, alternate screen) and always gives it back. Knows nothing of segmentd but a snapshot.
 */
import { withoutSecrets } from '../base/secret.ts';
import { visible } from '../base/visible.ts';
import { frame, summaryLine, tableLines, type ViewSnapshot } from './view-frame.ts';

export interface ViewOptions {
  readonly snapshot: () => Promise<ViewSnapshot>;
  /** Lines that stay on top: what runs, how to connect. */
  readonly heading?: readonly string[];
  /** Default stdout. */
  readonly screen?: Screen;
  /** Milliseconds between two frames; default 500. Plain lines come every ten frames. */
  readonly every?: number;
}

/** What is needed of `process.stdout`. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export interface View {
  /** Shows the last moment as a table that stays, and gives the terminal back. Idempotent. */
  stop(): Promise<void>;
}

const ENTER = '\u001b[?1049h\u001b[?25l';
const LEAVE = '\u001b[?25h\u001b[?1049l';
const HOME = '\u001b[H';
const CLEAR_LINE = '\u001b[K';
const CLEAR_BELOW = '\u001b[J';
const PLAIN_EVERY = 10;

export function startView(options: ViewOptions): View {
  const { heading = [] } = options;
  const output: Screen = options.screen ?? process.stdout;
  const terminal = output.isTTY === true && process.env['TERM'] !== 'dumb';
  const color = terminal && !process.env['NO_COLOR'];
  let ticks = 0;
  let stopped = false;
  let working: Promise<void> | undefined;

  const restore = (): void => void output.write(LEAVE);
  if (terminal) {
    output.write(ENTER);
    process.once('exit', restore);
  } else {
    for (const line of heading) output.write(`${visible(line)}\n`);
  }

  async function tick(): Promise<void> {
    let snapshot: ViewSnapshot;
    try {
      if (!terminal && ticks++ % PLAIN_EVERY !== 0) return;
      snapshot = await options.snapshot();
    } catch (error) {
      const line = visible(withoutSecrets(`no view: ${error instanceof Error ? error.message : String(error)}`));
      if (!stopped) output.write(terminal ? `${HOME}${line}${CLEAR_LINE}` : `${line}\n`);
      return;
    }
    if (stopped) return;
    if (!terminal) {
      output.write(`${visible(summaryLine(snapshot))}\n`);
      return;
    }
    const lines = frame(snapshot, { columns: output.columns || 80, rows: output.rows || 24, color, heading });
    output.write(`${HOME}${lines.map((line) => line + CLEAR_LINE).join('\n')}${CLEAR_BELOW}`);
  }

  // A snapshot that takes longer than the interval makes the view slower, it does not pile up.
  const draw = (): void => {
    working ??= tick().finally(() => (working = undefined));
  };
  const timer = setInterval(draw, options.every ?? 500);
  draw();

  return {
    async stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(timer);
      await working;
      if (terminal) {
        process.removeListener('exit', restore);
        restore();
      }
      const last = await options.snapshot().catch(() => undefined);
      if (last) output.write(`${tableLines(last).map(visible).join('\n')}\n`);
    },
  };
}
