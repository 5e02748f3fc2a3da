/**
 * The states of segments, versions and builds: each name once, and the sets of states that code and SQL ask about. Pure, and
 * below the stores, so that tables, types and statements read the same lists. The transitions are in transition.ts.
 */

/** `dynamic` follows a condition; callers add the members of a `static` segment; a `snapshot` keeps the result of a condition. */
export const SEGMENT_KINDS = ['dynamic', 'static', 'snapshot'] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

/** What a caller wants a segment to be: `segment.wanted_state`. Callers write it. */
export const WANTED_STATES = ['live', 'paused', 'archived', 'deleted'] as const;
export type WantedState = (typeof WANTED_STATES)[number];

/** What a segment is: `segment.state`. Workers write it. */
export const SEGMENT_STATES = [
  'building',
  'live',
  'held',
  'paused',
  'invalid',
  'failed',
  'archived',
  'deleted',
] as const;
export type SegmentState = (typeof SEGMENT_STATES)[number];

/** What became of a version: `segment_version.state`. A caller's edit makes it `proposed`, workers write the rest. */
export const VERSION_STATES = ['proposed', 'accepted', 'held', 'invalid', 'superseded'] as const;
export type VersionState = (typeof VERSION_STATES)[number];

/** How far the last build of a segment came: `build.phase`. Only `staging` is a build that runs. */
export const BUILD_PHASES = ['staging', 'done', 'cancelled', 'failed'] as const;
export type BuildPhase = (typeof BUILD_PHASES)[number];

/**
 * A followed segment has work: drains recheck it under its live version and park contacts for its build. A held segment follows its
 * live version. In SQL: `segmentd_internal.is_followed(state)` (sql/object/segment-state.sql).
 */
export const FOLLOWED_STATES = ['building', 'live', 'held'] as const satisfies readonly SegmentState[];

/** In these states a build may begin: a failed segment is built again when a request or a new version asks for it. */
export const BUILDABLE_STATES = [...FOLLOWED_STATES, 'failed'] as const satisfies readonly SegmentState[];

/** The worker froze the segment: its members stay as they are until its condition fits or evaluates again. */
export const FROZEN_STATES = ['invalid', 'failed'] as const satisfies readonly SegmentState[];

/** The worker follows the segment, or tries to: it is not away. */
export const ACTIVE_STATES = [...FOLLOWED_STATES, ...FROZEN_STATES] as const satisfies readonly SegmentState[];

/** A caller put the segment away: nothing follows it until the caller wants it live again. */
export const AWAY_STATES = ['paused', 'archived', 'deleted'] as const satisfies readonly SegmentState[];

/** As `segmentd_internal.is_followed` in SQL. */
export function isFollowed(state: SegmentState): boolean {
  return isOneOf(FOLLOWED_STATES, state);
}

export function isBuildable(state: SegmentState): boolean {
  return isOneOf(BUILDABLE_STATES, state);
}

export function isAway(state: SegmentState): boolean {
  return isOneOf(AWAY_STATES, state);
}

function isOneOf<T extends string>(states: readonly T[], state: T): boolean {
  return states.includes(state);
}
