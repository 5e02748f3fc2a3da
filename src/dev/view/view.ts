/**
 * The live view: asks for a snapshot twice a second and shows it, as a frame in a terminal (terminal-view.ts), as plain
 * lines anywhere else. Knows nothing of segmentd but a snapshot.
 */
import { withoutSecrets } from '../../base/secret.ts';
import { visible } from '../../base/visible.ts';
import { headingLines, summaryLine, tableLines } from './plain-line.ts';
import { TerminalView, type Screen, type TerminalViewOptions } from './terminal-view.ts';
import type { ViewHeading, ViewSnapshot } from './view-model.ts';

export interface ViewOptions extends TerminalViewOptions {
  readonly snapshot: () => Promise<ViewSnapshot>;
  /** Default stdout. */
  readonly screen?: Screen;
  /** Called when a person asks for the end; the terminal has been given back. */
  readonly onEnd?: () => void;
  /** Milliseconds between two frames; default 500. Plain lines come every ten frames. */
  readonly every?: number;
}

export interface View {
  /** Shows the last moment as a table that stays, and gives the terminal back. Idempotent. */
  stop(): Promise<void>;
}

const EVERY = 500;
const PLAIN_EVERY = 10;

export function startView(options: ViewOptions): View {
  const screen: Screen = options.screen ?? process.stdout;
  const terminal = screen.isTTY === true && process.env['TERM'] !== 'dumb';
  const view = terminal ? new TerminalView(screen, options) : new PlainView(screen, options);
  let snapshot: ViewSnapshot | undefined;
  let working: Promise<void> | undefined;
  let ended: Promise<void> | undefined;

  async function tick(): Promise<void> {
    try {
      if (!view.isDue()) return;
      snapshot = await options.snapshot();
      if (!ended) view.show(snapshot);
    } catch (error) {
      const line = withoutSecrets(`no view: ${error instanceof Error ? error.message : String(error)}`);
      if (!ended) view.fail(visible(line));
    }
  }
  // A snapshot that takes longer than the interval makes the view slower, it does not pile up.
  const draw = (): void => {
    working ??= tick().finally(() => (working = undefined));
  };
  const timer = setInterval(draw, options.every ?? EVERY);
  view.start(() => {
    void end();
    options.onEnd?.();
  });
  draw();

  async function finish(): Promise<void> {
    clearInterval(timer);
    view.giveBack();
    await working;
    const last = snapshot ?? (await options.snapshot().catch(() => undefined));
    if (last) screen.write(`${tableLines(last).join('\n')}\n`);
  }
  const end = (): Promise<void> => (ended ??= finish());
  return { stop: end };
}

class PlainView {
  readonly #screen: Screen;
  readonly #heading: ViewHeading;
  #ticks = 0;

  constructor(screen: Screen, { heading }: ViewOptions) {
    this.#screen = screen;
    this.#heading = heading;
  }

  start(): void {
    for (const line of headingLines(this.#heading)) this.#screen.write(`${line}\n`);
  }

  isDue(): boolean {
    return this.#ticks++ % PLAIN_EVERY === 0;
  }

  show(snapshot: ViewSnapshot): void {
    this.#screen.write(`${summaryLine(snapshot)}\n`);
  }

  fail(line: string): void {
    this.#screen.write(`${line}\n`);
  }

  giveBack(): void {}
}
