/**
 * Draws only the rows that are in sight (@tanstack/virtual-core), in the scroll of the window. Rows are measured, so that they may have
 * any height. The caller puts `list` on the element that holds the rows and `measure` on each row, with `data-index`.
 */
import {
  measureElement,
  observeWindowOffset,
  observeWindowRect,
  Virtualizer,
  windowScroll,
  type VirtualItem,
} from '@tanstack/virtual-core';
import { useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { RefObject } from 'preact';

export interface VirtualRows {
  readonly list: RefObject<HTMLDivElement | null>;
  readonly rows: readonly VirtualItem[];
  /** Pixels of all rows. */
  readonly height: number;
  /** Pixels that `row.start` has above the list. */
  readonly margin: number;
  readonly measure: (row: Element | null) => void;
  scrollTo(index: number): void;
}

/** @param height pixels that a row has before it is measured */
export function useVirtualRows(count: number, height: number, overscan = 8): VirtualRows {
  const [, again] = useReducer<number, undefined>((drawn) => drawn + 1, 0);
  const list = useRef<HTMLDivElement | null>(null);
  const margin = useRef(0);
  const options = {
    count,
    overscan,
    scrollMargin: margin.current,
    estimateSize: () => height,
    getScrollElement: () => window,
    observeElementRect: observeWindowRect,
    observeElementOffset: observeWindowOffset,
    scrollToFn: windowScroll,
    measureElement,
    initialRect: { width: innerWidth, height: innerHeight },
    initialOffset: () => scrollY,
    onChange: () => again(undefined),
  };
  const [virtualizer] = useState(() => new Virtualizer<Window, Element>(options));
  virtualizer.setOptions(options);
  // Its own adapters call these two, whatever their names begin with.
  // oxlint-disable-next-line no-underscore-dangle
  useLayoutEffect(() => virtualizer._didMount(), [virtualizer]);
  useLayoutEffect(() => {
    const top = list.current ? list.current.getBoundingClientRect().top + scrollY : 0;
    // What stands above the list may have another height now.
    if (Math.abs(top - margin.current) > 0.5) {
      margin.current = top;
      again(undefined);
    }
    // oxlint-disable-next-line no-underscore-dangle
    virtualizer._willUpdate();
  });
  return {
    list,
    rows: virtualizer.getVirtualItems(),
    height: virtualizer.getTotalSize(),
    margin: margin.current,
    measure: virtualizer.measureElement,
    scrollTo: (index) => virtualizer.scrollToIndex(index, { align: 'auto' }),
  };
}
