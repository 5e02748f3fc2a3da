/**
 * Sources: the (table, link column) pairs that a catalogue captures from. Pure; the database gives a source its number
 * in source-row.ts.
 */
import {
  CONTACT,
  contactSource,
  hopNamed,
  hopSource,
  relationSource,
  type CaptureKind,
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

/** Where a link leads: a column of another source. */
export interface Via {
  readonly source: string;
  readonly column: string;
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
  readonly via?: Via;
  /** Columns that conditions may read, by name. */
  readonly columns: readonly CapturedColumn[];
  /** Columns that rows of other sources refer to. A change of one counts as a change of the whole row. */
  readonly targets: readonly string[];
  /** Columns of contacts that refer to rows of other sources: each is one of `columns`, and a change of one says which. */
  readonly outward: readonly string[];
  /** The kind of triggers that the config asks for; absent: capture chooses. */
  readonly capture?: CaptureKind;
}

/** A source with its number and its mask bits. */
export interface SourceTable extends SourcePlan {
  readonly id: number;
  /** Column → mask bit. */
  readonly bits: ReadonlyMap<string, number>;
}

/**
 * The sources that a catalogue needs, one for each (table, link column). What several relations ask of one source is sorted: the file and the
 * published catalogue name relations in different orders, and the trigger functions of both must be the same.
 */
export function planSources(catalogue: Catalogue): readonly SourcePlan[] {
  const { contacts } = catalogue;
  const plans = new Map<string, SourcePlan>();
  const targets = new Map<string, Set<string>>();
  const outward = outwardColumns(catalogue);
  const add = (
    plan: Omit<SourcePlan, 'columns' | 'targets' | 'outward' | 'keyType'>,
    fields: Iterable<Pick<Field, 'column' | 'sqlType' | 'collate'>>,
  ): void => {
    const shared = plans.get(plan.key);
    const columns = new Map(shared?.columns.map((column) => [column.name, column]));
    for (const { column, sqlType, collate } of fields) columns.set(column, { name: column, sqlType, collate });
    columns.delete(plan.link.column);
    plans.set(plan.key, {
      ...plan,
      keyType: contacts.key.type,
      ...shared,
      ...(shared?.via && plan.via ? { via: lesserVia(shared.via, plan.via) } : {}),
      columns: shared ? [...columns.values()].toSorted(byName) : [...columns.values()],
      targets: [],
      outward: [],
    });
  };
  add(
    {
      key: contactSource(catalogue),
      table: contacts.table,
      link: contacts.key,
      kind: 'contact',
      ...settingOf(contacts),
    },
    [
      ...contacts.fields.values(),
      ...outward.filter(({ column }) => ![...contacts.fields.values()].some((field) => field.column === column)),
    ],
  );
  for (const relation of catalogue.relations.values()) {
    add(
      {
        key: relationSource(relation),
        table: relation.table,
        link: relation.link,
        ...reach(catalogue, relation),
        ...settingOf(relation),
      },
      relation.fields.values(),
    );
    if (relation.link.kind !== 'through' || relation.link.relation === CONTACT) continue;
    const key = hopSource(catalogue, middleOf(catalogue, relation.link.relation));
    targets.set(key, (targets.get(key) ?? new Set()).add(relation.link.target));
  }
  return [...plans.values()].map((plan) => ({
    ...plan,
    link: { column: plan.link.column, sqlType: plan.link.sqlType },
    targets: [...(targets.get(plan.key) ?? [])].filter((column) => column !== plan.link.column).toSorted(),
    outward: plan.kind === 'contact' ? outward.map(({ column }) => column) : [],
  }));
}

function settingOf({ capture }: { readonly capture?: CaptureKind }): Pick<SourcePlan, 'capture'> {
  return capture === undefined ? {} : { capture };
}

/** The contacts' columns that relations equal, in order of their names. */
function outwardColumns({ relations }: Catalogue): readonly Pick<Field, 'column' | 'sqlType' | 'collate'>[] {
  const columns = new Map<string, string>();
  for (const { link } of relations.values())
    if (link.kind === 'through' && link.relation === CONTACT) columns.set(link.target, link.sqlType);
  return [...columns]
    .map(([column, sqlType]) => ({ column, sqlType, collate: false }))
    .toSorted((a, b) => (a.column < b.column ? -1 : 1));
}

/** Several ways lead on from one source: the record names one of them, the same whatever the order of the relations. */
function lesserVia(a: Via, b: Via): Via {
  return JSON.stringify([a.source, a.column]) <= JSON.stringify([b.source, b.column]) ? a : b;
}

function middleOf(catalogue: Catalogue, name: string): Relation {
  const middle = hopNamed(catalogue, name);
  if (!middle) throw new Error(`relation ${name} is not in the catalogue`);
  return middle;
}

function byName(a: CapturedColumn, b: CapturedColumn): number {
  return a.name < b.name ? -1 : 1;
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
    const outward = (other?.outward ?? []).filter((column) => !plan.outward.includes(column));
    if (columns.length + targets.length + outward.length === 0) return plan;
    more = true;
    return {
      ...plan,
      columns: [...plan.columns, ...columns],
      targets: [...plan.targets, ...targets],
      outward: [...plan.outward, ...outward],
    };
  });
  const others = second.filter(({ key }) => !known.has(key));
  return more || others.length > 0 ? [...joined, ...others] : first;
}

function reach(catalogue: Catalogue, relation: Relation): Pick<SourcePlan, 'kind' | 'via'> {
  if (relation.link.kind === 'contact') return { kind: 'direct' };
  const middle = middleOf(catalogue, relation.link.relation);
  return { kind: 'through', via: { source: hopSource(catalogue, middle), column: relation.link.target } };
}
