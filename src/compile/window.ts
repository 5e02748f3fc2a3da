/**
 * Rolling windows of fixed length. The bounds are computed from `now` alone and the column stays bare, so an index
 * serves and no row raises. A date stands for its local midnight; instead of computing that, the bounds become local
 * dates: midnight(d) <= T exactly when d <= the local date of T.
 */
import { unreachable } from '../base/unreachable.ts';
import { intervalText } from '../temporal/duration.ts';
import { localDate, now } from './calendar.ts';
import { sql, value, type Fragment } from './fragment.ts';
import type { LeafSql } from './leaf.ts';
import { test, type Scalar } from './scalar.ts';
import type { SqlScope } from './scope.ts';

export type WindowOperator = 'in_last' | 'before_last' | 'in_next';

/** An instant that only parameters decide, as the scalar's type. */
function bound(scope: SqlScope, scalar: Scalar, instant: Fragment): Fragment {
  switch (scalar.type) {
    case 'timestamptz':
      return instant;
    case 'timestamp':
      return scope.constant(sql`(${instant} at time zone ${value(scope.catalogue.timestamps, 'text')})`);
    case 'date':
      return localDate(scope, instant);
    default:
      throw new Error(`a window needs a date or an instant, not ${scalar.type}`);
  }
}

/** `seconds` is the window's length. */
export function windowLeaf(scope: SqlScope, scalar: Scalar, operator: WindowOperator, seconds: number): LeafSql {
  const length = value(intervalText(seconds), 'interval');
  const present = bound(scope, scalar, now);
  const past = (): Fragment => bound(scope, scalar, sql`(${now} - ${length})`);
  const future = (): Fragment => bound(scope, scalar, sql`(${now} + ${length})`);
  switch (operator) {
    case 'in_last':
      return test(scalar, (of) => sql`(${of} > ${past()} and ${of} <= ${present})`);
    case 'before_last':
      return test(scalar, (of) => sql`${of} <= ${past()}`);
    case 'in_next':
      return test(scalar, (of) => sql`(${of} > ${present} and ${of} <= ${future()})`);
    default:
      return unreachable(operator);
  }
}
