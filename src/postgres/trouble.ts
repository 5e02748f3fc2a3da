/**
 * Work of workers that keeps failing, in a table that every process can read: a worker writes it, `status` and `doctor`
 * read it. The table keeps the SQLSTATE only, because a message may hold values of rows.
 */
import type { Queryable } from './pool.ts';
import { statement } from './sql-file.ts';

export interface Trouble {
  /** The flow, such as `drain`, `sweep`, `rebuild`. */
  readonly work: string;
  /** Null when the error did not come from Postgres. */
  readonly sqlstate: string | null;
  /** ISO 8601. */
  readonly since: string;
  readonly failures: number;
}

/** Milliseconds after which a row counts as over: work that still fails is retried every few seconds. */
export const TROUBLE_LASTS = 30_000;

export async function readTroubles(database: Queryable): Promise<readonly Trouble[]> {
  return (await database.query<Trouble>({ ...statement('trouble-list'), values: [TROUBLE_LASTS] })).rows;
}

export async function noteTrouble(
  database: Queryable,
  work: string,
  sqlstate: string | undefined,
  failures: number,
): Promise<void> {
  await database.query({ ...statement('trouble-note'), values: [work, sqlstate ?? null, failures, TROUBLE_LASTS] });
}

export async function clearTrouble(database: Queryable, work: readonly string[]): Promise<void> {
  await database.query('delete from segmentd_internal.trouble t where t.work = any ($1::text[])', [work]);
}

/** Causes of the SQLSTATEs that a retry cannot repair, for an operator. */
const CAUSES: Readonly<Record<string, string>> = {
  '42501': 'the role of the worker lacks a right',
  '53100': 'the disk is full',
  '55000':
    'a table of segmentd lacks the replica identity that a publication asks for, or is not in the state that is needed',
  '25006': 'the database accepts no writes',
};

export function troubleSentence({ work, sqlstate, since, failures }: Trouble): string {
  const cause = sqlstate === null ? undefined : CAUSES[sqlstate];
  return `The worker's ${work} keeps failing (${failures} times since ${since}${sqlstate === null ? '' : `, SQLSTATE ${sqlstate}`})${cause === undefined ? '' : `: ${cause}`}.`;
}
