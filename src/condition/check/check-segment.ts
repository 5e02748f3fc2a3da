/**
 * Other segments: whether the contact is a member, for how long it has been one, and whether it entered or left of late.
 * Lengths are fixed durations: the calendar has no say in when a contact entered.
 */
import type { Condition, PastOperator } from '../ast.ts';
import { operators } from '../operator.ts';
import { type Check, isInRelation, quote, type NameScope } from './check-context.ts';
import type { Call } from './check-node.ts';
import { fixedDurationOf } from './check-time.ts';

export function checkInSegment(c: Check, call: Call, scope: NameScope): Condition | undefined {
  const key = segmentOf(c, 'in_segment', call, scope);
  return key === undefined ? undefined : { kind: 'segment', key };
}

export function checkPast(c: Check, operator: PastOperator, call: Call, scope: NameScope): Condition | undefined {
  const [, amount, unit] = call.args;
  const duration = fixedDurationOf(c, amount, unit);
  const key = segmentOf(c, operator, call, scope);
  return key === undefined || !duration ? undefined : { kind: 'past', operator, key, ...duration };
}

/** The key in the first argument, of a segment that a condition may read here. */
function segmentOf(c: Check, name: 'in_segment' | PastOperator, call: Call, scope: NameScope): string | undefined {
  const [arg] = call.args;
  if (!arg) return undefined;
  if (typeof arg.value !== 'string' || arg.value === '') {
    return c.issues.report(
      'wrong-type',
      arg.at,
      `\`${name}\` takes the key of a segment as text, not ${quote(arg.value)}.`,
      operators[name].usage,
    );
  }
  if (isInRelation(scope)) {
    return c.issues.report(
      'outer-field',
      call.at,
      `\`${name}\` is about the contact; it cannot stand inside a relation.`,
      'combine both with `and` outside',
    );
  }
  if (c.place === 'contacts.where') {
    return c.issues.report(
      'segment-in-filter',
      call.at,
      'The base filter of contacts cannot depend on a segment: every segment depends on it.',
    );
  }
  if (c.knownSegment && !c.knownSegment(arg.value))
    return c.issues.report('unknown-segment', arg.at, `There is no segment ${quote(arg.value)}.`);
  return arg.value;
}
