/**
 * A choice out of many, found by typing: the input shows what is chosen, and lists what fits as one types. Follows the combobox pattern
 * of WAI-ARIA: arrows move, Enter takes, Escape leaves. Options are asked for when the list opens.
 */
import { useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { fittingOptions, type ComboboxOption } from './combobox-option.ts';
import './combobox.css';

export interface ComboboxProps {
  readonly label: string;
  /** The value that is chosen. */
  readonly value: string;
  /** Its words, also where no option has them. */
  readonly text: string;
  readonly options: () => readonly ComboboxOption[];
  readonly onPick: (value: string) => void;
  /** Called at each keystroke, where the options come from a server. */
  readonly onSearch?: (text: string) => void;
  readonly placeholder?: string;
  readonly describedBy?: string | undefined;
  readonly invalid?: boolean;
  readonly part?: string;
  readonly disabled?: boolean;
}

/** Options that are shown at once. */
const SHOWN = 100;

export function Combobox(props: ComboboxProps) {
  const { label, value, text, options, onPick, onSearch, placeholder, describedBy, invalid, part, disabled } = props;
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string>();
  const [active, setActive] = useState(0);
  const all = open ? options() : [];
  const fitting = open ? fittingOptions(all, onSearch ? '' : (typed ?? '')) : [];
  const shown = fitting.slice(0, SHOWN);
  const at = Math.min(active, shown.length - 1);

  useLayoutEffect(() => {
    const box = list.current;
    if (!open || !box) return;
    box.style.marginLeft = '0';
    const over = box.getBoundingClientRect().right - document.documentElement.clientWidth + 8;
    if (over > 0) box.style.marginLeft = `${-over}px`;
    box.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  }, [open, at, shown.length]);

  const show = (): void => {
    if (open || disabled) return;
    setActive(
      Math.max(
        0,
        options().findIndex((one) => one.value === value),
      ),
    );
    setOpen(true);
  };
  const close = (): void => {
    setOpen(false);
    setTyped(undefined);
  };
  const pick = (option: ComboboxOption | undefined): void => {
    close();
    if (option) onPick(option.value);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }[event.key];
    if (move !== undefined) {
      event.preventDefault();
      if (!open) return show();
      setActive(Math.max(0, Math.min(shown.length - 1, at + move)));
    } else if (event.key === 'Enter' && open) {
      event.preventDefault();
      pick(shown[at]);
    } else if (event.key === 'Escape' && open) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };

  return (
    <span class="combobox">
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-autocomplete="list"
        aria-expanded={open}
        aria-controls={open ? `${id}-list` : undefined}
        aria-activedescendant={open && shown.length > 0 ? `${id}-${at}` : undefined}
        aria-describedby={describedBy}
        aria-invalid={invalid ? 'true' : undefined}
        data-part={part}
        autocomplete="off"
        spellcheck={false}
        placeholder={placeholder}
        disabled={disabled}
        value={typed ?? text}
        title={text}
        onFocus={(event) => event.currentTarget.select()}
        onClick={show}
        onBlur={close}
        onKeyDown={onKeyDown}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setActive(0);
          setOpen(true);
          onSearch?.(currentTarget.value);
        }}
      />
      {open && (
        <div
          ref={list}
          class="combobox-list"
          // The input keeps the keyboard while an option is pressed.
          onMouseDown={(event) => event.preventDefault()}
        >
          <div role="listbox" id={`${id}-list`} aria-label={label}>
            {groupsOf(shown).map(([group, members]) => (
              <div key={group} role="group" aria-label={group || label}>
                {group !== '' && (
                  <div class="combobox-group" aria-hidden="true">
                    {group}
                  </div>
                )}
                {members.map(({ option, n }) => (
                  <div
                    key={option.value}
                    id={`${id}-${n}`}
                    role="option"
                    aria-selected={n === at}
                    class="combobox-option"
                    onClick={() => pick(option)}
                  >
                    <span>{option.label}</span>
                    {option.hint !== undefined && <span class="quiet">{option.hint}</span>}
                  </div>
                ))}
              </div>
            ))}
          </div>
          {shown.length === 0 && <p class="combobox-none">Nothing fits.</p>}
          {fitting.length > shown.length && (
            <p class="combobox-none">{(fitting.length - shown.length).toLocaleString()} more: type to find them.</p>
          )}
        </div>
      )}
      <span class="hidden-text" role="status">
        {open && typed !== undefined ? `${fitting.length} fit` : ''}
      </span>
    </span>
  );
}

interface Placed {
  readonly option: ComboboxOption;
  readonly n: number;
}

function groupsOf(options: readonly ComboboxOption[]): readonly (readonly [string, readonly Placed[]])[] {
  const groups = new Map<string, Placed[]>();
  const order = [...new Set(options.map(({ group = '' }) => group))];
  let n = 0;
  for (const name of order)
    groups.set(
      name,
      options.filter(({ group = '' }) => group === name).map((option) => ({ option, n: n++ })),
    );
  return [...groups];
}
