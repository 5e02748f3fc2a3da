/** Another person saved the segment while it was edited here: both edits side by side, and what can be done. Nothing is lost either way. */
import type { Segment } from '../client/api.ts';
import type { Vocabulary } from './builder-vocabulary.ts';
import { differencesOf, type Difference } from './draft-difference.ts';
import { partsOfSegment, type SegmentParts } from './segment-draft.ts';

export function ConflictView({
  base,
  theirs,
  mine,
  vocabulary,
  onTheirs,
  onMine,
  onClose,
}: {
  /** What both began with. */
  readonly base: Segment;
  readonly theirs: Segment;
  readonly mine: SegmentParts;
  readonly vocabulary: Vocabulary;
  readonly onTheirs: () => void;
  readonly onMine: () => void;
  readonly onClose: () => void;
}) {
  const before = partsOfSegment(base);
  const theirChanges = differencesOf(before, partsOfSegment(theirs), vocabulary);
  const myChanges = differencesOf(before, mine, vocabulary);
  const both = myChanges.filter(({ part }) => theirChanges.some((one) => one.part === part));
  return (
    <>
      <h2 id="save-title">This segment was saved meanwhile</h2>
      <p>
        Version {theirs.version} is by <bdi>{theirs.updated_by}</bdi>. Your draft began with version {base.version}.
      </p>
      <div class="two">
        <Side title="Their version" changes={theirChanges} />
        <Side title="Your draft" changes={myChanges} />
      </div>
      <p class="quiet">
        {both.length === 0
          ? 'You changed different parts: yours fit on top of theirs.'
          : `Both changed: ${both.map(({ name }) => name.toLowerCase()).join(', ')}.`}{' '}
        Undo brings your draft back in either case.
      </p>
      <p class="dialog-end">
        <button type="button" onClick={onClose}>
          Back to the draft
        </button>
        <span class="grow" />
        <button type="button" onClick={onTheirs}>
          Take their version
        </button>
        <button type="button" class="primary" onClick={onMine}>
          Put mine on top and review
        </button>
      </p>
    </>
  );
}

function Side({ title, changes }: { readonly title: string; readonly changes: readonly Difference[] }) {
  return (
    <section aria-label={title}>
      <h3>{title}</h3>
      {changes.length === 0 && <p class="quiet">Nothing that shows here.</p>}
      {changes.map(({ part, name, after }) => (
        <p key={part}>
          <strong>{name}:</strong> {after ?? 'none'}
        </p>
      ))}
    </section>
  );
}
