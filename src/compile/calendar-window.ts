/**
 * Windows of months, quarters and years. The window ends on today moved by months, and the value's local day is compared
 * with that day. Adding months to a value could not be inverted, because the ends of months clamp. So the arithmetic is
 * done on today alone, where it never decreases, and the column stays bare.
 */
import type { WindowOperator } from '../condition/ast.ts';
import { dateAt, daysLeaf, monthsFrom, now, type DayBound } from './calendar.ts';
import { allOf, type LeafSql } from './leaf.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';
import { tenseLeaf } from './window-leaf.ts';

interface Sides {
  readonly inPast: LeafSql;
  readonly inFuture: LeafSql;
  /** The value's local day against today moved back. */
  readonly toPast: (operator: DayBound['operator']) => LeafSql;
  /** The value's local day against today moved forward. */
  readonly toFuture: (operator: DayBound['operator']) => LeafSql;
}

const insides: Readonly<Record<WindowOperator, (sides: Sides) => LeafSql>> = {
  in_last: ({ inPast, toPast }) => allOf([toPast('>'), inPast]),
  before_last: ({ toPast }) => toPast('<='),
  in_next: ({ inFuture, toFuture }) => allOf([inFuture, toFuture('<=')]),
};

/** The value lies in the window. @param months the window's length */
export function calendarWindowLeaf(scope: SqlScope, scalar: Scalar, operator: WindowOperator, months: number): LeafSql {
  const against = (shift: number) => (sign: DayBound['operator']) =>
    daysLeaf(scope, scalar, [{ operator: sign, day: scope.constant(monthsFrom(dateAt(scope, now), shift)) }]);
  return insides[operator]({
    inPast: tenseLeaf(scope, scalar, 'past'),
    inFuture: tenseLeaf(scope, scalar, 'future'),
    toPast: against(-months),
    toFuture: against(months),
  });
}
