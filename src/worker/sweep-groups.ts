/**
 * Sweeps the edges that a look found crossed, group by group, within what a pass may cost. Owns the order of the
 * groups, the sizes, and the edges that rest after a sweep that failed. Invariant: an edge that cannot be swept holds
 * up no edge of another group. It must not look for crossings (sweep/probe.ts), and it never writes membership.
 */
import { isOwnTimeout, isPoison, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import { DAILY, probeGroup, type StoredEdge } from '../compile/edge-probe.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import type { Client } from '../postgres/pool.ts';
import type { Prober } from '../sweep/prober.ts';
import { sweep, SWEEP_TIMEOUT, type Swept, type SweepOptions } from '../sweep/sweep.ts';
import { nextBatch } from './batch.ts';
import type { WorkerEmitter } from './event.ts';
import type { Signals } from './signal.ts';

export interface SweepGroupsOptions {
  readonly events: WorkerEmitter;
  readonly signals: Pick<Signals, 'hasCatalogueChanged' | 'wakeDrains'>;
  /** Steps at which tests stop a sweep. */
  readonly at?: SweepOptions['at'];
}

/** Changes that a sweep appends at a time: live changes queue behind them. */
const BATCH = 2_000;
/**
 * The same for a field that is looked at rarely. At a look every 25 s a batch of 2,000 was 80 crossings a second, and a
 * field with more crossings than that fell behind for ever.
 */
const RARE_BATCH = 50_000;
/**
 * Milliseconds that a sweep of rarely looked at edges may take, about; it reads twice what a look does. Other windows
 * come in between.
 */
const RARE_MS = 1_000;
/** Milliseconds for which edges rest whose sweep failed for its content. */
const FAILED_MS = 5_000;
/** Milliseconds for which edges rest whose table the team has locked. */
const LOCKED_MS = 250;
/**
 * Edges of days that are swept at a time, at most. At a zone's midnight all of its edges are due at once, and without a
 * usable index each reads its table twice: at 1,000,000 contacts 2 x 570 ms of a core for an anniversary, 2 x 95 for an
 * age. Windows must not wait for all of that, so windows come first, and again after each few edges of days. No index
 * on (month, day) is asked for: an anniversary's two edges take 2.3 s of a core a day, 0.003 %, less than every write
 * would pay.
 */
const MOST_DAYS = 8;

type Edges = RegistryView['edges'];

export class SweepGroups {
  readonly #registry: Registry;
  readonly #options: SweepGroupsOptions;
  /** Edge → performance.now() until which it rests. */
  readonly #resting = new Map<number, number>();
  /** Rarely looked at edges that were found crossed and are not swept yet: their next look may be far away. */
  #left: readonly number[] = [];
  #days = MOST_DAYS / 2;

  constructor(registry: Registry, options: SweepGroupsOptions) {
    this.#registry = registry;
    this.#options = options;
  }

  /** What earlier passes found crossed and did not come to. */
  get left(): readonly number[] {
    return this.#left;
  }

  isResting(id: number): boolean {
    return (this.#resting.get(id) ?? 0) > performance.now();
  }

  /**
   * One pass over the crossed edges: windows first, then a few edges of days. @param prober absent: no group is known
   * to be expensive
   */
  async sweepSome(client: Client, edges: Edges, crossed: readonly number[], prober: Prober): Promise<Swept> {
    return this.#sweepGroups(client, edges, crossed, prober, this.#days);
  }

  /** The same with all edges of days. */
  async sweepAll(client: Client, edges: Edges, crossed: readonly number[], prober?: Prober): Promise<Swept> {
    return this.#sweepGroups(client, edges, crossed, prober, Infinity);
  }

  async #sweepGroups(
    client: Client,
    edges: Edges,
    crossed: readonly number[],
    prober: Prober | undefined,
    days: number,
  ): Promise<Swept> {
    const { daily, windows } = this.#grouped(edges, crossed);
    const total = new Total();
    const later: number[] = [];
    for (const [group, members] of windows) {
      const started = performance.now();
      const cost = prober?.costOf(group);
      const most = cost === undefined ? members.length : Math.max(1, Math.floor(RARE_MS / (2 * cost)));
      const swept = await this.#sweep(client, members.slice(0, most), cost === undefined ? BATCH : RARE_BATCH);
      total.add(swept);
      if (cost !== undefined) later.push(...members.slice(most).map(({ id }) => id), ...(swept?.left ?? []));
      prober?.spent(group, performance.now() - started);
    }
    this.#left = later;
    total.more = Math.max(total.more, later.length);
    if (daily.length > 0) {
      const started = performance.now();
      const swept = await this.#sweep(client, daily.slice(0, days), BATCH);
      total.add(swept);
      total.more += Math.max(0, daily.length - days);
      // One that cannot be swept is then found alone, so that it holds up no other.
      this.#days = swept ? nextBatch(this.#days, MOST_DAYS, performance.now() - started) : 1;
    }
    return total.swept(later);
  }

  #grouped(
    edges: Edges,
    crossed: readonly number[],
  ): { readonly daily: readonly StoredEdge[]; readonly windows: ReadonlyMap<string, readonly StoredEdge[]> } {
    const groups = new Map<string, StoredEdge[]>();
    for (const id of crossed) {
      const edge = edges.byId.get(id);
      if (!edge || this.isResting(id)) continue;
      const group = probeGroup(edge);
      groups.set(group, [...(groups.get(group) ?? []), { id, edge }]);
    }
    const daily = groups.get(DAILY) ?? [];
    groups.delete(DAILY);
    return { daily, windows: groups };
  }

  /** Undefined after an error that is about these edges, such as a column that was dropped. */
  async #sweep(client: Client, members: readonly StoredEdge[], batchSize: number): Promise<Swept | undefined> {
    const { at, events, signals } = this.#options;
    const started = performance.now();
    const under = this.#registry.catalogue;
    try {
      const swept = await sweep(client, under, members, { batchSize, ...(at ? { at } : {}) });
      if (swept.queued + swept.rebuilds > 0) signals.wakeDrains();
      events.emit('swept', {
        edges: members.length,
        queued: swept.queued,
        rebuilds: swept.rebuilds,
        ms: performance.now() - started,
      });
      return swept;
    } catch (error) {
      const code = sqlState(error);
      if (code === LOCK_NOT_AVAILABLE) {
        this.#rest(members, LOCKED_MS);
        return undefined;
      }
      if (code === undefined || !isPoison(code)) throw error;
      events.emit('error', { during: 'sweep', error });
      // Cancelled by a person or a stop: its edges are due at the next look.
      if (code === QUERY_CANCELED && !isOwnTimeout(error, performance.now() - started, SWEEP_TIMEOUT)) return undefined;
      this.#rest(members, FAILED_MS);
      if (code.startsWith('42')) await signals.hasCatalogueChanged(under);
      return undefined;
    }
  }

  #rest(members: readonly StoredEdge[], milliseconds: number): void {
    for (const { id } of members) this.#resting.set(id, performance.now() + milliseconds);
  }
}

/** What the sweeps of one pass come to. */
class Total {
  queued = 0;
  more = 0;
  rebuilds = 0;
  readonly #done: number[] = [];

  add(swept: Swept | undefined): void {
    if (!swept) return;
    this.queued += swept.queued;
    this.more += swept.more;
    this.rebuilds += swept.rebuilds;
    this.#done.push(...swept.done);
  }

  swept(left: readonly number[]): Swept {
    return { queued: this.queued, more: this.more, rebuilds: this.rebuilds, done: this.#done, left };
  }
}
