/** The rows of the list of segments; only those in sight are drawn. */
import { useEffect } from 'preact/hooks';
import { useVirtualRows } from '../client/virtual-rows.ts';
import type { SegmentList } from './segment-list-data.ts';
import { SegmentRow } from './segment-row.tsx';
import { useKeptScroll } from './kept-scroll.ts';
import './segment-table.css';

/** Pixels of most rows. */
const ROW = 62;

export function SegmentTable({ list, total }: { readonly list: SegmentList; readonly total: number }) {
  const { items, query } = list;
  useKeptScroll();
  const virtual = useVirtualRows(total, ROW);
  const first = virtual.rows[0]?.index ?? 0;
  const last = virtual.rows.at(-1)?.index ?? 0;
  useEffect(() => list.show(first, last), [first, last, items.length, query.isFetchingNextPage, query.dataUpdatedAt]);
  return (
    <div
      class={`segment-table ${query.isPlaceholderData ? 'old' : ''}`}
      role="table"
      aria-label="Segments"
      aria-rowcount={total + 1}
      aria-busy={query.isFetchingNextPage || query.isPlaceholderData}
    >
      <div role="rowgroup">
        <div class="segment-row segment-heads" role="row" aria-rowindex={1}>
          <span role="columnheader">Segment</span>
          <span role="columnheader" class="right">
            Members
          </span>
          <span role="columnheader">30 days</span>
          <span role="columnheader">State</span>
          <span role="columnheader" class="right">
            Used by
          </span>
          <span role="columnheader">Edited</span>
        </div>
      </div>
      <div role="rowgroup" ref={virtual.list} class="virtual-list" style={{ height: `${virtual.height}px` }}>
        {virtual.rows.map(({ index, start }) => (
          <div
            key={items[index]?.key ?? index}
            ref={virtual.measure}
            data-index={index}
            role="row"
            aria-rowindex={index + 2}
            class="segment-row virtual-row"
            style={{ transform: `translateY(${start - virtual.margin}px)` }}
          >
            <SegmentRow segment={items[index]} />
          </div>
        ))}
      </div>
      {query.isFetchNextPageError && (
        <p class="note bad" role="alert">
          The rest of the list could not be read.{' '}
          <button type="button" onClick={() => void query.fetchNextPage()}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}
