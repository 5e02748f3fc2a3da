/**
 * The condition of a draft: its sentence, its rows, and the same as JSON. The checker runs here at each keystroke. Keys: Ctrl Z and
 * Ctrl Shift Z, Alt with arrows, Ctrl C and Ctrl V, Ctrl Delete.
 */
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ComboboxOption } from '../part/combobox-option.ts';
import { laterCode } from '../part/later-code.ts';
import { laterPart } from '../part/later-part.tsx';
import { useStore } from '../client/page-store.ts';
import { findRow } from './builder-edit.ts';
import type { RowId } from './builder-node.ts';
import type { Vocabulary } from './builder-vocabulary.ts';
import { ConditionRow } from './condition-row.tsx';
import { byRow, type DraftCheck, type RowIssue } from './row-issue.ts';
import type { DraftStore, FocusRequest } from './draft-store.ts';
import { EditorProvider, type Editor, type RowVerdict } from './editor-context.ts';
import { deleteRow, moveBy, pasteText, rowText, type Direction } from './row-action.ts';
import { RowNotes } from './row-note.ts';
import type { RowAmounts } from './preview-panel.tsx';
import { SentenceBox } from './sentence-box.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import './condition-editor.css';

export interface ConditionEditorProps {
  readonly store: DraftStore;
  readonly vocabulary: Vocabulary;
  readonly checked: DraftCheck;
  /** Stands in the place of the sentence while nothing checks the draft. */
  readonly unchecked: ComponentChildren;
  /** What the server says of the rows. */
  readonly refused: readonly RowIssue[];
  readonly segments: readonly ComboboxOption[];
  /** By JSON pointer. */
  readonly numbers: ReadonlyMap<string, RowAmounts>;
  readonly verdicts: ReadonlyMap<string, RowVerdict>;
  /** JSON that is typed and is no condition yet. */
  readonly onUnparsed: (unparsed: boolean) => void;
  readonly aside: ComponentChildren;
}

const VIEWS = ['Builder', 'JSON', 'SQL'] as const;

const jsonView = laterCode(() => import('./json-view.tsx'));
const sqlView = laterCode(() => import('./sql-view.tsx'));
const JsonView = laterPart(jsonView, 'JsonView');
const SqlView = laterPart(sqlView, 'SqlView');
/** The code of the views that are not shown at first. */
export const viewCodes = [jsonView, sqlView];

export function ConditionEditor(props: ConditionEditorProps) {
  const { store, vocabulary, checked, unchecked, refused, segments, numbers, verdicts, onUnparsed, aside } = props;
  const draft = useStore(store);
  const root = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<(typeof VIEWS)[number]>('Builder');
  const [said, announce] = useState('');
  const known = useRef(segments);
  known.current = segments;
  const editor = useMemo((): Editor => {
    return {
      store,
      vocabulary,
      issues: new RowNotes<readonly RowIssue[]>((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      numbers: new RowNotes<RowAmounts>((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      verdicts: new RowNotes<RowVerdict>((a, b) => JSON.stringify(a) === JSON.stringify(b)),
      segments: () => known.current,
      nameOfSegment: (key) => known.current.find((one) => one.value === key)?.label ?? key,
      drag: { id: undefined },
      announce,
      Row: ConditionRow,
    };
  }, [store, vocabulary]);

  useLayoutEffect(() => {
    const ofServer = byRow(refused, draft.tree);
    const all = new Map(checked.ofRow);
    for (const [id, issues] of ofServer) all.set(id, [...(all.get(id) ?? []), ...issues]);
    editor.issues.set(all);
  }, [editor, checked, refused]);
  useLayoutEffect(() => editor.numbers.set(placed(checked, numbers)), [editor, checked, numbers]);
  useLayoutEffect(() => editor.verdicts.set(placed(checked, verdicts)), [editor, checked, verdicts]);
  useLayoutEffect(() => {
    const focus = store.takeFocus();
    if (focus && root.current) focusPart(root.current, focus);
  });

  const onKeyDown = useCallback(
    (event: KeyboardEvent): void => {
      if (undoWithKeys(store, event)) return;
      const row = rowOfEvent(event);
      if (row === undefined || !(event.target instanceof HTMLElement) || event.target.closest('dialog, .code')) return;
      const direction = MOVES[event.key];
      if (event.altKey && !event.ctrlKey && !event.metaKey && direction) {
        event.preventDefault();
        event.stopPropagation();
        moveWithKeys(store, row, direction, event.target, announce);
      } else if ((event.ctrlKey || event.metaKey) && (event.key === 'Delete' || event.key === 'Backspace')) {
        if (event.key === 'Backspace' && isTextInput(event.target)) return;
        event.preventDefault();
        deleteRow(store, row, announce);
      }
    },
    [store],
  );
  useClipboard(root, store, announce);
  useEffect(() => {
    // Where no control has the keyboard, the editor still has these keys.
    const onBody = (event: KeyboardEvent): void => void (event.target === document.body && undoWithKeys(store, event));
    document.addEventListener('keydown', onBody);
    return () => document.removeEventListener('keydown', onBody);
  }, [store]);
  useKeptFocus(
    root,
    useCallback((row, part) => root.current !== null && focusPart(root.current, { row, part }), []),
  );

  return (
    <EditorProvider value={editor}>
      <div ref={root} class="condition-editor" onKeyDown={onKeyDown}>
        <SentenceBox
          checked={checked}
          unchecked={unchecked}
          refused={refused}
          onGo={(issue) => {
            setView('Builder');
            const [id] = byRow([issue], store.draft.tree).keys();
            if (id !== undefined) store.focusOn({ row: id, part: issue.empty ? 'value' : 'first' });
          }}
        />
        <div class={`columns ${aside === null ? 'alone' : ''}`}>
          <section aria-label="Conditions">
            <div class="tabs" role="tablist" aria-label="View">
              {VIEWS.map((name) => (
                <button
                  key={name}
                  type="button"
                  role="tab"
                  id={`view-${name}`}
                  aria-selected={view === name}
                  aria-controls="view-panel"
                  tabIndex={view === name ? 0 : -1}
                  onClick={() => setView(name)}
                  onKeyDown={(event) => {
                    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
                    if (step === undefined || event.altKey) return;
                    const next = VIEWS.at((VIEWS.indexOf(name) + step) % VIEWS.length) ?? name;
                    setView(next);
                    root.current?.querySelector<HTMLElement>(`#view-${next}`)?.focus();
                  }}
                >
                  {name}
                </button>
              ))}
            </div>
            <div role="tabpanel" id="view-panel" aria-labelledby={`view-${view}`}>
              {view === 'Builder' && (
                <ConditionRow row={draft.tree} scope={vocabulary.contact} place="root" join={undefined} />
              )}
              {view === 'JSON' && <JsonView store={store} issues={checked.issues} onUnparsed={onUnparsed} />}
              {view === 'SQL' && (
                <SqlView
                  condition={checked.condition}
                  valid={checked.sentence !== undefined}
                  timezone={draft.timezone}
                />
              )}
            </div>
          </section>
          {aside}
        </div>
        <p class="hidden-text" role="status">
          {said}
        </p>
      </div>
    </EditorProvider>
  );
}

/** Notes by pointer as notes by row. */
function placed<Note>({ pointers }: DraftCheck, notes: ReadonlyMap<string, Note>): ReadonlyMap<RowId, Note> {
  const found = new Map<RowId, Note>();
  for (const [id, pointer] of pointers) {
    const note = notes.get(pointer);
    if (note !== undefined) found.set(id, note);
  }
  return found;
}

const MOVES: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'out',
  ArrowRight: 'in',
};

/** Undoes or redoes a step. @returns whether the keys say so */
function undoWithKeys(store: DraftStore, event: KeyboardEvent): boolean {
  if (!isUndo(event)) return false;
  event.preventDefault();
  if (event.shiftKey || event.key.toLowerCase() === 'y') store.redo();
  else store.undo();
  return true;
}

/** Undo is the builder's own, save where JSON is typed as text. */
function isUndo({ key, ctrlKey, metaKey, altKey, target }: KeyboardEvent): boolean {
  const letter = key.toLowerCase();
  if (!(ctrlKey || metaKey) || altKey || (letter !== 'z' && letter !== 'y')) return false;
  return !(target instanceof HTMLElement && target.closest('.code, dialog'));
}

function rowOfEvent({ target }: Event): RowId | undefined {
  const row = target instanceof Element ? target.closest('[data-row]') : null;
  return row instanceof HTMLElement ? Number(row.dataset['row']) : undefined;
}

function isTextInput(target: EventTarget | null): target is HTMLInputElement | HTMLTextAreaElement {
  return target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement;
}

function moveWithKeys(
  store: DraftStore,
  row: RowId,
  direction: Direction,
  from: HTMLElement,
  announce: (text: string) => void,
): void {
  const before = store.draft.tree;
  const part = from.dataset['part'];
  store.editTree((tree, nextId) => moveBy(tree, row, direction, nextId), {
    focus: { row, part: PARTS.find((one) => one === part) ?? 'first' },
  });
  announce(store.draft.tree === before ? 'There is no place there.' : 'Moved.');
}

const PARTS = ['what', 'compare', 'value', 'add', 'menu'] as const;

/** @returns whether the row is shown */
function focusPart(root: HTMLElement, { row, part }: FocusRequest): boolean {
  const place = root.querySelector<HTMLElement>(`[data-row="${row}"]`);
  if (!place) return false;
  const all = [...place.querySelectorAll<HTMLElement>(part === 'first' ? '[data-part]' : `[data-part="${part}"]`)];
  // The button of a group stands behind its rows.
  const found = part === 'add' ? all.at(-1) : all[0];
  (found ?? place.querySelector<HTMLElement>('input, select, button'))?.focus();
  return true;
}

/** Copies the row with the keyboard as JSON, and pastes a condition below it. Text that is selected or pasted in an input stays text. */
function useClipboard(
  root: { readonly current: HTMLElement | null },
  store: DraftStore,
  announce: (text: string) => void,
): void {
  useEffect(() => {
    const rowHere = (): RowId | undefined => {
      const at = document.activeElement;
      if (!at || !root.current?.contains(at) || at.closest('.code, dialog')) return undefined;
      const row = at.closest<HTMLElement>('[data-row]');
      return row ? Number(row.dataset['row']) : undefined;
    };
    const onCopy = (event: ClipboardEvent): void => {
      const id = rowHere();
      const at = document.activeElement;
      const whole = isTextInput(at) && at.getAttribute('role') === 'combobox';
      if (id === undefined || (isTextInput(at) && !whole && at.selectionStart !== at.selectionEnd)) return;
      if (!isTextInput(at) && String(document.getSelection()) !== '') return;
      const row = findRow(store.draft.tree, id);
      if (!row) return;
      event.preventDefault();
      event.clipboardData?.setData('text/plain', rowText(row));
      announce('Copied as JSON.');
    };
    const onPaste = (event: ClipboardEvent): void => {
      const id = rowHere();
      const text = event.clipboardData?.getData('text/plain') ?? '';
      const at = document.activeElement;
      if (id === undefined || (isTextInput(at) && at.getAttribute('role') !== 'combobox')) return;
      if (pasteText(store, id, text, announce)) event.preventDefault();
    };
    document.addEventListener('copy', onCopy);
    document.addEventListener('paste', onPaste);
    return () => {
      document.removeEventListener('copy', onCopy);
      document.removeEventListener('paste', onPaste);
    };
  }, [root, store, announce]);
}
