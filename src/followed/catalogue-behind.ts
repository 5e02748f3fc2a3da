/** The error of a worker whose catalogue is older than what the segments were built under. It loads nothing. */

/**
 * Our catalogue may be older than that of other workers: another one is published, a followed segment cannot be planned, or a segment was
 * built under other facts than ours. A drain that went on would lose work, or write verdicts of an older meaning.
 */
export class CatalogueBehind extends Error {
  readonly segments: readonly number[];

  constructor(segments: readonly number[]) {
    super(
      segments.length === 0
        ? 'another catalogue was published'
        : `the catalogue does not fit the segments ${segments.join(', ')}`,
    );
    this.segments = segments;
  }
}
