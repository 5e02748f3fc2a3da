/**
 * Makes a proposal of what leads to the contact: which relations are active, in which order, under which names, and what stays out. Active
 * are the nearest, as far as they need few new indexes and no two of them exclude each other. Pure.
 */
import type { DisplayColumn } from './catalogue.ts';
import { looksPersonal } from './guess-personal.ts';
import { secretColumns } from './guess-secret.ts';
import { createdColumn, deletedMark, eventColumn } from './guess-time.ts';
import { MOST_ACTIVE, MOST_NEW_INDEXES, MOST_PROPOSED, type Proposal, type ProposedRelation } from './proposal.ts';
import { reachFrom, type Way } from './reach.ts';
import { RelationNames } from './relation-name.ts';
import { guessDisplay } from './resolve-display.ts';
import type { SurveyColumn, SurveyTable } from './survey.ts';
import type { LinkMap, Omission, TableLink } from './table-link.ts';
import { familyOf } from './type-family.ts';

/** Beyond this distance nothing is active: it takes more than two steps, or a step to what many rows share. */
const FARTHEST_ACTIVE = 3.3;

/** Columns of jsonb that hold what people want to select by. */
const ATTRIBUTES = /attr|meta|prop|trait|custom|extra|profile|data/i;

export interface ProposeOptions {
  readonly contacts: SurveyTable;
  readonly key: string;
  readonly tables: readonly SurveyTable[];
  readonly map: LinkMap;
  /** Other tables that could be the contacts. */
  readonly others: readonly string[];
}

export function propose({ contacts, key, tables, map, others }: ProposeOptions): Proposal {
  const { ways, omissions } = reachFrom(contacts, map.links, (contacts.rows ?? 0) > 0);
  const listed = withOrigins(ways).slice(0, MOST_PROPOSED);
  const linking = linkColumns(map.links);
  const relations = new Relations(contacts, key, listed, linking);
  for (const way of listed) relations.add(way);
  const created = createdColumn(readable(contacts));
  const deleted = deletedMark(readable(contacts));
  const json = readable(contacts).find(
    ({ name, base }) => base.name === 'jsonb' && !base.array && ATTRIBUTES.test(name),
  )?.name;
  const all = relations.inOrder();
  const exclude = excluded(contacts, linking, [key, created]);
  return {
    contacts: {
      table: contacts.text,
      key,
      ...(created === undefined ? {} : { created }),
      ...(deleted === undefined ? {} : { deleted }),
      display: displayOf(readable(contacts).filter(({ name }) => !exclude.includes(name))),
      exclude,
      rows: contacts.rows,
      ...(json === undefined ? {} : { json }),
      others,
    },
    relations: all,
    omissions: [
      ...omissions,
      ...map.omissions,
      ...secretOmissions([contacts, ...listed.map(({ table }) => table)], linking),
      ...unreached(tables, [contacts, ...ways.map(({ table }) => table)], map.links),
      ...[...new Set(ways.filter((way) => !listed.includes(way)).map(({ table }) => table.text))].map(
        (subject): Omission => ({ subject, reason: 'further away than what is listed above' }),
      ),
    ],
  };
}

/** What pages show without a `display` of the config: written down, it is seen and corrected. */
function displayOf(columns: readonly SurveyColumn[]): readonly DisplayColumn[] {
  return guessDisplay(
    columns.map(({ name, base }) => {
      const { family } = familyOf(base);
      return { name, family, array: base.array, personal: looksPersonal(name, family, 'contact') };
    }),
  );
}

/** Each way after the way that it starts from. */
function withOrigins(ways: readonly Way[]): readonly Way[] {
  const ordered = new Set<Way>();
  const add = (way: Way): void => {
    if (way.from) add(way.from);
    ordered.add(way);
  };
  ways.forEach(add);
  return [...ordered];
}

/** Collects relations, the nearest first, and decides which are active. */
class Relations {
  readonly #contacts: SurveyTable;
  readonly #key: string;
  readonly #linking: LinkColumns;
  readonly #names: RelationNames;
  readonly #waysTo: ReadonlyMap<string, number>;
  readonly #found = new Map<Way, ProposedRelation>();
  readonly #newIndexes = new Set<string>();
  #active = 0;

  constructor(contacts: SurveyTable, key: string, ways: readonly Way[], linking: LinkColumns) {
    this.#linking = linking;
    this.#contacts = contacts;
    this.#key = key;
    this.#names = new RelationNames(contacts);
    const waysTo = new Map<string, number>();
    for (const { table } of ways) waysTo.set(table.oid, (waysTo.get(table.oid) ?? 0) + 1);
    this.#waysTo = waysTo;
  }

  add(way: Way): void {
    const { table, column, target, direction, from } = way;
    const isDirect = !from && direction === 'in' && target === this.#key;
    const before = from && this.#found.get(from);
    const name = this.#names.next(way, before?.name, this.#waysTo.get(table.oid) === 1);
    const indexes = [
      ...(table.indexed.has(column) ? [] : [`${table.text} (${column})`]),
      ...(isDirect || beforeTable(way, this.#contacts).indexed.has(target)
        ? []
        : [`${beforeTable(way, this.#contacts).text} (${target})`]),
    ];
    const reason = this.#reasonAgainst(way, before, indexes);
    if (reason === undefined) {
      this.#active += 1;
      for (const index of indexes) this.#newIndexes.add(index);
    }
    const time = eventColumn(table.name, readable(table));
    const deleted = table === this.#contacts ? undefined : deletedMark(readable(table));
    const note = way.origin.kind === 'key' ? undefined : way.origin.detail;
    this.#found.set(way, {
      name,
      table: table.text,
      active: reason === undefined,
      ...(reason === undefined ? {} : { reason }),
      direction,
      ...(isDirect ? { contact: column } : { on: { column, target } }),
      ...(before ? { through: before.name } : {}),
      ...(time === undefined ? {} : { time }),
      ...(deleted === undefined ? {} : { deleted }),
      exclude: excluded(table, this.#linking, [column, time]),
      rows: table.rows,
      guess: way.origin.kind === 'guess',
      ...(note === undefined ? {} : { note }),
      indexes,
    });
  }

  /** The active first: rows of the contact, what the contact refers to, and what is further away, each from near to far. */
  inOrder(): readonly ProposedRelation[] {
    const found = [...this.#found.values()];
    const own = found.filter(({ contact }) => contact !== undefined);
    const outward = found.filter(({ contact, through }) => contact === undefined && through === undefined);
    const rest = found.filter((one) => !own.includes(one) && !outward.includes(one));
    const all = [...own, ...outward, ...rest];
    return [...all.filter((one) => one.active), ...all.filter((one) => !one.active)];
  }

  #reasonAgainst(way: Way, before: ProposedRelation | undefined, indexes: readonly string[]): string | undefined {
    const trait = way.traits.find(({ spare }) => spare);
    if (trait) return trait.reason;
    if (before && !before.active) return `starts from ${before.name}, which is not active`;
    if (way.distance > FARTHEST_ACTIVE) return 'far from the contact';
    if (this.#active >= MOST_ACTIVE) return `beyond the nearest ${MOST_ACTIVE}`;
    const more = indexes.filter((index) => !this.#newIndexes.has(index)).length;
    if (more > 0 && this.#newIndexes.size + more > MOST_NEW_INDEXES)
      return `would need more than ${MOST_NEW_INDEXES} new indexes`;
    return undefined;
  }
}

function beforeTable(way: Way, contacts: SurveyTable): SurveyTable {
  return way.from?.table ?? contacts;
}

function readable(table: SurveyTable): readonly SurveyColumn[] {
  return [...table.columns.values()].filter((column) => column.readable);
}

/** Names of the link columns of each table, by its oid: a link is no secret, whatever its name. */
type LinkColumns = ReadonlyMap<string, ReadonlySet<string>>;

function linkColumns(links: readonly TableLink[]): LinkColumns {
  const found = new Map<string, Set<string>>();
  for (const { child, column, parent, target } of links) {
    found.set(child.oid, (found.get(child.oid) ?? new Set()).add(column));
    found.set(parent.oid, (found.get(parent.oid) ?? new Set()).add(target));
  }
  return found;
}

function excluded(table: SurveyTable, linking: LinkColumns, kept: readonly (string | undefined)[]): readonly string[] {
  const names = new Set([...(linking.get(table.oid) ?? []), ...kept.filter((name) => name !== undefined)]);
  return secretColumns(table, names).map(({ column }) => column);
}

function secretOmissions(tables: readonly SurveyTable[], linking: LinkColumns): readonly Omission[] {
  return [...new Set(tables)].flatMap((table) =>
    secretColumns(table, linking.get(table.oid) ?? new Set()).map(({ column, reason }) => ({
      subject: `${table.text} (${column})`,
      reason: reason === 'looks secret' ? 'looks secret by its name: excluded' : 'holds bytes: excluded',
    })),
  );
}

/** Tables without a way to the contact, or with one that is too long. */
function unreached(
  tables: readonly SurveyTable[],
  reached: readonly SurveyTable[],
  links: readonly TableLink[],
): readonly Omission[] {
  const known = new Set(reached.map(({ oid }) => oid));
  const linked = new Set(links.flatMap(({ child, parent }) => [child.oid, parent.oid]));
  return tables
    .filter(({ oid }) => !known.has(oid))
    .map((table) => ({
      subject: table.text,
      reason:
        table.refusal ??
        (linked.has(table.oid)
          ? 'too far from the contact, or reached only by what most contacts share'
          : 'no column that leads to another table'),
    }));
}
