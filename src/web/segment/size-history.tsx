/** How the segment grew: a chart with a slider to any moment, how many were in then, and how many are new or have left since. */
import { useId, useMemo, useState } from 'preact/hooks';
import type { SegmentOutline } from '../client/api.ts';
import { serverNow } from '../client/live.ts';
import { numberText } from '../client/number-text.ts';
import { useDebounced } from '../client/debounced.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { instantText } from '../part/instant-text.ts';
import { Instant } from '../part/instant.tsx';
import { useMoment, useSizes } from './moment-read.ts';
import { SizeChart } from './size-chart.tsx';
import { sizePoints, sizeSummary, sliderScale } from './size-scale.ts';
import { SizeTable } from './size-table.tsx';
import { useVersions } from './version-tab.tsx';
import './size-history.css';

const SPANS = [30, 90, 365] as const;

interface Props {
  readonly segment: SegmentOutline;
  /** ISO 8601; '' is now. */
  readonly at: string;
  readonly onAt: (at: string) => void;
}

export function SizeHistory({ segment, at, onAt }: Props) {
  const [days, setDays] = useState<number>(90);
  const id = useId();
  const sizes = useSizes(segment.key, days);
  const versions = useVersions(segment.key);
  const settled = useDebounced(at, 120);
  const moment = useMoment(segment.key, settled);
  // The scale stays where it is while a person moves the slider.
  const now = useMemo(() => serverNow(), [sizes.data]);
  const points = useMemo(() => sizePoints(sizes.data?.days ?? [], segment.created_at, now), [sizes.data, now]);
  const scale = sliderScale(points, now);
  const chosen = at === '' ? undefined : Date.parse(at);
  const marks = (versions.data?.versions ?? []).map((one) => ({
    at: Date.parse(one.created_at) / 1000,
    text: `version ${one.version} by ${one.created_by}`,
  }));
  const move = (to: number): void => onAt(to >= scale.to ? '' : new Date(to).toISOString());
  return (
    <section class="history" aria-labelledby={`${id}-title`}>
      <div class="history-head">
        <h2 id={`${id}-title`} class="hidden-text">
          History
        </h2>
        <p aria-live="polite">
          <b class="big number">{numberText(chosen === undefined ? segment.members : (moment.data?.members ?? 0))}</b>{' '}
          {chosen === undefined ? (
            <span class="quiet">members now</span>
          ) : (
            <span class="quiet">
              members as of <Instant at={at} />
              {moment.data && (
                <>
                  {' · '}
                  {moment.data.basis === 'exact' ? '' : 'at most '}
                  {numberText(moment.data.left_since)} of them have left since, {numberText(moment.data.new_since)} are
                  new
                </>
              )}
            </span>
          )}
        </p>
        <span class="grow" />
        {chosen !== undefined && (
          <button type="button" class="small" onClick={() => onAt('')}>
            Now
          </button>
        )}
        <select
          aria-label="Length of the history"
          value={String(days)}
          onChange={(event) => setDays(Number(event.currentTarget.value))}
        >
          {SPANS.map((span) => (
            <option key={span} value={span}>
              {span} days
            </option>
          ))}
        </select>
      </div>
      {(sizes.error ?? moment.error) && (
        <FailureNote
          error={(sizes.error ?? moment.error) as Error}
          again={() => void (sizes.error ? sizes.refetch() : moment.refetch())}
        />
      )}
      <SizeChart
        points={points}
        marks={marks}
        chosen={chosen === undefined ? undefined : chosen / 1000}
        from={scale.from / 1000}
        to={now / 1000}
        label={sizeSummary(points)}
      />
      <input
        class="slider"
        type="range"
        aria-label="As of"
        min={scale.from}
        max={scale.to}
        step={scale.step}
        value={chosen ?? scale.to}
        aria-valuetext={chosen === undefined ? 'now' : instantText(new Date(chosen), new Date(now))}
        onInput={(event) => move(Number(event.currentTarget.value))}
      />
      <SizeTable points={points} />
    </section>
  );
}
