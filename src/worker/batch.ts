/**
 * How many changes the next drain takes, and how many edges of days the next sweep. What comes meanwhile, a crossing or
 * a live change, waits for the batch at hand. So batches are smaller where conditions are expensive, segments many or
 * the server busy. Pure but for the clock that is given.
 */

/** Milliseconds that a batch should take, about: half of the time in which a change is to be visible. */
const AIM = 250;
/** Below this part of a full batch its fixed costs would be most of it. */
const LEAST = 1 / 8;
/** A batch that failed is tried again with this part of its contacts. */
const PART = 1 / 8;
/** Milliseconds for which a size that failed is not tried again. */
const REMEMBERED = 60_000;
/** Milliseconds that a statement of a reduced batch may take, at least: planning does not get cheaper. */
const SHORTEST = 2_000;

/** @param most a full batch @param ms that the last one took, full or not */
export function nextBatch(batch: number, most: number, ms: number): number {
  if (ms > 2 * AIM) return Math.min(batch, Math.max(Math.ceil(most * LEAST), Math.floor(batch / 2)));
  return ms < AIM / 2 ? Math.min(most, batch * 2) : batch;
}

/** The size of a drain's batches over time: by how long they take, and less for a while after one that failed. */
export class BatchSize {
  readonly #most: number;
  readonly #now: () => number;
  #size: number;
  #ceiling: number;
  /** Until when the ceiling holds; then it is doubled. */
  #until = 0;

  /** @param most a full batch @param now milliseconds of a clock that does not run back */
  constructor(most: number, now: () => number = () => performance.now()) {
    this.#most = most;
    this.#size = most;
    this.#ceiling = most;
    this.#now = now;
  }

  get size(): number {
    if (this.#ceiling < this.#most && this.#now() > this.#until) this.#raise();
    return Math.min(this.#size, this.#ceiling);
  }

  /** Since a batch failed: its size is meant exactly, not about. */
  get reduced(): boolean {
    return this.size < Math.ceil(this.#most * LEAST) || this.#ceiling < this.#most;
  }

  /**
   * Milliseconds of one statement of the next batch, of `full` for a full one: a smaller batch that is still too large
   * fails sooner.
   */
  limit(full: number): number {
    return this.reduced ? Math.min(full, Math.max(SHORTEST, Math.round((full * this.size) / this.#most))) : full;
  }

  took(ms: number): void {
    this.#size = nextBatch(this.size, this.#most, ms);
  }

  /** A batch of so many contacts failed. @param slow for being too much: then no size above is tried for a while */
  failed(contacts: number, slow: boolean): void {
    this.#size = Math.max(1, Math.floor(Math.min(this.size, contacts) * PART));
    if (!slow) return;
    this.#ceiling = this.#size;
    this.#until = this.#now() + REMEMBERED;
  }

  /** It was not the number of contacts. */
  relax(): void {
    this.#ceiling = this.#most;
  }

  #raise(): void {
    this.#ceiling = Math.min(this.#most, this.#ceiling * 2);
    this.#until = this.#now() + REMEMBERED;
  }
}
