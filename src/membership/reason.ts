/** Why contacts enter and leave. Pure. */

/** Why a pair moved. The first in the list wins when there are several causes. */
export const REASONS = ['delete', 'manual', 'contact', 'related', 'segment', 'time', 'repair', 'edit'] as const;
export type Reason = (typeof REASONS)[number];

/** The reason of the two that comes first in `REASONS`. */
export function firstReason(a: Reason, b: Reason): Reason {
  return REASONS.indexOf(a) <= REASONS.indexOf(b) ? a : b;
}
