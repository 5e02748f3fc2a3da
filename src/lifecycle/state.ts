/**
 * The states of segments, versions and builds: each name once. Every transition between them is in this folder, and no other
 * code writes these columns. Pure, and below the stores, so that tables, types and SQL all read the same lists.
 */

/** `dynamic` follows a condition; members of `static` are added by callers; a `snapshot` is a condition's result, kept. */
export const SEGMENT_KINDS = ['dynamic', 'static', 'snapshot'] as const;
export type SegmentKind = (typeof SEGMENT_KINDS)[number];

/** What a caller wants a segment to be. */
export const WANTED_STATES = ['live', 'paused', 'archived', 'deleted'] as const;
export type WantedState = (typeof WANTED_STATES)[number];

/** What a segment is; written by workers. */
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

/** What became of a wanted version. */
export const VERSION_STATES = ['proposed', 'accepted', 'held', 'invalid', 'superseded'] as const;
export type VersionState = (typeof VERSION_STATES)[number];
