/**
 * How late time is: contacts and orders whose rows cross the end of a window, or become present, at known instants, some
 * put there long before and some 0.3 s before; a watcher sees when membership follows. The time runs from the
 * boundary itself, by the clock that this process and a local server share.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { PROBED_CITY, PROBED_STATUS, type Probe } from './time-segments.ts';

const WATCH_MS = 3;
const GIVE_UP_MS = 20_000;
/** Between the row and its crossing, where the row comes late. */
const SHORTLY_MS = 300;

export interface BoundaryOptions {
  readonly url: string;
  readonly contacts: number;
  readonly probes: readonly Probe[];
  readonly perSecond: number;
  readonly seconds: number;
}

export interface Lateness {
  /** Milliseconds, one a row that was there beforehand. */
  readonly before: readonly number[];
  /** One a row that was written 0.3 s before it crossed. */
  readonly shortly: readonly number[];
}

interface Awaited {
  readonly segment: number;
  readonly contact: string;
  /** Date.now() */
  readonly at: number;
  readonly member: boolean;
  readonly kind: keyof Lateness;
}

export async function boundaries({ url, contacts, probes, perSecond, seconds }: BoundaryOptions): Promise<Lateness> {
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  const { rows } = await pool.query<{ key: string; id: number }>('select key, id from segmentd.segment');
  const ids = new Map(rows.map((row) => [row.key, row.id]));
  const awaited: Awaited[] = [];
  const late: Record<keyof Lateness, number[]> = { before: [], shortly: [] };
  // A different contact each time, all over the table.
  let next = 0;
  const fresh = (): string => String(1 + ((next++ * 7_919) % contacts));

  /** Rows that cross at `at`: most leave their window then, some become present and enter it. */
  const plant = async (count: number, kind: keyof Lateness, at: (n: number) => number): Promise<void> => {
    const rowsOf = { contact: [] as [string, string][], order: [] as [string, string][] };
    for (let n = 0; n < count; n += 1) {
      const probe = probes[next % probes.length] as Probe;
      const contact = fresh();
      const crossing = at(n);
      const enters = next % 5 === 0;
      const value = new Date(crossing - (enters ? 0 : probe.window.seconds * 1_000)).toISOString();
      rowsOf[probe.of].push([contact, value]);
      awaited.push({ segment: ids.get(probe.key) ?? 0, contact, at: crossing, member: enters, kind });
    }
    const columns = (list: readonly [string, string][]): [string[], string[]] => [
      list.map(([contact]) => contact),
      list.map(([, value]) => value),
    ];
    if (rowsOf.contact.length > 0) {
      await pool.query({
        name: 'seen',
        text: `update public.contacts c set city = '${PROBED_CITY}', last_seen_at = p.at from unnest($1::bigint[], $2::timestamptz[]) as p(id, at) where c.id = p.id`,
        values: columns(rowsOf.contact),
      });
    }
    if (rowsOf.order.length > 0) {
      await pool.query({
        name: 'ordered',
        text: `insert into public.orders (contact_id, status, total, placed_at) select p.id, '${PROBED_STATUS}', 1, p.at from unnest($1::bigint[], $2::timestamptz[]) as p(id, at)`,
        values: columns(rowsOf.order),
      });
    }
  };

  const watch = async (stream: { open: boolean }): Promise<void> => {
    for (let end = Infinity; (stream.open || awaited.length > 0) && Date.now() < end;) {
      if (!stream.open && end === Infinity) end = Date.now() + GIVE_UP_MS;
      const asked = Date.now();
      const due = awaited.filter(({ at }) => at <= asked);
      if (due.length > 0) {
        const found = await pool.query<{ member: string }>({
          name: 'watch',
          text: `select m.segment_id || ' ' || m.contact_id as member from unnest($1::int[], $2::segmentd.contact_key[]) as p(segment_id, contact_id)
            join segmentd.membership m on m.segment_id = p.segment_id and m.contact_id = p.contact_id`,
          values: [due.map((one) => one.segment), due.map((one) => one.contact)],
        });
        const seen = Date.now();
        const members = new Set(found.rows.map((row) => row.member));
        for (const one of due) {
          if (members.has(`${one.segment} ${one.contact}`) !== one.member) continue;
          late[one.kind].push(seen - one.at);
          awaited.splice(awaited.indexOf(one), 1);
        }
      }
      await delay(WATCH_MS);
    }
    for (const one of awaited) late[one.kind].push(Date.now() - one.at);
  };

  const stream = { open: true };
  let watching: Promise<void> | undefined;
  try {
    const start = Date.now() + 3_000;
    await plant(perSecond * seconds, 'before', (n) => start + (n * 1_000) / perSecond);
    await delay(start - Date.now());
    watching = watch(stream);
    const tick = 100;
    for (let sent = 0; sent < seconds * 1_000; sent += tick) {
      await plant(Math.round((perSecond * tick) / 1_000), 'shortly', () => Date.now() + SHORTLY_MS);
      await delay(Math.max(0, start + sent + tick - Date.now()));
    }
    await delay(SHORTLY_MS);
    stream.open = false;
    await watching;
    return late;
  } finally {
    // When a write failed, the watch ends before its pool does, so that the figure reports the write's error.
    stream.open = false;
    awaited.length = 0;
    await watching?.catch(() => undefined);
    await pool.end();
  }
}
