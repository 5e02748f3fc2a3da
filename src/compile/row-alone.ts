/** Where a condition is read of one row and of nothing beside it. */
import { ident, sql, type Fragment } from './fragment.ts';
import type { Related, SqlScope } from './scope.ts';

/** Where no relation may be asked for. */
export const NESTED: Related = {
  some: () => {
    throw new Error('a relation two relations deep is refused by the checker');
  },
  aggregate: () => {
    throw new Error('an aggregate two relations deep is refused by the checker');
  },
  pick: () => {
    throw new Error('first and last two relations deep are refused by the checker');
  },
  among: () => {
    throw new Error('rows are limited in a level of their own');
  },
  inside: () => NESTED,
};

/** Whose catalogue and zone a row is read with. */
export type RowReader = Pick<SqlScope, 'catalogue' | 'timezone'>;

/** @param alias of the row */
export function rowAlone({ catalogue, timezone }: RowReader, alias: Fragment): SqlScope {
  return {
    catalogue,
    timezone,
    column: (field) => sql`${alias}.${ident(field.column)}`,
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: NESTED,
    member: () => {
      throw new Error('a row alone reads no membership');
    },
    past: () => {
      throw new Error('a row alone reads no past of a membership');
    },
    override: () => {
      throw new Error('a row alone reads no override');
    },
  };
}
