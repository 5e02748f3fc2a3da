/** What is said beside each row, by its id. A row hears only of its own: a keystroke in one row draws no other row again. */
import type { RowId } from './builder-node.ts';

export class RowNotes<Note> {
  #notes: ReadonlyMap<RowId, Note> = new Map();
  readonly #listeners = new Map<RowId, Set<() => void>>();
  readonly #isSame: (a: Note, b: Note) => boolean;

  constructor(isSame: (a: Note, b: Note) => boolean) {
    this.#isSame = isSame;
  }

  get(id: RowId): Note | undefined {
    return this.#notes.get(id);
  }

  /** Takes all notes anew; a note that says the same stays the same object. */
  set(fresh: ReadonlyMap<RowId, Note>): void {
    const before = this.#notes;
    const kept = new Map<RowId, Note>();
    const changed: RowId[] = [];
    for (const [id, note] of fresh) {
      const old = before.get(id);
      const same = old !== undefined && this.#isSame(old, note);
      kept.set(id, same ? old : note);
      if (!same) changed.push(id);
    }
    for (const id of before.keys()) if (!fresh.has(id)) changed.push(id);
    this.#notes = kept;
    for (const id of changed) for (const listener of this.#listeners.get(id) ?? []) listener();
  }

  subscribe(id: RowId, listener: () => void): () => void {
    const listeners = this.#listeners.get(id) ?? new Set();
    this.#listeners.set(id, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0) this.#listeners.delete(id);
    };
  }
}
