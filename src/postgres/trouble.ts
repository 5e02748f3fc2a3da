/**
 * Work that fails again and again, where every process can read it: a worker writes, `status` and `doctor` read. Only the
 * SQLSTATE is kept, because a message may hold values of rows.
 */
import type { Queryable } from './pool.ts';
import { statement } from './sql-file.ts';

export interface Trouble {
  /** The flow, such as `drain`, `sweep`, `rebuild`. */
  readonly work: string;
  /** Null when the error was not Postgres' own. */
  readonly sqlstate: string | null;
  /** ISO 8601. */
  readonly since: string;
  readonly failures: number;
}

/** Milliseconds. What fails for ever is tried every few seconds, so a row that is older is over. */
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
  await database.query('delete from segmentd.trouble t where t.work = any ($1::text[])', [work]);
}

/** What an operator should know of a SQLSTATE that our own tables or the team's can cause for good. */
const CAUSES: Readonly<Record<string, string>> = {
  '42501': 'the role of the worker lacks a right',
  '53100': 'the disk is full',
  '55000':
    'a table of segmentd lacks the replica identity that a publication asks for, or is not in the state that is needed',
  '25006': 'the database accepts no writes',
};

export function troubleSentence({ work, sqlstate, since, failures }: Trouble): string {
  const cause = sqlstate === null ? undefined : CAUSES[sqlstate];
  return `The worker's ${work} fails again and again (${failures} times since ${since}${sqlstate === null ? '' : `, SQLSTATE ${sqlstate}`})${cause === undefined ? '' : `: ${cause}`}.`;
}
