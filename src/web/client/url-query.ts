/** What a page shows, kept in the address: a link opens the same, and back leads to what was shown before. */
import { useLocation, useRoute } from 'preact-iso/router';

export interface UrlQuery {
  /** '' when it is absent. */
  get(name: string): string;
  /**
   * Does nothing once the person is on another page.
   * @param values an empty text takes the name away @param step true: back returns to what was before
   */
  set(values: Readonly<Record<string, string>>, step?: boolean): void;
}

/** The query of the caller's own page: a page stays in sight, with its own query, while the next one is loaded. */
export function useOwnQuery(): Readonly<Record<string, string>> {
  return useRoute().query;
}

export function useUrlQuery(): UrlQuery {
  const { route } = useLocation();
  const { path, query } = useRoute();
  const isOwn = (): boolean => (location.pathname.replace(/\/+$/, '') || '/') === path;
  return {
    // Several values may be set before the page is drawn again: the address itself is the truth.
    get: (name) => (isOwn() ? new URLSearchParams(location.search).get(name) : query[name]) ?? '',
    set(values, step = false) {
      if (!isOwn()) return;
      const next = new URLSearchParams(location.search);
      for (const [name, value] of Object.entries(values)) {
        if (value === '') next.delete(name);
        else next.set(name, value);
      }
      const text = next.toString();
      const url = `${location.pathname}${text === '' ? '' : `?${text}`}`;
      if (url !== `${location.pathname}${location.search}`) route(url, !step);
    },
  };
}
