/** A value that many components show, and that changes outside of them. */
import { useLayoutEffect, useReducer } from 'preact/hooks';

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

/** The value now; draws the component again whenever it is another. */
export function useStore<T>(store: Pick<PageStore<T>, 'get' | 'subscribe'>): T {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  const drawn = store.get();
  // Not after the next painting: until then a change would not be heard.
  useLayoutEffect(() => {
    const stop = store.subscribe(() => again(undefined));
    // An effect that ran earlier may have changed it.
    if (!Object.is(drawn, store.get())) again(undefined);
    return stop;
  }, [store]);
  return drawn;
}
