/**
 * Keeps the keyboard in the editor. When the control that has the keyboard is removed, as undo does with a row, the nearest row that is
 * still there gets it.
 */
import { useEffect } from 'preact/hooks';

/** @param focus gives the keyboard to a part of a row; false where that row is not shown */
export function useKeptFocus(
  root: { readonly current: HTMLElement | null },
  focus: (row: number, part: 'first' | 'add') => boolean,
): void {
  useEffect(() => {
    const editor = root.current;
    if (!editor) return undefined;
    let last: Element | undefined;
    /** Rows around it, the innermost first: a control that is removed has none any more. */
    let around: readonly number[] = [];
    const onFocusIn = ({ target }: FocusEvent): void => {
      last = target instanceof Element ? target : undefined;
      around = last ? rowsAround(last) : [];
    };
    const observer = new MutationObserver(() => {
      if (!last || last.isConnected || (document.activeElement ?? document.body) !== document.body) return;
      last = undefined;
      around.some((row, n) => focus(row, n === 0 ? 'first' : 'add'));
    });
    editor.addEventListener('focusin', onFocusIn);
    observer.observe(editor, { subtree: true, childList: true });
    return () => {
      editor.removeEventListener('focusin', onFocusIn);
      observer.disconnect();
    };
  }, [root, focus]);
}

function rowsAround(element: Element): readonly number[] {
  const found: number[] = [];
  for (let at = element.closest<HTMLElement>('[data-row]'); at; at = closestAbove(at))
    found.push(Number(at.dataset['row']));
  return found;
}

function closestAbove(row: HTMLElement): HTMLElement | null {
  return row.parentElement?.closest<HTMLElement>('[data-row]') ?? null;
}
