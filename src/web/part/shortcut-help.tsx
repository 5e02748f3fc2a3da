/** Keys that work on every page, the sheet that lists them, and the switch that turns them off (WCAG 2.1.4). */
import { useEffect, useRef, useState } from 'preact/hooks';

const OFF = 'segmentd.no-shortcuts';

export function ShortcutHelp() {
  const sheet = useRef<HTMLDialogElement>(null);
  const [isOn, turn] = useState(() => localStorage.getItem(OFF) === null);
  useEffect(() => {
    if (!isOn) return undefined;
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (document.querySelector('dialog[open]')) return;
      if (event.key === '/') {
        const search = document.querySelector<HTMLInputElement>('main input[type=search]');
        if (!search) return;
        event.preventDefault();
        search.focus();
        search.select();
      } else if (event.key === '?') {
        event.preventDefault();
        sheet.current?.showModal();
      }
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [isOn]);
  const change = (on: boolean): void => {
    if (on) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, '1');
    turn(on);
  };
  return (
    <>
      <button type="button" class="plain" aria-label="Keys of this page" onClick={() => sheet.current?.showModal()}>
        ?
      </button>
      <dialog ref={sheet} aria-labelledby="shortcut-title">
        <h2 id="shortcut-title">Keys</h2>
        <dl class="shortcuts">
          <dt>
            <kbd>/</kbd>
          </dt>
          <dd>Search on this page</dd>
          <dt>
            <kbd>?</kbd>
          </dt>
          <dd>Show this list</dd>
          <dt>
            <kbd>Esc</kbd>
          </dt>
          <dd>Close a sheet or a menu</dd>
        </dl>
        <p>
          <label>
            <input
              type="checkbox"
              class="tick"
              checked={isOn}
              onChange={(event) => change(event.currentTarget.checked)}
            />{' '}
            Use <kbd>/</kbd> and <kbd>?</kbd>
          </label>
        </p>
        <form method="dialog">
          <button>Close</button>
        </form>
      </dialog>
    </>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}
