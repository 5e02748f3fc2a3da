/**
 * A stream of lines that waits while a view owns the terminal: a line of the log would break the view up. The view shows the
 * latest line; all of them are written when the view has ended. Invariant: no line is lost but the oldest of very many.
 */
import { Writable } from 'node:stream';

const MOST = 1_000;

export class HeldLines extends Writable {
  readonly #target: Writable & { readonly isTTY?: boolean };
  #held: string[] | undefined;
  #dropped = 0;
  #onLine: (line: string) => void = () => {};

  constructor(target: Writable & { readonly isTTY?: boolean }) {
    super({ decodeStrings: false });
    this.#target = target;
  }

  get isTTY(): boolean {
    return this.#target.isTTY === true;
  }

  /** From now on lines wait. A target that is no terminal has them at once: no view is there. */
  hold(onLine: (line: string) => void): void {
    if (!this.isTTY) return;
    this.#held ??= [];
    this.#onLine = onLine;
  }

  /** Returns what waited, ready to be written, and lets further lines pass. Idempotent. */
  release(): string {
    const held = this.#held ?? [];
    const dropped = this.#dropped;
    this.#held = undefined;
    this.#dropped = 0;
    this.#onLine = () => {};
    return (dropped > 0 ? `${dropped} older lines of the log are left out\n` : '') + held.join('');
  }

  override _write(line: string | Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#held) {
      this.#target.write(line, done);
      return;
    }
    const text = String(line);
    this.#held.push(text);
    if (this.#held.length > MOST) {
      this.#held.shift();
      this.#dropped += 1;
    }
    this.#onLine(text.trimEnd());
    done();
  }
}
