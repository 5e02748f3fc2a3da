/**
 * Sources: the (table, link column) pairs that a catalogue captures from. Pure; the database gives a source its number
 * in source-row.ts.
 */
import {
  contactSource,
  relationSource,
  type Catalogue,
  type Field,
  type KeyType,
  type Relation,
  type Table,
} from '../catalogue/catalogue.ts';

export interface CapturedColumn {
  readonly name: string;
  readonly sqlType: string;
  /** Whether its collation is nondeterministic. */
  readonly collate: boolean;
}

/** What a catalogue needs captured from one (table, link column). */
export interface SourcePlan {
  readonly key: string;
  readonly table: Table;
  readonly link: { readonly column: string; readonly sqlType: string };
  /** Type of the contacts' key. */
  readonly keyType: KeyType;
  /** `contact`: the link is the key of the contacts; `direct`: it refers to that key; `through`: to another source. */
  readonly kind: 'contact' | 'direct' | 'through';
  readonly via?: { readonly source: string; readonly column: string };
  /** Columns that conditions may read, by name. */
  readonly columns: readonly CapturedColumn[];
  /** Columns that rows of other sources refer to. A change of one counts as a change of the whole row. */
  readonly targets: readonly string[];
}

/** A source with its number and its mask bits. */
export interface SourceTable extends SourcePlan {
  readonly id: number;
  /** Column → mask bit. */
  readonly bits: ReadonlyMap<string, number>;
}

/** The sources that a catalogue needs, one for each (table, link column). */
export function planSources(catalogue: Catalogue): readonly SourcePlan[] {
  const { contacts } = catalogue;
  const plans = new Map<string, SourcePlan>();
  const targets = new Map<string, Set<string>>();
  const add = (plan: Omit<SourcePlan, 'columns' | 'targets' | 'keyType'>, fields: ReadonlyMap<string, Field>): void => {
    const columns = new Map(plans.get(plan.key)?.columns.map((column) => [column.name, column]));
    for (const { column, sqlType, collate } of fields.values()) columns.set(column, { name: column, sqlType, collate });
    columns.delete(plan.link.column);
    plans.set(plan.key, {
      ...plan,
      keyType: contacts.key.type,
      ...plans.get(plan.key),
      columns: [...columns.values()],
      targets: [],
    });
  };
  add({ key: contactSource(catalogue), table: contacts.table, link: contacts.key, kind: 'contact' }, contacts.fields);
  for (const relation of catalogue.relations.values()) {
    add(
      { key: relationSource(relation), table: relation.table, link: relation.link, ...reach(catalogue, relation) },
      relation.fields,
    );
    if (relation.link.kind !== 'through') continue;
    const middle = catalogue.relations.get(relation.link.relation);
    if (!middle) throw new Error(`relation ${relation.link.relation} is not in the catalogue`);
    const key = relationSource(middle);
    targets.set(key, (targets.get(key) ?? new Set()).add(relation.link.target));
  }
  return [...plans.values()].map((plan) => ({
    ...plan,
    link: { column: plan.link.column, sqlType: plan.link.sqlType },
    targets: [...(targets.get(plan.key) ?? [])].filter((column) => column !== plan.link.column),
  }));
}

/**
 * The sources that either catalogue needs, linked as the first says. Returns `first` itself when the second needs
 * nothing more, so that a later installation of the first finds nothing to do.
 */
export function unionOfSources(first: readonly SourcePlan[], second: readonly SourcePlan[]): readonly SourcePlan[] {
  const known = new Map(first.map((plan) => [plan.key, plan]));
  let more = false;
  const joined = first.map((plan) => {
    const other = second.find(({ key }) => key === plan.key);
    const columns = (other?.columns ?? []).filter(
      ({ name }) => name !== plan.link.column && !plan.columns.some((column) => column.name === name),
    );
    const targets = (other?.targets ?? []).filter((target) => !plan.targets.includes(target));
    if (columns.length + targets.length === 0) return plan;
    more = true;
    return { ...plan, columns: [...plan.columns, ...columns], targets: [...plan.targets, ...targets] };
  });
  const others = second.filter(({ key }) => !known.has(key));
  return more || others.length > 0 ? [...joined, ...others] : first;
}

function reach(catalogue: Catalogue, relation: Relation): Pick<SourcePlan, 'kind' | 'via'> {
  if (relation.link.kind === 'contact') return { kind: 'direct' };
  const middle = catalogue.relations.get(relation.link.relation);
  if (!middle) throw new Error(`relation ${relation.link.relation} is not in the catalogue`);
  return { kind: 'through', via: { source: relationSource(middle), column: relation.link.target } };
}
