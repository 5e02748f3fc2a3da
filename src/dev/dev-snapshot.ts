/** One moment of the running system for the live view, read from Postgres in a few cheap questions. */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { isTooDeep } from '../condition/check/check-shape.ts';
import { describe } from '../condition/describe/describe.ts';
import type { SegmentKind } from '../lifecycle/state.ts';
import { readBacklog } from '../membership/backlog.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import type { ViewEvent, ViewSnapshot } from './view/view-model.ts';

const EVENTS = 12;

interface SegmentRow {
  readonly key: string;
  readonly name: string | null;
  readonly state: string;
  readonly version: number;
  readonly error: unknown;
  readonly members: string;
  readonly progress: number | null;
  readonly entered: number;
  readonly departed: number;
}

interface ConditionRow {
  readonly key: string;
  readonly version: number;
  readonly kind: SegmentKind;
  readonly condition: unknown;
  readonly timezone: string | null;
}

interface Meaning {
  readonly version: number;
  readonly sentence: string | undefined;
}

/** Returns what reads a moment. A condition is read and described once for each version. */
export function snapshotReader(pool: Queryable, catalogue: Catalogue): () => Promise<ViewSnapshot> {
  const known = new Map<string, Meaning>();

  async function learn(rows: readonly SegmentRow[]): Promise<void> {
    const unknown = rows.filter((row) => known.get(row.key)?.version !== row.version).map((row) => row.key);
    if (unknown.length === 0) return;
    const found = await pool.query<ConditionRow>({ ...statement('view-condition'), values: [unknown] });
    for (const row of found.rows) known.set(row.key, { version: row.version, sentence: sentenceOf(row, catalogue) });
  }

  return async () => {
    const { rows } = await pool.query<SegmentRow>(statement('view-segment'));
    await learn(rows);
    const events = await pool.query<ViewEvent>({ ...statement('view-event'), values: [EVENTS] });
    const waiting = await readBacklog(pool);
    const pending = waiting.changes + waiting.rechecks;
    return {
      segments: rows.map((row) => {
        const sentence = known.get(row.key)?.sentence;
        const problem = problemOf(row.error);
        return {
          key: row.key,
          ...(row.name === null || row.name === row.key ? {} : { name: row.name }),
          ...(sentence === undefined ? {} : { sentence }),
          state: row.state,
          ...(problem === undefined ? {} : { problem }),
          members: Number(row.members),
          entered: row.entered,
          left: row.departed,
          ...(row.progress === null ? {} : { progress: row.progress }),
        };
      }),
      // What waits is younger than the last moment at which nothing waited.
      lag: pending === 0 ? 0 : (waiting.lag ?? 0) * 1_000,
      backlog: pending,
      events: events.rows,
    };
  };
}

/** Absent for a condition that is not valid: the segment has a problem instead. */
function sentenceOf({ kind, condition, timezone }: ConditionRow, catalogue: Catalogue): string | undefined {
  if (kind === 'static') return 'contacts that were added';
  if (kind === 'snapshot') return 'contacts that were members when the snapshot was made';
  if (isTooDeep(condition)) return undefined;
  const checked = checkCondition(condition, { catalogue, timezone: timezone ?? catalogue.timezone });
  return checked.ok ? describe(checked.condition, catalogue) : undefined;
}

/** What the worker wrote about it: the message, or the first of the issues of a condition. */
function problemOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('message' in error) return String(error.message);
  if (!('issues' in error) || !Array.isArray(error.issues)) return JSON.stringify(error);
  const [first, ...rest]: readonly unknown[] = error.issues;
  const more = rest.length === 0 ? '' : ` (and ${rest.length} more)`;
  return `${problemOf(first) ?? 'the condition is not valid'}${more}`;
}
