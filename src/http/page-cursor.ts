/** Opaque cursors of lists: the place behind the last row, readable by this API alone. Pure. */
import { Refusal } from './problem.ts';

/** A list that is read in pages by a key, and the key of the last row of the page before. */
export function pageCursor(list: string, after: string): string {
  return Buffer.from(JSON.stringify([list, after])).toString('base64url');
}

/** @throws {Refusal} 400 for a cursor of another list, or that this API did not make */
export function readPageCursor(list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (Array.isArray(read) && read.length === 2 && read[0] === list && typeof read[1] === 'string') return read[1];
  } catch {
    // Not JSON: the refusal below says it.
  }
  throw wrongCursor();
}

/** The refusal of a cursor that the list did not give. */
export function wrongCursor(): Refusal {
  return new Refusal(400, 'wrong-cursor', 'The cursor is not one that this list gave.');
}

/**
 * A page of a list that is read by its keys: asks for one row more than the page holds, so that it knows whether there is more.
 * @param list names the list, so that a cursor of another one is refused
 */
export async function readPage<T>(
  list: string,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  read: (page: { readonly limit: number; readonly after?: string }) => Promise<readonly T[]>,
  keyOf: (row: T) => string,
): Promise<{ readonly items: readonly T[]; readonly next: string | null }> {
  const after = readPageCursor(list, cursor);
  const rows = await read({ limit: limit + 1, ...(after === undefined ? {} : { after }) });
  return pageOf(list, rows, limit, keyOf);
}

/** A page of rows, and the cursor of the next one when there is more. @param rows one more than `limit` when there is more */
export function pageOf<T>(
  list: string,
  rows: readonly T[],
  limit: number,
  keyOf: (row: T) => string,
): { readonly items: readonly T[]; readonly next: string | null } {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? pageCursor(list, keyOf(last)) : null };
}
