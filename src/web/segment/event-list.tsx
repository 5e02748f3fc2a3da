/** Moves of a segment, or of one contact in it, each with its cause in words. */
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyEvents, type MemberEvent } from '../client/api.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { Instant } from '../part/instant.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { causeText } from './cause-text.ts';
import { whyPath } from './override-tab.tsx';

interface Props {
  readonly segmentKey: string;
  /** Of this contact alone, which is not named again. */
  readonly contact?: string;
  /** What is said when there is none. */
  readonly none: string;
}

const PAGE = 50;

export function EventList({ segmentKey: key, contact, none }: Props) {
  const found = useInfiniteQuery({
    queryKey: ['segment', key, 'events', contact ?? null],
    queryFn: ({ signal, pageParam }) =>
      answered(
        getSegmentsByKeyEvents(
          key,
          {
            limit: PAGE,
            ...(contact === undefined ? {} : { contact }),
            ...(pageParam === null ? {} : { cursor: pageParam }),
          },
          { signal },
        ),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  });
  if (found.error && !found.data) return <FailureNote error={found.error} again={() => void found.refetch()} />;
  if (!found.data) return <Skeleton rows={4} height={30} />;
  const events = found.data.pages.flatMap(({ items }) => items);
  if (events.length === 0) return <p class="quiet">{none}</p>;
  return (
    <>
      <ol class="events">
        {events.map((event) => (
          <li key={event.id}>
            <Instant at={event.at} />
            <span>
              {contact === undefined && (
                <>
                  <a href={whyPath(key, event.contact_id)} dir="auto">
                    {nameOf(event)}
                  </a>{' '}
                </>
              )}
              <b class={event.change === 'entered' ? 'yes' : 'no'}>{event.change}</b>
              <span dir="auto">, {causeText(event)}</span>
            </span>
          </li>
        ))}
      </ol>
      {found.hasNextPage && (
        <button
          type="button"
          class="small"
          disabled={found.isFetchingNextPage}
          onClick={() => void found.fetchNextPage()}
        >
          Show earlier ones
        </button>
      )}
    </>
  );
}

/** The first value that the team shows of contacts, beside the key. */
function nameOf({ contact_id: id, values }: MemberEvent): string {
  const shown = Object.values(values).find((value) => value !== null && value !== '');
  return shown === undefined ? id : `${shown} (${id})`;
}
