/**
 * The statements of a preview: who is in, counted; and a sample of contacts, leaf by leaf. Built from the same predicates
 * that rebuilds and rechecks use.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import { ident, integer, join, keyword, slot, sql, type Fragment } from '../compile/fragment.ts';
import type { Leaf } from '../compile/leaf.ts';
import { predicate } from '../compile/predicate.ts';
import type { Scope } from '../compile/scope.ts';
import { memberQuery } from '../compile/statement.ts';
import type { Condition } from '../condition/ast.ts';
import { contactKey, contactScope, contactTable } from '../explain/scope.ts';
import type { Plan } from '../segment/plan.ts';

export interface Meaning {
  readonly catalogue: Catalogue;
  readonly plan: Plan;
  segmentId(key: string): number;
}

const EVERYWHERE = { low: false, high: false } as const;

/** Rows (contact_id). */
export function inQuery({ catalogue, plan, segmentId }: Meaning): Fragment {
  return memberQuery(catalogue, plan, EVERYWHERE, { segmentId });
}

/** One row: count, keys. With `most`, the first keys that come; that costs, so it is for conditions that few satisfy. */
export function countQuery(of: Fragment, most: number): Fragment {
  const keys = most === 0 ? sql`null::text[]` : sql`(array_agg(q.contact_id::text))[1:${integer(most)}]`;
  return sql`select count(*) as count, ${keys} as keys from (${of}) as q(contact_id)`;
}

export function sampleScope({ catalogue, plan, segmentId }: Meaning): Scope {
  return contactScope(catalogue, plan.timezone, (key): Leaf => {
    const row = sql`exists (select from segmentd.membership m where m.segment_id = ${integer(segmentId(key))} and m.contact_id = ${contactKey(catalogue)})`;
    return { positive: row, negative: sql`not ${row}` };
  });
}

/** Contacts that are looked at one by one; of a table that is not much larger, all. */
const SAMPLED = 10_000;
/** Rows up to which every row is given its chance: reading them all takes half a second. Beyond, whole pages are. */
const SMALL = 5_000_000;

/** How to take a sample of a table with about so many rows; undefined: all of it. */
export function sampling(contacts: number): Fragment | undefined {
  if (contacts <= 2 * SAMPLED) return undefined;
  const percent = keyword(((100 * SAMPLED) / contacts).toFixed(6));
  return contacts <= SMALL ? sql`tablesample bernoulli (${percent})` : sql`tablesample system (${percent})`;
}

function sampledContacts(catalogue: Catalogue, sample: Fragment | undefined): Fragment {
  return sample === undefined ? contactTable(catalogue) : sql`${contactTable(catalogue)} ${sample}`;
}

/** Rows (held boolean[], count, keys): the contacts of `population`, by which leaves hold for them. */
export function leafQuery(meaning: Meaning, leaves: readonly Condition[], population: Condition, sample: Fragment | undefined, most: number): Fragment {
  const scope = sampleScope(meaning);
  const key = sql`c.${ident(meaning.catalogue.contacts.key.column)}`;
  const held = leaves.map((leaf) => sql`(${predicate(scope, leaf)}) is true`);
  return sql`select s.held, count(*)::int as count, (array_agg(s.key))[1:${integer(most)}] as keys
from (
  select array[${join(held, sql`, `)}]::boolean[] as held, ${key}::text as key
  from ${sampledContacts(meaning.catalogue, sample)} where ${predicate(scope, population)}
) as s group by 1`;
}

/** One row (sampled, entering, leaving): of a sample, who would move. Slot `segment`. */
export function movementSampleQuery(meaning: Meaning, sample: Fragment | undefined): Fragment {
  const matches = sql`(${predicate(sampleScope(meaning), meaning.plan.condition)}) is true`;
  return sql`select count(*)::int as sampled,
  count(*) filter (where s.matches and not s.stored)::int as entering, count(*) filter (where s.stored and not s.matches)::int as leaving
from (
  select ${matches} as matches,
    exists (select from segmentd.membership m where m.segment_id = ${slot('segment', 'int')} and m.contact_id = ${contactKey(meaning.catalogue)}) as stored
  from ${sampledContacts(meaning.catalogue, sample)}
) as s`;
}
