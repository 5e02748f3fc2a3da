/** Adds many contacts to a segment, part by part, so that a list of any length is never held whole. What names no contact is left out and named. */
import { answered } from './api-failure.ts';
import { postSegmentsByKeyOverrides } from './api.ts';
import type { KeyList } from '../part/key-list.ts';

export interface SentKeys {
  readonly sent: number;
  readonly added: number;
  readonly unknown: readonly string[];
  readonly unknownCount: number;
  /** From 0 to 1. */
  readonly share: number;
  /** Requests that were answered. */
  readonly parts: number;
}

/** Unknown keys that are kept to be shown. */
const SHOWN = 1_000;

/**
 * Each part's result, all parts before it counted in.
 * @param before what was sent of this list already: those parts are not sent again
 * @throws {ApiFailure} what was sent stays sent
 */
export async function* sendKeys(
  key: string,
  list: KeyList,
  signal: AbortSignal,
  before?: SentKeys,
): AsyncGenerator<SentKeys> {
  let { sent, added, unknownCount } = before ?? { sent: 0, added: 0, unknownCount: 0 };
  const unknown = [...(before?.unknown ?? [])];
  let parts = 0;
  for await (const { keys, read } of list.parts()) {
    signal.throwIfAborted();
    parts += 1;
    if (parts <= (before?.parts ?? 0)) continue;
    const part = await answered(
      postSegmentsByKeyOverrides(key, { decision: 'add', contacts: [...keys], skip_unknown: true }, { signal }),
    );
    const left = part.unknown ?? [];
    sent += keys.length;
    added += part.changed;
    unknownCount += left.length;
    unknown.push(...left.slice(0, Math.max(0, SHOWN - unknown.length)));
    const share = list.size === 0 ? 1 : Math.min(1, read / list.size);
    yield { sent, added, unknown: [...unknown], unknownCount, share, parts };
  }
}
