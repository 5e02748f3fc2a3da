/** A team that writes at random, the same for the same seed, while its workers are being hurt. */
import { randomFrom } from '../race/schedule.ts';
import {
  adult,
  bought,
  everybody,
  foreign,
  french,
  minor,
  none,
  payer,
  spanish,
  spanishAdult,
  twicePaid,
  within,
  without,
  type Meaning,
} from '../support/world-meaning.ts';
import type { World } from '../support/world.ts';

const CONTACTS = 60;

export const PEOPLE = `
  insert into contacts (id, country, age) select n, (array['ES', 'FR', 'PT', null])[1 + n % 4], n % 40 from generate_series(1, ${CONTACTS}) n;
  insert into orders (id, contact_id, status) select n, 1 + n % ${CONTACTS}, (array['paid', 'open'])[1 + n % 2] from generate_series(1, 120) n;
  insert into order_items (id, order_id, sku) select n, 1 + n % 120, (array['A', 'B', 'C'])[1 + n % 3] from generate_series(1, 120) n`;

/** What segments may mean; `reader` and `stranger` refer to `one`. */
export const SEGMENTS = {
  one: spanish,
  two: payer,
  three: bought,
  reader: within('one'),
  stranger: without('one'),
} satisfies Record<string, Meaning>;

const EDITS: readonly Meaning[] = [
  spanish,
  french,
  foreign,
  adult,
  minor,
  none,
  everybody,
  spanishAdult,
  payer,
  twicePaid,
  bought,
];

export interface Team {
  /** One random transaction of the team. */
  write(): Promise<void>;
  /** A random edit of one of the first three segments, or a request to rebuild, pause or resume. */
  readonly steer: () => Promise<void>;
  /** 0 ≤ n < below. */
  readonly pick: (below: number) => number;
}

/**
 * @param lane of `lanes` teams that write at once: each writes rows of its own, so that none has a reason to wait for or
 * deadlock with another. An error of any of their writes is therefore ours.
 */
export function createTeam(world: Pick<World, 'pool' | 'want'>, seed: number, lane = 0, lanes = 1): Team {
  const { pool, want } = world;
  const random = randomFrom(seed);
  const pick = (below: number): number => Math.floor(random() * below);
  const one = <T>(choices: readonly [T, ...T[]]): T => choices[pick(choices.length)] ?? choices[0];
  const own = (most: number): number => 1 + lane + lanes * pick(most / lanes);
  const contact = (): number => own(CONTACTS);
  const order = (): number => own(120);
  const mine = `id % ${lanes} = ${(1 + lane) % lanes}`;
  const statement = (): string => {
    switch (pick(12)) {
      case 0:
        return `delete from contacts where id = ${contact()}`;
      case 1:
        return `insert into contacts (id, country, age) values (${contact()}, '${one(['ES', 'FR'])}', ${pick(40)}) on conflict (id) do update set age = excluded.age`;
      case 2:
        return `update orders set contact_id = ${contact()} where id = ${order()}`;
      case 3:
        return `update order_items set order_id = ${order()} where id = ${order()}`;
      case 4:
        return `insert into orders (id, contact_id, status) values (${order()}, ${contact()}, 'paid') on conflict (id) do nothing`;
      case 5:
        return `delete from orders where id = ${order()}`;
      case 6:
        return `update order_items set sku = '${one(['A', 'B'])}' where id = ${order()}`;
      case 7:
        return `update orders set status = '${one(['paid', 'open'])}' where ${mine} and id between ${order()} and ${order()}`;
      case 8: {
        const free = contact();
        return `update contacts set id = ${free} where id = ${contact()} and not exists (select from contacts c where c.id = ${free})`;
      }
      case 9:
        return lanes === 1 && pick(10) === 0
          ? 'truncate order_items'
          : `update contacts set vip = not vip where ${mine}`;
      default:
        return `update contacts set country = ${one([`'ES'`, `'FR'`, 'null'])}, age = ${pick(40)} where id = ${contact()}`;
    }
  };
  return {
    pick,
    async write() {
      const statements = Array.from({ length: 1 + pick(3) }, statement);
      await pool.query(`begin; ${statements.join('; ')}; ${pick(8) === 0 ? 'rollback' : 'commit'}`);
    },
    async steer() {
      const key = one(['one', 'two', 'three']);
      switch (pick(6)) {
        case 0:
          await pool.query(
            `insert into segmentd_internal.rebuild_request (segment_id, reason) select id, 'repair' from segmentd.segment where key = $1`,
            [key],
          );
          break;
        case 1:
          await pool.query(
            `update segmentd.segment set wanted_state = case wanted_state when 'live' then 'paused' else 'live' end where key = $1`,
            [key],
          );
          break;
        default:
          await want({ [key]: EDITS[pick(EDITS.length)] ?? spanish });
      }
    },
  };
}
