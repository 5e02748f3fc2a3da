/**
 * Who reads a segment by `in_segment`, by the condition that is wanted or by the one that is live: the two differ while an
 * edit waits, and both count.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface Use {
  /** Key of the segment that reads it. */
  readonly key: string;
  readonly state: string;
  /** From the reader down to the segment asked for, both included; two keys where it is read directly. */
  readonly path: readonly string[];
  /** False where only a live version reads it that an edit is about to replace. */
  readonly wanted: boolean;
}

/** What would miss a segment. */
export interface Uses {
  readonly segments: readonly Use[];
  /** Numbers of the schedules that export it. */
  readonly schedules: readonly number[];
}

/** @throws nothing: of a segment that is not there nobody makes use */
export async function whereUsed(client: Queryable, key: string): Promise<Uses> {
  const { rows } = await client.query<{ id: number }>({ ...statement('segment-schedule'), values: [key] });
  return { segments: await usesOf(client, key), schedules: rows.map(({ id }) => id) };
}

/** A segment with all that it reads, directly or through others. */
export async function withReads(client: Queryable, key: string): Promise<readonly string[]> {
  const { rows } = await client.query<Row>({ ...statement('segment-use') });
  const byKey = new Map(rows.map((row) => [row.key, [...row.wanted_reads, ...row.live_reads]]));
  const found = new Set([key]);
  for (const one of found) for (const read of byKey.get(one) ?? []) found.add(read);
  return [...found];
}

/** Steps of the longest chain of segments that read each other, by wanted or live versions, among these or all. */
export async function longestChain(client: Queryable, among: readonly string[] | null): Promise<number> {
  const { rows } = await client.query<Row>({ ...statement('segment-use') });
  const byKey = new Map(
    rows
      .filter((row) => among === null || among.includes(row.key))
      .map((row) => [row.key, [...row.wanted_reads, ...row.live_reads]]),
  );
  const steps = new Map<string, number>();
  const stepsOf = (key: string): number => {
    const known = steps.get(key);
    if (known !== undefined) return known;
    steps.set(key, 0); // a wanted and a live version may read each other in a circle for a moment
    const below = (byKey.get(key) ?? []).filter((read) => byKey.has(read));
    const longest = below.length === 0 ? 0 : 1 + Math.max(...below.map(stepsOf));
    steps.set(key, longest);
    return longest;
  };
  return Math.max(0, ...[...byKey.keys()].map(stepsOf));
}

interface Row {
  readonly key: string;
  readonly state: string;
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
