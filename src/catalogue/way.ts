/** The ways on which rows of a source lead to contacts: relations that read one table by one column may lead on to different rows. Pure. */
import { relationPath, relationSource, type Catalogue, type Relation } from './catalogue.ts';

/** One relation for each way from the source. Empty for the contacts themselves. */
export function waysFrom(catalogue: Catalogue, source: string): readonly Relation[] {
  const relations = [...catalogue.relations.values()].filter((relation) => relationSource(relation) === source);
  return [...new Map(relations.map((relation) => [wayOf(catalogue, relation), relation])).values()];
}

/** Equal for relations that lead over the same rows. */
function wayOf(catalogue: Catalogue, { name }: Relation): string {
  return JSON.stringify(
    relationPath(catalogue, name).map(({ table, link }) => [
      table,
      link.column,
      link.kind === 'through' && link.target,
    ]),
  );
}
