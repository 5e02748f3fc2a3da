/** The version of a segment as requests name it, and what a page reads again after it wrote. */
import { queries } from '../client/query.ts';

/** The value of `If-Match`. */
export function entityTag(version: number): string {
  return `"${version}"`;
}

/** After a change of one segment, everything that shows it is read again. */
export async function readAgain(key: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ['segment', key] }),
    queries.invalidateQueries({ queryKey: ['segments'] }),
  ]);
}
