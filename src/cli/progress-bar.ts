/** A bar on stderr for long work; nothing when stderr is not a terminal, so that logs stay clean. */
import { cutText } from '../base/text-width.ts';
import { visible } from '../base/visible.ts';
import type { Io } from './io.ts';

const WIDTH = 28;
const EVERY_MS = 100;

export class ProgressBar {
  readonly #io: Io;
  #last = 0;
  #drawn = false;

  constructor(io: Io) {
    this.#io = io;
  }

  /** @param fraction 0 to 1 */
  update(label: string, fraction: number): void {
    if (!this.#io.stderr.isTTY) return;
    const now = performance.now();
    if (fraction < 1 && now - this.#last < EVERY_MS) return;
    this.#last = now;
    this.#drawn = true;
    const full = Math.round(Math.min(1, Math.max(0, fraction)) * WIDTH);
    const room = Math.max(10, (this.#io.stderr.columns ?? 80) - WIDTH - 10);
    this.#io.stderr.write(
      `\r\u001b[2K${'█'.repeat(full)}${'░'.repeat(WIDTH - full)} ${String(Math.floor(fraction * 100)).padStart(3)} % ${cutText(visible(label), room)}`,
    );
  }

  /** Removes the bar. Idempotent. */
  end(): void {
    if (this.#drawn) this.#io.stderr.write('\r\u001b[2K');
    this.#drawn = false;
  }
}
