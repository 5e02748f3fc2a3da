/**
 * Rows of a long list, read block by block as they come into sight and forgotten when they are long out of it: a list of ten million
 * costs what is shown. Each block is named by the cursor that the block before it gave. Invariant: when a block is read again and
 * gives another cursor, the next block follows it, so that no row is missing or shown twice where a person looks.
 */
import { QueriesObserver, type QueryKey, type QueryObserverOptions } from '@tanstack/query-core';
import { useEffect, useReducer, useRef, useState } from 'preact/hooks';
import { queries } from './query.ts';

export interface RowPage<T> {
  readonly items: readonly T[];
  readonly next: string | null;
}

export interface RowBlocksOptions<P> {
  /** Another key is another list. */
  readonly queryKey: QueryKey;
  readonly read: (cursor: string | null, signal: AbortSignal) => Promise<P>;
  /** Rows that a block has at most; it may have fewer, and still a next one. */
  readonly size: number;
  /** Rows in sight. */
  readonly first: number;
  readonly last: number;
}

export interface RowBlocks<T, P> {
  /** Rows that can be scrolled to; more come when the last are reached and `whole` is false. */
  readonly count: number;
  readonly whole: boolean;
  /** Undefined while it is being read. */
  readonly row: (index: number) => T | undefined;
  /** The first page in sight, with what the server says besides its rows. */
  readonly page: P | undefined;
  readonly pending: boolean;
  readonly error: Error | null;
  readonly again: () => void;
}

/** Blocks whose rows stay at hand while they are read again. */
const KEPT = 12;

interface Chain<T> {
  readonly hash: string;
  /** Of each block that is known, and the index of its first row. */
  readonly cursors: (string | null)[];
  readonly starts: number[];
  readonly rows: Map<number, readonly T[]>;
  /** Of all rows; undefined while the end was not seen. */
  total: number | undefined;
}

function emptyChain<T>(hash: string): Chain<T> {
  return { hash, cursors: [null], starts: [0], rows: new Map(), total: undefined };
}

export function useRowBlocks<T, P extends RowPage<T>>({
  queryKey,
  read,
  size,
  first,
  last,
}: RowBlocksOptions<P>): RowBlocks<T, P> {
  const [, draw] = useReducer<number, undefined>((count) => count + 1, 0);
  const hash = JSON.stringify(queryKey);
  const chain = useRef(emptyChain<T>(''));
  if (chain.current.hash !== hash) chain.current = emptyChain(hash);
  const { cursors, starts, rows } = chain.current;

  const from = blockAt(starts, first);
  const to = blockAt(starts, last);
  const shown = Array.from({ length: Math.max(1, to - from + 1) }, (_, at) => from + at);
  const options = shown.map((block): QueryObserverOptions<P> => ({
    queryKey: [...queryKey, cursors[block] ?? null],
    queryFn: ({ signal }) => read(cursors[block] ?? null, signal),
    gcTime: 30_000,
  }));
  const [observer] = useState(() => new QueriesObserver<(typeof results)[number][]>(queries, options as never));
  useEffect(() => observer.subscribe(() => draw(undefined)), [observer]);
  useEffect(() => observer.setQueries(options as never));
  const results = observer.getOptimisticResult(options as never, undefined)[0] as readonly {
    readonly data: P | undefined;
    readonly error: Error | null;
    readonly isPlaceholderData: boolean;
    readonly refetch: () => Promise<unknown>;
  }[];

  let isLinked = true;
  for (const [at, block] of shown.entries()) {
    const data = results[at]?.data;
    if (!data) continue;
    rows.set(block, data.items);
    if (link(chain.current, block, data)) isLinked = false;
  }
  for (const block of rows.keys()) if (rows.size > KEPT && (block < from - 2 || block > to + 2)) rows.delete(block);
  useEffect(() => {
    if (!isLinked) draw(undefined);
  });

  const { total } = chain.current;
  return {
    count: total ?? (starts.at(-1) ?? 0) + size,
    whole: total !== undefined,
    row(index) {
      const block = blockAt(starts, index);
      return rows.get(block)?.[index - (starts[block] ?? 0)];
    },
    page: results[0]?.data,
    pending: !rows.has(0) && from === 0,
    error: results.find(({ error }) => error)?.error ?? null,
    again: () => {
      for (const result of results) if (result.error) void result.refetch();
    },
  };
}

/** The last block that begins at or before a row. */
function blockAt(starts: readonly number[], row: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= row) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where the next block begins. @returns whether that is news */
function link<T>(chain: Chain<T>, block: number, { items, next }: RowPage<T>): boolean {
  const { cursors, starts, rows, total } = chain;
  const end = (starts[block] ?? 0) + items.length;
  if (next === null) {
    if (total === end && cursors.length === block + 1) return false;
    cursors.length = starts.length = block + 1;
    for (const later of rows.keys()) if (later > block) rows.delete(later);
    chain.total = end;
    return true;
  }
  const moved = end - (starts[block + 1] ?? end);
  if (cursors[block + 1] === next && moved === 0) return false;
  // The end moved away when what was the last block goes on.
  if (cursors.length === block + 1) chain.total = undefined;
  cursors[block + 1] = next;
  starts[block + 1] = end;
  for (let later = block + 2; later < starts.length; later += 1) starts[later] = (starts[later] ?? 0) + moved;
  if (chain.total !== undefined) chain.total += moved;
  return true;
}
