/**
 * A contact's key as callers write it. The database types keys as the team's column is typed, so a text of another form
 * is the caller's mistake: it becomes a `usage` failure, never an error of Postgres.
 */
import { Failure, sqlState } from '../base/error.ts';
import { masked } from '../base/mask.ts';

/**
 * Runs a query that has `key` as a parameter.
 * @throws {Failure} `usage` when the key cannot be a contact's key
 */
export async function queryByContactKey<T>(key: string | null, query: () => Promise<T>): Promise<T> {
  const bad = () => new Failure('usage', `${JSON.stringify(masked(key ?? ''))} cannot be the key of a contact here.`);
  if (key?.includes('\0')) throw bad();
  try {
    return await query();
  } catch (error) {
    // 22P02: not of the type; 22003: out of the type's range
    if (key !== null && ['22P02', '22003'].includes(sqlState(error) ?? '')) throw bad();
    throw error;
  }
}
