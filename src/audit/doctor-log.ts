/** What doctor finds on the event log: conditions for which it is kept longer than its option says. Reads only. */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { leastDays } from '../segment/log-reach.ts';
import type { Finding } from './finding.ts';

interface NeedRow {
  readonly key: string;
  /** Whole months for which workers keep events. */
  readonly months: number;
  /** Days of the log that the condition needs. */
  readonly days: number;
}

export async function logFindings(database: Queryable): Promise<readonly Finding[]> {
  const { rows } = await database.query<NeedRow>({ ...statement('doctor-log') });
  const beyond = rows.filter(({ days, months }) => days > leastDays(months));
  const [first] = beyond;
  if (!first) return [];
  const { months } = first;
  const keys = beyond.map(({ key, days }) => `${key} (${days} days)`).join(', ');
  return [
    {
      level: 'warn',
      sentence: `Events are kept longer than --event-months ${months} says, because conditions read further back: ${keys}.`,
      fix: `edit ${beyond.length === 1 ? 'the condition' : 'these conditions'} to read at most ${leastDays(months)} days, or run the workers with a larger --event-months`,
    },
  ];
}
