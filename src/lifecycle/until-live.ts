/**
 * Waits until membership follows the wanted version of a segment, after a first build, an edit or a requested rebuild. Reads only:
 * a worker must run elsewhere.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { CALL_DEFAULTS, parseDuration } from '../base/option.ts';
import { Failure, noSegment } from '../base/error.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { requireCapture } from '../capture/require-capture.ts';
import { staleReferences, staleSentence, waitsInVain } from '../segment/stale-reference.ts';
import type { BuildPhase, SegmentState, VersionState, WantedState } from './state.ts';
import type { Issue } from '../condition/issue.ts';
import { RefusedCondition } from '../condition/refused-condition.ts';

export interface UntilLiveOptions {
  /** Milliseconds; default 10 minutes. */
  readonly timeout?: number;
  /** Milliseconds in which no build makes progress, in place of a `timeout`. */
  readonly stuckAfter?: number;
  /** The same while no worker is seen. */
  readonly unattendedAfter?: number;
  readonly signal?: AbortSignal;
  /** Also returns when the segment does not become live without a caller: paused, held, invalid or failed. */
  readonly standing?: boolean;
  /** Also returns when the version that was wanted at the first look is live, whatever callers want since. */
  readonly first?: boolean;
  /** Called with the share of the running build that is done, 0 to 1. */
  readonly onProgress?: (fraction: number) => void;
}

interface Row {
  readonly state: SegmentState;
  readonly wanted_state: WantedState;
  readonly version: number;
  readonly live_version: number | null;
  readonly version_state: VersionState | null;
  readonly error: unknown;
  readonly confirmed: boolean;
  readonly phase: BuildPhase | null;
  readonly progress: number | null;
  readonly owed: boolean;
  readonly attended: boolean;
  readonly mark: string;
}

const EVERY_MS = 50;
/** After this long it looks whether the segment waits for another one that will not be built. */
const PATIENCE_MS = 1_000;

/**
 * @throws {Failure} `not-found`; `conflict` when the segment is away, or held until a caller confirms it; `failed` with the recorded error as
 *   `data`, when it reads a segment that will not be built, and when the time is over
 */
export async function untilLive(client: Queryable, key: string, options: UntilLiveOptions = {}): Promise<void> {
  const { stuckAfter = Infinity, unattendedAfter = Infinity } = options;
  const unlimited = options.stuckAfter !== undefined;
  const timeout = options.timeout ?? (unlimited ? Infinity : parseDuration(CALL_DEFAULTS.buildTimeout));
  const began = performance.now();
  const end = began + timeout;
  let mark: string | undefined;
  /** performance.now() when something moved last, and when that or a worker was seen last. */
  let moved = began;
  let attended = began;
  let first: number | undefined;
  for (let asking = performance.now() + PATIENCE_MS; ;) {
    const { rows } = await client.query<Row>({ ...statement('segment-progress'), values: [key] });
    const row = rows[0];
    if (!row) throw noSegment(key);
    const deadEnd = deadEndOf(key, row, options.standing === true);
    if (deadEnd && options.standing === true) return;
    if (deadEnd) throw deadEnd;
    first ??= row.version;
    if (isLive(row) || (options.first === true && row.live_version !== null && row.live_version >= first)) return;
    if (row.live_version === null) await requireCapture(client);
    if (row.progress !== null) options.onProgress?.(row.progress);
    if (row.live_version === null && performance.now() > Math.min(asking, end)) {
      asking += PATIENCE_MS;
      const vain = (await staleReferences(client, key)).find(waitsInVain);
      if (vain && options.standing === true) return;
      if (vain) throw new Failure('failed', staleSentence(vain));
    }
    const now = performance.now();
    if (row.mark !== mark) attended = moved = now;
    else if (row.attended) attended = now;
    mark = row.mark;
    if (now > Math.min(end, moved + stuckAfter, attended + unattendedAfter)) {
      const seconds = now > end ? Number((timeout / 1000).toFixed(2)) : Math.round((now - began) / 1000);
      throw new Failure(
        'failed',
        `${key} is not live after ${seconds} s: its state is ${row.state}. Is a worker running (segmentd run)?`,
      );
    }
    await pause(EVERY_MS, undefined, options.signal ? { signal: options.signal } : {});
  }
}

function isLive(row: Row): boolean {
  const building = row.phase === 'staging';
  return row.state === 'live' && row.live_version === row.version && !row.owed && !building;
}

/** Says why the segment does not become live without a caller; undefined when it may. */
function deadEndOf(key: string, row: Row, standing: boolean): Failure | undefined {
  if (row.wanted_state !== 'live')
    return new Failure('conflict', `${key} is ${row.wanted_state}, so it will not become live.`);
  // It stays invalid until the worker validates it: a new version, or one for which a caller asked a rebuild.
  const unvalidated = row.state === 'invalid' && (row.version_state === 'proposed' || row.owed) && !standing;
  if ((row.version_state === 'invalid' || row.state === 'invalid') && !unvalidated) {
    const sentence = `${key} version ${row.version} is invalid.`;
    const issues = issuesOf(row.error);
    return issues === undefined
      ? new Failure('failed', sentence, { data: row.error })
      : new RefusedCondition(sentence, issues, { code: 'failed' });
  }
  if (row.version_state === 'held' && !row.confirmed) {
    return new Failure(
      'conflict',
      `${key} version ${row.version} is held: ${messageOf(row.error)} segmentd edit ${key} --yes lets it through.`,
      { data: row.error },
    );
  }
  if (row.state === 'failed' && !row.owed)
    return new Failure('failed', `${key} failed; segmentd show ${key} says why.`, { data: row.error });
  return undefined;
}

function messageOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'message' in error
    ? String(error.message)
    : 'it waits to be confirmed.';
}

/** The worker writes the issues of a condition as it found them. */
function issuesOf(error: unknown): readonly Issue[] | undefined {
  return typeof error === 'object' && error !== null && 'issues' in error && Array.isArray(error.issues)
    ? (error.issues as readonly Issue[])
    : undefined;
}
