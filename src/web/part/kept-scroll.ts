/** A list that one comes back to is where one left it. Back draws the list after the browser has set the scroll, so that the list does it. */
import { useLocation, useRoute, type LocationHook } from 'preact-iso/router';
import { useLayoutEffect } from 'preact/hooks';

/** preact-iso knows how one came, and does not type it. */
type Arrival = LocationHook & { readonly wasPush?: boolean };

const kept = new Map<string, number>();

/** Called before `useVirtualRows`, which reads the scroll once and hears only of what moves it later. */
export function useKeptScroll(): void {
  const { wasPush } = useLocation() as Arrival;
  const { path, query } = useRoute();
  const list = `${path}?${new URLSearchParams(query)}`;
  useLayoutEffect(() => {
    const top = kept.get(list);
    if (wasPush !== true && top !== undefined) scrollTo(0, top);
    const keep = (): void => {
      kept.set(list, scrollY);
    };
    addEventListener('scroll', keep, { passive: true });
    return () => removeEventListener('scroll', keep);
  }, [list]);
}
