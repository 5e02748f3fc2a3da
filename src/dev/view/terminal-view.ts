/**
 * The live view in a terminal: takes the terminal, draws frames, hears keys, and gives the terminal back, also when the
 * process fails or a person stops the job and continues it.
 */
import type { HeldLines } from './held-lines.ts';
import { keyboard, type Key, type KeySource } from './keyboard.ts';
import { ENTER, LEAVE, Painter } from './painter.ts';
import { frame, helpFrame, type FrameOptions } from './view-frame.ts';
import type { ViewHeading, ViewSnapshot } from './view-model.ts';

/** What is needed of `process.stdout`. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

export interface TerminalViewOptions {
  readonly heading: ViewHeading;
  /** Where keys come from, if any. */
  readonly keys?: KeySource;
  /** The log, which must not write into the view. */
  readonly messages?: HeldLines;
}

/** Frames for which a line of the log is shown. */
const MESSAGE_FRAMES = 20;
/** Milliseconds. A job that no shell controls cannot be stopped, so the view goes on. */
const STOPPED_BY_NOW = 200;

export class TerminalView {
  readonly #screen: Screen;
  readonly #options: TerminalViewOptions;
  readonly #painter = new Painter();
  readonly #keyboard;
  readonly #color = !process.env['NO_COLOR'];
  #snapshot: ViewSnapshot | undefined;
  #failure: string | undefined;
  #message: { readonly line: string; readonly until: number } | undefined;
  #frames = 0;
  #page: 'segments' | 'help' = 'segments';
  #selected = { index: 0, key: '' };
  #top = 0;
  #pageSize = 1;
  #owned = false;
  #givenBack = false;
  #onEnd: () => void = () => {};

  constructor(screen: Screen, options: TerminalViewOptions) {
    this.#screen = screen;
    this.#options = options;
    this.#keyboard = keyboard(options.keys, (key) => this.#press(key));
  }

  start(onEnd: () => void): void {
    this.#onEnd = onEnd;
    process.on('exit', this.#restore);
    // The report of an error that ends the process is printed next, and must stand on the usual screen.
    process.on('uncaughtExceptionMonitor', this.#restore);
    process.on('SIGCONT', this.#takeAgain);
    this.#screen.on?.('resize', this.#redraw);
    this.#take();
  }

  isDue(): boolean {
    this.#frames += 1;
    return true;
  }

  show(snapshot: ViewSnapshot): void {
    this.#snapshot = snapshot;
    this.#failure = undefined;
    this.#draw();
  }

  fail(line: string): void {
    this.#failure = line;
    this.#draw();
  }

  giveBack(): void {
    this.#givenBack = true;
    this.#restore();
    process.off('exit', this.#restore);
    process.off('uncaughtExceptionMonitor', this.#restore);
    process.off('SIGCONT', this.#takeAgain);
    this.#screen.off?.('resize', this.#redraw);
  }

  #take(): void {
    this.#owned = true;
    this.#screen.write(ENTER);
    this.#keyboard.start();
    this.#options.messages?.hold((line) => {
      this.#message = { line, until: this.#frames + MESSAGE_FRAMES };
      this.#draw();
    });
  }

  readonly #restore = (): void => {
    if (!this.#owned) return;
    this.#owned = false;
    this.#keyboard.stop();
    this.#screen.write(LEAVE + (this.#options.messages?.release() ?? ''));
  };

  /** After `fg`: the shell has used the terminal meanwhile. */
  readonly #takeAgain = (): void => {
    this.#keyboard.stop();
    this.#take();
    this.#redraw();
  };

  readonly #redraw = (): void => {
    this.#screen.write(this.#painter.forget());
    this.#draw();
  };

  #draw(): void {
    if (!this.#owned) return;
    const { heading } = this.#options;
    const segments = this.#snapshot?.segments ?? [];
    const found = segments.findIndex((segment) => segment.key === this.#selected.key);
    this.#select(found >= 0 ? found : this.#selected.index);
    const message =
      this.#failure ?? (this.#message && this.#frames < this.#message.until ? this.#message.line : undefined);
    const of: FrameOptions = {
      columns: this.#screen.columns || 80,
      rows: this.#screen.rows || 24,
      color: this.#color,
      heading,
      keys: this.#keyboard.heard,
      selected: this.#selected.index,
      top: this.#top,
      ...(message === undefined ? {} : { message }),
    };
    const { rows, top, shown } = this.#page === 'help' ? helpFrame(of) : frame(this.#snapshot, of);
    this.#top = top;
    if (shown > 0) this.#pageSize = shown;
    const text = this.#painter.paint(rows);
    if (text !== '') this.#screen.write(text);
  }

  /** Keeps to the segment, not to the line, when others come and go. */
  #select(index: number): void {
    const segments = this.#snapshot?.segments ?? [];
    const within = Math.max(0, Math.min(index, segments.length - 1));
    this.#selected = { index: within, key: segments[within]?.key ?? '' };
  }

  #press(key: Key): void {
    if (key === 'quit' || key === 'interrupt') return this.#onEnd();
    if (key === 'suspend') return this.#suspend();
    if (key === 'redraw') return this.#redraw();
    if (this.#page === 'help' || key === 'help') this.#page = this.#page === 'help' ? 'segments' : 'help';
    else this.#move(key);
    this.#draw();
  }

  #move(key: Key): void {
    const { index } = this.#selected;
    const to: Partial<Record<Key, number>> = {
      up: index - 1,
      down: index + 1,
      'page-up': index - this.#pageSize,
      'page-down': index + this.#pageSize,
      home: 0,
      end: Number.MAX_SAFE_INTEGER,
    };
    this.#select(to[key] ?? index);
  }

  /** As Ctrl-Z does for a program that leaves the keys to the terminal: the whole job stops, also npm around it. */
  #suspend(): void {
    if (process.platform === 'win32') return;
    this.#restore();
    process.kill(0, 'SIGTSTP');
    setTimeout(() => {
      if (!this.#owned && !this.#givenBack) this.#takeAgain();
    }, STOPPED_BY_NOW);
  }
}
