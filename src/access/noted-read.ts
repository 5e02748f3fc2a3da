/**
 * What was noted a moment ago. An open page reads again when something changes, and a builder at each pause between keystrokes: the
 * action log says once in ten minutes that a person reads the same. Owns that memory of one process, and no clock.
 */
const MILLISECONDS = 600_000;
/** Of all persons together; the oldest go first. */
const MOST = 10_000;

export class NotedReads {
  readonly #noted = new Map<string, number>();

  /**
   * Whether the log says this already.
   * @param read person, way in and what is read
   * @param now milliseconds of a clock that never goes back
   */
  has(read: readonly unknown[], now: number): boolean {
    const at = this.#noted.get(JSON.stringify(read));
    return at !== undefined && now - at < MILLISECONDS;
  }

  /** To be called once the log says it. */
  add(read: readonly unknown[], now: number): void {
    const key = JSON.stringify(read);
    this.#noted.delete(key);
    this.#noted.set(key, now);
    if (this.#noted.size > MOST) this.#noted.delete(this.#noted.keys().next().value ?? '');
  }
}
