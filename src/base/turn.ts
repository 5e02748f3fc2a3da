/**
 * Turns for work that is not urgent: one part of a process works at a time, so that all of them need one connection.
 * Invariant: turns come in the order in which they were asked for. Only work whose patience is over runs beside another
 * turn.
 */
import { bounded } from './bounded.ts';

/**
 * Runs the work in its turn. @param patience milliseconds after which the work waits for its turn no longer; none: it
 * always waits
 */
export type Turns = <T>(run: () => Promise<T>, patience?: number) => Promise<T>;

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (run, patience) => {
    const before = last;
    const turn = (patience === undefined ? before : bounded(before, patience)).then(run);
    last = Promise.allSettled([before, turn]);
    return turn;
  };
}
