/** Ranks as `status` and `rank` print them. */
import { spanText } from '../base/span.ts';
import type { RankState } from '../index.ts';
import { rankSentence } from '../rank/rank-state.ts';
import { plural } from './printed-output.ts';

/** Seconds by which a computation may be late without a word. */
const LATE_S = 60;

/** `rank monetary as of 2026-… : 60 contacts, 5 moved, in 0.2 s; next at …`. */
export function rankLines(ranks: readonly RankState[]): readonly string[] {
  return ranks.map((one) => {
    const { ms, ranked, moved, nextAt, late } = one;
    const last =
      ms === null ? [] : [`${plural(ranked ?? 0, 'contact')}, ${moved ?? 0} moved, in ${(ms / 1_000).toFixed(1)} s`];
    const next = nextAt === null ? [] : [late > LATE_S ? `late by ${spanText(late)}` : `next at ${nextAt}`];
    return [`rank ${rankSentence(one)}`, ...last, ...next].join('; ');
  });
}
