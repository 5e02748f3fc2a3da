/**
 * Deals one scan of the contacts out to the connections that read it: range by range in the order of the keys.
 * Invariant: each contact is in exactly one range. Dealing is where a build's lease is renewed and its epoch looked at,
 * one connection at a time. A chunk itself holds no row of a build; what it stages for an epoch that moved meanwhile is
 * never read.
 */
import type { Lease } from '../base/lease.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import { chunkEnd, type KeyRange } from '../membership/stored-difference.ts';
import type { Client } from '../postgres/pool.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { leaseOf } from './build-lease.ts';
import { TIMEOUTS, type Build } from './build.ts';
import { rangeEnd } from './range.ts';

/**
 * Milliseconds a chunk should take, and contacts in the first one, of a build that shares the scan with nine others at
 * most.
 */
const CHUNK_TARGET_MS = 400;
const FIRST_CHUNK = 50_000;
const SMALLEST_CHUNK = 200;
/** Contacts in the last chunks, at least, where several connections read. */
const LAST_CHUNK = 20_000;

export interface Chunk {
  readonly range: KeyRange;
  /** Contacts that were asked for. */
  readonly size: number;
  /** Contacts in it, about. */
  readonly count: number;
  /** Whose epoch still stood when it was dealt. */
  readonly builds: readonly Build[];
}

export interface ScanOptions {
  readonly catalogue: Catalogue;
  /** Contacts there are, about. */
  readonly total: number;
  /** Connections that read at the same time. */
  readonly connections: number;
}

export class Scan {
  readonly #options: ScanOptions;
  readonly #lease: Lease<Build>;
  /** The connection that deals at the moment. */
  #dealer: Client | undefined;
  #size: number;
  #low: string | undefined;
  /** Ranges that took too long, to be dealt again in pieces. */
  readonly #returned: Chunk[] = [];
  #ended = false;
  #dealt = 0;
  #done = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(builds: readonly Build[], options: ScanOptions) {
    this.#options = options;
    this.#lease = leaseOf(
      builds,
      () => this.#dealing(),
      () => this.#done,
    );
    this.#size = Math.ceil(FIRST_CHUNK / Math.ceil(builds.length / 10));
  }

  /** Builds whose epoch still stood when it was last looked at. */
  get alive(): readonly Build[] {
    return this.#lease.held;
  }

  /**
   * Whether so much is left to deal that others should read along. Who has dealt more than there should be knows
   * nothing of the rest.
   */
  get worthSharing(): boolean {
    const left = this.#options.total - this.#dealt;
    return !this.#ended && (left > LAST_CHUNK || left < 0);
  }

  /** The next range, or undefined when all are dealt or no build is left. */
  async next(client: Client): Promise<Chunk | undefined> {
    const turn = this.#turn.then(() => this.#deal(client));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #deal(client: Client): Promise<Chunk | undefined> {
    if (this.#returned.length === 0 && this.#ended) return undefined;
    this.#dealer = client;
    if ((await this.#lease.renew()).length === 0) return undefined;
    const again = this.#returned.at(-1);
    return again ? this.#piece(client, again) : this.#following(client);
  }

  #dealing(): Client {
    if (!this.#dealer) throw new Error('a lease was renewed before anything was dealt');
    return this.#dealer;
  }

  async #following(client: Client): Promise<Chunk> {
    const { catalogue, total } = this.#options;
    const low = this.#low;
    const size = this.#share();
    const end = await inTransaction(client, TIMEOUTS.chunk, () => rangeEnd(client, catalogue, low, size, total));
    const count = end?.count ?? Math.max(0, total - this.#dealt);
    this.#dealt += count;
    this.#low = end?.key;
    this.#ended ||= end === undefined;
    return { range: { low, high: end?.key }, size, count, builds: this.alive };
  }

  async #piece(client: Client, chunk: Chunk): Promise<Chunk> {
    const {
      range: { low, high },
      size,
      count,
    } = chunk;
    const end = await inTransaction(client, TIMEOUTS.chunk, () =>
      chunkEnd(client, this.#options.catalogue, { low, high }, size),
    );
    // Only now: when the contacts were locked, it is dealt again.
    this.#returned.splice(this.#returned.indexOf(chunk), 1);
    if (end)
      this.#returned.push({
        range: { low: end.key, high },
        size,
        count: Math.max(0, count - end.count),
        builds: this.alive,
      });
    return { range: { low, high: end?.key ?? high }, size, count: end?.count ?? count, builds: this.alive };
  }

  /** Large ranges first; those at the end shrink, so that no connection waits long for the last chunk of another. */
  #share(): number {
    const { total, connections } = this.#options;
    const left = total - this.#dealt;
    return connections === 1 || left <= 0
      ? this.#size
      : Math.min(this.#size, Math.max(LAST_CHUNK, Math.ceil(left / (2 * connections))));
  }

  /** A chunk is staged: the next ones adapt to what it took. Returns how many contacts are done. */
  staged({ size, count }: Chunk, ms: number): number {
    this.#done += count;
    this.#size = Math.max(
      SMALLEST_CHUNK,
      Math.round(size * Math.min(8, Math.max(0.25, CHUNK_TARGET_MS / Math.max(1, ms)))),
    );
    return this.#done;
  }

  /** A chunk took too long and left nothing: it is dealt again in smaller pieces. False when it cannot be smaller. */
  tooSlow(chunk: Chunk): boolean {
    if (chunk.size <= SMALLEST_CHUNK) return false;
    const size = Math.max(SMALLEST_CHUNK, Math.floor(chunk.size / 8));
    this.#size = Math.min(this.#size, size);
    this.#returned.push({ ...chunk, size });
    return true;
  }

  /** A chunk left nothing, though not for its size: it is dealt again. */
  again(chunk: Chunk): void {
    this.#returned.push(chunk);
  }

  /** Ends it early: what was staged is of no use. */
  stop(): void {
    this.#ended = true;
    this.#returned.length = 0;
  }
}
