import { runYear, type YearSize } from '../sweep/year-run.ts';
import type { Context, Figure, Row } from './figure.ts';

const NAME = 'bench_year';
const BEGIN = '2024-02-10T10:00:00.000000Z';
/** Stops of the clock between two lines of progress. */
const PROGRESS_EVERY = 100;

/**
 * What brute force says is worked out for all pairs and the whole year before the clock moves, by interval arithmetic of its
 * own (test/sweep/year-truth.ts, some 20 s). The version before it evaluated every mover's conditions again at each instant,
 * and all pairs weekly: it took hours, and a miss that was repaired within the week did not show.
 */
export const year: Figure = {
  title: 'A year of simulated time: 10,000 contacts × 200 random time rules, against brute force at every breakpoint',
  long: true,
  async run({ server, quick, note }: Context) {
    const size: YearSize = {
      begin: BEGIN,
      seed: 20240210,
      ...(quick ? { contacts: 500, rules: 40, days: 45 } : { contacts: 10_000, rules: 200, days: 366 }),
    };
    await server.admin(`drop database if exists ${NAME} with (force)`);
    await server.admin(`create database ${NAME} template template0`);
    const started = performance.now();
    const count = await runYear(server.urlOf(NAME), size, {
      note(stop, of, found) {
        if (stop % PROGRESS_EVERY === 0 || stop === of)
          note(
            `stop ${stop} of ${of}, ${Math.round((performance.now() - started) / 1000)} s: ${JSON.stringify(found)}`,
          );
      },
    });
    await server.admin(`drop database ${NAME} with (force)`);
    const behind = `${count.due} flips due, ${count.moved} moves, ${count.stops} stops: each breakpoint and the microsecond before it`;
    return [
      {
        measure: 'early: moved before the flip, or without one',
        value: count.early,
        unit: 'rows',
        wanted: { atMost: 0 },
        beside: behind,
      },
      { measure: 'late: moved after the flip', value: count.late, unit: 'rows', wanted: { atMost: 0 } },
      { measure: 'missed: flips without a move', value: count.missed, unit: 'rows', wanted: { atMost: 0 } },
      {
        measure: 'pairs that differ before the first stop or after the last',
        value: count.wrong,
        unit: 'rows',
        wanted: { atMost: 0 },
        beside: `${size.contacts * size.rules} pairs, twice`,
      },
    ] satisfies Row[];
  },
};
