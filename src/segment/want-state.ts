/**
 * Asks for a state of a segment: pause, resume, archive, delete. The row is the request, and a worker carries it out.
 */
import { Failure } from '../base/error.ts';
import type { WantedState } from '../lifecycle/state.ts';
import type { Queryable } from '../postgres/pool.ts';
import { statement } from '../postgres/sql-file.ts';
import { whyNothingWritten, type ExpectedOptions, type Worded } from './expected-version.ts';
import { usesOf } from './where-used.ts';

/**
 * Asks the worker for a state. `deleted` and `archived` are rejected while other segments or ranks read this one, or schedules export it.
 * @throws {Failure} `not-found`; `conflict` naming what uses it
 */
export async function wantState(
  client: Queryable,
  key: string,
  wanted: WantedState,
  { expectedVersion, catalogue }: ExpectedOptions & Worded = {},
): Promise<void> {
  if (wanted === 'deleted' || wanted === 'archived') {
    const users = (await usesOf(client, key)).filter(({ path }) => path.length === 2).map((use) => use.key);
    if (users.length > 0)
      throw new Failure(
        'conflict',
        `${key} is used by ${users.join(', ')}; edit or delete ${users.length === 1 ? 'that' : 'those'} first.`,
        { data: users },
      );
    const { rows: schedules } = await client.query<{ id: number }>({ ...statement('segment-schedule'), values: [key] });
    const ids = schedules.map(({ id }) => id);
    if (ids.length > 0)
      throw new Failure(
        'conflict',
        `${key} is exported by schedule ${ids.join(', ')}; remove ${ids.length === 1 ? 'that' : 'those'} first.`,
        { data: ids },
      );
    const { rows: ranks } = await client.query<{ name: string }>({ ...statement('segment-rank'), values: [key] });
    const names = ranks.map(({ name }) => name);
    if (names.length > 0)
      throw new Failure(
        'conflict',
        `${key} is read by the rank ${names.join(', ')}; change \`ranks\` in the config first.`,
        { data: names },
      );
  }
  const { rows } = await client.query({ ...statement('segment-want'), values: [key, wanted, expectedVersion ?? null] });
  if (rows.length === 0) throw await whyNothingWritten(client, key, expectedVersion, catalogue);
}
