/**
 * Requests with an `Idempotency-Key`. The first one is carried out, and its answer is kept for 24 hours; the same request gets that answer
 * again, from any process. A request that failed is not kept, so that it may be tried again.
 */
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';

export interface KeptAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RepeatableKey {
  /** The way in and the name: keys of two persons are two keys. */
  readonly person: string;
  readonly key: string;
}

export type Begun =
  /** The caller carries it out, and then calls `endRequest`. */
  | { readonly outcome: 'begin' }
  /** Another process, or another request, carries it out now. */
  | { readonly outcome: 'under-way' }
  /** The key was used for another request. */
  | { readonly outcome: 'other' }
  | { readonly outcome: 'answered'; readonly answer: KeptAnswer };

/** A process that ended while it carried a request out holds the key no longer than this. */
const LEASE_SECONDS = 120;

/** @param hash of method, address and body */
export async function beginRequest(client: Queryable, { person, key }: RepeatableKey, hash: string): Promise<Begun> {
  const { rows } = await client.query<{
    mine: boolean;
    hash: string;
    status: number | null;
    headers: Readonly<Record<string, string>> | null;
    body: string | null;
  }>({ ...statement('request-begin'), values: [person, key, hash, LEASE_SECONDS] });
  const [row] = rows;
  // A row that committed after the statement began: the other request has just begun.
  if (!row) return { outcome: 'under-way' };
  if (row.mine) return { outcome: 'begin' };
  if (row.hash !== hash) return { outcome: 'other' };
  if (row.status === null) return { outcome: 'under-way' };
  return { outcome: 'answered', answer: { status: row.status, headers: row.headers ?? {}, body: row.body ?? '' } };
}

/** @param answer absent: the request is forgotten, and may be tried again */
export async function endRequest(
  client: Queryable,
  { person, key }: RepeatableKey,
  answer?: KeptAnswer,
): Promise<void> {
  await client.query({
    ...statement('request-end'),
    values: [person, key, answer?.status ?? null, answer ? JSON.stringify(answer.headers) : null, answer?.body ?? null],
  });
}
