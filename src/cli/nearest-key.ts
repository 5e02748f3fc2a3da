/** The key that a person may have meant when no segment has the key that was given. */
import { Failure } from '../base/error.ts';
import { didYouMean } from '../base/suggest.ts';
import type { Session } from './verb-session.ts';

/** Returns the error, or one that names the nearest key. When the keys cannot be read, it returns the error. */
export async function withNearestKey(error: unknown, session: Session): Promise<unknown> {
  const { key, sentence } = unknownKey(error);
  if (key === undefined) return error;
  const hint = didYouMean(key, await keys(session));
  return hint === undefined
    ? error
    : new Failure('not-found', `${sentence.replace(/\.$/, '')}: ${hint}`, { cause: error });
}

async function keys(session: Session): Promise<readonly string[]> {
  try {
    return (await session.segmentd().segments.list()).map((segment) => segment.key);
  } catch {
    return [];
  }
}

function unknownKey(error: unknown): { readonly key?: string; readonly sentence: string } {
  if (!(error instanceof Failure) || error.code !== 'not-found') return { sentence: '' };
  const { data, message: sentence } = error;
  const key = typeof data === 'object' && data !== null && 'segment' in data ? data.segment : undefined;
  return typeof key === 'string' ? { key, sentence } : { sentence };
}
