/**
 * One batch, and how it ended. What a drain throws is read here alone, so that no caller takes a cancelled statement
 * for a condition that cannot be evaluated. A person's cancel says nothing about the work, a limit of ours says "too
 * much at once", and poison says "an error in the condition or its data".
 */
import { isOwnTimeout, readingOf, sqlState } from '../base/error.ts';
import type { Registry } from '../followed/registry.ts';
import { drain, STATEMENT_TIMEOUT } from './drain.ts';
import type { Drained, DrainOptions, Taken } from './drain-option.ts';
import type { DrainSession } from './drain-session.ts';

export type Outcome =
  | { readonly kind: 'drained'; readonly drained: Drained }
  /** By a person, or by a stop of this worker: the same work is tried again. */
  | { readonly kind: 'cancelled'; readonly error: unknown }
  /** `slow`: a statement reached its limit. */
  | { readonly kind: 'slow' | 'poison'; readonly error: unknown; readonly code: string; readonly taken: Taken };

/** @throws whatever is not about the work: a lost connection, a catalogue that is behind, an internal error */
export async function attempt(session: DrainSession, registry: Registry, options: DrainOptions): Promise<Outcome> {
  const limit = options.statementTimeout ?? STATEMENT_TIMEOUT;
  let taken: Taken = { contacts: [], segments: [] };
  let stepped = performance.now();
  const at: DrainOptions['at'] = async (step) => {
    await options.at?.(step);
    stepped = performance.now();
  };
  const onTaken = (what: Taken): void => {
    taken = what;
    options.onTaken?.(what);
  };
  try {
    return { kind: 'drained', drained: await drain(session, registry, { ...options, at, onTaken }) };
  } catch (error) {
    const code = sqlState(error);
    if (code === undefined) throw error;
    const reading = readingOf(code);
    if (reading === 'poison') return { kind: 'poison', error, code, taken };
    if (reading !== 'cancelled') throw error;
    return isOwnTimeout(error, performance.now() - stepped, limit)
      ? { kind: 'slow', error, code, taken }
      : { kind: 'cancelled', error };
  }
}
