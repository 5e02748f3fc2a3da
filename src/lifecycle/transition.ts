/**
 * Every transition of segments, versions and builds, as data: from which state to which, and which function writes it. README.md
 * draws this table, and a test plays every row of it against Postgres. Describes only; the writers are in write-*.ts.
 */
import type { BuildPhase, SegmentState, VersionState } from './state.ts';
import type * as writeBuild from './write-build.ts';
import type * as writeSegment from './write-segment.ts';
import type * as writeVersion from './write-version.ts';

/** `caller`: a trigger of sql/object/segment-trigger.sql, in the caller's transaction. */
export interface Transition<State, Writer> {
  /** Null: the row is new. */
  readonly from: State | null;
  readonly to: State;
  readonly by: readonly (Writer | 'caller')[];
}

type SegmentWriter = Extract<keyof typeof writeSegment, `mark${string}`>;
type VersionWriter = Extract<keyof typeof writeVersion, `mark${string}` | `propose${string}` | 'supersedeVersions'>;
type BuildWriter = Extract<keyof typeof writeBuild, `${string}Build`>;

type Rows<State extends string, Writer> = readonly (readonly [
  from: State | null,
  to: State,
  ...by: (Writer | 'caller')[],
])[];

const table = <State extends string, Writer>(rows: Rows<State, Writer>): readonly Transition<State, Writer>[] =>
  rows.map(([from, to, ...by]) => ({ from, to, by }));

export const SEGMENT_TRANSITIONS = table<SegmentState, SegmentWriter>([
  [null, 'building', 'caller'],
  ['building', 'live', 'markLive', 'markHeld', 'markUnbuildable', 'markTakenOver'],
  ['building', 'held', 'markHeld', 'markLive'],
  ['building', 'invalid', 'markRejected', 'markFrozen'],
  ['building', 'failed', 'markFrozen'],
  ['live', 'building', 'markBuilding'],
  ['live', 'invalid', 'markFrozen'],
  ['live', 'failed', 'markFrozen'],
  ['held', 'building', 'markBuilding'],
  ['held', 'live', 'markAccepted', 'markRejected'],
  ['held', 'invalid', 'markFrozen'],
  ['held', 'failed', 'markFrozen'],
  ['invalid', 'building', 'markAccepted', 'markUnfrozen'],
  ['invalid', 'live', 'markTakenOver'],
  ['invalid', 'failed', 'markFrozen'],
  ['failed', 'building', 'markBuilding', 'markAccepted', 'markUnfrozen'],
  ['failed', 'live', 'markTakenOver'],
  ['failed', 'invalid', 'markRejected'],
  ['building', 'paused', 'markAway'],
  ['building', 'archived', 'markAway'],
  ['building', 'deleted', 'markAway'],
  ['live', 'paused', 'markAway'],
  ['live', 'archived', 'markAway'],
  ['live', 'deleted', 'markAway'],
  ['held', 'paused', 'markAway'],
  ['held', 'archived', 'markAway'],
  ['held', 'deleted', 'markAway'],
  ['invalid', 'paused', 'markAway'],
  ['invalid', 'archived', 'markAway'],
  ['invalid', 'deleted', 'markAway'],
  ['failed', 'paused', 'markAway'],
  ['failed', 'archived', 'markAway'],
  ['failed', 'deleted', 'markAway'],
  ['paused', 'archived', 'markAway'],
  ['paused', 'deleted', 'markAway'],
  ['archived', 'paused', 'markAway'],
  ['archived', 'deleted', 'markAway'],
  ['paused', 'building', 'markBuilding'],
  ['archived', 'building', 'markBuilding'],
  ['deleted', 'building', 'markBuilding'],
  // Edited while it was away and before it had a live version.
  ['paused', 'invalid', 'markRejected'],
  ['archived', 'invalid', 'markRejected'],
  ['deleted', 'invalid', 'markRejected'],
]);

export const VERSION_TRANSITIONS = table<VersionState, VersionWriter>([
  [null, 'proposed', 'caller'],
  ['proposed', 'accepted', 'markVersionAccepted'],
  ['proposed', 'invalid', 'markVersionInvalid'],
  ['proposed', 'superseded', 'supersedeVersions'],
  ['accepted', 'held', 'markVersionHeld'],
  ['accepted', 'superseded', 'markVersionHeld'],
  ['accepted', 'invalid', 'markVersionInvalid'],
  ['accepted', 'proposed', 'proposeReturned'],
  ['held', 'accepted', 'markVersionAccepted'],
  ['held', 'superseded', 'supersedeVersions'],
  ['held', 'proposed', 'proposeReturned'],
  ['invalid', 'proposed', 'proposeRejected', 'proposeReturned'],
]);

/** A build that ended keeps its row: the next one begins there, and a freeze or a request names it anew. */
export const BUILD_TRANSITIONS = table<BuildPhase, BuildWriter>([
  [null, 'staging', 'beginBuild'],
  ['staging', 'done', 'endBuild'],
  ['staging', 'cancelled', 'cancelBuild'],
  ['staging', 'failed', 'failBuild'],
  ['done', 'staging', 'beginBuild'],
  ['cancelled', 'staging', 'beginBuild'],
  ['failed', 'staging', 'beginBuild'],
  ['done', 'cancelled', 'cancelBuild'],
  ['done', 'failed', 'failBuild'],
  ['cancelled', 'failed', 'failBuild'],
  ['failed', 'cancelled', 'cancelBuild'],
]);
