/**
 * Waits until the work that was there at a moment is done, with all that it sets off. One round: a snapshot is taken,
 * and the round is over when nothing that the snapshot shows is left. What that work queued for readers was committed
 * with it, so the next round's snapshot shows it. A chain of readers is finite, so the rounds are. Invariant: work that
 * is added later keeps no round from ending.
 *
 * Carrying the cause along with the work cannot replace the rounds. An evaluation takes in whatever has committed by
 * then, not only the work that called for it, so the cause of a move is not known.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { staleReferences, waitsInVain } from '../segment/stale-reference.ts';
import { longestChain } from '../segment/reference-graph.ts';
import type { WaitScope } from './wait-scope.ts';

/** What a question was asked with: the work of a moment. */
interface Moment {
  readonly snapshot: string;
  readonly owed: readonly number[];
  readonly owed_versions: readonly number[];
  readonly waiting: readonly number[];
}

interface Row extends Moment {
  readonly pending: boolean;
  readonly more: boolean;
}

/** A round for the work itself; one more where a request for an invalid segment, or a resumed one, asks for a rebuild. */
const FIRST_ROUNDS = 2;

/** Waits until the work of this moment is done, with all that it sets off. */
export async function untilWorkDone({ pool, keys, patience }: WaitScope): Promise<void> {
  const stuck = await neverBuilt(pool);
  const question = { pool, keys, stuck };
  let now = await ask(question);
  if (!now.more) return;
  const rounds = FIRST_ROUNDS + (await longestChain(pool, keys));
  for (let round = 0; round < rounds; round += 1) {
    const moment = now;
    patience.again();
    for (;;) {
      now = await ask(question, moment);
      if (!now.more) return;
      if (!now.pending) break;
      await patience.pause();
    }
  }
}

interface Question {
  readonly pool: Queryable;
  readonly keys: readonly string[] | null;
  /** Keys of segments that will not be built. */
  readonly stuck: readonly string[];
}

async function ask({ pool, keys, stuck }: Question, of?: Moment): Promise<Row> {
  const { rows } = await pool.query<Row>({
    ...statement('pending'),
    values: [of?.snapshot ?? null, keys, stuck, of?.owed ?? [], of?.owed_versions ?? [], of?.waiting ?? []],
  });
  const [row] = rows;
  if (!row) throw new Error('the question for pending work returned nothing');
  return row;
}

/** Segments whose first build waits for one that will not be built by itself: a `wait` leaves them out. */
async function neverBuilt(pool: Queryable): Promise<readonly string[]> {
  return (await staleReferences(pool)).filter(waitsInVain).map(({ key }) => key);
}
