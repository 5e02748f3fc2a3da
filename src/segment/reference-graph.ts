/**
 * The references among segments as they are stored. A proposal is held against what the others are wanted to read, or still
 * read when that was refused; whoever was refused itself reads nothing that anybody else must make room for.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { readsOf, type Graph } from './reference.ts';

export interface ReferenceGraph {
  /** What each segment reads by its wanted version, or by its live one where the wanted one was refused. */
  readonly reads: Graph;
  /** What each reads by a version that was accepted or is live. */
  readonly bound: Graph;
}

interface Row {
  readonly key: string;
  readonly version_state: string | null;
  readonly lives: boolean;
  readonly wanted_reads: readonly string[];
  readonly live_reads: readonly string[];
}

/** Goes through the conditions of all segments: 13 ms for a thousand of them (*m*). */
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

/** What a condition must be held against: nothing, where it reads no segment. */
export async function referencesFor(client: Queryable, condition: unknown): Promise<ReferenceGraph> {
  return readsOf(condition).length === 0 ? { reads: new Map(), bound: new Map() } : readReferences(client);
}
