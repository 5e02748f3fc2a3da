/** Many values: typed, pasted or ticked; a long list as text. Drawn values are few, so that a list of 10,000 does not slow typing. */
import { useId, useRef, useState } from 'preact/hooks';
import type { ValueWords } from './builder-vocabulary.ts';
import { constantText, listItems, listOfTexts, splitValues, withValues } from './constant-text.ts';

export interface ListInputProps {
  readonly json: unknown;
  readonly value: ValueWords | undefined;
  readonly label: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly onChange: (json: readonly unknown[]) => void;
}

/** Values that are drawn one by one. */
const DRAWN = 24;

export function ListInput({ json, value, label, describedBy, invalid, onChange }: ListInputProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const [typed, setTyped] = useState('');
  const [asText, setAsText] = useState<string>();
  const items = listItems(json);
  const family = value?.family ?? 'text';
  const known = value?.values ?? [];
  const labelOf = (text: string): string => known.find((one) => one.value === text)?.label ?? text;
  const take = (text: string): void => {
    setTyped('');
    const parts = splitValues(text);
    if (parts.length > 0) onChange(withValues(items, parts, family));
  };
  const remove = (at: number): void => {
    // The last one takes its button along: the keyboard goes to the input behind it.
    if (at === Math.min(items.length, DRAWN) - 1) input.current?.focus();
    onChange(items.toSpliced(at, 1));
  };
  const edit = (): void => {
    setAsText(items.map(constantText).join('\n'));
    dialog.current?.showModal();
  };
  const lines = asText === undefined ? [] : splitLines(asText);
  return (
    <span class="values">
      {items.slice(0, DRAWN).map((item, at) => {
        const text = constantText(item);
        return (
          // A value may come twice until the checker says so: its place is its key.
          <span key={at} class="value-chip">
            <bdi>{labelOf(text)}</bdi>
            <button type="button" aria-label={`Remove ${labelOf(text)}`} onClick={() => remove(at)}>
              ×
            </button>
          </span>
        );
      })}
      {items.length > DRAWN && <span class="word">and {(items.length - DRAWN).toLocaleString()} more</span>}
      <input
        ref={input}
        class="list"
        aria-label={`${label}: add a value`}
        aria-describedby={describedBy}
        aria-invalid={invalid ? 'true' : undefined}
        data-part="value"
        autocomplete="off"
        spellcheck={false}
        placeholder={items.length === 0 ? 'type or paste values' : 'add'}
        list={known.length > 0 ? id : undefined}
        value={typed}
        onInput={(event) => {
          const text = event.currentTarget.value;
          // A choice out of the suggestions is no typing.
          const chosen = event.inputType !== 'insertText' && known.some((one) => one.value === text);
          if (chosen || /[,;\n\t]$/.test(text)) take(text);
          else setTyped(text);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && typed.trim() !== '') {
            event.preventDefault();
            take(typed);
          } else if (event.key === 'Backspace' && typed === '' && items.length > 0) {
            event.preventDefault();
            remove(items.length - 1);
          }
        }}
        onPaste={(event) => {
          const text = event.clipboardData?.getData('text/plain') ?? '';
          if (splitValues(text).length < 2) return;
          event.preventDefault();
          event.stopPropagation();
          take(text);
        }}
        onBlur={() => typed.trim() !== '' && take(typed)}
      />
      {known.length > 0 && (
        <datalist id={id}>
          {known.map((one) => (
            <option key={one.value} value={one.value}>
              {one.label ?? ''}
            </option>
          ))}
        </datalist>
      )}
      {items.length > 3 && (
        <button type="button" class="plain" onClick={edit}>
          {items.length.toLocaleString()} values: edit as text
        </button>
      )}
      <dialog ref={dialog} aria-label={`${label}: values`} onClose={() => setAsText(undefined)}>
        {asText !== undefined && (
          <form method="dialog" onSubmit={() => onChange(listOfTexts(lines, items, family))}>
            <label>
              One value a line
              <textarea
                class="code"
                rows={16}
                spellcheck={false}
                value={asText}
                onInput={({ currentTarget }) => setAsText(currentTarget.value)}
              />
            </label>
            <p class="dialog-end">
              <span class="quiet grow" role="status">
                {lines.length.toLocaleString()} values
              </span>
              <button type="button" onClick={() => dialog.current?.close()}>
                Cancel
              </button>
              <button class="primary">Use these values</button>
            </p>
          </form>
        )}
      </dialog>
    </span>
  );
}

/** Lines as they are, so that a value may hold commas and spaces inside. */
function splitLines(text: string): readonly string[] {
  return [...new Set(text.split(/\r?\n/).filter((line) => line.trim() !== ''))];
}
