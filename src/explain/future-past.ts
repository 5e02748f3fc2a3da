/**
 * What a later instant will call the past of a membership: the stored rows, and the turns that time alone will bring until
 * then. Each turn of the other segment is a row that the worker will write at that instant. Pure.
 */
import { now } from '../compile/calendar.ts';
import { list, sql, type Fragment } from '../compile/fragment.ts';
import type { LeafSql } from '../compile/leaf.ts';
import { instantInWindow } from '../compile/window-leaf.ts';
import type { ConditionOf } from '../condition/ast.ts';
import { pasts } from '../condition/time-unit.ts';

/** The contact enters or leaves a segment at an instant to come, though no row changes. */
export interface Turn {
  /** As text. */
  readonly at: string;
  readonly enters: boolean;
}

/** The turns of one contact by segment, in order. */
export type Futures = ReadonlyMap<string, readonly Turn[]>;

export const NO_FUTURES: Futures = new Map();

/** @param stored the verdict over the stored rows at `now` */
export function futurePast(leaf: ConditionOf<'past'>, stored: LeafSql, turns: readonly Turn[] = []): LeafSql {
  if (turns.length === 0) return stored;
  const { of, window } = pasts[leaf.operator];
  const holds =
    of === 'members'
      ? memberFor(leaf, stored.positive, turns)
      : sql`(${stored.positive} or ${anyIn(
          turns.filter(({ enters }) => enters === (of === 'entered')),
          (at) => instantInWindow(at, window, leaf.seconds),
        )})`;
  return { positive: holds, negative: sql`(${holds}) is not true` };
}

/** The last turn before that instant decides; without one, the stored row does. */
function memberFor({ seconds }: ConditionOf<'past'>, stored: Fragment, turns: readonly Turn[]): Fragment {
  const last = sql`select moved.enters and ${instantInWindow(sql`moved.at`, 'before_last', seconds)}
    from ${turnRows(turns)} where moved.at <= ${now} order by moved.at desc limit 1`;
  return sql`coalesce((${last}), ${stored})`;
}

function anyIn(turns: readonly Turn[], test: (at: Fragment) => Fragment): Fragment {
  return sql`exists (select from ${turnRows(turns)} where ${test(sql`moved.at`)})`;
}

function turnRows(turns: readonly Turn[]): Fragment {
  const at = list(
    turns.map((turn) => turn.at),
    'timestamptz',
  );
  const enters = list(
    turns.map((turn) => String(turn.enters)),
    'boolean',
  );
  return sql`unnest(${at}, ${enters}) as moved(at, enters)`;
}
