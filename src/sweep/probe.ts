/**
 * Asks whether anything crosses an edge. Reads only; every poll of every worker asks, so it must stay cheap: a field
 * without a usable index is asked for by itself and the less often the dearer it is.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { probeGroup, probeQuery, type StoredEdge } from '../compile/edge-probe.ts';
import { render, type Statement } from '../compile/fragment.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Edge } from '../temporal/edge.ts';

export interface Probed {
  /** Server time before the snapshot that answered. */
  readonly asked_at: string;
  readonly instant: string;
  /** Ids of edges that wait for a sweep. */
  readonly crossing: readonly number[];
  /** Of the installation, in the same snapshot. */
  readonly generation: string;
  /** Decisions by hand have come to their end. */
  readonly overrides: boolean;
}

/** The plain question for all edges, whatever it costs. `until`: by default the present. */
export async function probeAll(
  client: Queryable,
  catalogue: Catalogue,
  edges: ReadonlyMap<number, Edge>,
  until?: string,
): Promise<Probed> {
  const { text, bind } = render(probeQuery(catalogue, stored(edges)));
  return only(await client.query<Probed>(text, bind({ until: until ?? null })));
}

function stored(edges: ReadonlyMap<number, Edge>): StoredEdge[] {
  return [...edges].map(([id, edge]) => ({ id, edge }));
}

function only({ rows: [row] }: { readonly rows: readonly Probed[] }): Probed {
  if (!row) throw new Error('the probe returned nothing');
  return row;
}

/** Milliseconds from look to look at the default poll; whoever polls more often has asked to pay more. */
const LOOK_MS = 250;
/**
 * Milliseconds of work that a look may cost on average, whatever it is spent on: 2 % of a core. The common statement takes
 * of it what it needs, all of it if no group is dear, and at most half otherwise; what it leaves pays for looks at dear
 * groups, for sweeping them, and for finding out which are dear.
 */
const BUDGET_MS = 5;
/** Of what the common statement leaves, this part is for finding out which groups are dear. */
const SORT_SHARE = 1 / 8;
/** Milliseconds between two of those at least, however little they cost. */
const SORT_REST = 5_000;
const TRIES = 3;
/** A group that takes so long is taken for dear at once: more tries would cost more than they could tell. */
const SURELY_MS = 20 * BUDGET_MS;

interface Group {
  readonly name: string;
  readonly edges: readonly StoredEdge[];
  readonly statement: Statement;
  /** Milliseconds that it took by itself when that was measured last, without the way. */
  cost: number;
  dear: boolean;
  /** When it was asked by itself last, by the clock of the costs. */
  asked: number;
  clean: string | undefined;
  /** What was told last; undefined before. */
  told: number | null | undefined;
}

/** A look that found something, until all of that is swept. */
interface Look {
  readonly askedAt: string;
  readonly waiting: Set<number>;
}

/** Edges of a field that is looked at rarely. */
export interface LateEdges {
  readonly edges: readonly number[];
  /** Server time up to which nothing of them waited to cross; undefined before that was found. */
  readonly asOf: string | undefined;
}

/** Up to when crossings have been queued, as far as was looked. */
export interface Clean {
  /** Server time, for all edges but those of `late`; undefined before all of them were clean once. */
  readonly prompt: string | undefined;
  readonly late: readonly LateEdges[];
}

/** Undefined when a table that is asked for is locked. */
async function unlessLocked<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    return undefined;
  }
}

/** How often some edges are looked at. */
export interface Cadence {
  readonly edges: readonly number[];
  /** Milliseconds between looks; null: at every poll, or nearly. */
  readonly every: number | null;
}

const COMMON = 'common';

/** Rarer looks than this (milliseconds) are worth telling. */
const TOLD_MS = 1_000;

/** Remembers, for one set of edges, what each group of them costs. */
export class Prober {
  readonly #groups: readonly Group[];
  readonly #prefix: string;
  readonly #now: () => number;
  #common: Statement | undefined;
  #commonNumber = 0;
  #nextSort: number;
  /** The question about no edge, and milliseconds that it takes: the way to Postgres and back, most of it waiting, no work. */
  readonly #nothing: Statement;
  #way: number;
  /** Until then what was spent on dear groups has not been saved again. */
  #broke: number;
  #clean: string | undefined;
  /** The last look of the common question, and of each dear group by its name, where it found something. */
  readonly #looks: Map<string, Look>;

  /**
   * @param prefix of the names of its prepared statements, unique on the connection
   * @param now milliseconds, by which costs are measured
   * @param former what was found about the groups while the set of edges was another
   */
  constructor(
    catalogue: Catalogue,
    edges: ReadonlyMap<number, Edge>,
    prefix: string,
    former?: Prober,
    now: () => number = () => performance.now(),
  ) {
    this.#now = now;
    const known = new Map((former ? former.#groups : []).map((group) => [group.name, group]));
    const groups = new Map<string, StoredEdge[]>();
    for (const [id, edge] of edges)
      groups.set(probeGroup(edge), [...(groups.get(probeGroup(edge)) ?? []), { id, edge }]);
    this.#groups = [...groups].map(([name, own]) => ({
      name,
      edges: own,
      statement: render(probeQuery(catalogue, own)),
      cost: known.get(name)?.cost ?? 0,
      dear: known.get(name)?.dear ?? false,
      asked: known.get(name)?.asked ?? 0,
      clean: known.get(name)?.clean,
      told: undefined,
    }));
    this.#prefix = prefix;
    this.#nothing = render(probeQuery(catalogue, []));
    this.#way = former ? former.#way : 0;
    this.#broke = former ? former.#broke : -Infinity;
    this.#nextSort = former ? former.#nextSort : 0;
    this.#looks = new Map(former ? former.#looks : []);
    this.#looks.delete(COMMON);
    this.#make = () =>
      render(
        probeQuery(
          catalogue,
          this.#cheap().flatMap((group) => group.edges),
        ),
      );
  }

  readonly #make: () => Statement;

  #cheap(): Group[] {
    return this.#groups.filter((group) => !group.dear);
  }

  /** How many times as long as some work takes there is to rest for it. */
  #price(): number {
    const common = this.#cheap().reduce((sum, { cost }) => sum + cost, 0);
    return LOOK_MS / (Math.max(BUDGET_MS - common, BUDGET_MS / 2) * (1 - SORT_SHARE));
  }

  /** What a look did not need may be used by the next one, no later: nobody saves up for a busy minute. */
  #pay(milliseconds: number): void {
    this.#broke = Math.max(this.#broke, this.#now() - LOOK_MS) + milliseconds * this.#price();
  }

  /** Milliseconds in which each dear group has its turn. */
  #round(): number {
    return this.#price() * this.#groups.reduce((sum, { dear, cost }) => sum + (dear ? cost : 0), 0);
  }

  /** The edges to sweep, among those whose turn it is; generation and overrides as the first of the looks saw them. */
  async probe(client: Queryable): Promise<Pick<Probed, 'crossing' | 'generation' | 'overrides'>> {
    const started = this.#now();
    this.#common ??= this.#make();
    const probed = await unlessLocked(() =>
      this.#ask(client, `${this.#prefix}c${this.#commonNumber}`, this.#common ?? this.#make()),
    );
    if (probed === undefined) return this.#apart(client);
    const { crossing: found, asked_at, generation, overrides } = probed;
    const crossing = [...found];
    this.#looked(COMMON, found, asked_at);
    if (this.#now() - started - this.#way > BUDGET_MS && this.#now() >= this.#nextSort && this.#cheap().length > 0)
      await unlessLocked(() => this.#sort(client));
    for (const group of this.#groups.filter(({ dear }) => dear).toSorted((a, b) => a.asked - b.asked)) {
      if (this.#broke > this.#now()) break;
      if (group.asked >= started) continue;
      const probed = await unlessLocked(() => this.#measure(client, group));
      if (probed === undefined) continue;
      const { crossing: more, asked_at: askedAt } = probed;
      crossing.push(...more);
      this.#looked(group.name, more, askedAt);
      this.#pay(group.cost);
      this.#regroup();
    }
    return { crossing, generation, overrides };
  }

  /**
   * The team has locked a table. Each group reads one, and those whose table is free are asked for by themselves. Nothing
   * is said of the others, so time stands still for them until the lock is gone.
   */
  async #apart(client: Queryable): Promise<Pick<Probed, 'crossing' | 'generation' | 'overrides'>> {
    const { generation, overrides } = await this.#ask(client, `${this.#prefix}n`, this.#nothing);
    const crossing: number[] = [];
    for (const [index, group] of this.#groups.entries()) {
      const probed = await unlessLocked(() => this.#ask(client, `${this.#prefix}g${index}`, group.statement));
      crossing.push(...(probed?.crossing ?? []));
    }
    return { crossing, generation, overrides };
  }

  async #ask(client: Queryable, name: string, { text, bind }: Statement): Promise<Probed> {
    return only(await client.query<Probed>({ name, text, values: bind({ until: null }) }));
  }

  async #measure(client: Queryable, group: Group): Promise<Probed> {
    group.asked = this.#now();
    const probed = await this.#ask(client, `${this.#prefix}g${this.#groups.indexOf(group)}`, group.statement);
    // A stall of the server must not put the next look off by fifty times as much.
    group.cost = Math.min(Math.max(0, this.#now() - group.asked - this.#way), Math.max(1, 2 * group.cost));
    if (probed.crossing.length === 0) group.clean = probed.asked_at;
    return probed;
  }

  #looked(name: string, crossing: readonly number[], askedAt: string): void {
    this.#looks.delete(name);
    if (crossing.length === 0) this.#cleaned(name, askedAt);
    else this.#looks.set(name, { askedAt, waiting: new Set(crossing) });
  }

  #cleaned(name: string, askedAt: string): void {
    if (name === COMMON) this.#clean = askedAt;
    for (const group of this.#groups) if (group.name === name) group.clean = askedAt;
  }

  /**
   * Edges that have been swept since they were found. Without this, a field where somebody crosses at every look would
   * never be clean: what waited when it was asked for is in the outbox now.
   */
  swept(edges: readonly number[]): void {
    for (const [name, { askedAt, waiting }] of this.#looks) {
      for (const id of edges) waiting.delete(id);
      if (waiting.size > 0) continue;
      this.#looks.delete(name);
      this.#cleaned(name, askedAt);
    }
  }

  /** Milliseconds of the fastest of a few tries: on a busy server one may wait for a core, and that is no cost of ours. */
  async #least(ask: () => Promise<unknown>): Promise<number> {
    let least = Infinity;
    for (let tries = 0; tries < TRIES && least > BUDGET_MS / 2; tries += 1) {
      const started = this.#now();
      await ask();
      least = Math.min(least, this.#now() - started);
    }
    return least;
  }

  /**
   * The common statement was slow: each group by itself tells which one it is. That is paid for by the time to the next such
   * search, not by the looks: on a busy server it put windows off by 10 s.
   */
  async #sort(client: Queryable): Promise<void> {
    const nothing = `${this.#prefix}n`;
    await this.#ask(client, nothing, this.#nothing); // plans it
    this.#way = await this.#least(() => this.#ask(client, nothing, this.#nothing));
    let work = 0;
    for (const group of this.#cheap()) {
      const before = group.cost;
      group.cost = Infinity;
      // A lock of the team's says nothing about the cost.
      if ((await unlessLocked(() => this.#measure(client, group))) === undefined) {
        // plans it
        group.cost = before;
        continue;
      }
      const sure = group.cost >= SURELY_MS;
      if (!sure) group.cost = Math.max(0, (await this.#least(() => this.#measure(client, group))) - this.#way);
      // In the common statement, to plan it, and when it was tried.
      work += group.cost * (sure ? 2 : 2 + TRIES);
    }
    this.#regroup();
    this.#pay(this.#groups.reduce((sum, { dear, cost }) => sum + (dear ? cost : 0), 0)); // they were looked at just now
    this.#nextSort = this.#now() + Math.max(SORT_REST, work * this.#price() * (1 / SORT_SHARE - 1));
  }

  /** The cheapest groups stay together as long as they fit; whoever leaves was asked for just now. */
  #regroup(): void {
    const before = this.#cheap();
    const clean = this.cleanAsOf;
    const whole = this.#groups.reduce((sum, { cost }) => sum + cost, 0);
    const limit = whole <= BUDGET_MS ? BUDGET_MS : BUDGET_MS / 2;
    let sum = 0;
    for (const group of this.#groups.toSorted((a, b) => a.cost - b.cost)) {
      sum += group.cost;
      group.dear = sum > limit;
    }
    if (before.length === this.#cheap().length && before.every((group) => !group.dear)) return;
    this.#common = undefined;
    this.#commonNumber += 1;
    // Said of the groups that were asked for; others have come among them.
    this.#looks.delete(COMMON);
    // A group that comes back may have been found waiting; the others' clean look does not speak for it.
    this.#clean = clean;
  }

  /** Server time up to which nothing waited, as far as the groups' turns tell; undefined before each was clean once. */
  get cleanAsOf(): string | undefined {
    return earliest([this.#clean, ...this.#groups.filter((group) => group.dear).map((group) => group.clean)]);
  }

  /** The same, with the groups apart whose cadence was told. */
  get clean(): Clean {
    const dear = this.#groups.filter((group) => group.dear);
    const isLate = (group: Group): boolean => typeof group.told === 'number';
    return {
      prompt: earliest([this.#clean, ...dear.filter((group) => !isLate(group)).map((group) => group.clean)]),
      late: dear.filter(isLate).map((group) => ({ edges: group.edges.map(({ id }) => id), asOf: group.clean })),
    };
  }

  /** Of a group that has looks of its own, and few: milliseconds that one edge of a look takes. */
  costOf(name: string): number | undefined {
    const group = this.#groups.find((one) => one.name === name && one.dear);
    return group && group.cost / group.edges.length;
  }

  /**
   * Sweeping a dear group reads what asking reads, twice, and is paid for likewise. What it appends is no price of a
   * missing index: a field that was dear for a moment on a busy server must not rest for what it had to catch up.
   */
  spent(name: string, milliseconds: number): void {
    const group = this.#groups.find((one) => one.name === name);
    if (group?.dear === true) this.#pay(Math.min(milliseconds, 2 * group.cost));
  }

  /** What has changed since the last call about how often groups are looked at. */
  news(): readonly Cadence[] {
    const round = Math.round(this.#round());
    return this.#groups.flatMap((group) => {
      const every = group.dear && round >= TOLD_MS ? round : null;
      const same =
        every === null || typeof group.told !== 'number'
          ? every === group.told
          : every < group.told * 2 && every > group.told / 2;
      if (same) return [];
      group.told = every;
      return [{ edges: group.edges.map(({ id }) => id), every }];
    });
  }
}

/** Undefined where one is. All print in UTC, so that their texts sort as they do. */
function earliest(instants: readonly (string | undefined)[]): string | undefined {
  return instants.every((one) => one !== undefined) ? instants.toSorted()[0] : undefined;
}
