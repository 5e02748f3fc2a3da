/** Who uses the segment. */
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyUses, type SegmentOutline } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { UseList } from './use-list.tsx';

export function UseTab({ segment: { key } }: { readonly segment: SegmentOutline }) {
  const uses = useQuery({
    queryKey: ['segment', key, 'uses'],
    queryFn: ({ signal }) => answered(getSegmentsByKeyUses(key, { signal })),
  });
  if (uses.error) return <FailureNote error={uses.error} again={() => void uses.refetch()} />;
  if (!uses.data) return <Skeleton rows={3} height={36} />;
  if (uses.data.segments.length + uses.data.schedules.length === 0)
    return <p class="quiet">No segment reads it, and no schedule exports it.</p>;
  return <UseList uses={uses.data} />;
}
