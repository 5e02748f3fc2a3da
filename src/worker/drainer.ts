/**
 * The drain loop of one connection. States: draining while there is work; lingering a few milliseconds after a busy
 * batch, so that under load no commit has to ring; asleep with the doorbell armed, until a ring or the end of the poll
 * interval. A ring is a hint and the poll is the promise: a lost ring costs one interval. A lost connection costs its
 * floors. It must not evaluate or write by itself (recheck/drain.ts), nor decide how large a batch is (drain-batch.ts).
 */
import { setTimeout as delay } from 'node:timers/promises';
import { QUERY_CANCELED, sqlState } from '../base/error.ts';
import { createSessionLoop, type Round } from '../base/loop.ts';
import type { Service } from '../base/service.ts';
import type { Registry } from '../followed/registry.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { withConnection } from '../postgres/with-connection.ts';
import { DrainSession } from '../recheck/drain-session.ts';
import { Doorbell } from './doorbell.ts';
import { DrainBatches, REFUSED_MS, type DrainBatchOptions } from './drain-batch.ts';
import { isIdle, probeWork, type Probe } from './drain-probe.ts';
import { Freshness } from './freshness.ts';
import type { Signals } from './signal.ts';

export interface DrainerOptions extends DrainBatchOptions {
  /** Milliseconds that an idle drain sleeps at most. */
  readonly pollInterval: number;
  readonly signals: Pick<
    Signals,
    'catchUp' | 'hasCatalogueChanged' | 'lookForBuilds' | 'lookForCrossings' | 'sweptUntil'
  >;
}

/** A batch with more changes than this is followed by a short rest instead of an armed doorbell. */
const BUSY_CHANGES = 3;
const LINGER_MS = 4;
const RECONNECT_MS = 250;
/** Milliseconds that `once` tries for a lock. */
const PATIENCE_MS = 60_000;

/** What the loop keeps for as long as its connection lasts. */
interface Serving {
  readonly session: DrainSession;
  readonly doorbell: Doorbell;
  /** The next look is made with the doorbell armed. */
  arming: boolean;
}

export class Drainer implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: DrainerOptions;
  readonly #batches: DrainBatches;
  readonly #freshness: Freshness;
  readonly #loop = createSessionLoop<Serving>({
    name: 'The drain loop',
    interval: 0,
    reopenAfter: RECONNECT_MS,
    session: (rounds) => this.#serve(rounds),
    round: (round) => this.#round(round),
    onError: (error) => this.#options.events.emit('error', { during: 'drain', error }),
  });

  constructor(pool: Pool, registry: Registry, options: DrainerOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#batches = new DrainBatches(pool, registry, options);
    this.#freshness = new Freshness(registry);
  }

  start(): Promise<void> {
    return this.#loop.start();
  }

  /** Lets the batch at hand commit. */
  stop(): Promise<void> {
    return this.#loop.stop();
  }

  /** Work may have come: looks now. */
  wake(): void {
    this.#loop.wake();
  }

  /**
   * Drains until nothing is left, or its signal is aborted, on a connection of its own.
   * @throws 55P03 when a lock has stood in its way for a minute
   */
  async once(signal: AbortSignal = new AbortController().signal): Promise<void> {
    let refusedSince: number | undefined;
    const onRefusal = (error: unknown): void => {
      refusedSince ??= performance.now();
      if (performance.now() - refusedSince > PATIENCE_MS) throw error;
      this.#options.events.emit('error', { during: 'once', error });
    };
    await this.#withSession(async (session) => {
      while (!signal.aborted) {
        const { probe, postponed } = await this.#look(session);
        if (!isIdle(probe)) {
          if ((await this.#batches.take({ session, signal, onRefusal }, probe)) > 0) refusedSince = undefined;
        } else if (postponed.length === 0) return;
        else await delay(REFUSED_MS);
      }
    });
  }

  #withSession(work: (session: DrainSession) => Promise<void>): Promise<void> {
    const serve = async (client: Client): Promise<void> => {
      const session = new DrainSession(client, this.#registry.catalogue.contacts.key.type);
      await session.prepare();
      await work(session);
    };
    return withConnection(this.#pool, serve, { ends: true });
  }

  #serve(rounds: (serving: Serving) => Promise<void>): Promise<void> {
    return this.#withSession((session) => {
      this.#freshness.forget();
      return rounds({ session, doorbell: new Doorbell(session.client), arming: false });
    });
  }

  async #round(round: Round<Serving>): Promise<number> {
    const { session: serving, signal } = round;
    try {
      return await this.#lookAndTake(round);
    } catch (error) {
      // A person cancelled a statement of the look, or the stop did: the connection is usable.
      if (sqlState(error) !== QUERY_CANCELED) throw error;
      if (signal.aborted) return 0;
      this.#options.events.emit('error', { during: 'look', error });
      await serving.doorbell.reset();
      return 0;
    }
  }

  /**
   * A look with the doorbell armed comes before every sleep: a commit that the look does not see will ring. After a
   * busy batch the next look is not armed, so that under load no commit rings. When the poll ends a sleep the doorbell
   * stays armed: an idle cycle is one look. Returns milliseconds to rest.
   */
  async #lookAndTake({ session: serving, signal, woken }: Round<Serving>): Promise<number> {
    const { session, doorbell } = serving;
    if (woken && serving.arming) {
      await doorbell.disarm();
      serving.arming = false;
    }
    if (serving.arming) await doorbell.arm();
    const { probe } = await this.#look(session);
    if (!isIdle(probe)) {
      await doorbell.disarm();
      const changes = await this.#batches.take({ session, signal }, probe);
      serving.arming = changes <= BUSY_CHANGES;
      return serving.arming ? 0 : LINGER_MS;
    }
    if (!serving.arming) {
      serving.arming = true;
      return 0;
    }
    this.#options.events.emit('asleep');
    return session.waiting().length > 0 ? REFUSED_MS : this.#options.pollInterval;
  }

  /** `postponed`: segments whose rechecks the look left out, because their slots were busy a moment ago. */
  async #look(session: DrainSession): Promise<{ readonly probe: Probe; readonly postponed: readonly number[] }> {
    const { events, signals } = this.#options;
    // Read before the outbox: what was swept up to then is in the outbox, or drained.
    const swept = signals.sweptUntil();
    const postponed = session.waiting();
    const probe = await probeWork(session, postponed);
    if (probe.keep) signals.lookForBuilds();
    if (isIdle(probe)) events.emit('idle', { asOf: probe.asked_at });
    if (isIdle(probe) && postponed.length === 0) await this.#freshness.idle(session, probe, swept);
    else await this.#freshness.busy(session, probe, swept);
    return { probe, postponed };
  }
}
