/**
 * Whether the event log reaches as far back as a condition asks. A window over the log's end would forget: a contact that
 * left before the log begins would look as if it had never left.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import type { Issue } from '../condition/issue.ts';
import { walk } from '../condition/shape.ts';
import { pasts } from '../condition/time-unit.ts';
import { writtenLeaves, writtenRows } from '../condition/written-row.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

const DAY = 86_400;

/** How far the event log reaches. */
export interface EventLog {
  /** Whole months for which workers keep events; null: for ever, or no worker has said yet. */
  readonly months: number | null;
  /** The day since which it is complete, and how many seconds ago that is; null: events were never pruned. */
  readonly since: string | null;
  readonly reach: number | null;
}

/** A log that keeps everything. */
export const WHOLE_LOG: EventLog = { months: null, since: null, reach: null };

export async function readEventLog(client: Queryable): Promise<EventLog> {
  const { rows } = await client.query<EventLog>({ ...statement('event-reach') });
  return rows[0] ?? WHOLE_LOG;
}

/** Seconds of the log that a condition needs; 0 when it reads no event. */
export function logNeeded(condition: Condition): number {
  let seconds = 0;
  walk(condition, (node) => {
    if (node.kind === 'past' && pasts[node.operator].of !== 'members') seconds = Math.max(seconds, node.seconds);
  });
  return seconds;
}

/** Issues of a checked condition, one for each row that asks for more of the log than there is. */
export function logIssues(
  { json, condition, timezone }: { readonly json: unknown; readonly condition: Condition; readonly timezone: string },
  catalogue: Catalogue,
  log: EventLog,
): readonly Issue[] {
  const known = secondsOf(log);
  if (logNeeded(condition) <= known) return [];
  const beyond = writtenLeaves(writtenRows(json)).filter(({ json: written }) => {
    const checked = checkCondition(written, { catalogue, timezone });
    return checked.ok && logNeeded(checked.condition) > known;
  });
  return (beyond.length > 0 ? beyond : [{ pointer: '' }]).map(({ pointer }) => issueOf(pointer, log));
}

/** Seconds back from now for which the log is complete, today and later. */
function secondsOf({ months, reach }: EventLog): number {
  return Math.min(months === null ? Infinity : leastDays(months) * DAY, reach ?? Infinity);
}

function issueOf(pointer: string, log: EventLog): Issue {
  const { months, since, reach } = log;
  const days = Math.floor(secondsOf(log) / DAY);
  const kept = months !== null && (reach === null || leastDays(months) * DAY <= reach);
  return {
    code: 'beyond-log',
    pointer,
    message: kept
      ? `Events are kept for ${months === 1 ? 'one whole month' : `${months} whole months`}, at least ${days} days: the window reaches further back.`
      : `Events are known since ${since}, ${days} days ago: the window reaches further back.`,
    hint: `ask for at most ${days} days${kept ? ', or run the workers with a larger `--event-months`' : ''}`,
  };
}

/** The fewest days that so many months in a row have. At the start of a month the log is that long. */
export function leastDays(months: number): number {
  let least = Infinity;
  for (const start of STARTS) {
    const end = Date.UTC(Math.floor(start / 12), (start % 12) + months, 1);
    least = Math.min(least, (end - Date.UTC(Math.floor(start / 12), start % 12, 1)) / (DAY * 1_000));
  }
  return least;
}

/** Months that begin around 2100, which is no leap year: no span of months has fewer leap days than one of these. */
const STARTS: readonly number[] = Array.from({ length: 12 * 9 }, (_, month) => 2096 * 12 + month);
