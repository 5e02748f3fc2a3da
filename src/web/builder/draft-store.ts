/**
 * The draft that is edited, with undo and redo, and where the keyboard goes next. Components subscribe to it. Owns no page and no
 * request. Invariant: every edit is one step of the history, and steps of typing in one place are joined.
 */
import { record, redo, undo, begin, type History } from './builder-history.ts';
import type { Row, RowId } from './builder-node.ts';
import { rowIds, type NextId } from './builder-tree.ts';
import type { SegmentDraft } from './segment-draft.ts';

/** Where the keyboard goes after an edit: a part of a row, as `data-part` names it. */
export interface FocusRequest {
  readonly row: RowId;
  readonly part: 'what' | 'compare' | 'value' | 'add' | 'menu' | 'first';
}

export interface EditOptions {
  /** Joins edits of one kind, such as typing in one input. */
  readonly label?: string | undefined;
  readonly focus?: FocusRequest;
}

export class DraftStore {
  readonly nextId: NextId;
  #history: History<SegmentDraft>;
  #focus: FocusRequest | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(draft: SegmentDraft, nextId: NextId = rowIds()) {
    this.nextId = nextId;
    this.#history = begin(draft);
  }

  get draft(): SegmentDraft {
    return this.#history.present;
  }

  get(): SegmentDraft {
    return this.draft;
  }

  get canUndo(): boolean {
    return this.#history.past.length > 0;
  }

  get canRedo(): boolean {
    return this.#history.future.length > 0;
  }

  /** Asks for the keyboard to go somewhere after an edit that is done. */
  focusOn(focus: FocusRequest): void {
    this.#focus = focus;
    for (const listener of this.#listeners) listener();
  }

  /** Where the keyboard shall go; answered once. */
  takeFocus(): FocusRequest | undefined {
    const focus = this.#focus;
    this.#focus = undefined;
    return focus;
  }

  edit(change: (draft: SegmentDraft) => SegmentDraft, { label, focus }: EditOptions = {}): void {
    if (focus) this.#focus = focus;
    this.#to(record(this.#history, change(this.draft), label));
  }

  editTree(change: (tree: Row, nextId: NextId) => Row, options: EditOptions = {}): void {
    this.edit((draft) => {
      const tree = change(draft.tree, this.nextId);
      return tree === draft.tree ? draft : { ...draft, tree };
    }, options);
  }

  undo(): void {
    this.#to(undo(this.#history));
  }

  redo(): void {
    this.#to(redo(this.#history));
  }

  /** Another draft, with no way back to the one before: what was saved, or what a link holds. */
  restart(draft: SegmentDraft): void {
    this.#to(begin(draft));
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #to(history: History<SegmentDraft>): void {
    this.#history = history;
    for (const listener of this.#listeners) listener();
  }
}
