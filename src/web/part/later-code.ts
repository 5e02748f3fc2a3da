/**
 * Code that a page can be used without, loaded once after the page is shown. Who needs it before it is there waits for it. Invariant: code
 * that could not be loaded stays so until the page is loaded again, because a browser remembers a module that failed.
 */
import { useEffect } from 'preact/hooks';
import { createPageStore, useStore, type PageStore } from '../client/page-store.ts';

export interface LaterCode<Code> {
  /** Undefined: not there yet. */
  readonly state: PageStore<Code | 'failed' | undefined>;
  /** Loads it unless that has begun. Never rejects: `state` says how it ended. */
  readonly load: () => Promise<void>;
}

export function laterCode<Code extends object>(load: () => Promise<Code>): LaterCode<Code> {
  const state = createPageStore<Code | 'failed' | undefined>(undefined);
  let loading: Promise<void> | undefined;
  const begin = async (): Promise<void> => {
    try {
      state.set(await load());
    } catch {
      state.set('failed');
    }
  };
  return { state, load: () => (loading ??= begin()) };
}

/** Loads one after the other, so that what is needed first is there first. */
export async function loadInTurn(codes: readonly Pick<LaterCode<unknown>, 'load'>[]): Promise<void> {
  for (const code of codes) await code.load();
}

/** The code, loaded by the first component that uses it. */
export function useLater<Code>(code: LaterCode<Code>): Code | 'failed' | undefined {
  useEffect(() => void code.load(), [code]);
  return useStore(code.state);
}
