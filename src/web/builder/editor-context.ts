/** What every part of the builder shares. Rows are drawn through `Row`, because rows hold rows. */
import { createContext, type ComponentType } from 'preact';
import { useContext, useLayoutEffect, useReducer } from 'preact/hooks';
import type { ComboboxOption } from '../part/combobox-option.ts';
import type { Row, RowId } from './builder-node.ts';
import type { ScopeWords, Vocabulary } from './builder-vocabulary.ts';
import type { RowIssue } from './row-issue.ts';
import type { DraftStore } from './draft-store.ts';
import type { RowAmounts } from './preview-panel.tsx';
import type { RowNotes } from './row-note.ts';

/** Whether a row holds for the contact that it is tried on; null: not known here. */
export interface RowVerdict {
  readonly here: boolean | null;
  /** What Postgres says; undefined until it answered. */
  readonly postgres: boolean | null | undefined;
  readonly actual: string | null;
}

export interface RowProps {
  readonly row: Row;
  readonly scope: ScopeWords;
  /** Where it stands: a row of a group can be moved, copied and deleted; a row that must stand can be replaced. */
  readonly place: 'root' | 'group' | 'part';
  /** The word between it and the row before. */
  readonly join: string | undefined;
}

export interface Editor {
  readonly store: DraftStore;
  readonly vocabulary: Vocabulary;
  readonly issues: RowNotes<readonly RowIssue[]>;
  readonly numbers: RowNotes<RowAmounts>;
  readonly verdicts: RowNotes<RowVerdict>;
  readonly segments: () => readonly ComboboxOption[];
  readonly nameOfSegment: (key: string) => string;
  /** The row that is dragged. */
  readonly drag: { id: RowId | undefined };
  /** Says in words what happened, for a screen reader. */
  readonly announce: (text: string) => void;
  readonly Row: ComponentType<RowProps>;
}

const EditorContext = createContext<Editor | undefined>(undefined);
export const EditorProvider = EditorContext.Provider;

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error('A part of the builder stands outside of it.');
  return editor;
}

/** The note of a row; draws its caller again when that note changes, and only then. */
export function useNote<Note>(notes: RowNotes<Note>, id: RowId): Note | undefined {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  useLayoutEffect(() => notes.subscribe(id, () => again(undefined)), [notes, id]);
  return notes.get(id);
}

export function issuesId(id: RowId): string {
  return `row-${id}-issues`;
}
