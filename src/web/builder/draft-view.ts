/** Draws a component again at each change of a draft. */
import { useEffect, useReducer } from 'preact/hooks';
import type { DraftStore } from './draft-store.ts';
import type { SegmentDraft } from './segment-draft.ts';

export function useDraft(store: DraftStore): SegmentDraft {
  const [, again] = useReducer<number, undefined>((count) => count + 1, 0);
  useEffect(() => store.subscribe(() => again(undefined)), [store]);
  return store.draft;
}
