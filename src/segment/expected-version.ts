/**
 * Optimistic concurrency of edits. A caller says which version it read. When a later version is there, the caller gets a conflict that says
 * what the later ones changed, and undoes nothing. The statement that writes compares the version itself.
 */
import { Failure, noSegment } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { listVersions } from './version-list.ts';

export interface ExpectedOptions {
  /**
   * Writes only when the segment's wanted version is this one. Otherwise nothing is written, and the `conflict` holds what the later
   * versions changed. An edit of name, description or tags makes no version.
   */
  readonly expectedVersion?: number;
}

/** The catalogue in which a conflict says what the later versions changed. */
export interface Worded {
  readonly catalogue?: Catalogue | undefined;
}

/** What came after the version that a caller read. */
export interface Overtaken {
  readonly key: string;
  readonly expected: number;
  readonly version: number;
  readonly by: readonly {
    readonly version: number;
    readonly createdBy: string;
    readonly createdAt: string;
    readonly applied: boolean;
    readonly changes: readonly string[];
  }[];
}

const MOST = 3;

/** @param catalogue to say the changes in words; without it the answer names authors and times only */
export async function overtaken(
  client: Queryable,
  key: string,
  expected: number,
  version: number,
  catalogue: Catalogue | undefined,
): Promise<Overtaken> {
  const later = (await listVersions(client, catalogue, key)).filter((one) => one.version > expected);
  return {
    key,
    expected,
    version,
    by: later.map(({ version: number, createdBy, createdAt, applied, changes }) => ({
      version: number,
      createdBy,
      createdAt,
      applied,
      changes,
    })),
  };
}

export function overtakenSentence({ key, expected, version, by }: Overtaken): string {
  const each = by
    .slice(0, MOST)
    .map(
      (one) =>
        `version ${one.version} is by ${one.createdBy} at ${one.createdAt}${one.changes.length === 0 ? '' : ` (${one.changes.join('; ')})`}`,
    );
  const more = by.length > MOST ? [`${by.length - MOST} more before that`] : [];
  return `${key} has version ${version}, not ${expected}${by.length === 0 ? '' : `: ${[...each, ...more].join(', ')}`}`;
}

/** Refuses what a caller would do to a version that it has not read. @throws {Failure} `conflict` with what the later versions changed; `not-found` */
export async function refuseOvertaken(
  client: Queryable,
  key: string,
  expected: number,
  catalogue?: Catalogue,
): Promise<void> {
  const { rows } = await client.query<{ version: number }>({ ...statement('segment-deleted'), values: [key] });
  if (rows[0]?.version !== expected) throw await whyNothingWritten(client, key, expected, catalogue);
}

/** Says why a statement found no row to write: the segment is not there, or has another version than the caller read. */
export async function whyNothingWritten(
  client: Queryable,
  key: string,
  expected: number | undefined,
  catalogue?: Catalogue,
): Promise<Failure> {
  const { rows } = await client.query<{ version: number }>({ ...statement('segment-deleted'), values: [key] });
  const version = rows[0]?.version;
  if (version === undefined || expected === undefined || version === expected) return noSegment(key);
  const data = await overtaken(client, key, expected, version, catalogue);
  return new Failure('conflict', `${overtakenSentence(data)}. Nothing was written.`, { data, exitCode: 1 });
}
