/**
 * What a drain is asked for, and what it says it did. Owns the types alone; drain.ts is the drain.
 */
import type { Written } from '../membership/diff.ts';

export interface DrainOptions {
  /** Changes and rechecks a batch, about. */
  readonly batchSize: number;
  /** Evaluates nothing and queues every pair, so that a batch that failed can be tried segment by segment. */
  readonly defer?: boolean;
  /** Takes the rechecks of one contact in these segments, and no changes. */
  readonly only?: Only;
  /** Takes no more than `batchSize`, however many lanes have work: a batch that failed is tried again with less. */
  readonly exact?: boolean;
  /** Hears what the batch is about, before anything is evaluated. */
  readonly onTaken?: (taken: Taken) => void;
  /** Milliseconds of one statement, 5,000 by default. */
  readonly statementTimeout?: number;
  /** Lanes of the outbox (shards, where only rechecks are) where work was found a moment ago; absent: looked for. */
  readonly lanes?: readonly number[];
  /** False: no recheck was seen just now, so none is looked for. */
  readonly rechecks?: boolean;
  /** Called between steps; tests stop a drain there. */
  readonly at?: (step: DrainStep) => Promise<void>;
}

export interface Only {
  readonly segments: readonly number[];
  readonly contact: string;
}

export interface Taken {
  readonly contacts: readonly string[];
  readonly segments: readonly number[];
}

export type DrainStep = 'locked' | 'consumed' | 'segments-locked' | 'parked' | 'timed' | 'rechecked' | 'written';

export interface Drained {
  /** Nothing was found to do. */
  readonly idle: boolean;
  readonly changes: number;
  readonly contacts: number;
  readonly written: readonly Written[];
  /** Segments whose slot another session held; their work was queued again. */
  readonly refused: number;
  /** Segments that this batch concerned. */
  readonly segments: readonly number[];
}
