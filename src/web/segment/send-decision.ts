/** Decides of many contacts, part by part. Those that are added and do not exist are left out and named; other decisions are refused. */
import { answered } from '../client/api-failure.ts';
import { postSegmentsByKeyOverrides, type OverridesWrite } from '../client/api.ts';
import { sendKeys } from '../client/send-keys.ts';
import type { KeyList } from '../part/key-list.ts';

export interface SentDecisions {
  readonly asked: number;
  readonly changed: number;
  readonly unknown: readonly string[];
  readonly unknownCount: number;
  /** From 0 to 1. */
  readonly share: number;
}

type Decided = Omit<OverridesWrite, 'contacts'>;

/** Each part's result, all parts before it counted in. Ends with the signal. @throws {ApiFailure} what was sent stays sent */
export async function* sendDecisions(
  key: string,
  list: KeyList,
  decided: Decided,
  signal: AbortSignal,
): AsyncGenerator<SentDecisions> {
  const isPlain = decided.note === undefined && decided.until === undefined;
  if (decided.decision === 'add' && isPlain) {
    for await (const { sent, added, ...rest } of sendKeys(key, list, signal))
      yield { asked: sent, changed: added, ...rest };
    return;
  }
  let [asked, changed] = [0, 0];
  for await (const { keys, read } of list.parts()) {
    signal.throwIfAborted();
    const done = await answered(postSegmentsByKeyOverrides(key, { ...decided, contacts: [...keys] }, { signal }));
    asked += done.asked;
    changed += done.changed;
    yield { asked, changed, unknown: [], unknownCount: 0, share: list.size === 0 ? 1 : Math.min(1, read / list.size) };
  }
}
