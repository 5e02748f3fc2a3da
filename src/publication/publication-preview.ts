/**
 * What a config changes, before it is published: each entry that differs, each segment that it concerns, and how many contacts would enter
 * and leave. It counts as the preview of an edit does, in limited time. Reads only.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { changeLine, configChanges, type ConfigChange, type PublishedConfig } from '../catalogue/published-config.ts';
import { Failure } from '../base/error.ts';
import type { Issue } from '../condition/issue.ts';
import type { Pool } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { movementOf } from '../preview/edit-preview.ts';
import { inLimitedSession } from '../preview/limited-session.ts';
import { changedSentence } from '../followed/fingerprint.ts';
import type { GuardLimits } from '../lifecycle/guard-limit.ts';
import { exceeds, movementText } from '../lifecycle/guard.ts';
import { concernedBy, type Concerned } from './concerned.ts';
import { segmentIds } from '../segment/read-segment.ts';

export interface ConcernedSegment {
  readonly key: string;
  /** Why, such as `its catalogue changed: fields.total`. */
  readonly reason: string;
  readonly members: number;
  /** Null when there was no time to count, or when the segment would become invalid. */
  readonly entering: number | null;
  readonly leaving: number | null;
  /** Whether all contacts were counted, or a sample. */
  readonly basis: 'exact' | 'sample';
  /** Why its condition does not fit the new catalogue: it would become `invalid`, and its members would stay as they are. */
  readonly issues: readonly Issue[];
}

export interface PublicationPreview {
  readonly differences: readonly ConfigChange[];
  readonly segments: readonly ConcernedSegment[];
}

export interface PublicationOptions {
  /** Milliseconds for one segment, 5,000 by default. */
  readonly timeout?: number;
  readonly signal?: AbortSignal;
}

/** Milliseconds for all segments. */
const ALL = 60_000;

/** @param before the published config; absent: there is none, and no segment can be compared */
export async function previewPublication(
  pool: Pool,
  before: PublishedConfig | undefined,
  after: PublishedConfig,
  catalogue: Catalogue,
  options: PublicationOptions = {},
): Promise<PublicationPreview> {
  if (before === undefined) return { differences: [], segments: [] };
  const differences = configChanges(before, after);
  if (differences.length === 0) return { differences, segments: [] };
  const end = performance.now() + ALL;
  const ids = await segmentIds(pool);
  const segments: ConcernedSegment[] = [];
  for (const one of await concernedBy(pool, catalogue)) {
    segments.push(
      await movement(pool, catalogue, one, ids, {
        ...options,
        timeout: Math.min(options.timeout ?? 5_000, Math.max(1, end - performance.now())),
      }),
    );
  }
  return { differences, segments };
}

async function movement(
  pool: Pool,
  catalogue: Catalogue,
  concerned: Concerned,
  ids: ReadonlyMap<string, number>,
  options: PublicationOptions,
): Promise<ConcernedSegment> {
  const { key, members, parts, plan, issues } = concerned;
  if (!plan)
    return {
      key,
      members,
      reason: 'its condition does not fit the new catalogue',
      entering: null,
      leaving: null,
      basis: 'exact',
      issues,
    };
  const about = { key, members, reason: changedSentence(parts), issues };
  const { timeout = 5_000, signal } = options;
  try {
    const { entering, leaving, basis } = await inLimitedSession(
      pool,
      { timeout, ...(signal ? { signal } : {}) },
      async (session) => {
        const now =
          (await session.client.query<{ instant: string }>({ ...statement('instant') })).rows[0]?.instant ?? '';
        return movementOf(
          session,
          { catalogue, plan, segmentId: (other) => ids.get(other) ?? 0 },
          { sample: 0, members },
          now,
        );
      },
    );
    return { ...about, entering, leaving, basis };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return { ...about, entering: null, leaving: null, basis: 'exact' };
  }
}

/** One line for each entry that differs, and one for each segment. */
export function publicationLines({ differences, segments }: PublicationPreview): readonly string[] {
  return [...differences.map(changeLine), ...segments.map(segmentLine)];
}

function segmentLine({ key, members, entering, leaving, basis, issues }: ConcernedSegment): string {
  const [issue] = issues;
  if (issue) return `${key}: would become invalid, and its members stay as they are: ${issue.message}`;
  if (entering === null || leaving === null)
    return `${key}: would be rebuilt; there was no time to count who would enter and leave`;
  return `${key}: ${basis === 'exact' ? '' : 'by a sample, about '}${movementText({ entering, leaving, members })}`;
}

/** @throws {Failure} `failed` when a segment would move more members than the limits allow, or an unknown number */
export function refuseMovement(preview: PublicationPreview, limits: GuardLimits): void {
  const over = preview.segments.filter(
    ({ entering, leaving, members, issues }) =>
      issues.length === 0 && (entering === null || leaving === null || exceeds({ entering, leaving, members }, limits)),
  );
  if (over.length === 0) return;
  throw new Failure(
    'failed',
    `The catalogue is not published: ${over.map(segmentLine).join('; ')}. The limits are ${limits.percent} % and ${limits.members.toLocaleString('en-US')} members. \`segmentd install --dry-run\` shows all, \`segmentd install --yes\` publishes it.`,
    { data: preview },
  );
}
