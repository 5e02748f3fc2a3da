/** What a person reads instead of what could not be shown: what happened, and what can be done. */
import { ApiFailure } from '../client/api-failure.ts';

export function FailureNote({ error, again }: { readonly error: Error; readonly again?: () => void }) {
  const failure = error instanceof ApiFailure ? error : undefined;
  return (
    <div class={failure?.status === 403 ? 'note warn' : 'note bad'} role="alert">
      <p>{error.message}</p>
      {again && failure?.status !== 403 && (
        <p>
          <button type="button" onClick={again}>
            Try again
          </button>
        </p>
      )}
    </div>
  );
}
