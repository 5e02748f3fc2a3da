/** One moment of the running system for the live view, read from Postgres in three cheap questions. */
import { readBacklog } from '../membership/backlog.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { ViewEvent, ViewSnapshot } from './view-frame.ts';

const EVENTS = 12;

interface SegmentRow {
  readonly key: string;
  readonly state: string;
  readonly members: string;
  readonly progress: number | null;
  readonly entered: number;
  readonly departed: number;
}

export async function devSnapshot(pool: Queryable): Promise<ViewSnapshot> {
  const segments = await pool.query<SegmentRow>(statement('view-segment'));
  const events = await pool.query<ViewEvent>({ ...statement('view-event'), values: [EVENTS] });
  const waiting = await readBacklog(pool);
  const pending = waiting.changes + waiting.rechecks;
  return {
    segments: segments.rows.map((row) => ({
      key: row.key,
      state: row.state,
      members: Number(row.members),
      entered: row.entered,
      left: row.departed,
      ...(row.progress === null ? {} : { progress: row.progress }),
    })),
    // What waits is younger than the last moment at which nothing waited.
    lag: pending === 0 ? 0 : (waiting.lag ?? 0) * 1_000,
    backlog: pending,
    events: events.rows,
  };
}
