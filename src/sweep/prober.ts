/**
 * Asks at every poll which edges wait for a sweep. Reads only. One statement for all edges would do (100 edges cost
 * 0.25 % of a core, bench `time`), if every field had a usable index. Without an index a look scans a table, at every
 * poll of every worker. Hence more than one statement:
 *  1. Edges of one field are a group: they read the same rows, and cost about what one of them costs.
 *  2. Cheap groups share one statement, so that hundreds of fields are one round trip a look.
 *  3. When that statement takes longer than its budget, a search measures each group by itself, at most every five seconds.
 *  4. Groups that do not fit into the budget are expensive. Each is asked alone, the longest unasked first, and each
 *     millisecond of work is followed by at least fifty of rest (look-budget.ts), so all of them cost 2 % of a core.
 *  5. A group that has become cheap, since its index exists, comes back at its next measurement.
 *  6. A lock of the team on one table must not stop the other fields: then each group is asked by itself.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { probeGroup, probeQuery, type StoredEdge } from '../compile/edge-probe.ts';
import { render, type Statement } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Edge } from '../temporal/edge.ts';
import { earliest, PendingLooks, type Clean } from './clean.ts';
import { BUDGET_MS, LookBudget } from './look-budget.ts';
import { onlyAnswer, type Probed } from './probe.ts';

interface Group {
  readonly name: string;
  readonly edges: readonly StoredEdge[];
  readonly statement: Statement;
  /** Milliseconds that it took by itself when it was last measured, without the round trip. */
  cost: number;
  isExpensive: boolean;
  /** When it was last asked by itself, by the clock of the costs. */
  asked: number;
  /** Server time of its last clean look. */
  clean: string | undefined;
  /** The cadence that was last reported; undefined before. */
  reported: number | null | undefined;
}

/** How often some edges are looked at. */
export interface Cadence {
  readonly edges: readonly number[];
  /** Milliseconds between looks; null: at every poll, or nearly. */
  readonly every: number | null;
}

/** The name under which the looks of the common statement are kept. */
const COMMON = 'common';
/** Tries of a measurement: on a busy server one may wait for a core, and that is no cost of ours. */
const TRIES = 3;
/** A group that takes so many milliseconds is expensive at once: more tries would cost more than they could show. */
const SURELY_MS = 20 * BUDGET_MS;
/** Rests of fewer milliseconds are not reported. */
const REPORTED_MS = 1_000;

/** Returns undefined when the team has locked a table that is asked for. */
async function unlessLocked<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return undefined;
  }
}

/** `next`: when the next row crosses, by the clock of the costs; undefined: none is known to. */
type Answer = Pick<Probed, 'crossing' | 'generation' | 'overrides'> & { readonly next: number | undefined };

/** Knows, for one set of edges, what each group costs and when it was last clean. */
export class Prober {
  readonly #groups: readonly Group[];
  readonly #prefix: string;
  readonly #now: () => number;
  readonly #budget: LookBudget;
  readonly #catalogue: Catalogue;
  /** The statement of all cheap groups; undefined when the groups have changed. */
  #common: Statement | undefined;
  #commonNumber = 0;
  /** The statement about no edge, and its milliseconds: the round trip, which is waiting and no work. */
  readonly #nothing: Statement;
  #roundTrip: number;
  /** Server time of the last clean look of the common statement. */
  #clean: string | undefined;
  /** Looks of the common statement, and of each expensive group by its name. */
  readonly #pending: PendingLooks;

  /**
   * @param prefix of the names of its prepared statements, unique on the connection
   * @param now milliseconds, by which costs are measured
   * @param former the prober of the set of edges before: what it knows of groups that stay is kept
   */
  constructor(
    catalogue: Catalogue,
    edges: ReadonlyMap<number, Edge>,
    prefix: string,
    former?: Prober,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    this.#catalogue = catalogue;
    this.#budget = new LookBudget(now, former ? former.#budget : undefined);
    const known = new Map((former ? former.#groups : []).map((group) => [group.name, group]));
    const groups = new Map<string, StoredEdge[]>();
    for (const [id, edge] of edges)
      groups.set(probeGroup(edge), [...(groups.get(probeGroup(edge)) ?? []), { id, edge }]);
    this.#groups = [...groups].map(([name, own]) => ({
      name,
      edges: own,
      statement: render(probeQuery(catalogue, own)),
      cost: known.get(name)?.cost ?? 0,
      isExpensive: known.get(name)?.isExpensive ?? false,
      asked: known.get(name)?.asked ?? 0,
      clean: known.get(name)?.clean,
      reported: undefined,
    }));
    this.#prefix = prefix;
    this.#nothing = render(probeQuery(catalogue, []));
    this.#roundTrip = former ? former.#roundTrip : 0;
    this.#pending = new PendingLooks(former ? former.#pending : undefined);
    this.#pending.forget(COMMON);
  }

  #commonStatement(): Statement {
    const edges = this.#cheap().flatMap((group) => group.edges);
    return (this.#common ??= render(probeQuery(this.#catalogue, edges)));
  }

  #cheap(): Group[] {
    return this.#groups.filter((group) => !group.isExpensive);
  }

  #expensive(): Group[] {
    return this.#groups.filter((group) => group.isExpensive);
  }

  #commonCost(): number {
    return costOfAll(this.#cheap());
  }

  #pay(milliseconds: number): void {
    this.#budget.pay(milliseconds, this.#commonCost());
  }

  /** Milliseconds in which each expensive group has its turn. */
  #round(): number {
    return this.#budget.price(this.#commonCost()) * costOfAll(this.#expensive());
  }

  /**
   * Returns the edges to sweep among those whose turn it is; the rest as the first statement saw it.
   * @param ahead milliseconds in which `next` is looked for; an expensive group says nothing about what comes
   */
  async probe(client: Queryable, ahead = 0): Promise<Answer> {
    const started = this.#now();
    const common = await unlessLocked(() =>
      this.#ask(client, `${this.#prefix}c${this.#commonNumber}`, this.#commonStatement(), ahead),
    );
    if (common === undefined) return this.#probeApart(client);
    const { generation, overrides, due } = common;
    const next = due === null ? undefined : this.#now() + due;
    const crossing = [...common.crossing];
    this.#looked(COMMON, common);
    const isSlow = this.#now() - started - this.#roundTrip > BUDGET_MS;
    if (isSlow && this.#budget.isSearchDue && this.#cheap().length > 0)
      await unlessLocked(() => this.#searchExpensive(client));
    for (const group of this.#expensive().toSorted((a, b) => a.asked - b.asked)) {
      if (this.#budget.isSpent) break;
      if (group.asked >= started) continue;
      const probed = await unlessLocked(() => this.#measure(client, group));
      if (probed === undefined) continue;
      crossing.push(...probed.crossing);
      this.#looked(group.name, probed);
      this.#pay(group.cost);
      this.#regroup();
    }
    return { crossing, generation, overrides, next };
  }

  /**
   * For when the team has locked a table: each group reads one table, and is asked by itself. A group whose table is
   * locked has no clean look, so its time stands still until the lock is released.
   */
  async #probeApart(client: Queryable): Promise<Answer> {
    const { generation, overrides } = await this.#ask(client, `${this.#prefix}n`, this.#nothing);
    const crossing: number[] = [];
    for (const [index, group] of this.#groups.entries()) {
      const probed = await unlessLocked(() => this.#ask(client, `${this.#prefix}g${index}`, group.statement));
      crossing.push(...(probed?.crossing ?? []));
    }
    return { crossing, generation, overrides, next: undefined };
  }

  async #ask(client: Queryable, name: string, { text, bind }: Statement, ahead = 0): Promise<Probed> {
    return onlyAnswer(await client.query<Probed>({ name, text, values: bind({ until: null, ahead }) }));
  }

  async #measure(client: Queryable, group: Group): Promise<Probed> {
    group.asked = this.#now();
    const probed = await this.#ask(client, `${this.#prefix}g${this.#groups.indexOf(group)}`, group.statement);
    // A stall of the server must not put the next look off by fifty times as much.
    group.cost = Math.min(Math.max(0, this.#now() - group.asked - this.#roundTrip), Math.max(1, 2 * group.cost));
    if (probed.crossing.length === 0) group.clean = probed.asked_at;
    return probed;
  }

  #looked(name: string, { crossing, asked_at: askedAt }: Probed): void {
    if (this.#pending.looked(name, crossing, askedAt)) this.#cleaned(name, askedAt);
  }

  #cleaned(name: string, askedAt: string): void {
    if (name === COMMON) this.#clean = askedAt;
    for (const group of this.#groups) if (group.name === name) group.clean = askedAt;
  }

  /** Notes that these edges are swept: looks that found only these are clean now. */
  swept(edges: readonly number[]): void {
    for (const { name, askedAt } of this.#pending.swept(edges)) this.#cleaned(name, askedAt);
  }

  /** Milliseconds of the fastest of a few tries. */
  async #least(ask: () => Promise<unknown>): Promise<number> {
    let least = Infinity;
    for (let tries = 0; tries < TRIES && least > BUDGET_MS / 2; tries += 1) {
      const started = this.#now();
      await ask();
      least = Math.min(least, this.#now() - started);
    }
    return least;
  }

  /** Measures each cheap group by itself, because the common statement was slow: this finds the expensive ones. */
  async #searchExpensive(client: Queryable): Promise<void> {
    const nothing = `${this.#prefix}n`;
    await this.#ask(client, nothing, this.#nothing); // plans it
    this.#roundTrip = await this.#least(() => this.#ask(client, nothing, this.#nothing));
    let work = 0;
    for (const group of this.#cheap()) {
      const before = group.cost;
      group.cost = Infinity;
      // This first measurement plans the statement. A table that the team has locked says nothing about the cost.
      if ((await unlessLocked(() => this.#measure(client, group))) === undefined) {
        group.cost = before;
        continue;
      }
      const isSure = group.cost >= SURELY_MS;
      if (!isSure) group.cost = Math.max(0, (await this.#least(() => this.#measure(client, group))) - this.#roundTrip);
      // The work was done in the common statement, to plan this one, and at each try.
      work += group.cost * (isSure ? 2 : 2 + TRIES);
    }
    this.#regroup();
    // The search has just looked at the expensive groups.
    this.#pay(costOfAll(this.#expensive()));
    this.#budget.paySearch(work, this.#commonCost());
  }

  /** Keeps the cheapest groups together as long as they fit into the budget. */
  #regroup(): void {
    const before = this.#cheap();
    const clean = this.cleanAsOf;
    const limit = costOfAll(this.#groups) <= BUDGET_MS ? BUDGET_MS : BUDGET_MS / 2;
    let sum = 0;
    for (const group of this.#groups.toSorted((a, b) => a.cost - b.cost)) {
      sum += group.cost;
      group.isExpensive = sum > limit;
    }
    if (before.length === this.#cheap().length && before.every((group) => !group.isExpensive)) return;
    this.#common = undefined;
    this.#commonNumber += 1;
    // The pending look was of the groups that were together before.
    this.#pending.forget(COMMON);
    // A group that comes back may have been found waiting: the clean look of the others is not its own.
    this.#clean = clean;
  }

  /** Server time up to which no edge waited, as far as the looks know; undefined before each group was clean once. */
  get cleanAsOf(): string | undefined {
    return earliest([this.#clean, ...this.#expensive().map((group) => group.clean)]);
  }

  /** The same, with the groups apart whose cadence was reported. */
  get clean(): Clean {
    const isLate = (group: Group): boolean => typeof group.reported === 'number';
    const expensive = this.#expensive();
    return {
      prompt: earliest([this.#clean, ...expensive.filter((group) => !isLate(group)).map((group) => group.clean)]),
      late: expensive.filter(isLate).map((group) => ({ edges: group.edges.map(({ id }) => id), asOf: group.clean })),
    };
  }

  /** Milliseconds that one edge of a look at this group takes; undefined when the group is not expensive. */
  costOf(name: string): number | undefined {
    const group = this.#expensive().find((one) => one.name === name);
    return group && group.cost / group.edges.length;
  }

  /**
   * Pays for a sweep of a group when it is expensive. A sweep reads what a look reads, twice; what a sweep appends is
   * not paid for. A field that was expensive for a moment on a busy server must not rest for what it had to catch up.
   */
  spent(name: string, milliseconds: number): void {
    const group = this.#expensive().find((one) => one.name === name);
    if (group) this.#pay(Math.min(milliseconds, 2 * group.cost));
  }

  /** Reports the groups whose cadence has changed, by a factor of two at least, since the last call. */
  news(): readonly Cadence[] {
    const round = Math.round(this.#round());
    return this.#groups.flatMap((group) => {
      const every = group.isExpensive && round >= REPORTED_MS ? round : null;
      const { reported } = group;
      const isSame =
        every === null || typeof reported !== 'number'
          ? every === reported
          : every < reported * 2 && every > reported / 2;
      if (isSame) return [];
      group.reported = every;
      return [{ edges: group.edges.map(({ id }) => id), every }];
    });
  }
}

function costOfAll(groups: readonly Group[]): number {
  return groups.reduce((sum, { cost }) => sum + cost, 0);
}
