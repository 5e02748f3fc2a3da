/** The segments that the list shows, read page by page, and kept up to date while they are in sight. */
import { keepPreviousData, type InfiniteData } from '@tanstack/query-core';
import { useRef } from 'preact/hooks';
import { answered } from '../client/api-failure.ts';
import { getSegments, type SegmentOutline, type SegmentPage } from '../client/api.ts';
import type { PageChange } from '../client/live-scope.ts';
import { useChanges } from '../client/live.ts';
import { queries, useInfiniteQuery } from '../client/query.ts';
import { useOwnQuery } from '../client/url-query.ts';

/** Segments of the first request, so that a person soon sees some, and of each later one, so that few are needed. */
const FIRST_PAGE = 100;
const LATER_PAGE = 500;
export const FILTERS = ['search', 'state', 'kind', 'tag', 'order'] as const;
export type SegmentFilters = Readonly<Partial<Record<(typeof FILTERS)[number], string>>>;

type Asked = Parameters<typeof getSegments>[0];

export function useSegmentList() {
  const url = useOwnQuery();
  const filters: SegmentFilters = Object.fromEntries(
    FILTERS.flatMap((name) => (url[name] === undefined || url[name] === '' ? [] : [[name, url[name]]])),
  );
  const asked = { order: 'needs', ...filters } as Asked;
  const queryKey = ['segments', asked];
  const query = useInfiniteQuery<SegmentPage, string | undefined>({
    queryKey,
    queryFn: ({ pageParam, signal }) => readPage(asked, pageParam, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    meta: { live: 'own' },
  });
  const pages = query.data?.pages ?? [];
  const items = pages.flatMap((page) => page.items);
  const inSight = useRef<readonly [number, number]>([0, 0]);

  useChanges((change) => {
    if (!change.kinds.some((kind) => kind !== 'status' && kind !== 'export')) return;
    if (onlyNumbers(change)) void readInSight(queryKey, asked, change.segments ?? [], inSight.current);
    else void query.refetch({ cancelRefetch: false });
  });

  return {
    query,
    items,
    /** Of all pages. */
    total: pages[0]?.total,
    needsTotal: pages[0]?.needs_total,
    tags: [...new Set(items.flatMap(({ tags }) => tags))].sort((a, b) => a.localeCompare(b)),
    isFiltered: FILTERS.some((name) => name !== 'order' && filters[name] !== undefined),
    /** Says which rows are in sight: those are kept up to date, and pages are read until they are there. */
    show(first: number, last: number): void {
      inSight.current = [first, last];
      if (last >= items.length && query.hasNextPage && !query.isFetchingNextPage && !query.isFetchNextPageError)
        void query.fetchNextPage({ cancelRefetch: false });
    },
  };
}

export type SegmentList = ReturnType<typeof useSegmentList>;

/** Members of known segments changed: no row comes, goes, or moves elsewhere. */
function onlyNumbers({ segments, kinds }: PageChange): boolean {
  return segments !== null && kinds.every((kind) => kind === 'members' || kind === 'status' || kind === 'export');
}

function readPage(asked: Asked, cursor: string | undefined, signal?: AbortSignal): Promise<SegmentPage> {
  const limit = cursor === undefined ? FIRST_PAGE : LATER_PAGE;
  return answered(
    getSegments({ ...asked, limit, ...(cursor === undefined ? {} : { cursor }) }, signal ? { signal } : {}),
  );
}

async function readInSight(
  queryKey: readonly unknown[],
  asked: Asked,
  changed: readonly string[],
  [first, last]: readonly [number, number],
): Promise<void> {
  const data = queries.getQueryData<InfiniteData<SegmentPage, string | undefined>>(queryKey);
  const isConcerned = ({ key }: SegmentOutline): boolean => changed.includes(key);
  let start = 0;
  const concerned = (data?.pages ?? []).flatMap(({ items }, at) => {
    const seen = items.slice(Math.max(0, first - start), Math.max(0, last + 1 - start));
    start += items.length;
    return seen.some(isConcerned) ? [at] : [];
  });
  for (const at of concerned) {
    const cursor = data?.pageParams[at];
    const page = await readPage(asked, cursor).catch(() => undefined);
    if (!page) return;
    queries.setQueryData<InfiniteData<SegmentPage, string | undefined>>(queryKey, (old) =>
      // The page may have been read again meanwhile, after another cursor.
      old && old.pageParams[at] === cursor && old.pages[at]?.next === page.next
        ? { ...old, pages: old.pages.with(at, page) }
        : old,
    );
  }
}
