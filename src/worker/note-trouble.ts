/**
 * Notes in the database which work of this worker fails again and again, so that `status` and `doctor` of other
 * processes show it within seconds. One failure is not noted: most pass. Invariant: success takes the note away.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { clearTrouble, noteTrouble, TROUBLE_LASTS } from '../postgres/trouble.ts';
import type { WorkerEmitter, WorkerEvents } from './event.ts';

interface Failing {
  /** Not noted yet. */
  failures: number;
  /** performance.now() of the last failure and of the last note. */
  last: number;
  noted: number;
}

/** Milliseconds between two notes of the same work. */
const NOTE_EVERY = 1_000;

/** What an event proves to work. */
const PROOF = {
  drained: ['drain', 'batch', 'resolve'],
  idle: ['drain', 'batch', 'resolve'],
  swept: ['sweep'],
  audited: ['audit'],
  built: ['rebuild', 'keep'],
} as const satisfies Partial<Record<keyof WorkerEvents, readonly string[]>>;

export interface TroubleNotes {
  /** Hears no more, and lets a note that is under way end. */
  stop(): Promise<void>;
}

export function noteTroubles(pool: Pool, events: WorkerEmitter): TroubleNotes {
  const failing = new Map<string, Failing>();
  let writing: Promise<unknown> = Promise.resolve();
  // A note that cannot be written has the same cause; the log has both.
  const write = (work: () => Promise<void>): void => void (writing = writing.then(work).catch(() => undefined));
  const onError = ({ during, error }: { readonly during: string; readonly error: unknown }): void => {
    const code = sqlState(error);
    if (code === undefined || code === LOCK_NOT_AVAILABLE) return;
    const now = performance.now();
    const known = failing.get(during);
    const entry =
      known !== undefined && now - known.last < TROUBLE_LASTS ? known : { failures: 0, last: now, noted: -Infinity };
    entry.failures += 1;
    entry.last = now;
    failing.set(during, entry);
    const begun = entry.noted > -Infinity;
    if ((!begun && entry.failures < 2) || now - entry.noted < NOTE_EVERY) return;
    const { failures } = entry;
    entry.failures = 0;
    entry.noted = now;
    write(() => noteTrouble(pool, during, code, failures));
  };
  const works = (work: readonly string[]): void => {
    if (failing.size === 0) return;
    const noted = work.filter((one) => (failing.get(one)?.noted ?? -Infinity) > -Infinity);
    for (const one of work) failing.delete(one);
    if (noted.length > 0) write(() => clearTrouble(pool, noted));
  };
  const listeners = Object.entries(PROOF).map(
    ([event, work]) => [event as keyof typeof PROOF, () => works(work)] as const,
  );
  events.on('error', onError);
  for (const [event, listener] of listeners) events.on(event, listener);
  return {
    async stop() {
      events.off('error', onError);
      for (const [event, listener] of listeners) events.off(event, listener);
      await writing;
    },
  };
}
