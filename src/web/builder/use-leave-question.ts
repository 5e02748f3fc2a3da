/** Asks before a page with changes is left, by a link of the page or by the browser. */
import { useEffect, useRef } from 'preact/hooks';

export function useLeaveQuestion(dirty: boolean): void {
  const now = useRef(dirty);
  now.current = dirty;
  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent): void => {
      if (now.current) event.preventDefault();
    };
    const onClick = (event: MouseEvent): void => {
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      if (!now.current || !link || link.getAttribute('href')?.startsWith('#') || link.hasAttribute('download')) return;
      if (event.ctrlKey || event.metaKey || event.shiftKey || link.getAttribute('target') === '_blank') return;
      if (confirm('Leave without saving? The changes stay in the link of this page only.')) return;
      event.preventDefault();
      event.stopPropagation();
    };
    addEventListener('beforeunload', onUnload);
    // Before the router hears of it.
    addEventListener('click', onClick, { capture: true });
    return () => {
      removeEventListener('beforeunload', onUnload);
      removeEventListener('click', onClick, { capture: true });
    };
  }, []);
}
