/**
 * What a worker reports: one typed map for logs, the live view, metrics and tests. Invariant: ids and counts only,
 * never values of the team's rows. What the parts of a worker ask each other is another list (signal.ts).
 */
import { EventEmitter } from 'node:events';
import type { Failure } from '../base/error.ts';
import type { Audited } from '../audit/rolling.ts';
import type { Written } from '../membership/diff.ts';
import type { CatalogueChange } from './catalogue-watch.ts';
import type { ComputedRank } from '../rank/compute-rank.ts';
import type { Held, Rebuilt } from '../rebuild/rebuild-option.ts';

/** What a worker does that can fail and is tried again: the label of `segmentd_errors_total`, and `during` in the log. */
export const WORKER_TASKS = [
  'audit',
  'batch',
  'drain',
  'export queue',
  'idle connection',
  'keep',
  'listen',
  'look',
  'metrics',
  'once',
  'queue',
  'rank',
  'rank queue',
  'rebuild',
  'registration',
  'resolve',
  'retention',
  'schedule',
  'sweep',
  'watch',
] as const;
export type WorkerTask = (typeof WORKER_TASKS)[number];

export interface WorkerEvents {
  /** A batch was drained and committed. `ms`: the whole transaction. */
  drained: [
    { readonly changes: number; readonly contacts: number; readonly written: readonly Written[]; readonly ms: number },
  ];
  /** Nothing was left to drain at `asOf`. */
  idle: [{ readonly asOf: string }];
  /** The doorbell is armed: a commit of the team will ring. */
  asleep: [];
  /** Edges of one field were swept; `queued` contacts crossed. */
  swept: [{ readonly edges: number; readonly queued: number; readonly rebuilds: number; readonly ms: number }];
  /** A step of the rolling audit; what differed is being repaired. */
  audited: [Audited];
  rebuilt: [Rebuilt];
  /** A run that rebuilt one segment or several together is over. */
  built: [{ readonly live: number; readonly ms: number }];
  /** An edit moves too many and waits to be confirmed; the live version goes on. */
  held: [Held];
  progress: [Readonly<Record<string, number>>];
  /** Segments frozen because a batch failed for them. */
  frozen: [{ readonly segments: readonly number[] }];
  /** A scheduled export was written. */
  exported: [
    {
      readonly schedule: number;
      readonly run: string;
      readonly segment: string;
      readonly count: number;
      readonly bytes: number;
      readonly ms: number;
    },
  ];
  /** A scheduled export failed; with `again` it is tried again. */
  exportFailed: [{ readonly schedule: number; readonly run: string; readonly again: boolean; readonly error: unknown }];
  /** A rank was computed; `moved` contacts are rechecked. */
  ranked: [ComputedRank];
  /** A rank could not be computed: the values before stay, and it is tried again. */
  rankFailed: [{ readonly name: string; readonly error: unknown }];
  /** Another catalogue was published, or the team's tables changed, and the catalogue was read again. */
  catalogue: [CatalogueChange];
  /** What triggers cannot see has changed; the segments that read it are being rebuilt. */
  drift: [{ readonly sentences: readonly string[] }];
  /** Another version of segmentd has migrated the schema (code `incompatible`), or it was dropped: this one stops by itself. */
  outdated: [Failure];
  /** The server of the queue went away or came back; said once each time. `place`: without user and password. */
  queue: [{ readonly up: boolean; readonly place: string; readonly reason?: string | undefined }];
  error: [{ readonly during: WorkerTask; readonly error: unknown }];
}

export type WorkerEmitter = EventEmitter<WorkerEvents>;

/** Listens to several events; the returned function ends that. */
export function subscribe(
  events: WorkerEmitter,
  listeners: { readonly [Name in keyof WorkerEvents]?: (...args: WorkerEvents[Name]) => void },
): () => void {
  const entries = Object.entries(listeners) as [keyof WorkerEvents, () => void][];
  for (const [name, listener] of entries) events.on(name, listener);
  return () => {
    for (const [name, listener] of entries) events.off(name, listener);
  };
}

/** `error` has a listener from the start: an emitter without one would throw. */
export function createEvents(): WorkerEmitter {
  const events = new EventEmitter<WorkerEvents>();
  events.on('error', () => {});
  return events;
}
