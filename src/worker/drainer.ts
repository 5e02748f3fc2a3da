/**
 * The drain loop of one connection. States: draining while there is work; lingering a few milliseconds after a busy round,
 * so that under load nobody has to ring; asleep with the doorbell armed, until rung or the poll interval is over.
 * NOTIFY is a hint and the poll is the promise: a lost ring costs one interval. A lost connection costs its floors.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { isOwnTimeout, isPoison, LOCK_NOT_AVAILABLE, QUERY_CANCELED, readingOf, sqlState } from '../base/error.ts';
import type { Service } from '../base/service.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { lockClass, single } from '../postgres/advisory-lock.ts';
import { withConnection } from '../postgres/with-connection.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { LANES } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import { attempt, type Outcome } from '../recheck/attempt.ts';
import { STATEMENT_TIMEOUT, type DrainOptions } from '../recheck/drain.ts';
import { isolate } from '../recheck/isolate.ts';
import { resolve, RESOLVE_TIMEOUT } from '../recheck/resolve.ts';
import { DrainSession } from '../recheck/session.ts';
import { CatalogueBehind, type Registry } from '../followed/registry.ts';
import type { Clean } from '../sweep/probe.ts';
import { BatchSize } from './batch.ts';
import type { WorkerEmitter } from './event.ts';
import { createLoop } from './loop.ts';

export interface DrainerOptions {
  /** Of a full batch. */
  readonly batchSize: number;
  /** Milliseconds an idle drainer waits at most before it looks again. */
  readonly pollInterval: number;
  readonly events: WorkerEmitter;
  /** Whether a statement that was compiled under a catalogue may have failed because the tables changed. */
  readonly onDrift: (sqlstate: string, under: Catalogue) => Promise<boolean>;
  /** Our catalogue does not fit the segments any more; afterwards it does. */
  readonly onBehind: () => Promise<unknown>;
  /** Something to validate, carry out or build was seen. */
  readonly onKeep: () => void;
  /** Up to when crossings had been queued when it was last looked. */
  readonly swept: () => Clean;
  readonly at?: DrainOptions['at'];
}

interface Probe {
  readonly asked_at: string;
  readonly snapshot: string;
  /** Lanes with changes or crossings. */
  readonly changed: readonly number[];
  /** Shards with rechecks. */
  readonly queued: readonly number[];
  readonly links: boolean;
  readonly keep: boolean;
}

/** A round with more changes than this is followed by a short look instead of an armed doorbell. */
const BUSY_CHANGES = 3;
const LINGER_MS = 4;
const HEARTBEAT_MS = 1_000;
/** Between questions whether what was seen a while ago is done, when the outbox is never found empty; and at least so many times what one took. */
const PROOF_MS = 100;
const PROOF_REST = 20;
const RECONNECT_MS = 250;
const REFUSED_MS = 50;
/** How long `once` tries for a lock. */
const PATIENCE_MS = 60_000;
/** Fewer links than this are not resolved at a time: if even these take too long, what reads them is rebuilt. */
const FEWEST_LINKS = 8;

/**
 * A look that found work. What it saw is done once nothing of its snapshot waits; what that set off among segments that read
 * others was queued by then, so a later snapshot shows it: a round for each step of the longest chain.
 */
interface Unproven {
  readonly askedAt: string;
  readonly swept: Clean;
  snapshot: string;
  /** Rounds that are over. */
  rounds: number;
  /** performance.now() of the next question. */
  due: number;
}

export class Drainer implements Service {
  readonly #pool: Pool;
  readonly #registry: Registry;
  readonly #options: DrainerOptions;
  readonly #loop = createLoop(
    'The drain loop',
    (signal) => this.#run(signal),
    () => this.ring(),
  );
  #wake: (() => void) | undefined;
  #rung = false;
  #lastHeartbeat = 0;
  /** The last heartbeat spoke of time too. */
  #timeTold = false;
  #unproven: Unproven | undefined;
  readonly #batch: BatchSize;
  /** Links that are resolved in one go. */
  #links: number;

  constructor(pool: Pool, registry: Registry, options: DrainerOptions) {
    this.#pool = pool;
    this.#registry = registry;
    this.#options = options;
    this.#batch = new BatchSize(options.batchSize);
    this.#links = options.batchSize * 4;
  }

  async start(): Promise<void> {
    await this.#loop.start();
  }

  /** Lets the batch at hand commit. */
  async stop(): Promise<void> {
    await this.#loop.stop();
  }

  ring(): void {
    this.#rung = true;
    this.#wake?.();
  }

  async #run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.#withSession((session) => this.#serve(session, signal));
      } catch (error) {
        if (signal.aborted) return;
        this.#options.events.emit('error', { during: 'drain', error });
        await delay(RECONNECT_MS, undefined, { signal }).catch(() => {});
      }
    }
  }

  /**
   * Drains until nothing is left, or its signal is aborted, on a connection of its own.
   * @throws 55P03 when a lock has stood in its way for a minute
   */
  async once(signal: AbortSignal = new AbortController().signal): Promise<void> {
    let heldSince: number | undefined;
    const onHeld = (error: unknown): void => {
      heldSince ??= performance.now();
      if (performance.now() - heldSince > PATIENCE_MS) throw error;
      this.#options.events.emit('error', { during: 'once', error });
    };
    await this.#withSession(async (session) => {
      while (!signal.aborted) {
        const probe = await this.#look(session);
        if (!isIdle(probe)) heldSince = (await this.#take(session, probe, signal, onHeld)) > 0 ? undefined : heldSince;
        else if (probe.waiting.length === 0) return;
        else await delay(REFUSED_MS);
      }
    });
  }

  async #withSession(serve: (session: DrainSession) => Promise<void>): Promise<void> {
    const work = async (client: Client): Promise<void> => {
      const session = new DrainSession(client, this.#registry.catalogue.contacts.key.type);
      await session.prepare();
      await serve(session);
    };
    await withConnection(this.#pool, work, { ends: true });
  }

  /**
   * A look with the doorbell armed comes before every sleep: a commit that the look does not see will ring. After a busy
   * batch the next look is not armed, so that under load nobody rings. When the poll wakes it, the doorbell stays armed:
   * an idle cycle is one look.
   */
  async #serve(session: DrainSession, signal: AbortSignal): Promise<void> {
    const bell = { arming: false, armed: false };
    this.#unproven = undefined; // after a failover its snapshot says nothing
    while (!signal.aborted) {
      try {
        await this.#cycle(session, bell, signal);
      } catch (error) {
        // A person cancelled a look, or the stop did. The connection is usable, but whether the doorbell is armed is not known.
        if (sqlState(error) !== QUERY_CANCELED) throw error;
        if (signal.aborted) return;
        this.#options.events.emit('error', { during: 'look', error });
        await session.client.query('select pg_advisory_unlock_all()');
        bell.armed = false;
      }
    }
  }

  async #cycle(session: DrainSession, bell: { arming: boolean; armed: boolean }, signal: AbortSignal): Promise<void> {
    if (!bell.arming) this.#rung = false;
    if (bell.arming && !bell.armed) bell.armed = await arm(session.client);
    const probe = await this.#look(session);
    if (!isIdle(probe)) {
      await hush(session.client, bell);
      const changes = await this.#take(session, probe, signal);
      bell.arming = changes <= BUSY_CHANGES;
      if (!bell.arming && !signal.aborted) await this.#rest(LINGER_MS);
    } else if (bell.arming) {
      this.#options.events.emit('asleep');
      await this.#rest(session.waiting().length > 0 ? REFUSED_MS : this.#options.pollInterval);
      if (!this.#rung) return;
      await hush(session.client, bell);
      bell.arming = false;
    } else {
      bell.arming = true;
    }
  }

  /** `waiting`: segments whose rechecks it left out, because their slots were busy a moment ago. */
  async #look(session: DrainSession): Promise<Probe & { readonly waiting: readonly number[] }> {
    // Read before the outbox is looked at: what was swept up to then is in it, or drained.
    const swept = this.#options.swept();
    const waiting = session.waiting();
    const probe = await this.#probe(session, waiting);
    if (probe.keep) this.#options.onKeep();
    if (isIdle(probe)) this.#options.events.emit('idle', { asOf: probe.asked_at });
    // What a busy slot holds back is left out of the probe, but it waits.
    if (isIdle(probe) && waiting.length === 0) {
      this.#unproven = undefined;
      if (this.#isBeatDue(swept)) await this.#heartbeat(session, probe.asked_at, swept);
    } else {
      await this.#prove(session, probe, swept);
    }
    return { ...probe, waiting };
  }

  /**
   * Resolves and drains a batch of what was seen. Returns the changes it took. Both, where both wait: whatever is resolved
   * came later than what can be drained already, and links may come as fast as they are followed.
   */
  async #take(
    session: DrainSession,
    probe: Probe,
    signal?: AbortSignal,
    onHeld?: (error: unknown) => void,
  ): Promise<number> {
    try {
      const resolved = probe.links ? await giveWay(session, () => this.#resolve(session, signal), onHeld) : 0;
      const drains = probe.changed.length > 0 || probe.queued.length > 0;
      return (
        resolved +
        (drains && signal?.aborted !== true
          ? await giveWay(session, () => this.#drain(session, probe, signal), onHeld)
          : 0)
      );
    } catch (error) {
      if (!(error instanceof CatalogueBehind)) throw error;
      await this.#options.onBehind();
      return 0;
    }
  }

  /**
   * Links that cannot be followed any more (a column on the way changed) end in rebuilds; drains do not wait behind them. So do
   * links that take too long, once a few of them do.
   */
  async #resolve(session: DrainSession, signal?: AbortSignal): Promise<number> {
    const under = this.#registry.catalogue;
    const started = performance.now();
    try {
      const resolved = await resolve(session, this.#registry, this.#links);
      this.#links = Math.min(this.#options.batchSize * 4, this.#links * 2);
      return resolved;
    } catch (error) {
      const code = sqlState(error);
      if (code === undefined || !isPoison(code)) throw error;
      if (signal?.aborted !== true) this.#options.events.emit('error', { during: 'resolve', error });
      if (readingOf(code) === 'cancelled') {
        const slow = isOwnTimeout(error, performance.now() - started, RESOLVE_TIMEOUT);
        if (!slow || this.#links > FEWEST_LINKS) {
          if (slow) this.#links = Math.max(FEWEST_LINKS, Math.floor(this.#links / 8));
          return 0;
        }
      }
      if (code.startsWith('42')) await this.#options.onDrift(code, under);
      return resolve(session, this.#registry, this.#links, { coarse: true });
    }
  }

  async #probe(session: DrainSession, waiting: readonly number[]): Promise<Probe> {
    const { xids, contacts } = session.floors(LANES);
    const { rows } = await session.client.query<Probe>({
      ...statement('probe'),
      values: [LANES, xids, contacts, waiting],
    });
    const [probe] = rows;
    if (!probe) throw new Error('the probe returned nothing');
    return probe;
  }

  /** One batch. Returns the changes it took. */
  async #drain(session: DrainSession, probe: Probe, signal?: AbortSignal): Promise<number> {
    const { at, events } = this.#options;
    const under = this.#registry.catalogue;
    const started = performance.now();
    const size = this.#batch;
    const lanes = [...new Set([...probe.changed, ...probe.queued])];
    const outcome = await attempt(session, this.#registry, {
      batchSize: size.size,
      exact: size.reduced,
      statementTimeout: size.limit(STATEMENT_TIMEOUT),
      lanes,
      rechecks: probe.queued.length > 0,
      ...(at ? { at } : {}),
    });
    if (outcome.kind === 'drained') {
      const { idle, changes, contacts, written } = outcome.drained;
      if (!idle) size.took(performance.now() - started);
      if (idle) await delay(LINGER_MS); // another worker has the shards
      else events.emit('drained', { changes, contacts, written, ms: performance.now() - started });
      return changes;
    }
    if (signal?.aborted !== true) events.emit('error', { during: 'batch', error: outcome.error });
    // Nothing is known of what was cancelled: it is tried again as it is.
    if (outcome.kind !== 'cancelled') await this.#reduce(session, outcome, under, signal);
    return 1;
  }

  /**
   * A batch that failed for its content or took too long is tried again with fewer contacts; one contact alone is taken apart by segments.
   * @param under the catalogue that its statements were compiled under
   */
  async #reduce(
    session: DrainSession,
    { code, kind, taken }: Extract<Outcome, { code: string }>,
    under: Catalogue,
    signal?: AbortSignal,
  ): Promise<void> {
    const { events } = this.#options;
    const onDrift = (sqlstate: string): Promise<boolean> => this.#options.onDrift(sqlstate, under);
    // The tables changed, or a right was lost: no segment's fault. If the right is that of the contacts, this throws, and the batch waits.
    if (code.startsWith('42') && (await onDrift(code))) return;
    if (taken.contacts.length > 1) return this.#batch.failed(taken.contacts.length, kind === 'slow');
    const segments = await isolate(session, this.#pool, this.#registry, taken, { onDrift, signal });
    if (segments.length > 0) events.emit('frozen', { segments });
    // Each group of them passes in time: together they are too much for one statement.
    else if (kind === 'slow' && session.divide(this.#registry.latest?.live.size ?? 0)) this.#batch.relax();
  }

  /** Where writers never pause no look finds the outbox empty; what an earlier one saw is done all the same. */
  async #prove(session: DrainSession, probe: Probe, swept: Clean): Promise<void> {
    const now = performance.now();
    const unproven = this.#unproven;
    if (unproven === undefined) {
      if (this.#isBeatDue(swept))
        this.#unproven = { askedAt: probe.asked_at, swept, snapshot: probe.snapshot, rounds: 0, due: now + PROOF_MS };
      return;
    }
    if (now < unproven.due) return;
    const { xids, contacts } = session.floors(LANES);
    const { rows } = await session.client.query<{ waits: boolean; snapshot: string }>({
      ...statement('still-waits'),
      values: [unproven.snapshot, LANES, xids, contacts],
    });
    const over = performance.now();
    unproven.due = over + Math.max(PROOF_MS, PROOF_REST * (over - now));
    const [row] = rows;
    if (row?.waits !== false) return;
    unproven.snapshot = row.snapshot;
    unproven.rounds += 1;
    if (unproven.rounds <= longestChain(this.#registry)) return;
    this.#unproven = undefined;
    await this.#heartbeat(session, unproven.askedAt, unproven.swept);
  }

  /** The first that can speak of time is. */
  #isBeatDue({ prompt }: Clean): boolean {
    return performance.now() - this.#lastHeartbeat >= HEARTBEAT_MS || (prompt !== undefined && !this.#timeTold);
  }

  async #heartbeat(session: DrainSession, askedAt: string, { prompt, late }: Clean): Promise<void> {
    this.#lastHeartbeat = performance.now();
    this.#timeTold = prompt !== undefined;
    const edges = late.flatMap((field) => field.edges.map((id) => ({ id, asOf: field.asOf ?? null })));
    await session.client.query({
      ...statement('heartbeat'),
      values: [askedAt, prompt ?? null, edges.map(({ id }) => id), edges.map(({ asOf }) => asOf)],
    });
  }

  async #rest(milliseconds: number): Promise<void> {
    if (this.#rung) return;
    const over = new AbortController();
    await new Promise<void>((wake) => {
      this.#wake = wake;
      delay(milliseconds, undefined, { signal: over.signal }).then(wake, () => {});
    });
    over.abort();
    this.#wake = undefined;
  }
}

/** Steps of the longest chain of live segments that read each other. */
function longestChain({ latest }: Registry): number {
  return Math.max(0, ...(latest?.levels.values() ?? []));
}

/** 0 when the team has locked a table: everything was rolled back, and the next batch leaves out what reads it. */
async function giveWay(
  session: DrainSession,
  take: () => Promise<number>,
  onHeld?: (error: unknown) => void,
): Promise<number> {
  try {
    return await take();
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    onHeld?.(error);
    session.beCareful();
    await delay(REFUSED_MS);
    return 0;
  }
}

function isIdle(probe: Probe): boolean {
  return probe.changed.length === 0 && probe.queued.length === 0 && !probe.links;
}

const DOORBELL = [lockClass.single, single.doorbell];

/** One sleeper is enough: a ring is heard by every worker. */
async function arm(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ got: boolean }>({
    name: 'arm',
    text: 'select pg_try_advisory_lock($1, $2) as got',
    values: DOORBELL,
  });
  return rows[0]?.got === true;
}

async function hush(client: Client, bell: { armed: boolean }): Promise<void> {
  if (!bell.armed) return;
  bell.armed = false;
  await client.query({ name: 'disarm', text: 'select pg_advisory_unlock($1, $2)', values: DOORBELL });
}
