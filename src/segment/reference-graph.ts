/**
 * The references among segments as they are stored. A proposed version is compared with what the other segments are wanted to read.
 * A segment whose wanted version was rejected counts with its live version, and without one it reads nothing.
 */
import type { VersionState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { readsOf, type Graph } from './reference.ts';

export interface ReferenceGraph {
  /** What each segment reads by its wanted version, or by its live version when the wanted one was rejected. */
  readonly reads: Graph;
  /** What each segment reads by a version that was accepted or is live. */
  readonly bound: Graph;
}

interface Row {
  readonly key: string;
  readonly version_state: VersionState | null;
  readonly lives: boolean;
  readonly wanted_reads: readonly string[];
  readonly live_reads: readonly string[];
}

/** Reads the conditions of all segments: 13 ms for a thousand of them (*m*). */
export async function readReferences(client: Queryable): Promise<ReferenceGraph> {
  const { rows } = await client.query<Row>({ ...statement('segment-use') });
  const graph = (of: (row: Row) => readonly string[]): Graph => new Map(rows.map((row) => [row.key, of(row)]));
  return {
    reads: graph((row) => (row.version_state === 'invalid' && row.lives ? row.live_reads : row.wanted_reads)),
    bound: graph((row) =>
      row.version_state === 'accepted' || row.version_state === 'held' ? row.wanted_reads : row.live_reads,
    ),
  };
}

/** What a condition must be compared with: nothing, when it reads no segment. */
export async function referencesFor(client: Queryable, condition: unknown): Promise<ReferenceGraph> {
  return readsOf(condition).length === 0 ? { reads: new Map(), bound: new Map() } : readReferences(client);
}

/** The key of a segment and of all that it reads, directly or through others. */
export async function withReads(client: Queryable, key: string): Promise<readonly string[]> {
  const { rows } = await client.query<Row>({ ...statement('segment-use') });
  const byKey = new Map(rows.map((row) => [row.key, [...row.wanted_reads, ...row.live_reads]]));
  const found = new Set([key]);
  for (const one of found) for (const read of byKey.get(one) ?? []) found.add(read);
  return [...found];
}

/** Steps of the longest chain of segments that read each other, by wanted or live versions, among these keys or all. */
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
    steps.set(key, 0); // a wanted version and a live one may read each other in a cycle for a moment
    const below = (byKey.get(key) ?? []).filter((read) => byKey.has(read));
    const longest = below.length === 0 ? 0 : 1 + Math.max(...below.map(stepsOf));
    steps.set(key, longest);
    return longest;
  };
  return Math.max(0, ...[...byKey.keys()].map(stepsOf));
}
