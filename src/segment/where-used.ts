/**
 * Which segments read a segment by `in_segment`, and which schedules export it. The wanted condition of a reader and its live one
 * both count: they differ while an edit waits.
 */
import type { SegmentState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Use {
  /** Key of the segment that reads it. */
  readonly key: string;
  readonly state: SegmentState;
  /** From the reader down to the segment asked for, both included; two keys for a direct reader. */
  readonly path: readonly string[];
  /** False when only a live version reads it, which an edit is about to replace. */
  readonly wanted: boolean;
}

/** What uses a segment. */
export interface Uses {
  readonly segments: readonly Use[];
  /** Numbers of the schedules that export it. */
  readonly schedules: readonly number[];
}

/** A segment that does not exist has no uses. */
export async function whereUsed(client: Queryable, key: string): Promise<Uses> {
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-schedule'), values: [key] });
  return { segments: await usesOf(client, key), schedules: rows.map(({ id }) => id) };
}

interface Row {
  readonly key: string;
  readonly state: SegmentState;
  readonly wanted_reads: readonly string[];
  readonly live_reads: readonly string[];
}

/** Direct uses first, then those through others. */
export async function usesOf(client: Queryable, key: string): Promise<readonly Use[]> {
  const { rows } = await client.query<Row>({ ...statement('segment-use') });
  const found: Use[] = [];
  const seen = new Set([key]);
  for (let level: readonly (readonly [string, ...string[]])[] = [[key]]; level.length > 0;) {
    const next: (readonly [string, ...string[]])[] = [];
    for (const path of level) {
      const [read] = path;
      for (const row of rows) {
        const wanted = row.wanted_reads.includes(read);
        if (seen.has(row.key) || !(wanted || row.live_reads.includes(read))) continue;
        seen.add(row.key);
        found.push({ key: row.key, state: row.state, path: [row.key, ...path], wanted });
        next.push([row.key, ...path]);
      }
    }
    level = next;
  }
  return found;
}
