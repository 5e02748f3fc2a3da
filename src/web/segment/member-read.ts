/** Members of a segment as its table shows them. */
import { answered } from '../client/api-failure.ts';
import { getSegmentsByKeyMembers, type MemberPage } from '../client/api.ts';

export interface MemberQuery {
  /** Names; empty: those that the catalogue displays. */
  readonly columns: readonly string[];
  readonly find: string;
  /** '' is any. */
  readonly reason: string;
  /** ISO 8601; '' is now. */
  readonly at: string;
  readonly change: 'new' | 'left' | '';
  readonly reveal: boolean;
}

/** Members of one block. */
export const BLOCK = 200;

type Asked = NonNullable<Parameters<typeof getSegmentsByKeyMembers>[1]>;

export async function readMembers(
  key: string,
  { columns, find, reason, at, change, reveal }: MemberQuery,
  cursor: string | null,
  signal: AbortSignal,
): Promise<MemberPage> {
  const asked: Asked = { limit: BLOCK };
  if (cursor !== null) asked.cursor = cursor;
  if (columns.length > 0) asked.columns = columns.join(',');
  if (find !== '') asked.find = find;
  if (reveal) asked.reveal = 'true';
  if (at !== '') {
    asked.asOf = at;
    if (change !== '') asked.change = change;
  } else if (reason !== '') asked.reason = reason as NonNullable<Asked['reason']>;
  return answered(getSegmentsByKeyMembers(key, asked, { signal }));
}
