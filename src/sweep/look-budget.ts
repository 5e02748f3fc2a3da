/**
 * What looks at edges may cost: 2 % of a core on average. Work beyond the common statement is paid for by rest: each
 * millisecond of work buys so many milliseconds in which no more of it is done. Pure, but for the clock that it is
 * given.
 */

/** Milliseconds from look to look at the default poll interval. A shorter interval costs more, as its user asked. */
const LOOK_MS = 250;
/**
 * Milliseconds of work that a look may cost on average. The common statement takes what it needs: all of it when no
 * group is expensive, at most half otherwise. The rest pays for looks at expensive groups, for sweeping them, and for
 * searches.
 */
export const BUDGET_MS = 5;
/** The part of what the common statement leaves that pays for searches for expensive groups. */
const SEARCH_SHARE = 1 / 8;
/** Least milliseconds between two searches, however little they cost. */
const SEARCH_REST_MS = 5_000;

export class LookBudget {
  readonly #now: () => number;
  /** Until then, work on expensive groups is not paid for. */
  #spentUntil: number;
  #nextSearch: number;

  /** @param former whose debts are taken over */
  constructor(now: () => number, former?: LookBudget) {
    this.#now = now;
    this.#spentUntil = former ? former.#spentUntil : -Infinity;
    this.#nextSearch = former ? former.#nextSearch : 0;
  }

  get isSpent(): boolean {
    return this.#spentUntil > this.#now();
  }

  get isSearchDue(): boolean {
    return this.#now() >= this.#nextSearch;
  }

  /** Milliseconds of rest for one millisecond of work, when the common statement takes `common` milliseconds. */
  price(common: number): number {
    return LOOK_MS / (Math.max(BUDGET_MS - common, BUDGET_MS / 2) * (1 - SEARCH_SHARE));
  }

  /**
   * The next look may use what a look did not need, later looks may not: a quiet hour saves nothing up for a busy
   * minute.
   */
  pay(milliseconds: number, common: number): void {
    this.#spentUntil = Math.max(this.#spentUntil, this.#now() - LOOK_MS) + milliseconds * this.price(common);
  }

  /**
   * A search is paid for by the time until the next search, not by the looks: on a busy server the looks would have put
   * windows off by 10 s.
   */
  paySearch(milliseconds: number, common: number): void {
    const rest = milliseconds * this.price(common) * (1 / SEARCH_SHARE - 1);
    this.#nextSearch = this.#now() + Math.max(SEARCH_REST_MS, rest);
  }
}
