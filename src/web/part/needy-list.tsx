/** Segments that need a person, each with the reason and the next step. */
import { answered } from '../client/api-failure.ts';
import { getSegments } from '../client/api.ts';
import { numberText } from '../client/number-text.ts';
import { useQuery } from '../client/query.ts';
import { SegmentNeed } from './segment-need.tsx';

/** Segments that are listed here; the list of segments has all. */
const SHOWN = 20;

export function NeedyList() {
  const { data } = useQuery({
    queryKey: ['segments', 'needy'],
    queryFn: ({ signal }) => answered(getSegments({ order: 'needs', limit: SHOWN }, { signal })),
  });
  const needy = data?.items.filter(({ needs }) => needs !== null) ?? [];
  if (!data || needy.length === 0) return null;
  return (
    <section aria-labelledby="needy-title" class="panel">
      <h2 id="needy-title">
        {numberText(data.needs_total)} {data.needs_total === 1 ? 'segment needs' : 'segments need'} you
      </h2>
      <ul class="plain-list">
        {needy.map(({ key, name, needs }) => (
          <li key={key}>
            <a href={`/segments/${encodeURIComponent(key)}`} dir="auto">
              {name ?? key}
            </a>{' '}
            {needs && <SegmentNeed segmentKey={key} need={needs} />}
          </li>
        ))}
      </ul>
      {data.needs_total > needy.length && (
        <p>
          <a href="/segments">Show all of them</a>
        </p>
      )}
    </section>
  );
}
