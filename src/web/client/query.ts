/**
 * What the page has read, kept and read again: @tanstack/query-core bound to Preact's hooks. Keys begin with what they are of:
 * `['segment', key, …]`, `['segments', …]`, `['contact', id, …]`, `['status']`; live.ts marks them stale by that.
 */
import {
  InfiniteQueryObserver,
  QueryClient,
  QueryObserver,
  type DefaultError,
  type InfiniteData,
  type InfiniteQueryObserverOptions,
  type InfiniteQueryObserverResult,
  type QueryKey,
  type QueryObserverOptions,
  type QueryObserverResult,
} from '@tanstack/query-core';
import { useEffect, useReducer, useState } from 'preact/hooks';
import { isDisconnected, isTooMany } from './api-failure.ts';

/** How often a read is asked again that was one too many at its moment. */
const TRIES = 5;

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A server that stopped comes back, and a moment with too many requests passes; what it refused otherwise stays refused.
      retry: (failures, error) => isDisconnected(error) || (isTooMany(error) && failures < TRIES),
      retryDelay: (attempt) => Math.min(500 * 2 ** attempt, 5_000),
      // Whether the server answers is what counts, not whether the machine has a network.
      networkMode: 'always',
    },
  },
});
queries.mount();

/** Reads while the component is shown, and again whenever the key changes or is marked stale. */
export function useQuery<T>(options: QueryObserverOptions<T>): QueryObserverResult<T> {
  const [observer] = useState(() => new QueryObserver<T>(queries, options));
  return useObserved(observer, options) as QueryObserverResult<T>;
}

/** Reads page after page. */
export function useInfiniteQuery<T, P>(
  options: InfiniteQueryObserverOptions<T, DefaultError, InfiniteData<T, P>, QueryKey, P>,
): InfiniteQueryObserverResult<InfiniteData<T, P>> {
  const [observer] = useState(() => new InfiniteQueryObserver(queries, options));
  return useObserved(observer, options);
}

interface Observed<O, R> {
  setOptions(options: O): void;
  getOptimisticResult(options: never): R;
  subscribe(listener: () => void): () => void;
}

function useObserved<O, R>(observer: Observed<O, R>, options: O): R {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  const defaulted = queries.defaultQueryOptions(options as never) as O;
  useEffect(() => observer.subscribe(() => again(undefined)), [observer]);
  useEffect(() => observer.setOptions(defaulted));
  return observer.getOptimisticResult(defaulted as never);
}
