/**
 * The only statements that change a row of `segmentd.segment_version`; the trigger `segment_after` inserts it as `proposed`.
 * Each changes the state as transition.ts allows. The caller holds the row of the segment. Must not write other tables.
 */
import type { Queryable } from '../postgres/pool.ts';
import type { Fingerprint } from '../followed/fingerprint.ts';

export interface VersionId {
  readonly id: number;
  readonly version: number;
}

/** The wanted versions of these segments, proposed or held, are accepted. */
export async function markVersionAccepted(client: Queryable, ids: readonly number[]): Promise<void> {
  await client.query(
    `update segmentd.segment_version v set state = 'accepted', error = null
     from segmentd.segment s where s.id = v.segment_id and s.version = v.version and v.state in ('proposed', 'held') and s.id = any ($1::int[])`,
    [ids],
  );
}

/** A version does not fit, or cannot be built. */
export async function markVersionInvalid(client: Queryable, { id, version }: VersionId, error: string): Promise<void> {
  await client.query(
    `update segmentd.segment_version set state = 'invalid', error = $3 where segment_id = $1 and version = $2`,
    [id, version, error],
  );
}

/** A built version moves too many members: it is held. When a later version is wanted by now, it is superseded. */
export async function markVersionHeld(client: Queryable, { id, version }: VersionId, error: string): Promise<void> {
  await client.query(
    `update segmentd.segment_version v set state = case when s.version = $2 then 'held' else 'superseded' end, error = $3
     from segmentd.segment s where s.id = $1 and v.segment_id = s.id and v.version = $2`,
    [id, version, error],
  );
}

/** Versions that wait for a decision, and that a later version has replaced. */
export async function supersedeVersions(client: Queryable): Promise<void> {
  await client.query(
    `update segmentd.segment_version v set state = 'superseded'
     from segmentd.segment s where s.id = v.segment_id and v.version < s.version and v.state in ('proposed', 'held')`,
  );
}

/** Rejected versions are proposed again, because what stood against them is no more. Returns how many. */
export async function proposeRejected(client: Queryable, versions: readonly VersionId[]): Promise<number> {
  const { rowCount } = await client.query(
    `update segmentd.segment_version v set state = 'proposed', error = null
     from unnest($1::int[], $2::int[]) as free(segment_id, version)
     where v.segment_id = free.segment_id and v.version = free.version and v.state = 'invalid'`,
    [versions.map(({ id }) => id), versions.map(({ version }) => version)],
  );
  return rowCount ?? 0;
}

/**
 * A segment returns: its wanted version is proposed again when it was rejected.
 * @param always in whatever state it is: while a segment was deleted, no worker compared its version with other segments and tables
 */
export async function proposeReturned(client: Queryable, id: number, always: boolean): Promise<void> {
  await client.query(
    `update segmentd.segment_version v set state = 'proposed', error = null
     from segmentd.segment s where s.id = $1 and v.segment_id = s.id and v.version = s.version and ($2 or v.state = 'invalid')`,
    [id, always],
  );
}

/** What a version says in English, and the names of what it reads. */
export interface Said {
  readonly sentence: string;
  /** Fields and relations, in order: `country`, `orders`, `orders.total`. */
  readonly reads: readonly string[];
  /** Keys of segments, in order. */
  readonly readsSegments: readonly string[];
}

/**
 * What versions say. The rows need not be held, because nothing is decided by a sentence. A row that another worker writes
 * is left to that worker: two that waited for each other would deadlock.
 */
export async function writeSentences(client: Queryable, versions: readonly (VersionId & Said)[]): Promise<void> {
  await client.query(
    `with said as (
       select f.segment_id, f.version, u.said
       from unnest($1::int[], $2::int[], $3::jsonb[]) as u(segment_id, version, said)
       join segmentd.segment_version f on f.segment_id = u.segment_id and f.version = u.version
       for no key update of f skip locked
     )
     update segmentd.segment_version v set sentence = said.said ->> 'sentence',
       reads = array(select jsonb_array_elements_text(said.said -> 'reads')),
       reads_segments = array(select jsonb_array_elements_text(said.said -> 'readsSegments'))
     from said where v.segment_id = said.segment_id and v.version = said.version`,
    [
      versions.map(({ id }) => id),
      versions.map(({ version }) => version),
      versions.map(({ sentence, reads, readsSegments }) => JSON.stringify({ sentence, reads, readsSegments })),
    ],
  );
}

/** Under what the members of a version were built. */
export async function recordFingerprint(
  client: Queryable,
  { id, version }: VersionId,
  fingerprint: Fingerprint,
): Promise<void> {
  await client.query('update segmentd.segment_version set fingerprint = $3 where segment_id = $1 and version = $2', [
    id,
    version,
    JSON.stringify(fingerprint),
  ]);
}

/** A snapshot is made: its members no longer depend on the condition. */
export async function dropCondition(client: Queryable, { id, version }: VersionId): Promise<void> {
  await client.query('update segmentd.segment_version set condition = null where segment_id = $1 and version = $2', [
    id,
    version,
  ]);
}
