/**
 * Says in the database up to when membership is complete (`fresh_as_of`). A look that finds nothing proves its own
 * instant. Where writers never pause no look finds the outbox empty; there an earlier look is proved: what it saw is
 * done once nothing of its snapshot waits. What that work set off among segments that read others was queued by then,
 * so a later snapshot shows it. So the proof takes one round more for each step of the longest chain of readers
 * (src/PROTOCOL.md, "What a wait proves"). Invariant: no heartbeat names an instant while work of before that instant
 * waits. It must not take work.
 */
import { LANES } from '../postgres/lock.ts';
import { statement } from '../postgres/sql-file.ts';
import type { Registry } from '../followed/registry.ts';
import type { DrainSession } from '../recheck/drain-session.ts';
import type { Clean } from '../sweep/clean.ts';
import type { Probe } from './drain-probe.ts';

/** Milliseconds between two heartbeats. */
const HEARTBEAT_MS = 1_000;
/** Milliseconds between two questions of a proof; and at least so many times what one question took. */
const PROOF_MS = 100;
const PROOF_REST = 20;

/** A look that found work, and is to be proved. */
interface Unproven {
  readonly askedAt: string;
  readonly swept: Clean;
  snapshot: string;
  /** Rounds that are over. */
  rounds: number;
  /** performance.now() of the next question. */
  due: number;
}

export class Freshness {
  readonly #registry: Registry;
  #lastHeartbeat = 0;
  /** The last heartbeat named an instant of the sweep too. */
  #namedTime = false;
  #unproven: Unproven | undefined;

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** On a new connection: after a failover the snapshot of an earlier look says nothing. */
  forget(): void {
    this.#unproven = undefined;
  }

  /** A look found nothing, and no slot holds work back. */
  async idle(session: DrainSession, probe: Probe, swept: Clean): Promise<void> {
    this.#unproven = undefined;
    if (this.#isDue(swept)) await this.#heartbeat(session, probe.asked_at, swept);
  }

  /** A look found work, or a slot holds work back. */
  async busy(session: DrainSession, probe: Probe, swept: Clean): Promise<void> {
    const now = performance.now();
    const unproven = this.#unproven;
    if (unproven === undefined) {
      if (this.#isDue(swept))
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

  /** The first heartbeat that can name an instant of the sweep is due at once. */
  #isDue({ prompt }: Clean): boolean {
    return performance.now() - this.#lastHeartbeat >= HEARTBEAT_MS || (prompt !== undefined && !this.#namedTime);
  }

  async #heartbeat(session: DrainSession, askedAt: string, { prompt, late }: Clean): Promise<void> {
    this.#lastHeartbeat = performance.now();
    this.#namedTime = prompt !== undefined;
    const edges = late.flatMap((field) => field.edges.map((id) => ({ id, asOf: field.asOf ?? null })));
    await session.client.query({
      ...statement('heartbeat'),
      values: [askedAt, prompt ?? null, edges.map(({ id }) => id), edges.map(({ asOf }) => asOf)],
    });
  }
}

/** Steps of the longest chain of live segments that read each other. */
function longestChain({ latest }: Registry): number {
  return Math.max(0, ...(latest?.levels.values() ?? []));
}
