/**
 * Conditions that query builders wrote, on their way in: each call that takes a condition reads it in the words of this language first.
 * What is refused is reported where the caller wrote it. Must not change a condition that the language has every word of.
 */
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Condition } from '../condition/ast.ts';
import type { BuilderNote } from '../condition/foreign/foreign-condition.ts';
import { RefusedCondition, refusedFor } from '../condition/refused-condition.ts';
import type { Queryable } from '../postgres/pool.ts';
import type { Preview } from '../preview/preview.ts';
import type { Segment } from '../segment/read-segment.ts';

/** A condition as it is stored, and what was read how. Without notes it is as the caller wrote it. */
export interface AsRead {
  readonly condition: unknown;
  readonly notes: readonly BuilderNote[];
}

/** A segment that was written. `notes`: what was read how, absent when the condition is as the caller wrote it. */
export type NotedSegment = Segment & { readonly notes?: readonly BuilderNote[] };

/** A preview. `read`: the condition into which its pointers lead, absent when that is the one that the caller wrote. */
export type ReadPreview = Preview & { readonly read?: AsRead };

/**
 * Does `work` with the input, its condition in the words of this language.
 * @param timezone of the segment; nothing: the catalogue's
 * @throws {RefusedCondition} with places in what the caller wrote
 */
export async function inOwnWords<I extends { readonly condition?: unknown }, R>(
  catalogue: Catalogue,
  input: I,
  timezone: string | null | undefined,
  work: (input: I, read: AsRead) => Promise<R>,
): Promise<R> {
  if (input.condition === undefined) return work(input, { condition: undefined, notes: [] });
  const { readCondition } = await import('../condition/foreign/foreign-condition.ts');
  const read = readCondition(input.condition, { catalogue, ...(timezone ? { timezone } : {}) });
  if (read.issues.length > 0) throw refusedFor(read.issues);
  const { condition, notes } = read;
  if (condition === input.condition) return work(input, { condition, notes });
  try {
    return await work({ ...input, condition }, { condition, notes });
  } catch (error) {
    if (!(error instanceof RefusedCondition)) throw error;
    const { message, code } = error;
    throw new RefusedCondition(message, read.placed(error.issues), { code, cause: error });
  }
}

/** A condition, read and checked. @throws {RefusedCondition} */
export async function checkedCondition(
  catalogue: Catalogue,
  { condition, timezone }: { readonly condition: unknown; readonly timezone?: string | null | undefined },
): Promise<Condition> {
  const { checkCondition } = await import('../condition/check/check-condition.ts');
  return inOwnWords(catalogue, { condition }, timezone, async (own) => {
    const checked = checkCondition(own.condition, { catalogue, timezone: timezone || catalogue.timezone });
    if (!checked.ok) throw refusedFor(checked.issues);
    return checked.condition;
  });
}

export function noted(segment: Segment, notes: readonly BuilderNote[]): NotedSegment {
  return notes.length === 0 ? segment : { ...segment, notes };
}

/** The zone in which an edit reads its condition: its own, else the segment's. @throws {Failure} `not-found` */
export async function zoneOfEdit(
  client: Queryable,
  key: string,
  { condition, timezone }: { readonly condition?: unknown; readonly timezone?: string },
): Promise<string | null> {
  if (timezone !== undefined || condition === undefined) return timezone || null;
  const { showSegment } = await import('../segment/read-segment.ts');
  return (await showSegment(client, key)).timezone;
}
