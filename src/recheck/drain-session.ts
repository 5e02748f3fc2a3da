/**
 * One connection that drains: its prepared statements, its floors, and what it leaves out for a moment. A floor says up
 * to where a lane of the outbox has been read completely. Invariant: floors die with the connection, because after a
 * failover transaction ids may start lower.
 */
import type { KeyType } from '../catalogue/catalogue.ts';
import { SHORT_WAIT_OF_SESSION } from '../postgres/give-way.ts';
import type { Client } from '../postgres/pool.ts';
import { PreparedStatements } from '../postgres/prepared.ts';

export interface Floor {
  readonly xid: string;
  readonly contact: string;
}

const LOWEST: Readonly<Record<KeyType, string>> = {
  integer: '-2147483648',
  bigint: '-9223372036854775808',
  uuid: '00000000-0000-0000-0000-000000000000',
  text: '',
};

/**
 * Segments that one statement evaluates, at most: planning takes 1.2 ms for each (*m*), which must be well below a
 * statement's limit.
 */
const MOST_TOGETHER = 1_000;
/** Statements for all segments, at most: more would push each other out of those that are kept prepared. */
const MOST_STATEMENTS = 16;
/**
 * Milliseconds. Longer than a batch takes, so that a migration of a minute costs one batch that failed, not one a
 * second.
 */
const CAREFUL_MS = 2_000;

export class DrainSession {
  readonly client: Client;
  readonly prepared: PreparedStatements;
  readonly #lowest: string;
  readonly #floors = new Map<number, Floor>();
  #together = MOST_TOGETHER;
  /** Segments found busy, and until when (performance.now()) their rechecks wait. */
  readonly #busy = new Map<number, number>();
  #carefulUntil = 0;

  constructor(client: Client, keyType: KeyType) {
    this.client = client;
    this.prepared = new PreparedStatements(client);
    this.#lowest = LOWEST[keyType];
  }

  /**
   * Plans of rechecks are made once for any data (`force_generic_plan`), and always go through an index: on a guess of
   * the planner a drain must not read the whole membership table. JIT would cost more than any drain. Waits for locks
   * are short.
   */
  async prepare(): Promise<void> {
    await this.client.query(
      `select set_config('plan_cache_mode', 'force_generic_plan', false), set_config('jit', 'off', false),
              set_config('enable_seqscan', 'off', false), set_config('segmentd.worker', 'on', false),
              set_config('max_parallel_workers_per_gather', '0', false); ${SHORT_WAIT_OF_SESSION}`,
    );
  }

  floors(lanes: readonly number[]): { xids: string[]; contacts: string[] } {
    const floors = lanes.map((lane) => this.#floors.get(lane) ?? { xid: '0', contact: this.#lowest });
    return { xids: floors.map((floor) => floor.xid), contacts: floors.map((floor) => floor.contact) };
  }

  /**
   * Call after the commit that consumed. `last` is the last row taken of a lane cut off by the limit, absent when the
   * lane was read to its end. A transaction below `xmin` has ended, so nothing of it can still appear.
   */
  raiseFloor(lane: number, xmin: string, last?: Floor): void {
    const below = last !== undefined && BigInt(last.xid) < BigInt(xmin);
    this.#floors.set(lane, below ? last : { xid: xmin, contact: this.#lowest });
  }

  /** How many segments one statement evaluates, of so many. */
  together(segments: number): number {
    return Math.max(this.#together, Math.ceil(segments / MOST_STATEMENTS));
  }

  /**
   * One contact was too much for statements over so many segments: the next ones are for half of them. False: they
   * cannot be.
   */
  divide(segments: number): boolean {
    const before = this.together(segments);
    this.#together = Math.ceil(Math.min(before, segments) / 2);
    return this.together(segments) < before;
  }

  /** A table of the team was locked: for a while each table is tried alone, before it is read. */
  beCareful(): void {
    this.#carefulUntil = performance.now() + CAREFUL_MS;
  }

  get isCareful(): boolean {
    return performance.now() < this.#carefulUntil;
  }

  postpone(segments: Iterable<number>, milliseconds: number): void {
    for (const id of segments) this.#busy.set(id, performance.now() + milliseconds);
  }

  waiting(): number[] {
    const now = performance.now();
    for (const [id, until] of this.#busy) if (until <= now) this.#busy.delete(id);
    return [...this.#busy.keys()];
  }
}
