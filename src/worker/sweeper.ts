/**
 * The sweep loop: one look at all edges of time; what crossed is swept, and the drains are woken. A look says when the next
 * row crosses, and the next look is made then. The poll is the promise: a timer, a clock or a wake that fails costs one
 * interval. Owns the connection and what the looks know. Its commits are asynchronous: what a crash takes back is swept again,
 * watermark and changes alike. Two sweepers at once are harmless, as is one that dies at any step. It must not sweep by
 * itself (sweep-groups.ts).
 */
import { createSessionLoop, type Loop } from '../base/loop.ts';
import type { Service } from '../base/service.ts';
import { CatalogueBehind } from '../followed/catalogue-behind.ts';
import type { Registry, RegistryView } from '../followed/registry.ts';
import { SHORT_WAIT_OF_SESSION } from '../postgres/give-way.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { retryLocked } from '../postgres/retry-locked.ts';
import { statement } from '../postgres/sql-file.ts';
import { withConnection } from '../postgres/with-connection.ts';
import { expireOverrides } from '../sweep/expire-overrides.ts';
import type { Clean } from '../sweep/clean.ts';
import { probeAll } from '../sweep/probe.ts';
import { Prober } from '../sweep/prober.ts';
import { prune } from '../sweep/prune-edges.ts';
import { requestUnlinked } from '../sweep/request-unlinked.ts';
import type { Signals } from './signal.ts';
import { SweepGroups, type SweepGroupsOptions } from './sweep-groups.ts';

export interface SweeperOptions extends SweepGroupsOptions {
  /** Milliseconds between looks. */
  readonly pollInterval: number;
  readonly signals: Pick<Signals, 'catchUp' | 'hasCatalogueChanged' | 'wakeDrains'>;
}

/** Crossings that may wait in the outbox before more are added: live changes queue behind them. */
const MOST_WAITING = 1_000;
/** Milliseconds between looks at the outbox while more is to be swept. */
const CATCH_UP_MS = 20;
/** Least milliseconds between two looks. */
const LEAST_MS = 2;
/** Milliseconds of rest for each millisecond of work while rows cross one soon after the other: they are swept together. */
const REST_OF_LOOK = 2;
/** The same before a look that only asks whether a row which was just written crosses soon: 2 % of a core, as in look-budget.ts. */
const REST_OF_WAKE = 50;
const RECONNECT_MS = 250;
const PRUNE_MS = 10_000;
/** Milliseconds that `once` tries for a lock. */
const PATIENCE_MS = 60_000;

const NOTHING_CLEAN: Clean = { prompt: undefined, late: [] };

export class Sweeper implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: SweeperOptions;
  readonly #groups: SweepGroups;
  readonly #loop: Loop;
  /** What was true at the last look; the next one asks for its edges, and sees in the same statement whether it still is. */
  #known: RegistryView | undefined;
  #prober: { readonly of: RegistryView['edges']; readonly prober: Prober } | undefined;
  #probers = 0;
  #nextPrune = 0;
  #clean: Clean = NOTHING_CLEAN;
  /** When the next look is made, by performance.now(). */
  #nextLook = 0;
  /** When a look that a wake asks for is paid for. */
  #paidFrom = 0;

  constructor(pool: Pool, registry: Registry, options: SweeperOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#groups = new SweepGroups(registry, options);
    this.#loop = createSessionLoop<Client>({
      name: 'The sweep loop',
      interval: options.pollInterval,
      reopenAfter: RECONNECT_MS,
      session: (rounds) => this.#withClient(rounds),
      round: ({ session, woken }) => this.#look(session, woken),
      onError: (error) => this.#broke(error),
    });
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Rows were written that may cross before the next look. */
  wake(): void {
    this.#loop.wake();
  }

  /** Up to when nothing waits to cross, as far as was looked; not known before the first look, and after an error. */
  get clean(): Clean {
    return this.#clean;
  }

  /**
   * One pass over what crosses up to an instant, by default the present. `done` when nothing did; otherwise to be
   * called again with the same instant, after a drain.
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
      else await this.#groups.sweepAll(client, edges, crossing, this.#prober?.prober);
      const owed = crossing.filter((id) => edges.byId.has(id) && !this.#groups.isResting(id));
      return { until: instant, done: owed.length === 0 };
    });
  }

  /** The next look begins with nothing known, on another connection. */
  #broke(error: unknown): void {
    this.#clean = NOTHING_CLEAN;
    this.#prober = undefined;
    this.#known = undefined;
    this.#options.events.emit('error', { during: 'sweep', error });
  }

  async #withClient<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const serve = async (client: Client): Promise<T> => {
      await client.query(
        `select set_config('synchronous_commit', 'off', false), set_config('jit', 'off', false); ${SHORT_WAIT_OF_SESSION}`,
      );
      return work(client);
    };
    return withConnection(this.#pool, serve, { ends: true });
  }

  /** Returns milliseconds until the next look. */
  async #look(client: Client, woken: boolean): Promise<number> {
    const started = performance.now();
    const soonest = Math.min(this.#nextLook, this.#paidFrom);
    if (woken && started < soonest) return soonest - started;
    const next = await this.#sweepAndAsk(client);
    const now = performance.now();
    this.#paidFrom = now + REST_OF_WAKE * (now - started);
    this.#nextLook = Math.min(
      now + this.#options.pollInterval,
      Math.max(next, now + LEAST_MS, now + REST_OF_LOOK * (now - started)),
    );
    return this.#nextLook - now;
  }

  /** Returns when the next look is wanted, by performance.now(). */
  async #sweepAndAsk(client: Client): Promise<number> {
    try {
      return await this.#sweepCrossed(client);
    } catch (error) {
      if (!(error instanceof CatalogueBehind)) throw error;
      this.#known = undefined;
      await this.#options.signals.catchUp();
      return Infinity;
    }
  }

  /** Returns when the next look is wanted, by performance.now(). */
  async #sweepCrossed(client: Client): Promise<number> {
    const ahead = this.#options.pollInterval;
    let view = (this.#known ??= await this.#registry.current(client));
    let prober = await this.#proberOf(client, view.edges);
    let probed = await prober.probe(client, ahead);
    if (probed.generation !== view.generation) {
      view = this.#known = await this.#registry.current(client);
      prober = await this.#proberOf(client, view.edges);
      probed = await prober.probe(client, ahead);
    }
    const crossed = [...new Set([...probed.crossing, ...this.#groups.left])];
    const expired = probed.overrides ? await expireOverrides(client) : 0;
    if (expired > 0) this.#options.signals.wakeDrains();
    for (const { edges, every } of prober.news())
      await client.query({ ...statement('edge-every'), values: [edges, every] });
    this.#clean = prober.clean;
    if (performance.now() > this.#nextPrune) {
      this.#nextPrune = performance.now() + PRUNE_MS;
      await prune(client);
    }
    // What comes after that which crossed is known by another look.
    if (crossed.length === 0) return expired > 0 ? 0 : (probed.next ?? Infinity);
    if (await tooManyWait(client)) return performance.now() + CATCH_UP_MS;
    const { more, done } = await this.#groups.sweepSome(client, view.edges, crossed, prober);
    prober.swept(done);
    this.#clean = prober.clean;
    if (more > 0) return performance.now() + CATCH_UP_MS;
    return done.length > 0 ? 0 : (probed.next ?? Infinity);
  }

  async #proberOf(client: Client, edges: RegistryView['edges']): Promise<Prober> {
    if (this.#prober?.of === edges) return this.#prober.prober;
    await requestUnlinked(client, edges);
    // What the former set had prepared on this connection, and the registry's: both sides forget, or the names clash
    // (42P05).
    await client.query('deallocate all');
    forgetStatements(client);
    this.#probers += 1;
    const prober = new Prober(this.#registry.catalogue, edges.byId, `p${this.#probers}`, this.#prober?.prober);
    this.#prober = { of: edges, prober };
    return prober;
  }
}

async function tooManyWait(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ many: boolean }>({ ...statement('crossing-waits'), values: [MOST_WAITING] });
  return rows[0]?.many === true;
}

/** pg remembers every named statement that it parsed; those are deallocated. */
function forgetStatements(client: Client): void {
  const { connection } = client as unknown as { connection?: { parsedStatements?: Record<string, string> } };
  if (connection?.parsedStatements) connection.parsedStatements = {};
}
