/** One sentence for a verb that writes on a hot standby. */
import { Failure, sqlState } from '../base/error.ts';
import { isStandby } from '../postgres/hot-standby.ts';
import type { Session } from './verb-session.ts';

/** A statement that writes, and a transaction number that is asked for, while the server replays its primary's log. */
const REFUSED: ReadonlySet<string> = new Set(['25006', '55000']);

/** Returns the error, or that the server is a standby when that explains the error. */
export async function standbyFailureOr(error: unknown, session: Session): Promise<unknown> {
  const cause = error instanceof Failure ? error.cause : error;
  if (!REFUSED.has(sqlState(cause) ?? '')) return error;
  try {
    if (!(await isStandby(await session.segmentd().pool()))) return error;
  } catch {
    return error;
  }
  return new Failure('failed', 'This server is a standby, and this verb writes: point DATABASE_URL at the primary.', {
    cause: error,
  });
}
