/** Names for the relations that `segmentd init` proposes: the table's, or that of the column that refers to it. Pure. */
import { isFieldName } from './config.ts';
import { linkName } from './identifier-word.ts';
import { isAbout, type Way } from './reach.ts';
import type { SurveyTable } from './survey.ts';

export class RelationNames {
  readonly #contacts: SurveyTable;
  readonly #taken: Set<string>;

  /** Fields of the contact and relations share their names. */
  constructor(contacts: SurveyTable) {
    this.#contacts = contacts;
    this.#taken = new Set([...contacts.columns.keys(), 'contact', 'outer']);
  }

  /** @param before name of the relation before; @param alone whether the table is reached in one way only */
  next(way: Way, before: string | undefined, alone: boolean): string {
    const { table, column, target, direction, joined } = way;
    const named = direction === 'out' && !joined ? (plainName(target) ?? table.name) : table.name;
    const by = `${table.name}_by_${direction === 'in' ? column : target}`;
    const plain = alone || direction === 'out' || isAbout(column, this.#contacts);
    return this.#take([
      ...(plain ? [named] : []),
      ...(direction === 'out' && before !== undefined ? [`${before}_${named}`] : []),
      by,
      `${table.schema}_${table.name}`,
      `${table.schema}_${by}`,
    ]);
  }

  #take(candidates: readonly string[]): string {
    const fits = (name: string): boolean => isFieldName(name) && !this.#taken.has(name);
    const last = (candidates.at(-1) ?? 'relation').slice(0, 180);
    let name = candidates.find(fits);
    for (let number = 2; name === undefined; number += 1) name = [`${last}_${number}`].find(fits);
    this.#taken.add(name);
    return name;
  }
}

/** `company_id` is `company`, `productId` is `product`. */
function plainName(column: string): string | undefined {
  const end = linkName(column)?.end;
  if (end === undefined) return undefined;
  const cut = column.slice(0, column.length - end.length).replace(/[_\s-]+$/, '');
  return cut === '' ? undefined : cut;
}
