/**
 * The ranks of a config, and the relation that makes each a number of the contact. Their values stand in
 * `segmentd.contact_rank`, one row a contact. The team's catalogue and segmentd's table then have one kind of capture, of compiled
 * SQL and of dependency. Pure.
 */
import { RANKS, type Catalogue, type Field, type Rank, type Relation } from './catalogue.ts';
import type { Config } from './config.ts';
import { everyMs, RANK_EVERY } from './rank-config.ts';
import { nameInWords } from './label.ts';
import type { Mistakes } from './mistake.ts';
import { canonical } from './published-config.ts';

/** `segmentd.contact_rank`. */
export const RANK_TABLE = { schema: 'segmentd', name: 'contact_rank' } as const;
/** The column that names the contact, and the jsonb column that holds its ranks by name. */
export const RANK_COLUMN = { contact: 'contact_id', values: 'rank' } as const;

/** The ranks by name; undefined when the config has none. */
export function resolveRanks(config: Config): ReadonlyMap<string, Rank> | undefined {
  const entries = Object.entries(config.ranks ?? {});
  if (entries.length === 0) return undefined;
  return new Map(
    entries.map(([name, { by, into, every = RANK_EVERY, among }]) => [
      name,
      {
        name,
        by,
        every: everyMs(every) ?? 0,
        ...(into === undefined ? {} : { into }),
        ...(among === undefined ? {} : { among }),
      },
    ]),
  );
}

/** What the values of a rank mean, as text: another text means that the stored values are those of another rank. */
export function rankDefinition({ by, into, among }: Rank): string {
  return canonical({ by, into, among });
}

/** The relation whose only row holds the ranks of a contact. */
export function rankRelation(
  ranks: ReadonlyMap<string, Rank>,
  config: Config,
  key: Pick<Catalogue['contacts']['key'], 'sqlType'>,
): Relation {
  const fields = [...ranks.values()].map((rank): [string, Field] => [
    rank.name,
    {
      name: rank.name,
      owner: RANKS,
      column: RANK_COLUMN.values,
      path: [rank.name],
      family: 'number',
      array: false,
      integer: true,
      sqlType: 'jsonb',
      castText: false,
      collate: false,
      facts: { expression: rankDefinition(rank) },
      about: {
        label: config.ranks?.[rank.name]?.label ?? `${nameInWords(rank.name)} rank`,
        nullable: true,
        personal: false,
      },
    },
  ]);
  return {
    name: RANKS,
    table: RANK_TABLE,
    link: { kind: 'contact', column: RANK_COLUMN.contact, sqlType: key.sqlType },
    unique: true,
    valuesOnly: true,
    fields: new Map(fields),
    about: { label: nameInWords(RANKS) },
  };
}

/** Reports each name by which the contact has a field already. */
export function refuseTakenNames(
  ranks: ReadonlyMap<string, Rank>,
  fields: ReadonlyMap<string, Field>,
  mistakes: Mistakes,
): void {
  if (fields.has(RANKS))
    mistakes.add(
      `\`${RANKS}\`: a field of the contact has the same name; give the field an alias and exclude its column.`,
    );
  for (const name of ranks.keys())
    if (fields.has(`${RANKS}.${name}`))
      mistakes.add(
        `\`${RANKS}.${name}\`: a field of the contact has the same name; give the rank or the field another name.`,
      );
}
