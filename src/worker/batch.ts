/**
 * How many changes the next drain takes, and how many edges of days the next sweep. Whatever comes meanwhile, a crossing or a live change, waits for the batch at
 * hand; so where conditions are dear, segments many or the server busy, batches are smaller. Pure.
 */

/** Milliseconds that a batch should take, about: half of the time in which a change is to be visible. */
const AIM = 250;
/** Below this part of a full batch its fixed costs would be most of it. */
const LEAST = 1 / 8;

/** @param most a full batch @param ms that the last one took, full or not */
export function nextBatch(batch: number, most: number, ms: number): number {
  if (ms > 2 * AIM) return Math.max(Math.ceil(most * LEAST), Math.floor(batch / 2));
  return ms < AIM / 2 ? Math.min(most, batch * 2) : batch;
}
