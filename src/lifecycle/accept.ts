/**
 * Rule E of PROTOCOL.md.
 * Accepts or rejects proposed versions, whether plain SQL or the API wrote them. One worker at a time holds an advisory lock for it,
 * because two edits at once could close a cycle. A rejected edit leaves the live version followed; `error` describes the wanted one.
 */
import { codeOf, isCutConnection, readingOf, sqlState } from '../base/error.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Issue } from '../condition/issue.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import { bumpGeneration } from '../followed/registry.ts';
import { lockClass, single } from '../postgres/advisory-lock.ts';
import type { Client, Pool } from '../postgres/pool.ts';
import { readReferences } from '../segment/reference-graph.ts';
import { readFirst } from '../segment/reference.ts';
import { acceptConfirmed, CONFIRMED } from './guard.ts';
import { saidOf } from './sentence.ts';
import { STATEMENT_TIMEOUT, validate, type ProposedVersion } from './validate.ts';
import { inWorkerTransaction } from './worker-transaction.ts';
import { cancelBuild } from './write-build.ts';
import { markAccepted, markRejected } from './write-segment.ts';
import { markVersionAccepted, markVersionInvalid, supersedeVersions, writeSentences } from './write-version.ts';

const TIMEOUTS = { lockTimeout: 2_000, statementTimeout: STATEMENT_TIMEOUT, idleTimeout: 30_000 } as const;

/** A row that a caller's open transaction holds is validated after that transaction: no other version waits for it. */
const PROPOSED = `
  select s.id, s.key, v.version, v.kind, v.condition, v.condition is not null as conditioned, v.timezone
  from segmentd.segment_version v
  join segmentd.segment s on s.id = v.segment_id and s.version = v.version
  where v.state = 'proposed' and s.wanted_state in ('live', 'paused')
  order by s.id
  limit 100
  for no key update of s skip locked`;

/** A version does not fit a catalogue that may be older than the tables. */
class CatalogueInDoubt extends Error {}

/**
 * Validates at most a hundred proposed versions, and accepts the held versions that callers confirmed. Returns how many.
 * @param recall reads the catalogue again: a version is never rejected under a catalogue that may lack a new column
 */
export async function acceptVersions(
  pool: Pool,
  catalogue: Catalogue,
  recall?: () => Promise<Catalogue>,
): Promise<number> {
  const waiting = await pool.query(
    `select from segmentd.segment_version v join segmentd.segment s on s.id = v.segment_id where v.state = 'proposed' or ${CONFIRMED} limit 1`,
  );
  if (waiting.rowCount === 0) return 0;
  try {
    return await acceptAll(pool, catalogue, recall !== undefined);
  } catch (error) {
    if (!recall || !(error instanceof CatalogueInDoubt)) throw error;
    return acceptAll(pool, await recall(), false);
  }
}

async function acceptAll(pool: Pool, catalogue: Catalogue, inDoubt: boolean): Promise<number> {
  return inWorkerTransaction(pool, TIMEOUTS, async (client) => {
    await client.query('select pg_advisory_xact_lock($1, $2)', [lockClass.single, single.accept]);
    const { rows } = await client.query<ProposedVersion>(PROPOSED);
    // A chain is validated from its foot: then its top is rejected as too deep, not its middle.
    const { reads } = await readReferences(client);
    let decided = 0;
    for (const row of readFirst(rows, reads)) if (await decide(client, catalogue, row, inDoubt)) decided += 1;
    decided += await acceptConfirmed(client);
    await supersedeVersions(client);
    if (decided > 0) await bumpGeneration(client);
    return decided;
  });
}

/**
 * Accepts or rejects one version. Returns false when a table that it reads is locked: it stays proposed, and the others are validated.
 * A version that cannot even be checked is rejected like any other, and no other version waits for it.
 * @throws {CatalogueInDoubt}
 */
async function decide(client: Client, catalogue: Catalogue, row: ProposedVersion, inDoubt: boolean): Promise<boolean> {
  await client.query('savepoint decided');
  try {
    const issues = await validate(client, catalogue, row);
    if (issues?.length === 0) await accept(client, catalogue, row);
    else if (issues && inDoubt) throw new CatalogueInDoubt();
    else if (issues) await reject(client, catalogue, row, issues);
    await client.query('release savepoint decided');
    return issues !== undefined;
  } catch (error) {
    if (!isOfCondition(error)) throw error;
    await client.query('rollback to savepoint decided');
    await reject(client, catalogue, row, [notCheckable(sqlState(error))]);
    return true;
  }
}

/** Whether the condition itself made the check fail: not the connection, the server or a person who cancelled. */
function isOfCondition(error: unknown): boolean {
  const code = sqlState(error);
  if (code !== undefined) return readingOf(code) === 'poison';
  return !(error instanceof CatalogueInDoubt || isCutConnection(error) || codeOf(error) !== '');
}

function notCheckable(code: string | undefined): Issue {
  const why = code === undefined ? '' : ` (SQLSTATE ${code})`;
  return {
    code: 'not-checkable',
    pointer: '',
    message: `The condition cannot be checked${why}.`,
    hint: 'write it anew, with fewer operators inside one another',
  };
}

async function accept(client: Client, catalogue: Catalogue, row: ProposedVersion): Promise<void> {
  const { id, version } = row;
  const said = saidOf(catalogue, row);
  if (said) await writeSentences(client, [{ id, version, ...said }]);
  await markVersionAccepted(client, [id]);
  await markAccepted(client, [id]);
}

async function reject(
  client: Client,
  catalogue: Catalogue,
  row: ProposedVersion,
  issues: readonly Issue[],
): Promise<void> {
  // `drift`: the version is validated again when the tables have changed.
  const passing = issues.some((issue) => issue.code === 'withheld') ? { code: 'drift' } : {};
  const error = JSON.stringify({ version: row.version, ...passing, issues });
  await markVersionInvalid(client, row, error);
  const state = await markRejected(client, row.id, error, cataloguePrint(catalogue));
  // A first build of an earlier version ends with it: drains park nothing for a segment that is invalid.
  if (state === 'invalid') await cancelBuild(client, row.id);
}
