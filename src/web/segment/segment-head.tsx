/** Who this segment is and how it stands: name, key, state, freshness, proof, sentence, and what one can do with it. */
import type { SegmentOutline } from '../client/api.ts';
import { mayEdit, useMe } from '../client/me-context.ts';
import { changeText, numberText } from '../client/number-text.ts';
import { FreshnessChip } from '../part/freshness-chip.tsx';
import { Moment } from '../part/moment.tsx';
import { StateChip } from '../part/state-chip.tsx';
import { sentenceText } from './sentence-text.ts';
import { SegmentAction } from './segment-action.tsx';

/** Beside the name: how it stands, and what one can do with it. */
export function SegmentStanding({ segment }: { readonly segment: SegmentOutline }) {
  const editable = mayEdit(useMe());
  return (
    <>
      <StateChip state={segment.state} progress={segment.progress} />
      <Proof segment={segment} />
      <span class="grow" />
      {editable && <SegmentAction segment={segment} />}
    </>
  );
}

export function SegmentHead({ segment }: { readonly segment: SegmentOutline }) {
  const { key, description, live_version: live, members, change_day: change, tags, kind } = segment;
  return (
    <>
      <div class="facts">
        <span class="figure number" aria-live="polite">
          <b>{numberText(members)}</b> {members === 1 ? 'member' : 'members'}
          {change !== null && change !== 0 && <span class="quiet"> {changeText(change)} in a day</span>}
        </span>
        <span class="quiet">
          <code dir="auto">{key}</code>
        </span>
        <span class="quiet">
          {kind === 'dynamic' ? '' : `${kind} · `}
          {live === null ? `version ${segment.version}` : `version ${live}`} by {segment.edited_by},{' '}
          <Moment at={segment.edited_at} />
        </span>
        {tags.length > 0 && (
          <ul class="tags" aria-label="Tags">
            {tags.map((tag) => (
              <li key={tag} class="chip" dir="auto">
                {tag}
              </li>
            ))}
          </ul>
        )}
      </div>
      {description !== null && description !== '' && (
        <p class="description" dir="auto">
          {description}
        </p>
      )}
      {segment.sentence !== null && (
        <p class="sentence" dir="auto">
          {sentenceText(segment.sentence)}
        </p>
      )}
    </>
  );
}

function Proof({ segment: { fresh_as_of: fresh, proof, state } }: { readonly segment: SegmentOutline }) {
  return (
    <>
      {state === 'live' ? (
        // When it was read is no measure: members that no change moved are as fresh as all others.
        <FreshnessChip />
      ) : (
        fresh !== null && (
          <span class="chip quiet">
            fresh <Moment at={fresh} />
          </span>
        )
      )}
      {proof !== null && (
        <span class="chip quiet" title="An audit compared the members with the data. Whatever differed was repaired.">
          proved <Moment at={proof.at} />: {numberText(proof.differences)} of {numberText(proof.contacts)} differ
        </span>
      )}
    </>
  );
}
