/** A value that many components show, and that changes outside of them. */
import { useEffect, useReducer } from 'preact/hooks';

export interface PageStore<T> {
  get(): T;
  /** Components that use it are drawn again when the value is another one. */
  set(value: T): void;
  subscribe(listener: () => void): () => void;
}

export function createPageStore<T>(first: T): PageStore<T> {
  let value = first;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of listeners) listener();
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<T>(store: PageStore<T>): T {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => {
    const seen = store.get();
    const stop = store.subscribe(() => again(undefined));
    // It may have changed between drawing and listening.
    if (!Object.is(seen, store.get())) again(undefined);
    return stop;
  }, [store]);
  return store.get();
}
