/**
 * How the compiler of conditions reads the columns of an export: fields of the contact `c` and of the one row that it refers to, and no
 * memberships. Pure.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { sql } from '../compile/fragment.ts';
import { NESTED } from '../compile/row-alone.ts';
import type { SqlScope } from '../compile/scope.ts';
import { contactColumn } from '../compile/to-one-column.ts';

export function columnScope(catalogue: Catalogue): SqlScope {
  return {
    catalogue,
    timezone: catalogue.timezone,
    column: (field) => contactColumn({ catalogue, timezone: catalogue.timezone }, sql`c`, field),
    once: (expression) => expression,
    constant: (expression) => expression,
    leaf: (leaf) => leaf,
    related: NESTED,
    member: () => {
      throw new Error('no column reads the membership of a segment');
    },
    past: () => {
      throw new Error('no column reads the past of a membership');
    },
    override: () => {
      throw new Error('no column reads an override');
    },
  };
}
