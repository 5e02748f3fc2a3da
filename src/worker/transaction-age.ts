/**
 * How old a transaction is, at most. Rows of the outbox carry the id of their transaction and no time. A note of the
 * next id says later that a row with a higher id was begun after that note. Invariant: an age is an upper bound, never
 * a guess.
 */
interface Note {
  readonly next: bigint;
  /** Milliseconds of a clock that does not run back. */
  readonly at: number;
}

const MOST_NOTES = 1_000;

export class TransactionAge {
  #notes: Note[] = [];

  note(nextXid: string, at: number): void {
    const next = BigInt(nextXid);
    const last = this.#notes.at(-1);
    // After a failover or a restore ids may start lower: what was noted then dates nothing.
    if (last && next < last.next) this.#notes = [];
    this.#notes.push({ next, at });
    // Old notes may lie further apart: whether work is 60 or 61 minutes old does not matter.
    if (this.#notes.length > MOST_NOTES)
      this.#notes = this.#notes.filter((_, index) => index >= MOST_NOTES / 2 || index % 2 === 0);
  }

  /** Milliseconds; undefined when the transaction is older than all notes. */
  atMost(xid: string, now: number): number | undefined {
    const id = BigInt(xid);
    const before = this.#notes.findLast((note) => note.next <= id);
    return before && now - before.at;
  }
}
