/** What a person asked to be done: whether it runs, and why it failed. Nothing that was typed is lost by a failure. */
import { useState } from 'preact/hooks';

export interface Action<A extends readonly unknown[]> {
  /** Does nothing while it runs already. */
  readonly run: (...args: A) => Promise<void>;
  readonly busy: boolean;
  readonly error: Error | undefined;
  readonly clear: () => void;
}

export function useAction<A extends readonly unknown[]>(act: (...args: A) => Promise<unknown>): Action<A> {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | undefined>();
  return {
    busy,
    error,
    clear: () => setError(undefined),
    async run(...args) {
      if (busy) return;
      setBusy(true);
      setError(undefined);
      try {
        await act(...args);
      } catch (caught) {
        setError(caught instanceof Error ? caught : new Error(String(caught)));
      } finally {
        setBusy(false);
      }
    },
  };
}
