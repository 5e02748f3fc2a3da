/**
 * Which references of a segment are stale. A segment that is paused, failed, invalid or archived keeps the members it had, and its
 * readers go on with those. The first build of a reader waits for a segment that was never built. Reads only.
 */
import { isFollowed, type SegmentState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface StaleReference {
  /** Key of the segment that reads, directly or through others. */
  readonly key: string;
  /** From the reader down to the stale segment, both included. */
  readonly path: readonly string[];
  /** State of the stale segment. */
  readonly state: SegmentState;
  /** Since when its members are frozen, ISO 8601. Null: it was never built, and the reader's first build waits for it. */
  readonly since: string | null;
}

interface Row {
  readonly key: string;
  readonly state: SegmentState;
  readonly built: boolean;
  readonly frozen_at: string | null;
  readonly reads: readonly string[];
}

/** Whether the first build of the reader waits for a segment that a worker does not build unless a caller acts. */
export function waitsInVain({ since, state }: StaleReference): boolean {
  return since === null && !isFollowed(state);
}

/** Stale references of one segment or of all, in order of the reader's key, the nearest first. */
export async function staleReferences(client: Queryable, key?: string): Promise<readonly StaleReference[]> {
  const { rows } = await client.query<Row>({ ...statement('segment-stale') });
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const stale = rows.filter((row) => !row.built || row.frozen_at !== null);
  if (stale.length === 0) return [];
  const readers = key === undefined ? rows : rows.filter((row) => row.key === key);
  return readers.flatMap((reader) => below(reader, byKey));
}

function below(reader: Row, byKey: ReadonlyMap<string, Row>): StaleReference[] {
  const found: StaleReference[] = [];
  const seen = new Set([reader.key]);
  for (let level: readonly (readonly [Row, readonly string[]])[] = [[reader, [reader.key]]]; level.length > 0;) {
    const next: (readonly [Row, readonly string[]])[] = [];
    for (const [row, path] of level) {
      for (const read of row.reads) {
        const target = byKey.get(read);
        if (!target || seen.has(read)) continue;
        seen.add(read);
        const way = [...path, read];
        // A reader that was built went on with members that were there: only frozen ones matter to it.
        if (target.built && target.frozen_at !== null)
          found.push({ key: reader.key, path: way, state: target.state, since: target.frozen_at });
        else if (!target.built && !reader.built)
          found.push({ key: reader.key, path: way, state: target.state, since: null });
        next.push([target, way]);
      }
    }
    level = next;
  }
  return found;
}

/** One sentence a reference. */
export function staleSentence({ key, path, state, since }: StaleReference): string {
  const last = path.at(-1) ?? '';
  const through = path.length > 2 ? ` (${path.join(' → ')})` : '';
  return since === null
    ? `${key} waits for ${last}${through}, which was never built: it is ${state}.`
    : `${key} reads ${last}${through}, which is ${state}: its members are as of ${since}.`;
}
