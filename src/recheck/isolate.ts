/**
 * After a batch of one contact that failed for its content (SQLSTATE 22xxx, 42xxx, 54xxx, or a limit that it reached):
 * its pairs are queued, and the segments are tried in groups, halved where one fails. A segment that fails alone is
 * frozen with its SQLSTATE; the others go on and are on time. Invariant: one transaction takes no more pairs than one
 * contact has segments, and those of a second contact at most.
 */
import { LOCK_NOT_AVAILABLE, sqlState } from '../base/error.ts';
import { CROSSINGS } from '../postgres/lock.ts';
import type { Pool } from '../postgres/pool.ts';
import { freezeSegment } from '../lifecycle/freeze.ts';
import { cataloguePrint } from '../followed/fingerprint.ts';
import type { Registry } from '../followed/registry.ts';
import { attempt } from './attempt.ts';
import { shardsOfContact } from './consume.ts';
import type { Taken } from './drain-option.ts';
import type { DrainSession } from './drain-session.ts';

export interface IsolateOptions {
  /** Whether the catalogue of the failed statements is no longer that of now; then the segments have been dealt with. */
  readonly hasChanged: () => Promise<boolean>;
  /** Ends it between two statements; what is queued stays queued. */
  readonly signal?: AbortSignal | undefined;
}

/** Segments that are tried together first: planning as many takes less than FIRST_TRY. */
const GROUP = 200;
/** Milliseconds that each group gets before the other groups had their turn: a slow segment must not make them late. */
const FIRST_TRY = 1_000;
const RETRY_AFTER_MS = 500;

/** Returns the segments it froze. @param taken what the failed batch was about: one contact */
export async function isolate(
  session: DrainSession,
  pool: Pool,
  registry: Registry,
  taken: Taken,
  options: IsolateOptions,
): Promise<number[]> {
  const [contact] = taken.contacts;
  if (contact === undefined) return [];
  const [shard] = await shardsOfContact(session, contact);
  if (shard === undefined) return [];
  const queued = await attempt(session, registry, {
    batchSize: 2,
    exact: true,
    lanes: [shard, CROSSINGS + shard],
    rechecks: false,
    defer: true,
  });
  // Cancelled, or too slow to queue: the batch comes again as it was.
  if (queued.kind !== 'drained') return [];
  const failing = await failingAlone(session, registry, { ...taken, contact }, options);
  const frozen: number[] = [];
  for (const segment of failing) {
    // Only slowness depends on how much is asked at once, so each gets all the time that a batch has.
    const code = await failure(session, registry, { segments: [segment], contact }, options);
    if (code !== undefined && (await freeze(session, pool, segment, code, cataloguePrint(registry.catalogue), options)))
      frozen.push(segment);
  }
  return frozen;
}

interface Suspects {
  readonly contact: string;
  readonly segments: readonly number[];
}

/** The segments that failed in a group of their own. Who is read comes before who reads. */
async function failingAlone(
  session: DrainSession,
  registry: Registry,
  { contact, segments }: Suspects,
  options: IsolateOptions,
): Promise<number[]> {
  const levels = registry.latest?.levels;
  const ordered = segments.toSorted((a, b) => (levels?.get(a) ?? 0) - (levels?.get(b) ?? 0) || a - b);
  const waiting: (readonly number[])[] = [];
  for (let from = 0; from < ordered.length; from += GROUP) waiting.push(ordered.slice(from, from + GROUP));
  const failing: number[] = [];
  for (let group = waiting.shift(); group !== undefined && options.signal?.aborted !== true; group = waiting.shift()) {
    const code = await failure(session, registry, { segments: group, contact }, options, FIRST_TRY);
    if (code === undefined) continue;
    const half = Math.ceil(group.length / 2);
    if (group.length === 1) failing.push(...group);
    // Last: the groups that nothing is known of come first, for most of them pass.
    else waiting.push(group.slice(0, half), group.slice(half));
  }
  return failing;
}

/**
 * SQLSTATE with which the queued work of a contact fails in these segments, if it does. A cancel is no answer: it is
 * asked again.
 */
async function failure(
  session: DrainSession,
  registry: Registry,
  { segments, contact }: Suspects,
  options: IsolateOptions,
  statementTimeout?: number,
): Promise<string | undefined> {
  while (options.signal?.aborted !== true) {
    const limit = statementTimeout === undefined ? {} : { statementTimeout };
    const outcome = await attempt(session, registry, {
      batchSize: segments.length,
      only: { segments, contact },
      ...limit,
    });
    if (outcome.kind === 'drained') return undefined;
    if (outcome.kind !== 'cancelled') return outcome.code;
  }
  return undefined;
}

async function freeze(
  session: DrainSession,
  pool: Pool,
  segment: number,
  code: string,
  under: string,
  options: IsolateOptions,
): Promise<boolean> {
  if (code.startsWith('42') && (await options.hasChanged())) return false;
  const message = `Postgres refused to evaluate the condition (SQLSTATE ${code}).`;
  try {
    await freezeSegment(
      pool,
      segment,
      { state: 'failed', error: { code: 'failed', sqlstate: code, message } },
      'live',
      under,
    );
    return true;
  } catch (error) {
    if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
    // A caller's transaction holds its row: its turn comes again.
    session.postpone([segment], RETRY_AFTER_MS);
    return false;
  }
}
