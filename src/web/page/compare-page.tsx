/** `/compare?a=KEY&b=KEY`: how far two segments overlap, and who is in both or in one alone. */
import { answered } from '../client/api-failure.ts';
import { getOverlaps, getSegmentsByKey } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { useUrlQuery } from '../client/url-query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { OverlapMembers } from '../part/overlap-member.tsx';
import { OverlapPicture } from '../part/overlap-picture.tsx';
import { PageHead } from '../part/page-head.tsx';
import { SegmentPicker } from '../part/segment-picker.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import '../part/empty-note.css';
import '../part/panel.css';

export function ComparePage() {
  const url = useUrlQuery();
  const first = url.get('a');
  const second = url.get('b');
  return (
    <>
      <PageHead title="Compare two segments" />
      <div class="panels">
        <div class="compare-choice">
          <SegmentPicker label="First segment" value={first} onPick={(a) => url.set({ a }, true)} />
          <span class="quiet">and</span>
          <SegmentPicker label="Second segment" value={second} onPick={(b) => url.set({ b }, true)} />
          {first !== '' && second !== '' && (
            <button type="button" onClick={() => url.set({ a: second, b: first }, true)}>
              Swap
            </button>
          )}
        </div>
        {first === '' || second === '' ? (
          <section class="empty">
            <h2>Choose two segments</h2>
            <p>
              You see how many contacts are in both, how many are in one alone, and who they are. That shows whether two
              campaigns reach the same people.
            </p>
          </section>
        ) : first === second ? (
          <p class="note">This is the same segment twice. Choose another one beside it.</p>
        ) : (
          <Comparison key={`${first} ${second}`} first={first} second={second} />
        )}
      </div>
    </>
  );
}

function Comparison({ first, second }: { readonly first: string; readonly second: string }) {
  const names = [useSegmentName(first), useSegmentName(second)] as const;
  const overlap = useQuery({
    queryKey: ['overlap', first, second],
    queryFn: ({ signal }) => answered(getOverlaps(first, second, { signal })),
  });
  if (overlap.error && !overlap.data) return <FailureNote error={overlap.error} again={() => void overlap.refetch()} />;
  if (!overlap.data) return <Skeleton rows={4} height={50} />;
  return (
    <>
      <OverlapPicture overlap={overlap.data} names={names} />
      <OverlapMembers keys={[first, second]} names={names} />
    </>
  );
}

function useSegmentName(key: string): string {
  const { data } = useQuery({
    queryKey: ['segment', key],
    queryFn: ({ signal }) => answered(getSegmentsByKey(key, { signal })),
  });
  return data?.name ?? key;
}
