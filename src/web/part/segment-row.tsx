/** One segment in the list: what it is, how large, how it moves, how it stands, who uses and who edited it. */
import type { SegmentOutline } from '../client/api.ts';
import { changeText, numberText } from '../client/number-text.ts';
import { Moment } from './moment.tsx';
import { SegmentNeed } from './segment-need.tsx';
import { SparkLine } from './spark-line.tsx';
import { StateChip } from './state-chip.tsx';

/** @param segment undefined: not read yet */
export function SegmentRow({ segment }: { readonly segment: SegmentOutline | undefined }) {
  if (!segment)
    return (
      <span role="cell" class="what">
        <span class="hidden-text">Loading…</span>
        <span class="skeleton-bar" aria-hidden="true" />
      </span>
    );
  const { key, name, sentence, description, tags, members, change_day: change } = segment;
  const isCounted = segment.kind === 'static' || segment.live_version !== null;
  return (
    <>
      <div role="cell" class="what">
        <a href={`/segments/${encodeURIComponent(key)}`} dir="auto">
          {name ?? key}
        </a>
        {tags.map((tag) => (
          <span key={tag} class="tag" dir="auto">
            {tag}
          </span>
        ))}
        <p class="said" dir="auto">
          {sentence ?? description ?? KIND_WORDS[segment.kind]}
        </p>
      </div>
      <div role="cell" class="members right number">
        {isCounted ? <strong>{numberText(members)}</strong> : <span class="quiet">not yet</span>}
        {isCounted && change !== null && <small>{change === 0 ? '±0' : changeText(change)} in a day</small>}
      </div>
      <div role="cell" class="days">
        {isCounted && <SparkLine values={segment.spark} />}
      </div>
      <div role="cell" class="how">
        <StateChip state={segment.state} progress={segment.progress} />
        {segment.needs ? (
          <SegmentNeed segmentKey={key} need={segment.needs} />
        ) : (
          segment.proof && (
            <small title={`${numberText(segment.proof.contacts)} contacts were compared with the data.`}>
              proved <Moment at={segment.proof.at} />
            </small>
          )
        )}
      </div>
      <div role="cell" class="uses right number">
        {segment.used_by === 0 ? <span class="quiet">–</span> : numberText(segment.used_by)}
      </div>
      <div role="cell" class="edited">
        <span dir="auto">{segment.edited_by}</span>
        <small>
          <Moment at={segment.edited_at} />
          {segment.applied && ', from a file'}
        </small>
      </div>
    </>
  );
}

const KIND_WORDS = {
  dynamic: 'Its condition is being checked.',
  static: 'Contacts that were chosen one by one.',
  snapshot: 'The members that another segment had at one moment.',
} as const satisfies Record<SegmentOutline['kind'], string>;
