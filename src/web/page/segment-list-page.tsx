/**
 * `/segments`: every segment, those that need a person first. What is looked for stands in the address. Rows are read page by page as
 * they come into sight, also 10,000; a hint that members changed reads only the pages in sight again.
 */
import { useLocation } from 'preact-iso/router';
import { useEffect } from 'preact/hooks';
import { mayEdit, useMe } from '../client/me-context.ts';
import { countText, numberText } from '../client/number-text.ts';
import { FailureNote } from '../part/failure-note.tsx';
import { FreshnessChip } from '../part/freshness-chip.tsx';
import { PageHead } from '../part/page-head.tsx';
import { Skeleton } from '../part/skeleton.tsx';
import { SegmentFilter } from '../part/segment-filter.tsx';
import { useSegmentList } from '../part/segment-list-data.ts';
import { NoSegments, NothingFound } from '../part/segment-list-empty.tsx';
import { SegmentTable } from '../part/segment-table.tsx';

export function SegmentListPage() {
  const me = useMe();
  const { route } = useLocation();
  const list = useSegmentList();
  const { query, isFiltered, total, needsTotal } = list;
  useEffect(() => {
    // The address of the list is one, however a person came.
    if (location.pathname === '/') route(`/segments${location.search}`, true);
  }, []);
  return (
    <>
      <PageHead title="Segments">
        <FreshnessChip />
        <span class="grow" />
        <a class="button" href="/contacts">
          Find a contact
        </a>
        {mayEdit(me) && (
          <a class="button primary" href="/segments/new">
            New segment
          </a>
        )}
      </PageHead>
      {(isFiltered || total !== 0) && (
        <div class="list-tools">
          <SegmentFilter tags={list.tags} />
          <span class="grow" />
          <p class="quiet number" role="status">
            {total !== undefined && countText(total, 'segment')}
            {needsTotal !== undefined &&
              needsTotal > 0 &&
              ` · ${numberText(needsTotal)} ${needsTotal === 1 ? 'needs' : 'need'} you`}
          </p>
        </div>
      )}
      {query.error && !query.data && <FailureNote error={query.error} again={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={8} height={62} />}
      {query.data && total === 0 && (isFiltered ? <NothingFound /> : <NoSegments />)}
      {query.data && total !== undefined && total > 0 && <SegmentTable list={list} total={total} />}
    </>
  );
}
