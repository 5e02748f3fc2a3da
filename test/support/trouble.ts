/** What workers met and does not belong there. */
import { sqlState } from '../../src/base/error.ts';

/** A lock was not had in time. Workers try again, and on a busy machine it happens to anybody. */
const BUSY = '55P03';

export function trouble(errors: readonly unknown[]): readonly unknown[] {
  return errors.filter((error) => sqlState(error) !== BUSY && !(error instanceof Error && sqlState(error.cause) === BUSY));
}

/** Lines of a worker's log. */
export function troubleTold(log: string): readonly string[] {
  return log.split('\n').filter((line) => line.includes('tried again') && !line.includes(BUSY));
}
