/**
 * The sweep loop: at every poll one look at all edges; what waits is swept, group by group, and the drains are rung. Two
 * sweepers at once are harmless, as is one that dies at any step. Holds a connection whose commits are asynchronous: what
 * a crash takes back is swept again, watermark and changes alike.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isOwnTimeout, isPoison, LOCK_NOT_AVAILABLE, QUERY_CANCELED, sqlState } from '../base/error.ts';
import type { Service } from '../base/service.ts';
import { DAILY, probeGroup, type StoredEdge } from '../compile/edge-probe.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { withConnection } from '../postgres/with-connection.ts';
import { SHORT_WAIT_OF_SESSION } from '../postgres/give-way.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { CatalogueBehind, type Registry, type RegistryView } from '../followed/registry.ts';
import { expireOverrides } from '../sweep/expire.ts';
import { probeAll, Prober, type Clean } from '../sweep/probe.ts';
import { prune } from '../sweep/prune.ts';
import { requestUnlinked } from '../sweep/unlinked.ts';
import { sweep, SWEEP_TIMEOUT, type Swept, type SweepOptions } from '../sweep/sweep.ts';
import { nextBatch } from './batch.ts';
import type { WorkerEmitter } from './event.ts';
import { createLoop } from './loop.ts';

export interface SweeperOptions {
  /** Milliseconds between looks. */
  readonly pollInterval: number;
  readonly events: WorkerEmitter;
  readonly onDrift: (sqlstate: string, under: Catalogue) => Promise<boolean>;
  readonly onBehind: () => Promise<unknown>;
  /** Changes were appended. */
  readonly onQueued: () => void;
  readonly at?: SweepOptions['at'];
}

/** Changes appended in one go, and crossings that may wait in the outbox before more are added: live changes queue behind them. */
const BATCH = 2_000;
/** Of a field that is looked at rarely, more: at a look every 25 s, 2,000 were 80 a second, and whatever crossed beyond that fell behind for ever. */
const DEAR_BATCH = 50_000;
/** Milliseconds that a sweep of rarely looked at edges may take, about; it reads twice what a look does. Other windows have their turn in between. */
const DEAR_MS = 1_000;
const MOST_WAITING = 1_000;
/** Between looks at the outbox while more is to be swept. */
const CATCH_UP_MS = 20;
const RECONNECT_MS = 250;
const PRUNE_MS = 10_000;
/** Edges whose sweep failed for its content rest. */
const FAILED_MS = 5_000;
/** Edges whose table the team has locked rest so long, and others have their turn. */
const LOCKED_MS = 250;
/** Of a pass that is waited for. */
const PATIENCE_MS = 60_000;
/**
 * Edges of days that are swept in one go, at most. At a zone's midnight all of its edges are due at once, and without a
 * usable index each reads its table twice: at 1,000,000 contacts 2 x 570 ms of a core for an anniversary, 2 x 95 for an
 * age. Windows must not wait for all of that, so they come first, and again after each few edges of days. No index on
 * (month, day) is asked for: an anniversary's two edges take 2.3 s of a core a day, 0.003 %, less than every write would pay.
 */
const MOST_DAYS = 8;

const NOTHING_CLEAN: Clean = { prompt: undefined, late: [] };

export class Sweeper implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: SweeperOptions;
  readonly #loop = createLoop('The sweep loop', (signal) => this.#run(signal));
  /** What was true at the last look; the next one asks for its edges, and sees in the same statement whether it still is. */
  #known: RegistryView | undefined;
  #prober: { readonly of: RegistryView['edges']; readonly prober: Prober } | undefined;
  #probers = 0;
  #nextPrune = 0;
  readonly #failed = new Map<number, number>();
  /** Rarely looked at edges that were found waiting and have not had their turn: their next look may be far away. */
  #found: readonly number[] = [];
  #days = MOST_DAYS / 2;
  #clean: Clean = NOTHING_CLEAN;

  constructor(pool: Pool, registry: Registry, options: SweeperOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
  }

  async start(): Promise<void> {
    await this.#loop.start();
  }

  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  /** Up to when nothing waits to cross, as far as was looked; not known before that, and after an error. */
  get clean(): Clean {
    return this.#clean;
  }

  /**
   * One pass over what crosses up to an instant, by default the present. `done` when nothing did; otherwise to be called
   * again with the same instant, after a drain.
   */
  async once(until?: string): Promise<{ readonly until: string; readonly done: boolean }> {
    return this.#withClient(async (client) => {
      const { edges } = await this.#registry.current(client);
      await requestUnlinked(client, edges);
      await expireOverrides(client);
      const probed = await retryLocked(() => probeAll(client, this.#registry.catalogue, edges.byId, until), {
        patience: PATIENCE_MS,
        what: 'a window',
      });
      const { asked_at, instant, crossing } = probed;
      // Both print in UTC, so that their texts sort as they do.
      if (crossing.length === 0) this.#clean = { prompt: asked_at < instant ? asked_at : instant, late: [] };
      else await this.#sweepAll(client, edges, crossing);
      const owed = crossing.filter((id) => edges.byId.has(id) && !this.#isResting(id));
      return { until: instant, done: owed.length === 0 };
    });
  }

  #isResting(id: number): boolean {
    return (this.#failed.get(id) ?? 0) > performance.now();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#withClient((client) => this.#serve(client, signal));
      } catch (error) {
        this.#clean = NOTHING_CLEAN;
        this.#prober = undefined;
        this.#known = undefined;
        if (signal.aborted) return;
        this.#options.events.emit('error', { during: 'sweep', error });
        await delay(RECONNECT_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  async #withClient<T>(serve: (client: Client) => Promise<T>): Promise<T> {
    const work = async (client: Client): Promise<T> => {
      await client.query(
        `select set_config('synchronous_commit', 'off', false), set_config('jit', 'off', false); ${SHORT_WAIT_OF_SESSION}`,
      );
      return serve(client);
    };
    return withConnection(this.#pool, work, { ends: true });
  }

  async #serve(client: Client, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const more = await this.#tick(client).catch(async (error: unknown) => {
        if (!(error instanceof CatalogueBehind)) throw error;
        this.#known = undefined;
        await this.#options.onBehind();
        return false;
      });
      await delay(more ? CATCH_UP_MS : this.#options.pollInterval, undefined, { signal }).catch(() => {});
    }
  }

  /** Returns whether there is more to sweep than one pass may append. */
  async #tick(client: Client): Promise<boolean> {
    let snapshot = (this.#known ??= await this.#registry.current(client));
    let prober = await this.#proberOf(client, snapshot.edges);
    let probed = await prober.probe(client);
    if (probed.generation !== snapshot.generation) {
      snapshot = this.#known = await this.#registry.current(client);
      prober = await this.#proberOf(client, snapshot.edges);
      probed = await prober.probe(client);
    }
    const { edges } = snapshot;
    const { overrides } = probed;
    const crossing = [...new Set([...probed.crossing, ...this.#found])];
    if (overrides && (await expireOverrides(client)) > 0) this.#options.onQueued();
    for (const { edges: of, every } of prober.news())
      await client.query({ ...statement('edge-every'), values: [of, every] });
    this.#clean = prober.clean;
    if (performance.now() > this.#nextPrune) {
      this.#nextPrune = performance.now() + PRUNE_MS;
      await prune(client);
    }
    if (crossing.length === 0) return false;
    if (await tooManyWaiting(client)) return true;
    const { more, done } = await this.#sweepAll(client, edges, crossing, this.#days);
    prober.swept(done);
    this.#clean = prober.clean;
    return more > 0;
  }

  async #proberOf(client: Client, edges: RegistryView['edges']): Promise<Prober> {
    if (this.#prober?.of === edges) return this.#prober.prober;
    await requestUnlinked(client, edges);
    // What the former set had prepared on this connection, and the registry's: both sides forget, or the names clash (42P05).
    await client.query('deallocate all');
    forgetStatements(client);
    this.#probers += 1;
    const prober = new Prober(this.#registry.catalogue, edges.byId, `p${this.#probers}`, this.#prober?.prober);
    this.#prober = { of: edges, prober };
    return prober;
  }

  /** `days`: so many edges of days at most, after all others. */
  async #sweepAll(
    client: Client,
    edges: RegistryView['edges'],
    crossing: readonly number[],
    days = Infinity,
  ): Promise<Swept> {
    const groups = new Map<string, StoredEdge[]>();
    for (const id of crossing) {
      const edge = edges.byId.get(id);
      if (!edge || this.#isResting(id)) continue;
      const group = probeGroup(edge);
      groups.set(group, [...(groups.get(group) ?? []), { id, edge }]);
    }
    const total = { queued: 0, more: 0, rebuilds: 0 };
    const done: number[] = [];
    const add = (swept: Swept | undefined): void => {
      total.queued += swept?.queued ?? 0;
      total.more += swept?.more ?? 0;
      total.rebuilds += swept?.rebuilds ?? 0;
      done.push(...(swept?.done ?? []));
    };
    const daily = groups.get(DAILY) ?? [];
    groups.delete(DAILY);
    const later: number[] = [];
    for (const [group, members] of groups) {
      const started = performance.now();
      const prober = this.#prober?.prober;
      const cost = prober?.costOf(group);
      const most = cost === undefined ? members.length : Math.max(1, Math.floor(DEAR_MS / (2 * cost)));
      const swept = await this.#sweep(client, members.slice(0, most), cost === undefined ? BATCH : DEAR_BATCH);
      add(swept);
      if (cost !== undefined) later.push(...members.slice(most).map(({ id }) => id), ...(swept?.left ?? []));
      prober?.spent(group, performance.now() - started);
    }
    this.#found = later;
    total.more = Math.max(total.more, later.length);
    if (daily.length > 0) {
      const started = performance.now();
      const swept = await this.#sweep(client, daily.slice(0, days), BATCH);
      add(swept);
      total.more += Math.max(0, daily.length - days);
      // One that cannot be swept is found alone, so that it holds up no other.
      this.#days = swept ? nextBatch(this.#days, MOST_DAYS, performance.now() - started) : 1;
    }
    return { ...total, done, left: later };
  }

  /** An error that is about one field (a column that went away) must not stop the other groups. */
  async #sweep(client: Client, members: readonly StoredEdge[], batchSize: number): Promise<Swept | undefined> {
    const { at, events, onQueued, onDrift } = this.#options;
    const started = performance.now();
    const under = this.#registry.catalogue;
    try {
      const swept = await sweep(client, under, members, { batchSize, ...(at ? { at } : {}) });
      if (swept.queued + swept.rebuilds > 0) onQueued();
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
        for (const { id } of members) this.#failed.set(id, performance.now() + LOCKED_MS);
        return undefined;
      }
      if (code === undefined || !isPoison(code)) throw error;
      // Cancelled by a person or a stop: its edges are due at the next look.
      if (code === QUERY_CANCELED && !isOwnTimeout(error, performance.now() - started, SWEEP_TIMEOUT)) {
        events.emit('error', { during: 'sweep', error });
        return undefined;
      }
      for (const { id } of members) this.#failed.set(id, performance.now() + FAILED_MS);
      events.emit('error', { during: 'sweep', error });
      if (code.startsWith('42')) await onDrift(code, under);
      return undefined;
    }
  }
}

async function tooManyWaiting(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ many: boolean }>({ ...statement('crossing-waits'), values: [MOST_WAITING] });
  return rows[0]?.many === true;
}

/** pg remembers every named statement that it parsed; those are deallocated. */
function forgetStatements(client: Client): void {
  const { connection } = client as unknown as { connection?: { parsedStatements?: Record<string, string> } };
  if (connection?.parsedStatements) connection.parsedStatements = {};
}
