/**
 * What a segment reads that does not follow the data: a segment that is paused, failed, invalid or archived keeps the
 * members it had, and whoever reads it goes on with those; one that was never built is waited for. Reads only.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface StaleReference {
  /** Key of the segment that reads, directly or through others. */
  readonly key: string;
  /** From the reader down to the segment that stands still, both included. */
  readonly path: readonly string[];
  /** State of the latter. */
  readonly state: string;
  /** Since when its members are frozen, ISO 8601; null: it was never built, and the reader's own first build waits for it. */
  readonly since: string | null;
}

interface Row {
  readonly key: string;
  readonly state: string;
  readonly built: boolean;
  readonly frozen_at: string | null;
  readonly reads: readonly string[];
}

/** States that a segment does not leave by itself. */
const STOPPED: ReadonlySet<string> = new Set(['invalid', 'failed', 'paused', 'archived']);

/** The first build of its reader waits for what will not be built by itself. */
export function waitsInVain({ since, state }: StaleReference): boolean {
  return since === null && STOPPED.has(state);
}

/** Of one segment or of all; in order of the reader, the nearest first. */
export async function staleReferences(client: Queryable, key?: string): Promise<readonly StaleReference[]> {
  const { rows } = await client.query<Row>({ ...statement('segment-stale') });
  const byKey = new Map(rows.map((row) => [row.key, row]));
  const still = rows.filter((row) => !row.built || row.frozen_at !== null);
  if (still.length === 0) return [];
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
        // Of a reader that was built only what is frozen matters: it went on with members that were there.
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
