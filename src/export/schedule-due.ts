/**
 * Notes runs of schedules that are due. What was missed while no worker ran becomes one run. Each schedule moves in a
 * savepoint of its own, so that a row that Postgres refuses stops no other schedule. Nothing is exported here.
 */
import { readingOf, sqlState } from '../base/error.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { inTransaction } from '../postgres/transaction.ts';
import { nextTime } from './cron.ts';
import { failureSentence } from './run.ts';

const TIMEOUTS = { lockTimeout: 500, statementTimeout: 10_000, idleTimeout: 30_000 } as const;

interface Due {
  readonly id: number;
  readonly segment_id: number;
  readonly cron: string;
  readonly timezone: string;
  readonly due_at: string | null;
  readonly now: string;
}

/**
 * Notes a run for each schedule that is due, and moves the schedule to its next time. Returns how many schedules were
 * due.
 */
export async function noteDue(pool: Pool): Promise<number> {
  return inTransaction(pool, TIMEOUTS, async (client) => {
    const { rows } = await client.query<Due>({ ...statement('schedule-due') });
    for (const { id, segment_id, cron, timezone, due_at, now } of rows) {
      const { next, error } = timeAfter(cron, timezone, now);
      await client.query('savepoint moved');
      try {
        await client.query({ ...statement('schedule-move'), values: [id, segment_id, due_at, next, error] });
      } catch (failure) {
        const code = sqlState(failure);
        if (code === undefined || readingOf(code) !== 'poison') throw failure;
        // Plain SQL wrote a row that cannot be moved on: this schedule stops, and no other stops with it.
        await client.query('rollback to savepoint moved');
        await client.query({
          ...statement('schedule-move'),
          values: [id, segment_id, null, null, `Postgres refused to move it on (SQLSTATE ${code}).`],
        });
      }
    }
    return rows.length;
  });
}

/** A row written by plain SQL may hold anything. */
function timeAfter(cron: string, timezone: string, now: string): { next: string | null; error: string | null } {
  try {
    const next = nextTime(cron, timezone, new Date(now));
    return { next, error: next === null ? `${JSON.stringify(cron)} never comes again.` : null };
  } catch (error) {
    return { next: null, error: failureSentence(error) };
  }
}
