/** Sizes day by day, and how many were in at a moment. */
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyMoments, getSegmentsByKeySizes, type Moment } from '../client/api.ts';
import { useQuery } from '../client/query.ts';

export function useSizes(key: string, days: number) {
  return useQuery({
    queryKey: ['segment', key, 'sizes', days],
    queryFn: ({ signal }) => answered(getSegmentsByKeySizes(key, { days }, { signal })),
  });
}

/** @param at ISO 8601; '' reads nothing */
export function useMoment(key: string, at: string) {
  return useQuery<Moment>({
    queryKey: ['segment', key, 'moment', at],
    queryFn: ({ signal }) => answered(getSegmentsByKeyMoments(key, at, {}, { signal })),
    enabled: at !== '',
    // The numbers before stay until the next are known.
    placeholderData: (before: Moment | undefined) => before,
  });
}
