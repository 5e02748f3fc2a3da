/**
 * Adds many contacts to a segment, part by part. Contacts that do not exist are left out and named: the server refuses a part that holds
 * one and says which, and the part is sent again without them.
 */
import { ApiFailure, answered } from './api-failure.ts';
import { postSegmentsByKeyOverrides } from './api.ts';
import type { KeyList } from '../part/key-list.ts';

export interface SentKeys {
  readonly sent: number;
  readonly added: number;
  readonly unknown: readonly string[];
  readonly unknownCount: number;
  /** From 0 to 1. */
  readonly share: number;
}

/** Unknown keys that are kept to be shown. */
const SHOWN = 1_000;

/** Each part's result, all parts before it counted in. @throws {ApiFailure} what was sent stays sent */
export async function* sendKeys(key: string, list: KeyList, signal: AbortSignal): AsyncGenerator<SentKeys> {
  let [sent, added, unknownCount] = [0, 0, 0];
  const unknown: string[] = [];
  for await (const part of list.parts()) {
    let { keys } = part;
    sent += keys.length;
    while (keys.length > 0) {
      signal.throwIfAborted();
      const refused = await addKeys(key, keys, signal);
      if (typeof refused === 'number') {
        added += refused;
        break;
      }
      unknownCount += refused.size;
      unknown.push(...[...refused].slice(0, Math.max(0, SHOWN - unknown.length)));
      keys = keys.filter((one) => !refused.has(one));
    }
    yield { sent, added, unknown, unknownCount, share: list.size === 0 ? 1 : Math.min(1, part.read / list.size) };
  }
}

/** How many were added, or which of them do not exist. */
async function addKeys(
  key: string,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<number | ReadonlySet<string>> {
  try {
    const { changed } = await answered(
      postSegmentsByKeyOverrides(key, { decision: 'add', contacts: [...keys] }, { signal }),
    );
    return changed;
  } catch (error) {
    const unknown = error instanceof ApiFailure ? unknownKeys(error, keys) : undefined;
    if (unknown === undefined) throw error;
    return unknown;
  }
}

function unknownKeys({ status, data }: ApiFailure, keys: readonly string[]): ReadonlySet<string> | undefined {
  if (status !== 404 || !Array.isArray(data)) return undefined;
  const known = new Set(keys);
  const unknown = new Set((data as readonly unknown[]).filter((one) => typeof one === 'string' && known.has(one)));
  return unknown.size > 0 ? (unknown as ReadonlySet<string>) : undefined;
}
