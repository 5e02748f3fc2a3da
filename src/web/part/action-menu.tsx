/** A button that opens a list of actions. Follows the menu pattern of WAI-ARIA: arrows move, Enter acts, Escape goes back to the button. */
import { useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import './action-menu.css';

export interface MenuAction {
  readonly name: string;
  /** The keys that do the same. */
  readonly keys?: string;
  readonly act: () => void;
  readonly disabled?: boolean;
}

export interface ActionMenuProps {
  readonly label: string;
  readonly text?: string;
  readonly actions: () => readonly MenuAction[];
  readonly part?: string;
}

export function ActionMenu({ label, text = '⋯', actions, part }: ActionMenuProps) {
  const id = useId();
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLSpanElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useLayoutEffect(() => {
    const menu = box.current?.querySelector<HTMLElement>('[role=menu]');
    if (!open || !menu) return;
    const over = menu.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (over > 0) menu.style.marginLeft = `${-over}px`;
    menu.querySelector<HTMLElement>('[role=menuitem]:not(:disabled)')?.focus();
  }, [open]);

  useEffect(() => {
    if (!open) return undefined;
    const leave = ({ target }: Event): void => {
      if (target instanceof Node && !box.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', leave);
    document.addEventListener('focusin', leave);
    return () => {
      document.removeEventListener('pointerdown', leave);
      document.removeEventListener('focusin', leave);
    };
  }, [open]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (!open || event.altKey || event.ctrlKey || event.metaKey) return;
    const items = [...(box.current?.querySelectorAll<HTMLElement>('[role=menuitem]:not(:disabled)') ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      items.at(to % items.length)?.focus();
    } else if (event.key === 'Escape') {
      event.preventDefault();
      event.stopPropagation();
      setOpen(false);
      button.current?.focus();
    }
  };

  return (
    <span class="menu" ref={box} onKeyDown={onKeyDown}>
      <button
        ref={button}
        type="button"
        class="icon"
        aria-label={label}
        title={label}
        aria-haspopup="menu"
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        data-part={part}
        onClick={() => setOpen(!open)}
      >
        {text}
      </button>
      {open && (
        <span role="menu" id={id} aria-label={label} class="menu-list">
          {actions().map(({ name, keys, act, disabled }) => (
            <button
              key={name}
              type="button"
              role="menuitem"
              tabIndex={-1}
              disabled={disabled}
              onClick={() => {
                setOpen(false);
                button.current?.focus();
                act();
              }}
            >
              <span>{name}</span>
              {keys !== undefined && <kbd>{keys}</kbd>}
            </button>
          ))}
        </span>
      )}
    </span>
  );
}
