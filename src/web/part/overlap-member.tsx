/** Who is in both segments, or in one of them alone, by name, page by page. */
import { keepPreviousData } from '@tanstack/query-core';
import { useState } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyMembers, type MemberPage } from '../client/api.ts';
import { useCatalogue } from '../client/catalogue-query.ts';
import { useInfiniteQuery } from '../client/query.ts';
import { ContactTable } from './contact-table.tsx';
import { FailureNote } from './failure-note.tsx';
import { RevealButton } from './reveal-button.tsx';
import { Skeleton } from './skeleton.tsx';
import { ShowMore } from './show-more.tsx';

type Part = 'both' | 'first' | 'second';

interface OverlapMembersProps {
  readonly keys: readonly [string, string];
  readonly names: readonly [string, string];
}

export function OverlapMembers({ keys, names }: OverlapMembersProps) {
  const [part, choose] = useState<Part>('both');
  const [revealed, reveal] = useState(false);
  const catalogue = useCatalogue();
  const [first, second] = keys;
  const of = part === 'second' ? second : first;
  const other = part === 'second' ? first : second;
  const members = useInfiniteQuery<MemberPage, string | undefined>({
    queryKey: ['overlap', first, second, part, revealed],
    queryFn: ({ pageParam, signal }) =>
      answered(
        getSegmentsByKeyMembers(
          of,
          {
            limit: 50,
            ...(pageParam === undefined ? {} : { cursor: pageParam }),
            ...(part === 'both' ? { alsoIn: other } : { notIn: other }),
            ...(revealed ? { reveal: 'true' } : {}),
          },
          { signal },
        ),
      ),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
  });
  const items = members.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section class="panel" aria-labelledby="overlap-who">
      <div class="panel-head">
        <h2 id="overlap-who">Who</h2>
        <select
          aria-label="Which contacts"
          value={part}
          onChange={({ currentTarget: { value } }) => choose(value as Part)}
        >
          <option value="both">In both</option>
          <option value="first">Only in {names[0]}</option>
          <option value="second">Only in {names[1]}</option>
        </select>
        <span class="grow" />
        <RevealButton revealed={revealed} onChange={reveal} />
      </div>
      {members.error && <FailureNote error={members.error} again={() => void members.refetch()} />}
      {members.isPending && !members.error && <Skeleton rows={5} height={36} />}
      {members.data && items.length === 0 && !members.hasNextPage && <p class="quiet">There is none.</p>}
      {items.length > 0 && !catalogue.isPending && (
        <ContactTable
          contacts={items}
          display={catalogue.data?.contacts.display ?? []}
          keyName={catalogue.data?.contacts.key ?? 'key'}
        />
      )}
      <ShowMore list={members} />
    </section>
  );
}
