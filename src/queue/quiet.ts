/**
 * Reports an error that repeats once in half a minute: a server that is away makes the same error at every attempt.
 * Another error is reported at once.
 */

/** Milliseconds. */
const REPEAT_MS = 30_000;

export function quieter(report: (error: unknown) => void): (error: unknown) => void {
  let last: { readonly text: string; readonly at: number } | undefined;
  return (error) => {
    const text = textOf(error);
    const at = Date.now();
    if (last && last.text === text && at - last.at < REPEAT_MS) return;
    last = { text, at };
    report(error);
  };
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
