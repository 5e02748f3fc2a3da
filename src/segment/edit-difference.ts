/**
 * What an edit changes, in words: compares the sentences of the two conditions, group member by group member. A condition that
 * no longer fits the tables is shown as it is written. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import { checkCondition } from '../condition/check/check-condition.ts';
import { describe } from '../condition/describe/describe.ts';
import { normalise } from '../condition/normalise.ts';

/** What a version says. */
export interface Definition {
  /** JsonLogic; null for a static segment. */
  readonly condition: unknown;
  readonly timezone: string | null;
}

export interface Difference {
  /** Sentences of the version before that the version after lacks. Alternatives of an `or` when both conditions are one. */
  readonly removed: readonly string[];
  readonly added: readonly string[];
  /** The time zone of the calendar; null when it stays. */
  readonly timezone: { readonly from: string; readonly to: string } | null;
  /** Whether the condition is written differently although neither a sentence nor the zone differs. */
  readonly wording: boolean;
}

export function differenceOf(catalogue: Catalogue, before: Definition, after: Definition): Difference {
  const from = parse(catalogue, before);
  const to = parse(catalogue, after);
  const kind = from?.kind === 'or' && to?.kind === 'or' ? 'or' : 'and';
  const former = sentences(catalogue, from, before, kind);
  const latter = sentences(catalogue, to, after, kind);
  const zones = { from: before.timezone ?? catalogue.timezone, to: after.timezone ?? catalogue.timezone };
  const removed = without(former, latter);
  const added = without(latter, former);
  const timezone = zones.from === zones.to ? null : zones;
  const same = JSON.stringify(before.condition) === JSON.stringify(after.condition);
  return { removed, added, timezone, wording: !same && removed.length + added.length === 0 && timezone === null };
}

/** One line for each change: `- …`, `+ …`. */
export function differenceLines({ removed, added, timezone, wording }: Difference): readonly string[] {
  return [
    ...removed.map((sentence) => `- ${sentence}`),
    ...added.map((sentence) => `+ ${sentence}`),
    ...(timezone ? [`timezone: ${timezone.from} → ${timezone.to}`] : []),
    ...(wording ? ['written differently, means the same'] : []),
  ];
}

function parse(catalogue: Catalogue, { condition, timezone }: Definition): Condition | undefined {
  if (condition === null) return undefined;
  const checked = checkCondition(condition, { catalogue, timezone: timezone ?? catalogue.timezone });
  return checked.ok ? normalise(checked.condition) : undefined;
}

function sentences(
  catalogue: Catalogue,
  condition: Condition | undefined,
  { condition: written }: Definition,
  kind: 'and' | 'or',
): readonly string[] {
  if (!condition) return written === null ? [] : [JSON.stringify(written)];
  return (condition.kind === kind ? condition.children : [condition]).map((part) => describe(part, catalogue));
}

/** The sentences that `all` has more often than `some`. */
function without(all: readonly string[], some: readonly string[]): string[] {
  const left = [...some];
  return all.filter((one) => {
    const found = left.indexOf(one);
    if (found >= 0) left.splice(found, 1);
    return found < 0;
  });
}
