/**
 * Text operators: contains, starts with, ends with, equals; exact, or folded by `lower` under the catalogue's folding
 * collation. citext compares by its own operators, which fold as the database's locale does. Never ILIKE, whose folding
 * depends on the database's locale. Needles are data: LIKE's special characters are escaped.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { TextOperator } from '../condition/ast.ts';
import { ident, list, sql, value as parameter, type Fragment } from './fragment.ts';
import { computedOf, equality, test } from './scalar.ts';
import type { Scalar } from './scalar-type.ts';
import { any, type LeafSql } from './leaf.ts';
import type { SqlScope } from './scope.ts';

/** Up to so many needles are tests of their own, each with its range of an index; more are one array. */
const FEW_NEEDLES = 20;

const PATTERNS: Readonly<Record<Exclude<TextOperator, 'equals'>, (escaped: string) => string>> = {
  contains: (escaped) => `%${escaped}%`,
  starts_with: (escaped) => `${escaped}%`,
  ends_with: (escaped) => `%${escaped}`,
};

/** The needle as a LIKE pattern. Backslash is LIKE's own default escape. */
export function likePattern(operator: Exclude<TextOperator, 'equals'>, needle: string): string {
  return PATTERNS[operator](needle.replaceAll(/[\\%_]/g, String.raw`\$&`));
}

/** Folded by Unicode where the server has ICU, else by the database's locale. */
export function folded(catalogue: Catalogue, text: Fragment): Fragment {
  return sql`lower(${text} collate ${ident('pg_catalog', catalogue.foldCollation ?? 'default')})`;
}

/** The literal's fold is computed by the server too, so that both sides are folded by one set of rules. */
function foldedScalar(scope: SqlScope, scalar: Scalar): Scalar {
  const fold = (of: Fragment): Fragment => folded(scope.catalogue, of);
  const bare = scalar.bare ? { bare: fold(scalar.bare) } : {};
  const guard = scalar.guard ? { guard: scalar.guard } : {};
  const value = computedOf(scope, scalar, fold(scalar.citext ? sql`${scalar.value}::text` : scalar.value));
  return {
    type: 'text',
    value,
    nullable: scalar.nullable,
    ...(scalar.computed ? { computed: true } : {}),
    ...bare,
    ...guard,
  };
}

export function textLeaf(
  scope: SqlScope,
  scalar: Scalar,
  operator: TextOperator,
  fold: boolean,
  needles: readonly string[],
): LeafSql {
  const subject = fold ? foldedScalar(scope, scalar) : scalar;
  const literal = (text: string): Fragment => {
    const bound = parameter(text, subject.citext?.type ?? 'text');
    return fold ? scope.constant(folded(scope.catalogue, bound)) : bound;
  };
  const array = (texts: readonly string[]): Fragment =>
    fold
      ? sql`(select array_agg(${folded(scope.catalogue, sql`n`)}) from unnest(${list(texts, 'text')}) as needle(n))::text[]`
      : list(texts, subject.citext?.type ?? 'text');
  if (operator !== 'equals') {
    const patterns = needles.map((needle) => likePattern(operator, needle));
    const like = subject.citext ? sql`operator(${ident(subject.citext.schema)}.~~)` : sql`like`;
    if (patterns.length > FEW_NEEDLES) return test(subject, (of) => sql`${of} ${like} any(${array(patterns)})`);
    return test(subject, (of) => any(patterns.map((pattern) => sql`${of} ${like} ${literal(pattern)}`)));
  }
  const [only] = needles;
  if (only !== undefined && needles.length === 1) return test(subject, (of) => equality(subject, of, literal(only)));
  return test(subject, (of) => equality(subject, of, sql`any(${array(needles)})`));
}
