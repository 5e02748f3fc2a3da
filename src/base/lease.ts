/**
 * A lease: what a process holds until an instant in the database, which the process moves on while it works. When a
 * process dies its leases end, and another process takes the work over. Owns which of several leases are still held,
 * and the clock. Invariant: what a renewal found in other hands is never renewed again. It must not know what is
 * leased, or in which table.
 */

export interface LeaseOptions<T> {
  /** What the caller has just taken. */
  readonly held: readonly T[];
  /** How long a lease lasts from each renewal. */
  readonly seconds: number;
  /** Moves the end of these leases on; returns those that the caller still holds. */
  readonly renew: (held: readonly T[], seconds: number) => Promise<readonly T[]>;
}

export class Lease<T> {
  readonly #options: LeaseOptions<T>;
  readonly #lost = new AbortController();
  #held: readonly T[];

  constructor(options: LeaseOptions<T>) {
    this.#options = options;
    this.#held = options.held;
  }

  /** What the last renewal found in the caller's hands. */
  get held(): readonly T[] {
    return this.#held;
  }

  /** Aborted once nothing is held any more. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Renews now, for work that asks at each of its steps whether it may go on. @throws what `renew` throws; the leases
   * then still last
   */
  async renew(): Promise<readonly T[]> {
    if (this.#held.length > 0) this.#held = await this.#options.renew(this.#held, this.#options.seconds);
    if (this.#held.length === 0) this.#lost.abort();
    return this.#held;
  }

  /**
   * Renews at each third of the lease, for work that has no steps, until the returned function is called. A renewal
   * that fails is made up for by the next one.
   */
  keep(): () => void {
    const beat = setInterval(() => void this.renew().catch(() => {}), (this.#options.seconds * 1_000) / 3);
    const end = (): void => clearInterval(beat);
    this.lost.addEventListener('abort', end, { once: true });
    return end;
  }
}
