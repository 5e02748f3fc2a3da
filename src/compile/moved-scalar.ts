/**
 * An instant moved by a fixed duration. Hours, minutes or seconds only, so no zone and no change of clocks matters. Adding raises beyond
 * Postgres' range (22008), so such a value is infinite instead: the bound depends on the duration alone.
 */
import type { MovedName, MovedOperand } from '../condition/ast.ts';
import { intervalText } from '../temporal/interval-text.ts';
import { sql, value, type Fragment } from './fragment.ts';
import { instantOf } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import type { SqlScope } from './scope.ts';

const FIRST = sql`timestamptz '4714-11-24 00:00:00+00 BC'`;
const LAST = sql`timestamptz '294276-12-31 23:59:59.999999+00'`;

const moves: Readonly<Record<MovedName, (at: Fragment, length: Fragment) => Fragment>> = {
  plus: (at, length) => sql`case when ${at} > ${LAST} - ${length} then 'infinity' else ${at} + ${length} end`,
  minus: (at, length) => sql`case when ${at} < ${FIRST} + ${length} then '-infinity' else ${at} - ${length} end`,
};

/** @param of the instant that is moved */
export function movedScalar(scope: SqlScope, { direction, seconds }: MovedOperand, of: Scalar): Scalar {
  const length = value(intervalText(seconds), 'interval');
  const at = of.type === 'timestamp' ? instantOf(scope, of.value) : of.value;
  const type = 'timestamptz';
  if (!of.computed) return { type, value: sql`(${moves[direction](at, length)})`, nullable: true };
  // An aggregate stands in it once.
  const moved = sql`(select ${moves[direction](sql`v.at`, length)} from (select ${at} offset 0) as v(at))`;
  return { type, value: moved, nullable: true, computed: true };
}
