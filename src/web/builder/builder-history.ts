/**
 * Undo and redo of a value, pure. Edits with the same `label` right after each other are one step, so that a word that is typed
 * is undone as a word.
 */
export interface History<T> {
  readonly past: readonly T[];
  readonly present: T;
  readonly future: readonly T[];
  /** What the last edit was, for the next one to join it. */
  readonly label: string | undefined;
}

/** Steps that are kept. */
const DEPTH = 200;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], label: undefined };
}

/** @param label joins edits of one kind, such as typing in one field; absent: a step of its own */
export function record<T>(history: History<T>, present: T, label?: string): History<T> {
  if (Object.is(present, history.present)) return history;
  const joins = label !== undefined && label === history.label;
  return {
    past: joins ? history.past : [...history.past, history.present].slice(-DEPTH),
    present,
    future: [],
    label,
  };
}

export function undo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const before = past.at(-1);
  if (before === undefined) return history;
  return { past: past.slice(0, -1), present: before, future: [present, ...future], label: undefined };
}

export function redo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const [after, ...later] = future;
  if (after === undefined) return history;
  return { past: [...past, present], present: after, future: later, label: undefined };
}
