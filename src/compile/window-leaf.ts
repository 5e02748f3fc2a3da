/**
 * Rolling windows of fixed length. The bounds are computed from `now` alone and the column stays bare, so an index
 * serves and no row raises. A date stands for its local midnight; instead of computing that, the bounds become local
 * dates: midnight(d) <= T exactly when d <= the local date of T.
 */
import type { Tense, WindowOperator } from '../condition/ast.ts';
import { intervalText } from '../temporal/interval-text.ts';
import { localDate, now } from './calendar.ts';
import { sql, value, type Fragment } from './fragment.ts';
import type { LeafSql } from './leaf.ts';
import { test } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

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

const sides: Readonly<Record<Tense, (of: Fragment, present: Fragment) => Fragment>> = {
  past: (of, present) => sql`${of} <= ${present}`,
  future: (of, present) => sql`${of} > ${present}`,
};

/** The value is in the past, which now belongs to, or in the future. */
export function tenseLeaf(scope: SqlScope, scalar: Scalar, tense: Tense): LeafSql {
  const present = bound(scope, scalar, now);
  return test(scalar, (of) => sides[tense](of, present));
}

/** The ends of a window, as the scalar's type. `past` and `future` are one window from now. */
interface Ends {
  readonly present: Fragment;
  readonly past: () => Fragment;
  readonly future: () => Fragment;
}

const insides: Readonly<Record<WindowOperator, (of: Fragment, ends: Ends) => Fragment>> = {
  in_last: (of, { past, present }) => sql`(${of} > ${past()} and ${of} <= ${present})`,
  before_last: (of, { past }) => sql`${of} <= ${past()}`,
  in_next: (of, { present, future }) => sql`(${of} > ${present} and ${of} <= ${future()})`,
};

/** The instant, which is never missing, lies in the window. @param seconds the window's length */
export function instantInWindow(instant: Fragment, operator: WindowOperator, seconds: number): Fragment {
  const length = value(intervalText(seconds), 'interval');
  return insides[operator](instant, {
    present: now,
    past: () => sql`(${now} - ${length})`,
    future: () => sql`(${now} + ${length})`,
  });
}

/** The value lies in the window. @param seconds the window's length */
export function windowLeaf(scope: SqlScope, scalar: Scalar, operator: WindowOperator, seconds: number): LeafSql {
  const length = value(intervalText(seconds), 'interval');
  const ends: Ends = {
    present: bound(scope, scalar, now),
    past: () => bound(scope, scalar, sql`(${now} - ${length})`),
    future: () => bound(scope, scalar, sql`(${now} + ${length})`),
  };
  return test(scalar, (of) => insides[operator](of, ends));
}
